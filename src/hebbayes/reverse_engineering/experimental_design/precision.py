"""How well priors and synapses are recovered, and which differences between groups are detected.

The unit is the culture: every standard error is over simulated cultures.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.stats import nct
from scipy.stats import t as student

from hebbayes.reverse_engineering.statistics.groups import compare

Floats = NDArray[np.float64]
Pool = Mapping[str, Floats]
"""What `measure_culture` returns, stacked over cultures along the first axis."""

PARAMETERS = ("phi", "ln_prior_count", "weights")
COMPARED = ("phi", "ln_prior_count")
"""Parameters by which two groups are compared: the mean over the ensembles of each culture."""

TARGET_POWER = 0.8


@dataclass(frozen=True)
class MonteCarloEstimate:
    """A simulated number and its Monte Carlo standard error.

    Attributes:
        value: The number.
        error: Its standard error.
    """

    value: float
    error: float


@dataclass(frozen=True)
class Precision:
    """How well one parameter is recovered.

    Attributes:
        recovery_error: Root mean squared error, over identified values.
        bias: Mean error, over identified values.
        coverage: Share of 95 % intervals that contain the truth, over all that have an interval.
        identified: Share of ensembles (synapses, for weights) with a finite estimate.
    """

    recovery_error: MonteCarloEstimate
    bias: MonteCarloEstimate
    coverage: MonteCarloEstimate
    identified: MonteCarloEstimate


def precision_of(pool: Pool, parameter: str) -> Precision:
    """Return how well one parameter is recovered.

    Example:
        >>> rows = np.array([[[0.1], [-0.3], [0.2], [0.0]], [[-0.1], [-0.3], [-0.05], [0.0]]])
        >>> phi = precision_of({"phi": rows}, "phi")
        >>> round(phi.recovery_error.value, 6), phi.coverage.value, phi.identified.value
        (0.1, 0.5, 1.0)
    """
    values = pool[parameter]
    if parameter == "weights":
        square, covered, identified = values.T
        nothing = MonteCarloEstimate(float("nan"), float("nan"))
        return Precision(_root(square), nothing, _mean(covered), _mean(identified))
    value, low, high, truth = np.moveaxis(values, 1, 0)
    error = np.where(np.isfinite(value), value - truth, np.nan)
    has_interval = ~(np.isnan(low) | np.isnan(high))
    covered = np.where(has_interval, (low <= truth) & (truth <= high), np.nan)
    return Precision(
        _root(_per_culture(error**2)),
        _mean(_per_culture(error)),
        _mean(_per_culture(covered)),
        _mean(np.isfinite(value).mean(1)),
    )


def culture_means(pool: Pool, parameter: str) -> Floats:
    """Return the mean estimate over each culture's ensembles, NaN if none is identified.

    Example:
        >>> culture_means({"phi": np.array([[[1.0, np.nan]] * 4])}, "phi").tolist()
        [1.0]
    """
    value = pool[parameter][:, 0]
    return _per_culture(np.where(np.isfinite(value), value, np.nan))


def smallest_difference(pool: Pool, parameter: str, n: int) -> MonteCarloEstimate:
    """Return the difference of two groups of ``n`` cultures that Welch's test detects in 80 %.

    Uses the spread of the estimate among simulated cultures and the noncentral t distribution.
    Infinite if groups are too small.

    Example:
        >>> pool = {"phi": np.tile(np.random.default_rng(0).normal(size=(400, 1, 1)), (1, 4, 1))}
        >>> round(smallest_difference(pool, "phi", 17).value)
        1
    """
    known = culture_means(pool, parameter)
    known, n_identified = known[np.isfinite(known)], np.isfinite(known).mean() * n
    if n_identified < 2 or len(known) < 3:
        return MonteCarloEstimate(float("inf"), float("nan"))
    return MonteCarloEstimate(
        *_jackknife(known, lambda x: detectable_difference(float(x.std(ddof=1)), n_identified))
    )


def detectable_difference(spread: float, n: float, power: float = TARGET_POWER) -> float:
    """Return the difference that a two-sided t test of two groups of ``n`` detects that often.

    Example:
        >>> round(detectable_difference(1.0, 17), 3)
        0.991
    """
    df, reach = 2 * n - 2, np.sqrt(n / 2)
    limit = student.ppf(0.975, df)

    def excess(effect: float) -> float:
        return float(nct.sf(limit, df, effect) - power)

    return float(brentq(excess, 0.0, limit + 50.0) / reach * spread)


def refined_difference(
    pool: Pool, other: Pool, parameter: str, n: int, truth: float
) -> MonteCarloEstimate:
    """Return the smallest difference, given a simulated group that differs by ``truth``.

    Draws groups of ``n`` from both pools, and shifts the estimates of the other pool to a share of
    the observed difference.  Estimates need not be normal, equally spread, or follow the truth one
    to one.  Infinite if no difference is observed.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> one, two = ({"phi": np.tile(rng.normal(m, 1, (400, 1, 1)), (1, 4, 1))} for m in (0, 2))
        >>> round(refined_difference(one, two, "phi", 17, 4.0).value)
        2
    """
    a, b = (culture_means(p, parameter) for p in (pool, other))
    size = min(len(a), len(b))
    both = np.stack([a[:size], b[:size]], axis=1)
    if np.isfinite(both).sum(0).min() < 3 or n < 2:
        return MonteCarloEstimate(float("inf"), float("nan"))
    value, error = _jackknife(both, lambda x: _share_needed(x, n))
    return MonteCarloEstimate(value * truth, error * truth)


def detection_rate(pool: Pool, other: Pool, parameter: str, n: int) -> MonteCarloEstimate:
    """Return how often two groups of ``n`` cultures, one from each pool, differ at the 5 % level.

    Every culture is used once.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> one, two = ({"phi": np.tile(rng.normal(m, 1, (340, 1, 1)), (1, 4, 1))} for m in (0, 1))
        >>> 0.4 < detection_rate(one, two, "phi", 17).value <= 1.0
        True
    """
    groups = [
        np.split(values[: len(values) // n * n], len(values) // n)
        for values in (culture_means(p, parameter) for p in (pool, other))
    ]
    detected = []
    for first, second in zip(*groups):
        a, b = (dict(enumerate(group.tolist())) for group in (first, second))
        detected.append(compare(parameter, ("a", "b"), a, b, is_paired=False).p < 0.05)
    return proportion(np.array(detected))


def proportion(successes: NDArray[np.bool_]) -> MonteCarloEstimate:
    """Return the share of true entries; its error counts one more success and one more failure.

    The error is therefore positive for a share of 0 or 1 too.

    Example:
        >>> eight = proportion(np.array([True] * 8))
        >>> eight.value, round(eight.error, 3)
        (1.0, 0.095)
    """
    n = len(successes)
    if n == 0:
        return MonteCarloEstimate(float("nan"), float("nan"))
    shrunk = (successes.sum() + 1) / (n + 2)
    return MonteCarloEstimate(
        float(successes.mean()), float(np.sqrt(shrunk * (1 - shrunk) / (n + 2)))
    )


_DRAWS = 400


def _share_needed(both: Floats, n: int) -> float:
    """The share of the difference between two columns that Welch's test detects in 80 %."""
    rng = np.random.default_rng(0)  # the same draws for every share and every group left out
    a, b = (both[rng.integers(len(both), size=(_DRAWS, n)), k] for k in (0, 1))
    shown = float(np.nanmean(both[:, 1]) - np.nanmean(both[:, 0]))

    def power(share: float) -> float:
        return float(np.mean(_welch(a, b - shown * (1 - share)) < 0.05))

    low, high = 0.0, 8.0
    if shown == 0 or power(high) < TARGET_POWER:
        return float("inf")
    for _ in range(12):
        middle = (low + high) / 2
        low, high = (low, middle) if power(middle) >= TARGET_POWER else (middle, high)
    return high


