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

from hebbayes.core.errors import FormatError, shown_names
from hebbayes.data.columns.meaning import coded_stimuli, decided
from hebbayes.data.columns.table import Columns
from hebbayes.data.columns.trials import TrialMapping, not_used, onset_of, sessions_of
from hebbayes.data.evoked import Trials
from hebbayes.data.formats.nwb.stimuli import Stimuli, candidates
from hebbayes.data.formats.nwb.tables import column, is_plain, named, plain_columns, table_columns

_ONSETS = ("start_time", "timestamp")


def find_trials(
    file: Any,
    place: str | Trials,
    mapping: TrialMapping,
    onset_s: NDArray[np.float64] | None = None,
) -> Trials:
    """Return the trials of a file: onsets, sessions, stimuli, and what else the table holds.

    ``onset_s`` replaces a trial table if there is none.  Raises `FormatError` if something is
    missing or ambiguous.

    Example:
        >>> given = Trials([0.0], [[1.0]])
        >>> find_trials(None, given, TrialMapping()) is given
        True
    """
    if isinstance(place, Trials):
        return place
    name, _, onset_column = place.partition("/")
    table = _table(file, name)
    columns = plain_columns(table)
    read_as: list[str] = []
    if table is not None:
        onset = mapping.onset or onset_column or next((c for c in _ONSETS if c in columns), "")
        onset_s, units = onset_of(columns, onset or _ONSETS[0])
        read_as += [f"onsets are {onset}.", *units] if mapping.onset else []
    given = _stimuli(file, table, mapping, onset_s)
    onset_s = given.onset_s if onset_s is None else onset_s
    if onset_s is None:
        raise FormatError(
            f"the file has no table {name} and its stimuli have no times; pass "
            "trials=TABLE/COLUMN, or the Trials themselves."
        )
    if table is None:
        columns = plain_columns(given.table)
    session, warnings = _sessions(columns, mapping, given)
    extra = _extra(columns, table) if table is not None else {}
    stated, labels, sentences = decided(columns, mapping.behaviour())
    return Trials(
        onset_s,
        given.stimuli,
        session,
        given.channel_ids,
        {**extra, **stated},
        (*given.warnings, *warnings),
        given.dropped,
        origin=_origin([*read_as, *given.read_as, *sentences], labels, columns, mapping),
    )


def _origin(
    read_as: list[str], labels: list[str], columns: Columns, mapping: TrialMapping
) -> dict[str, Any]:
    """Return what flags became, and the columns without a meaning; nothing if none was passed."""
    if not read_as:
        return {}
    unused = not_used(columns, mapping, mapping.stimuli)
    stated = {"read_as": read_as, "decision_labels": labels, "not_used": unused}
    return {name: value for name, value in stated.items() if value}


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
            f"with onsets: {shown_names(others)}."
        )
    return tables[0]


def _stimuli(
    file: Any, table: Any, mapping: TrialMapping, onset_s: NDArray[np.float64] | None
) -> Stimuli:
    name = ",".join(mapping.stimuli) or None
    if mapping.stimuli and _are_coded(table, mapping):
        columns = plain_columns(table)
        stimuli, ids, read_as = coded_stimuli(columns, mapping.stimuli, dict(mapping.codings))
        return Stimuli(stimuli, np.array(ids), read_as=tuple(read_as))
    places: dict[str, Callable[[NDArray | None], Stimuli]] = candidates(file, table, name)
    if len(places) == 1:
        return next(iter(places.values()))(onset_s)
    if places:
        raise FormatError(
            f"the file holds stimuli in several places: {shown_names(places)}; pass "
            "stimuli=NAME to choose one."
        )
    wanted = f"named {name}" if name else "such as a trial column stimulus_channels"
    held = f"; the trials have {shown_names(table_columns(table))}" if table is not None else ""
    raise FormatError(
        f"the file has no stimuli {wanted}, a series in stimulus, trial columns stimulus_0, "
        "stimulus_1, ... or an EventsTable; pass --stimuli COLUMN[,COLUMN] of the trials, NAME of "
        f"a series, or a stimulus table (CSV with onset_s and one column per channel){held}."
    )


def _are_coded(table: Any, mapping: TrialMapping) -> bool:
    """Whether the stimuli are trial columns of one value per trial, other than channel numbers."""
    if not all(name in table_columns(table) and is_plain(table, name) for name in mapping.stimuli):
        return False
    if len(mapping.stimuli) > 1 or mapping.codings:
        return True
    held = plain_columns(table)[mapping.stimuli[0]]
    return held.dtype.kind in "Ufb" or set(np.unique(held).tolist()) <= {0, 1}


def _sessions(
    columns: Columns, mapping: TrialMapping, given: Stimuli
) -> tuple[NDArray, tuple[str, ...]]:
    if not columns.values and mapping.session_trials is None:
        single = np.zeros(len(given.stimuli), np.int64)
        is_stated = mapping.session == "none"
        return single, () if is_stated else ("no table has sessions; one session is assumed.",)
    if given.rows is not None and mapping.session in columns:
        columns = Columns(columns.place, {mapping.session: columns[mapping.session][given.rows]})
    return sessions_of(columns, mapping, n_trials=len(given.stimuli))


def _extra(columns: Columns, table: Any) -> dict[str, Any]:
    names = table_columns(table)
    fields = {"decisions": "decision", "risk": "risk", "sources": "sources"}
    extra = {field: column(table, name) for field, name in fields.items() if name in names}
    numbered = sorted(
        (int(n[7:]), n) for n in names if n.startswith("source_") and n[7:].isdecimal()
    )
    if numbered and "sources" not in extra:
        extra["sources"] = np.stack([columns[name] for _, name in numbered], axis=1)
    return extra
