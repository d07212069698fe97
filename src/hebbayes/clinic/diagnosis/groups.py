"""Diagnosis of a group: one class for all members, and shares of classes with random effects."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.special import digamma, softmax

from hebbayes.clinic.diagnosis.odds import (
    CLASS_PRIOR,
    OUTCOMES,
    Recalibration,
    class_scores,
)

if TYPE_CHECKING:
    from hebbayes.clinic.diagnosis.subjects import Diagnosis

Floats = NDArray[np.float64]

_N_DRAWS, _N_ROUNDS = 4000, 200


@dataclass(frozen=True, eq=False)
class GroupDiagnosis:
    """What the members of one group say together.

    Attributes:
        group: Name.
        n_subjects: Members.
        classes: Probability that one class explains all members, by name.
        likeliest: The class with the highest probability.
        shares: Expected share of members in each class if members differ.
        exceedance: Probability that a class is the most common one.
    """

    group: str
    n_subjects: int
    classes: Mapping[str, float]
    likeliest: str
    shares: Mapping[str, float]
    exceedance: Mapping[str, float]


def diagnose_group(
    members: "Sequence[Diagnosis]", recalibration: Recalibration, name: str = ""
) -> GroupDiagnosis:
    """Return the diagnosis of a group from those of its members.

    Example:
        >>> from types import SimpleNamespace
        >>> one = SimpleNamespace(log_evidence=np.array([0.0, 2.0, *[-1.0] * 9]))
        >>> diagnose_group([one] * 10, Recalibration()).likeliest
        'phi'
    """
    evidence = np.array([one.log_evidence for one in members])
    each = class_scores(evidence, recalibration)
    together = softmax(each.sum(0) + CLASS_PRIOR)
    alpha = dirichlet(each)
    draws = np.random.default_rng(0).dirichlet(alpha, _N_DRAWS)
    best = np.bincount(draws.argmax(1), minlength=len(OUTCOMES)) / _N_DRAWS
    return GroupDiagnosis(
        group=name,
        n_subjects=len(members),
        classes=dict(zip(OUTCOMES, together.tolist())),
        likeliest=OUTCOMES[int(np.argmax(together))],
        shares=dict(zip(OUTCOMES, (alpha / alpha.sum()).tolist())),
        exceedance=dict(zip(OUTCOMES, best.tolist())),
    )


def dirichlet(log_evidence: Floats) -> Floats:
    """Return the Dirichlet counts of shares from log evidence (subjects, classes).

    Variational Bayes with a flat prior (Stephan et al., NeuroImage 46:1004, 2009).

    Example:
        >>> dirichlet(np.array([[0.0, -50.0]] * 8)).round(2).tolist()
        [9.0, 1.0]
    """
    alpha = np.ones(log_evidence.shape[1])
    for _ in range(_N_ROUNDS):
        member = softmax(log_evidence + digamma(alpha) - digamma(alpha.sum()), axis=1)
        new = 1 + member.sum(0)
        if np.abs(new - alpha).max() < 1e-6:
            return np.asarray(new)
        alpha = new
    return alpha
