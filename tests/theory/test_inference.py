"""Beliefs against enumeration, and what a prior of exactly 0 or 1 means."""

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from hebbayes.core.counts import Counts, digamma_ratio, log_ratio, without_evidence
from hebbayes.core.errors import ShapeError
from hebbayes.theory.certificate.runs import Events, bayesian_run, neural_run
from hebbayes.theory.free_energy import free_energy, parameter_divergence
from hebbayes.theory.generative_model import GenerativeModel, expected_logs, prior_counts
from hebbayes.theory.inference import (
    Beliefs,
    infer_decisions,
    infer_states,
    infer_trajectory,
    undecided,
    with_complement,
)

from .networks import one_layer_model, random_events, two_layer_model


def probabilities(counts):
    totals = np.asarray(counts.prior + counts.evidence)
    return totals / totals.sum(0)


def test_a_single_state_has_the_exact_posterior():
    model = one_layer_model()
    model = GenerativeModel(
        Counts(model.likelihood.prior[..., :1], model.likelihood.evidence[..., :1]),
        Counts(model.state_prior.prior[:, :1], model.state_prior.evidence[:, :1]),
    )
    likelihood, prior = probabilities(model.likelihood), probabilities(model.state_prior)
    logs = expected_logs(model, log_ratio)
    for outcomes in itertools.product((0, 1), repeat=model.n_outcomes):
        joint = np.array(
            [
                prior[u, 0] * np.prod([likelihood[1 - o, u, i, 0] for i, o in enumerate(outcomes)])
                for u in (0, 1)
            ]
        )
        observation = jnp.array(outcomes, float)
        beliefs = Beliefs(infer_states(logs, observation, undecided(1)))
        np.testing.assert_allclose(
            jnp.exp(beliefs.log_states)[:, 0], joint / joint.sum(), rtol=1e-12
        )
        total = free_energy(logs, beliefs, observation, undecided(1)).total
        np.testing.assert_allclose(total, -np.log(joint.sum()), rtol=1e-12)


@pytest.mark.thorough
@pytest.mark.parametrize(
    "ratio", [log_ratio, pytest.param(digamma_ratio, marks=pytest.mark.thorough)]
)
def test_beliefs_minimise_their_own_free_energy(ratio):
    model = two_layer_model()
    logs, events = expected_logs(model, ratio), random_events(model, n_steps=1)
    previous = with_complement(jnp.array([0.2, 0.9, 0.5, 0.7]))
    observation = events.observations[0]

    def energy(state_odds, decision_odds):
        def pair(odds):
            return jnp.stack([jax.nn.log_sigmoid(odds), jax.nn.log_sigmoid(-odds)])

        beliefs = Beliefs(pair(state_odds), pair(decision_odds))
        return free_energy(logs, beliefs, observation, previous).total

    states, decisions = infer_states(logs, observation, previous), infer_decisions(logs, previous)
    best = states[0] - states[1], decisions[0] - decisions[1]
    for slope in jax.grad(energy, (0, 1))(*best):
        np.testing.assert_allclose(slope, 0, atol=1e-12)
    lowest = energy(*best)
    for seed in range(20):
        step = jax.random.normal(jax.random.key(seed), (10,))
        assert energy(best[0] + step[:4], best[1] + step[4:]) >= lowest


def test_factors_are_exact_where_outcomes_depend_on_one_state_each():
    """Enumeration over all joint states equals the factorised posterior of an identity world."""
    sure = jnp.array([[0.9, 0.2], [0.1, 0.8]])
    flat = jnp.full((2, 2), 0.5)
    table = jnp.stack([jnp.stack([sure, flat], -1), jnp.stack([flat, sure], -1)], -2)
    prior = jnp.array([0.3, 0.6])
    model = GenerativeModel(without_evidence(table), prior_counts(prior))
    logs = expected_logs(model, log_ratio)
    for outcomes in itertools.product((0, 1), repeat=2):
        weights = {}
        for states in itertools.product((0, 1), repeat=2):
            p = 1.0
            for j, s in enumerate(states):
                p *= float(prior[j]) if s else 1 - float(prior[j])
                p *= float(sure[1 - outcomes[j], 1 - s])
            weights[states] = p
        joint = sum(weights.values())
        posterior = jnp.exp(infer_states(logs, jnp.array(outcomes, float), undecided(2)))
        for j in range(2):
            exact = sum(p for s, p in weights.items() if s[j]) / joint
            np.testing.assert_allclose(posterior[0, j], exact, rtol=1e-12)


