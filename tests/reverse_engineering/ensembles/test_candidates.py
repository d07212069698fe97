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
)
from hebbayes.reverse_engineering.ensembles.population import population_without_labels
from hebbayes.reverse_engineering.ensembles.shown import states_behind_decisions


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
    assert states_behind_decisions(noise).values.shape == (400, 3)  # decisions may rest on them


def test_silence_cannot_be_decoded_and_says_so(culture) -> None:
    silent = replace(culture, responses=np.zeros((120, 6)))
    states = find_states(silent, none, train_sessions=1)
    assert states.population is None
    assert "cannot be told: no unit carries a signal" in states.sentences[0]


def test_the_eight_states_that_are_read_best_become_ensembles() -> None:
    rng = np.random.default_rng(4)
    s = rng.integers(0, 2, (400, 12))
    signal = np.where(np.arange(12) < 3, 1.0, 6.0)  # the first three are faint
    states = find_states(Recording(s, rng.poisson(2 + signal * s), [0] * 400), none,
                         train_sessions=1)  # fmt: skip
    assert states.values.shape[1] == len(states.population.units) == 8
    assert not any((states.values == s[:, [k]]).all(0).any() for k in range(3))


def test_a_state_without_units_is_left_out(culture) -> None:
    s = culture.stimuli[:, [0, 2]]
    one = culture.select(units=[0, 1])
    assert len(population_by_states(one, s, train_sessions=1).units) == 1
