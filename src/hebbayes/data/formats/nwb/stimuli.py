"""Stimuli of the trials of an NWB file: one function per place that may hold them.

`candidates` lists the places that a file uses; each is a function of the trials' onsets, or of None
if no table has any.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hebbayes.core.errors import FormatError, shown_names
from hebbayes.data.formats.nwb.tables import column, ragged, read_all, table_columns
from hebbayes.data.formats.patterns import (
    CHANNEL,
    PREFIXES,
    SAME_S,
    number_of,
    numbered_columns,
    pattern_matrix,
)

Floats = NDArray[np.float64]
StimulusReader = Callable[[Floats | None], "Stimuli"]

OUTSIDE = "stimulus events outside every trial"

_RAGGED, _MATRIX = "stimulus_channels", "stimuli"


@dataclass(frozen=True, eq=False)
class Stimuli:
    """Stimuli of all trials, and what else their place in the file holds.

    Attributes:
        stimuli: (trials, channels).
        channel_ids: (channels,).
        onset_s: (trials,), if the stimuli have onsets of their own.
        table: Events table of the stimuli, if there is one.
        rows: (trials,), row of ``table`` of each onset.
        warnings: Warnings, one sentence each.
        dropped: Reason to number of dropped events.
        read_as: What stated columns became, one sentence each.
    """

    stimuli: NDArray[Any]
    channel_ids: NDArray[Any]
    onset_s: Floats | None = None
    table: Any = None
    rows: NDArray[np.int64] | None = None
    warnings: tuple[str, ...] = ()
    dropped: Mapping[str, int] = field(default_factory=dict)
    read_as: tuple[str, ...] = ()


def candidates(file: Any, table: Any, name: str | None) -> dict[str, StimulusReader]:
    """Return readers of the stimuli by their place in the file; only of ``name`` if given.

    Example:
        >>> from types import SimpleNamespace
        >>> candidates(SimpleNamespace(stimulus={}, objects={}), None, None)
        {}
    """
    places: dict[str, StimulusReader] = {}
    names = table_columns(table)
    for each in [name] if name else [_RAGGED, _MATRIX]:
        if each in names:
            places[f"trial column {each}"] = partial(_from_column, table, each)
    for prefix, columns in numbered_columns(names).items():
        if prefix == name or (name is None and prefix in PREFIXES):
            places[f"trial columns {columns[0]}, ..."] = partial(_from_columns, table, columns)
    for each, series in (file.stimulus or {}).items():
        if name in (None, each) and hasattr(series, "data") and hasattr(series, "timestamps"):
            places[f"stimulus series {each}"] = partial(_from_series, series)
    for item in file.objects.values():
        is_events = getattr(item, "neurodata_type", "") == "EventsTable" and item is not table
        if is_events and name in (None, item.name):
            places[f"events table {item.name}"] = partial(_from_events, item, table)
    return places


def _from_column(table: Any, name: str, onset_s: Floats | None) -> Stimuli:
    """Ragged lists of channels (a), or a column (trials, channels)."""
    held = table[name]
    if not hasattr(held, "target") and np.ndim(held.data) == 2:
        stimuli = column(table, name)
        return Stimuli(stimuli, np.arange(stimuli.shape[1]))
    lists = ragged(table, name)
    flat = np.concatenate(lists) if lists else np.zeros(0, int)
    region = getattr(getattr(held, "target", held), "table", None)
    trial = np.repeat(np.arange(len(lists)), [len(one) for one in lists])
    return Stimuli(*pattern_matrix(trial, flat, len(lists), f"column {name}", _size(region)))


def _from_columns(table: Any, names: list[str], onset_s: Floats | None) -> Stimuli:
    """One column per channel (c)."""
    ids = [number_of(name) for name in names]
    columns = [column(table, name) for name in names]
    for name, values in zip(names, columns):
        if values.ndim != 1 or values.dtype.kind not in "buif":
            raise FormatError(
                f"column {name} must hold a number per trial; got type "
                f"{values.dtype}, shape {values.shape}."
            )
    return Stimuli(np.stack(columns, axis=1), np.array(ids))


def _from_series(series: Any, onset_s: Floats | None) -> Stimuli:
    """A series with a row per trial (b)."""
    data = read_all(series.data, f"stimulus series {series.name}")
    if data.dtype.kind not in "buif" or data.ndim not in (1, 2):
        raise FormatError(
            f"stimulus series {series.name} must hold numbers (trials, channels); got"
            f" type {data.dtype}, shape {data.shape}."
        )
    data = data.reshape(len(data), -1)
    scale, offset = float(series.conversion or 1), float(series.offset or 0)
    if (scale, offset) != (1, 0):
        data = data * scale + offset
    times = None
    if series.timestamps is not None:
        times = np.asarray(read_all(series.timestamps, f"timestamps of {series.name}"), float)
    warnings: tuple[str, ...] = ()
    if onset_s is not None:
        if len(data) != len(onset_s):
            raise FormatError(
                f"stimulus series {series.name} has {len(data)} rows and there are "
                f"{len(onset_s)} trials; wanted one row per trial."
            )
        if times is not None and len(times) == len(onset_s):
            apart = np.abs(times - onset_s)[np.isfinite(onset_s)].max(initial=0)
            if not apart <= 1e-3:
                warnings = (
                    f"rows of stimulus series {series.name} are up to {apart:.3g} s from "
                    "the onsets of trials; rows and trials were paired in order.",
                )
    return Stimuli(data, np.arange(data.shape[1]), times, warnings=warnings)


def _from_events(events: Any, trials: Any, onset_s: Floats | None) -> Stimuli:
    """Events with a channel each; those of one trial, or at one time, form one pattern (d)."""
    times = column(events, "timestamp").astype(float)
    if not np.isfinite(times).all():
        row = int(np.argmin(np.isfinite(times)))
        raise FormatError(
            f"timestamp of {events.name} must be finite; got {times[row]} at row "
            f"{row}; leave the event out."
        )
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
    n_outside = int((~is_inside).sum())
    dropped = {OUTSIDE: n_outside} if n_outside else {}
    return Stimuli(stimuli, ids, onset, events, rows, dropped=dropped)


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
        raise FormatError(
            f"events table {events.name} has no column channel; it has {shown_names(names)}."
        )
    return chosen[0]


def _size(region: Any) -> int | None:
    """Return the number of rows of the table that a column refers to."""
    return None if region is None else len(region.id.data)
