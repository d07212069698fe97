"""How fast the output layer learns: by likelihood of the decisions.

Given activity, decisions and risk, everything but psi and the ratio lambda / gain is counted, so
that the likelihood has few unknowns: psi is fitted inside, the ratio on a line.  Decisions CANNOT
distinguish lambda from the gain: they form one class (docs/theory.md section 9), unless counts
reach the floor, whose scale is assumed.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq, minimize_scalar
from scipy.special import expit, logit, softmax

from hebbayes.reverse_engineering.behaviour.decision_prior import (
    DecisionPrior,
    prior_of_frequencies,
    prior_of_odds,
)
from hebbayes.reverse_engineering.behaviour.policy.forward import (
    PolicyEvidence,
    policy_counts,
    policy_drive,
)
from hebbayes.reverse_engineering.behaviour.regression import Regression, fit_choices
from hebbayes.reverse_engineering.statistics.estimate import (
    LOG_LIKELIHOOD_DROP,
    Estimate,
    normal_estimate,
)

if TYPE_CHECKING:
    from hebbayes.reverse_engineering.behaviour.choices import Choices

Floats = NDArray[np.float64]

_N_GRID = 20
_LEAST_RATIO = 2.001  # in floors: half of it is a naive count, above the floor
_FLAT = 1e-3  # nats of curvature below which the decisions say nothing of the ratio
_STEP = 1e-3  # in the logarithm of the ratio, for a central difference


@dataclass(frozen=True, eq=False)
class PolicyFit:
    """The most likely ratio of lambda to gain, with the prior of decisions.

    Attributes:
        ratio: lambda / gain, with the interval of the profile likelihood; without an upper bound if
            the decisions are compatible with no learning.
        decision_prior: psi at that ratio.
        log_likelihood: Nats.
        is_floor_touched: Whether a count fell to the floor, which sets a scale of its own.
    """

    ratio: Estimate
    decision_prior: DecisionPrior
    log_likelihood: float
    is_floor_touched: bool


class _Past(NamedTuple):
    """Decisions to explain: used trials, taken decisions, and the evidence before each."""

    choices: "Choices"
    evidence: PolicyEvidence
    floor: float
    rows: NDArray[np.bool_]
    is_taken: NDArray[np.bool_]
    target: Floats


def fit_static(choices: "Choices") -> float:
    """Return the log likelihood of the decisions when nothing is learnt: psi alone.

    Example:
        >>> from hebbayes.reverse_engineering.behaviour.choices import Choices
        >>> choices = Choices(np.array([0, 1]), np.full((2, 1), 0.5), None, np.zeros(2, int), 2)
        >>> round(fit_static(choices), 4)
        -1.3863
    """
    n_taken = choices.n_taken[choices.n_taken > 0]
    return float((n_taken * np.log(n_taken / n_taken.sum())).sum())


def fit_policy(choices: "Choices", evidence: PolicyEvidence, floor: float) -> PolicyFit:
    """Return the ratio and psi under which the decisions are most likely.

    Example:
        >>> from hebbayes.reverse_engineering.behaviour.choices import Choices
        >>> from hebbayes.reverse_engineering.behaviour.policy.forward import policy_evidence
        >>> rng = np.random.default_rng(0)
        >>> choices = Choices(rng.integers(0, 2, 200), rng.random((200, 1)), None,
        ...                   np.zeros(200, int), 2)
        >>> float(fit_policy(choices, policy_evidence(choices, np.ones(200), 0), 1.0).ratio.high)
        inf
    """
    past = _past(choices, evidence, floor)

    def height(log_ratio: float) -> float:
        return _fit_prior(past, _drive(past, log_ratio)).log_likelihood

    low, high = np.log(_LEAST_RATIO * floor), np.log(1e4 * max(1.0, evidence.amount))
    grid = np.linspace(low, high, _N_GRID)
    heights = np.array([height(point) for point in grid])
    best = int(heights.argmax())
    around = (grid[max(best - 1, 0)], grid[min(best + 1, _N_GRID - 1)])
    refined = minimize_scalar(
        lambda point: -height(point), bounds=around, method="bounded", options={"xatol": 1e-4}
    )
    top, peak = max((float(heights[best]), grid[best]), (-float(refined.fun), float(refined.x)))
    ends = _profile(height, grid, heights, peak, top - LOG_LIKELIHOOD_DROP)
    counts = policy_counts(evidence, np.exp(peak), floor)
    return PolicyFit(
        ratio=Estimate(*(np.asarray(np.exp(point)) for point in (peak, *ends))),
        decision_prior=_prior_beside(past, peak),
        log_likelihood=top,
        is_floor_touched=bool((counts <= floor * (1 + 1e-12)).any()),
    )


def refit_policy(
    choices: "Choices", evidence: PolicyEvidence, floor: float, near: float, reach: float
) -> tuple[float, Floats]:
    """Return ln ratio and psi (decisions,) of decisions that rest on a slightly other activity.

    One step from ``near``, the logarithm of a ratio, along a parabola through three points
    ``reach`` apart; no further than twice that.  psi is minus infinity if never taken.

    Example:
        >>> from hebbayes.reverse_engineering.behaviour.choices import Choices
        >>> from hebbayes.reverse_engineering.behaviour.policy.forward import policy_evidence
        >>> rng = np.random.default_rng(0)
        >>> x = rng.random((900, 1))
        >>> choices = Choices((rng.random(900) < x[:, 0]).astype(int), x, None,
        ...                   np.zeros(900, int), 2)
        >>> evidence = policy_evidence(choices, np.ones(900), 0)
        >>> best = np.log(fit_policy(choices, evidence, 1.0).ratio.value)
        >>> bool(abs(refit_policy(choices, evidence, 1.0, best + 0.01, 0.1)[0] - best) < 0.005)
        True
    """
    past = _past(choices, evidence, floor)
    below, here, above = (
        _fit_prior(past, _drive(past, near + step)).log_likelihood for step in (-reach, 0.0, reach)
    )
    curvature = below - 2 * here + above
    step = (below - above) / (2 * curvature) if curvature < -_FLAT else 0.0
    best = max(near + reach * float(np.clip(step, -2, 2)), float(np.log(_LEAST_RATIO * floor)))
    log_odds = np.append(_fit_prior(past, _drive(past, best)).coefficients[0], 0.0)
    psi = np.full(past.is_taken.size, -np.inf)
    psi[past.is_taken] = logit(prior_of_odds(np.exp(log_odds - log_odds.max())))
    return best, psi


def _past(choices: "Choices", evidence: PolicyEvidence, floor: float) -> _Past:
    rows, is_taken = choices.is_used, choices.n_taken > 0
    return _Past(choices, evidence, floor, rows, is_taken, choices.one_hot[rows][:, is_taken])


def _profile(
    height: Callable[[float], float], grid: Floats, heights: Floats, peak: float, level: float
) -> tuple[float, float]:
    """Points on both sides at which the profile falls to ``level``, infinite if it does not."""
    left = np.flatnonzero((grid < peak) & (heights < level))
    right = np.flatnonzero((grid > peak) & (heights < level))
    low = (
        brentq(lambda p: height(p) - level, grid[left[-1]], peak, xtol=1e-4)
        if left.size
        else (-np.inf)
    )
    high = (
        brentq(lambda p: height(p) - level, peak, grid[right[0]], xtol=1e-4)
        if right.size
        else (np.inf)
    )
    return float(low), float(high)


def _drive(past: _Past, log_ratio: float) -> Floats:
    """Log odds without psi, (used trials, taken decisions)."""
    counts = policy_counts(past.evidence, float(np.exp(log_ratio)), past.floor)
    drive = policy_drive(counts[past.rows], past.choices.activity[past.rows])
    if past.choices.offset is not None:
        drive = drive + past.choices.offset[past.rows]
    return drive[:, past.is_taken]


def _fit_prior(past: _Past, drive: Floats) -> Regression:
    """psi of the decisions that were taken at all, relative to the last of them."""
    n_taken = past.target.sum(0)
    start = np.log(n_taken[:-1] / n_taken[-1])[None]
    return fit_choices(np.ones((len(drive), 1)), past.target, offset=drive, ridge=1e-9, start=start)


def _prior_beside(past: _Past, log_ratio: float) -> DecisionPrior:
    """The prior of decisions at the best ratio; errors allow for the ratio's own."""
    drive = _drive(past, log_ratio)
    log_odds = np.append(_fit_prior(past, drive).coefficients[0], 0.0)
    slope = (_drive(past, log_ratio + _STEP) - _drive(past, log_ratio - _STEP)) / (2 * _STEP)
    covariance = psi_covariance(softmax(drive + log_odds, axis=1), slope)
    return consistent_prior(past.choices.n_taken, log_odds, covariance)


