"""From log evidence to odds over elements and classes, and their recalibration.

Before the data, half of the probability is on the healthy model and the rest is shared equally by
the classes, and within a class by its elements.  Two numbers, estimated on simulated subjects,
recalibrate: a temperature that divides log evidence, and a bias of the healthy model.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import logsumexp

from hebbayes.clinic.elements import BY_NAME, CANNOT_TELL, CLASSES, HEALTHY, members

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

TOLD_BY = 0.8
"""Odds of a class beyond which the verdict names it."""


@dataclass(frozen=True)
class Recalibration:
    """Numbers that make odds honest; by default they change nothing.

    Attributes:
        temperature: Divides log evidence.
        healthy_bias: Added to the healthy model's log odds, nats.
        healthy_above: Least odds of the healthy model for the verdict "healthy".
    """

    temperature: float = 1.0
    healthy_bias: float = 0.0
    healthy_above: float = 0.5


EMBEDDED = Recalibration(temperature=0.7, healthy_bias=1.52, healthy_above=0.47)
"""From 1,515 simulated subjects of the embedded design, 600 and 1,200 trials, half of them healthy
(benchmarks/clinic.py).

A temperature below 1: patients' doses are larger than the wide priors of the models expect.
"""

MODEL_NAMES = (HEALTHY, *(name for kind in CLASSES for name in members(kind)))
"""Models in the order of their log evidence."""

OUTCOMES = (HEALTHY, *CLASSES)
"""What a subject may be."""

_PRIOR = np.log(
    [0.5, *(0.5 / len(CLASSES) / len(members(kind)) for kind in CLASSES for _ in members(kind))]
)
_CLASS_OF = np.array([0, *(1 + CLASSES.index(BY_NAME[name].kind) for name in MODEL_NAMES[1:])])
_SIZES = np.bincount(_CLASS_OF)


def model_odds(log_evidence: Floats, recalibration: Recalibration) -> Floats:
    """Return the probability (..., models) of every model from log evidence (..., models).

    Example:
        >>> odds = model_odds(np.zeros(11), Recalibration())
        >>> round(odds[0].item(), 3), round(odds.sum().item(), 6)
        (0.5, 1.0)
    """
    scores = log_evidence / recalibration.temperature + _PRIOR
    scores[..., 0] += recalibration.healthy_bias
    return np.asarray(np.exp(scores - logsumexp(scores, axis=-1, keepdims=True)))


def class_odds(odds: Floats) -> Floats:
    """Return the probability (..., outcomes) of being healthy and of every class.

    Example:
        >>> class_odds(np.full(11, 1 / 11)).round(3).tolist()[-1]
        0.273
    """
    return np.stack([odds[..., k == _CLASS_OF].sum(-1) for k in range(len(OUTCOMES))], axis=-1)


def class_evidence(log_evidence: Floats) -> Floats:
    """Return the log evidence (..., outcomes) of being healthy and of every class.

    Example:
        >>> class_evidence(np.zeros(11)).round(6).tolist() == [0.0] * 9
        True
    """
    return np.stack(
        [
            logsumexp(log_evidence[..., k == _CLASS_OF], axis=-1) - np.log(_SIZES[k])
            for k in range(len(OUTCOMES))
        ],
        axis=-1,
    )


def class_scores(log_evidence: Floats, recalibration: Recalibration) -> Floats:
    """Return recalibrated log evidence (..., outcomes) of being healthy and of every class.

    Scores of several subjects add up; `CLASS_PRIOR` is added once.

    Example:
        >>> class_scores(np.zeros(11), Recalibration(healthy_bias=1.0)).round(6).tolist()[:2]
        [1.0, 0.0]
    """
    scores = class_evidence(log_evidence) / recalibration.temperature
    scores[..., 0] += recalibration.healthy_bias
    return scores


CLASS_PRIOR = np.log([0.5, *[0.5 / len(CLASSES)] * len(CLASSES)])
"""Log probability of every outcome before the data."""


FEW_TRIALS = 100
"""With fewer choices the prior, not the data, speaks: nobody is called healthy."""


def verdict_of(classes: Floats, recalibration: Recalibration, n_choices: int = FEW_TRIALS) -> str:
    """Return healthy, the class with odds above 0.8, or "cannot tell".

    Example:
        >>> verdict_of(np.array([0.05, 0.9, *[0.05 / 7] * 7]), Recalibration())
        'phi'
        >>> verdict_of(np.array([0.9, *[0.1 / 8] * 8]), Recalibration(), n_choices=3)
        'cannot tell'
    """
    if classes[0] >= recalibration.healthy_above - 1e-9:
        return HEALTHY if n_choices >= FEW_TRIALS else CANNOT_TELL
    best = int(np.argmax(classes[1:])) + 1
    return OUTCOMES[best] if classes[best] > TOLD_BY else CANNOT_TELL


def recalibrated(
    log_evidence: Floats, truth: Integers, *, false_alarms: float = 0.04
) -> Recalibration:
    """Return the recalibration that best predicts the truth of simulated subjects.

    ``log_evidence`` is (subjects, models), ``truth`` (subjects,) the place in `OUTCOMES`.  The
    healthy verdict's threshold lets ``false_alarms`` of the healthy subjects through.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> truth = np.repeat([0, 1], 50)
        >>> evidence = rng.normal(size=(100, 11))
        >>> evidence[truth == 1, 1] += 6
        >>> recalibrated(evidence, truth).temperature > 0.3
        True
    """

    def loss(values: Floats) -> float:
        guess = Recalibration(float(np.exp(values[0])), float(values[1]))
        chance = class_odds(model_odds(log_evidence, guess))[np.arange(len(truth)), truth]
        weak = (values[0] / 0.5) ** 2 + (values[1] / 2.0) ** 2  # worth little beside the subjects
        return float(weak / 2 - np.log(np.maximum(chance, 1e-12)).sum())

    best = minimize(loss, np.zeros(2), method="Nelder-Mead").x
    found = Recalibration(float(np.exp(best[0])), float(best[1]))
    healthy = class_odds(model_odds(log_evidence[truth == 0], found))[:, 0]
    above = float(np.quantile(healthy, false_alarms)) if healthy.size else 0.5
    return Recalibration(found.temperature, found.healthy_bias, min(above, 0.5))


def calibration_error(odds: Floats, truth: Integers, n_bins: int = 10) -> float:
    """Return the mean gap between odds and shares, over bins of the odds of the likeliest outcome.

    Example:
        >>> calibration_error(np.array([[0.8, 0.2]] * 10), np.array([0] * 8 + [1] * 2))
        0.0
    """
    confidence, hit = odds.max(1), odds.argmax(1) == truth
    place = np.minimum((confidence * n_bins).astype(int), n_bins - 1)
    gaps = [
        abs(confidence[place == k].mean() - hit[place == k].mean()) * (place == k).mean()
        for k in np.unique(place)
    ]
    return round(float(np.sum(gaps)), 10)


def evidence_vector(evidence: Mapping[str, float], names: Sequence[str] = MODEL_NAMES) -> Floats:
    """Return log evidence in the order of `MODEL_NAMES`.

    Example:
        >>> evidence_vector({"healthy": 1.0, "phi": 2.0}, ("healthy", "phi")).tolist()
        [1.0, 2.0]
    """
    return np.array([evidence[name] for name in names])
