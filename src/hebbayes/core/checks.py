"""Input checks at the edges, where data or a config enters.  Plain NumPy, never under ``jit``."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hebbayes.core.errors import ShapeError, ValueRangeError


def _place(array: NDArray[Any], wrong: NDArray[np.bool_]) -> str:
    index = np.unravel_index(int(np.argmax(wrong)), array.shape)
    return f"{array[index]} at index {tuple(int(i) for i in index)}" if index else f"{array}"


def check_shape(name: str, array: Any, shape: Sequence[int | None]) -> None:
    """Raise `ShapeError` unless ``array`` has ``shape``; ``None`` matches any size.

    Example:
        >>> check_shape("stimuli", np.zeros((4, 31)), (None, 32))
        Traceback (most recent call last):
            ...
        hebbayes.core.errors.ShapeError: stimuli has shape (4, 31); wanted (any, 32).
    """
    got = np.shape(array)
    fits = len(got) == len(shape) and all(w is None or w == g for w, g in zip(shape, got))
    if not fits:
        wanted = ", ".join("any" if w is None else str(w) for w in shape)
        raise ShapeError(f"{name} has shape {got}; wanted ({wanted}).")


def check_finite(name: str, array: Any) -> None:
    """Raise `ValueRangeError` with the place of the first NaN or infinity of ``array``.

    Example:
        >>> check_finite("risk", [0.1, float("nan")])
        Traceback (most recent call last):
            ...
        hebbayes.core.errors.ValueRangeError: risk must be finite; got nan at index (1,).
    """
    values = np.asarray(array)
    wrong = ~np.isfinite(values)
    if wrong.any():
        raise ValueRangeError(f"{name} must be finite; got {_place(values, wrong)}.")


def check_between(name: str, array: Any, low: float, high: float) -> None:
    """Raise `ValueRangeError` unless every entry of ``array`` lies in [low, high].

    Example:
        >>> check_between("d1", 1.5, 0.0, 1.0)
        Traceback (most recent call last):
            ...
        hebbayes.core.errors.ValueRangeError: d1 must lie between 0.0 and 1.0; got 1.5.
    """
    values = np.asarray(array)
    wrong = ~((values >= low) & (values <= high))
    if wrong.any():
        raise ValueRangeError(
            f"{name} must lie between {low} and {high}; got {_place(values, wrong)}."
        )


def check_binary(name: str, array: Any) -> None:
    """Raise `ValueRangeError` unless every entry of ``array`` is 0 or 1.

    Example:
        >>> check_binary("stimuli", [0, 1, 2])
        Traceback (most recent call last):
            ...
        hebbayes.core.errors.ValueRangeError: stimuli must hold only 0 and 1; got 2 at index (2,).
    """
    values = np.asarray(array)
    wrong = ~((values == 0) | (values == 1))
    if wrong.any():
        raise ValueRangeError(f"{name} must hold only 0 and 1; got {_place(values, wrong)}.")


def check_at_least(name: str, value: float, low: float) -> None:
    """Raise `ValueRangeError` unless the number ``value`` is at least ``low``.

    Example:
        >>> check_at_least("mazes", 0, 1)
        Traceback (most recent call last):
            ...
        hebbayes.core.errors.ValueRangeError: mazes must be at least 1; got 0.
    """
    if not value >= low:
        raise ValueRangeError(f"{name} must be at least {low}; got {value}.")
