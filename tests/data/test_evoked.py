"""Trials that share spikes are refused or reported."""

import numpy as np
import pytest

from hebbayes.core.errors import ValueRangeError
from hebbayes.data.binning import SpikeTrains
from hebbayes.data.evoked import Trials, evoked_recording, session_numbers
from hebbayes.data.files import save_arrays
from hebbayes.data.formats.arrays import from_arrays
from hebbayes.data.reading import read_recording

TRAINS = SpikeTrains([np.array([0.015, 1.012, 1.02])], np.array([7]))


@pytest.mark.parametrize("onset", [[0.0, 0.0, 0.0], [0.0, 1.0, 1.0], [1.0, np.nan, 1.0]])
def test_trials_with_one_onset_are_refused(onset) -> None:
    with pytest.raises(ValueRangeError, match=r"have the same onset, .* pass spike_trials"):
        evoked_recording(TRAINS, Trials(onset, np.eye(3)))


def test_one_onset_in_two_sessions_on_one_clock_is_refused() -> None:
    with pytest.raises(ValueRangeError, match=r"trials 1 and 2 have the same onset, 1\.0 s"):
        evoked_recording(TRAINS, Trials([0.0, 1.0, 1.0], np.eye(3), [0, 0, 1]))


def test_sessions_with_clocks_of_their_own_may_share_onsets() -> None:
    made = evoked_recording([TRAINS, TRAINS], Trials([0.0, 1.0, 0.0, 1.0], np.eye(4), [0, 0, 1, 1]))
    assert made.responses.tolist() == [[1], [2], [1], [2]]


def test_overlapping_windows_are_reported() -> None:
    made = evoked_recording(TRAINS, Trials([0.0, 0.015, 1.0], np.eye(3)))
    assert made.provenance["warnings"] == [
        "windows that overlap the window of the next trial: 1; spikes there count in both."
    ]
    apart = evoked_recording(TRAINS, Trials([0.0, 0.02, 1.0], np.eye(3)))
    assert apart.provenance["warnings"] == []


def test_spikes_that_restart_in_each_trial_name_their_trial(tmp_path) -> None:
    spikes = {"spike_times": [0.015, 0.012, 0.02], "spike_units": [7, 7, 7]}
    trials = {"onset_s": [0.0, 0.0], "stimuli": np.eye(2), "session": [0, 0]}
    save_arrays(tmp_path / "a.npz", {**spikes, **trials})
    assert "pass spike_trials" in read_recording(tmp_path / "a.npz").failures[0]
    save_arrays(tmp_path / "b.npz", {**spikes, **trials, "spike_trials": [0.0, 1.0, 1.0]})
    held = read_recording(tmp_path / "b.npz", time_unit="s")
    assert held.recordings[0].responses.tolist() == [[1], [2]]


def test_the_trial_of_a_spike_is_a_whole_number() -> None:
    words = {"spike_units": [7, 7], "spike_trials": [0, 0.5]}
    with pytest.raises(ValueRangeError, match=r"spike_trials must hold whole numbers; got 0.5"):
        from_arrays([0.01, 0.02], Trials([0.0, 1.0], np.eye(2)), **words)


@pytest.mark.parametrize("value", [np.inf, -np.inf, np.nan, 0.5])
def test_a_session_that_is_no_whole_number_is_refused(value: float) -> None:
    with pytest.raises(ValueRangeError, match=f"session must hold whole numbers.*got {value}"):
        session_numbers([0.0, value])
