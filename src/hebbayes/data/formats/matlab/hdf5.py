"""MATLAB v7.3 files through h5py: variables, their fields, and their values.

Cells and struct arrays are references; the axes of arrays are reversed; a sparse matrix is a
group with ``data``, ``ir`` and ``jc``.  The format has no checksum.  Only the requested
variable is read.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hebbayes.core.errors import FormatError, HebbayesError
from hebbayes.core.optional import require
from hebbayes.data.formats.matlab.layout import Struct, Variable, as_counts


@contextmanager
def opened(path: Path, content: bytes) -> Iterator[dict[str, Variable]]:
    """Yield, per variable, the field names of its entries and a function that loads them.

    Raises `FormatError` for a damaged file, `MissingDependencyError` without h5py.

    Example:
        >>> with opened(Path("a.mat"), b"no HDF5"):
        ...     pass
        Traceback (most recent call last):
            ...
        hebbayes.core.errors.FormatError: a.mat is not a readable MATLAB v7.3 file: it is truncated
        or damaged; save it again in MATLAB with `save(..., '-v7')`.
    """
    h5py = require("h5py", "h5")
    try:
        with h5py.File(BytesIO(content), "r") as file:
            yield {
                name: Variable(
                    [_fields(entry) for entry in _entries(file, file[name])],
                    lambda item=file[name]: [_struct(file, e) for e in _entries(file, item)],
                )
                for name in file
                if not name.startswith("#")
            }
    except HebbayesError:
        raise
    except Exception as error:  # h5py raises any of several kinds for a damaged file
        raise FormatError(
            f"{path} is not a readable MATLAB v7.3 file: it is truncated or damaged; save it again "
            "in MATLAB with `save(..., '-v7')`."
        ) from error


def _is_group(item: Any) -> bool:
    return hasattr(item, "keys")


def _is_reference(item: Any) -> bool:
    return not _is_group(item) and item.dtype.kind == "O" and item.dtype.metadata is not None


def _class(item: Any) -> str:
    name = item.attrs.get("MATLAB_class", b"")
    return name.decode() if isinstance(name, bytes) else str(name)


def _entries(file: Any, item: Any) -> list[Any]:
    """Return the entries of a cell or a struct array; each is an item or a mapping of items."""
    if not _is_group(item):
        return [file[r] for r in item[()].ravel()] if _is_reference(item) else []
    if "MATLAB_sparse" in item.attrs:
        return []
    columns = {name: item[name] for name in item}
    is_array = columns and all(
        _is_reference(column) and _class(column) != "cell" for column in columns.values()
    )
    if not is_array:
        return [item]
    references = {name: column[()].ravel() for name, column in columns.items()}
    n_entries = min(len(column) for column in references.values())
    return [{name: file[r[k]] for name, r in references.items()} for k in range(n_entries)]


def _fields(entry: Any) -> tuple[str, ...]:
    return tuple(entry) if _is_group(entry) and not hasattr(entry, "dtype") else ()


def _struct(file: Any, entry: Any) -> Struct:
    return {name: _value(file, entry[name]) for name in _fields(entry)}


def _value(file: Any, item: Any) -> NDArray[Any]:
    if _is_group(item):
        if "MATLAB_sparse" in item.attrs:
            return _dense(item)
        raise FormatError(f"{item.name} is a struct; wanted an array.")
    if item.attrs.get("MATLAB_empty"):
        return np.zeros(tuple(int(n) for n in item[()].ravel()))
    if _is_reference(item):
        return np.array([str(_value(file, file[r])) for r in item[()].ravel()])
    values = np.asarray(item[()]).T
    if _class(item) == "char":
        return np.array("".join(map(chr, values.ravel(order="F"))))
    return values.astype(bool) if _class(item) == "logical" else values


def _dense(item: Any) -> NDArray[Any]:
    """Return a sparse matrix in full: ``ir`` holds rows, ``jc`` the start of each column."""
    n_rows, begins = int(item.attrs["MATLAB_sparse"]), item["jc"][()].astype(np.int64)
    rows = item["ir"][()].astype(np.int64) if "ir" in item else np.zeros(0, np.int64)
    values = item["data"][()] if "data" in item else np.zeros(0)
    lengths = np.diff(begins)
    is_whole = begins.size and begins[0] == 0 and begins[-1] == len(rows) == len(values)
    if not is_whole or (lengths < 0).any() or ((rows < 0) | (rows >= n_rows)).any():
        raise FormatError(
            f"the sparse matrix {item.name} is damaged: its rows or columns point "
            "outside; save it again in MATLAB."
        )
    columns = np.repeat(np.arange(len(lengths)), lengths)
    full = np.zeros((n_rows, len(lengths)), values.dtype)
    full[rows, columns] = values
    return full.astype(bool) if _class(item) == "logical" else as_counts(full)
