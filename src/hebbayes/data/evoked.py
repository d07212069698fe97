"""Recordings from spike trains and trials: the last step of every reader of spikes.

A source with one clock per session (a segment in Neo or of a sorting) passes one set of spike
trains per session; a single set means one clock for all trials.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hebbayes.core.errors import ShapeError, ValueRangeError
from hebbayes.data.binning import (
    WINDOW_S,
    Counts,
    SpikeTrains,
    checked_onsets,
    count_spikes,
)
from hebbayes.data.casting import whole_numbers
from hebbayes.data.plausibility import check_plausible
from hebbayes.data.provenance import notes, total
from hebbayes.data.recording import Recording

UNOBSERVED_COUNT = "responses that the file marks unobserved"


@dataclass(frozen=True, eq=False)
class Trials:
    """What is known about each trial, except its responses.

    Attributes:
        onset_s: (trials,), time of the stimulus on the clock of the trial's spikes.
        stimuli: (trials, channels).
        session: (trials,), whole numbers; one session by default.
        channel_ids: (channels,).
        extra: Other fields of a `Recording`: sources, decisions, risk.
        warnings: Warnings about the trials, one sentence each.
        dropped: Reason to count of dropped responses or events.
        origin: Other entries of the recording's provenance.
    """

    onset_s: ArrayLike
    stimuli: ArrayLike
    session: ArrayLike | None = None
    channel_ids: ArrayLike | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    dropped: Mapping[str, int] = field(default_factory=dict)
    origin: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Raise `ShapeError` unless onsets are a vector."""
        if np.ndim(self.onset_s) != 1:
            raise ShapeError(f"onsets have shape {np.shape(self.onset_s)}; wanted (trials,).")


def evoked_recording(
    trains: SpikeTrains | Sequence[SpikeTrains],
    trials: Trials,
    *,
    window: tuple[float, float] = WINDOW_S,
    blanked: ArrayLike = (),
    provenance: Mapping[str, Any] | None = None,
) -> Recording:
    """Return the recording of counts in ``window`` (seconds) after each trial's onset.

    A sequence of spike trains has one entry per session, in order, each on its own clock.  Raises
    `HebbayesError` for times that are invalid or inconsistent.

    Example:
        >>> trains = SpikeTrains([np.array([0.015, 1.012, 1.02])], np.array([7]))
        >>> evoked_recording(trains, Trials([0.0, 1.0], np.eye(2))).responses.tolist()
        [[1], [2]]
    """
    onset, session = _onset_and_session(trials)
    if isinstance(trains, SpikeTrains):
        parts, rows = [trains], [np.ones(len(onset), bool)]
    else:
        labels, index = np.unique(session, return_inverse=True)
        parts, rows = list(trains), [index == k for k in range(len(labels))]
        if len(parts) != len(labels):
            raise ShapeError(
                f"spikes come in {len(parts)} segments and trials in {len(labels)} sessions; "
                "wanted one segment per session."
            )
    counted = [_counted(part, onset[mine], window, blanked) for part, mine in zip(parts, rows)]
    counts, unit_ids = _joined(counted, parts, rows)
    return Recording(
        stimuli=trials.stimuli,  # type: ignore[arg-type]
        responses=counts.responses,
        session=session,
        valid=counts.valid,
        onset_s=onset,
        unit_ids=unit_ids,
        channel_ids=trials.channel_ids,  # type: ignore[arg-type]
        window_s=(float(window[0]), float(window[1])),
        provenance={
            **(provenance or {}),
            **trials.origin,
            **notes(counts.dropped, trials.dropped, warnings=(*trials.warnings, *counts.warnings)),
        },
        **trials.extra,
    )


def in_order(trains: SpikeTrains) -> tuple[SpikeTrains, tuple[str, ...]]:
    """Return spike trains in order of time, and a warning that counts the spikes out of order.

    Example:
        >>> trains, warnings = in_order(SpikeTrains([np.array([1.0, 3.0, 2.0])], np.array([7])))
        >>> trains.times[0].tolist(), warnings[0]
        ([1.0, 2.0, 3.0], '1 of 3 spikes, in 1 of 1 units, came after a later one and were sorted.')
    """
    late = [
        int((t < np.maximum.accumulate(t)).sum()) if t.dtype.kind in "uif" and t.size else 0
        for t in trains.times
    ]
    if not any(late):
        return trains, ()
    times = [np.sort(t, kind="stable") if n else t for t, n in zip(trains.times, late)]
    n_spikes = sum(t.size for t in times)
    n_units = sum(n > 0 for n in late)
    return replace(trains, times=times), (
        f"{sum(late)} of {n_spikes} spikes, in {n_units} of {len(times)} units, came after a later "
        "one and were sorted.",
    )


