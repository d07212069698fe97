"""The network acts and learns as the Bayesian agent does, decision for decision."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from hebbayes.agents.active_inference import ActiveInferenceAgent, learn_from
from hebbayes.agents.maze_agent import first_move_of_decision, maze_agent_model
from hebbayes.agents.network_agent import adapt_to, network_agent
from hebbayes.agents.rollout import rollout
from hebbayes.core.errors import ShapeError
from hebbayes.environments.dog import dog_model, dog_world
from hebbayes.environments.maze import Maze, random_maze
from hebbayes.theory.equivalence import network_of
from hebbayes.theory.generative_model import flat_model

compiled = eqx.filter_jit(rollout)


def dog():
    return dog_world(), dog_model(dog_world()), jnp.arange(2)


def maze():
    world = Maze(random_maze(7, 9, key=jax.random.key(8)), view_size=3)
    return world, maze_agent_model(0.3, 9, depth=2), first_move_of_decision(depth=2)


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("dtype", "rtol"),
    [(jnp.float64, 1e-9), pytest.param(jnp.float32, 1e-3, marks=pytest.mark.thorough)],
)
@pytest.mark.parametrize("build", [dog, pytest.param(maze, marks=pytest.mark.thorough)])
def test_the_network_decides_and_learns_as_the_bayesian_agent(build, dtype, rtol):
    world, model, actions = build()
    model = jax.tree.map(lambda leaf: leaf.astype(dtype), model)
    bayesian, neural = ActiveInferenceAgent(model, actions), network_agent(model, actions)
    for key in jax.random.split(jax.random.key(3), 2):
        uniforms = jax.random.uniform(key, (80,), dtype)
        first, second = (
            compiled(agent, world, 80, key=key, uniforms=uniforms) for agent in (bayesian, neural)
        )
        made = np.asarray(first.is_active)
        np.testing.assert_array_equal(second.is_active, made)
        np.testing.assert_array_equal(second.record.decision[made], first.record.decision[made])
        risk = jnp.where(first.reward > 0, 0.0, 0.55).astype(dtype)
        bayesian = learn_from(bayesian, first, risk, chunk_length=30)
        neural = adapt_to(neural, second, risk, chunk_length=30)
    for one, other in zip(
        jax.tree.leaves(neural.network), jax.tree.leaves(network_of(bayesian.model))
    ):
        scale = float(jnp.abs(other).max())
        np.testing.assert_allclose(one, other, rtol=rtol, atol=rtol * scale)


def test_a_network_without_output_layer_is_no_agent():
    with pytest.raises(ShapeError, match="no output layer"):
        network_agent(flat_model(3, 2), jnp.arange(2))
