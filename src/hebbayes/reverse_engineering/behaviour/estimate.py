"""A value with its interval, and the block bootstrap that gives one where no closed form does.

Intervals are at 95 %.  The bootstrap resamples neighbouring trials together and moves a fitted
coefficient by one Newton step per resample: exact to first order, and no refit.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

CONFIDENCE = 0.95
LOG_LIKELIHOOD_DROP = 1.920729410347062  # half the 95 % point of chi square, one degree
_NORMAL = 1.959963984540054


@dataclass(frozen=True, eq=False)
class Estimate:
    """A number or an array of them, with the ends of its 95 % interval, alike in shape.

    NaN where something could not be told, infinite where it has no bound.
    """

    value: Any
    low: Any
    high: Any


def normal_estimate(value: Floats, error: Floats) -> Estimate:
    """Return ``value`` with 1.96 standard errors on both sides.

    Example:
        >>> normal_estimate(np.array([1.0]), np.array([0.1])).high.round(3).tolist()
        [1.196]
    """
    return Estimate(value, value - _NORMAL * error, value + _NORMAL * error)


def blocks_of(session_index: NDArray[np.int64], length: int) -> NDArray[np.int64]:
    """Return the block of each trial: runs of about ``length`` trials that never cross sessions.

    Example:
        >>> blocks_of(np.array([0, 0, 0, 0, 1, 1]), 2).tolist()
        [0, 0, 1, 1, 2, 2]
    """
    starts = np.flatnonzero(np.diff(session_index, prepend=-1))
    trial = np.arange(session_index.size) - starts[np.searchsorted(starts, np.arange(
        session_index.size), side="right") - 1]  # fmt: skip
    label = session_index * (session_index.size + 1) + trial // length
    return np.unique(label, return_inverse=True)[1]


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
    n_blocks = int(block.max()) + 1
    totals = np.zeros((n_blocks, scores.shape[1]))
    np.add.at(totals, block, scores)
    drawn = rng.poisson(1.0, (n_resamples, n_blocks))  # how often each block is drawn
    return np.asarray(np.linalg.solve(information, ((drawn - 1) @ totals).T).T)


def resampled_estimate(value: Floats, steps: Floats) -> Estimate:
    """Return ``value`` with the middle 95 % of ``value + steps``, resamples first.

    Example:
        >>> resampled_estimate(np.array(2.0), np.linspace(-1, 1, 101)).low.round(6)
        np.float64(1.05)
    """
    tail = (1 - CONFIDENCE) / 2
    low, high = np.quantile(steps, [tail, 1 - tail], axis=0)
    return Estimate(value, value + low, value + high)
