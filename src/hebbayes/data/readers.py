"""Readers of recording files, built in or installed as plug-ins.

A reader is a `Reader` record. The built-in ones stand in `formats.builtin`; another package adds
its own as an entry point of the group ``hebbayes.readers`` whose value is such a record.  A reader
recognises a file by its name or first bytes and imports its format only when it reads.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hebbayes.core.plug_ins import load_plug_in, plug_ins
from hebbayes.data.binning import WINDOW_S

if TYPE_CHECKING:
    from pathlib import Path

    from hebbayes.data.binning import TimeUnit
    from hebbayes.data.evoked import Trials
    from hebbayes.data.recording import Cultures

GROUP = "hebbayes.readers"
"""Entry point group of readers."""

HEAD_BYTES = 2048
"""Number of bytes at the beginning of a file that a reader may look at to recognise it."""


@dataclass(frozen=True)
class ReadingOptions:
    """Options for reading a recording file.

    Attributes:
        condition: Label of the condition; the file's own by default.
        session_length: Trials per session, if the file does not state it.
        window: Start and end of the counting window after the onset, in seconds.
        time_unit: Unit of spike times; None takes seconds if the times are plausible in seconds.
        rate_hz: Sampling rate of spike times.
        trials: Table of trials, ``TABLE`` or ``TABLE/COLUMN``, or the trials themselves.
        session_column: Column that holds the session; ``none`` for a single session.
        stimuli: What holds the stimuli, or the path of a stimulus table (.csv).
        columns: Roles of columns of a stimulus table, such as ``choice=decision,block=none``.
        spikes: Where the spikes or signals are: a path, or a name in the file.
        onset: Column with the onset, or a sum such as ``start_time + pole_in_time``.
        session_trials: Trials per session, if no column says so.
        decision_column: Column with the choice.
        outcome_column: Column with what followed.
        instructed: Column with the required choice, from which the choice follows.
        values: Risk of each value of the outcome: ``correct=0,incorrect=1,ignore=none``.
        coding: Codings of stimulus columns, such as ``contrast=graded``.
        missed: Values of the choice that mean that none was made.
        sort_spikes: Whether spikes that are out of order are sorted, with a warning.
        baseline_window_s: Seconds before the onset whose mean is subtracted from signals.
    """

    condition: str | None = None
    session_length: int = 256
    window: tuple[float, float] = WINDOW_S
    time_unit: TimeUnit | None = None
    rate_hz: float | None = None
    trials: str | Trials = "trials"
    session_column: str = "session"
    stimuli: str | None = None
    columns: str | None = None
    spikes: str | None = None
    onset: str | None = None
    session_trials: int | None = None
    decision_column: str | None = None
    outcome_column: str | None = None
    instructed: str | None = None
    values: str | None = None
    coding: str | None = None
    missed: str | None = None
    sort_spikes: bool = False
    baseline_window_s: float = 0.0

    def changed(self) -> frozenset[str]:
        """Return the names of the options that differ from their defaults.

        Example:
            >>> sorted(ReadingOptions(rate_hz=20_000.0).changed())
            ['rate_hz']
        """
        return frozenset(k for k, value in vars(self).items() if value != getattr(DEFAULTS, k))


MAPPING = frozenset(
    {
        *("stimuli", "session_column", "onset", "session_trials", "decision_column"),
        *("outcome_column", "instructed", "values", "coding", "missed"),
    }
)
"""Options that say which columns of a table of trials mean what."""

DEFAULTS = ReadingOptions()
"""Options by default."""

TASK_WINDOW_S = (0.0, 0.5)
"""Proposed window of a task whose trials are seconds apart; the default is for brief pulses."""


@dataclass(frozen=True)
class Reader:
    """Recognises and reads the files of one format.

    Attributes:
        name: Short name, such as npz; it stands in provenance and messages.
        files: Description of its files, such as ``NumPy (.npz)``.
        recognises: Whether a path, of which the first `HEAD_BYTES` bytes are given (none for a
            folder), has this format.  Cheap: it imports no library of the format.
        read: Path and options to the cultures that the file holds.
        options: Names of the `ReadingOptions` that the reader takes.
    """

    name: str
    files: str
    recognises: Callable[[Path, bytes], bool]
    read: Callable[[Path, ReadingOptions], Cultures]
    options: frozenset[str] = frozenset({"condition"})


def plug_in_readers() -> tuple[Reader, ...]:
    """Return the readers that other installed packages provide, in order of their names.

    Raises `FormatError` with the name of the plug-in if one cannot be loaded.

    Example:
        >>> all(isinstance(reader, Reader) for reader in plug_in_readers())
        True
    """
    return tuple(load_plug_in(point, Reader, "reader") for point in plug_ins(GROUP))
