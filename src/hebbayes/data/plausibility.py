"""Checks that spikes and trials share a unit of time.

Milliseconds or samples taken for seconds are the most common fault in recordings.  The signs are
whole numbers, windows without a spike, and spikes that span far more time than the trials.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hebbayes.core.errors import ValueRangeError

if TYPE_CHECKING:
    from hebbayes.data.binning import Counts, SpikeTrains

Floats = NDArray[np.float64]

_SECONDS = {"s": 1.0, "ms": 1e-3}
_ENOUGH_SPIKES = 10  # fewer may be whole numbers by chance
_ABSURD_SPAN = 300  # milliseconds taken for seconds make it about 1,000


def check_plausible(
    trains: SpikeTrains, onset_s: Floats, counts: Counts, window: tuple[float, float]
) -> tuple[str, ...]:
    """Return warnings if spikes and trials do not seem to share a unit of time.

    Raises `ValueRangeError` instead if no unit was stated.

    Example:
        >>> from hebbayes.data.binning import SpikeTrains, count_spikes
        >>> trains, onset_s = SpikeTrains([np.arange(20.0)], np.array([0])), np.arange(3.0)
        >>> check_plausible(trains, onset_s, count_spikes(trains, onset_s), (0.01, 0.03))
        Traceback (most recent call last):
            ...
        hebbayes.core.errors.ValueRangeError: spike times are all whole numbers, 0 to 19, which
        is rare for seconds; pass time_unit="ms", time_unit="samples" with rate_hz, or time_unit="s"
        if they are seconds.
    """
    spiking = [times for times in trains.times if times.size]
    if not spiking:
        return ("there is no spike at all.",)
    first, last = min(times[0] for times in spiking), max(times[-1] for times in spiking)
    warnings = [
        *_whole_numbers(trains, spiking, f"{first:.10g} to {last:.10g}"),
        *_spans(trains, float(last) - float(first), onset_s),
        *_no_spike_in_a_window(counts, onset_s, window),
    ]
    if warnings and trains.time_unit is None:
        raise ValueRangeError(
            f'{warnings[0]}; pass time_unit="ms", time_unit="samples" with rate_hz, or '
            'time_unit="s" if they are seconds.'
        )
    return tuple(f"{sentence}." for sentence in warnings)


def _whole_numbers(trains: SpikeTrains, spiking: Sequence[NDArray], span: str) -> list[str]:
    is_few = sum(times.size for times in spiking) < _ENOUGH_SPIKES
    if trains.time_unit in ("ms", "samples") or is_few:
        return []
    if not all(t.dtype.kind in "ui" or (t == np.rint(t)).all() for t in spiking):
        return []
    return [f"spike times are all whole numbers, {span}, which is rare for seconds"]


def _spans(trains: SpikeTrains, span: float, onset_s: Floats) -> list[str]:
    unit = trains.time_unit or "s"
    spikes_s = span / trains.rate_hz if unit == "samples" else span * _SECONDS[unit]  # type: ignore[operator]
    trials_s = float(np.nanmax(onset_s) - np.nanmin(onset_s)) if np.isfinite(onset_s).any() else 0.0
    for name, longer, other, shorter in (
        ("spikes", spikes_s, "trials", trials_s),
        ("trials", trials_s, "spikes", spikes_s),
    ):
        if longer > _ABSURD_SPAN * shorter > 0:
            return [
                f"{name} span {longer:.6g} s and {other} only {shorter:.6g} s, so one of them "
                "is probably not in seconds"
            ]
    return []


def _no_spike_in_a_window(
    counts: Counts, onset_s: Floats, window: tuple[float, float]
) -> list[str]:
    if not counts.valid.any() or counts.responses.any():
        return []
    return [
        f"no spike falls into any window, {window[0]:g} to {window[1]:g} s after "
        f"{np.isfinite(onset_s).sum()} onsets"
    ]
