"""Tables of trials in MATLAB files, v5 and v7.3.

A file holds the columns as variables or as the fields of a struct; or a struct array, or a cell of
structs, with one entry per subject; or a matrix with a list of as many names.  MATLAB's own table
objects cannot be read; the message says how to save them as structs.
"""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hebbayes.core.errors import FormatError, HebbayesError, shown_names
from hebbayes.data.behaviour.readers.archives import columns_of
from hebbayes.data.behaviour.table import Table, table_of_frame
from hebbayes.data.files import HDF5_MAGIC, read_bytes
from hebbayes.data.formats.matlab.structure import unpacked
from hebbayes.data.limits import MemoryBudget, memory_budget

if TYPE_CHECKING:
    from hebbayes.data.behaviour.mapping import Mapping

_SUBJECT = "subject"
_REMEDY = (
    "in MATLAB: s = table2struct(T, 'ToScalar', true); save(FILE, '-struct', 's'), or "
    "writetable(T, 'trials.csv')"
)


def read_mat_table(path: Path, mapping: Mapping) -> Table:
    """Return the table of trials of a MATLAB file.  Raises `FormatError`.

    Example:
        >>> from hebbayes.data.behaviour.mapping import Mapping
        >>> read_mat_table(Path("no-such.mat"), Mapping())
        Traceback (most recent call last):
            ...
        hebbayes.core.errors.FormatError: cannot read no-such.mat: No such file or directory.
    """
    import pandas

    held, provenance = variables_of_file(path)
    frames, unread = _frames(held, str(path), mapping.subject)
    return table_of_frame(
        pandas.concat(frames, ignore_index=True),
        str(path),
        unread=unread,
        provenance=provenance,
    )


def variables_of_file(path: Path) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the variables of a file as arrays, lists (cells) and dicts (structs), and its origin.

    Example:
        >>> variables_of_file(Path("no-such.mat"))
        Traceback (most recent call last):
            ...
        hebbayes.core.errors.FormatError: cannot read no-such.mat: No such file or directory.
    """
    content, sha256 = read_bytes(path)
    budget = memory_budget(path)
    is_hdf5 = content.startswith(HDF5_MAGIC) or content[512:520] == HDF5_MAGIC
    form = "MATLAB v7.3" if is_hdf5 else "MATLAB v5"
    provenance = {"file": str(path), "sha256": sha256, "format": form}
    if not is_hdf5:
        return _variables(path, content, budget), provenance
    from hebbayes.data.behaviour.readers.matlab_hdf5 import variables_of  # needs h5py

    return variables_of(path, content, budget), provenance


def _variables(path: Path, content: bytes, budget: MemoryBudget) -> dict[str, Any]:
    """Return the variables of a v5 file: arrays, lists (cells) and dicts (structs)."""
    from scipy.io import loadmat

    try:
        held = loadmat(BytesIO(unpacked(content, budget)))
    except HebbayesError:
        raise
    except Exception as error:  # scipy raises any of seven kinds for a damaged file
        raise FormatError(
            f"{path} is not a readable MATLAB file: it is truncated, damaged or of another "
            "format; save it again in MATLAB with `save(..., '-v7')`."
        ) from error
    named = {name: value for name, value in held.items() if not name.startswith("__")}
    if not named or any(_is_opaque(value) for value in held.values()):
        raise FormatError(f"{path} holds a table object, which only MATLAB can read; {_REMEDY}.")
    return {name: _plain(value) for name, value in named.items()}


def _is_opaque(value: Any) -> bool:
    return type(value).__name__ in ("MatlabOpaque", "MatlabFunction")


def _plain(value: Any, depth: int = 0) -> Any:
    """Return a struct as a dict, a cell or struct array as a list, text as an array of text."""
    if depth > 8:
        return None
    names = getattr(getattr(value, "dtype", None), "names", None)
    if names:
        entries = [
            {name: _plain(entry[name], depth + 1) for name in names} for entry in np.ravel(value)
        ]
        return entries[0] if len(entries) == 1 else entries
    if isinstance(value, np.ndarray) and value.dtype.kind == "O":
        return [_plain(entry, depth + 1) for entry in value.ravel(order="F")]
    if hasattr(value, "toarray"):
        return value.toarray()
    array = np.asarray(value)
    return np.char.rstrip(array) if array.dtype.kind == "U" else array


def _frames(
    held: dict[str, Any], source: str, subject: str | None
) -> tuple[list[Any], tuple[str, ...]]:
    """Return one pandas table per subject, and the names of what is no column."""
    import pandas

    subjects = _per_subject(held)
    if subjects is None:
        columns, unread = _columns(held, source, subject)
        return [pandas.DataFrame(columns)], unread
    frames, unread = [], ()
    is_per_trial = len(subjects) > 1 and all(_is_trial(one) for one in subjects)
    for k, struct in enumerate(subjects):
        columns, unread = _columns(struct, f"{source}, subject {k}")
        columns, unread = _with_constants(columns, struct, unread)
        frame = pandas.DataFrame(columns)
        if not is_per_trial and not any(
            name.casefold() in ("subject", "subjid", "id") for name in columns
        ):
            frame.insert(0, _SUBJECT, k)
        frames.append(frame)
    if len({tuple(frame.columns) for frame in frames}) > 1:
        k = next(k for k, f in enumerate(frames) if list(f.columns) != list(frames[0].columns))
        raise FormatError(
            f"{source} has other columns in subject {k} ({shown_names(frames[k].columns)}) "
            f"than in subject 0 ({shown_names(frames[0].columns)}); give all the same."
        )
    return frames, unread


def _is_trial(struct: dict[str, Any]) -> bool:
    """Whether a struct holds one entry per field, as that of a single trial does."""
    return all(np.size(value) <= 1 for value in struct.values() if isinstance(value, np.ndarray))


def _per_subject(held: dict[str, Any]) -> list[dict[str, Any]] | None:
    """Return the structs of a file that holds one per subject."""
    lists = [
        value
        for value in held.values()
        if isinstance(value, list) and value and all(isinstance(one, dict) for one in value)
    ]
    return lists[0] if len(lists) == 1 else None


def _with_constants(
    columns: dict[str, NDArray[Any]], struct: dict[str, Any], unread: tuple[str, ...]
) -> tuple[dict[str, NDArray[Any]], tuple[str, ...]]:
    """Add what a subject's struct states once, such as its group, to every trial."""
    n_rows = len(next(iter(columns.values())))
    for name in unread:
        value = np.asarray(struct[name]) if not isinstance(struct[name], (dict, list)) else None
        if value is not None and value.size == 1:
            columns[name] = np.repeat(value.ravel(), n_rows)
    return columns, tuple(name for name in unread if name not in columns)


