"""Imaging signals evoked by trials: the mean of each cell's trace in a window after the onset.

By default the window is the second after the onset; a baseline before it may be subtracted.  Trials
whose window holds no frame, or one that was not observed, are invalid, never zero.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hebbayes.core.errors import ShapeError, ValueRangeError
from hebbayes.data.binning import WINDOW_S, check_window, checked_onsets
from hebbayes.data.provenance import notes
from hebbayes.data.recording import Recording

SLOW_WINDOW_S = (0.0, 1.0)
"""Window of slow signals, unless another than that of spikes is stated."""

if TYPE_CHECKING:
    from hebbayes.data.evoked import Trials

NO_FRAME = "responses in windows without an observed frame"

Floats = NDArray[np.float64]


def evoked_signals(
    traces: ArrayLike,
    times_s: ArrayLike,
    trials: Trials,
    *,
    unit_ids: ArrayLike | None = None,
    window: tuple[float, float],
    baseline_s: float = 0.0,
    provenance: Mapping[str, Any] | None = None,
) -> Recording:
    """Return the recording of mean ``traces`` (frames, cells) in ``window`` after each onset.

    ``times_s`` (frames,) are on the clock of the onsets; the mean over ``baseline_s`` seconds
    before the onset is subtracted if that is above 0.  Raises `HebbayesError` for times that do
    not fit.

    Example:
        >>> from hebbayes.data.evoked import Trials
        >>> traces, times_s = np.array([[0.0], [1.0], [3.0], [0.0]]), np.arange(4) / 10
        >>> made = evoked_signals(traces, times_s, Trials([0.1], [[1.0]]), window=(0.0, 0.2))
        >>> made.responses.tolist()
        [[2.0]]
    """
    held, times = _checked(traces, times_s)
    onset = checked_onsets(trials.onset_s)
    check_window(window)
    responses, observed = _means(held, times, onset + window[0], onset + window[1])
    if baseline_s > 0:
        before, known = _means(held, times, onset - baseline_s, onset)
        responses, observed = responses - before, observed & known
    if not observed.any():
        raise ValueRangeError(
            f"no frame falls into any window, {window[0]:g} to {window[1]:g} s after "
            f"{np.isfinite(onset).sum()} onsets from {np.nanmin(onset):.6g} to "
            f"{np.nanmax(onset):.6g} s; frames span {times[0]:.6g} to {times[-1]:.6g} s, "
            f"{np.median(np.diff(times)):.3g} s apart: pass --window-start-s and --window-end-s, "
            "or onsets on the clock of the frames."
        )
    session = np.zeros(len(onset), np.int64) if trials.session is None else trials.session
    dropped = {NO_FRAME: int((~observed).sum())} if not observed.all() else {}
    read_as = [_sentence(window, baseline_s)]
    origin = dict(trials.origin)
    return Recording(
        stimuli=trials.stimuli,  # type: ignore[arg-type]
        responses=np.where(observed, responses, 0.0),
        session=session,  # type: ignore[arg-type]
        valid=observed,
        onset_s=onset,
        unit_ids=unit_ids,  # type: ignore[arg-type]
        channel_ids=trials.channel_ids,  # type: ignore[arg-type]
        window_s=(float(window[0]), float(window[1])),
        provenance={
            **(provenance or {}),
            **origin,
            "read_as": [*origin.get("read_as", ()), *read_as],
            **notes(dropped, trials.dropped, warnings=trials.warnings),
        },
        **trials.extra,
    )


def signal_window(window: tuple[float, float]) -> tuple[float, float]:
    """Return the window of slow signals: 0 to 1 s instead of the default one for spikes.

    Example:
        >>> signal_window((0.01, 0.03)), signal_window((0.0, 2.0))
        ((0.0, 1.0), (0.0, 2.0))
    """
    return SLOW_WINDOW_S if tuple(window) == WINDOW_S else window


def _sentence(window: tuple[float, float], baseline_s: float) -> str:
    less = f", less their mean in the {baseline_s:g} s before" if baseline_s > 0 else ""
    return f"responses are mean signals {window[0]:g} to {window[1]:g} s after the onset{less}."


def _checked(traces: ArrayLike, times_s: ArrayLike) -> tuple[Floats, Floats]:
    held, times = np.asarray(traces), np.asarray(times_s, float)
    if held.ndim != 2 or held.dtype.kind not in "buif" or not held.size:
        raise ShapeError(
            f"signals have shape {held.shape}, type {held.dtype}; wanted numbers (frames, cells)."
        )
    if times.shape != (len(held),):
        raise ShapeError(
            f"there are {len(held)} frames and times of shape {times.shape}; wanted one time each."
        )
    if not np.isfinite(times).all() or (np.diff(times) < 0).any():
        raise ValueRangeError("times of frames must be finite and in order; export them again.")
    return held.astype(np.float64, copy=False), times


def _means(
    traces: Floats, times: Floats, starts: Floats, stops: Floats
) -> tuple[Floats, NDArray[np.bool_]]:
    """Return the mean of the frames in [start, stop) of each trial, and whether all were seen.

    The sums run over one window at a time: cumulated ones would lose digits.
    """
    responses = np.zeros((len(starts), traces.shape[1]))
    observed = np.zeros(responses.shape, bool)
    edge = 1e-9
    for k in np.flatnonzero(np.isfinite(starts)):
        low, high = np.searchsorted(times, [starts[k] - edge, stops[k] - edge])
        if high > low:
            part = traces[low:high]
            observed[k] = np.isfinite(part).all(axis=0)
            responses[k] = np.where(observed[k], part, 0.0).mean(axis=0)
    return responses, observed
