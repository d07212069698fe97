"""States of cultures in which the search finds none: given, shown, or honestly none."""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from hebbayes.core.errors import ValueRangeError
from hebbayes.data.recording import Recording
from hebbayes.reverse_engineering.ensembles.candidates import (
    find_states,
    population_by_states,
    shown_states,
)
from hebbayes.reverse_engineering.ensembles.population import population_without_labels


def none(_):
    raise ValueRangeError("nothing found.")


@pytest.fixture
def culture() -> Recording:
    rng = np.random.default_rng(1)
    s = rng.integers(0, 2, (120, 2))
    return Recording(np.repeat(s, 2, axis=1), rng.poisson(1 + 3 * np.repeat(s, 3, 1)), [0] * 120)


def test_a_search_that_succeeds_is_taken_as_it_is(culture) -> None:
    search = partial(population_without_labels, train_sessions=1, n_ensembles=2)
    states = find_states(culture, search, train_sessions=1)
    assert states.origin == "search"
    assert states.decodings == ()
    assert states.population.activity.tobytes() == search(culture).activity.tobytes()


@pytest.mark.parametrize("origin", ["sources", "stimuli"])
def test_given_sources_come_before_stimuli(culture, origin) -> None:
    known = culture.stimuli[:, [0, 2]]
    given = replace(culture, sources=known) if origin == "sources" else culture
    states = find_states(given, none, train_sessions=1)
    assert states.origin == origin
    assert states.why == "nothing found."
    assert [one.of for one in states.decodings] == [origin]
    link = [np.corrcoef(x, s)[0, 1] for x, s in zip(states.population.activity.T, known.T)]
    assert min(link) > 0.7
    np.testing.assert_array_equal(states.values, known)
    assert "the search without labels found none" in states.population.cautions[0]


def test_noise_with_enough_trials_has_no_states_and_says_so() -> None:
    rng = np.random.default_rng(2)
    noise = Recording(rng.integers(0, 2, (400, 3)), rng.poisson(2, (400, 6)), [0] * 400)
    states = find_states(noise, none, train_sessions=1)
    assert states.population is None
    assert "does not carry" in states.sentences[0]
    assert states.values.shape == (400, 3)  # decisions may still rest on them


def test_silence_cannot_be_decoded_and_says_so(culture) -> None:
    silent = replace(culture, responses=np.zeros((120, 6)))
    states = find_states(silent, none, train_sessions=1)
    assert states.population is None
    assert "cannot be told: no unit carries a signal" in states.sentences[0]


def test_channels_that_others_determine_are_no_states() -> None:
    rng = np.random.default_rng(0)
    group = np.eye(3)[rng.integers(0, 3, 50)]  # one of three is on
    constant, other = np.ones((50, 1)), rng.integers(0, 2, (50, 1))
    shown = shown_states(np.hstack([group, constant, other, 1 - other]))
    np.testing.assert_array_equal(shown, np.hstack([group[:, :2], other]))


def test_a_state_without_units_is_left_out(culture) -> None:
    s = culture.stimuli[:, [0, 2]]
    one = culture.select(units=[0, 1])
    assert len(population_by_states(one, s, train_sessions=1).units) == 1
