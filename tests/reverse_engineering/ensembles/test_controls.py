"""The controls that stand beside label-free ensembles say what they claim."""

import itertools
from dataclasses import replace

import numpy as np
import pytest

from hebbayes.reverse_engineering.ensembles.controls import (
    caution_sentences,
    controls_without_labels,
    observe_stimuli,
)
from hebbayes.reverse_engineering.ensembles.without_labels import find_ensembles_without_labels

from .populations import population


@pytest.fixture(scope="module")
def recording():
    return population()


@pytest.fixture(scope="module")
def result(recording):
    return find_ensembles_without_labels(recording, train_sessions=3, n_ensembles=2)


@pytest.fixture(scope="module")
def controls(recording, result):
    return controls_without_labels(recording, result)


def test_signal_lies_between_the_ideal_observer_and_constant_activity(controls) -> None:
    held, other, shuffled = controls.held_out, controls.other_session, controls.shuffled
    assert controls.ideal_observer < held.free_energy < held.constant - 1
    assert other.free_energy < other.constant - 1
    assert shuffled.free_energy > shuffled.constant - 0.1
    assert held.correlation.min() > 0.85
    assert other.correlation.min() > 0.85
    assert shuffled.correlation.max() < 0.35


def test_controls_depend_on_training_sessions_and_stimuli_only(recording, result, controls) -> None:
    late = (recording.session == 3)[:, None]
    altered = replace(recording, sources=None, responses=np.where(late, 0, recording.responses))
    again = controls_without_labels(altered, result)
    assert again.ideal_observer == controls.ideal_observer
    for one, other in zip(again[::2], controls[::2]):
        np.testing.assert_array_equal(one.correlation, other.correlation)


def test_the_ideal_observer_reaches_the_best_likelihood_of_its_stimuli() -> None:
    """Against a grid over both tables of one channel pair."""
    stimuli = np.array([[1, 1]] * 40 + [[0, 0]] * 40 + [[1, 0]] * 10 + [[0, 1]] * 10, float)

    def surprise(tables):
        """Of tables (n, 2, 2), each (states, channels)."""
        chance = np.where(stimuli[:, None, None] == 1, tables, 1 - tables).prod(-1).mean(-1)
        return -np.log(chance).mean(0)

    grid = np.linspace(0.05, 0.95, 13)
    tables = np.array(list(itertools.product(grid, repeat=4))).reshape(-1, 2, 2)
    best = surprise(tables[tables[:, 0, 0] <= tables[:, 1, 0]]).min()
    result = observe_stimuli(stimuli, np.array([[0.4, 0.45], [0.6, 0.55]]), prior_count=1e-9)
    assert surprise(result[None])[0] <= best + 1e-3


def test_the_caution_is_complete(result, controls) -> None:
    text = " ".join(caution_sentences(result, controls))
    for part in ("re-encode", "ideal observer", "read in the last", "shuffled among trials"):
        assert part in text
    assert f"{controls.held_out.free_energy:.3f}" in text
    assert "combinations" not in text
    alone = caution_sentences(result, controls._replace(other_session=None))
    assert any("no other training session" in line for line in alone)


def test_one_training_session_has_no_other_to_be_read_in(recording) -> None:
    result = find_ensembles_without_labels(recording, train_sessions=1, n_ensembles=1)
    assert controls_without_labels(recording, result).other_session is None
