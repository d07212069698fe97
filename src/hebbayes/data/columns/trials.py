"""Trials of a recording from the columns of a table, as its owner names them.

One mapping for every format: the table may be CSV, the trials of an NWB file, fields of a MATLAB
struct or arrays of an archive.  All that is missing is listed at once, with the flags to pass.
"""

from __future__ import annotations

import re
from collections.abc import Mapping as AnyMapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hebbayes.core.errors import FormatError, ValueRangeError, shown_names
from hebbayes.data.behaviour.mapping import Mapping
from hebbayes.data.columns.meaning import coded_stimuli, decided
from hebbayes.data.evoked import Trials, session_numbers

if TYPE_CHECKING:
    from hebbayes.data.columns.table import Columns
    from hebbayes.data.readers import ReadingOptions

ONSETS = (
    *("onset_s", "onset", "stim_onset", "stimulus_onset", "stimon_times", "stim_on_time"),
    *("start_time", "timestamp", "trial_start", "time_s", "time", "onset_ms", "start_ms"),
)
"""Names of columns, in small letters, that are taken for onsets, in this order."""

ONE_SESSION = "none"
"""Session column of a file with a single session."""

_STIMULUS = re.compile(r"(stimulus|stim|stimuli|channel)(_.*|\d*)", re.IGNORECASE)


@dataclass(frozen=True)
class TrialMapping:
    """Which columns of a table of trials mean what.

    Attributes:
        stimuli: Columns with stimuli; by default those called stimulus, stim or channel.
        onset: Column with the onset, or a sum of columns and seconds, such as
            ``start_time + pole_in_time``.
        session: Column with the session; none for one session.
        session_trials: Trials per session, if no column says so.
        decision: Column with the choice.
        instructed: Column with the required choice, if the choice follows from it.
        outcome: Column with what followed.
        values: Risk of each value of the outcome, None if it is unknown.
        codings: Coding of each stimulus column that needs one.
        missed: Values of the choice that mean that none was made.
    """

    stimuli: tuple[str, ...] = ()
    onset: str | None = None
    session: str = "session"
    session_trials: int | None = None
    decision: str | None = None
    instructed: str | None = None
    outcome: str | None = None
    values: AnyMapping[str, float | None] = field(default_factory=dict)
    codings: AnyMapping[str, str] = field(default_factory=dict)
    missed: tuple[str, ...] = ()

    @classmethod
    def of_options(cls, options: ReadingOptions) -> TrialMapping:
        """Return the mapping that options for reading state.

        Raises `ValueRangeError` for text that cannot be read.

        Example:
            >>> from hebbayes.data.readers import ReadingOptions
            >>> TrialMapping.of_options(ReadingOptions(stimuli="a, b", coding="b=graded"))
            TrialMapping(stimuli=('a', 'b'), ..., codings={'b': 'graded'}, missed=())
        """
        stated = Mapping(
            stimulus=options.stimuli or (),
            values=options.values or {},
            coding=options.coding or {},
            missed=options.missed or (),
        )
        return cls(
            stimuli=stated.stimulus,
            onset=options.onset,
            session=options.session_column,
            session_trials=options.session_trials,
            decision=options.decision_column,
            instructed=options.instructed,
            outcome=options.outcome_column,
            values=stated.values,
            codings=stated.coding,
            missed=stated.missed,
        )

    def behaviour(self) -> Mapping:
        """Return which columns hold the choice and what followed.

        Example:
            >>> TrialMapping(decision="lick", outcome="pay").behaviour()
            Mapping(choice='lick', outcome=('pay',))
        """
        return Mapping(
            choice=self.decision,
            instructed=self.instructed,
            outcome=(self.outcome,) if self.outcome else (),
            values=self.values,
            missed=self.missed,
        )


def trials_of(
    columns: Columns, mapping: TrialMapping, *, onset_s: NDArray[np.float64] | None = None
) -> Trials:
    """Return the trials that a table holds.

    ``onset_s`` are onsets from elsewhere, if the table needs none.  Raises `FormatError`, with all
    flags to pass, if something is missing.

    Example:
        >>> from hebbayes.data.columns.table import Columns
        >>> table = Columns("a.csv", {"t": np.array([1.0, 2]), "cue": np.array(["a", "b"])})
        >>> trials_of(table, TrialMapping(stimuli=("cue",), onset="t")).channel_ids
        ['cue=a', 'cue=b']
    """
    names = stimulus_columns(columns, mapping)
    onset = onset_s if onset_s is not None else _onset_expression(columns, mapping)
    _check_complete(columns, names, onset)
    stimuli, channel_ids, notes = coded_stimuli(columns, names, dict(mapping.codings))
    if isinstance(onset, str):
        notes.append(f"onsets are {onset}.")
        onset, units = onset_of(columns, onset)
        notes += units
    session, noted = sessions_of(columns, mapping)
    extra, labels, read_as = decided(columns, mapping.behaviour())
    return Trials(
        onset,  # type: ignore[arg-type]
        stimuli,
        session,
        channel_ids,
        extra,
        noted,
        origin={
            "read_as": [*notes, *read_as],
            "decision_labels": labels,
            "not_used": not_used(columns, mapping, names),
        },
    )


