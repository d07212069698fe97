"""Variables of MATLAB v7.3 files through h5py, as arrays, lists (cells) and dicts (structs)."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from hebbayes.core.errors import FormatError, HebbayesError
from hebbayes.core.optional import require
from hebbayes.data.formats.hdf5_check import check_hdf5

if TYPE_CHECKING:
    from hebbayes.data.limits import MemoryBudget

_DEEPEST = 8


def variables_of(path: Path, content: bytes, budget: MemoryBudget) -> dict[str, Any]:
    """Return the variables of a file.  Raises `FormatError`, `MissingDependencyError`.

    Example:
        >>> from hebbayes.data.limits import MemoryBudget
        >>> variables_of(Path("a.mat"), b"no HDF5", MemoryBudget("a.mat", 1000))
        Traceback (most recent call last):
            ...
        hebbayes.core.errors.FormatError: a.mat is not a readable MATLAB v7.3 file: it is truncated
        or damaged; save it again in MATLAB with `save(..., '-v7')`.
    """
    h5py = require("h5py", "h5")
    check_hdf5(path)
    try:
        with h5py.File(BytesIO(content), "r") as file:
            names = [name for name in file if not name.startswith("#")]
            return {name: _plain(file, file[name], budget) for name in names}
    except HebbayesError:
        raise
    except Exception as error:  # h5py raises any of several kinds for a damaged file
        raise FormatError(
            f"{path} is not a readable MATLAB v7.3 file: it is truncated or damaged; save it again "
            "in MATLAB with `save(..., '-v7')`."
        ) from error


def _plain(file: Any, item: Any, budget: MemoryBudget, depth: int = 0) -> Any:
    if depth > _DEEPEST:
        return None
    if hasattr(item, "keys"):
        return _struct(file, item, budget, depth)
    kind = _class(item)
    if kind in ("table", "string", "categorical", "timetable", "datetime"):
        raise FormatError(
            f"{item.name} is a {kind} object, which only MATLAB can read; in MATLAB: "
            "s = table2struct(T, 'ToScalar', true) with numbers and cells of char, or "
            "writetable(T, 'trials.csv')."
        )
    if item.attrs.get("MATLAB_empty"):
        return np.zeros((0, 0), "U1" if kind == "char" else float)
    if _is_reference(item):
        references = _read(item, budget).ravel()
        return [_plain(file, file[one], budget, depth + 1) for one in references]
    values = np.asarray(_read(item, budget)).T
    if kind == "char":
        rows = values.reshape(len(values), -1)
        return np.char.rstrip(np.array(["".join(map(chr, row)) for row in rows]))
    return values.astype(bool) if kind == "logical" else values


def _struct(file: Any, group: Any, budget: MemoryBudget, depth: int) -> Any:
    """Return a struct, or the structs of an array, whose fields are references to each entry's."""
    columns = {name: group[name] for name in group}
    is_array = columns and all(
        not hasattr(column, "keys") and _is_reference(column) and _class(column) != "cell"
        for column in columns.values()
    )
    if not is_array:
        return {name: _plain(file, each, budget, depth + 1) for name, each in columns.items()}
    references = {name: _read(column, budget).ravel() for name, column in columns.items()}
    n_entries = min(len(column) for column in references.values())
    return [
        {name: _plain(file, file[each[k]], budget, depth + 1) for name, each in references.items()}
        for k in range(n_entries)
    ]


def _is_reference(item: Any) -> bool:
    return item.dtype.kind == "O" and item.dtype.metadata is not None


def _class(item: Any) -> str:
    name = item.attrs.get("MATLAB_class", b"")
    return name.decode() if isinstance(name, bytes) else str(name)


def _read(item: Any, budget: MemoryBudget) -> Any:
    budget.take(item.shape, item.dtype.itemsize, item.name)
    return item[()]
