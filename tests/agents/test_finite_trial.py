"""The fast trial against the general rollout, learning and free energy: two routes, one result."""

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from hebbayes.agents.active_inference import ActiveInferenceAgent, experience_of, learn_from
from hebbayes.agents.finite_trial import finite_trial
from hebbayes.agents.maze_agent import first_move_of_decision, maze_agent_model
from hebbayes.agents.modulators import ChunkedRisk
from hebbayes.agents.rollout import rollout
from hebbayes.core.counts import log_ratio, total, without_evidence
from hebbayes.core.errors import ShapeError
from hebbayes.environments.base import FiniteEnvironment
from hebbayes.environments.maze import maze_world, random_maze
from hebbayes.theory.free_energy import free_energy
from hebbayes.theory.generative_model import expected_logs

N_STEPS = 150
RISK = ChunkedRisk(
    chunk_length=40, good_from=4.0
)  # all three risks occur; the last chunk is partial
ACTIONS = first_move_of_decision(depth=2)


def quick_learner(dtype: type = jnp.float64, e_right: float = 0.25):
    """A small model whose few prior counts let every table, and the floor, matter at once."""
    chance = np.random.default_rng(5)

    def drawn(shape, scale):
        return without_evidence(jnp.asarray(scale * chance.uniform(0.5, 1.5, shape), dtype))

    return dataclasses.replace(
        maze_agent_model(e_right, n_outcomes=9, depth=2, dtype=dtype),
        likelihood=drawn((2, 2, 9, 9), 30),
        transition=drawn((2, 2, 9, 9), 20),
        policy=drawn((2, 2, 9, 16), 2),
    )


def slow_trial(model, world, uniforms):
    """One trial by the general functions: (model afterwards, steps, free energy, taken)."""
    agent = ActiveInferenceAgent(model, ACTIONS)
    trajectory = rollout(
        agent, FiniteEnvironment(world), len(uniforms), key=jax.random.key(0), uniforms=uniforms
    )
    risk = RISK.risk(trajectory.reward, trajectory.is_active)
    thought = trajectory.record
    parts = free_energy(
        expected_logs(model, log_ratio),
        thought.beliefs,
        trajectory.observation.astype(float),
        thought.previous_states,
        risk,
    )
    experience = experience_of(trajectory, risk, model.n_decisions)
    taken = (experience.decisions * trajectory.is_active[:, None]).sum(0)
    learned = learn_from(agent, trajectory, risk, chunk_length=RISK.chunk_length).model
    return learned, trajectory, jnp.where(trajectory.is_active, parts.total, 0).sum(), taken


@pytest.fixture(scope="module")
def world():
    return maze_world(random_maze(7, 15, key=jax.random.key(0)), view_size=3)


def run(model, world, uniforms, **options):
    return finite_trial(
        model,
        world,
        ACTIONS,
        n_steps=len(uniforms),
        key=jax.random.key(0),
        uniforms=uniforms,
        modulator=RISK,
        **options,
    )


@pytest.fixture(scope="module")
def both_routes(world):
    """Six trials in a row by each route: the last ones start from what the first ones left."""
    slow_model = fast_model = quick_learner()
    slow_route = jax.jit(slow_trial)
    trials = []
    for key in jax.random.split(jax.random.key(3), 6):
        uniforms = jax.random.uniform(key, (N_STEPS,))
        slow_model, *slow = slow_route(slow_model, world, uniforms)
        fast_model, fast = run(fast_model, world, uniforms)
        trials.append((slow, fast))
    return trials, slow_model, fast_model


def test_decisions_are_those_of_the_rollout(both_routes):
    for (trajectory, _, taken), fast in both_routes[0]:
        assert int(fast.n_steps) == int(trajectory.n_actions_made)
        assert bool(fast.is_solved) == bool(trajectory.is_terminated)
        np.testing.assert_array_equal(fast.n_taken, taken)


def test_trials_of_the_comparison_differ_in_what_happens(both_routes):
    solved = [bool(fast.is_solved) for _, fast in both_routes[0]]
    assert any(solved)
    assert not all(solved)


def test_free_energy_is_the_first_sum_of_equation_1(both_routes):
    for (_, energy, _), fast in both_routes[0]:
        np.testing.assert_allclose(fast.free_energy.sum(), energy, rtol=1e-10)


