"""Trials of an NWB file, and the four ways in which files hold their stimuli.

(a) a ragged trial column of channel numbers, (b) a ``TimeSeries`` in ``stimulus`` with a row per
trial, (c) one trial column per channel, (d) an ``EventsTable`` with a channel per event, in
which the events of one trial form one pattern.  A trial column (trials, channels), as written by
`to_nwb`, is read too.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hebbayes.core.errors import FormatError
from hebbayes.data.evoked import Trials, session_numbers
from hebbayes.data.formats.nwb.stimuli import Stimuli, candidates
from hebbayes.data.formats.nwb.tables import column, named, table_columns

_ONSETS = ("start_time", "timestamp")
ALL_ONE = "none"


def find_trials(
    file: Any,
    place: str | Trials,
    session_column: str,
    stimuli: str | None,
    onset_s: NDArray[np.float64] | None = None,
) -> Trials:
    """Return the trials of a file: onsets, sessions, stimuli, and what else the table holds.

    ``onset_s`` replaces a trial table if there is none.  Raises `FormatError` if something is
    missing or ambiguous.

    Example:
        >>> given = Trials([0.0], [[1.0]])
        >>> find_trials(None, given, "session", None) is given
        True
    """
    if isinstance(place, Trials):
        return place
    name, _, onset_column = place.partition("/")
    table = _table(file, name)
    if table is not None:
        onset_column = onset_column or next((c for c in _ONSETS if c in table_columns(table)), "")
        onset_s = column(table, onset_column or _ONSETS[0])
    given = _stimuli(file, table, stimuli, onset_s)
    onset_s = given.onset_s if onset_s is None else onset_s
    if onset_s is None:
        raise FormatError(
            f"the file has no table {name} and its stimuli have no times; pass "
            "trials=TABLE/COLUMN, or the Trials themselves."
        )
    session, warnings = _sessions(table or given.table, session_column, given)
    return Trials(
        onset_s,
        given.stimuli,
        session,
        given.channel_ids,
        _extra(table) if table is not None else {},
        (*given.warnings, *warnings),
        given.dropped,
    )


def _table(file: Any, name: str) -> Any:
    """Return the trial table; None if the default one is missing."""
    if name == "trials":
        return file.trials
    tables = [item for item in named(file, name) if table_columns(item)]
    if len(tables) != 1:
        every = file.objects.values()
        others = sorted({item.name for item in every if set(_ONSETS) & set(table_columns(item))})
        raise FormatError(
            f"the file has {len(tables) or 'no'} tables {name}; wanted one with onsets; tables "
            f"with onsets: {', '.join(others) or 'none'}."
        )
    return tables[0]


def _stimuli(
    file: Any, table: Any, stimuli: str | None, onset_s: NDArray[np.float64] | None
) -> Stimuli:
    places: dict[str, Callable[[NDArray | None], Stimuli]] = candidates(file, table, stimuli)
    if len(places) == 1:
        return next(iter(places.values()))(onset_s)
    if places:
        raise FormatError(
            f"the file holds stimuli in several places: {', '.join(places)}; pass "
            "stimuli=NAME to choose one."
        )
    wanted = f"named {stimuli}" if stimuli else "such as a trial column stimulus_channels"
    raise FormatError(
        f"the file has no stimuli {wanted}, a series in stimulus, trial columns stimulus_0, "
        "stimulus_1, ... or an EventsTable; pass stimuli=NAME, or a stimulus table (CSV with "
        "session, trial, onset_s and one column per channel)."
    )


def _sessions(table: Any, session_column: str, given: Stimuli) -> tuple[NDArray, tuple[str, ...]]:
    n_trials = len(given.stimuli)
    single = np.zeros(n_trials, np.int64)
    if session_column == ALL_ONE:
        return single, ()
    if table is None:
        return single, ("no table has sessions; a single session is assumed.",)
    if session_column not in table_columns(table):
        raise FormatError(
            f"the table {table.name} has no column {session_column} for the session of each trial; "
            f"it has {', '.join(table_columns(table))}; pass session_column=NAME, or "
            f"session_column={ALL_ONE} for a single session."
        )
    values = column(table, session_column)
    return session_numbers(values if given.rows is None else values[given.rows])


def _extra(table: Any) -> dict[str, Any]:
    names = table_columns(table)
    fields = {"decisions": "decision", "risk": "risk", "sources": "sources"}
    extra = {field: column(table, name) for field, name in fields.items() if name in names}
    numbered = sorted(
        (int(n[7:]), n) for n in names if n.startswith("source_") and n[7:].isdecimal()
    )
    if numbered and "sources" not in extra:
        extra["sources"] = np.stack([column(table, name) for _, name in numbered], axis=1)
    return extra
