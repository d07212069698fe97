"""The layout of culture recordings in MATLAB files: one struct per culture.

A struct holds ``o`` (trials, channels), ``r`` (trials, units) and, if known, ``s`` (trials,
sources), time first.  Sessions have equal length and follow one another, unless the struct has a
field ``session``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import issparse

from hebbayes.core.errors import FormatError, ShapeError, ValueRangeError, shown_names
from hebbayes.data.casting import holds_whole_numbers
from hebbayes.data.formats.fields import FIELDS, recording_of
from hebbayes.data.provenance import check_digest, is_digest, notes

if TYPE_CHECKING:
    from hebbayes.data.limits import MemoryBudget
    from hebbayes.data.recording import Recording

Struct = Mapping[str, Any]

LAYOUT = "wanted a cell of structs with the fields o, r and, if known, s"
NAMES = {"s": "sources", "o": "stimuli", "r": "responses"}
"""Field of `Recording` that each letter of the layout stands for."""

OTHER_FIELDS = tuple(name for name in FIELDS if name not in NAMES.values())

_COLUMNS = {"s": "sources", "o": "channels", "r": "units"}


@dataclass(frozen=True)
class Variable:
    """One variable of a file.

    Attributes:
        fields: Field names of each entry; none for an entry that is not a struct.
        loaders: Function that loads each entry.
    """

    fields: Sequence[tuple[str, ...]]
    loaders: Sequence[Callable[[], Struct]]


def recording_of_struct(
    struct: Struct, session_length: int, provenance: Mapping[str, Any], budget: MemoryBudget
) -> Recording:
    """Return the recording that one struct holds.  Raises `HebbayesError`.

    Example:
        >>> from hebbayes.data.limits import MemoryBudget
        >>> struct = {"o": np.eye(2), "r": np.ones((2, 3), int)}
        >>> recording_of_struct(struct, 1, {}, MemoryBudget("a.mat", 1000)).n_sessions
        2
    """
    if missing := [name for name in ("o", "r") if name not in struct]:
        held = f"it holds {shown_names(struct)}" if struct else "it is not a struct"
        raise FormatError(f"this culture lacks {', '.join(missing)}; {LAYOUT}; {held}.")
    n_trials = {name: _n_rows(name, struct[name]) for name in NAMES if name in struct}
    if len(set(n_trials.values())) > 1:
        lengths = ", ".join(f"{name} {n}" for name, n in n_trials.items())
        *names, last = n_trials
        raise ShapeError(
            f"{shown_names(names)} and {last} must have one row per trial; rows are "
            f"{lengths}; store them time first."
        )
    arrays = {NAMES[name]: _matrix(name, struct[name], budget) for name in n_trials}
    arrays |= {name: _flat(name, struct[name]) for name in OTHER_FIELDS if name in struct}
    if "session" not in arrays:
        arrays["session"] = _equal_sessions(n_trials["r"], session_length)
    if unused := [name for name in struct if name not in (*NAMES, *OTHER_FIELDS, "sha256")]:
        warning = f"the struct has fields that are not used: {shown_names(unused)}."
        provenance = {**provenance, **notes(warnings=[warning])}
    recording = recording_of(arrays, provenance)
    check_digest(recording, _written_digest(struct))
    return recording


def _written_digest(struct: Struct) -> str | None:
    """Return the digest in a struct that this package wrote.

    Raises `FormatError` for a digest under another name: damage must not switch the check off.
    """
    if "sha256" in struct:
        return str(_flat("sha256", struct["sha256"]))
    for name in set(struct) - {*NAMES, *OTHER_FIELDS}:
        values = np.asarray(struct[name])
        if values.dtype.kind == "U" and values.size == 1 and is_digest(str(values.ravel()[0])):
            raise FormatError(
                f"the field {name} holds a SHA-256; wanted it as sha256: the file is damaged."
            )
    return None


def _equal_sessions(trials: int, session_length: int) -> NDArray[np.int64]:
    if trials % session_length:
        raise ShapeError(
            f"{trials} trials are not a whole number of sessions of {session_length}; "
            "give the number of trials per session (session_length)."
        )
    return np.arange(trials) // session_length


def _n_rows(name: str, values: Any) -> int:
    """Return the number of trials that a matrix states, its type and shape checked."""
    if values.dtype.kind not in "buif":
        raise FormatError(f"{name} must hold real numbers; got type {values.dtype}.")
    if values.ndim != 2 or 0 in values.shape:
        raise ShapeError(
            f"{name} has shape {values.shape}; wanted (trials, {_COLUMNS[name]}), time first."
        )
    return int(values.shape[0])


def _matrix(name: str, values: Any, budget: MemoryBudget) -> NDArray[Any]:
    budget.take(values.shape, values.dtype.itemsize, name)
    array = as_counts(values.toarray()) if issparse(values) else np.asarray(values)
    if name != "r" and (wrong := (array != 0) & (array != 1)).any():
        trial, column = np.argwhere(wrong)[0]
        raise ValueRangeError(
            f"{name} must hold only 0 and 1; got {array[trial, column]} at trial {trial}, "
            f"column {column}."
        )
    return array


def _flat(name: str, values: Any) -> NDArray[Any]:
    """Return vectors (rows in MATLAB) and lists of names (cells in MATLAB) as flat arrays."""
    if issparse(values):
        raise FormatError(f"{name} is a sparse matrix; save it in full.")
    array = np.asarray(values)
    if name == "valid":
        return array
    array = array.ravel()
    if array.dtype.kind == "O":
        array = np.array([_text(name, one) for one in array])
    elif array.dtype.kind not in "buifcU":
        raise FormatError(
            f"{name} has type {array.dtype}; string arrays are not read: use a cell of char."
        )
    elif array.dtype.kind == "U":
        array = np.char.rstrip(array)  # rows of a char matrix are padded with blanks
    if name not in ("sha256", "provenance"):
        return array
    if array.dtype.kind != "U" or array.size != 1:
        raise FormatError(f"{name} must be one text; got {array.size} values of {array.dtype}.")
    return array[0]


def _text(name: str, entry: Any) -> str:
    """Return an entry of a cell, text or a number."""
    values = np.asarray(entry).ravel()
    if values.size != 1 or values.dtype.kind not in "Ubuif" or values[0] == "":
        held = "an empty entry" if values.size == 0 or values[0] == "" else repr(entry)[:60]
        raise FormatError(f"{name} must be a vector, or a cell of char without gaps; got {held}.")
    return str(values[0])


def as_counts(full: NDArray[Any]) -> NDArray[Any]:
    """Return whole numbers as integers: MATLAB keeps every sparse matrix as doubles.

    Example:
        >>> as_counts(np.array([[0.0, 2.0]])).dtype
        dtype('int64')
    """
    is_whole = full.dtype.kind == "f" and holds_whole_numbers(full)
    return full.astype(np.int64) if is_whole else full
