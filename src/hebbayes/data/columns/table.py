"""Tables as people have them: CSV, TSV or Parquet, one row per trial or per spike.

The separator, decimal commas, a byte order mark, an unnamed index column, TRUE and FALSE, ``n/a``
and a missing line break at the end are understood.  A row that is too short or too long is refused.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hebbayes.core.errors import FormatError, MissingDependencyError, shown_text
from hebbayes.data.limits import check_regular

SUFFIXES = (".csv", ".tsv", ".txt", ".parquet")
"""Endings of the names of tables."""

_DECIMAL_COMMA = re.compile(r"-?[0-9]+,[0-9]+")
_SAMPLE = 2**16


@dataclass(frozen=True, eq=False)
class Columns:
    """The columns of a table by name.

    Attributes:
        place: What the table is, for messages, such as a path.
        values: Column name to (rows,): numbers, truth values or text.
    """

    place: str
    values: Mapping[str, NDArray[Any]]

    def __getitem__(self, name: str) -> NDArray[Any]:
        """Return a column.  Raises `FormatError`, which lists the columns, if there is none."""
        if name not in self.values:
            raise FormatError(f"{self.place} has no column {name}; it has {shown(self.values)}.")
        return self.values[name]

    def __contains__(self, name: str) -> bool:
        """Return whether there is a column of this name."""
        return name in self.values

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        return len(next(iter(self.values.values()), ()))


def is_number(values: NDArray[Any]) -> bool:
    """Return whether a column holds numbers or truth values.

    Example:
        >>> is_number(np.array([1.0])), is_number(np.array(["a"]))
        (True, False)
    """
    return values.dtype.kind in "buif"


def as_text(value: object) -> str:
    """Return a cell as text; a whole number without decimals, a missing one as ''.

    Example:
        >>> as_text(2.0), as_text("day 1"), as_text(float("nan"))
        ('2', 'day 1', '')
    """
    if isinstance(value, float):
        return "" if np.isnan(value) else str(int(value) if value.is_integer() else value)
    return str(value).strip()


def shown(names: Any) -> str:
    """Return names for a message, at most twenty of them.

    Example:
        >>> shown(["a", "b"]), shown([])
        ('a, b', 'none')
    """
    listed = [str(name) for name in names]
    more = f", ... ({len(listed)})" if len(listed) > 20 else ""
    return (", ".join(listed[:20]) or "none") + more


def is_table(path: Path) -> bool:
    """Return whether a name is that of a table.

    Example:
        >>> is_table(Path("trials.TSV")), is_table(Path("trials"))
        (True, False)
    """
    return Path(path).suffix.casefold() in SUFFIXES


def read_columns(path: Path, n_rows: int | None = None) -> Columns:
    """Return the columns of a table, of its first ``n_rows`` rows if given.

    Raises `FormatError` for a file that is missing, empty, ragged or no text in UTF-8.

    Example:
        >>> read_columns(Path("no-such.csv"))
        Traceback (most recent call last):
            ...
        hebbayes.core.errors.FormatError: cannot read no-such.csv: No such file or directory.
    """
    path = Path(path)
    check_regular(path)
    try:
        if not path.stat().st_size:
            raise FormatError(f"{path} is empty; wanted a table with a header.")
        frame = _parquet(path) if path.suffix.casefold() == ".parquet" else _text(path, n_rows)
    except OSError as error:
        raise FormatError(f"cannot read {path}: {error.strerror or error}.") from error
    return columns_of_frame(frame, str(path))


def column_names(path: Path) -> list[str]:
    """Return the names of the columns of a table, from its beginning.  Raises `FormatError`.

    Example:
        >>> column_names(Path("no-such.csv"))
        Traceback (most recent call last):
            ...
        hebbayes.core.errors.FormatError: cannot read no-such.csv: No such file or directory.
    """
    return list(read_columns(path, n_rows=1).values)


def columns_of_frame(frame: Any, place: str) -> Columns:
    """Return the columns of a pandas table; text columns have '' where an entry is missing.

    Raises `FormatError` for two columns of one name, or no row.

    Example:
        >>> import pandas
        >>> frame = pandas.DataFrame({"cue": ["a", None], "gain": [1, None]})
        >>> {name: v.tolist() for name, v in columns_of_frame(frame, "a table").values.items()}
        {'cue': ['a', ''], 'gain': [1.0, nan]}
    """
    names = [str(name).strip() for name in frame.columns]
    if twice := [name for name in names if names.count(name) > 1]:
        raise FormatError(f"{place} has the column {twice[0]} twice; give each its own name.")
    if not len(frame):
        raise FormatError(f"{place} has a header and no row; wanted one row per trial.")
    return Columns(place, {name: _values(frame.iloc[:, k]) for k, name in enumerate(names)})


def _values(series: Any) -> NDArray[Any]:
    kind = series.dtype.kind
    if kind in "buif" and not hasattr(series.dtype, "na_value"):
        return np.asarray(series)
    if kind in "buif":
        return np.asarray(series.to_numpy(dtype=float, na_value=np.nan))
    is_missing = series.isna()
    held = series[~is_missing]
    if len(held) and all(isinstance(one, (bool, np.bool_)) for one in held):
        return np.asarray(series.map({True: 1.0, False: 0.0}).astype(float))
    return np.array(
        [str(one).strip() for one in series.astype(object).where(~is_missing, "")], np.str_
    )


def _parquet(path: Path) -> Any:
    import pandas

    try:
        return pandas.read_parquet(path)
    except ImportError as error:
        raise MissingDependencyError(
            f"reading {path.name} needs pyarrow; install pyarrow, or save the table as CSV."
        ) from error
    except Exception as error:  # pyarrow raises its own kinds for damaged files
        raise FormatError(f"{path} is not a readable Parquet file; write it again.") from error


def _text(path: Path, n_rows: int | None) -> Any:
    import pandas

    first, sample, n_before = _beginning(path)
    separator = max(",;\t", key=first.count)
    if separator not in first and " " in first.strip():
        separator = r"\s+"
    else:
        _check_header(path, next(csv.reader([first], delimiter=separator)))
    cells = re.split(separator if len(separator) > 1 else re.escape(separator), sample)
    decimal = "," if separator != "," and any(map(_DECIMAL_COMMA.fullmatch, cells)) else "."
    options = {
        "sep": separator,
        "decimal": decimal,
        "encoding": "utf-8-sig",
        "low_memory": False,
        "na_values": ["n/a", "none", "None"],
        "nrows": n_rows,
        "skiprows": n_before,
    }
    if len(separator) > 1:
        del options["low_memory"]
    try:
        frame = pandas.read_csv(path, **options)
        if not isinstance(frame.index, pandas.RangeIndex):  # one cell more than in the header
            frame = _without_extra_cell(frame, path)
    except UnicodeDecodeError as error:
        raise FormatError(f"{path} is no text in UTF-8; write it again as UTF-8.") from error
    except (pandas.errors.ParserError, pandas.errors.EmptyDataError) as error:
        reason = shown_text(error, 120)
        raise FormatError(f"{path} is no table ({reason}); write it again.") from error
    named = first.strip("\r\n").rstrip(separator) if len(separator) == 1 else first
    _check_last_row(path, separator, len(named.split(separator)))
    return _without_empty_edges(frame)


def _without_empty_edges(frame: Any) -> Any:
    """Leave out an index column, and nameless columns and last rows that are empty."""
    nameless = [name for name in frame.columns if str(name).startswith("Unnamed:")]
    empty = [name for name in nameless if name == frame.columns[0] or frame[name].isna().all()]
    frame = frame.drop(columns=empty)
    if not len(frame) or frame.iloc[-1].notna().any():
        return frame
    held = frame.notna().any(axis=1).to_numpy().nonzero()[0]
    return frame.iloc[: int(held[-1]) + 1 if held.size else 0]


def _check_header(path: Path, names: list[str]) -> None:
    """Refuse names that stand twice, which pandas would number."""
    held = [name.strip() for name in names]
    if twice := [name for name in held if name and held.count(name) > 1]:
        raise FormatError(f"{path} has the column {twice[0]} twice; give each its own name.")


def _without_extra_cell(frame: Any, path: Path) -> Any:
    """Rows begin with a name, as R writes them, or end with a separator too many."""
    if frame.index.nlevels > 1:
        cells = frame.reset_index(names=[f"level {k}" for k in range(frame.index.nlevels)])
        if cells.iloc[:, frame.shape[1] :].isna().all(axis=None):
            return cells.iloc[:, : frame.shape[1]].set_axis(list(frame.columns), axis=1)
        raise FormatError(
            f"{path} has {frame.index.nlevels} more cells in its rows than in its header; write it "
            "again."
        )
    if not frame.iloc[:, -1].isna().all():
        return frame.reset_index(drop=True)
    shifted = frame.iloc[:, :-1]
    first = frame.index.to_frame(index=False).iloc[:, 0]
    shifted = shifted.reset_index(drop=True)
    shifted.insert(0, "first", first)
    return shifted.set_axis(list(frame.columns), axis=1)


def _beginning(path: Path) -> tuple[str, str, int]:
    """Return the header, the beginning of what follows in whole lines, and the lines before it.

    Excel may write ``sep=;`` before the header.
    """
    with path.open("rb") as stream:
        content = stream.read(_SAMPLE)
    if b"\0" in content:
        raise FormatError(f"{path} is no text, so no table; check its format.")
    lines = content.decode("utf-8-sig", "replace").splitlines(keepends=True)
    n_before = int(len(lines) > 1 and lines[0].strip().strip('"').casefold().startswith("sep="))
    sample = "".join(lines[n_before + 1 : 200]).replace("\r\n", "\n").replace("\n", ";")
    return lines[n_before], sample, n_before


def _check_last_row(path: Path, separator: str, n_cells: int) -> None:
    """Refuse a file that was cut off within its last row, which pandas would fill up."""
    if len(separator) > 1:
        return
    with path.open("rb") as stream:
        stream.seek(0, 2)
        stream.seek(max(0, stream.tell() - _SAMPLE))
        lines = stream.read().decode("utf-8", "replace").rstrip("\r\n").splitlines()
    if lines and lines[-1].strip() and '"' not in lines[-1]:
        held = len(lines[-1].split(separator))
        if held < n_cells:
            raise FormatError(
                f"{path} has {held} cells in its last row and {n_cells} in its header, so it may "
                "be cut off; write it again."
            )