def _columns(
    held: dict[str, Any], source: str, subject: str | None = None
) -> tuple[dict[str, NDArray[Any]], tuple[str, ...]]:
    """Return columns by name, from variables, the fields of a struct, or a matrix and names."""
    structs = {name: value for name, value in held.items() if isinstance(value, dict)}
    arrays = {name: value for name, value in held.items() if isinstance(value, np.ndarray)}
    cells = {name: _texts(value) for name, value in held.items() if isinstance(value, list)}
    texts = {name: value for name, value in cells.items() if value is not None}
    is_alone = not any(_length(value) > 1 for value in arrays.values()) and not texts
    if structs and is_alone:
        if len(structs) > 1:
            raise FormatError(
                f"{source} holds {len(structs)} structs ({shown_names(structs)}); wanted one "
                "struct of columns, or a struct array with one entry per subject."
            )
        return _columns(next(iter(structs.values())), source, subject)
    if (named := _named_matrix(arrays, texts)) is not None:
        matrix, names, columns_of_it = named
        rest = tuple(name for name in held if name not in (matrix, names))
        return columns_of_it, rest
    lists = {name: np.array(value, np.str_) for name, value in texts.items() if len(value) > 1}
    columns, unread = columns_of(arrays | lists, source, subject)
    left = [name for name in held if name not in (*arrays, *lists)]
    return columns, (*unread, *left)


def _length(value: NDArray[Any]) -> int:
    return max(value.shape, default=1)


def _texts(cell: list[Any]) -> list[str] | None:
    """Return a cell of texts or single numbers as texts; None for another cell."""
    texts = []
    for one in cell:
        array = np.asarray(one)
        if isinstance(one, (dict, list)) or array.size > 1:
            return None
        value = array.ravel()[0] if array.size else ""
        texts.append("" if value != value else str(value))
    return texts


def _named_matrix(
    arrays: dict[str, NDArray[Any]], texts: dict[str, list[str]]
) -> tuple[str, str, dict[str, NDArray[Any]]] | None:
    """Return a matrix, the list that names its columns, and these columns."""
    labels = dict(texts)
    labels |= {  # a matrix of characters is one text per row
        name: [str(text) for text in value.ravel()]
        for name, value in arrays.items()
        if value.dtype.kind == "U" and value.size > 1
    }
    for name, matrix in arrays.items():
        if matrix.dtype.kind not in "buif" or matrix.ndim != 2 or min(matrix.shape) < 2:
            continue
        for label, names in labels.items():
            if len(names) == matrix.shape[1] and len(set(names)) == len(names):
                return name, label, dict(zip(names, matrix.T))
    return None
