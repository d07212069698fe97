"""Spikes as a table with a unit and a time per row, counted after the onsets of trials.

Times may be in seconds, milliseconds or samples.  A ``session`` column means a clock per session; a
``trial`` column with times that restart means a clock per trial.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hebbayes.core.errors import FormatError, shown_names
from hebbayes.data.binning import SpikeTrains
from hebbayes.data.columns.table import as_text, is_number
from hebbayes.data.evoked import evoked_recording, in_order
from hebbayes.data.formats.arrays import from_arrays, trains_by_unit
from hebbayes.data.formats.tables.shape import TIMES, UNITS, find
from hebbayes.data.provenance import notes, with_provenance

if TYPE_CHECKING:
    from hebbayes.data.binning import TimeUnit
    from hebbayes.data.columns.table import Columns
    from hebbayes.data.evoked import Trials
    from hebbayes.data.readers import ReadingOptions
    from hebbayes.data.recording import Recording


def counted_spikes(
    spikes: Columns, trials: Trials, trial_table: Columns, options: ReadingOptions
) -> Recording:
    """Return the recording of spikes in a table, counted after the onsets of ``trials``.

    Raises `FormatError` and the errors of `count_spikes`.

    Example:
        >>> from hebbayes.data.columns.table import Columns
        >>> from hebbayes.data.evoked import Trials
        >>> from hebbayes.data.readers import ReadingOptions
        >>> spikes = Columns("s", {"unit": np.array([1, 2]), "time": np.array([0.015, 1.02])})
        >>> trials = Columns("t", {"onset": np.array([0.0, 1.0])})
        >>> made = counted_spikes(spikes, Trials([0.0, 1.0], np.eye(2)), trials, ReadingOptions())
        >>> made.responses.tolist()
        [[1, 0], [0, 1]]
    """
    names = list(spikes.values)
    unit_column, time_column = find(names, UNITS), find(names, TIMES)
    if unit_column is None or time_column is None:
        raise FormatError(
            f"{spikes.place} has no column {'unit' if unit_column is None else 'time'}; wanted a "
            f"table of spikes with unit and time; it has {shown_names(names)}."
        )
    unit, times = _units(spikes, unit_column), spikes[time_column]
    if not is_number(times):
        raise FormatError(
            f"{spikes.place}, column {time_column}, must hold times; got {str(times[0])[:40]!r}."
        )
    time_unit = options.time_unit or _unit_of(time_column)
    clock: dict[str, Any] = {"time_unit": time_unit, "rate_hz": options.rate_hz}
    if (restarting := _restarting_trials(spikes, times, trial_table)) is not None:
        return from_arrays(
            times, trials, spike_units=unit, spike_trials=restarting, window=options.window, **clock
        )
    parts: list[SpikeTrains] = []
    warnings: list[str] = []
    for rows in _sessions(spikes, trial_table, trials):
        trains = SpikeTrains(*trains_by_unit(times[rows], unit[rows]), **clock)
        trains, late = in_order(trains) if options.sort_spikes else (trains, ())
        parts.append(trains)
        warnings += late
    made = evoked_recording(parts if len(parts) > 1 else parts[0], trials, window=options.window)
    return with_provenance(made, notes(warnings=warnings))


def _units(spikes: Columns, name: str) -> NDArray[Any]:
    values = spikes[name]
    if not is_number(values):
        return values
    if not np.isfinite(values).all():
        row = int(np.argmin(np.isfinite(values)))
        raise FormatError(f"{spikes.place} has no {name} at row {row + 2}; write it again.")
    return values.astype(np.int64) if (values == np.rint(values)).all() else values


def _unit_of(time_column: str) -> TimeUnit | None:
    small = time_column.casefold()
    return "ms" if small.endswith("_ms") else "samples" if "sample" in small else None


def _restarting_trials(
    spikes: Columns, times: NDArray, trial_table: Columns
) -> NDArray[np.int64] | None:
    """Return the position of each spike's trial if times restart in each, else None."""
    column = find(list(spikes.values), ("trial", "trial_id"))
    if column is None:
        return None
    numbered = [as_text(one) for one in spikes[column].tolist()]
    starts = np.array([a != b for a, b in zip(numbered, ["", *numbered])])
    first = np.minimum.reduceat(times, np.flatnonzero(starts))
    if (np.diff(first) >= 0).all() and len(first) > 1 and float(np.ptp(first)) > np.ptp(times) / 2:
        return None  # one clock
    other = find(list(trial_table.values), ("trial", "trial_id"))
    keys = (
        [as_text(one) for one in trial_table[other].tolist()]
        if other
        else [str(k) for k in range(trial_table.n_rows)]
    )
    place = {key: k for k, key in enumerate(keys)}
    if len(place) < len(keys):
        raise FormatError(
            f"{trial_table.place} has several rows for one trial; number the trials 0, 1, ... over "
            "all sessions, since the times of spikes restart in each."
        )
    if unknown := [key for key in numbered if key not in place]:
        raise FormatError(
            f"{spikes.place} has spikes of trial {unknown[0]}, which {trial_table.place} lacks."
        )
    return np.array([place[key] for key in numbered], np.int64)


def _sessions(spikes: Columns, trial_table: Columns, trials: Trials) -> list[NDArray[np.bool_]]:
    """Return the rows of each session that has a clock of its own; all rows of one clock."""
    everything = [np.ones(spikes.n_rows, bool)]
    column = find(list(spikes.values), ("session",))
    other = find(list(trial_table.values), ("session",))
    onset = np.asarray(trials.onset_s, float)
    is_one_clock = not (np.diff(onset[np.isfinite(onset)]) < 0).any()
    if column is None or other is None or is_one_clock or trials.session is None:
        return everything
    label_of = {
        int(number): as_text(label)
        for number, label in zip(np.asarray(trials.session), trial_table[other].tolist())
    }
    own = np.array([as_text(one) for one in spikes[column].tolist()])
    return [own == label_of[number] for number in sorted(label_of)]
