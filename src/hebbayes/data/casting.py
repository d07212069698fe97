"""Casts the arrays of a recording to the types it keeps; values that would change are refused.

Whole numbers are int64, wherever they come from: whole floats are accepted, integers that int64 or
a float cannot hold are refused.  Names are int64, float64 or text.  A mask holds true or false.
"""

from __future__ import annotations

import datetime
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hebbayes.core.errors import ValueRangeError

_LARGEST = 2**63 - 1
_EXACT = {2: 2**11, 4: 2**24, 8: 2**53}
"""Largest whole number below which floats of so many bytes hold every whole number."""


def real_numbers(name: str, values: Any) -> NDArray[Any]:
    """Return an array of real numbers as it is.  Raises `ValueRangeError` for other types.

    Example:
        >>> real_numbers("stimuli", ["a"])
        Traceback (most recent call last):
            ...
        hebbayes.core.errors.ValueRangeError: stimuli must hold real numbers; got type <U1.
    """
    _refuse_masked(name, values)
    array = np.asarray(values)
    if array.dtype.kind not in "buif":
        raise ValueRangeError(f"{name} must hold real numbers; got type {array.dtype}.")
    return array


def floats(name: str, values: Any) -> NDArray[np.float64]:
    """Return real numbers as float64.  Raises `ValueRangeError` for integers it would round.

    Example:
        >>> floats("stimuli", [2**53 + 1])
        Traceback (most recent call last):
            ...
        hebbayes.core.errors.ValueRangeError: stimuli must be numbers that float64 holds exactly;
        got 9007199254740993 at index 0.
    """
    array = real_numbers(name, values)
    cast = array.astype(np.float64, copy=False)
    if array.dtype.kind in "ui" and array.dtype.itemsize == 8:
        limit = array.dtype.type(_EXACT[8])
        wrong = array > limit if array.dtype.kind == "u" else (array > limit) | (array < -limit)
        _refuse(name, "be numbers that float64 holds exactly", array, wrong)
    return cast


def whole_numbers(name: str, values: Any, *, missing: int | None = None) -> NDArray[np.int64]:
    """Return whole numbers as int64; NaN becomes ``missing`` if that is given.

    Raises `ValueRangeError`, with the value and its place, for fractions, infinities and numbers
    that int64 or their own type does not hold exactly.

    Example:
        >>> whole_numbers("decisions", [1.0, np.nan], missing=-1).tolist()
        [1, -1]
        >>> whole_numbers("session", [0.0, 0.5])
        Traceback (most recent call last):
            ...
        hebbayes.core.errors.ValueRangeError: session must hold whole numbers; got 0.5 at index 1.
    """
    array = real_numbers(name, values)
    if array.dtype.kind == "f":
        is_known = ~np.isnan(array) if missing is not None else np.ones(array.shape, bool)
        with np.errstate(invalid="ignore"):
            fractions = is_known & ~(array == np.rint(array))
            inexact = is_known & ~(np.abs(array) <= _EXACT.get(array.dtype.itemsize, 2**53))
        _refuse(name, "hold whole numbers", array, fractions)
        _refuse(name, f"hold whole numbers that {array.dtype} holds exactly", array, inexact)
        return np.where(is_known, array, missing or 0).astype(np.int64)
    if array.dtype.kind == "u":
        _refuse(name, f"be at most {_LARGEST}", array, array.astype(np.uint64) > _LARGEST)
    return array.astype(np.int64, copy=False)


def holds_whole_numbers(array: NDArray[Any]) -> bool:
    """Return whether all numbers are whole, and small enough to be exact in float64.

    Example:
        >>> holds_whole_numbers(np.array([2.0])), holds_whole_numbers(np.array([2e19]))
        (True, False)
    """
    return bool(((array == np.rint(array)) & (np.abs(array) <= _EXACT[8])).all())


def counts_or_rates(name: str, values: Any) -> NDArray[np.float64] | NDArray[np.int64]:
    """Return integers as int64 and other real numbers as float64.

    Example:
        >>> counts_or_rates("responses", np.array([1, 2], np.uint8)).dtype
        dtype('int64')
    """
    array = real_numbers(name, values)
    return floats(name, array) if array.dtype.kind == "f" else whole_numbers(name, array)