@pytest.mark.thorough
@pytest.mark.parametrize("ratio", [log_ratio, digamma_ratio])
@pytest.mark.parametrize("certain", [0.0, 1.0])
def test_a_certain_prior_stays_certain_through_inference_and_learning(ratio, certain):
    model = two_layer_model()
    d = prior_counts(jnp.array([certain, 0.4, 0.5, 0.6]))
    e = prior_counts(jnp.full(6, 0.2).at[0].set(certain))
    model = GenerativeModel(model.likelihood, d, model.transition, model.policy, e)
    events = random_events(model)
    for seen in (bayesian_run(model, events, ratio), neural_run(model, events, ratio)):
        assert not any(bool(jnp.isnan(leaf).any()) for leaf in jax.tree.leaves(seen))
    run = bayesian_run(model, events, ratio)
    assert set(np.unique(jnp.exp(run.beliefs.log_states[:, 0, 0]))) == {certain}
    assert set(np.unique(jnp.exp(run.beliefs.log_decisions[:, 0, 0]))) == {certain}
    parts = free_energy(
        run.logs, run.beliefs, events.observations, run.experience.previous_states, events.risk
    )
    assert bool(jnp.isfinite(parts.total).all())
    assert bool(jnp.isfinite(parameter_divergence(run.after)))


def test_data_that_exclude_both_values_give_nan_not_a_number():
    never = jnp.array([[0.0, 0.0], [1.0, 1.0]])[..., None, None]
    model = GenerativeModel(without_evidence(never), prior_counts(jnp.array([0.5])))
    posterior = infer_states(expected_logs(model, log_ratio), jnp.ones(1), undecided(1))
    assert bool(jnp.isnan(posterior).all())


def test_scan_equals_loop_and_vmap_equals_loop():
    model = two_layer_model()
    logs, events = expected_logs(model, log_ratio), random_events(model)
    beliefs = infer_trajectory(logs, events.observations)
    previous = undecided(model.n_states)
    for step, observation in enumerate(events.observations):
        np.testing.assert_allclose(
            beliefs.log_decisions[step], infer_decisions(logs, previous), rtol=1e-12
        )
        log_states = infer_states(logs, observation, previous)
        np.testing.assert_allclose(beliefs.log_states[step], log_states, rtol=1e-12)
        previous = jnp.exp(log_states)
    both = jnp.stack([events.observations, 1 - events.observations])
    mapped = jax.vmap(lambda o: infer_trajectory(logs, o))(both)
    np.testing.assert_allclose(mapped.log_states[0], beliefs.log_states, rtol=1e-12)


def test_relabelling_states_relabels_beliefs():
    model, order = two_layer_model(), jnp.array([2, 0, 3, 1])

    def take(counts, axes):
        for axis in axes:
            counts = Counts(
                jnp.take(counts.prior, order, axis), jnp.take(counts.evidence, order, axis)
            )
        return counts

    relabelled = GenerativeModel(
        take(model.likelihood, [3]),
        take(model.state_prior, [1]),
        take(model.transition, [2, 3]),
        take(model.policy, [2]),
        model.decision_prior,
    )
    events = random_events(model)
    one = infer_trajectory(expected_logs(model, log_ratio), events.observations)
    other = infer_trajectory(expected_logs(relabelled, log_ratio), events.observations)
    np.testing.assert_allclose(one.log_states[..., order], other.log_states, rtol=1e-10)
    np.testing.assert_allclose(one.log_decisions, other.log_decisions, rtol=1e-10)


def test_a_model_without_policy_has_no_decisions():
    model = one_layer_model()
    with pytest.raises(ShapeError, match="this model has no policy"):
        infer_decisions(expected_logs(model, log_ratio), undecided(model.n_states))
    events = Events(random_events(model).observations)
    assert (
        infer_trajectory(expected_logs(model, log_ratio), events.observations).log_decisions is None
    )