@pytest.mark.parametrize("table", ["likelihood", "transition", "policy"])
def test_counts_are_those_of_learning(both_routes, table):
    _, slow, fast = both_routes
    wanted, got = getattr(slow, table), getattr(fast, table)
    assert float(jnp.abs(wanted.evidence).max()) > 1
    np.testing.assert_allclose(got.evidence, wanted.evidence, rtol=1e-10, atol=1e-9)


def test_the_floor_of_the_policy_is_reached(both_routes):
    assert float(total(both_routes[2].policy).min()) == pytest.approx(1)


@pytest.mark.thorough
def test_float32_agrees_with_float64(world):
    uniforms = jax.random.uniform(jax.random.key(8), (N_STEPS,), jnp.float32)
    _, double = run(quick_learner(), world, uniforms)
    _, single = run(quick_learner(jnp.float32), world, uniforms)
    assert single.free_energy.dtype == jnp.float32
    assert int(single.n_steps) == int(double.n_steps)
    single_sum = np.asarray(single.free_energy, np.float64).sum()
    np.testing.assert_allclose(single_sum, double.free_energy.sum(), rtol=1e-6)


def test_a_batch_of_agents_is_a_loop_over_agents(world):
    uniforms = jax.random.uniform(jax.random.key(8), (2, N_STEPS))
    models = [quick_learner(e_right=e) for e in (0.05, 0.5)]
    stacked = jax.tree.map(lambda *leaves: jnp.stack(leaves), *models)
    batch = jax.vmap(lambda model, u: run(model, world, u))(stacked, uniforms)
    for index, model in enumerate(models):
        alone = run(model, world, uniforms[index])
        for got, wanted in zip(jax.tree.leaves(batch), jax.tree.leaves(alone)):
            np.testing.assert_allclose(got[index], wanted, rtol=1e-10, atol=1e-10)


def test_without_learning_only_the_counts_differ(world):
    uniforms = jax.random.uniform(jax.random.key(9), (N_STEPS,))
    model = quick_learner()
    after, learning = run(model, world, uniforms)
    same, fixed = run(model, world, uniforms, is_learning=False)
    assert float(jnp.abs(after.policy.evidence).max()) > 0
    assert jax.tree.all(jax.tree.map(jnp.array_equal, same, model))
    assert jax.tree.all(jax.tree.map(jnp.array_equal, learning, fixed))


def test_a_decision_of_prior_zero_is_never_taken(world):
    model = quick_learner(jnp.float32, e_right=0.0)
    uniforms = jax.random.uniform(jax.random.key(9), (N_STEPS,), jnp.float32)
    _, summary = run(model, world, uniforms)
    assert int(summary.n_steps) == N_STEPS
    assert int(summary.n_taken[12:].sum()) == 0
    assert bool(jnp.isfinite(summary.free_energy).all())


def test_draws_from_a_key_are_folded_in_chunk_by_chunk(world):
    key, length = jax.random.key(1), RISK.chunk_length
    chunks = [
        jax.random.uniform(jax.random.fold_in(key, chunk), (length,), jnp.float32)
        for chunk in range(-(-N_STEPS // length))
    ]
    uniforms = jnp.concatenate(chunks)[:N_STEPS].astype(float)
    _, wanted = run(quick_learner(), world, uniforms)
    _, got = finite_trial(quick_learner(), world, ACTIONS, n_steps=N_STEPS, key=key, modulator=RISK)
    np.testing.assert_array_equal(got.n_taken, wanted.n_taken)
    np.testing.assert_allclose(got.free_energy, wanted.free_energy, rtol=1e-12)


def test_misfits_are_refused_in_one_sentence(world):
    with pytest.raises(ShapeError, match="world has 9 outcomes; this model expects 16"):
        finite_trial(
            maze_agent_model(0.2, n_outcomes=16, depth=2),
            world,
            ACTIONS,
            n_steps=5,
            key=jax.random.key(0),
        )
    with pytest.raises(ShapeError, match="action_of_decision"):
        finite_trial(quick_learner(), world, ACTIONS[:3], n_steps=5, key=jax.random.key(0))