def psi_covariance(shares: Floats, slope: Floats) -> Floats:
    """Return the covariance of the log odds of all but the last decision, with the ratio's.

    ``shares`` (trials, decisions) are probabilities, ``slope`` how log odds change with the
    logarithm of the ratio.  The inverse of the expected information.

    Example:
        >>> psi_covariance(np.full((100, 2), 0.5), np.zeros((100, 2))).tolist()
        [[0.04]]
    """
    free = shares[:, :-1]
    centred = slope - (shares * slope).sum(1, keepdims=True)
    among = np.diag(free.sum(0)) - free.T @ free
    across = (free * centred[:, :-1]).sum(0)
    own = float((shares * centred**2).sum())
    if own > 1e-6:  # else the decisions do not depend on the ratio
        among = among - np.outer(across, across) / own
    return np.asarray(np.linalg.pinv(among))


def consistent_prior(
    n_taken: NDArray[np.int64], log_odds: Floats, covariance: Floats
) -> DecisionPrior:
    """Return the prior whose odds are ``log_odds`` (taken decisions, the last 0), with intervals.

    ``covariance`` is that of all but the last.  A decision never taken has the prior 0, bounded
    by its frequency.

    Example:
        >>> estimate = consistent_prior(np.array([60, 40, 0]), np.array([0.8, 0.0]), np.eye(1) / 25)
        >>> estimate.prior.value.round(3).tolist(), estimate.threshold_factor.low.round(2).tolist()
        ([0.599, 0.401, 0.0], [0.2, -0.6, -inf])
    """
    by_frequency = prior_of_frequencies(n_taken)
    if log_odds.size == 1:
        return by_frequency
    is_taken = n_taken > 0
    prior = np.zeros(n_taken.size)
    prior[is_taken] = prior_of_odds(np.exp(log_odds - log_odds.max()))
    error = np.zeros(n_taken.size)
    error[is_taken] = _psi_errors(prior[is_taken], covariance)
    psi, never = logit(prior), by_frequency.threshold_factor
    estimate = normal_estimate(psi, error)
    factor = Estimate(
        psi,
        np.where(is_taken, estimate.low, never.low),
        np.where(is_taken, estimate.high, never.high),
    )
    return DecisionPrior(
        n_taken,
        by_frequency.frequency,
        Estimate(prior, expit(factor.low), expit(factor.high)),
        factor,
    )


def _psi_errors(prior: Floats, covariance: Floats) -> Floats:
    """d psi / d log odds = I - 1 w': the scale moves so that the priors go on summing to 1."""
    full = np.zeros((prior.size, prior.size))
    full[:-1, :-1] = covariance
    w = prior * (1 - prior)
    jacobian = np.eye(w.size) - w / w.sum()
    return np.sqrt(np.diag(jacobian @ full @ jacobian.T))
