"""The block bootstrap of fitted coefficients, for intervals where no closed form gives one.

Neighbouring trials are resampled together and a fitted coefficient moves by one Newton step per
resample: exact to first order, and no refit.
"""

import numpy as np
from numpy.typing import NDArray

from hebbayes.reverse_engineering.statistics.blocks import block_sums
from hebbayes.reverse_engineering.statistics.estimate import LEVEL, Estimate

Floats = NDArray[np.float64]


def bootstrap_steps(
    scores: Floats,
    information: Floats,
    block: NDArray[np.int64],
    *,
    rng: np.random.Generator,
    n_resamples: int = 1000,
) -> Floats:
    """Return how coefficients move when blocks of trials are resampled, (resamples, coefficients).

    ``scores`` (trials, coefficients) are the gradients of each trial's log likelihood at the fit,
    ``information`` minus the second derivative of their sum.

    Example:
        >>> scores = np.random.default_rng(1).normal(size=(400, 1))
        >>> steps = bootstrap_steps(scores, np.array([[400.0]]), np.arange(400),
        ...                         rng=np.random.default_rng(0))
        >>> bool(abs(steps.std() - 0.05) < 0.005)
        True
    """
    totals = block_sums(scores, block)
    drawn = rng.poisson(1.0, (n_resamples, len(totals)))  # how often each block is drawn
    return np.asarray(np.linalg.solve(information, ((drawn - 1) @ totals).T).T)


def resampled_estimate(value: Floats, steps: Floats) -> Estimate:
    """Return ``value`` with the middle 95 % of ``value + steps``, resamples first.

    Example:
        >>> resampled_estimate(np.array(2.0), np.linspace(-1, 1, 101)).low.round(6)
        np.float64(1.05)
    """
    tail = (1 - LEVEL) / 2
    low, high = np.quantile(steps, [tail, 1 - tail], axis=0)
    return Estimate(value, value + low, value + high)
