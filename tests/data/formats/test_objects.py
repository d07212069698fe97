"""Arrays and objects of other packages: inconsistent ones are refused in one sentence."""

from types import SimpleNamespace

import neo
import numpy as np
import pynapple as nap
import pytest
import quantities as pq

from hebbayes.core.errors import HebbayesError
from hebbayes.data.evoked import Trials
from hebbayes.data.formats.arrays import from_arrays
from hebbayes.data.formats.neo import from_neo
from hebbayes.data.formats.npz import read_npz
from hebbayes.data.formats.pynapple import from_pynapple
from hebbayes.data.formats.sorting import from_sorting

TWO = Trials([0.0, 1.0], np.eye(2))
FLAT = {"spikes": [0.015, 1.012], "spike_units": [3, 3]}
ARRAYS = {
    "a unit too few": (
        {**FLAT, "spike_units": [3]},
        "spikes have shape (2,), type float64, and spike_units shape (1,); wanted a number and a "
        "unit for each spike.",
    ),
    "unknown unit": (
        {**FLAT, "unit_ids": [1, 2]},
        "spikes belong to unit 3, which unit_ids lacks.",
    ),
    "trial out of range": (
        {**FLAT, "spike_trials": [0, 2]},
        "spike_trials must lie between 0 and 1, the last trial; got 0 to 2.",
    ),
    "trials of another length": (
        {**FLAT, "spike_trials": [0]},
        "spike_trials has shape (1,); wanted a whole number for each of 2 spikes.",
    ),
    "milliseconds within trials": (
        {"spikes": [15.0, 12.0], "spike_units": [3, 3], "spike_trials": [0, 1]},
        "no spike falls into any window, 0.01 to 0.03 s after the onset within its trial; pass "
        "time_unit, or another window.",
    ),
    "NaN within trials": (
        {"spikes": [0.015, np.nan], "spike_units": [3, 3], "spike_trials": [0, 1]},
        "spike times and onsets within trials must be finite; leave out what is not.",
    ),
    "samples without rate": (
        {**FLAT, "spike_trials": [0, 1], "time_unit": "samples"},
        "spike times in samples need their rate; pass rate_hz.",
    ),
    "ids of another length": (
        {"spikes": [[0.015]], "unit_ids": [1, 2]},
        "1 spike trains have 2 unit ids; wanted one each, at least one.",
    ),
    "reversed window": (
        {**FLAT, "window": (0.03, 0.01)},
        "the window must be (start, end) in seconds, start first; got (0.03, 0.01).",
    ),
}


@pytest.mark.parametrize("fault", ARRAYS)
def test_a_fault_of_arrays_is_reported(fault: str) -> None:
    words, sentence = ARRAYS[fault]
    words = dict(words)
    with pytest.raises(HebbayesError) as caught:
        from_arrays(words.pop("spikes"), TWO, **words)
    assert str(caught.value) == sentence


def test_sessions_of_another_length_are_refused() -> None:
    with pytest.raises(HebbayesError, match="session has shape \\(3,\\); 2 onsets want one each"):
        from_arrays([[0.015]], Trials([0.0, 1.0], np.eye(2), [0, 0, 1]))


def segment(unit_ids=(1, 2), **events) -> neo.Segment:
    made = neo.Segment()
    for unit in unit_ids:
        train = neo.SpikeTrain([0.015, 1.5] * pq.s, t_start=0 * pq.s, t_stop=1.02 * pq.s + 1 * pq.s)
        train.annotate(unit_id=unit)
        made.spiketrains.append(train)
    for name, notes in events.items():
        made.events.append(neo.Event([0.0, 1.99] * pq.s, array_annotations=notes, name=name))
    return made


def block(*segments: neo.Segment) -> neo.Block:
    made = neo.Block()
    made.segments.extend(segments)
    return made


def test_a_unit_that_a_neo_segment_lacks_and_time_past_its_end_are_unobserved() -> None:
    notes = {"stimulus_0": [1, 0]}
    read = from_neo(block(segment((1, 2), a=notes), segment((2,), a=notes)))
    assert read.unit_ids.tolist() == [1, 2]
    assert read.valid.tolist() == [[True, True], [True, True], [False, True], [False, True]]
    assert read.responses.tolist() == [[1, 1], [0, 0], [0, 1], [0, 0]]
    assert read.provenance["dropped"] == {"responses of units that their session lacks": 2}
    late = segment((1,), a=notes)
    late.events[0] = neo.Event([0.0, 1.995] * pq.s, array_annotations=notes, name="a")
    assert from_neo(block(late)).valid.tolist() == [[True], [False]]


