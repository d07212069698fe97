"""Spans of observed or blanked time, and the windows inside or across them."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hebbayes.core.errors import ShapeError, ValueRangeError

Floats = NDArray[np.float64]

_EDGE_S = 1e-9  # tolerance for the rounding of onset + edge


def merged(spans: ArrayLike, name: str = "spans") -> Floats:
    """Return spans (n, 2) in order; spans that meet or overlap become one.

    Raises `ShapeError` or `ValueRangeError` unless each is (start, stop).

    Example:
        >>> merged([[3, 4], [0, 1], [1, 2]]).tolist()
        [[0.0, 2.0], [3.0, 4.0]]
    """
    given = np.asarray(spans, np.float64)
    if given.size == 0:
        return np.zeros((0, 2))
    if given.ndim != 2 or given.shape[1] != 2:
        raise ShapeError(f"{name} have shape {given.shape}; wanted (spans, 2): start, stop.")
    if (wrong := ~(given[:, 0] <= given[:, 1])).any():
        raise ValueRangeError(
            f"{name} must be (start, stop), start first; got {given[wrong][0].tolist()} at span "
            f"{int(wrong.argmax())}."
        )
    given = given[np.argsort(given[:, 0], kind="stable")]
    reach = np.maximum.accumulate(given[:, 1])
    begins = np.append(True, given[1:, 0] > reach[:-1] + _EDGE_S)
    ends = np.append(begins[1:], True)
    return np.stack([given[begins, 0], reach[ends]], axis=1)


def covers(spans: Floats, starts: Floats, stops: Floats) -> NDArray[np.bool_]:
    """Return which windows lie entirely within one of the merged spans.

    Example:
        >>> covers(merged([[0, 2]]), np.array([0.0, 1.5]), np.array([1.0, 2.5])).tolist()
        [True, False]
    """
    if not len(spans):
        return np.zeros(len(starts), bool)
    before = np.searchsorted(spans[:, 0], starts + _EDGE_S, side="right") - 1
    return (before >= 0) & (spans[np.maximum(before, 0), 1] >= stops - _EDGE_S)


def overlaps(spans: Floats, starts: Floats, stops: Floats) -> NDArray[np.bool_]:
    """Return which windows overlap any of the merged spans.

    Example:
        >>> overlaps(merged([[1, 2]]), np.array([0.0, 1.5]), np.array([1.0, 2.5])).tolist()
        [False, True]
    """
    if not len(spans):
        return np.zeros(len(starts), bool)
    before = np.searchsorted(spans[:, 0], stops - _EDGE_S) - 1
    return (before >= 0) & (spans[np.maximum(before, 0), 1] > starts + _EDGE_S)