def stimulus_columns(columns: Columns, mapping: TrialMapping) -> tuple[str, ...]:
    """Return the columns with stimuli: those stated, else those whose name says so.

    Example:
        >>> from hebbayes.data.columns.table import Columns
        >>> table = Columns("a", {"stim_1": np.ones(1), "tone": np.ones(1)})
        >>> stimulus_columns(table, TrialMapping())
        ('stim_1',)
    """
    for name in mapping.stimuli:
        columns[name]  # raises if there is none
    return mapping.stimuli or tuple(n for n in columns.values if _STIMULUS.fullmatch(n))


def not_used(columns: Columns, mapping: TrialMapping, stimuli: tuple[str, ...]) -> list[str]:
    """Return the columns of a table that have no meaning for its recording.

    Example:
        >>> from hebbayes.data.columns.table import Columns
        >>> table = Columns("a", {"t": np.zeros(1), "cue": np.zeros(1), "mood": np.zeros(1)})
        >>> not_used(table, TrialMapping(onset="t"), ("cue",))
        ['mood']
    """
    onset = _onset_expression(columns, mapping) or ""
    used = {
        onset,
        *(part.strip() for part in onset.split("+")),
        *stimuli,
        *mapping.behaviour().columns(),
    }
    used |= {"trial", mapping.session}
    return [name for name in columns.values if name not in used]


def _onset_expression(columns: Columns, mapping: TrialMapping) -> str | None:
    if mapping.onset:
        return mapping.onset
    known = {name.casefold(): name for name in columns.values}
    return next((known[name] for name in ONSETS if name in known), None)


def _check_complete(columns: Columns, stimuli: tuple[str, ...], onset: object) -> None:
    missing = []
    if not stimuli:
        missing.append("--stimuli COLUMN[,COLUMN] (what was shown)")
    if onset is None:
        missing.append("--onset COLUMN (seconds on the clock of the spikes)")
    if missing:
        raise FormatError(
            f"{columns.place} does not say which columns are what; pass {' and '.join(missing)}; "
            f"it has {shown_names(columns.values)}."
        )


def onset_of(columns: Columns, expression: str) -> tuple[NDArray[np.float64], list[str]]:
    """Return onsets in seconds from a sum of columns and numbers, and notes on their unit.

    Columns whose name ends in ``_ms`` are in milliseconds.  Raises `FormatError`.

    Example:
        >>> from hebbayes.data.columns.table import Columns
        >>> table = Columns("a", {"start": np.array([1.0, 2]), "pole_ms": np.array([500.0, 250])})
        >>> onset_of(table, "start + pole_ms + 0.1")[0].tolist()
        [1.6, 2.35]
    """
    total = np.zeros(columns.n_rows)
    notes = []
    for part in [expression] if expression in columns else expression.split("+"):
        name = part.strip()
        if name not in columns and (number := _number(name)) is not None:
            total = total + number
            continue
        values = columns[name]
        if values.dtype.kind not in "buif":
            raise FormatError(
                f"{columns.place}, column {name}, must hold seconds; got "
                f"{str(values[0])[:40]!r}; pass another with --onset."
            )
        if name.casefold().endswith("_ms"):
            values = values / 1000
            notes.append(f"column {name} was read as milliseconds.")
        total = total + values
    return total, notes


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def sessions_of(
    columns: Columns, mapping: TrialMapping, n_trials: int | None = None
) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    """Return the session of each trial, and notes on how it was found.

    ``n_trials`` is the number of trials, if it is not that of the rows.

    Example:
        >>> from hebbayes.data.columns.table import Columns
        >>> table = Columns("a", {"t": np.zeros(5)})
        >>> sessions_of(table, TrialMapping(session_trials=2))[0].tolist()
        [0, 0, 1, 1, 2]
    """
    n = columns.n_rows if n_trials is None else n_trials
    if mapping.session_trials is not None:
        if mapping.session_trials < 1:
            raise ValueRangeError(
                f"--session-trials must be at least 1; got {mapping.session_trials}."
            )
        return np.arange(n) // mapping.session_trials, ()
    if mapping.session == ONE_SESSION:
        return np.zeros(n, np.int64), ()
    if mapping.session in columns:
        return session_numbers(columns[mapping.session])
    if mapping.session != "session":
        columns[mapping.session]  # raises, with the columns that there are
    return np.zeros(n, np.int64), (
        f"{columns.place} has no column session; all trials count as one session: pass "
        "--session-column NAME, --session-trials N to split them, or --session-column none.",
    )
