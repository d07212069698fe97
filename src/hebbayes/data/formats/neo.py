"""Neo blocks: a segment is a session with a clock of its own, an event or epoch is a trial.

The stimuli are array annotations of the events: one per channel (``stimulus_0``, ...), or
``channel``, in which case simultaneous events form one pattern.  Objects are recognised by their
attributes; neo itself is not imported.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hebbayes.core.errors import FormatError
from hebbayes.data.binning import WINDOW_S, SpikeTrains, fits_ticks
from hebbayes.data.evoked import Trials, evoked_recording
from hebbayes.data.formats.patterns import (
    CHANNEL,
    PREFIXES,
    SAME_S,
    number_of,
    numbered_columns,
    pattern_matrix,
)

if TYPE_CHECKING:
    from hebbayes.data.recording import Recording

Pattern = tuple[NDArray[np.float64], NDArray, NDArray]  # onsets, stimuli, channel ids


def from_neo(
    block: Any, *, events: str | None = None, window: tuple[float, float] = WINDOW_S
) -> Recording:
    """Return the recording of a Neo block, counted in ``window`` (seconds) after each event.

    ``events`` names the events or epochs that are trials, if segments have several candidates.
    A unit is named by its annotation ``unit_id``, else its name, else its position.  Times before
    ``t_start`` and after ``t_stop`` are unobserved.  Raises `HebbayesError`.

    Example:
        >>> from types import SimpleNamespace
        >>> from_neo(SimpleNamespace(segments=[]))
        Traceback (most recent call last):
            ...
        hebbayes.core.errors.FormatError: the block has no segment; wanted one per session.
    """
    if not block.segments:
        raise FormatError("the block has no segment; wanted one per session.")
    patterns = [_pattern(segment, k, events) for k, segment in enumerate(block.segments)]
    ids = patterns[0][2]
    widest = max(patterns, key=lambda pattern: len(pattern[2]))[2]
    if any(not np.array_equal(ids_k, widest[: len(ids_k)]) for _, _, ids_k in patterns):
        raise FormatError(
            f"segments have different channels, {ids.tolist()} in the first; wanted "
            "the same in all."
        )
    stimuli = np.zeros((sum(len(rows) for _, rows, _ in patterns), len(widest)))
    lengths = [len(onsets) for onsets, _, _ in patterns]
    for (_, rows, _), stop in zip(patterns, np.cumsum(lengths)):
        stimuli[stop - len(rows) : stop, : rows.shape[1]] = rows
    trials = Trials(
        np.concatenate([onsets for onsets, _, _ in patterns]),
        stimuli,
        np.repeat(np.arange(len(patterns)), lengths),
        widest,
    )
    trains = [_trains(segment, k) for k, segment in enumerate(block.segments)]
    provenance = {"format": "neo", "name": block.name, "events": events}
    return evoked_recording(trains, trials, window=window, provenance=provenance)


def _seconds(quantity: Any) -> NDArray[Any]:
    return np.asarray(quantity.rescale("s").magnitude)


def _pattern(segment: Any, k: int, wanted: str | None) -> Pattern:
    """Return onsets, stimuli and channels of the one set of events that are trials."""
    every = [*segment.events, *segment.epochs]
    fitting = [e for e in every if _ways(e.array_annotations) and wanted in (None, e.name)]
    if len(fitting) != 1:
        names = ", ".join(str(e.name) for e in (fitting or every)) or "none"
        raise FormatError(
            f"segment {k} has {len(fitting) or 'no'} events with stimuli in array_annotations "
            f"(stimulus_0, ..., or channel); it has the events {names}; pass events=NAME to choose "
            "one."
        )
    (chosen,) = fitting
    onset = _seconds(chosen.times).astype(float)
    annotations = chosen.array_annotations
    way = _ways(annotations)[0]
    if way in CHANNEL:
        return _grouped(onset, np.asarray(annotations[way]), f"events of segment {k}")
    members = numbered_columns(annotations)[way]
    columns = [np.asarray(annotations[name]) for name in members]
    return onset, np.stack(columns, axis=1), np.array([number_of(name) for name in members])


def _ways(annotations: Mapping[str, Any]) -> list[str]:
    numbered = numbered_columns(annotations)
    return [
        *(prefix for prefix in PREFIXES if prefix in numbered),
        *(name for name in CHANNEL if name in annotations),
    ]


def _grouped(onset: NDArray[np.float64], channel: NDArray, place: str) -> Pattern:
    order = np.argsort(onset, kind="stable")
    begins = np.append(True, np.diff(onset[order]) > SAME_S)[: len(order)]
    stimuli, ids = pattern_matrix(np.cumsum(begins) - 1, channel[order], int(begins.sum()), place)
    return onset[order][begins], stimuli, ids


def _trains(segment: Any, k: int) -> SpikeTrains:
    trains: Sequence[Any] = segment.spiketrains
    if not len(trains):
        raise FormatError(f"segment {k} has no spiketrains; wanted one per unit.")
    times = [_seconds(train) for train in trains]
    observed = [
        np.array([[float(_seconds(train.t_start)), float(_seconds(train.t_stop))]])
        for train in trains
    ]
    return SpikeTrains(times, _unit_ids(trains, k), "s", _rate(trains, times), observed)


def _rate(trains: Sequence[Any], times: Sequence[NDArray]) -> float | None:
    """Return the rate that all trains state; Neo states 1 Hz if it is unknown."""
    stated = {
        float(train.sampling_rate.rescale("Hz").magnitude)
        for train in trains
        if getattr(train, "sampling_rate", None) is not None
    }
    (rate,) = stated if len(stated) == 1 else (0.0,)
    is_finite = all(np.isfinite(one).all() for one in times)
    return rate if rate > 1 and is_finite and fits_ticks(times, rate) else None


def _unit_ids(trains: Sequence[Any], k: int) -> NDArray[Any]:
    for ids in (
        [train.annotations.get("unit_id") for train in trains],
        [train.name or None for train in trains],
        list(range(len(trains))),
    ):
        if None not in ids:
            if len(set(ids)) < len(ids):
                raise FormatError(
                    f"spiketrains of segment {k} share the unit {ids[0]}; give each "
                    "an annotation unit_id of its own."
                )
            return np.array(ids)
    raise AssertionError("positions always name units")
