"""MATLAB files in the layout of culture recordings, v5 and v7.3.

A cell holds one struct per culture: ``o`` (trials, channels), ``r`` (trials, units) and, where
known, ``s`` (trials, sources), time first, sessions of equal length one after the other unless the
struct has a field ``session``.  Cultures are read independently: a bad one becomes a named failure
and the others stay.  v5 files carry no checksum; those written here carry a digest.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, fields
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.io import loadmat, savemat
from scipy.sparse import issparse

from hebbayes.core.checks import check_at_least
from hebbayes.core.errors import FormatError, HebbayesError, ShapeError, ValueRangeError
from hebbayes.data.files import HDF5_MAGIC, read_bytes, write_atomic
from hebbayes.data.formats.mat5 import unpacked
from hebbayes.data.formats.mat73 import counts_of_sparse
from hebbayes.data.formats.npz import recording_of
from hebbayes.data.provenance import check_digest, digest, notes, versions
from hebbayes.data.recording import Cultures, Recording

Struct = Mapping[str, Any]

_LAYOUT = "wanted a cell of structs with the fields o, r and, where known, s"
_NAMES = {"s": "sources", "o": "stimuli", "r": "responses"}
_COLUMNS = {"s": "sources", "o": "channels", "r": "units"}
_OTHERS = tuple(f.name for f in fields(Recording) if f.name not in _NAMES.values())


@dataclass(frozen=True)
class Variable:
    """One variable of a file: the field names of its entries, and how to load them.

    An entry that is no struct has no fields and loads as an empty one.
    """

    fields: list[tuple[str, ...]]
    load: Callable[[], list[Struct]]


def read_mat(path: Path, *, session_length: int = 256, condition: str | None = None) -> Cultures:
    """Return the cultures of a MATLAB file, with a sentence for each that cannot be used.

    ``condition`` names the variable to read where a file holds several, and is a mere label
    where it holds one; by default the label is the variable's name.  Raises `FormatError` where
    the file as a whole is missing, damaged, or laid out otherwise, and `MissingDependencyError`
    for v7.3 without h5py.

    Example:
        >>> read_mat(Path("no-such.mat"))
        Traceback (most recent call last):
            ...
        hebbayes.core.errors.FormatError: cannot read no-such.mat: No such file or directory.
    """
    check_at_least("session_length", session_length, 1)
    path = Path(path)
    content, sha256 = read_bytes(path)
    is_hdf5 = content.startswith(HDF5_MAGIC) or content[512:520] == HDF5_MAGIC
    with (_opened_v73 if is_hdf5 else _opened_v5)(path, content) as variables:
        del content  # as large as the file
        name = _variable(path, variables, condition)
        structs = variables[name].load()
    provenance = {
        "file": str(path),
        "sha256": sha256,
        "format": "MATLAB v7.3" if is_hdf5 else "MATLAB v5",
        "versions": versions("h5py" if is_hdf5 else "scipy"),
        "variable": name,
        "session_length": session_length,
        **notes(),
    }
    recordings, failures = {}, {}
    for k, struct in enumerate(structs):
        try:
            recordings[k] = _recording(struct, session_length, {**provenance, "culture": k})
        except HebbayesError as error:
            failures[k] = str(error)
    return Cultures(condition or name.removeprefix("data_"), recordings, failures)


@contextmanager
def _opened_v73(path: Path, content: bytes) -> Iterator[dict[str, Variable]]:
    from hebbayes.data.formats.mat73 import opened  # h5py only where it is needed

    with opened(path, content) as found:
        yield {name: Variable(*parts) for name, parts in found.items()}


@contextmanager
def _opened_v5(path: Path, content: bytes) -> Iterator[dict[str, Variable]]:
    if not content:
        raise FormatError(f"{path} is empty; wanted a MATLAB file.")
    try:
        held = loadmat(BytesIO(unpacked(content)))
        del content
    except Exception as error:  # scipy raises any of seven kinds for a damaged file
        raise FormatError(
            f"{path} is not a readable MATLAB file: it is truncated, damaged or of another "
            "format; save it again in MATLAB with `save(..., '-v7')`."
        ) from error
    variables = {}
    for name, values in held.items():
        if not name.startswith("__"):
            structs = [_as_mapping(entry) for entry in _entries(values)]
            variables[name] = Variable([tuple(s) for s in structs], lambda found=structs: found)
    yield variables


def _entries(variable: Any) -> Iterator[Any]:
    """Yield the entries, one per culture, of a cell or a struct array; of others nothing."""
    if isinstance(variable, np.ndarray) and variable.dtype.kind in "OV":
        for entry in variable.ravel(order="F"):
            is_boxed = isinstance(entry, np.ndarray) and entry.dtype.names and entry.size == 1
            yield entry.ravel()[0] if is_boxed else entry


def _as_mapping(entry: Any) -> Struct:
    names = getattr(getattr(entry, "dtype", None), "names", None) or ()
    return {name: entry[name] for name in names}


def _variable(path: Path, variables: dict[str, Variable], condition: str | None) -> str:
    fitting = [
        name
        for name, variable in variables.items()
        if any(set(held) & set(_NAMES) for held in variable.fields)
    ]
    if not fitting:
        held = f"it holds {', '.join(variables)}" if variables else "it holds no variables"
        raise FormatError(f"{path} has no recordings: {_LAYOUT}; {held}.")
    if len(fitting) == 1:
        return fitting[0]
    asked = [name for name in fitting if condition in (name, name.removeprefix("data_"))]
    if not asked:
        raise FormatError(f"{path} holds several conditions; choose one of {', '.join(fitting)} "
                          "as the condition.")  # fmt: skip
    return asked[0]


def _recording(struct: Struct, session_length: int, provenance: dict[str, Any]) -> Recording:
    if missing := [name for name in ("o", "r") if name not in struct]:
        held = f"it holds {', '.join(struct)}" if struct else "it is no struct"
        raise FormatError(f"this culture lacks {', '.join(missing)}; {_LAYOUT}; {held}.")
    parts = {name: _matrix(name, struct[name]) for name in _NAMES if name in struct}
    n_trials = {name: len(values) for name, values in parts.items()}
    if len(set(n_trials.values())) > 1:
        lengths = ", ".join(f"{name} {n}" for name, n in n_trials.items())
        *names, last = n_trials
        raise ShapeError(f"{', '.join(names)} and {last} must have one row per trial; rows are "
                         f"{lengths}; store them time first.")  # fmt: skip
    arrays = {_NAMES[name]: values for name, values in parts.items()}
    arrays |= {name: _flat(name, struct[name]) for name in _OTHERS if name in struct}
    if "session" not in arrays:
        arrays["session"] = _equal_sessions(n_trials["r"], session_length)
    recording = recording_of(arrays, provenance)
    check_digest(recording, str(_flat("sha256", struct["sha256"])) if "sha256" in struct else None)
    return recording


def _equal_sessions(trials: int, session_length: int) -> NDArray[np.int64]:
    if trials % session_length:
        raise ShapeError(
            f"{trials} trials are no whole number of sessions of {session_length}; "
            "give the number of trials per session (session_length)."
        )
    return np.arange(trials) // session_length


def _matrix(name: str, values: Any) -> NDArray[Any]:
    array = counts_of_sparse(values.toarray()) if issparse(values) else np.asarray(values)
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
    """Undo what MATLAB makes of vectors (rows) and of lists of names (cells)."""
    array = np.asarray(values)
    if name == "valid":
        return array
    array = array.ravel()
    if array.dtype.kind == "O":
        array = np.array([str(np.asarray(one).ravel()[0]) for one in array])
    return array[0] if array.dtype.kind == "U" and name in ("sha256", "provenance") else array


def to_mat(held: Recording | Cultures, path: Path) -> None:
    """Write a recording, or all cultures of a file, as MATLAB v5 in the culture layout.

    Every field of a recording is kept, and a digest that tells damage.  Raises `ValueRangeError`
    for stimuli or sources other than 0 and 1, which the layout does not take, and `OutputError`.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     to_mat(Recording(np.eye(2), np.ones((2, 3)), [0, 1]), Path(folder, "a.mat"))
        ...     read_mat(Path(folder, "a.mat")).recordings[0].n_units
        3
    """
    cultures = Cultures("recording", {0: held}) if isinstance(held, Recording) else held
    if sorted(cultures.recordings) != list(range(len(cultures.recordings))):
        raise ValueRangeError(
            f"cultures are numbered {', '.join(map(str, cultures.recordings))}; a cell holds them "
            "from 0 without gaps: number them anew, or use to_npz."
        )
    cell = np.empty((len(cultures.recordings), 1), object)
    for k, recording in cultures.recordings.items():
        cell[k, 0] = _struct(recording)
    name = (
        cultures.condition
        if cultures.condition.startswith("data_")
        else "data_" + cultures.condition
    )
    if not name.isidentifier() or not name.isascii() or len(name) > 31:
        raise ValueRangeError(f"the condition {cultures.condition!r} is no name of a MATLAB "
                              "variable; use letters, digits and _, 26 at most.")  # fmt: skip
    write_atomic(Path(path), lambda stream: savemat(stream, {name: cell}))


def _struct(recording: Recording) -> dict[str, Any]:
    struct: dict[str, Any] = {"sha256": digest(recording)}
    for letter, name in _NAMES.items():
        if (values := getattr(recording, name)) is not None:
            if letter != "r" and not np.isin(values, (0, 1)).all():
                raise ValueRangeError(f"{name} hold other values than 0 and 1, which the culture "
                                      "layout does not take; use to_npz.")  # fmt: skip
            struct[letter] = values.astype("u1") if letter == "o" else values
    for name in _OTHERS:
        values = getattr(recording, name)
        if name == "provenance":
            struct[name] = json.dumps(dict(values), default=str)
        elif values is not None:
            array = np.asarray(values)
            struct[name] = array if array.dtype.kind in "bif" else array.astype(object)
    return struct
