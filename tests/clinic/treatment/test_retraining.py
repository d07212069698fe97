"""False percepts persist after phi is mended; retraining that helps, and that does not."""

from itertools import pairwise

import numpy as np
import pytest
from scipy.special import expit

from hebbayes.clinic.treatment.percepts import (
    PerceptDesign,
    Phase,
    follow,
    live,
    naive_synapses,
    percepts,
    posterior,
)
from hebbayes.clinic.treatment.retraining import (
    PERSISTENT,
    Plan,
    persistence_experiment,
    phases_of,
    shares_of_return,
)
from hebbayes.simulators.networks import simulate_network


@pytest.fixture(scope="module")
def found():
    return persistence_experiment(n_networks=12, n_plans=32)


def false_percepts(found, name):
    return found.endings[name].false_percepts


def test_synapses_learnt_under_a_wrong_prior_keep_false_percepts_after_it_is_mended(found) -> None:
    ill, late, well = (
        false_percepts(found, name) for name in ("impaired", "mended, ordinary stimuli", "healthy")
    )
    assert ill.value > 0.95
    assert well.high < late.low < late.high < ill.low
    assert late.value - well.value > 0.15
    assert well.value == pytest.approx(0.5, abs=0.08)


def test_courses_begin_when_phi_is_mended_and_end_in_their_endings(found) -> None:
    assert found.trials[[0, -1]].tolist() == [0, PERSISTENT.retraining_trials]
    for name, curve in found.curves.items():
        last = [float(end[-1]) for end in curve["false_percepts"].as_tuple()]
        assert last == pytest.approx(found.endings[name].false_percepts.as_tuple())
    first = found.curves["mended, ordinary stimuli"]["false_percepts"].value[0]
    assert first == pytest.approx(found.endings["mended at once"].false_percepts.value)


def test_the_plan_is_shown_under_its_own_phi_while_it_lasts(found) -> None:
    misses = found.curves["plan found"]["misses"].value
    inside = found.trials < found.plan.trials
    assert misses[inside].min() > 0.5
    assert misses[-1] < 0.2


def test_retraining_with_very_reliable_stimuli_makes_it_worse(found) -> None:
    reliable = false_percepts(found, "mended, very reliable stimuli")
    assert reliable.low > false_percepts(found, "mended, ordinary stimuli").high


def test_a_temporary_over_correction_helps_and_the_search_finds_it(found) -> None:
    assert found.plan.phi < -1
    assert 0 < found.plan.trials < PERSISTENT.retraining_trials
    assert found.n_plans == 64
    shares = shares_of_return(found)
    assert shares["plan found"] > 0.8 > shares["mended, ordinary stimuli"]


def test_an_over_correction_that_is_kept_overshoots(found) -> None:
    kept = found.endings["over-correction kept"]
    assert kept.false_percepts.value < 0.2
    assert kept.misses.value > 0.5
    assert found.endings["plan found"].misses.value < 0.1
    assert found.worst_misses.value > 0.5  # the price while it lasts


def test_a_plan_fills_the_retraining() -> None:
    phases = phases_of(Plan(-2.0, 300, 0.6), PERSISTENT)
    assert sum(one.trials for one in phases) == PERSISTENT.retraining_trials
    assert [one.phi for one in phases] == [-2.0, 0.0]
    assert [one.reliability for one in phases] == [0.6, None]


def test_a_network_learns_as_the_simulator_of_cultures_does() -> None:
    design, rng = PerceptDesign(n_stimuli=5), np.random.default_rng(0)
    naive = naive_synapses(design, 1, rng)
    after = live(naive, [[Phase(40, phi=0.7)]], design, np.random.default_rng(1))[0]
    again = np.random.default_rng(1)  # the same luck, drawn apart
    stimuli = []
    for _ in range(40):
        is_on = again.random(1) < design.prevalence
        agrees = again.random((1, 5)) < design.reliability
        stimuli.append(np.where(agrees, is_on[:, None], ~is_on[:, None]).astype(float)[0])
    trials = simulate_network([np.array(stimuli)], np.moveaxis(naive, 2, 3), np.array([0.7]))
    np.testing.assert_allclose(after[:, :, 0], trials.counts[..., 0], rtol=1e-12)


def test_a_posterior_is_bayes_rule_by_enumeration() -> None:
    design = PerceptDesign(n_stimuli=3)
    counts = naive_synapses(design, 2, np.random.default_rng(0))
    stimuli = np.array([[1.0, 0.0, 1.0], [0.0, 0.0, 1.0]])
    given = counts[0] / counts.sum(0)  # P(on | state value), (2, networks, stimuli)
    joint = np.where(stimuli > 0, given, 1 - given).prod(-1) * expit([[1.2], [-1.2]])
    np.testing.assert_allclose(posterior(counts, stimuli, 1.2), joint[0] / joint.sum(0))


def test_reports_rise_with_phi() -> None:
    naive = naive_synapses(PerceptDesign(), 4, np.random.default_rng(0))
    shown = [percepts(naive, phi, PerceptDesign()) for phi in (-3.0, 0.0, 3.0)]
    assert all((b.false_percepts > a.false_percepts).all() for a, b in pairwise(shown))
    assert all((b.misses < a.misses).all() for a, b in pairwise(shown))


def test_stops_on_the_way_change_nothing() -> None:
    design = PerceptDesign(n_stimuli=5)
    counts = naive_synapses(design, 3, np.random.default_rng(0))
    lives = [[Phase(30)], [Phase(10, phi=2.0), Phase(20)]]
    whole = live(counts, lives, design, np.random.default_rng(1))
    ways = follow(counts, lives, design, np.random.default_rng(1), [0, 7, 30])
    start, middle, end = ways
    np.testing.assert_array_equal(end, whole)
    np.testing.assert_array_equal(start[1], counts)
    assert not np.array_equal(middle, start)
