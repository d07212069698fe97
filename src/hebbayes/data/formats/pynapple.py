"""Pynapple objects: a ``TsGroup`` of units, onsets as ``Ts``, stimuli as ``TsdFrame``.

Trials are onsets and never an ``IntervalSet``, which sorts, merges and drops them.  Objects are
recognised by their attributes; pynapple itself is not imported.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hebbayes.core.errors import FormatError
from hebbayes.data.binning import WINDOW_S, SpikeTrains, TimeUnit
from hebbayes.data.evoked import Trials, evoked_recording

if TYPE_CHECKING:
    from hebbayes.data.recording import Recording


def from_pynapple(
    group: Any,
    onsets: Any,
    stimuli: Any,
    *,
    session: ArrayLike | None = None,
    window: tuple[float, float] = WINDOW_S,
    time_unit: TimeUnit | None = None,
    rate_hz: float | None = None,
) -> Recording:
    """Return the recording of a group of units, counted in ``window`` (seconds) after each onset.

    ``onsets`` is a ``Ts`` or seconds, ``stimuli`` a ``TsdFrame`` with a row per onset or an array
    (trials, channels), ``session`` (trials,).  Time outside the group's support is unobserved,
    unless the support only spans the spikes, which is pynapple's uninformative default.  Raises
    `HebbayesError`.

    Example:
        >>> from types import SimpleNamespace
        >>> class Group(dict):
        ...     time_support = SimpleNamespace(start=np.array([0.0]), end=np.array([9.0]))
        >>> group = Group({7: SimpleNamespace(t=np.array([0.015, 1.02]))})
        >>> from_pynapple(group, [0.0, 1.0], np.eye(2)).responses.tolist()
        [[1], [1]]
    """
    if hasattr(onsets, "start") and not hasattr(onsets, "t"):
        raise FormatError(
            "onsets are an IntervalSet, which sorts, merges and drops trials; pass "
            "the onsets as Ts."
        )
    ids = list(group.keys())
    times = [np.asarray(group[unit].t) for unit in ids]
    spans = _support(group, times)
    trains = SpikeTrains(
        times, np.array(ids), time_unit, rate_hz, None if spans is None else [spans] * len(ids)
    )
    onset_s = np.asarray(getattr(onsets, "t", onsets))
    columns = getattr(stimuli, "columns", None)
    given = np.asarray(getattr(stimuli, "values", stimuli))
    at = getattr(stimuli, "t", None)
    if at is not None and (len(at) != len(onset_s) or not np.allclose(at, onset_s, atol=1e-6)):
        raise FormatError(
            f"stimuli have {len(at)} rows at other times than the {len(onset_s)} "
            "onsets; wanted one row at each onset."
        )
    trials = Trials(onset_s, given, session, None if columns is None else np.asarray(columns))
    options = {"time_unit": time_unit, "rate_hz": rate_hz}
    return evoked_recording(
        trains, trials, window=window, provenance={"format": "pynapple", "options": options}
    )


def _support(group: Any, times: list[NDArray]) -> NDArray[np.float64] | None:
    support = group.time_support
    spans = np.stack([np.asarray(support.start), np.asarray(support.end)], axis=1)
    ends = {float(edge) for one in times if one.size for edge in (one[0], one[-1])}
    return None if set(spans.ravel().tolist()) <= ends else spans
