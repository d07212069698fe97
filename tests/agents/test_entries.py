"""Every public entry of agents refuses what does not fit, and names a result that is no number."""

import dataclasses

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from hebbayes.agents.active_inference import (
    ActiveInferenceAgent,
    decision_weights,
    experience_of,
    infer_and_decide,
    learn_from,
)
from hebbayes.agents.baselines import GreedyRightAgent, RandomAgent
from hebbayes.agents.finite_trial import finite_trial
from hebbayes.agents.maze_agent import first_move_of_decision, maze_agent_model
from hebbayes.agents.modulators import ChunkedRisk, RewardRisk
from hebbayes.agents.network_agent import adapt_to, network_agent
from hebbayes.agents.practice import practise
from hebbayes.agents.rollout import rollout
from hebbayes.core.counts import log_ratio
from hebbayes.core.errors import ShapeError, ValueRangeError
from hebbayes.environments.dog import dog_model, dog_world
from hebbayes.environments.maze import maze_world, random_maze
from hebbayes.theory.generative_model import expected_logs, flat_model
from hebbayes.theory.inference import undecided

WORLD, KEY = dog_world(), jax.random.key(0)
MODEL = dog_model(WORLD)
DOG, NETWORK = (build(MODEL, jnp.arange(2)) for build in (ActiveInferenceAgent, network_agent))
AGENTS = {"dog": DOG, "network": NETWORK}
WIDE = ActiveInferenceAgent(flat_model(3, 1, 2), jnp.arange(2))  # this world shows two signals


@pytest.fixture(scope="module")
def trials():
    return {name: rollout(agent, WORLD, 6, key=KEY) for name, agent in AGENTS.items()}


def signals(kind, cross):
    return eqx.tree_at(lambda w: w.signal_probability, WORLD, jnp.array([kind, cross]))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: rollout(WIDE, WORLD, 6, key=KEY), r"observation has shape \(2,\); wanted"),
        (lambda: rollout(DOG, WORLD, -1, key=KEY), "n_steps must be at least 0"),
        (lambda: rollout(DOG, WORLD, 2, key=KEY, uniforms=jnp.ones(3)), "uniforms has shape"),
        (lambda: rollout(DOG, WORLD, 2, key=KEY, uniforms=jnp.full(2, jnp.nan)), "uniforms must"),
        (lambda: DOG.step(DOG.init(), jnp.ones(1), uniform=jnp.array(0.5)), "observation has"),
        (lambda: NETWORK.step(NETWORK.init(), jnp.ones(3), uniform=jnp.array(0.5)), "observation"),
        (
            lambda: DOG.step(DOG.init(), jnp.full(2, 2.0), uniform=jnp.array(0.5)),
            "must lie between",
        ),
        (lambda: decision_weights(jnp.zeros(2)), "log_decisions has shape"),
        (
            lambda: infer_and_decide(
                expected_logs(MODEL, log_ratio), undecided(2), jnp.ones(2), jnp.array(0.5)
            ),
            "previous_states has shape",
        ),
        (lambda: RandomAgent(0), "n_actions must be at least 1"),
        (
            lambda: GreedyRightAgent().step(None, jnp.ones(8), uniform=jnp.array(0.5)),
            "wanted the cells of a square view",
        ),
        (lambda: RewardRisk().risk(jnp.ones((2, 3))), "reward has shape"),
        (lambda: RewardRisk().risk(jnp.array([jnp.nan])), "reward must be finite"),
        (lambda: ChunkedRisk().risk(jnp.ones(4), jnp.ones(3, bool)), "is_active has shape"),
        (lambda: practise(DOG, WORLD, 0, 5, key=KEY, modulator=RewardRisk()), "n_trials must"),
        (lambda: practise(DOG, WORLD, 2, 0, key=KEY, modulator=RewardRisk()), "n_steps must"),
    ],
)
def test_arguments_that_do_not_fit_are_refused(call, message):
    with pytest.raises((ShapeError, ValueRangeError), match=message):
        call()


@pytest.mark.parametrize(
    ("learn", "name"),
    [
        (learn_from, "dog"),
        (adapt_to, "network"),
        (lambda _, trial, risk: experience_of(trial, risk, 2), "dog"),
    ],
)
def test_risk_that_does_not_fit_a_trial_is_refused(learn, name, trials):
    with pytest.raises(ShapeError, match=r"risk has shape \(5,\); wanted \(6\)"):
        learn(AGENTS[name], trials[name], jnp.zeros(5))
    with pytest.raises(ValueRangeError, match="risk must lie between 0 and 1; got nan at index"):
        learn(AGENTS[name], trials[name], jnp.full(6, jnp.nan))


def test_a_signal_that_is_certain_gives_the_same_agent_on_both_sides():
    world = signals([1.0, 0.7], [0.2, 0.4])
    model = dog_model(world)
    pair = (build(model, jnp.arange(2)) for build in (ActiveInferenceAgent, network_agent))
    inferred, fired = (rollout(agent, world, 40, key=KEY) for agent in pair)
    states = jnp.exp(inferred.record.beliefs.log_states[:, 0])
    np.testing.assert_allclose(fired.record.rates, states, rtol=1e-9, atol=1e-300)
    np.testing.assert_array_equal(fired.action, inferred.action)
    assert 0.0 in np.asarray(states)


@pytest.mark.parametrize("build", [ActiveInferenceAgent, network_agent])
def test_a_world_that_the_model_excludes_is_named(build):
    model = dog_model(signals([1.0, 0.7], [1.0, 0.4]))  # signal 0 must always be there
    with pytest.raises(
        ValueRangeError, match=r"record\.\S* must be numbers \(.*\); got nan at index"
    ):
        rollout(build(model, jnp.arange(2)), WORLD, 40, key=KEY)


def test_the_fast_kernel_refuses_counts_of_zero_and_draws_that_are_too_few():
    world = maze_world(random_maze(5, 7, key=KEY), view_size=3)
    model, moves = maze_agent_model(0.25, 9, depth=1), first_move_of_decision(1)
    with pytest.raises(ShapeError, match=r"uniforms has shape \(3,\); wanted \(9\)"):
        finite_trial(model, world, moves, n_steps=9, key=KEY, uniforms=jnp.zeros(3))
    prior = model.likelihood.prior.at[0, 0, 0, 0].set(0.0)
    certain = dataclasses.replace(
        model, likelihood=dataclasses.replace(model.likelihood, prior=prior)
    )
    with pytest.raises(ValueRangeError, match="likelihood holds a count of 0"):
        finite_trial(certain, world, moves, n_steps=9, key=KEY)
