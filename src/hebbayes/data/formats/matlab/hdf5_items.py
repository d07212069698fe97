"""Items of MATLAB v7.3 files through h5py: their class, their values, the entries of struct arrays.

Cells and struct arrays are references; the axes of arrays are reversed; an empty array holds its
size.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hebbayes.core.errors import FormatError, HebbayesError
from hebbayes.core.optional import require
from hebbayes.data.formats.hdf5_check import check_hdf5

if TYPE_CHECKING:
    from hebbayes.data.limits import MemoryBudget


@contextmanager
def opened_items(path: Path, content: bytes) -> Iterator[tuple[Any, dict[str, Any]]]:
    """Yield the open file and its variables by name.

    Raises `FormatError` for a damaged file, also while it is read, and `MissingDependencyError`
    without h5py.

    Example:
        >>> with opened_items(Path("a.mat"), b"no HDF5"):
        ...     pass
        Traceback (most recent call last):
            ...
        hebbayes.core.errors.FormatError: a.mat is not a readable MATLAB v7.3 file: it is truncated
        or damaged; save it again in MATLAB with `save(..., '-v7')`.
    """
    h5py = require("h5py", "h5")
    check_hdf5(path)
    try:
        with h5py.File(BytesIO(content), "r") as file:
            yield file, {name: file[name] for name in file if not name.startswith("#")}
    except HebbayesError:
        raise
    except Exception as error:  # h5py raises any of several kinds for a damaged file
        raise FormatError(
            f"{path} is not a readable MATLAB v7.3 file: it is truncated or damaged; save it again "
            "in MATLAB with `save(..., '-v7')`."
        ) from error


def is_group(item: Any) -> bool:
    """Whether an item is a struct or a sparse matrix, or an entry of a struct array.

    Example:
        >>> is_group({"field": 1}), is_group(np.zeros(1))
        (True, False)
    """
    return hasattr(item, "keys")


def is_reference(item: Any) -> bool:
    """Whether an item is a cell, or a field of a struct array.

    Example:
        >>> is_reference(np.zeros(1))
        False
    """
    return not is_group(item) and item.dtype.kind == "O" and item.dtype.metadata is not None


def class_of(item: Any) -> str:
    """Return the class that MATLAB gave an item.

    Example:
        >>> from types import SimpleNamespace
        >>> class_of(SimpleNamespace(attrs={"MATLAB_class": b"char"}))
        'char'
    """
    name = item.attrs.get("MATLAB_class", b"")
    return name.decode() if isinstance(name, bytes) else str(name)


def read_item(item: Any, budget: MemoryBudget) -> Any:
    """Return what an item stores, if the budget allows it.

    Example:
        >>> from types import SimpleNamespace
        >>> from hebbayes.data.limits import MemoryBudget
        >>> class Item(SimpleNamespace):
        ...     def __getitem__(self, key):
        ...         return np.ones(2)
        >>> item = Item(shape=(2,), dtype=np.dtype(float), name="/a")
        >>> read_item(item, MemoryBudget("a.mat", 1000)).tolist()
        [1.0, 1.0]
    """
    budget.take(item.shape, item.dtype.itemsize, item.name)
    return item[()]


def array_of(item: Any, budget: MemoryBudget) -> NDArray[Any]:
    """Return numbers, truth values, or text; a matrix of characters is one text per row.

    Example:
        >>> from types import SimpleNamespace
        >>> from hebbayes.data.limits import MemoryBudget
        >>> empty = SimpleNamespace(attrs={"MATLAB_class": b"char", "MATLAB_empty": 1})
        >>> array_of(empty, MemoryBudget("a.mat", 1000)).shape
        (0, 0)
    """
    kind = class_of(item)
    if item.attrs.get("MATLAB_empty"):
        return np.zeros((0, 0), "U1" if kind == "char" else float)
    values = np.asarray(read_item(item, budget)).T
    if kind == "char":
        return np.array(["".join(map(chr, row)) for row in values.reshape(len(values), -1)])
    return values.astype(bool) if kind == "logical" else values


def entries_of(file: Any, group: Any, budget: MemoryBudget) -> list[Mapping[str, Any]] | None:
    """Return the entries of a struct array, each its items by field; None for a single struct.

    Example:
        >>> entries_of({}, {}, None) is None
        True
    """
    columns = {name: group[name] for name in group}
    is_array = columns and all(
        is_reference(column) and class_of(column) != "cell" for column in columns.values()
    )
    if not is_array:
        return None
    references = {name: read_item(column, budget).ravel() for name, column in columns.items()}
    n_entries = min(len(column) for column in references.values())
    return [{name: file[r[k]] for name, r in references.items()} for k in range(n_entries)]
