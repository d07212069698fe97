"""Tables of trials beside a recording, in whatever columns their owner has.

A table with ``session``, ``trial`` and ``channel_*`` is a stimulus table of its own layout
(`stimulus_table`); any other is read by the mapping of its columns.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from hebbayes.data.columns.table import is_table, read_columns
from hebbayes.data.columns.trials import TrialMapping, trials_of
from hebbayes.data.formats.column_roles import parse_roles
from hebbayes.data.formats.stimulus_table import has_layout, read_stimulus_table

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
