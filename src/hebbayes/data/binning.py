"""Spike counts in half-open windows after stimuli, 10 to 30 ms by default.

If the sampling rate is known, spikes and windows are compared in whole ticks; otherwise in float64
seconds, with each edge moved down by a nanosecond so that the rounding of onset + edge has no
effect.  Implausible times are refused with a remedy: another unit, times that restart, float32 too
coarse for the window.  Trials without an onset, and windows that touch an unobserved or blanked
span, are marked invalid, never zero.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hebbayes.core.errors import ShapeError, ValueRangeError
from hebbayes.data.spans import covers, merged, overlaps

TimeUnit = Literal["s", "ms", "samples"]
Floats = NDArray[np.float64]

WINDOW_S = (0.010, 0.030)
"""Default window: evoked spikes, after the stimulation artefact."""

NO_ONSET = "responses of trials without an onset"
UNOBSERVED = "responses in windows that were not observed"
BLANKED = "responses in windows over blanked time"

_EDGE_S, _EDGE_TICKS = 1e-9, 1e-3
_SECONDS = {"s": 1.0, "ms": 1e-3}


@dataclass(frozen=True, eq=False)
class SpikeTrains:
    """Spikes of every unit on one clock.

    Attributes:
        times: One array per unit, in order of time.
        unit_ids: (units,), names of the units.
        time_unit: Unit of ``times``; None takes seconds and refuses implausible ones.
        rate_hz: Ticks per second of the clock, if known; counting is then exact.
        observed: Per unit (intervals, 2) in seconds; None if all the time was observed.
    """

    times: Sequence[NDArray]
    unit_ids: NDArray
    time_unit: TimeUnit | None = None
    rate_hz: float | None = None
    observed: Sequence[Floats] | None = None


@dataclass(frozen=True, eq=False)
class Counts:
    """Spike counts, their validity, and the reasons for invalid ones.

    Attributes:
        responses: (trials, units), 0 if not valid.
        valid: (trials, units).
        dropped: Reason to number of responses that are not valid.
        warnings: Warnings about the times, one sentence each.
    """

    responses: NDArray[np.int64]
    valid: NDArray[np.bool_]
    dropped: Mapping[str, int] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


def count_spikes(
    trains: SpikeTrains,
    onset_s: ArrayLike,
    window: tuple[float, float] = WINDOW_S,
    *,
    blanked: ArrayLike = (),
) -> Counts:
    """Return how many spikes of each unit fall into [onset + start, onset + end) of each trial.

    ``onset_s`` (trials,) and ``window`` are in seconds; NaN is a trial without an onset.
    ``blanked`` (spans, 2) is time in which no unit was observed.  Raises `ValueRangeError` or
    `ShapeError` for times that are not finite, negative, out of order, too coarse, or not in the
    stated unit.

    Example:
        >>> trains = SpikeTrains([np.array([0.010, 0.015, 0.030, 1.5])], np.array([7]))
        >>> count_spikes(trains, [0.0, np.nan]).responses.tolist()
        [[2], [0]]
    """
    onset = checked_onsets(onset_s)
    check_window(window)
    warnings = check_trains(trains, window)
    has_onset = np.isfinite(onset)
    starts, stops = (onset[has_onset] + edge for edge in window)
    low, high = _edges(trains, onset[has_onset], window)
    counts = np.zeros((len(onset), len(trains.times)), np.int64)
    observed = np.zeros(counts.shape, bool)
    for k, times in enumerate(trains.times):
        clock = _on_clock(trains, times, k)
        counts[has_onset, k] = np.searchsorted(clock, high) - np.searchsorted(clock, low)
        spans = None if trains.observed is None else trains.observed[k]
        observed[has_onset, k] = True if spans is None else covers(merged(spans), starts, stops)
    is_blank = np.zeros(len(onset), bool)
    is_blank[has_onset] = overlaps(merged(blanked), starts, stops)
    reasons = {
        NO_ONSET: np.broadcast_to(~has_onset[:, None], counts.shape),
        BLANKED: np.broadcast_to(is_blank[:, None], counts.shape),
        UNOBSERVED: ~observed & (has_onset & ~is_blank)[:, None],
    }
    valid = observed & ~is_blank[:, None]
    counts[~valid] = 0
    dropped = {reason: int(wrong.sum()) for reason, wrong in reasons.items() if wrong.any()}
    return Counts(counts, valid, dropped, warnings)


def check_window(window: tuple[float, float]) -> None:
    """Raise `ValueRangeError` unless ``window`` is (start, end) in seconds, start first.

    Example:
        >>> check_window((0.03, 0.01))
        Traceback (most recent call last):
            ...
        hebbayes.core.errors.ValueRangeError: the window must be (start, end) in seconds, start
        first; got (0.03, 0.01).
    """
    if len(window) != 2 or not -np.inf < window[0] < window[1] < np.inf:
        raise ValueRangeError(
            f"the window must be (start, end) in seconds, start first; got {tuple(window)}."
        )


def checked_onsets(onset_s: ArrayLike) -> Floats:
    """Return onsets in seconds as float64; raise `ValueRangeError` if they are invalid.

    Example:
        >>> checked_onsets([0.0, np.nan, 3.0, 2.0])
        Traceback (most recent call last):
            ...
        hebbayes.core.errors.ValueRangeError: onsets must not decrease; trial 3 begins at 2.0 s,
        after one at 3.0 s; sort the trials by time, all on one clock.
    """
    onset = np.asarray(onset_s)
    if onset.ndim != 1 or onset.size == 0:
        raise ShapeError(f"onsets have shape {onset.shape}; wanted (trials,), at least one.")
    if onset.dtype.kind not in "uif":
        raise ValueRangeError(f"onsets must be seconds; got type {onset.dtype}.")
    onset = onset.astype(np.float64)
    if (wrong := (onset < 0) | np.isinf(onset)).any():
        raise ValueRangeError(
            f"onsets must be seconds from 0; got {onset[wrong][0]} at trial {int(wrong.argmax())}; "
            "shift spikes and onsets alike, or mark a trial without an onset with NaN."
        )
    kept = np.flatnonzero(np.isfinite(onset))
    if (fall := np.diff(onset[kept]) < 0).any():
        trial, before = kept[int(fall.argmax()) + 1], kept[int(fall.argmax())]
        raise ValueRangeError(
            f"onsets must not decrease; trial {trial} begins at {onset[trial]} s, after one at "
            f"{onset[before]} s; sort the trials by time, all on one clock."
        )
    return onset


def check_trains(trains: SpikeTrains, window: tuple[float, float]) -> tuple[str, ...]:
    """Return warnings about spike times; raise `ValueRangeError` if they are invalid.

    Example:
        >>> check_trains(SpikeTrains([np.array([2.0, 1.0])], np.array(["a"])), WINDOW_S)
        Traceback (most recent call last):
            ...
        hebbayes.core.errors.ValueRangeError: spike times of unit a decrease at spike 1 (2.0, then
        1.0); pass --sort-spikes (sort_spikes=True) to sort them; if they restart in each trial,
        pass spike_trials to from_arrays.
    """
    if trains.rate_hz is not None and not 0 < trains.rate_hz < np.inf:
        raise ValueRangeError(f"rate_hz must be above 0; got {trains.rate_hz}.")
    if trains.time_unit not in (None, "s", "ms", "samples"):
        raise ValueRangeError(f"time_unit must be s, ms or samples; got {trains.time_unit}.")
    if trains.time_unit == "samples" and trains.rate_hz is None:
        raise ValueRangeError("spike times in samples need their rate; pass rate_hz.")
    if len(trains.times) != len(trains.unit_ids) or not len(trains.times):
        raise ShapeError(
            f"{len(trains.times)} spike trains have {len(trains.unit_ids)} unit ids; "
            "wanted one each, at least one."
        )
    for times, unit in zip(trains.times, trains.unit_ids):
        _check_times(times, unit)
    return _coarseness(trains, window)


def _check_times(times: NDArray, unit: object) -> None:
    if times.ndim != 1 or times.dtype.kind not in "uif":
        raise ValueRangeError(
            f"spike times of unit {unit} must be a list of numbers; got type "
            f"{times.dtype}, shape {times.shape}."
        )
    if times.dtype.kind == "f" and not np.isfinite(times).all():
        spike = int(np.argmin(np.isfinite(times)))
        raise ValueRangeError(
            f"spike times of unit {unit} must be finite; got {times[spike]} at "
            f"spike {spike}; leave it out."
        )
    if (fall := times[1:] < times[:-1]).any():
        spike = int(fall.argmax()) + 1
        raise ValueRangeError(
            f"spike times of unit {unit} decrease at spike {spike} ({times[spike - 1]}, then "
            f"{times[spike]}); pass --sort-spikes (sort_spikes=True) to sort them; if they restart "
            "in each trial, pass spike_trials to from_arrays."
        )
    if times.size and times.dtype.kind in "ui" and times[-1] > 2**53:
        raise ValueRangeError(
            f"spike times of unit {unit} must be at most 2^53; got {times[-1]} at spike "
            f"{times.size - 1}."
        )
    if times.size and times[0] < 0:
        raise ValueRangeError(
            f"spike times of unit {unit} must not be negative; got {times[0]} at "
            "spike 0; shift spikes and onsets alike."
        )


def _coarseness(trains: SpikeTrains, window: tuple[float, float]) -> tuple[str, ...]:
    """Check the resolution of single precision at the last spike: it moves spikes across edges."""
    single = [t for t in trains.times if t.dtype.kind == "f" and t.dtype.itemsize < 8 and t.size]
    if not single or trains.time_unit == "samples":
        return ()
    last = max(single, key=lambda times: times[-1])[-1]
    step = float(np.spacing(last)) * _SECONDS[trains.time_unit or "s"]
    if step > (window[1] - window[0]) / 100:
        raise ValueRangeError(
            f"spike times are {last.dtype}, which resolves {step:.2g} s at {last:.6g}, too coarse "
            "for the window; store them as float64, or as integer samples with rate_hz."
        )
    return (
        f"spike times are {last.dtype}, which resolves {step:.2g} s at {last:.6g}: spikes that "
        "close to the edge of a window may be counted wrongly; store them as float64.",
    )


def _edges(
    trains: SpikeTrains, onset: Floats, window: tuple[float, float]
) -> tuple[NDArray, NDArray]:
    if trains.rate_hz is None:
        return onset + (window[0] - _EDGE_S), onset + (window[1] - _EDGE_S)
    rate = trains.rate_hz
    low, high = (np.ceil(onset * rate + (edge * rate - _EDGE_TICKS)) for edge in window)
    if len(high) and max(abs(low[0]), abs(high[-1])) > 2**53:
        raise ValueRangeError(
            f"the onset {onset[-1]:g} s at {rate:g} samples per second is too late to be exact; "
            "pass onsets in seconds, or another rate."
        )
    return low.astype(np.int64), high.astype(np.int64)


def _on_clock(trains: SpikeTrains, times: NDArray, unit: int) -> NDArray:
    """Return one unit's spikes in ticks if the rate is known, else in seconds."""
    scale = _SECONDS.get(trains.time_unit or "s", 1.0)
    if trains.rate_hz is None:
        return times.astype(np.float64, copy=False) if scale == 1 else times * scale
    if trains.time_unit == "samples":
        return np.rint(times).astype(np.int64) if times.dtype.kind == "f" else times.astype("i8")
    ticks = times * (scale * trains.rate_hz)
    whole = np.rint(ticks)
    if (wrong := np.abs(ticks - whole) > 0.1).any():
        raise ValueRangeError(
            f"spike times of unit {trains.unit_ids[unit]} are no multiples of 1 / rate_hz, "
            f"rate_hz = {trains.rate_hz:g}; got {times[wrong][0]} at spike {int(wrong.argmax())}; "
            "pass the rate of their clock, or none."
        )
    return whole.astype(np.int64)


def fits_ticks(times: Sequence[NDArray], rate_hz: float) -> bool:
    """Return whether all times (seconds) are multiples of 1 / ``rate_hz``, to a tenth of it.

    Example:
        >>> fits_ticks([np.array([0.1, 0.25])], 20.0), fits_ticks([np.array([0.123])], 20.0)
        (True, False)
    """
    return all(bool((np.abs(t * rate_hz - np.rint(t * rate_hz)) <= 0.1).all()) for t in times)
