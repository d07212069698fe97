"""Variables of MATLAB v7.3 files through h5py, as arrays, lists (cells) and dicts (structs)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

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
    with opened_items(path, content) as (file, items):
        return {name: _plain(file, item, budget) for name, item in items.items()}


def _plain(file: Any, item: Any, budget: MemoryBudget, depth: int = 0) -> Any:
    if depth > _DEEPEST:
        return None
    if is_group(item):
        return _struct(file, item, budget, depth)
    kind = class_of(item)
    if kind in ("table", "string", "categorical", "timetable", "datetime"):
        raise FormatError(
            f"{item.name} is a {kind} object, which only MATLAB can read; in MATLAB: "
            "s = table2struct(T, 'ToScalar', true); save(FILE, '-struct', 's'), with text as cells "
            "of char, or writetable(T, 'trials.csv')."
        )
    if is_reference(item) and not item.attrs.get("MATLAB_empty"):
        references = read_item(item, budget).ravel()
        return [_plain(file, file[one], budget, depth + 1) for one in references]
    values = array_of(item, budget)
    return np.char.rstrip(values) if kind == "char" else values


def _struct(file: Any, group: Any, budget: MemoryBudget, depth: int) -> Any:
    """Return a struct, or the structs of an array, whose fields are references to each entry's."""
    entries = entries_of(file, group, budget)
    structs = [
        {name: _plain(file, each, budget, depth + 1) for name, each in entry.items()}
        for entry in ([group] if entries is None else entries)
    ]
    return structs[0] if entries is None else structs
