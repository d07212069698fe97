"""An agent and its network are certified in any world."""

import jax
import jax.numpy as jnp
import pytest

from hebbayes.agents.certification import certify_agent
from hebbayes.agents.maze_agent import first_move_of_decision, maze_agent_model
from hebbayes.agents.modulators import RewardRisk
from hebbayes.commands.certify import run
from hebbayes.commands.configs import CertifyConfig
from hebbayes.core.counts import digamma_ratio
from hebbayes.core.errors import ShapeError, ValueRangeError
from hebbayes.environments.dog import dog_model, dog_world
from hebbayes.environments.maze import Maze, random_maze
from hebbayes.theory.generative_model import flat_model

DOG = dog_world()


@pytest.mark.thorough
@pytest.mark.parametrize(
    "dtype", [jnp.float64, pytest.param(jnp.float32, marks=pytest.mark.thorough)]
)
def test_the_dog_is_certified(dtype):
    model = jax.tree.map(lambda leaf: leaf.astype(dtype), dog_model(DOG))
    certificate = certify_agent(model, DOG, modulator=RewardRisk())
    assert certificate.holds
    assert certificate.claims[0].tolerance == (1e-4 if dtype == jnp.float32 else 1e-10)


@pytest.mark.thorough
def test_a_maze_agent_is_certified_with_exact_expectations():
    maze = Maze(random_maze(7, 9, key=jax.random.key(8)), view_size=3)
    model = maze_agent_model(0.3, 9, depth=2)
    moves = first_move_of_decision(depth=2)
    assert certify_agent(model, maze, action_of_decision=moves, ratio=digamma_ratio).holds
    with pytest.raises(ShapeError, match="16 decisions and the world 4 actions"):
        certify_agent(model, maze)


def test_a_model_without_policy_observes():
    assert certify_agent(flat_model(2, 3), DOG, key=jax.random.key(1)).holds


@pytest.mark.thorough
@pytest.mark.parametrize("expectation", ["log", "digamma"])
def test_the_command_certifies_delays_and_learnt_priors(expectation):
    config = CertifyConfig("dog", steps=30, expectation=expectation, delay=2, learn_priors=True)
    certificate = run(config).certificate
    assert certificate.holds, certificate
    assert len(certificate.claims) == 10


@pytest.mark.parametrize("name", ["delay", "seed"])
def test_the_command_refuses_numbers_out_of_range(name):
    with pytest.raises(ValueRangeError, match=f"--{name} must be at"):
        run(CertifyConfig("dog", **{name: {"delay": 0, "seed": 2**64}[name]}))


def test_what_does_not_fit_is_refused():
    with pytest.raises(ShapeError, match="shows 2 outcomes; this model expects 3"):
        certify_agent(flat_model(3, 1), DOG)
    with pytest.raises(ValueRangeError, match="n_steps"):
        certify_agent(dog_model(DOG), DOG, n_steps=0)
