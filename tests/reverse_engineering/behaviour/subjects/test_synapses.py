"""V beside what the simulated learner itself holds, and its interval beside plain draws."""

import numpy as np
import pytest
from scipy.special import expit, logit, softmax

from hebbayes.data.behaviour import Behaviour
from hebbayes.reverse_engineering.behaviour.rivals.comparison import parameters_of
from hebbayes.reverse_engineering.behaviour.subjects.population import Expansion, Population
from hebbayes.reverse_engineering.behaviour.subjects.synapses import (
    NO_STATE,
    read_synapses,
    start_probability,
)
from hebbayes.reverse_engineering.behaviour.subjects.tasks import model_of
from hebbayes.reverse_engineering.behaviour.subjects.trials import ReadAs, subjects_of
from hebbayes.simulators import HebbianLearner, simulate_choices
from hebbayes.simulators.learners import Decided

LEAKY = model_of("leaky")
TRUTH = np.array([np.log(12.0), logit(0.03), 0.4, 0.7, -0.3])
"""Lambda / gain, leak, stickiness, and the biases of two of three choices."""
BIAS = np.array([0.7, -0.3, 0.0])


def recorded(rng, *, delay=0, begins_anew=False):
    """Trials of three choices in three states, the last of which is off in the last session."""
    n, session = 120, np.repeat([0, 1], 60)
    x = np.eye(3)[rng.integers(np.where(session == 0, 3, 2))]
    x[rng.random(n) < 0.1] = 0.0
    worth = np.where((x @ np.arange(3))[:, None] == np.arange(3), 1.0, -0.5)
    learner = HebbianLearner(ratio=12.0, leak=0.03, bias=(0.7, -0.3, 0.0), stickiness=0.4)
    missed = rng.random(n) < 0.05
    choice, won = simulate_choices(
        learner, x, session, worth, rng=rng, is_missed=missed, begins_anew=begins_anew,
        reward_delay=delay,
    )  # fmt: skip
    behaviour = Behaviour(choice, x, risk=(1 - won) / 2, session=session)
    read_as = ReadAs(has_new_stimuli=begins_anew, reward_delay=delay)
    return subjects_of(behaviour, x, read_as)[0].trials


def held_by(learner, trials, *, begins_anew=False):
    """The learner's own state after the outcomes of all trials, one trial at a time."""
    state = learner.init(3, 3)
    first = 60 if begins_anew else 0
    for t in range(first, len(trials.decision)):
        worth = trials.worth[t] if np.isfinite(trials.worth[t]) else 0.0
        made = Decided(trials.x[t], int(trials.decision[t]), worth, np.zeros(3))
        state = learner.learn(state, made)
    return state


def population(trials, mean, covariance):
    nothing = Expansion(np.zeros((1, 5)), np.zeros((1, 5)), np.zeros((1, 5, 5)))
    return Population(
        "leaky", "", parameters_of(LEAKY, trials), None, nothing, mean[None], covariance[None],
        np.zeros(1),
    )  # fmt: skip


@pytest.mark.parametrize(("delay", "begins_anew"), [(0, False), (2, False), (0, True)])
def test_v_is_what_the_learner_holds(rng, delay, begins_anew) -> None:
    trials = recorded(rng, delay=delay, begins_anew=begins_anew)
    held = read_synapses(population(trials, TRUTH, 1e-16 * np.eye(5)), trials, 0)
    learner = HebbianLearner(ratio=12.0, leak=0.03)
    state = held_by(learner, trials, begins_anew=begins_anew)
    seen = [0, 1] if begins_anew else [0, 1, 2]
    assert held.state.tolist() == [*seen, NO_STATE]
    patterns = np.vstack([np.eye(3)[seen], np.zeros(3)])
    expected = np.array([learner.log_odds(state, x) for x in patterns])
    np.testing.assert_allclose(held.weights.value, expected, atol=1e-9)
    np.testing.assert_allclose(held.end.value, softmax(expected + BIAS, axis=1))
    np.testing.assert_allclose(held.start.value, softmax(BIAS))
    np.testing.assert_allclose(held.weights.low, expected, atol=1e-5)


def test_the_interval_is_that_of_draws(rng) -> None:
    """Against thousands of learners at once, with parameters drawn from the same posterior."""
    trials = recorded(rng)
    root = 0.2 * np.array([[1, 0, 0, 0, 0], [0.6, 0.8, 0, 0, 0], [0, 0, 1, 0, 0],
                           [0, 0, 0.5, 1, 0], [0, 0, 0, 0, 1]])  # fmt: skip
    found = read_synapses(population(trials, TRUTH, root @ root.T), trials, 0)
    drawn = rng.multivariate_normal(TRUTH, root @ root.T, 2000)
    learners = HebbianLearner(ratio=np.exp(drawn[:, 0]), leak=expit(drawn[:, 1]))
    state = np.broadcast_to(learners.init(3, 3), (2000, 2, 2, 3, 3))
    for x, decision, worth in zip(trials.x, trials.decision, trials.worth):
        many = np.broadcast_to(x, (2000, 3)), np.full(2000, decision)
        made = Decided(*many, np.full(2000, np.nan_to_num(worth)), np.zeros((2000, 3)))
        state = learners.learn(state, made)
    weights = np.stack([learners.log_odds(state, np.tile(x, (2000, 1))) for x in np.eye(3)], 1)
    low, high = np.quantile(weights, [0.025, 0.975], axis=0)
    width = (high - low).max()
    np.testing.assert_allclose(found.weights.low[:3], low, atol=0.08 * width)
    np.testing.assert_allclose(found.weights.high[:3], high, atol=0.08 * width)


def test_probability_before_learning_has_the_interval_of_the_bias() -> None:
    """Two choices: expit of the ends of a normal interval."""
    found = start_probability(np.array([9.0, 0.4]), np.diag([4.0, 0.09]), 2)
    ends = expit([0.4, 0.4 - 1.96 * 0.3, 0.4 + 1.96 * 0.3])
    np.testing.assert_allclose([end[0] for end in found.as_tuple()], ends, atol=0.005)
    np.testing.assert_allclose(found.value.sum(), 1.0)
