"""What was given in each trial of an NWB file: one function per way of saying it.

`candidates` finds the ways that a file uses; each is a function of the trials' onsets, or of None
where no table has any.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hebbayes.core.errors import FormatError
from hebbayes.data.formats.nwb.tables import column, ragged, table_columns
from hebbayes.data.formats.patterns import (
    CHANNEL,
    PREFIXES,
    SAME_S,
    number_of,
    numbered_columns,
    pattern_matrix,
)

Floats = NDArray[np.float64]
Way = Callable[[Floats | None], "Given"]

OUTSIDE = "stimulus events outside every trial"

_RAGGED, _MATRIX = "stimulus_channels", "stimuli"


@dataclass(frozen=True, eq=False)
class Given:
    """Stimuli (trials, channels), and what the place they stand in says besides.

    onset_s and rows: where stimuli bring their own onsets, these and the row of ``table`` of each.
    """

    stimuli: NDArray[Any]
    channel_ids: NDArray[Any]
    onset_s: Floats | None = None
    table: Any = None
    rows: NDArray[np.int64] | None = None
    warnings: tuple[str, ...] = ()
    dropped: Mapping[str, int] = field(default_factory=dict)


def candidates(file: Any, table: Any, name: str | None) -> dict[str, Way]:
    """Return, by name, the ways in which a file says what was given; only ``name`` where given.

    Example:
        >>> from types import SimpleNamespace
        >>> candidates(SimpleNamespace(stimulus={}, objects={}), None, None)
        {}
    """
    found: dict[str, Way] = {}
    names = table_columns(table)
    for each in [name] if name else [_RAGGED, _MATRIX]:
        if each in names:
            found[f"trial column {each}"] = partial(_from_column, table, each)
    for prefix, columns in numbered_columns(names).items():
        if prefix == name or (name is None and prefix in PREFIXES):
            found[f"trial columns {columns[0]}, ..."] = partial(_from_columns, table, columns)
    for each, series in (file.stimulus or {}).items():
        if name in (None, each) and hasattr(series, "data") and hasattr(series, "timestamps"):
            found[f"stimulus series {each}"] = partial(_from_series, series)
    for item in file.objects.values():
        is_events = getattr(item, "neurodata_type", "") == "EventsTable" and item is not table
        if is_events and name in (None, item.name):
            found[f"events table {item.name}"] = partial(_from_events, item, table)
    return found


def _from_column(table: Any, name: str, onset_s: Floats | None) -> Given:
    """Ragged lists of channels (a), or a column (trials, channels)."""
    held = table[name]
    if not hasattr(held, "target") and np.ndim(held.data) == 2:
        stimuli = column(table, name)
        return Given(stimuli, np.arange(stimuli.shape[1]))
    lists = ragged(table, name)
    flat = np.concatenate(lists) if lists else np.zeros(0, int)
    region = getattr(getattr(held, "target", held), "table", None)
    trial = np.repeat(np.arange(len(lists)), [len(one) for one in lists])
    return Given(*pattern_matrix(trial, flat, len(lists), f"column {name}", _size(region)))


def _from_columns(table: Any, names: list[str], onset_s: Floats | None) -> Given:
    """One column per channel (c)."""
    ids = [number_of(name) for name in names]
    columns = [column(table, name) for name in names]
    for name, values in zip(names, columns):
        if values.ndim != 1 or values.dtype.kind not in "buif":
            raise FormatError(f"column {name} must hold a number per trial; got type "
                              f"{values.dtype}, shape {values.shape}.")  # fmt: skip
    return Given(np.stack(columns, axis=1), np.array(ids))


def _from_series(series: Any, onset_s: Floats | None) -> Given:
    """A series with a row per trial (b)."""
    data = np.asarray(series.data[:])
    if data.dtype.kind not in "buif" or data.ndim not in (1, 2):
        raise FormatError(f"stimulus series {series.name} must hold numbers (trials, channels); got"
                          f" type {data.dtype}, shape {data.shape}.")  # fmt: skip
    data = data.reshape(len(data), -1)
    scale, offset = float(series.conversion or 1), float(series.offset or 0)
    if (scale, offset) != (1, 0):
        data = data * scale + offset
    times = None if series.timestamps is None else np.asarray(series.timestamps[:], float)
    warnings: tuple[str, ...] = ()
    if onset_s is not None:
        if len(data) != len(onset_s):
            raise FormatError(f"stimulus series {series.name} has {len(data)} rows and there are "
                              f"{len(onset_s)} trials; wanted one row per trial.")  # fmt: skip
        if times is not None and len(times) == len(onset_s):
            apart = np.abs(times - onset_s)[np.isfinite(onset_s)].max(initial=0)
            if not apart <= 1e-3:
                warnings = (f"rows of stimulus series {series.name} are up to {apart:.3g} s from "
                            "the onsets of trials; they were taken one by one.",)  # fmt: skip
    return Given(data, np.arange(data.shape[1]), times, warnings=warnings)


def _from_events(events: Any, trials: Any, onset_s: Floats | None) -> Given:
    """Events with a channel each; those of one trial, or of one time, are one pattern (d)."""
    times = column(events, "timestamp").astype(float)
    if not np.isfinite(times).all():
        row = int(np.argmin(np.isfinite(times)))
        raise FormatError(f"timestamp of {events.name} must be finite; got {times[row]} at row "
                          f"{row}; leave the event out.")  # fmt: skip
    order = np.argsort(times, kind="stable")
    rows = None
    if onset_s is None:
        begins = np.append(True, np.diff(times[order]) > SAME_S)
        trial, rows = np.cumsum(begins) - 1, order[begins]
        n_trials, onset = int(begins.sum()), times[rows]
        is_inside = np.ones(len(order), bool)
    else:
        trial, is_inside = _trial_of(times[order], onset_s, trials)
        n_trials, onset = len(onset_s), None
    lists = ragged(events, _channel_column(events))
    lengths = np.array([len(one) for one in lists], int)[order][is_inside]
    flat = np.concatenate([lists[k] for k in order[is_inside]] or [np.zeros(0, int)])
    region = getattr(events[_channel_column(events)], "table", None)
    place = f"events table {events.name}"
    stimuli, ids = pattern_matrix(
        np.repeat(trial[is_inside], lengths), flat, n_trials, place, _size(region)
    )
    lost = int((~is_inside).sum())
    dropped = {OUTSIDE: lost} if lost else {}
    return Given(stimuli, ids, onset, events, rows, dropped=dropped)


def _trial_of(times: Floats, onset_s: Floats, table: Any) -> tuple[NDArray, NDArray[np.bool_]]:
    """Return the trial that each event falls into, and whether it falls into any."""
    known = np.flatnonzero(np.isfinite(onset_s))
    before = np.searchsorted(onset_s[known], times + SAME_S, side="right") - 1
    is_inside = before >= 0
    trial = known[np.maximum(before, 0)] if known.size else np.zeros(len(times), int)
    if table is not None and "stop_time" in table_columns(table) and known.size:
        is_inside &= ~(times > column(table, "stop_time")[trial] + SAME_S)
    return trial, is_inside & bool(known.size)


def _channel_column(events: Any) -> str:
    names = table_columns(events)
    usual = [name for name in CHANNEL if name in names]
    rest = [name for name in names if name not in ("timestamp", "duration", "session")]
    chosen = usual or rest
    if len(chosen) != 1:
        raise FormatError(f"events table {events.name} has no column channel; it has "
                          f"{', '.join(names)}.")  # fmt: skip
    return chosen[0]


def _size(region: Any) -> int | None:
    """Return how many rows the table has that a column refers to."""
    return None if region is None else len(region.id.data)
