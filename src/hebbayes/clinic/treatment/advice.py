"""From what a subject did to a correction: diagnosis, the subject as estimated, the advice.

Nothing is advised without a diagnosis.  The advice states what it would change if each other
element were the impaired one, weighed by the odds.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hebbayes.clinic.diagnosis.odds import (
    EMBEDDED,
    MODEL_NAMES,
    Recalibration,
    class_odds,
    evidence_vector,
    model_odds,
    verdict_of,
)
from hebbayes.clinic.elements import CANNOT_TELL, HEALTHY, members
from hebbayes.clinic.estimation.models import ModelFit, fit_models
from hebbayes.clinic.estimation.sampling import draw_posteriors
from hebbayes.clinic.treatment.correction import Correction, find_correction, robustness
from hebbayes.clinic.treatment.rounds import Finding

if TYPE_CHECKING:
    from hebbayes.clinic.estimation.climbing import Prior
    from hebbayes.clinic.estimation.likelihood import Observed
    from hebbayes.reverse_engineering.statistics.estimate import Estimate

Floats = NDArray[np.float64]

LIKELY = 0.02
"""Odds above which an alternative element is asked about."""


@dataclass(frozen=True, eq=False)
class Advice:
    """What is advised for one subject.

    Attributes:
        subject: Name.
        group: Empty if none.
        verdict: Class of the impaired element, healthy, or cannot tell.
        finding: Diagnosis and estimates.
        correction: The correction; None without a diagnosis.
        if_other: Element to how the correction would change success if that were the impaired one.
    """

    subject: str
    group: str
    verdict: str
    finding: Finding
    correction: Correction | None
    if_other: "Mapping[str, Estimate[float]]"


def find_impairment(
    observed: "Observed",
    population: "Prior",
    recalibration: Recalibration | None = None,
    seed: int = 0,
) -> tuple[str, Finding]:
    """Return the verdict on a subject, and the subject as estimated.

    Example:
        >>> from hebbayes.clinic.estimation.cases import example
        >>> verdict, found = find_impairment(*example(400, "psi", 2.5))
        >>> verdict, found.element, round(found.healthy.psi[0], 3)
        ('psi', 'psi', 0.0)
    """
    recalibration = recalibration or EMBEDDED
    fits = fit_models(observed, population, seed)
    draws = draw_posteriors(observed, fits, np.random.default_rng(seed + 1))
    evidence = evidence_vector({name: one.log_evidence for name, one in draws.items()})
    odds = dict(zip(MODEL_NAMES, model_odds(evidence, recalibration).tolist()))
    verdict = verdict_of(
        class_odds(np.array(list(odds.values()))), recalibration, observed.choices.n_made
    )
    element = ""
    if verdict not in (HEALTHY, CANNOT_TELL):
        element = max(members(verdict), key=lambda name: odds[name])
    return verdict, finding_of(fits, odds, element, observed, population)


def finding_of(
    fits: Mapping[str, ModelFit],
    odds: Mapping[str, float],
    element: str,
    observed: "Observed",
    population: "Prior",
) -> Finding:
    """Return what fits say of a subject whose impaired element is ``element``, "" for none.

    Example:
        >>> from hebbayes.clinic.estimation.cases import example
        >>> one, population = example(300, "phi", 2.5)
        >>> fits = fit_models(one, population)
        >>> found = finding_of(fits, {}, "phi", one, population)
        >>> found.healthy.phi, found.patient.phi > 1
        (0.0, True)
    """
    layout = observed.layout
    theta = {name: fit.modes[0].theta for name, fit in fits.items()}
    patients = {name: layout.subject(values) for name, values in theta.items()}
    patient = patients[element or HEALTHY]
    healthy = patient
    if element:
        places, mended = layout.places(element), theta[element].copy()
        mended[places] = population.mean[places]
        healthy = layout.subject(mended)
    others = {name: one for name, one in patients.items() if name not in (element, HEALTHY)}
    return Finding(element, patient, healthy, odds, others)


def advise(
    observed: "Observed",
    population: "Prior",
    recalibration: Recalibration | None = None,
    *,
    n: int = 16,
    seed: int = 0,
) -> Advice:
    """Return the advice for a subject, given the population of healthy ones.

    Example:
        >>> from hebbayes.clinic.estimation.cases import example
        >>> advice = advise(*example(400, "psi", 4.0), n=4)
        >>> advice.correction.element, advice.correction.dose < -2
        ('psi', True)
    """
    verdict, finding = find_impairment(observed, population, recalibration, seed)
    correction, if_other = None, {}
    if finding.element:
        correction = find_correction(finding.patient, finding.element, finding.healthy, n=n)
        likely = {
            name: one
            for name, one in finding.alternatives.items()
            if finding.odds.get(name, 0.0) >= LIKELY
        }
        if correction.dose and likely:
            if_other = robustness(correction, likely, n=n)
    return Advice(observed.name, observed.group, verdict, finding, correction, if_other)