def _onset_and_session(trials: Trials) -> tuple[NDArray[Any], NDArray[Any]]:
    onset = np.asarray(trials.onset_s)
    if trials.session is None:
        return onset, np.zeros(len(onset), np.int64)
    session = np.asarray(trials.session)
    if session.shape != onset.shape:
        raise ShapeError(f"session has shape {session.shape}; {len(onset)} onsets want one each.")
    return onset, session


def _counted(
    trains: SpikeTrains, onset: NDArray, window: tuple[float, float], blanked: ArrayLike
) -> Counts:
    counts = count_spikes(trains, onset, window, blanked=blanked)
    warnings = check_plausible(trains, checked_onsets(onset), counts, window)
    return replace(counts, warnings=(*counts.warnings, *warnings, *_overlaps(onset, window)))


def _overlaps(onset: NDArray, window: tuple[float, float]) -> list[str]:
    """Refuse trials with one onset, and warn of windows that share spikes."""
    known = np.flatnonzero(np.isfinite(onset))
    gaps = np.diff(onset[known].astype(float))
    if (equal := gaps == 0).any():
        first, second = known[int(equal.argmax())], known[int(equal.argmax()) + 1]
        raise ValueRangeError(
            f"trials {first} and {second} have the same onset, {onset[first]} s, so each would get "
            "the spikes of both; if spike times restart in each trial, pass spike_trials, the "
            "trial of each spike."
        )
    n_overlaps = int((gaps < window[1] - window[0] - 1e-9).sum())
    if not n_overlaps:
        return []
    return [
        f"windows that overlap the window of the next trial: {n_overlaps}; spikes there count in "
        "both."
    ]


def _joined(
    counted: Sequence[Counts],
    parts: Sequence[SpikeTrains],
    rows: Sequence[NDArray[np.bool_]],
) -> tuple[Counts, NDArray]:
    """Put segments together by unit id; a unit that a segment lacks is unobserved there."""
    if len(counted) == 1:
        return counted[0], np.asarray(parts[0].unit_ids)
    every = list(
        dict.fromkeys(unit for part in parts for unit in np.asarray(part.unit_ids).tolist())
    )
    n_trials = sum(len(one.responses) for one in counted)
    responses = np.zeros((n_trials, len(every)), np.int64)
    valid = np.zeros(responses.shape, bool)
    absent: Counter[str] = Counter()
    for one, part, mine in zip(counted, parts, rows):
        columns = [every.index(unit) for unit in np.asarray(part.unit_ids).tolist()]
        place = np.ix_(np.flatnonzero(mine), np.array(columns))
        responses[place], valid[place] = one.responses, one.valid
        if missing := len(every) - len(columns):
            absent["responses of units that their session lacks"] += missing * len(one.responses)
    dropped = total([one.dropped for one in counted] + [absent])
    warnings = tuple(dict.fromkeys(warning for one in counted for warning in one.warnings))
    return Counts(responses, valid, dropped, warnings), np.array(every)


def session_numbers(values: ArrayLike) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    """Return session labels as whole numbers, and a warning if names were replaced by numbers.

    Names are numbered in order of their first trial.  Raises `ValueRangeError` if a label is
    missing.

    Example:
        >>> session_numbers(["b", "b", "a"])[0].tolist()
        [0, 0, 1]
    """
    given = np.asarray(values)
    if given.dtype.kind in "buif":
        return whole_numbers("session", values), ()
    names = list(dict.fromkeys(str(value) for value in given.tolist()))
    number = {name: k for k, name in enumerate(names)}
    numbering = ", ".join(f"{k} = {name}" for k, name in enumerate(names[:5]))
    more = ", ..." if len(names) > 5 else ""
    return (
        np.array([number[str(value)] for value in given.tolist()]),
        (f"session names were replaced by numbers: {numbering}{more}.",),
    )
