"""What the doubt of a calibrated activity adds to lambda / gain, V by counts and psi.

Decisions are the same whatever the activity was; evidence counted from it and the fit to it move.
Each redrawn activity is counted anew and the ratio and psi follow by one step; their spread comes
on top of the intervals of decisions given the activity (the two are independent).
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
class PolicyDoubt:
    """Standard errors: of ln ratio; of V (windows, decisions, states); of psi (decisions,)."""

    log_ratio: float
    weights: Floats
    threshold_factor: Floats


def policy_doubt(
    redrawn: Iterable["Choices"],
    weight: Floats,
    ratio: Estimate,
    ends: Sequence[int],
    *,
    reward_delay: int,
    floor: float,
) -> PolicyDoubt | None:
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
        >>> found = policy_doubt(drawn, np.ones(300), ratio, [299], reward_delay=0, floor=1.0)
        >>> bool((found.weights > 0).all()), found.weights.shape, found.threshold_factor.shape
        (True, (1, 2, 1), (2,))
    """
    near, reach = float(np.log(ratio.value)), _reach(ratio)
    found = []
    for choices in redrawn:
        evidence = policy_evidence(choices, weight, reward_delay)
        best, psi = refit_policy(choices, evidence, floor, near, reach)
        counts = policy_counts(evidence, float(np.exp(best)), floor)
        found.append((best, policy_weights(counts[list(ends)]), psi))
    if len(found) < 2:
        return None
    log_ratio, weights, psi = (np.stack(values) for values in zip(*found, strict=True))
    is_taken = np.isfinite(psi).all(0)
    error = np.where(is_taken, np.std(np.where(is_taken, psi, 0.0), axis=0, ddof=1), 0.0)
    return PolicyDoubt(float(np.std(log_ratio, ddof=1)), np.std(weights, axis=0, ddof=1), error)


def widened_ratio(ratio: Estimate, doubt: PolicyDoubt) -> Estimate:
    """Return the ratio with the doubt of the activity in its interval; open ends stay open.

    Example:
        >>> doubt = PolicyDoubt(0.1, np.zeros((1, 2, 1)), np.zeros(2))
        >>> found = widened_ratio(Estimate(*np.array([100.0, 90.0, np.inf])), doubt)
        >>> found.low.round(1), found.high
        (np.float64(80.0), np.float64(inf))
    """
    with np.errstate(divide="ignore"):
        logs = Estimate(*(np.log(end) for end in (ratio.value, ratio.low, ratio.high)))
    found = widened(logs, doubt.log_ratio)
    return Estimate(ratio.value, np.exp(found.low), np.exp(found.high))


def widened_prior(prior: DecisionPrior, doubt: PolicyDoubt) -> DecisionPrior:
    """Return psi and the prior of decisions with the doubt of the activity in their intervals.

    Example:
        >>> from hebbayes.reverse_engineering.behaviour.decision_prior import prior_of_frequencies
        >>> doubt = PolicyDoubt(0.1, np.zeros((1, 2, 1)), np.full(2, 0.3))
        >>> found = prior_of_frequencies(np.array([60, 40]))
        >>> bool((widened_prior(found, doubt).prior.low < found.prior.low).all())
        True
    """
    factor = prior.threshold_factor
    is_bounded = np.isfinite(factor.value) & (doubt.threshold_factor > 0)
    more = widened(
        Estimate(
            *(np.where(is_bounded, end, 0.0) for end in (factor.value, factor.low, factor.high))
        ),
        doubt.threshold_factor,
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
    logs = [abs(float(np.log(end / ratio.value))) for end in (ratio.low, ratio.high)
            if 0 < end < np.inf]  # fmt: skip
    wanted = float(np.mean(logs)) / STANDARD_ERRORS if logs else _REACH[1]
    return float(np.clip(wanted, *_REACH))
