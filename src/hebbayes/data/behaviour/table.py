"""A table of trials as a file holds it, before anybody says what its columns mean."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from hebbayes.core.errors import FormatError, shown_names

if TYPE_CHECKING:
    from pandas import DataFrame, Series

MOST_COLUMNS = 10_000
"""Columns that a table of trials may have."""


@dataclass(frozen=True, eq=False)
class Table:
    """Rows and named columns.

    Attributes:
        frame: pandas table, one row per trial.
        source: File, for messages.
        unread: Names of columns that the file holds and nobody has read.
        subject: Name of the subject that the file states, if it is one.
        provenance: File, SHA-256, format, warnings.

    Example:
        >>> import pandas
        >>> Table(pandas.DataFrame({"lick": [0, 1]})).names
        ('lick',)
    """

    frame: DataFrame
    source: str = "the table"
    unread: tuple[str, ...] = ()
    subject: Any = None
    provenance: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Names of the columns that were read."""
        return tuple(map(str, self.frame.columns))

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        return len(self.frame)

    def column(self, name: str, flag: str) -> Series:
        """Return a column.  Raises `FormatError`, with the flag that named it, if there is none."""
        if name not in self._places:
            raise FormatError(
                f"{self.source} has no column {name!r}, which {flag} names; it has "
                f"{shown_names(self.names)}."
            )
        return self.frame.iloc[:, self._places[name]]

    @cached_property
    def _places(self) -> dict[str, int]:
        return {name: place for place, name in enumerate(self.names)}


def table_of_frame(frame: Any, source: str = "the table", **held: Any) -> Table:
    """Return a table of a DataFrame, its columns named by text.

    Raises `FormatError` for a table without rows or columns, or with two columns of one name.

    Example:
        >>> import pandas
        >>> table_of_frame(pandas.DataFrame([[1, 2]], columns=["a", "a"]))
        Traceback (most recent call last):
            ...
        hebbayes.core.errors.FormatError: the table has the column a twice; give each its own name.
    """
    names = [" ".join(map(str, n)) if isinstance(n, tuple) else str(n) for n in frame.columns]
    check_names(names, source)
    if len(frame) == 0:
        raise FormatError(f"{source} has columns and no rows; wanted one row per trial.")
    return Table(frame.set_axis(names, axis=1), source, **held)


def check_names(names: list[str], source: str) -> None:
    """Raise `FormatError` unless there are columns, not too many, each with its own name.

    Example:
        >>> check_names([], "a.csv")
        Traceback (most recent call last):
            ...
        hebbayes.core.errors.FormatError: a.csv has no columns; wanted one row per trial.
    """
    if not names:
        raise FormatError(f"{source} has no columns; wanted one row per trial.")
    if len(names) > MOST_COLUMNS:
        raise FormatError(
            f"{source} has {len(names)} columns; a table of trials has {MOST_COLUMNS} at most: "
            "write one row per trial."
        )
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise FormatError(f"{source} has the column {name} twice; give each its own name.")
        seen.add(name)
