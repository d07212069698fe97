"""MATLAB v7.3 files through h5py: variables, their fields, and their values.

Cells and struct arrays are references; the axes of arrays are reversed; a sparse matrix is a
group with ``data``, ``ir`` and ``jc``.  The format has no checksum.  Only the requested
variable is read.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hebbayes.core.errors import FormatError
from hebbayes.data.formats.matlab.hdf5_items import (
    array_of,
    class_of,
    entries_of,
    is_group,
    is_reference,
    opened_items,
    read_item,
)
from hebbayes.data.formats.matlab.layout import (
    NAMES,
    OTHER_FIELDS,
    Struct,
    Variable,
    as_counts,
)

if TYPE_CHECKING:
    from hebbayes.data.limits import MemoryBudget


@contextmanager
def opened(path: Path, content: bytes, budget: MemoryBudget) -> Iterator[dict[str, Variable]]:
    """Yield, per variable, the field names of its entries and a function that loads them.

    Raises `FormatError` for a damaged file, `MissingDependencyError` without h5py.

    Example:
        >>> from hebbayes.data.limits import MemoryBudget
        >>> with opened(Path("a.mat"), b"no HDF5", MemoryBudget("a.mat", 1000)):
        ...     pass
        Traceback (most recent call last):
            ...
        hebbayes.core.errors.FormatError: a.mat is not a readable MATLAB v7.3 file: it is truncated
        or damaged; save it again in MATLAB with `save(..., '-v7')`.
    """
    with opened_items(path, content) as (file, items):
        yield {name: _variable(file, item, budget) for name, item in items.items()}


def _variable(file: Any, item: Any, budget: MemoryBudget) -> Variable:
    entries = _entries(file, item, budget)
    loaders = [partial(_struct, file, entry, budget) for entry in entries]
    return Variable([_fields(entry) for entry in entries], loaders)


def _entries(file: Any, item: Any, budget: MemoryBudget) -> list[Any]:
    """Return the entries of a cell or a struct array; each is an item or a mapping of items."""
    if not is_group(item):
        return [file[r] for r in read_item(item, budget).ravel()] if is_reference(item) else []
    if "MATLAB_sparse" in item.attrs:
        return []
    entries = entries_of(file, item, budget)
    return [item] if entries is None else list(entries)


def _fields(entry: Any) -> tuple[str, ...]:
    return tuple(entry) if is_group(entry) and not hasattr(entry, "dtype") else ()


def _struct(file: Any, entry: Any, budget: MemoryBudget) -> Struct:
    known = [name for name in _fields(entry) if name in (*NAMES, *OTHER_FIELDS, "sha256")]
    return {name: _value(file, entry[name], budget) for name in known}


def _value(file: Any, item: Any, budget: MemoryBudget) -> NDArray[Any]:
    if is_reference(item):
        cells = [file[r] for r in read_item(item, budget).ravel()]
        if any(is_group(cell) or is_reference(cell) for cell in cells):
            raise FormatError(f"{item.name} is a cell of cells or structs; wanted text or numbers.")
        return np.array([_plain(cell, budget) for cell in cells], object)[:, None]
    if not is_group(item):
        return _plain(item, budget)
    if "MATLAB_sparse" in item.attrs:
        return _dense(item, budget)
    raise FormatError(f"{item.name} is a struct; wanted an array.")


def _plain(item: Any, budget: MemoryBudget) -> NDArray[Any]:
    if class_of(item) == "string":
        raise FormatError(f"{item.name} is a string array, which is not read: use a cell of char.")
    return array_of(item, budget)


def _dense(item: Any, budget: MemoryBudget) -> NDArray[Any]:
    """Return a sparse matrix in full: ``ir`` holds rows, ``jc`` the start of each column."""
    n_rows = int(item.attrs["MATLAB_sparse"])
    begins = read_item(item["jc"], budget).astype(np.int64)
    rows = read_item(item["ir"], budget).astype(np.int64) if "ir" in item else np.zeros(0, np.int64)
    values = read_item(item["data"], budget) if "data" in item else np.zeros(0)
    budget.take((n_rows, len(begins)), 8, item.name)
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
    return full.astype(bool) if class_of(item) == "logical" else as_counts(full)
