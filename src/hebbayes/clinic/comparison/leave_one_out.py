"""How well a model predicts a choice that it was not fitted to, from one set of posterior draws.

Leaving out one choice changes the posterior by importance weights 1 / p(choice).  Their largest are
replaced by quantiles of a generalised Pareto distribution (PSIS-LOO: Vehtari, Gelman & Gabry, Stat.
Comput. 27:1413, 2017), which is fitted as Zhang & Stephens (Technometrics 51:316, 2009) do.  The
choice that is left out is still learnt from, as its outcome is known to whoever predicts the next.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp

Floats = NDArray[np.float64]

RELIABLE = 0.7
"""Shape of the Pareto distribution above which a choice's estimate is not reliable."""

_LEAST_TAIL = 5
_PRIOR_SHAPE, _PRIOR_WORTH = 0.5, 10.0  # of the shape, and exceedances that this prior is worth
_QUARTILE_FACTOR = 3.0  # of Zhang & Stephens's prior


@dataclass(frozen=True, eq=False)
class LeaveOneOut:
    """Log probability of each choice given the others.

    Attributes:
        log_density: (choices,), nats.
        shape: Of the Pareto distribution of each choice's weights, (choices,).
    """

    log_density: Floats
    shape: Floats

    @property
    def nats_per_choice(self) -> float:
        """Mean log probability; NaN without choices."""
        return float(self.log_density.mean()) if self.log_density.size else float("nan")

    @property
    def unreliable(self) -> float:
        """Share of choices whose estimate is not reliable."""
        return float((self.shape > RELIABLE).mean()) if self.shape.size else 0.0


def leave_one_out(pointwise: Floats, log_weight: Floats) -> LeaveOneOut:
    """Return the log probability of each choice from draws of the posterior of all choices.

    ``pointwise`` (draws, choices) are log probabilities, ``log_weight`` (draws,) importance weights
    of the draws, up to a constant.

    Example:
        >>> same = leave_one_out(np.full((100, 2), -0.5), np.zeros(100))
        >>> same.log_density.round(6).tolist()
        [-0.5, -0.5]
    """
    smoothed, shape = smooth(log_weight[:, None] - pointwise)
    return LeaveOneOut(logsumexp(smoothed + pointwise, axis=0), shape)


def smooth(log_ratio: Floats) -> tuple[Floats, Floats]:
    """Return normalised log weights (draws, columns) with smooth tails, and shapes (columns,).

    A column whose tail cannot be fitted is left as it is, with shape infinity; one that is constant
    has shape minus infinity.

    Example:
        >>> weights, shape = smooth(np.random.default_rng(0).exponential(0.2, (1000, 1)))
        >>> bool(0.0 < shape[0] < 0.4)
        True
    """
    n, n_columns = log_ratio.shape
    log_ratio = log_ratio - log_ratio.max(0)
    n_tail = int(min(0.2 * n, 3 * np.sqrt(n)))
    if n_tail < _LEAST_TAIL or n_columns == 0:
        return log_ratio - logsumexp(log_ratio, axis=0), np.full(n_columns, np.inf)
    order = np.argsort(log_ratio, axis=0)
    tail = order[-n_tail:]
    least = np.take_along_axis(log_ratio, order[-n_tail - 1][None], 0)
    exceedance = np.exp(np.take_along_axis(log_ratio, tail, 0)) - np.exp(least)
    varies = np.ptp(log_ratio, axis=0) > 1e-12
    fits = varies & (exceedance[0] > 0)
    shape = np.where(varies, np.inf, -np.inf)
    if fits.any():
        shape[fits], scale = pareto_fit(exceedance[:, fits])
        quantiles = _pareto_quantiles(n_tail, shape[fits], scale) + np.exp(least[:, fits])
        column = np.flatnonzero(fits)
        log_ratio[tail[:, fits], column] = np.minimum(np.log(quantiles), 0.0)
    return log_ratio - logsumexp(log_ratio, axis=0), shape


def pareto_fit(exceedance: Floats) -> tuple[Floats, Floats]:
    """Return shape and scale (columns,) of exceedances (values, columns), sorted and above 0.

    The shape is drawn to 1/2, as ten more values would.

    Example:
        >>> values = np.sort(np.random.default_rng(0).pareto(2.0, (5000, 1)), axis=0)
        >>> shape, scale = pareto_fit(values)
        >>> shape.round(1).tolist()
        [0.5]
    """
    n = len(exceedance)
    n_points = 30 + int(np.sqrt(n))
    at = 1 - np.sqrt(n_points / (np.arange(1, n_points + 1) - 0.5))
    quartile = exceedance[int(n / 4 + 0.5) - 1]
    theta = at[:, None] / (_QUARTILE_FACTOR * quartile) + 1 / exceedance[-1]
    k = np.array([np.log1p(-one * exceedance).mean(0) for one in theta])  # stays in the cache
    profile = n * (np.log(-theta / k) - k - 1)
    weight = np.exp(profile - logsumexp(profile, axis=0))
    best = (weight * theta).sum(0)
    shape = np.log1p(-best * exceedance).mean(0)
    scale = -shape / best
    return (n * shape + _PRIOR_WORTH * _PRIOR_SHAPE) / (n + _PRIOR_WORTH), scale


def _pareto_quantiles(n: int, shape: Floats, scale: Floats) -> Floats:
    p = (np.arange(n) + 0.5)[:, None] / n
    return np.asarray(scale * np.expm1(-shape * np.log1p(-p)) / shape)
