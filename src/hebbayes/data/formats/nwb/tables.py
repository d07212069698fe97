"""Columns of NWB tables, each read in one piece and checked: pynwb checks none of this."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from hebbayes.core.errors import FormatError

_DEEPEST = 8


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
    ends = np.asarray(held.data[:]).astype(np.int64)
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
            f"the table {table.name} has no column {name}; it has {', '.join(names) or 'none'}."
        )
    try:
        return table[name]
    except (KeyError, TypeError, AttributeError) as error:
        raise FormatError(
            f"the table {table.name} lists the column {name} and does not hold it; "
            "the file is damaged."
        ) from error


def _data(held: Any) -> NDArray[Any]:
    values = np.asarray(held.data[:])
    if values.dtype.kind in "OS":  # text, as HDF5 and Zarr keep it
        values = np.array([v.decode() if isinstance(v, bytes) else v for v in values.tolist()])
    if values.dtype.kind not in "buifU":
        raise FormatError(
            f"column {held.name} holds neither numbers nor text; got type {values.dtype}."
        )
    return values
