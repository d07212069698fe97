"""SpikeInterface sortings and similar objects: samples, a rate, and segments as sessions.

Recognised by three attributes: ``to_spike_vector()`` with ``sample_index``, ``unit_index`` and
``segment_index``; ``get_sampling_frequency()``; ``unit_ids``.  Samples count from the beginning of
their segment, and so do onsets.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from hebbayes.core.errors import FormatError
from hebbayes.data.binning import WINDOW_S, SpikeTrains
from hebbayes.data.evoked import Trials, evoked_recording

if TYPE_CHECKING:
    from hebbayes.data.recording import Recording


def from_sorting(
    sorting: Any, trials: Trials, *, window: tuple[float, float] = WINDOW_S
) -> Recording:
    """Return the recording of a sorting, counted in ``window`` (seconds) after each onset.

    The session of a trial is its segment, 0, 1, ...; onsets are in seconds from the segment's
    beginning.  Raises `HebbayesError`.

    Example:
        >>> from types import SimpleNamespace
        >>> kinds = [("sample_index", "i8"), ("unit_index", "i8"), ("segment_index", "i8")]
        >>> spikes = np.array([(300, 0, 0), (20400, 1, 0)], kinds)
        >>> sorting = SimpleNamespace(
        ...     to_spike_vector=lambda: spikes, get_sampling_frequency=lambda: 20_000.0,
        ...     unit_ids=["a", "b"])
        >>> from_sorting(sorting, Trials([0.0, 1.0], np.eye(2))).responses.tolist()
        [[1, 0], [0, 1]]
    """
    vector = sorting.to_spike_vector()
    ids = np.asarray(sorting.unit_ids)
    rate = float(sorting.get_sampling_frequency())
    sample, unit, segment = (
        np.asarray(vector[name]) for name in ("sample_index", "unit_index", "segment_index")
    )
    for name, values, size in (("unit_index", unit, len(ids)), ("segment_index", segment, None)):
        if values.size and (values.min() < 0 or (size is not None and values.max() >= size)):
            raise FormatError(
                f"{name} of the sorting goes from {values.min()} to {values.max()}; "
                f"it has {len(ids)} units."
            )
    n_sessions = _number_of_sessions(trials)
    if segment.size and segment.max() >= n_sessions:
        raise FormatError(
            f"spikes are in segments up to {segment.max()} and trials in sessions up "
            f"to {n_sessions - 1}; give trials to every segment, or select the "
            "segments that have some."
        )
    parts = []
    for k in range(n_sessions):
        mine = segment == k
        order = np.argsort(unit[mine], kind="stable")
        ends = np.searchsorted(unit[mine][order], np.arange(1, len(ids)))
        parts.append(SpikeTrains(np.split(sample[mine][order], ends), ids, "samples", rate))
    provenance = {"format": "sorting", "rate_hz": rate}
    return evoked_recording(parts, trials, window=window, provenance=provenance)


def _number_of_sessions(trials: Trials) -> int:
    if trials.session is None:
        return 1
    labels = np.unique(np.asarray(trials.session))
    if not np.array_equal(labels, np.arange(len(labels))):
        raise FormatError(
            f"sessions are {labels.tolist()}; wanted the segments of the sorting, 0, 1, ..."
        )
    return len(labels)