NEO = {
    "no stimuli": (
        block(segment(a={"colour": [1, 2]})),
        "segment 0 has no events with stimuli in array_annotations (stimulus_0, ..., or channel); "
        "it has the events a; pass events=NAME to choose one.",
    ),
    "two": (
        block(segment(a={"channel": [0, 1]}, b={"channel": [0, 1]})),
        "segment 0 has 2 events with stimuli in array_annotations (stimulus_0, ..., or channel); "
        "it has the events a, b; pass events=NAME to choose one.",
    ),
    "a unit twice": (
        block(segment((1, 1), a={"channel": [0, 1]})),
        "spiketrains of segment 0 share the unit 1; give each an annotation unit_id of its own.",
    ),
    "no spikes": (
        block(segment((), a={"channel": [0, 1]})),
        "segment 0 has no spiketrains; wanted one per unit.",
    ),
}


@pytest.mark.parametrize("fault", NEO)
def test_a_fault_of_a_neo_block_is_reported(fault: str) -> None:
    made, sentence = NEO[fault]
    with pytest.raises(HebbayesError) as caught:
        from_neo(made)
    assert str(caught.value) == sentence


def test_pynapple_trials_are_never_an_interval_set() -> None:
    group = nap.TsGroup({4: nap.Ts(np.array([0.015, 1.012]))})
    with pytest.raises(HebbayesError, match="onsets are an IntervalSet, which sorts, merges"):
        from_pynapple(group, nap.IntervalSet([0.0, 1.0], [0.5, 1.5]), np.eye(2))
    stimuli = nap.TsdFrame(np.array([0.0, 1.5]), np.eye(2))
    with pytest.raises(HebbayesError, match="at other times than the 2 onsets"):
        from_pynapple(group, nap.Ts(np.array([0.0, 1.0])), stimuli)


def test_pynapples_own_support_counts_and_the_default_one_does_not() -> None:
    times, onsets = np.array([0.015, 1.012]), nap.Ts(np.array([0.0, 1.0]))
    default = nap.TsGroup({4: nap.Ts(times)})
    assert from_pynapple(default, onsets, np.eye(2)).valid.all()
    support = nap.IntervalSet(0.0, 1.02)
    own = nap.TsGroup({4: nap.Ts(times, time_support=support)}, time_support=support)
    assert from_pynapple(own, onsets, np.eye(2)).valid.tolist() == [[True], [False]]


def sorting(unit=0, segment=0) -> SimpleNamespace:
    kinds = [("sample_index", "i8"), ("unit_index", "i8"), ("segment_index", "i8")]
    vector = np.array([(300, unit, segment)], kinds)
    return SimpleNamespace(
        to_spike_vector=lambda: vector, get_sampling_frequency=lambda: 2e4, unit_ids=["a", "b"]
    )


@pytest.mark.parametrize(
    ("made", "trials", "sentence"),
    [
        (
            sorting(unit=2),
            TWO,
            "unit_index of the sorting goes from 2 to 2; it has 2 units.",
        ),
        (
            sorting(segment=1),
            TWO,
            "spikes are in segments up to 1 and trials in sessions up to 0; give trials to every "
            "segment, or select the segments that have some.",
        ),
        (
            sorting(),
            Trials([0.0, 1.0], np.eye(2), [1, 2]),
            "sessions are [1, 2]; wanted the segments of the sorting, 0, 1, ...",
        ),
    ],
)
def test_a_fault_of_a_sorting_is_reported(made, trials, sentence: str) -> None:
    with pytest.raises(HebbayesError) as caught:
        from_sorting(made, trials)
    assert str(caught.value) == sentence


def test_a_published_set_of_times_within_trials_is_read_from_arrays(reference_data) -> None:
    path = reference_data / "loaders" / "pinene_data.npz"
    with pytest.raises(HebbayesError, match="has no recording: wanted the fields of a recording"):
        read_npz(path)
    with np.load(path) as held:
        trials = Trials(np.zeros(45), np.ones((45, 1)))
        words = {"spike_units": held["neuron_ids"], "spike_trials": held["trials"]}
        read = from_arrays(held["spiketimes"], trials, time_unit="ms", window=(0, 0.5), **words)
        assert read.responses.sum() == len(held["spiketimes"])
        with pytest.raises(HebbayesError, match="decrease at spike"):
            from_arrays(held["spiketimes"], trials, spike_units=held["neuron_ids"])
