"""Diagnose, treat, diagnose again: rounds of corrections that end when nothing is found.

What diagnosis finds is the patient as estimated; the correction is simulated on that estimate, and
only then given to the patient.  Without a diagnosis nothing is given.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hebbayes.clinic.treatment.correction import (
    Correction,
    corrected,
    find_correction,
    success_of,
)
from hebbayes.reverse_engineering.statistics.estimate import Estimate, mean_estimate

if TYPE_CHECKING:
    from hebbayes.clinic.subject import Subject

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Finding:
    """What a diagnosis found.

    Attributes:
        element: Impaired element; empty if none is told.
        patient: The subject as estimated.
        healthy: The same with the element at its healthy value.
        odds: Element to its probability.
        alternatives: The subject as estimated if another element were the impaired one, by element.
    """

    element: str
    patient: "Subject"
    healthy: "Subject"
    odds: Mapping[str, float]
    alternatives: Mapping[str, "Subject"] = field(default_factory=dict)


Diagnose = Callable[["Subject", int], Finding]
"""Lets a subject do a task and diagnoses it; the number is the round, from 0."""


@dataclass(frozen=True, eq=False)
class Course:
    """A treatment, round by round.

    Attributes:
        findings: What each diagnosis found.
        corrections: What was given after it; shorter by one if the last found nothing.
        subjects: The patient before treatment and after each correction.
        ending: Why it ended: "nothing found", "nothing lost" or "rounds used up".
    """

    findings: tuple[Finding, ...]
    corrections: tuple[Correction, ...]
    subjects: tuple["Subject", ...]
    ending: str


def treat_in_rounds(
    patient: "Subject", diagnose: Diagnose, *, n_rounds: int = 2, n: int = 16, seed: int = 0
) -> Course:
    """Return the course of a patient who is diagnosed and corrected in up to ``n_rounds`` rounds.

    Example:
        >>> from dataclasses import replace
        >>> from hebbayes.clinic.subject import Subject
        >>> def oracle(subject, number):
        ...     found = "phi" if abs(subject.phi) > 1 else ""
        ...     return Finding(found, subject, replace(subject, phi=0.0), {"phi": 1.0})
        >>> course = treat_in_rounds(Subject(phi=4.0), oracle, n=6)
        >>> course.ending, abs(course.subjects[-1].phi) < 2
        ('nothing found', True)
    """
    findings: list[Finding] = []
    corrections: list[Correction] = []
    subjects = [patient]
    for number in range(n_rounds):
        found = diagnose(subjects[-1], number)
        findings.append(found)
        if not found.element:
            break
        correction = find_correction(found.patient, found.element, found.healthy, n=n, seed=seed)
        if correction.dose == 0:
            return Course(tuple(findings), tuple(corrections), tuple(subjects), "nothing lost")
        corrections.append(correction)
        subjects.append(corrected(subjects[-1], correction))
    is_over = len(corrections) < len(findings)
    ending = "nothing found" if is_over else "rounds used up"
    return Course(tuple(findings), tuple(corrections), tuple(subjects), ending)


@dataclass(frozen=True, eq=False)
class Outlook:
    """What a treatment changed, in simulated tasks that its choice did not see.

    Attributes:
        lost: Success lost by the impairment, a share of trials.
        gained: Success that the treatment returned.
        recovered: Its share of what was lost; NaN if nothing was lost beyond noise.
        success: Share of right choices: "healthy", "impaired" and "corrected".
    """

    lost: Estimate[float]
    gained: Estimate[float]
    recovered: float
    success: Mapping[str, Estimate[float]]

    @property
    def is_harmed(self) -> bool:
        """Whether success ends below the impaired level by more than noise."""
        return self.gained.high < 0


def outlook(
    healthy: "Subject", before: "Subject", after: "Subject", *, n: int = 40, seed: int = 1
) -> Outlook:
    """Return what a treatment that turned ``before`` into ``after`` changed.

    Example:
        >>> from hebbayes.clinic.subject import Subject
        >>> outlook(Subject(), Subject(phi=4.0), Subject(), n=4).recovered
        1.0
    """
    success = success_of([healthy, before, after], n=n, seed=seed)
    lost, gained = mean_estimate(success[0] - success[1]), mean_estimate(success[2] - success[1])
    share = gained.value / lost.value if lost.low > 0 else float("nan")
    names = ("healthy", "impaired", "corrected")
    return Outlook(lost, gained, share, dict(zip(names, map(mean_estimate, success))))
