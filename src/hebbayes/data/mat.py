"""MATLAB v5 files in the layout of culture recordings.

A cell holds one struct per culture: ``s`` (trials, sources), ``o`` (trials, channels) and ``r``
(trials, units), time first, sessions of equal length one after the other.  Cultures are read
independently: a bad one becomes a named failure and the others stay.  MATLAB v7.3 (HDF5) is left
out.
"""

import hashlib
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.io import loadmat
from scipy.sparse import issparse

from hebbayes.core.checks import check_at_least
from hebbayes.core.errors import FormatError, HebbayesError, ShapeError, ValueRangeError
from hebbayes.data.recording import Cultures, Recording

_FIELDS = ("s", "o", "r")
_HDF5 = b"\x89HDF\r\n\x1a\n"
_LAYOUT = "wanted a cell of structs with the fields s, o and r"


def read_mat(path: Path, *, session_length: int = 256, condition: str | None = None) -> Cultures:
    """Return the cultures of a MATLAB v5 file, with a sentence for each that cannot be used.

    ``condition`` names the variable to read where a file holds several, and is a mere label
    where it holds one; by default the label is the variable's name.  Raises `FormatError` where
    the file as a whole is missing, damaged, or laid out otherwise.

    Example:
        >>> read_mat(Path("no-such.mat"))
        Traceback (most recent call last):
            ...
        hebbayes.core.errors.FormatError: cannot read no-such.mat: No such file or directory.
    """
    check_at_least("session_length", session_length, 1)
    digest, variables = _load(Path(path))
    name = _variable(path, variables, condition)
    provenance = {
        "file": str(path),
        "sha256": digest,
        "variable": name,
        "session_length": session_length,
    }
    recordings, failures = {}, {}
    for k, struct in enumerate(_structs(variables[name])):
        try:
            recordings[k] = _recording(struct, session_length, {**provenance, "culture": k})
        except HebbayesError as error:
            failures[k] = str(error)
    return Cultures(condition or name.removeprefix("data_"), recordings, failures)


def _load(path: Path) -> tuple[str, dict[str, Any]]:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise FormatError(f"cannot read {path}: {error.strerror or error}.") from error
    if not content:
        raise FormatError(f"{path} is empty; wanted a MATLAB v5 file.")
    if content.startswith((b"MATLAB 7.3", _HDF5)) or content[512:520] == _HDF5:
        raise FormatError(
            f"{path} is a MATLAB v7.3 (HDF5) file, which this reader does not take; "
            "save it again in MATLAB with `save(..., '-v7')`."
        )
    try:
        return hashlib.sha256(content).hexdigest(), loadmat(BytesIO(content))
    except Exception as error:  # scipy raises any of seven kinds for a damaged file
        raise FormatError(
            f"{path} is not a readable MATLAB v5 file: it is truncated, damaged or of another "
            "format; save it again in MATLAB with `save(..., '-v7')`."
        ) from error


def _variable(path: Path, variables: dict[str, Any], condition: str | None) -> str:
    names = [name for name in variables if not name.startswith("__")]
    fitting = [
        name
        for name in names
        if any(set(_field_names(s)) & set(_FIELDS) for s in _structs(variables[name]))
    ]
    if not fitting:
        held = f"it holds {', '.join(names)}" if names else "it holds no variables"
        raise FormatError(f"{path} has no recordings: {_LAYOUT}; {held}.")
    if len(fitting) == 1:
        return fitting[0]
    asked = [name for name in fitting if condition in (name, name.removeprefix("data_"))]
    if not asked:
        raise FormatError(f"{path} holds several conditions; choose one of {', '.join(fitting)} "
                          "as the condition.")  # fmt: skip
    return asked[0]


def _structs(variable: Any) -> Iterator[Any]:
    """Yield the entries, one per culture, of a cell or a struct array; of others nothing."""
    if isinstance(variable, np.ndarray) and variable.dtype.kind in "OV":
        for entry in variable.ravel(order="F"):
            is_boxed = isinstance(entry, np.ndarray) and entry.dtype.names and entry.size == 1
            yield entry.ravel()[0] if is_boxed else entry


def _field_names(struct: Any) -> tuple[str, ...]:
    return getattr(getattr(struct, "dtype", None), "names", None) or ()


def _recording(struct: Any, session_length: int, provenance: dict[str, Any]) -> Recording:
    fields = _field_names(struct)
    missing = [name for name in _FIELDS if name not in fields]
    if missing:
        held = f"it holds {', '.join(fields)}" if fields else "it is no struct"
        raise FormatError(f"this culture lacks {', '.join(missing)}; {_LAYOUT}; {held}.")
    parts = {name: _matrix(name, struct[name]) for name in _FIELDS}
    n_trials = {name: len(values) for name, values in parts.items()}
    if len(set(n_trials.values())) > 1:
        lengths = ", ".join(f"{name} {n}" for name, n in n_trials.items())
        raise ShapeError(f"s, o and r must have one row per trial; rows are {lengths}; "
                         "store them time first.")  # fmt: skip
    trials = n_trials["r"]
    if trials % session_length:
        raise ShapeError(
            f"{trials} trials are no whole number of sessions of {session_length}; "
            "give the number of trials per session (session_length)."
        )
    return Recording(
        stimuli=parts["o"],
        responses=parts["r"],
        session=np.arange(trials) // session_length,
        sources=parts["s"],
        provenance=provenance,
    )


def _matrix(name: str, values: Any) -> NDArray[Any]:
    array = values.toarray() if issparse(values) else np.asarray(values)
    if array.dtype.kind not in "buif":
        raise FormatError(f"{name} must hold real numbers; got type {array.dtype}.")
    if array.ndim != 2 or array.size == 0:
        columns = {"s": "sources", "o": "channels", "r": "units"}[name]
        raise ShapeError(f"{name} has shape {array.shape}; wanted (trials, {columns}), time first.")
    if name != "r" and (wrong := (array != 0) & (array != 1)).any():
        trial, column = np.argwhere(wrong)[0]
        raise ValueRangeError(
            f"{name} must hold only 0 and 1; got {array[trial, column]} at trial {trial}, "
            f"column {column}."
        )
    return array
