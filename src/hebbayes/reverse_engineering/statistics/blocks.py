"""Blocks of neighbouring trials: what is resampled or summed together, never across sessions."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]


def blocks(session_index: Indices, length: int) -> Indices:
    """Return the block of every trial: ``length`` neighbours, never across sessions.

    Sessions stand in order; some may be missing.

    Example:
        >>> blocks(np.array([0, 0, 0, 1, 1]), 2).tolist()
        [0, 0, 1, 2, 2]
    """
    starts = np.searchsorted(session_index, session_index)
    place = (np.arange(len(session_index)) - starts) // length
    label = session_index * len(place) + place
    return np.cumsum(np.diff(label, prepend=label[:1]) != 0)


def block_sums(values: Floats, block: Indices) -> Floats:
    """Return the sum of ``values`` (trials, ...) over each block.

    Example:
        >>> block_sums(np.array([[1.0], [2.0], [4.0]]), np.array([0, 0, 1])).ravel().tolist()
        [3.0, 4.0]
    """
    return np.add.reduceat(values, np.flatnonzero(np.diff(block, prepend=-1)), axis=0)
