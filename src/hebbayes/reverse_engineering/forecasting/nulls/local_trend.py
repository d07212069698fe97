"""Kalman filter of a level that wanders about a trend, for many series and candidates at once.

Level(t+1) = level(t) + slope + step; the slope stays.  A candidate says how large steps and slopes
are; every unit weighs the candidates by its own series, drawn towards what units share.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_UNKNOWN = 1e6  # variance of a level before any value was seen


@dataclass(frozen=True, eq=False)
class Trend:
    """Level and slope after some sessions; arrays that broadcast.

    Attributes:
        level: Mean.
        slope: Mean.
        level_variance: Variance of the level.
        covariance: Of level and slope.
        slope_variance: Variance of the slope.
        step: Variance of the random walk of the level per session.
    """

    level: Floats
    slope: Floats
    level_variance: Floats
    covariance: Floats
    slope_variance: Floats
    step: Floats

    @property
    def next_variance(self) -> Floats:
        """Variance of the level one session on."""
        return self.level_variance + 2 * self.covariance + self.slope_variance + self.step


def follow_trend(values: Floats, variances: Floats, step: Floats, slope: Floats) -> Trend:
    """Return level and slope after all sessions of ``values`` (sessions, ...).

    ``variances``, of the values, infinite if there is none.  ``step`` and ``slope``: variances
    of both, in shapes that broadcast against a session's values.  The first session sets the level.

    Example:
        >>> still, free = np.zeros(1), np.full(1, 1e9)
        >>> line = np.array([[1.0], [2.0], [3.0]])
        >>> trend = follow_trend(line, np.ones((3, 1)), still, free)
        >>> trend.level.round(3), trend.slope.round(3)
        (array([3.]), array([1.]))
    """
    trend = _start(values[0], variances[0], step, slope)
    for value, variance in zip(values[1:], variances[1:]):
        trend = next_trend(trend, value, variance)
    return trend


def next_trend(trend: Trend, value: Floats, variance: Floats) -> Trend:
    """Return the trend after one more session.

    Example:
        >>> zero, one = np.zeros(1), np.ones(1)
        >>> next_trend(Trend(zero, zero, one, zero, zero, one), one, 2 * one).level
        array([0.5])
    """
    before, covariance = trend.next_variance, trend.covariance + trend.slope_variance
    known = np.isfinite(variance)
    spread = np.maximum(before + np.where(known, variance, 0.0), 1e-300)
    to_level = np.where(known, before / spread, 0.0)
    to_slope = np.where(known, covariance / spread, 0.0)
    wrong = value - trend.level - trend.slope
    return Trend(
        trend.level + trend.slope + to_level * wrong,
        trend.slope + to_slope * wrong,
        (1 - to_level) * before,
        (1 - to_level) * covariance,
        trend.slope_variance - to_slope * covariance,
        trend.step,
    )


def log_likelihood(values: Floats, variances: Floats, step: Floats, slope: Floats) -> Floats:
    """Return the log likelihood of every candidate, (candidates, units), up to a constant.

    ``values`` and ``variances`` are (sessions, 1, series, units); step and slope (candidates, 1, 1)
    and variances are shares of one variance for each unit, which is set to what suits best.  What
    sets the level, the first value seen of a series, does not inform it and does not count.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> walk = np.cumsum(rng.normal(size=(40, 1, 3, 1)), axis=0)
        >>> step = np.array([0.0, 1.0])[:, None, None]
        >>> likelihood = log_likelihood(walk, np.full(walk.shape, 0.1), step, 0 * step).ravel()
        >>> bool(likelihood[1] > likelihood[0] + 50)
        True
    """
    trend = _start(values[0], variances[0], step, slope)
    n, logs, squares = np.zeros((3, len(step), values.shape[-1]))
    has_level = np.isfinite(variances[0])
    for value, variance in zip(values[1:], variances[1:]):
        known = np.isfinite(variance) & has_level
        has_level = has_level | np.isfinite(variance)
        spread = np.where(known, trend.next_variance + np.where(known, variance, 0.0), 1.0)
        wrong = np.where(known, value - trend.level - trend.slope, 0.0)
        n = n + known.sum(1)
        logs = logs + np.log(spread).sum(1)
        squares = squares + (wrong**2 / spread).sum(1)
        trend = next_trend(trend, value, variance)
    return np.asarray(-0.5 * (n * np.log(np.maximum(squares, 1e-300)) + logs))


def posterior(log_likelihood: Floats, n_rounds: int = 50) -> Floats:
    """Return weights (candidates, units) by Bayes' rule, the prior being their mean over units.

    Example:
        >>> posterior(np.log([[0.9, 0.4], [0.1, 0.6]]), n_rounds=1).round(2).tolist()
        [[0.9, 0.4], [0.1, 0.6]]
    """
    likelihood = np.exp(log_likelihood - log_likelihood.max(0))
    prior = np.full((len(likelihood), 1), 1 / len(likelihood))
    for _ in range(n_rounds):
        weights = prior * likelihood
        weights /= weights.sum(0)
        prior = weights.mean(1, keepdims=True)
    return weights


def _start(value: Floats, variance: Floats, step: Floats, slope: Floats) -> Trend:
    known = np.isfinite(variance)
    zero = np.zeros(np.broadcast_shapes(value.shape, step.shape))
    return Trend(
        zero + value,
        zero,
        zero + np.where(known, variance, _UNKNOWN),
        zero,
        zero + slope,
        step,
    )
