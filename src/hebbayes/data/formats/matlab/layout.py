"""The layout of culture recordings in MATLAB files: one struct per culture.

A struct holds ``o`` (trials, channels), ``r`` (trials, units) and, if known, ``s`` (trials,
sources), time first.  Sessions have equal length and follow one another, unless the struct has a
field ``session``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import issparse

from hebbayes.core.errors import FormatError, ShapeError, ValueRangeError
from hebbayes.data.formats.fields import FIELDS, recording_of
from hebbayes.data.provenance import check_digest

if TYPE_CHECKING:
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
        load: Function that loads the entries.
    """

    fields: list[tuple[str, ...]]
    load: Callable[[], list[Struct]]


def recording_of_struct(
    struct: Struct, session_length: int, provenance: Mapping[str, Any]
) -> Recording:
    """Return the recording that one struct holds.  Raises `HebbayesError`.

    Example:
        >>> struct = {"o": np.eye(2), "r": np.ones((2, 3), int)}
        >>> recording_of_struct(struct, 1, {}).n_sessions
        2
    """
    if missing := [name for name in ("o", "r") if name not in struct]:
        held = f"it holds {', '.join(struct)}" if struct else "it is not a struct"
        raise FormatError(f"this culture lacks {', '.join(missing)}; {LAYOUT}; {held}.")
    parts = {name: _matrix(name, struct[name]) for name in NAMES if name in struct}
    n_trials = {name: len(values) for name, values in parts.items()}
    if len(set(n_trials.values())) > 1:
        lengths = ", ".join(f"{name} {n}" for name, n in n_trials.items())
        *names, last = n_trials
        raise ShapeError(
            f"{', '.join(names)} and {last} must have one row per trial; rows are "
            f"{lengths}; store them time first."
        )
    arrays = {NAMES[name]: values for name, values in parts.items()}
    arrays |= {name: _flat(name, struct[name]) for name in OTHER_FIELDS if name in struct}
    if "session" not in arrays:
        arrays["session"] = _equal_sessions(n_trials["r"], session_length)
    recording = recording_of(arrays, provenance)
    check_digest(recording, str(_flat("sha256", struct["sha256"])) if "sha256" in struct else None)
    return recording


def _equal_sessions(trials: int, session_length: int) -> NDArray[np.int64]:
    if trials % session_length:
        raise ShapeError(
            f"{trials} trials are not a whole number of sessions of {session_length}; "
            "give the number of trials per session (session_length)."
        )
    return np.arange(trials) // session_length


def _matrix(name: str, values: Any) -> NDArray[Any]:
    array = as_counts(values.toarray()) if issparse(values) else np.asarray(values)
    if array.dtype.kind not in "buif":
        raise FormatError(f"{name} must hold real numbers; got type {array.dtype}.")
    if array.ndim != 2 or array.size == 0:
        raise ShapeError(
            f"{name} has shape {array.shape}; wanted (trials, {_COLUMNS[name]}), time first."
        )
    if name != "r" and (wrong := (array != 0) & (array != 1)).any():
        trial, column = np.argwhere(wrong)[0]
        raise ValueRangeError(
            f"{name} must hold only 0 and 1; got {array[trial, column]} at trial {trial}, "
            f"column {column}."
        )
    return array


def _flat(name: str, values: Any) -> NDArray[Any]:
    """Return vectors (rows in MATLAB) and lists of names (cells in MATLAB) as flat arrays."""
    array = np.asarray(values)
    if name == "valid":
        return array
    array = array.ravel()
    if array.dtype.kind == "O":
        array = np.array([str(np.asarray(one).ravel()[0]) for one in array])
    return array[0] if array.dtype.kind == "U" and name in ("sha256", "provenance") else array


def as_counts(full: NDArray[Any]) -> NDArray[Any]:
    """Return whole numbers as integers: MATLAB keeps every sparse matrix as doubles.

    Example:
        >>> as_counts(np.array([[0.0, 2.0]])).dtype
        dtype('int64')
    """
    is_whole = full.dtype.kind == "f" and bool((full == np.rint(full)).all())
    return full.astype(np.int64) if is_whole else full
