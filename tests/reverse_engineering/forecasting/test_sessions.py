"""The cut between training and what is forecast; patterns and their repetition."""

from dataclasses import replace

import numpy as np
import pytest

from hebbayes.core.errors import ShapeError, ValueRangeError
from hebbayes.data.recording import Recording
from hebbayes.reverse_engineering.forecasting.sessions import (
    find_patterns,
    is_repeated,
    pattern_index,
    pattern_sums,
    repeated_share,
    split_sessions,
)

from .recordings import small_recording


def test_sessions_keep_their_own_lengths_labels_and_unobserved_responses() -> None:
    recording = small_recording(is_ragged=True, unobserved=0.2)
    recording = replace(recording, session=recording.session * 3 + 7)
    split = split_sessions(recording, 3)
    every = [*split.training, *split.later]
    assert [len(s.stimuli) for s in every] == [24, 23, 22, 24, 23, 22, 24, 23]
    assert split.later_labels.tolist() == [16, 19, 22, 25, 28]
    joined = np.concatenate([s.responses for s in every])
    np.testing.assert_array_equal(np.isnan(joined), ~recording.valid)
    np.testing.assert_array_equal(joined[recording.valid], recording.responses[recording.valid])


def test_units_are_chosen_by_their_observed_mean_in_training_alone() -> None:
    counts = np.array([[0, 1, 1, 9], [1, 0, 0, 9], [9, 0, 9, 0], [9, 0, 9, 0]])
    valid = np.ones((4, 4), bool)
    valid[0, 1] = valid[1, 3] = False  # unit 1 is silent where seen, unit 3 is seen once
    split = split_sessions(Recording(np.ones((4, 1)), counts, [0, 0, 1, 1], valid=valid), 1)
    assert split.unit_ids.tolist() == [0, 2, 3]
    assert split_sessions(
        Recording(np.ones((4, 1)), counts, [0, 0, 1, 1]), 1, min_rate=0.5
    ).unit_ids.tolist() == [3]


def test_a_split_that_leaves_nothing_is_refused() -> None:
    recording = small_recording(sessions=4)
    for n in (0, 4):
        with pytest.raises(ShapeError, match="4 sessions needs 1 to 3"):
            split_sessions(recording, n)
    with pytest.raises(ValueRangeError, match="no unit has a mean above 1000"):
        split_sessions(recording, 2, min_rate=1000)


def test_repetition_is_detected_across_and_within_sessions() -> None:
    repeated, fresh = small_recording(), small_recording(channels=24, is_repeated=False)
    assert repeated_share(split_sessions(repeated, 4).training) == 1.0
    # where both sources agree, every channel shows the same
    assert 0.3 < repeated_share(split_sessions(fresh, 4).training) < 0.7
    assert is_repeated(split_sessions(repeated, 4).training)
    assert not is_repeated(split_sessions(fresh, 4).training)
    assert repeated_share(split_sessions(small_recording(channels=2), 1).training) > 0.5


def test_pattern_sums_are_those_of_a_loop_over_trials() -> None:
    split = split_sessions(small_recording(is_ragged=True, unobserved=0.3), 3)
    patterns = find_patterns(split.training[:1])
    sums, numbers = pattern_sums(split.training, patterns)
    expected = np.zeros((2, *sums.shape))
    for session in split.training:
        for stimulus, response, valid in zip(session.stimuli, session.responses, session.valid):
            same = (patterns.stimuli == stimulus).all(1)
            expected[0][same] += np.where(valid, response, 0)
            expected[1][same] += valid
    np.testing.assert_array_equal(sums, expected[0])
    np.testing.assert_array_equal(numbers, expected[1])


def test_minus_zero_is_the_same_stimulus_as_zero() -> None:
    split = split_sessions(Recording(np.zeros((2, 1)), np.ones((2, 1)), [0, 1]), 1)
    assert pattern_index(find_patterns(split.training), np.array([[-0.0]])).tolist() == [0]
