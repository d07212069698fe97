"""Reads behaviour from any table of trials: a file, or a DataFrame in memory.

The format is recognised from the content of a file, or else its name; files of other software are
named as what they are.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from hebbayes.data.behaviour.assembly import fields_of
from hebbayes.data.behaviour.container import Behaviour
from hebbayes.data.behaviour.mapping import Mapping
from hebbayes.data.behaviour.table import Table, table_of_frame
from hebbayes.data.provenance import versions


def read_behaviour(source: Any, mapping: Mapping | None = None, **columns: Any) -> Behaviour:
    """Return the behaviour in a file or DataFrame, its columns as ``mapping`` states.

    What the mapping leaves open follows from known conventions and the names of columns.

    Args:
        source: CSV, TSV, text or parquet table, MATLAB (v5, v7.3), NWB, npz; a DataFrame; or
            the `Table` that `read_table` returns.
        mapping: Columns by role.
        **columns: Fields of `Mapping` by keyword; they outrank ``mapping``.

    Raises `FormatError` with the flags to pass if a column cannot be told, and other
    `HebbayesError` if the file cannot be read.

    Example:
        >>> import pandas
        >>> read_behaviour(pandas.DataFrame({"choice": ["L", "R"], "reward": [0, 1]}))
        Behaviour(subjects=1, sessions=1, trials=2, channels=1, choices=2, missed=0)
        >>> read_behaviour("no-such.csv")
        Traceback (most recent call last):
            ...
        hebbayes.core.errors.FormatError: cannot read no-such.csv: No such file or directory.
    """
    stated = Mapping(**columns).filled_with(mapping or Mapping())
    if isinstance(source, Table):
        return Behaviour(**fields_of(source, stated))
    if hasattr(source, "columns") and hasattr(source, "iloc"):
        return Behaviour(**fields_of(table_of_frame(source), stated))
    return Behaviour(**fields_of(read_table(Path(source), stated), stated))


def read_table(path: Path, mapping: Mapping | None = None) -> Table:
    """Return the table of trials in a file, before its columns have a meaning.

    Columns that neither ``mapping`` nor their name gives a role may be named without being read.

    Example:
        >>> read_table(Path("no-such.csv"))
        Traceback (most recent call last):
            ...
        hebbayes.core.errors.FormatError: cannot read no-such.csv: No such file or directory.
    """
    from hebbayes.data.behaviour.readers.registry import reader_of_table

    table = reader_of_table(path)(path, mapping or Mapping())
    return replace(table, provenance={**table.provenance, "versions": versions("pandas")})
