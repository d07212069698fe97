"""An agent learns worlds by playing them, in the compiled loop and step by step."""

import dataclasses

import numpy as np
import pytest

pytest.importorskip("gymnasium")

from hebbayes.agents.kernels.state import LearnerSettings
from hebbayes.agents.playing.learner import world_agent
from hebbayes.agents.playing.training import evaluate, learn_world
from hebbayes.core.errors import ValueRangeError
from hebbayes.environments.gym.making import gym_world, make_env


def trained(env_id, n_steps, options="", *, by_steps=False, **settings):
    world = gym_world(make_env(env_id, options), n_random=3)
    if by_steps:
        world = dataclasses.replace(world, transitions=None)
    settings = LearnerSettings(**settings)
    agent = world_agent(world.encoder.group_sizes, len(world.actions), settings, seed=1)
    return world, agent, learn_world(world, agent, n_steps=n_steps)


@pytest.mark.parametrize("by_steps", [False, True])
def test_a_lake_without_slipping_is_learnt(by_steps):
    world, agent, training = trained(
        "FrozenLake-v1", 20_000, "is_slippery=False", by_steps=by_steps
    )
    assert training.is_compiled is not by_steps
    assert training.n_steps == 20_000
    assert evaluate(world, agent, 3) == [1.0] * 3
    assert np.mean(training.returns[-50:]) > np.mean(training.returns[:50]) + 0.3


def test_without_the_states_own_risk_a_slippery_lake_is_not_learnt():
    world, agent, _ = trained("FrozenLake-v1", 40_000, baseline="none")
    assert np.mean(evaluate(world, agent, 50)) < 0.05
    world, agent, _ = trained("FrozenLake-v1", 40_000)
    assert np.mean(evaluate(world, agent, 50)) > 0.4


@pytest.mark.parametrize("by_steps", [False, True])
def test_training_stops_after_so_many_episodes(by_steps):
    world, agent, _ = trained("FrozenLake-v1", 1)
    if by_steps:
        world = dataclasses.replace(world, transitions=None)
    training = learn_world(world, agent, n_steps=10**9, n_episodes=12)
    assert len(training.returns) == 12


def test_the_same_seed_plays_the_same():
    first, second = (trained("CartPole-v1", 400)[2].returns for _ in range(2))
    assert first == second


def test_a_decision_prior_shapes_the_first_decisions():
    agent = world_agent((2,), 4, decision_prior=[0.1, 0.2, 0.3, 0.4])
    odds = np.array([0.1, 0.2, 0.3, 0.4])
    odds = odds / (1 - odds)
    np.testing.assert_allclose(agent.decision_probabilities(np.array([0])), odds / odds.sum())
    with pytest.raises(ValueRangeError, match="decision_prior"):
        world_agent((2,), 4, decision_prior=[0.5, 0.5])


@pytest.mark.parametrize(
    "wrong", [{"bootstrap": 2.0}, {"horizon": 0}, {"gain": 0.0}, {"baseline": "mean"}]
)
def test_a_setting_out_of_range_is_named(wrong):
    with pytest.raises(ValueRangeError, match=next(iter(wrong))):
        world_agent((2,), 2, LearnerSettings(**wrong))
