"""States of trials: the stimuli, or what a canonical network infers from them."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.special import logit

from hebbayes.core.errors import ValueRangeError
from hebbayes.data.behaviour import Behaviour
from hebbayes.reverse_engineering.behaviour.subjects.states import inferred_states, states_of


def test_binary_stimuli_are_states_and_graded_ones_are_inferred() -> None:
    binary = Behaviour([0, 1], np.eye(2))
    assert states_of(binary)[0] == "stimuli"
    graded = Behaviour([0, 1], np.eye(2) / 2)
    source, x = states_of(graded)
    assert source == "inferred"
    assert ((x > 0) & (x < 1)).all()
    assert states_of(graded, "stimuli")[1].tolist() == graded.stimuli.tolist()


def test_each_subject_starts_from_the_same_prior(rng) -> None:
    seen = rng.random((30, 2))
    both = Behaviour([0, 1] * 30, np.vstack([seen, seen]), subject=np.repeat([0, 1], 30))
    _, x = states_of(both)
    np.testing.assert_array_equal(x[:30], x[30:])


def test_a_state_is_bayes_rule_with_counts_so_far(rng) -> None:
    """One channel, one state: the posterior by hand, count by count."""
    seen = rng.integers(0, 2, (25, 1)).astype(float)
    on, off = np.array([15.0, 5.0]), np.array([5.0, 15.0])  # counts of channel on, off given state
    expected = []
    for o in seen[:, 0]:
        likelihood = [table[0 if o else 1] / table.sum() for table in (on, off)]
        x = likelihood[0] / sum(likelihood)
        expected.append(x)
        on += x * np.array([o, 1 - o])
        off += (1 - x) * np.array([o, 1 - o])
    np.testing.assert_allclose(inferred_states(seen)[:, 0], expected)


def test_states_rest_on_no_later_trial(rng) -> None:
    seen = rng.random((20, 3))
    later = np.vstack([seen[:10], rng.random((10, 3))])
    np.testing.assert_array_equal(inferred_states(seen)[:10], inferred_states(later)[:10])


def test_a_noisy_channel_is_helped_by_another(rng) -> None:
    """Two channels copy one source; the state of either ends nearer the source than the channel."""
    source = rng.integers(0, 2, 600)
    noisy = np.where(rng.random((600, 2)) < 0.25, 1 - source[:, None], source[:, None])
    x = inferred_states(noisy.astype(float))
    late = slice(300, None)
    assert (
        np.corrcoef(x[late, 0], source[late])[0, 1]
        > np.corrcoef(noisy[late, 0], source[late])[0, 1]
    )
    assert np.isfinite(logit(x)).all()


def test_recorded_activity_is_the_state() -> None:
    behaviour = Behaviour([0, 1], np.eye(2), activity=[[0.2], [0.9]])
    assert states_of(behaviour)[1].tolist() == [[0.2], [0.9]]
    assert states_of(behaviour, "stimuli")[0] == "stimuli"
    with pytest.raises(ValueRangeError, match="between 0 and 1"):
        states_of(replace(behaviour, activity=np.array([[2.0], [0.0]])))


def test_without_stimuli_one_state_is_always_on() -> None:
    for stimuli in (np.zeros((2, 0)), np.ones((2, 1))):
        source, x = states_of(Behaviour([0, 1], stimuli))
        assert (source, x.tolist()) == ("none", [[1.0], [1.0]])


def test_stimuli_out_of_range_name_the_flag() -> None:
    with pytest.raises(ValueRangeError, match="--coding"):
        states_of(Behaviour([0, 1], [[-1.0], [3.0]]))
