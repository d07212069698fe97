"""Tables of trials beside a recording, in whatever columns their owner has.

A table with ``session``, ``trial`` and ``channel_*`` is a stimulus table of its own layout
(`stimulus_table`); any other is read by the mapping of its columns.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from hebbayes.core.errors import FormatError
from hebbayes.data.columns.table import Columns, as_text, is_table, read_columns
from hebbayes.data.columns.trials import TrialMapping, trials_of
from hebbayes.data.formats.column_roles import parse_roles
from hebbayes.data.formats.stimulus_table import (
    StimulusTable,
    has_layout,
    read_stimulus_table,
)
from hebbayes.data.readers import MAPPING

if TYPE_CHECKING:
    from hebbayes.data.evoked import Trials
    from hebbayes.data.readers import ReadingOptions


def table_beside(options: ReadingOptions) -> Path | None:
    """Return the path of the table of trials that options name, None if they name none.

    Example:
        >>> from hebbayes.data.readers import ReadingOptions
        >>> table_beside(ReadingOptions(trials="day1.csv", stimuli="cue")).name
        'day1.csv'
        >>> table_beside(ReadingOptions(stimuli="cue")) is None
        True
    """
    for named in (options.trials, options.stimuli):
        if isinstance(named, str) and is_table(Path(named)):
            return Path(named)
    return None


def trials_beside(options: ReadingOptions) -> Trials | None:
    """Return the trials in the table that options name, None if they name none.

    Raises `FormatError`.

    Example:
        >>> from hebbayes.data.readers import ReadingOptions
        >>> trials_beside(ReadingOptions()) is None
        True
    """
    path = table_beside(options)
    if path is None:
        return None
    mapping = mapping_of_table(options)
    if options.columns or (not mapping.stimuli and has_layout(path)):
        return read_stimulus_table(path, parse_roles(options.columns)).trials
    return trials_of(read_columns(path), mapping)


def mapping_of_table(options: ReadingOptions) -> TrialMapping:
    """Return the mapping of the columns of a table whose path may stand in ``stimuli``.

    Example:
        >>> from hebbayes.data.readers import ReadingOptions
        >>> mapping_of_table(ReadingOptions(stimuli="day1.csv", onset="t")).stimuli
        ()
    """
    is_path = options.stimuli is not None and is_table(Path(options.stimuli))
    return TrialMapping.of_options(replace(options, stimuli=None) if is_path else options)


def has_mapping(options: ReadingOptions) -> bool:
    """Return whether options say what columns of a table of trials mean.

    Example:
        >>> from hebbayes.data.readers import ReadingOptions
        >>> has_mapping(ReadingOptions(stimuli="a.csv")), has_mapping(ReadingOptions(onset="t"))
        (False, True)
    """
    stated = options.changed() & MAPPING
    return bool(stated - {"stimuli"}) or bool(mapping_of_table(options).stimuli)


def table_of_counts(path: Path, options: ReadingOptions) -> StimulusTable:
    """Return the trials of a table of counts by the mapping of its columns, and their keys.

    Raises `FormatError`.

    Example:
        >>> from hebbayes.data.readers import ReadingOptions
        >>> table_of_counts(Path("no-such.csv"), ReadingOptions())
        Traceback (most recent call last):
            ...
        hebbayes.core.errors.FormatError: cannot read no-such.csv: No such file or directory.
    """
    columns = read_columns(path)
    mapping = mapping_of_table(options)
    known = {name.casefold(): name for name in columns.values}
    onset = None if mapping.onset else np.full(columns.n_rows, np.nan)
    trials = trials_of(columns, mapping, onset_s=onset)
    sessions = _texts(columns, known.get(mapping.session.casefold()), "0")
    if "trial" not in known:
        raise FormatError(
            f"{path} has no column trial, which pairs its rows with those of the counts; it has "
            f"{', '.join(columns.values)}."
        )
    return StimulusTable(trials, list(zip(sessions, _texts(columns, known["trial"], ""))))


def _texts(columns: Columns, name: str | None, default: str) -> list[str]:
    if name is None:
        return [default] * columns.n_rows
    return [as_text(one) for one in columns[name].tolist()]
