"""Stimulus channels from columns of any kind, by codings that have names.

``binary``: one channel, 1 where the value is not 0, or where it is the larger of two.  ``onehot``:
one channel per value.  ``graded``: one channel from 0 to 1, the largest value.  ``signed``: one
channel per sign, from 0 to 1, the largest absolute value.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from hebbayes.core.errors import FormatError
from hebbayes.data.columns.values import as_text

Floats = NDArray[np.float64]
Channels = dict[str, Floats]

MOST_CATEGORIES = 32
"""Categories of a column that is one-hot without being asked for."""


def coded_stimuli(
    columns: Mapping[str, NDArray], codings: Mapping[str, str], place: str
) -> tuple[Floats, list[str], list[str]]:
    """Return stimuli (trials, channels), the names of channels, and notes on what was coded how.

    Columns of 0 and 1 are channels as they are.  Text is one-hot.  Numbers of two other values are
    binary.  Raises `FormatError`, with the flag to pass, for other numbers without a coding.

    Example:
        >>> columns = {"cue": np.array(["a", "b"]), "light": np.array([1, 0])}
        >>> stimuli, names, _ = coded_stimuli(columns, {}, "trials")
        >>> stimuli.tolist(), names
        ([[1.0, 0.0, 1.0], [0.0, 1.0, 0.0]], ['cue=a', 'cue=b', 'light'])
    """
    if absent := [name for name in codings if name not in columns]:
        raise FormatError(
            f"--coding names {absent[0]}, which is no stimulus column of {place}; the stimulus "
            f"columns are {', '.join(columns)}."
        )
    channels: Channels = {}
    notes: list[str] = []
    for name, values in columns.items():
        coding = codings.get(name) or _default(name, values, place)
        made = CODINGS[coding](name, values)
        channels |= made
        if list(made) != [name] or coding == "graded":
            notes.append(f"column {name} became {coding} channels: {_shown(list(made))}.")
    if not channels:
        raise FormatError(f"{place} has no stimulus columns; name them with --stimuli.")
    return np.stack(list(channels.values()), axis=1), list(channels), notes


def is_number(values: NDArray) -> bool:
    """Return whether a column holds numbers or truth values.

    Example:
        >>> is_number(np.array([1.0])), is_number(np.array(["a"]))
        (True, False)
    """
    return values.dtype.kind in "buif"


def _default(name: str, values: NDArray, place: str) -> str:
    if not is_number(values):
        n_kinds = len(set(values.tolist()))
        if n_kinds <= MOST_CATEGORIES:
            return "onehot"
        raise FormatError(
            f"{place}, column {name}, holds {n_kinds} different texts; pass --coding "
            f"{name}=onehot if each is a stimulus of its own, or choose another column."
        )
    known = np.unique(values[np.isfinite(values)])
    if len(known) <= 2:
        return "binary"
    raise FormatError(
        f"{place}, column {name}, holds {len(known)} different numbers; pass --coding "
        f"{name}=onehot (a channel per number), {name}=graded (strength from 0 to 1), "
        f"{name}=signed (a channel per sign) or {name}=binary (not 0)."
    )


def _binary(name: str, values: NDArray) -> Channels:
    number = _numbers(name, values)
    known = np.unique(number[np.isfinite(number)])
    if len(known) == 2 and 0 not in known:
        return {name: (number == known[1]).astype(float)}
    return {name: (np.nan_to_num(number) != 0).astype(float)}


def _onehot(name: str, values: NDArray) -> Channels:
    texts = [as_text(value) for value in values.tolist()]
    kinds = {text for text in texts if text}
    if is_number(values):
        ordered = sorted(kinds, key=float)
    else:
        ordered = sorted(kinds)
    of = np.array(texts)
    return {f"{name}={kind}": (of == kind).astype(float) for kind in ordered}


def _graded(name: str, values: NDArray) -> Channels:
    """One channel; an empty cell is no stimulus."""
    number = np.nan_to_num(_numbers(name, values))
    if (number < 0).any():
        raise FormatError(
            f"column {name} has negative values; pass --coding {name}=signed, one channel per sign."
        )
    return {name: number / _largest(number)}


def _signed(name: str, values: NDArray) -> Channels:
    number = np.nan_to_num(_numbers(name, values))
    scale = _largest(number)
    return {f"{name}-": np.maximum(-number, 0) / scale, f"{name}+": np.maximum(number, 0) / scale}


def _largest(number: Floats) -> float:
    return float(np.abs(number).max(initial=0.0)) or 1.0


def _numbers(name: str, values: NDArray) -> Floats:
    if not is_number(values):
        raise FormatError(
            f"column {name} holds text such as {as_text(values[0])!r}; wanted numbers: pass "
            f"--coding {name}=onehot."
        )
    number = values.astype(float)
    if np.isinf(number).any():
        raise FormatError(f"column {name} must be finite; got {number[np.isinf(number)][0]}.")
    return number


def _shown(names: list[str]) -> str:
    return ", ".join(names[:6]) + (f", ... ({len(names)})" if len(names) > 6 else "")


CODINGS: Mapping[str, Callable[[str, NDArray], Channels]] = {
    "binary": _binary,
    "onehot": _onehot,
    "graded": _graded,
    "signed": _signed,
}
"""Codings by name."""