def mask(name: str, values: Any) -> NDArray[np.bool_]:
    """Return an array of truth values; numbers must be 0 or 1.

    Raises `ValueRangeError`, with the value and its place, for anything else, NaN among it.

    Example:
        >>> mask("valid", [1.0, 0.0]).tolist()
        [True, False]
        >>> mask("valid", ["1", "0"])
        Traceback (most recent call last):
            ...
        hebbayes.core.errors.ValueRangeError: valid must hold true and false, or 1 and 0; got type
        <U1.
    """
    _refuse_masked(name, values)
    array = np.asarray(values)
    if array.dtype.kind not in "buif":
        raise ValueRangeError(
            f"{name} must hold true and false, or 1 and 0; got type {array.dtype}."
        )
    wrong = ~((array == 0) | (array == 1))
    _refuse(name, "hold true and false, or 1 and 0", array, wrong)
    return array.astype(bool, copy=False)


def names(name: str, values: ArrayLike) -> NDArray[Any]:
    """Return names as int64, float64 or text, whatever type they come in.

    Bytes are decoded, dates become ISO text.  Raises `ValueRangeError` for names of mixed or other
    types, missing ones, and numbers that int64 does not hold.

    Example:
        >>> names("unit_ids", np.array([3, 4], "uint8")).dtype
        dtype('int64')
        >>> names("unit_ids", np.array(["a", "b"], object)).dtype
        dtype('<U1')
    """
    _refuse_masked(name, values)
    array = np.asarray(values)
    if array.dtype.kind in "bui":
        return whole_numbers(name, array)
    if array.dtype.kind == "f":
        _refuse(name, "be finite", array, ~np.isfinite(array))
        return array.astype(np.float64)
    if array.dtype.kind == "M":
        _refuse(name, "be dates", array, np.isnat(array))
        array = array.astype(str)
    if array.dtype.kind not in "USOT":
        raise ValueRangeError(f"{name} must be whole numbers, decimals or text; got {array.dtype}.")
    plain = [_plain_name(name, one) for one in array.ravel().tolist()]
    kinds = {type(one) for one in plain}
    if kinds <= {int}:
        return np.array(plain, np.int64).reshape(array.shape)
    if kinds <= {int, float}:
        return names(name, np.array(plain, np.float64).reshape(array.shape))
    if kinds != {str}:
        raise ValueRangeError(
            f"{name} must be all numbers or all text; got {plain[0]!r} and "
            f"{next(one for one in plain if type(one) is not type(plain[0]))!r}."
        )
    return np.array(plain, np.str_).reshape(array.shape)


def _plain_name(name: str, one: Any) -> int | float | str:
    """Return one name as a whole number, a decimal or text."""
    if isinstance(one, np.generic):
        one = one.item()
    if isinstance(one, bytes):
        try:
            one = one.decode("utf-8")
        except UnicodeDecodeError as error:
            raise ValueRangeError(f"{name} must be UTF-8 text; got {one!r}.") from error
    if isinstance(one, (datetime.date, datetime.time)):
        one = one.isoformat()
    if isinstance(one, int):
        if not -_LARGEST - 1 <= one <= _LARGEST:
            raise ValueRangeError(
                f"{name} must be whole numbers from -2^63 to 2^63 - 1, or text; got "
                f"{_shortened(one)}."
            )
        return int(one)
    if isinstance(one, str) and (not one.isascii() or "\0" in one):
        try:
            one.encode("utf-8")
        except UnicodeEncodeError as error:
            raise ValueRangeError(f"{name} must be valid Unicode text; got {one!r}.") from error
        if "\0" in one:
            raise ValueRangeError(f"{name} must not hold the NUL character; got {one!r}.")
    if not isinstance(one, (float, str)):
        raise ValueRangeError(
            f"{name} must be whole numbers, decimals or text; got {type(one).__name__}."
        )
    return one


def _shortened(number: int) -> str:
    return str(number) if abs(number) < 10**30 else f"a number of {number.bit_length()} bits"


def _refuse_masked(name: str, values: Any) -> None:
    if np.ma.isMaskedArray(values) and np.ma.getmaskarray(values).any():
        place = _place(np.ma.getmaskarray(values))
        raise ValueRangeError(
            f"{name} must not hold masked entries; entry {place} is masked; only responses may be "
            "unobserved."
        )


def _refuse(name: str, wanted: str, array: NDArray[Any], wrong: NDArray[np.bool_]) -> None:
    if wrong.any():
        place = np.unravel_index(int(wrong.argmax()), array.shape)
        raise ValueRangeError(f"{name} must {wanted}; got {array[place]} at index {_place(wrong)}.")


def _place(wrong: NDArray[np.bool_]) -> str:
    index = [int(i) for i in np.unravel_index(int(wrong.argmax()), wrong.shape)]
    return str(index[0]) if len(index) == 1 else str(tuple(index))