def _welch(a: Floats, b: Floats) -> Floats:
    """p-values of Welch's test along rows, ignoring NaN; 1 if a row has fewer than two values."""
    sizes, means, errors = [], [], []
    for x in (a, b):
        known = np.isfinite(x)
        m = known.sum(1)
        mean = np.where(known, x, 0.0).sum(1) / np.maximum(m, 1)
        square = np.where(known, (x - mean[:, None]) ** 2, 0.0).sum(1)
        sizes.append(m)
        means.append(mean)
        errors.append(square / np.maximum(m - 1, 1) / np.maximum(m, 1))
    total = errors[0] + errors[1]
    is_known = (np.minimum(*sizes) >= 2) & (total > 0)
    total = np.where(is_known, total, 1.0)
    parts = [e**2 / np.maximum(m - 1, 1) for e, m in zip(errors, sizes)]
    df = np.where(is_known, total**2 / np.maximum(parts[0] + parts[1], 1e-300), 1.0)
    t = np.abs(means[1] - means[0]) / np.sqrt(total)
    return np.where(is_known, 2 * student.sf(t, df), 1.0)


def _per_culture(values: Floats) -> Floats:
    """Mean over ensembles; NaN if all are."""
    is_known = ~np.isnan(values)
    n = is_known.sum(1)
    total = np.where(is_known, values, 0.0).sum(1)
    return np.divide(total, n, out=np.full(len(n), np.nan), where=n > 0)


def _mean(values: Floats) -> MonteCarloEstimate:
    known = values[~np.isnan(values)]
    if len(known) < 2:
        return MonteCarloEstimate(float(known.mean()) if known.size else float("nan"), float("nan"))
    return MonteCarloEstimate(float(known.mean()), float(known.std(ddof=1) / np.sqrt(len(known))))


def _root(squares: Floats) -> MonteCarloEstimate:
    mean = _mean(squares)
    root = float(np.sqrt(mean.value))
    return MonteCarloEstimate(root, mean.error / (2 * root) if root > 0 else mean.error)


def _jackknife(values: Floats, statistic: Callable[[Floats], float]) -> tuple[float, float]:
    """A statistic and its jackknife error, leaving out each of at most 20 groups of cultures."""
    groups = np.array_split(np.arange(len(values)), min(20, len(values)))
    left = np.array([statistic(np.delete(values, group, axis=0)) for group in groups])
    if not np.isfinite(left).all():
        return statistic(values), float("nan")
    error = np.sqrt((len(left) - 1) / len(left) * ((left - left.mean()) ** 2).sum())
    return statistic(values), float(error)
