"""A proposal for the columns of a recording's trials, from their names and values.

Nothing is read by a proposal alone: `check` shows it as the next command.  Choices, outcomes and
stimuli follow the rules for tables of behaviour; the onset is that of the stimulus if a column says
so, added to the start of the trial if it counts from there.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from hebbayes.core.errors import HebbayesError
from hebbayes.data.behaviour.mapping import NONE, Mapping, as_text
from hebbayes.data.behaviour.proposing.proposal import propose
from hebbayes.data.behaviour.table import Table
from hebbayes.data.columns.table import Columns, is_number, is_table, read_columns
from hebbayes.data.columns.trials import ONSETS, onset_of
from hebbayes.data.readers import DEFAULTS, TASK_WINDOW_S, ReadingOptions

if TYPE_CHECKING:
    from collections.abc import Sequence

_EVENTS = (
    r".*stim.*(on|onset|start|time)s?",
    r"(sample|pole|sound|tone|odou?r|image|grating|visual|light|target).*(on|onset|start|in).*",
    r"cue.*(on|onset|start|time)s?",
    r"go.*(on|onset|start|time|cue)s?",
)
"""Names of columns with the time of an event, the stimulus first."""

_STARTS = ("start_time", "trial_start", "trial_start_time")
_NO_TIME = re.compile(
    r"duration|length|stop|offset|_off|_end|_out|_id|type|contrast", re.IGNORECASE
)

_SHOWN = re.compile(
    r".*(stim|cue|odou?r|tone|image|condition|contrast|orientation|trial_?type|grating).*",
    re.IGNORECASE,
)
_MOST_VALUES = 32


def proposed_options(path: Path, options: ReadingOptions) -> ReadingOptions | None:
    """Return options with what the file's own trials suggest; None if they suggest nothing new.

    What is stated stays.

    Example:
        >>> proposed_options(Path("no-such.csv"), DEFAULTS) is None
        True
    """
    try:
        columns = _trial_columns(path, options)
    except HebbayesError:
        return None
    if columns is None or not columns.values:
        return None
    found = {
        k: v for k, v in proposed_flags(columns, options).items() if not _is_stated(options, k)
    }
    if path.is_dir():
        found.pop("window", None)  # signals have a window of their own
    return replace(options, **found) if found else None


def proposed_flags(columns: Columns, options: ReadingOptions = DEFAULTS) -> dict[str, Any]:
    """Return options by name that the columns of a table of trials suggest.

    Example:
        >>> held = {"start_time": [1.0, 9.0], "cue_on": [0.5, 0.6], "type": ["L", "R"],
        ...         "response": ["hit", "error"]}
        >>> flags = proposed_flags(Columns("a", {k: np.array(v) for k, v in held.items()}))
        >>> flags["onset"], flags["stimuli"], flags["instructed"], flags["values"]
        ('start_time + cue_on', 'type', 'type', 'error=1,hit=0')
    """
    mapping = _mapping(columns, options)
    flags: dict[str, Any] = {}
    if onset := _onset(columns):
        flags["onset"] = onset
    stimuli = [name for name in mapping.stimulus if name != NONE] or _shown(columns, mapping)
    if stimuli:
        flags["stimuli"] = as_text("stimulus", tuple(stimuli))
        coding = {name: mapping.coding[name] for name in stimuli if name in mapping.coding}
        flags |= {"coding": as_text("coding", coding)} if coding else {}
    outcome = next((n for n in _outcomes(mapping) if n != NONE), None)
    if mapping.choice not in (None, NONE):
        flags["decision_column"] = mapping.choice
    elif mapping.instructed not in (None, NONE) and outcome:
        flags["instructed"] = mapping.instructed
    if outcome:
        flags["outcome_column"] = outcome
    for name in ("values", "missed"):
        if value := getattr(mapping, name):
            flags[name] = as_text(name, value)
    if "decision_column" in flags or "instructed" in flags:
        flags |= _window(columns, flags.get("onset"), options)
    if "session" not in columns and options.session_trials is None:
        is_known = mapping.session not in (None, NONE) and not _returns(columns, mapping.session)
        flags["session_column"] = mapping.session if is_known else NONE
    return flags


def _window(columns: Columns, onset: str | None, options: ReadingOptions) -> dict[str, Any]:
    """Return the half second after the onset if trials of a task are seconds apart."""
    if onset is None or options.window != DEFAULTS.window:
        return {}
    try:
        times, _ = onset_of(columns, onset)
    except HebbayesError:
        return {}
    gaps = np.diff(times[np.isfinite(times)])
    return {"window": TASK_WINDOW_S} if gaps.size and np.median(gaps) > 1 else {}


def _is_stated(options: ReadingOptions, name: str) -> bool:
    return getattr(options, name) != getattr(DEFAULTS, name)


def _mapping(columns: Columns, options: ReadingOptions) -> Mapping:
    import pandas

    stated = Mapping(
        choice=options.decision_column,
        instructed=options.instructed,
        outcome=(options.outcome_column,) if options.outcome_column else (),
        stimulus=() if is_table(Path(options.stimuli or "")) else options.stimuli or (),
        values=options.values or {},
        coding=options.coding or {},
        missed=options.missed or (),
    )
    table = Table(pandas.DataFrame(dict(columns.values)), columns.place)
    return propose(table, stated).mapping


def _outcomes(mapping: Mapping) -> Sequence[str]:
    single = [name for name in (mapping.reward, mapping.feedback) if name]
    return [*(mapping.outcome if len(mapping.outcome) == 1 else ()), *single]


def _shown(columns: Columns, mapping: Mapping) -> list[str]:
    """Return a column whose name says that it is what was shown, with few different values."""
    taken = set(mapping.columns()) - {mapping.instructed}
    for name, values in columns.values.items():
        is_event = any(_is_event(name, pattern, values) for pattern in _EVENTS)
        if name in taken or is_event or not _SHOWN.fullmatch(name):
            continue
        if 1 < len(set(values.tolist())) <= _MOST_VALUES:
            return [name]
    return []


def _onset(columns: Columns) -> str | None:
    """Return the start of the trial, or the event in it that shows the stimulus."""
    known = {name.casefold(): name for name in columns.values}
    start = next((known[name] for name in _STARTS if name in known), None)
    events = [n for p in _EVENTS for n in columns.values if _is_event(n, p, columns[n])]
    if start is None or not events:
        return next((known[name] for name in (*_STARTS, *ONSETS) if name in known), None) or next(
            iter(events), None
        )
    event = events[0]
    return f"{start} + {event}" if _counts_from(columns[event], columns[start]) else event


def _is_event(name: str, pattern: str, values: Any) -> bool:
    if not re.fullmatch(pattern, name, re.IGNORECASE) or _NO_TIME.search(name):
        return False
    return is_number(values) and len(set(values[np.isfinite(values)].tolist())) > 1


def _counts_from(values: Any, start: Any) -> bool:
    """Whether times count from the start of their trials: they do not follow the clock."""
    known = np.isfinite(values) & np.isfinite(start)
    if known.sum() < 2:
        return False
    gap = float(np.median(np.diff(start[known])))
    return bool(np.max(values[known]) < max(10 * gap, float(np.min(start[known])) + gap)) and bool(
        np.ptp(values[known]) < max(np.ptp(start[known]), gap)
    )


def _returns(columns: Columns, name: str | None) -> bool:
    """Whether a label comes back after another, which a session does not."""
    labels = columns[str(name)].tolist()
    starts = [a for a, b in zip(labels, [object(), *labels]) if a != b]
    return len(set(starts)) < len(starts)


def _trial_columns(path: Path, options: ReadingOptions) -> Columns | None:
    """Return the columns of the trials of a file, if it has a table of them."""
    if is_table(path):
        return _of_tables(path, options)
    from hebbayes.data.formats.imaging.suite2p import is_suite2p, trials_of_folder
    from hebbayes.data.formats.tables.trials import table_beside

    beside = table_beside(options)
    if beside is None and is_suite2p(path):
        beside = trials_of_folder(path)
        return None if beside is None else read_columns(beside)
    if beside is not None:
        return read_columns(beside)
    from hebbayes.data.formats.builtin import NWB
    from hebbayes.data.formats.nwb.tables import plain_columns
    from hebbayes.data.reading import reader_of

    if reader_of(path) is not NWB:
        return None
    from hebbayes.data.formats.nwb.reading import opened_nwb

    with opened_nwb(path, []) as file:
        held = plain_columns(file.trials)
        return Columns(held.place, {name: held[name] for name in held.values})


def _of_tables(path: Path, options: ReadingOptions) -> Columns:
    from hebbayes.data.formats.tables.reading import trials_beside_table
    from hebbayes.data.formats.tables.shape import unit_columns

    beside = trials_beside_table(path, options)
    columns = read_columns(path if beside is None else beside)
    units = set(unit_columns(list(columns.values), options.spikes))
    kept = {name: v for name, v in columns.values.items() if name not in units}
    return Columns(columns.place, kept)
