"""Prior of decisions E and threshold factors psi, from the decisions that were taken.

The frequency of decisions before learning estimates E (I22, Fig. 5).  Decisions are drawn with
odds E / (1 - E) (docs/theory.md section 7), so the frequency is E itself only if there are many
decisions and each is rare: two of 0.6 and 0.4 are taken 69 % and 31 % of the time.  The consistent
estimate undoes the odds; both are reported.  Priors are scaled to sum to 1: the choices would be
the same for another scale of the odds.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import betaincinv, expit, logit

from hebbayes.core.errors import ValueRangeError
from hebbayes.reverse_engineering.statistics.estimate import LEVEL, Estimate

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class DecisionPrior:
    """How often decisions were taken, their prior, and psi = ln E1 - ln E0.

    Attributes:
        n_taken: Counts of decisions, (decisions,).
        frequency: Frequency of each decision.
        prior: Prior E1 of each decision.
        threshold_factor: psi of each decision.
    """

    n_taken: NDArray[np.int64]
    frequency: Estimate
    prior: Estimate
    threshold_factor: Estimate


def prior_of_odds(weight: Floats) -> Floats:
    """Return the priors E, summing to 1, whose odds E / (1 - E) are as ``weight``.

    Weights need no scale; a weight of 0 is a prior of exactly 0.

    Example:
        >>> prior_of_odds(np.array([0.6 / 0.4, 0.4 / 0.6])).round(6).tolist()
        [0.6, 0.4]
    """
    is_possible = weight > 0
    if is_possible.sum() < 2:
        return is_possible / max(is_possible.sum(), 1)
    log_weight = np.log(weight[is_possible])

    def excess(log_scale: float) -> float:
        return float(expit(log_weight + log_scale).sum() - 1)

    prior = np.zeros(weight.size)
    scale = brentq(excess, -log_weight.max() - 50, -log_weight.min() + 50, xtol=1e-13)
    prior[is_possible] = expit(log_weight + scale)
    return prior


def prior_of_frequencies(n_taken: NDArray[np.int64]) -> DecisionPrior:
    """Return what the counts of decisions (decisions,) say while nothing has been learnt.

    Intervals are closed-form, those of a Beta with 1/2 a count more on both sides (Jeffreys); the
    prior's hold for a decision whose rivals keep their shares, exact for two.  A decision never
    (always) taken has the value 0 (1) and an interval from there.  Raises `ValueRangeError`
    without a decision.

    Example:
        >>> prior = prior_of_frequencies(np.array([69, 31]))
        >>> prior.prior.value.round(2).tolist(), prior.threshold_factor.value.round(2).tolist()
        ([0.6, 0.4], [0.4, -0.4])
    """
    total = int(n_taken.sum())
    if total == 0:
        raise ValueRangeError("no decision was recorded, so nothing is known of their prior.")
    value = n_taken / total
    tail = (1 - LEVEL) / 2
    low, high = (betaincinv(n_taken + 0.5, total - n_taken + 0.5, q) for q in (tail, 1 - tail))
    frequency = Estimate(value, np.where(n_taken == 0, 0, low), np.where(value == 1, 1, high))
    prior = Estimate(
        prior_of_odds(value),
        *(_with_one_moved(value, moved) for moved in (frequency.low, frequency.high)),
    )
    return DecisionPrior(n_taken, frequency, prior, threshold_factor_of(prior))


def threshold_factor_of(prior: Estimate) -> Estimate:
    """Return psi = ln E1 - ln E0 of priors E1, minus (plus) infinity for exactly 0 (1).

    Example:
        >>> threshold_factor_of(Estimate(np.array([0.5]), np.array([0.0]), np.array([0.5]))).low
        array([-inf])
    """
    return Estimate(logit(prior.value), logit(prior.low), logit(prior.high))


def _with_one_moved(frequency: Floats, moved: Floats) -> Floats:
    """Each decision's prior when its frequency is moved and the others share what is left."""
    estimate = np.ones(frequency.size)
    for k, share in enumerate(moved):
        others = np.delete(frequency, k)
        if others.size == 0:
            continue  # a single decision is always taken
        rest = others / others.sum() if others.sum() > 0 else np.full(others.size, 1 / others.size)
        estimate[k] = prior_of_odds(np.append(rest * (1 - share), share))[-1]
    return estimate
