"""Columns of NWB tables, each read in one piece and checked: pynwb checks none of this."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hebbayes.core.errors import FormatError, shown_names
from hebbayes.data.columns.table import Columns, shown
from hebbayes.data.formats.vendors import vendor_of_hdf5

if TYPE_CHECKING:
    from hebbayes.data.limits import MemoryBudget

_DEEPEST = 8
_NWB = {"session_start_time", "session_description", "intervals", "specifications"}
_BUDGET: ContextVar[MemoryBudget | None] = ContextVar(
    "memory budget of the open file", default=None
)


@contextmanager
def limited(budget: MemoryBudget) -> Iterator[None]:
    """Let `read_all` take memory from ``budget`` inside a ``with`` block.

    Example:
        >>> from hebbayes.data.limits import MemoryBudget
        >>> with limited(MemoryBudget("a.nwb", 100)):
        ...     read_all(np.zeros(20), "risk")
        Traceback (most recent call last):
            ...
        hebbayes.core.errors.FormatError: a.nwb states that risk has shape (20,), ...
    """
    token = _BUDGET.set(budget)
    try:
        yield
    finally:
        _BUDGET.reset(token)


def read_all(data: Any, place: str) -> NDArray[Any]:
    """Return all values of an array of a file, if its stated size is within the file's budget.

    Example:
        >>> read_all([1, 2], "session").tolist()
        [1, 2]
    """
    budget, shape = _BUDGET.get(), getattr(data, "shape", None)
    if budget is not None and shape is not None:
        size = getattr(getattr(data, "dtype", None), "itemsize", 8)
        budget.take(shape, size, place)
        if (chunks := getattr(data, "chunks", None)) is not None:
            replace(budget).take(chunks, size, f"a chunk of {place}")
    return np.asarray(data[:])


def table_columns(table: Any) -> tuple[str, ...]:
    """Return the names of a table's columns.

    Example:
        >>> from types import SimpleNamespace
        >>> table_columns(SimpleNamespace(colnames=["start_time"]))
        ('start_time',)
    """
    return tuple(getattr(table, "colnames", None) or ())


def named(file: Any, name: str) -> list[Any]:
    """Return every object of a file with this name.

    Example:
        >>> from types import SimpleNamespace
        >>> thing = SimpleNamespace(name="a")
        >>> named(SimpleNamespace(objects={"1": thing}), "a") == [thing]
        True
    """
    return [item for item in file.objects.values() if getattr(item, "name", None) == name]


def check_is_nwb(path: Any, content: Any) -> None:
    """Raise `FormatError` if an HDF5 file is not NWB 2, with what it is if that is known.

    Example:
        >>> class File(dict):
        ...     attrs = {}
        >>> check_is_nwb("a.h5", File({"3BData": {}, "3BRecInfo": {}}))
        Traceback (most recent call last):
            ...
        hebbayes.core.errors.FormatError: a.h5 is a 3Brain BrainWave recording (HDF5); ...
    """
    held = list(content)
    if {"nwb_version", "namespace", "neurodata_type"} & set(content.attrs) or _NWB & set(held):
        return
    below = [f"{one}/{name}" for one in held if hasattr(content.get(one), "keys")
             for name in list(content[one])[:50]]  # fmt: skip
    if (vendor := vendor_of_hdf5([*held, *below])) is not None:
        raise FormatError(f"{path} is {vendor.kind}; {vendor.remedy}.")
    raise FormatError(
        f"{path} is an HDF5 file and neither NWB nor MATLAB; it holds {shown(held)}: read its "
        "arrays with h5py and write spikes as a table unit,time (.csv), or counts as a table with "
        "a column per unit, with a table of trials; or save them by name with numpy.savez."
    )


def check_tables(group: Any, place: str = "", depth: int = 0) -> None:
    """Raise `FormatError` if a table of an HDF5 or Zarr group lacks a column that it lists.

    The errors that pynwb raises for these name neither table nor column.

    Example:
        >>> class Group(dict):
        ...     attrs = {"colnames": ["session"]}
        >>> check_tables(Group(), "trials")
        Traceback (most recent call last):
            ...
        hebbayes.core.errors.FormatError: the table trials lists the column session and does not
        hold it; the file is damaged, or the column was deleted: export it again.
    """
    held = list(group.keys())
    listed = [_text(name) for name in group.attrs.get("colnames", ())]
    indexed = [name.removesuffix("_index") for name in held if listed and name.endswith("_index")]
    for name in (*listed, *indexed):
        if name not in held:
            raise FormatError(
                f"the table {place} lists the column {name} and does not hold it; the file is "
                "damaged, or the column was deleted: export it again."
            )
    for name in held if depth < _DEEPEST else ():
        if name != "specifications" and hasattr(item := group.get(name), "keys"):
            check_tables(item, f"{place}/{name}".lstrip("/"), depth + 1)


def _text(name: Any) -> str:
    return name.decode() if isinstance(name, bytes) else str(name)


def column(table: Any, name: str) -> NDArray[Any]:
    """Return a column with one entry per row.  Raises `FormatError` if there is none.

    Example:
        >>> from types import SimpleNamespace
        >>> column(SimpleNamespace(name="trials", colnames=["start_time"]), "session")
        Traceback (most recent call last):
            ...
        hebbayes.core.errors.FormatError: the table trials has no column session; it has start_time.
    """
    data = _data(_held(table, name))
    n_rows = len(table.id.data)
    if len(data) != n_rows:
        raise FormatError(
            f"column {name} of {table.name} has {len(data)} entries for {n_rows} "
            "rows; the file is damaged."
        )
    return data


class _PlainColumns(Mapping[str, NDArray[Any]]):
    """Columns with one value per row, each read when it is asked for."""

    def __init__(self, table: Any) -> None:
        self._table = table
        self._names = [name for name in table_columns(table) if is_plain(table, name)]

    def __getitem__(self, name: str) -> NDArray[Any]:
        if name not in self._names:
            raise KeyError(name)
        return column(self._table, name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


def plain_columns(table: Any) -> Columns:
    """Return the columns of a table that have one value per row; none if there is no table.

    Example:
        >>> len(plain_columns(None).values)
        0
    """
    name = getattr(table, "name", "trials")
    return Columns(f"the table {name}", {} if table is None else _PlainColumns(table))


def is_plain(table: Any, name: str) -> bool:
    """Return whether a column has one value per row, neither a list nor a matrix.

    Example:
        >>> from types import SimpleNamespace
        >>> class Table(dict):
        ...     colnames, name = ["session"], "trials"
        >>> is_plain(Table(session=SimpleNamespace(data=[1, 2])), "session")
        True
    """
    held = _held(table, name)
    return not hasattr(held, "target") and len(getattr(held.data, "shape", (0,))) == 1


def ragged(table: Any, name: str) -> list[NDArray[Any]]:
    """Return a ragged column, one array per row, as views of one array.

    Raises `FormatError` if the index decreases, points past the end, or leaves values over.

    Example:
        >>> from types import SimpleNamespace
        >>> ragged(SimpleNamespace(name="units", colnames=[]), "spike_times")
        Traceback (most recent call last):
            ...
        hebbayes.core.errors.FormatError: the table units has no column spike_times; it has none.
    """
    held = _held(table, name)
    n_rows = len(table.id.data)
    if not hasattr(held, "target"):
        return [np.atleast_1d(entry) for entry in column(table, name)]
    if hasattr(held.target, "target"):
        raise FormatError(
            f"column {name} of {table.name} holds lists of lists; wanted one list per row: flatten "
            "it, or pass the stimuli in another form."
        )
    ends = read_all(held.data, f"the index of {name}").astype(np.int64)
    n_values = len(held.target.data)
    place = f"the index of {name} in {table.name}"
    if len(ends) != n_rows:
        raise FormatError(
            f"{place} has {len(ends)} entries for {n_rows} rows; the file is damaged."
        )
    steps = np.diff(ends, prepend=0)
    if (steps < 0).any():
        row = int((steps < 0).argmax())
        raise FormatError(
            f"{place} decreases at row {row} ({ends[row - 1] if row else 0}, then "
            f"{ends[row]}); the file is damaged."
        )
    if n_rows and ends[-1] != n_values:
        how = "points past the end" if ends[-1] > n_values else "ends early"
        raise FormatError(
            f"{place} {how}: it ends at {ends[-1]} of {n_values} values; the file is damaged."
        )
    return np.split(_data(held.target), ends[:-1]) if n_rows else []


def _held(table: Any, name: str) -> Any:
    names = table_columns(table)
    if name not in names:
        raise FormatError(
            f"the table {table.name} has no column {name}; it has {shown_names(names)}."
        )
    try:
        return table[name]
    except (KeyError, TypeError, AttributeError) as error:
        raise FormatError(
            f"the table {table.name} lists the column {name} and does not hold it; "
            "the file is damaged."
        ) from error


def _data(held: Any) -> NDArray[Any]:
    values = read_all(held.data, f"column {held.name}")
    if values.dtype.kind in "OS":  # text, as HDF5 and Zarr keep it
        values = np.array([v.decode() if isinstance(v, bytes) else v for v in values.tolist()])
    if values.dtype.kind not in "buifU":
        raise FormatError(
            f"column {held.name} holds neither numbers nor text; got type {values.dtype}."
        )
    return values
