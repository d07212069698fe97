"""Input checks at the edges, for data, configs and arguments.  Plain NumPy.

Shapes are checked under ``jit`` too.  Values are checked on concrete arrays only: an array that JAX
traces has none yet.
"""

import sys
from collections.abc import Callable, Sequence
from types import EllipsisType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hebbayes.core.errors import ShapeError, ValueRangeError


def _place(array: NDArray[Any], wrong: NDArray[np.bool_]) -> str:
    index = np.unravel_index(int(np.argmax(wrong)), array.shape)
    return f"{array[index]} at index {tuple(int(i) for i in index)}" if index else f"{array}"


def _check_values(
    name: str, array: Any, is_right: Callable[[NDArray[Any]], NDArray[np.bool_]], wanted: str
) -> None:
    if is_traced(array):
        return
    values = np.asarray(array)
    wrong = ~is_right(values)
    if wrong.any():
        raise ValueRangeError(f"{name} {wanted}; got {_place(values, wrong)}.")


def is_traced(array: Any) -> bool:
    """Return True for an array that JAX traces, under ``jit``, ``vmap`` or ``grad``.

    Example:
        >>> is_traced(np.zeros(3))
        False
    """
    jax = sys.modules.get("jax")  # only JAX makes tracers: without it there are none
    return jax is not None and isinstance(array, jax.core.Tracer)


def check_shape(name: str, array: Any, shape: Sequence[int | str | EllipsisType | None]) -> None:
    """Raise `ShapeError` unless ``array`` has ``shape``.

    ``None`` or a name matches any size, a leading ``...`` any number of axes.

    Example:
        >>> check_shape("stimuli", np.zeros((4, 31)), (None, 32))
        Traceback (most recent call last):
            ...
        hebbayes.core.errors.ShapeError: stimuli has shape (4, 31); wanted (any, 32).
    """
    got = np.shape(array)
    is_open = bool(shape) and shape[0] is ...
    sizes = shape[1:] if is_open else shape
    compared = got[len(got) - len(sizes) :] if is_open and len(got) >= len(sizes) else got
    fits = len(compared) == len(sizes) and all(
        w is None or isinstance(w, str) or w == g for w, g in zip(sizes, compared)
    )
    if not fits:
        wanted = ", ".join("any" if w is None else "..." if w is ... else str(w) for w in shape)
        raise ShapeError(f"{name} has shape {got}; wanted ({wanted}).")


def check_finite(name: str, array: Any) -> None:
    """Raise `ValueRangeError` with the place of the first NaN or infinity of ``array``.

    Example:
        >>> check_finite("risk", [0.1, float("nan")])
        Traceback (most recent call last):
            ...
        hebbayes.core.errors.ValueRangeError: risk must be finite; got nan at index (1,).
    """
    _check_values(name, array, np.isfinite, "must be finite")


def check_defined(name: str, array: Any, reason: str) -> None:
    """Raise `ValueRangeError` with the place of the first NaN of ``array``, and the ``reason``.

    Example:
        >>> check_defined("beliefs", [0.1, float("nan")], "the data exclude every state there")
        Traceback (most recent call last):
            ...
        hebbayes.core.errors.ValueRangeError: beliefs must be numbers (the data exclude every state
        there); got nan at index (1,).
    """
    _check_values(name, array, lambda v: ~np.isnan(v), f"must be numbers ({reason})")


def check_between(name: str, array: Any, low: float, high: float) -> None:
    """Raise `ValueRangeError` unless every entry of ``array`` lies in [low, high].

    Example:
        >>> check_between("d1", 1.5, 0.0, 1.0)
        Traceback (most recent call last):
            ...
        hebbayes.core.errors.ValueRangeError: d1 must lie between 0.0 and 1.0; got 1.5.
    """
    wanted = f"must lie between {low} and {high}"
    _check_values(name, array, lambda v: (v >= low) & (v <= high), wanted)


def check_binary(name: str, array: Any) -> None:
    """Raise `ValueRangeError` unless every entry of ``array`` is 0 or 1.

    Example:
        >>> check_binary("stimuli", [0, 1, 2])
        Traceback (most recent call last):
            ...
        hebbayes.core.errors.ValueRangeError: stimuli must hold only 0 and 1; got 2 at index (2,).
    """
    _check_values(name, array, lambda v: (v == 0) | (v == 1), "must hold only 0 and 1")


def check_seed(seed: int) -> None:
    """Raise `ValueRangeError` unless ``seed`` lies between 0 and 2^63 - 1.

    Example:
        >>> check_seed(2**64)
        Traceback (most recent call last):
            ...
        hebbayes.core.errors.ValueRangeError: --seed must be at most 9223372036854775807; got
        18446744073709551616.
    """
    check_at_least("--seed", seed, 0)
    if seed >= 2**63:
        raise ValueRangeError(f"--seed must be at most {2**63 - 1}; got {seed}.")


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
