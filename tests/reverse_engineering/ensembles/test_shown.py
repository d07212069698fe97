"""Sources and stimuli as states: which are kept, and when decisions can rest on them."""

from dataclasses import replace

import numpy as np
import pytest

from hebbayes.core.errors import ValueRangeError
from hebbayes.data.recording import Recording
from hebbayes.reverse_engineering.ensembles.shown import shown_states, states_behind_decisions


def recording_of(stimuli) -> Recording:
    return Recording(stimuli, np.ones((len(stimuli), 1)), [0] * len(stimuli))


def test_channels_that_others_determine_are_no_states() -> None:
    rng = np.random.default_rng(0)
    group = np.eye(3)[rng.integers(0, 3, 50)]  # one of three is on
    constant, other = np.ones((50, 1)), rng.integers(0, 2, (50, 1))
    shown = shown_states(np.hstack([group, constant, other, 1 - other]))
    np.testing.assert_array_equal(shown, np.hstack([group[:, :2], other]))


@pytest.mark.parametrize("n", [5, 12, 40])
def test_as_many_channels_are_kept_as_their_covariance_has_rank(n) -> None:
    rng = np.random.default_rng(n)
    o = rng.integers(0, 2, (120, n)).astype(float)
    o = np.hstack([o, o[:, :2].sum(1, keepdims=True), 1 - o[:, [3]]])[:, rng.permutation(n + 2)]
    shown = shown_states(o)
    rank = np.linalg.matrix_rank(o - o.mean(0), tol=1e-6)
    assert shown.shape[1] == np.linalg.matrix_rank(shown - shown.mean(0), tol=1e-6) == rank


def test_decisions_rest_on_each_of_many_cues_alone() -> None:
    cue = np.random.default_rng(1).integers(0, 30, 400)
    states = states_behind_decisions(recording_of(np.eye(30)[cue]))
    assert states.of == "patterns"
    assert states.values.sum(1).tolist() == [1] * 400
    assert len({(k, int(row.argmax())) for k, row in zip(cue, states.values)}) == 30


def test_many_channels_that_are_combined_stay_channels() -> None:
    o = np.random.default_rng(2).integers(0, 2, (300, 20))
    states = states_behind_decisions(recording_of(o))
    assert states.of == "stimuli"
    np.testing.assert_array_equal(states.values, o)


def test_sources_come_first_unless_stimuli_are_wanted() -> None:
    o = np.random.default_rng(3).integers(0, 2, (60, 4))
    known = replace(recording_of(o), sources=o[:, :2])
    assert states_behind_decisions(known).of == "sources"
    assert states_behind_decisions(known, of="stimuli").values.shape == (60, 4)


def test_too_many_or_constant_channels_are_refused_with_the_flag() -> None:
    image = np.random.default_rng(4).random((200, 100))
    with pytest.raises(ValueRangeError, match=r"100 independent channels.*with --stimuli"):
        states_behind_decisions(recording_of(image))
    with pytest.raises(ValueRangeError, match=r"constant.*with --stimuli"):
        states_behind_decisions(recording_of(np.ones((9, 3))))
