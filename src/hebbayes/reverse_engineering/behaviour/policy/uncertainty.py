"""What the uncertainty of a calibrated activity adds to lambda / gain, V by counts and psi.

Recounts the evidence from each resampled activity and refits the ratio and psi by one step.  Their
spread adds to the intervals of decisions given the activity; the two are independent.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from hebbayes.reverse_engineering.behaviour.decision_prior import DecisionPrior
from hebbayes.reverse_engineering.behaviour.policy.fit import refit_policy
from hebbayes.reverse_engineering.behaviour.policy.forward import (
    policy_counts,
    policy_evidence,
    policy_weights,
)
from hebbayes.reverse_engineering.statistics.estimate import STANDARD_ERRORS, Estimate, widened

if TYPE_CHECKING:
    from hebbayes.reverse_engineering.behaviour.choices import Choices

Floats = NDArray[np.float64]

_REACH = (0.02, 0.5)  # shortest and longest step in the logarithm of the ratio


@dataclass(frozen=True, eq=False)
class PolicyUncertainty:
    """Standard errors from the uncertainty of the activity.

    Attributes:
        log_ratio: Of ln ratio.
        weights: Of V, (windows, decisions, states).
        threshold_factor: Of psi, (decisions,).
    """

    log_ratio: float
    weights: Floats
    threshold_factor: Floats


def policy_uncertainty(
    redrawn: Iterable["Choices"],
    weight: Floats,
    ratio: Estimate,
    ends: Sequence[int],
    *,
    reward_delay: int,
    floor: float,
) -> PolicyUncertainty | None:
    """Return how far the fit moves between the redrawn activities, None with fewer than two.

    ``weight`` (trials,) is what each decision is learnt by, ``ratio`` the fit, ``ends`` the trials
    in which V is reported.

    Example:
        >>> from hebbayes.reverse_engineering.behaviour.choices import Choices
        >>> rng = np.random.default_rng(0)
        >>> x, session = rng.random((300, 1)), np.zeros(300, int)
        >>> known = Choices((rng.random(300) < x[:, 0]).astype(int), x, None, session, 2)
        >>> drawn = (Choices(known.decision, x ** rng.uniform(0.8, 1.2), None, session, 2)
        ...          for _ in range(5))
        >>> ratio = Estimate(*np.array([40.0, 30.0, 55.0]))
        >>> weight = np.ones(300)
        >>> spread = policy_uncertainty(drawn, weight, ratio, [299], reward_delay=0, floor=1.0)
        >>> bool((spread.weights > 0).all()), spread.weights.shape, spread.threshold_factor.shape
        (True, (1, 2, 1), (2,))
    """
    near, reach = float(np.log(ratio.value)), _reach(ratio)
    refits = []
    for choices in redrawn:
        evidence = policy_evidence(choices, weight, reward_delay)
        best, psi = refit_policy(choices, evidence, floor, near, reach)
        counts = policy_counts(evidence, float(np.exp(best)), floor)
        refits.append((best, policy_weights(counts[list(ends)]), psi))
    if len(refits) < 2:
        return None
    log_ratio, weights, psi = (np.stack(values) for values in zip(*refits, strict=True))
    is_taken = np.isfinite(psi).all(0)
    error = np.where(is_taken, np.std(np.where(is_taken, psi, 0.0), axis=0, ddof=1), 0.0)
    return PolicyUncertainty(
        float(np.std(log_ratio, ddof=1)), np.std(weights, axis=0, ddof=1), error
    )


def widened_ratio(ratio: Estimate, uncertainty: PolicyUncertainty) -> Estimate:
    """Return the ratio with the uncertainty of the activity in its interval; open ends stay open.

    Example:
        >>> uncertainty = PolicyUncertainty(0.1, np.zeros((1, 2, 1)), np.zeros(2))
        >>> estimate = widened_ratio(Estimate(*np.array([100.0, 90.0, np.inf])), uncertainty)
        >>> estimate.low.round(1), estimate.high
        (np.float64(80.0), np.float64(inf))
    """
    with np.errstate(divide="ignore"):
        logs = Estimate(*(np.log(end) for end in (ratio.value, ratio.low, ratio.high)))
    estimate = widened(logs, uncertainty.log_ratio)
    return Estimate(ratio.value, np.exp(estimate.low), np.exp(estimate.high))


def widened_prior(prior: DecisionPrior, uncertainty: PolicyUncertainty) -> DecisionPrior:
    """Return psi and the prior of decisions with the uncertainty of the activity included.

    Example:
        >>> from hebbayes.reverse_engineering.behaviour.decision_prior import prior_of_frequencies
        >>> uncertainty = PolicyUncertainty(0.1, np.zeros((1, 2, 1)), np.full(2, 0.3))
        >>> estimate = prior_of_frequencies(np.array([60, 40]))
        >>> bool((widened_prior(estimate, uncertainty).prior.low < estimate.prior.low).all())
        True
    """
    factor = prior.threshold_factor
    is_bounded = np.isfinite(factor.value) & (uncertainty.threshold_factor > 0)
    more = widened(
        Estimate(
            *(np.where(is_bounded, end, 0.0) for end in (factor.value, factor.low, factor.high))
        ),
        uncertainty.threshold_factor,
    )
    low = np.where(is_bounded, more.low, factor.low)
    high = np.where(is_bounded, more.high, factor.high)
    return DecisionPrior(
        prior.n_taken,
        prior.frequency,
        Estimate(
            prior.prior.value,
            np.where(is_bounded, expit(low), prior.prior.low),
            np.where(is_bounded, expit(high), prior.prior.high),
        ),
        Estimate(factor.value, low, high),
    )


def _reach(ratio: Estimate) -> float:
    """About one standard error of ln ratio, from the ends of its interval that are bounded."""
    logs = [
        abs(float(np.log(end / ratio.value))) for end in (ratio.low, ratio.high) if 0 < end < np.inf
    ]
    wanted = float(np.mean(logs)) / STANDARD_ERRORS if logs else _REACH[1]
    return float(np.clip(wanted, *_REACH))
