"""Spikes in memory, in one of three common shapes.

One array of times per unit; one long array of times with the unit of each spike; or the same with
times that restart in each trial and the trial of each spike.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hebbayes.core.errors import ShapeError, ValueRangeError
from hebbayes.data.binning import WINDOW_S, SpikeTrains, TimeUnit, check_window, checked_onsets
from hebbayes.data.casting import whole_numbers
from hebbayes.data.evoked import Trials, evoked_recording
from hebbayes.data.provenance import notes
from hebbayes.data.recording import Recording

_SECONDS = {None: 1.0, "s": 1.0, "ms": 1e-3}


def from_arrays(
    spikes: Sequence[ArrayLike] | ArrayLike,
    trials: Trials,
    *,
    spike_units: ArrayLike | None = None,
    spike_trials: ArrayLike | None = None,
    unit_ids: ArrayLike | None = None,
    window: tuple[float, float] = WINDOW_S,
    time_unit: TimeUnit | None = None,
    rate_hz: float | None = None,
) -> Recording:
    """Return the recording of spikes in arrays, counted in ``window`` (seconds) after each onset.

    Args:
        spikes: One array of times per unit; with ``spike_units``, one array of all times.
        trials: Onsets in seconds, stimuli, sessions.
        spike_units: (spikes,), the unit of each spike.
        spike_trials: (spikes,), 0-based trial of each spike, if times and onsets restart at
            each trial's beginning.
        unit_ids: (units,), names, including silent units; by default the units that spike.
        window: Start and end of the counting window.
        time_unit: Unit of ``spikes``: s, ms or samples; None takes seconds if plausible.
        rate_hz: Sampling rate, if known; required for samples.

    Raises `HebbayesError` for times that are invalid or inconsistent.

    Example:
        >>> trials = Trials([0.0, 1.0], np.eye(2))
        >>> from_arrays([[0.015, 1.02], [1.011]], trials).responses.tolist()
        [[1, 0], [1, 1]]
    """
    options = {"time_unit": time_unit, "rate_hz": rate_hz}
    if spike_units is None:
        times = [np.asarray(one) for one in spikes]  # type: ignore[union-attr]
        times = [one.astype(np.float64) if one.size == 0 else one for one in times]
        ids = np.arange(len(times)) if unit_ids is None else np.asarray(unit_ids)
        trains = SpikeTrains(times, ids, **options)  # type: ignore[arg-type]
        return evoked_recording(trains, trials, window=window, provenance={"options": options})
    flat, units = _checked_flat(np.asarray(spikes), np.asarray(spike_units))
    if spike_trials is None:
        trains = SpikeTrains(*trains_by_unit(flat, units, unit_ids), **options)  # type: ignore[arg-type]
        return evoked_recording(trains, trials, window=window, provenance={"options": options})
    ids, index = _place_of_unit(units, unit_ids)
    seconds = flat * (1 / _needed(rate_hz) if time_unit == "samples" else _SECONDS[time_unit])
    trial = _trial_of(spike_trials, flat, trials)
    counts = _count_within(seconds, (trial, index), trials, window, len(ids))
    return Recording(
        stimuli=trials.stimuli,  # type: ignore[arg-type]
        responses=counts,
        session=np.zeros(len(counts), int) if trials.session is None else trials.session,  # type: ignore[arg-type]
        unit_ids=ids,
        channel_ids=trials.channel_ids,  # type: ignore[arg-type]
        window_s=(float(window[0]), float(window[1])),
        provenance={"options": options, **trials.origin, **notes(warnings=trials.warnings)},
        **trials.extra,
    )


def _checked_flat(times: NDArray, spike_units: NDArray) -> tuple[NDArray, NDArray]:
    if times.ndim != 1 or times.shape != spike_units.shape or times.dtype.kind not in "uif":
        raise ShapeError(
            f"spikes have shape {times.shape}, type {times.dtype}, and spike_units shape "
            f"{spike_units.shape}; wanted a number and a unit for each spike."
        )
    if spike_units.dtype.kind not in "buifUSO":
        raise ShapeError(f"spike_units must hold numbers or names; got type {spike_units.dtype}.")
    return times, spike_units


def trains_by_unit(
    times: NDArray, spike_units: NDArray, unit_ids: ArrayLike | None = None
) -> tuple[list[NDArray], NDArray]:
    """Return the times of every unit, and the units, with at most three arrays of all spikes.

    Example:
        >>> trains, units = trains_by_unit(np.array([0.1, 0.2, 0.3]), np.array([7, 4, 7]))
        >>> [one.tolist() for one in trains], units.tolist()
        ([[0.2], [0.1, 0.3]], [4, 7])
    """
    order = np.argsort(spike_units, kind="stable")
    in_order = spike_units[order]
    starts = np.flatnonzero(np.append(True, in_order[1:] != in_order[:-1])[: len(in_order)])
    found = in_order[starts]
    del in_order
    parts = np.split(times[order], starts[1:])[: len(found)]
    ids, place = _places(found, unit_ids)
    trains = [times[:0]] * len(ids)
    for k, part in zip(place, parts):
        trains[k] = part
    return trains, ids


def _place_of_unit(
    spike_units: NDArray, unit_ids: ArrayLike | None
) -> tuple[NDArray, NDArray[np.int64]]:
    found, index = np.unique(spike_units, return_inverse=True)
    ids, place = _places(found, unit_ids)
    return ids, place[index]


def _places(found: NDArray, unit_ids: ArrayLike | None) -> tuple[NDArray, NDArray[np.int64]]:
    """Return all units, and the position among them of each unit that spikes."""
    if unit_ids is None:
        return found, np.arange(len(found))
    wanted = np.asarray(unit_ids)
    if (unknown := ~np.isin(found, wanted)).any():
        raise ValueRangeError(f"spikes belong to unit {found[unknown][0]}, which unit_ids lacks.")
    place = {unit: k for k, unit in enumerate(wanted.tolist())}
    return wanted, np.array([place[unit] for unit in found.tolist()], int)


def _needed(rate_hz: float | None) -> float:
    if rate_hz is None or not 0 < rate_hz < np.inf:
        raise ValueRangeError("spike times in samples need their rate; pass rate_hz.")
    return rate_hz


def _trial_of(spike_trials: ArrayLike, times: NDArray, trials: Trials) -> NDArray[np.int64]:
    trial, n_trials = whole_numbers("spike_trials", spike_trials), len(np.asarray(trials.onset_s))
    if trial.shape != times.shape:
        raise ShapeError(
            f"spike_trials has shape {trial.shape}; wanted a whole number for each of {len(times)} "
            "spikes."
        )
    if trial.size and not 0 <= int(trial.min()) <= int(trial.max()) < n_trials:
        raise ValueRangeError(
            f"spike_trials must lie between 0 and {n_trials - 1}, the last trial;"
            f" got {trial.min()} to {trial.max()}."
        )
    return trial


def _count_within(
    seconds: NDArray[Any],
    places: tuple[NDArray[np.int64], NDArray[np.int64]],
    trials: Trials,
    window: tuple[float, float],
    n_units: int,
) -> NDArray[np.int64]:
    """Count by each spike's own trial, whose clock starts with it."""
    check_window(window)
    trial, unit = places
    onset = np.array([checked_onsets([one])[0] for one in np.asarray(trials.onset_s)])
    if not np.isfinite(seconds).all() or not np.isfinite(onset).all():
        raise ValueRangeError(
            "spike times and onsets within trials must be finite; leave out what is not."
        )
    after = seconds - onset[trial]
    inside = (after >= window[0] - 1e-9) & (after < window[1] - 1e-9)
    if seconds.size and not inside.any():
        raise ValueRangeError(
            f"no spike falls into any window, {window[0]:g} to {window[1]:g} s after the onset "
            "within its trial; pass time_unit, or another window."
        )
    place = trial[inside] * n_units + unit[inside]
    return np.bincount(place, minlength=len(onset) * n_units).reshape(len(onset), n_units)
