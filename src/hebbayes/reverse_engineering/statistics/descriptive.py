"""Means by state and shares of choices with intervals, for tables and figures of raw data."""

import numpy as np
from numpy.typing import NDArray

from hebbayes.reverse_engineering.statistics.estimate import STANDARD_ERRORS, Estimate

Floats = NDArray[np.float64]


def mean_by_state(values: Floats, is_on: NDArray[np.bool_], block: NDArray[np.int64]) -> Estimate:
    """Return the mean of ``values`` (trials,) in each block while a state is off and on.

    (blocks, 2), with normal 95 % intervals; NaN for a state that a block lacks.  Trials with NaN
    are left out.

    Example:
        >>> values, on = np.array([1.0, 1.0, 3.0, 3.0]), np.array([False, False, True, True])
        >>> mean_by_state(values, on, np.zeros(4, int)).value.tolist()
        [[1.0, 3.0]]
    """
    known = np.isfinite(values)
    place = 2 * block[known] + is_on[known]
    size = 2 * (int(block.max()) + 1)
    n = np.bincount(place, minlength=size).astype(float)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.bincount(place, values[known], minlength=size) / n
        square = np.bincount(place, (values[known] - mean[place]) ** 2, minlength=size)
        half = STANDARD_ERRORS * np.sqrt(square / (n - 1) / n)
    shape = (size // 2, 2)
    return Estimate(*(end.reshape(shape) for end in (mean, mean - half, mean + half)))


def share_estimate(n_of: NDArray, n_all: NDArray) -> Estimate:
    """Return shares with Wilson's 95 % intervals; NaN where there is nothing.

    Example:
        >>> one = share_estimate(np.array([5]), np.array([10]))
        >>> one.value.tolist(), one.low.round(3).tolist(), one.high.round(3).tolist()
        ([0.5], [0.237], [0.763])
    """
    n = np.where(np.asarray(n_all) > 0, n_all, np.nan).astype(float)
    share, z = n_of / n, STANDARD_ERRORS
    centre = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2)) / (1 + z**2 / n)
    return Estimate(share, centre - half, centre + half)


def blocks_of_trials(session_index: NDArray[np.int64], most: int = 30) -> NDArray[np.int64]:
    """Return a block number for every trial: its session, or a part of it if sessions are few.

    With fewer than five sessions, each is split into parts of at least 10 trials, some ten in all.

    Example:
        >>> np.bincount(blocks_of_trials(np.zeros(40, int))).tolist()
        [10, 10, 10, 10]
    """
    sizes = np.bincount(session_index)
    if len(sizes) >= 5:
        step = -(-len(sizes) // most)
        return np.asarray(session_index // step)
    parts = -(-10 // len(sizes))
    block, start = np.empty(len(session_index), np.int64), 0
    for k, size in enumerate(sizes):
        n = int(np.clip(size // 10, 1, parts))
        block[session_index == k] = start + np.arange(size) * n // size
        start += n
    return block
