"""Agents against the equations written out in NumPy, decision by decision and count by count."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.special import digamma

from hebbayes.agents.active_inference import (
    ActiveInferenceAgent,
    decision_weights,
    learn_from,
)
from hebbayes.agents.maze_agent import (
    first_move_of_decision,
    first_move_prior,
    maze_agent_model,
    right_biased_prior,
)
from hebbayes.agents.rollout import rollout
from hebbayes.core.arrays import OFF, ON
from hebbayes.core.counts import Counts, digamma_ratio, total
from hebbayes.core.errors import ShapeError, ValueRangeError
from hebbayes.environments.dog import dog_model, dog_world
from hebbayes.environments.maze import Maze, random_maze

KEY = jax.random.key(8)
N_STEPS = 150
MAZE = Maze(random_maze(7, 9, key=KEY), view_size=3)
UNIFORMS = jax.random.uniform(jax.random.key(2), (N_STEPS,))
compiled = eqx.filter_jit(rollout)


def eager_agent(dtype=float) -> ActiveInferenceAgent:
    """A maze agent whose synapses are already of every strength."""
    model = maze_agent_model(0.3, 9, depth=2, dtype=dtype)
    random = np.random.default_rng(0)

    def lived(counts, size):
        seen = size * random.random(counts.prior.shape)
        return Counts(counts.prior, jnp.asarray(seen, dtype))

    model = eqx.tree_at(
        lambda m: (m.likelihood, m.transition, m.policy),
        model,
        (
            lived(model.likelihood, 1e7),
            lived(model.transition, 1e7),
            lived(model.policy, 1e4),
        ),
    )
    return ActiveInferenceAgent(model, first_move_of_decision(depth=2))


def numpy_counts(agent):
    model = agent.model
    return [np.array(total(c), float) for c in (model.likelihood, model.transition, model.policy)]


def numpy_trial(agent, observations):
    """Beliefs and decisions by the neural reading: x = sig(W o + K x_previous + h), y alike."""
    a, b, c = (table / table.sum(0, keepdims=True) for table in numpy_counts(agent))
    lnA, lnB, lnC = np.log(a), np.log(b), np.log(c)
    e = np.array(total(agent.model.decision_prior), float)
    x = np.full(agent.model.n_states, 0.5)
    rows = []
    for o, u in zip(np.asarray(observations, float), np.asarray(UNIFORMS), strict=True):
        v = [
            o @ lnA[ON, s] + (1 - o) @ lnA[OFF, s] + x @ lnB[ON, s] + (1 - x) @ lnB[OFF, s]
            for s in (ON, OFF)
        ]
        m = [x @ lnC[ON, d] + (1 - x) @ lnC[OFF, d] + np.log(e[d]) for d in (ON, OFF)]
        y = 1 / (1 + np.exp(m[OFF] - m[ON]))
        cumulative = np.cumsum(y / (1 - y + 1e-6))
        decision = int(np.searchsorted(cumulative, u * cumulative[-1], side="right"))
        previous, x = x, 1 / (1 + np.exp(v[OFF] - v[ON]))
        rows.append((x, y, decision, previous))
    return [np.array(column) for column in zip(*rows, strict=True)]


@pytest.mark.parametrize(("dtype", "rtol"), [(jnp.float64, 1e-9), (jnp.float32, 2e-3)])
def test_beliefs_and_decisions_are_those_of_the_written_equations(dtype, rtol):
    agent = eager_agent(dtype)
    trajectory = compiled(agent, MAZE, N_STEPS, key=KEY, uniforms=UNIFORMS.astype(dtype))
    x, y, decision, previous = numpy_trial(agent, trajectory.observation)
    made = int(trajectory.n_actions_made)
    assert made > 25
    beliefs = trajectory.record.beliefs
    assert beliefs.log_states.dtype == beliefs.log_decisions.dtype == dtype
    np.testing.assert_allclose(jnp.exp(beliefs.log_states[:made, ON]), x[:made], rtol=rtol)
    np.testing.assert_allclose(jnp.exp(beliefs.log_decisions[:made, ON]), y[:made], rtol=rtol)
    np.testing.assert_allclose(trajectory.record.previous_states[:made, ON], previous[:made], rtol)
    if dtype == jnp.float64:
        assert (trajectory.record.decision[:made] == decision[:made]).all()
        assert (trajectory.action[:made] == decision[:made] // 4).all()


def test_learning_after_a_trial_is_chunk_by_chunk_with_a_floor():
    agent, chunk_length, floor = eager_agent(), 5, 1.0
    agent = eqx.tree_at(
        lambda g: (g.model.policy.prior, g.model.policy.evidence),
        agent,
        (agent.model.policy.prior * (1.05 / 3000), 0 * agent.model.policy.evidence),
    )
    trajectory = compiled(agent, MAZE, N_STEPS, key=KEY, uniforms=UNIFORMS)
    risk = jax.random.uniform(KEY, (N_STEPS,))
    after = learn_from(agent, trajectory, risk, chunk_length=chunk_length, policy_floor=floor)
    a, b, c = numpy_counts(agent)
    x, _, decision, previous = numpy_trial(agent, trajectory.observation)
    made, was_floored = int(trajectory.n_actions_made), False
    assert made < N_STEPS  # steps after the end must leave no evidence
    for t in range(made):
        o = np.asarray(trajectory.observation[t], float)
        pairs = (
            (a, o, x[t], 1.0),
            (b, previous[t], x[t], 1.0),
            (c, previous[t], np.eye(16)[decision[t]], 1 - 2 * float(risk[t])),
        )
        for table, first, second, weight in pairs:
            table += weight * np.einsum(
                "vi,uj->vuij", np.stack([first, 1 - first]), np.stack([second, 1 - second])
            )
        if (t + 1) % chunk_length == 0 or t + 1 == made:
            was_floored |= bool((c < floor).any())
            np.maximum(c, floor, out=c)
    assert was_floored
    for got, wanted in zip(numpy_counts(after), (a, b, c), strict=True):
        np.testing.assert_allclose(got, wanted, rtol=1e-9)


def test_the_exact_agent_reads_digamma_instead_of_logarithms():
    model = dog_model(dog_world(), 5.0)
    agent = ActiveInferenceAgent(model, jnp.arange(2), digamma_ratio)
    step = eqx.filter_jit(lambda o: agent.step(agent.init(), o, uniform=jnp.array(0.5))[2])
    belief = step(jnp.array([1, 0])).beliefs.log_states[:, 0]
    counts = np.asarray(model.likelihood.prior)[..., 0]
    log_likelihood = digamma(counts) - digamma(counts.sum(0))  # [value, mood, signal]
    joint = log_likelihood[ON, :, 0] + log_likelihood[OFF, :, 1]  # memory and prior are even
    np.testing.assert_allclose(belief[ON] - belief[OFF], joint[ON] - joint[OFF], rtol=1e-12)


def test_odds_of_a_certain_decision_stay_finite_and_an_impossible_one_has_none():
    log_decisions = jnp.log(jnp.array([[1.0, 0.0], [0.0, 1.0]]))
    np.testing.assert_allclose(decision_weights(log_decisions), [1e6, 0.0])


@pytest.mark.parametrize("e_right", [0.0, 0.15, 0.5])
def test_habits_share_their_block_and_sum_to_one(e_right):
    prior = right_biased_prior(e_right)
    np.testing.assert_allclose(first_move_prior(prior), [0.25, 0.25, 0.5 - e_right, e_right])
    model = maze_agent_model(e_right, 9)
    np.testing.assert_allclose(model.decision_prior.prior, np.stack([prior, 1 - prior]))
    assert float(prior[-1]) == pytest.approx(e_right / 64)


def test_the_maze_agent_starts_from_the_published_counts():
    model = maze_agent_model(0.25, 9)
    on_on, off_on = np.asarray(model.likelihood.prior)[:, ON]
    assert np.unique(on_on).tolist() == [1e7, 1e9]
    assert (np.diag(on_on) == 1e9).all()
    assert np.unique(off_on).tolist() == [1e7]
    np.testing.assert_array_equal(model.likelihood.prior[OFF, OFF], on_on)
    assert np.unique(model.transition.prior).tolist() == [1e7]
    assert np.unique(model.policy.prior).tolist() == [3000]
    assert np.unique(model.state_prior.prior).tolist() == [0.5]


def test_an_estimate_replaces_the_habit():
    estimate = jnp.arange(256.0) / jnp.arange(256.0).sum()
    model = maze_agent_model(0.25, 9, decision_prior=estimate)
    np.testing.assert_allclose(model.decision_prior.prior[ON], estimate)


@pytest.mark.parametrize("e_right", [-0.01, 0.51, float("nan")])
def test_impossible_habits_are_refused(e_right):
    with pytest.raises(ValueRangeError, match=r"e_right must lie between 0.0 and 0.5; got"):
        maze_agent_model(e_right)


def test_priors_and_actions_that_do_not_fit_are_refused():
    with pytest.raises(ShapeError, match="decision_prior has shape"):
        maze_agent_model(0.25, decision_prior=jnp.full(16, 1 / 16))
    with pytest.raises(ValueRangeError, match="decision_prior must lie between"):
        maze_agent_model(0.25, decision_prior=jnp.full(256, 2.0))
    with pytest.raises(ShapeError, match=r"action_of_decision has shape \(3,\)"):
        ActiveInferenceAgent(dog_model(dog_world()), jnp.arange(3))
    silent = eqx.tree_at(
        lambda m: (m.policy, m.decision_prior), dog_model(dog_world()), (None, None)
    )
    with pytest.raises(ShapeError, match="an agent needs policy"):
        ActiveInferenceAgent(silent, jnp.arange(2))
