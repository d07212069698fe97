"""The network whose way is shown does what the Bayesian agent and the fast kernel do."""

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from hebbayes.agents.active_inference import ActiveInferenceAgent
from hebbayes.agents.maze_agent import first_move_of_decision, maze_agent_model
from hebbayes.agents.network_agent import network_agent
from hebbayes.agents.rollout import rollout
from hebbayes.commands.published.maze_walk import Walk, walk
from hebbayes.core.arrays import ON
from hebbayes.core.counts import Counts
from hebbayes.environments.base import FiniteEnvironment
from hebbayes.environments.maze import maze_sites, maze_world, random_maze

N_STEPS = 400


@pytest.fixture(scope="module")
def way() -> Walk:
    return walk(0.25, shown=[0, 2], n_steps=N_STEPS, key=jax.random.key(2))


def with_random_evidence(counts: Counts | None, largest: float) -> Counts:
    assert counts is not None
    evidence = largest * jax.random.uniform(jax.random.key(1), counts.prior.shape)
    return Counts(counts.prior, evidence)


@pytest.mark.thorough
def test_the_network_walks_as_the_bayesian_agent_does() -> None:
    world = maze_world(random_maze(5, 9, key=jax.random.key(0)), view_size=3)
    moves = first_move_of_decision(depth=2)
    model = maze_agent_model(0.3, n_outcomes=9, depth=2)
    model = dataclasses.replace(
        model,
        transition=with_random_evidence(model.transition, 1e7),
        policy=with_random_evidence(model.policy, 3e3),
    )
    draws = jax.random.uniform(jax.random.key(3), (60,))
    network, bayesian = (
        rollout(agent, FiniteEnvironment(world), 60, key=jax.random.key(0), uniforms=draws)
        for agent in (network_agent(model, moves), ActiveInferenceAgent(model, moves))
    )
    made = np.asarray(bayesian.is_active)
    np.testing.assert_array_equal(network.environment_state, bayesian.environment_state)
    for neural, belief in zip(
        (network.record.rates, network.record.output_rates),
        (bayesian.record.beliefs.log_states, bayesian.record.beliefs.log_decisions),
    ):
        np.testing.assert_allclose(neural[made], jnp.exp(belief[made, ON]), rtol=1e-9)


@pytest.mark.thorough
def test_a_way_starts_at_the_entrance_and_never_leaves_the_corridors(way: Walk) -> None:
    assert list(way.positions) == [0, 2]
    for path in way.positions.values():
        assert path[0].tolist() == [9, 1]
        assert not way.walls[path[:, 0], path[:, 1]].any()
        moves = np.abs(np.diff(path, axis=0)).sum(1)
        assert set(moves) <= {0, 1, 2}
        assert len(path) == N_STEPS + 1  # nobody solves a maze in 400 steps


@pytest.mark.thorough
def test_what_is_seen_midway_is_what_lies_there(way: Walk) -> None:
    row, column = way.positions[2][way.step]
    site = int(np.flatnonzero((maze_sites(19, 99) == [row, column]).all(1))[0])
    expected = maze_world(jnp.asarray(way.walls)).observations[site]
    np.testing.assert_array_equal(way.observation, expected)
    np.testing.assert_array_equal(way.activity > 0.5, way.observation == 1)  # a reliable eye
