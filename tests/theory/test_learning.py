"""Learning and plasticity: eq. 3 by loops, on-line against end of trial, the flow's fixed point."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from hebbayes.core.counts import Counts, log_ratio, total
from hebbayes.core.errors import ShapeError
from hebbayes.theory.certificate.runs import bayesian_run, neural_run
from hebbayes.theory.equivalence import model_of, network_of
from hebbayes.theory.free_energy import parameter_divergence
from hebbayes.theory.generative_model import prior_counts
from hebbayes.theory.learning import Experience, learn, learn_policy
from hebbayes.theory.network import strengths
from hebbayes.theory.plasticity import Firing, adapt, coincidences, flow_weights

from .networks import random_events, two_layer_model


@pytest.fixture(scope="module")
def bayesian():
    model = two_layer_model()
    return bayesian_run(model, random_events(model), log_ratio, chunk_length=5)


def test_counts_follow_the_written_update(bayesian):
    seen, model = bayesian.experience, bayesian.before
    s, s_prev = np.asarray(seen.states), np.asarray(seen.previous_states)
    o, d = np.asarray(seen.observations), np.asarray(seen.decisions)
    a, b, c = (np.array(total(t)) for t in (model.likelihood, model.transition, model.policy))
    for t in range(len(o)):
        trust = 1 - 2 * float(seen.risk[t])
        for v in (0, 1):
            for u in (0, 1):
                a[v, u] += np.outer(o[t] if v == 0 else 1 - o[t], s[t, u])
                b[v, u] += np.outer(s_prev[t, v], s[t, u])
                c[v, u] += trust * np.outer(s_prev[t, v], d[t] if u == 0 else 1 - d[t])
        if (t + 1) % 5 == 0 or t == len(o) - 1:
            c = np.maximum(c, 1)
    np.testing.assert_allclose(total(bayesian.after.likelihood), a, rtol=1e-12)
    np.testing.assert_allclose(total(bayesian.after.transition), b, rtol=1e-12)
    np.testing.assert_allclose(total(bayesian.after.policy), c, rtol=1e-12)
    assert (c == 1).any(), "the run must reach the floor, or the floor is not tested"


def test_learning_step_by_step_equals_learning_at_the_end(bayesian):
    seen, model = bayesian.experience, bayesian.before
    for t in range(seen.observations.shape[0]):
        model = learn(model, jax.tree.map(lambda leaf, t=t: leaf[t : t + 1], seen))
    np.testing.assert_allclose(
        model.likelihood.evidence, bayesian.after.likelihood.evidence, rtol=1e-12
    )
    np.testing.assert_allclose(
        model.transition.evidence, bayesian.after.transition.evidence, rtol=1e-12
    )


def test_on_line_plasticity_equals_plasticity_at_the_end_of_a_trial():
    model = two_layer_model()
    neural = neural_run(model, random_events(model), log_ratio, chunk_length=1)
    network, firing = neural.before, neural.firing
    for t in range(firing.inputs.shape[0]):
        network = adapt(network, jax.tree.map(lambda leaf, t=t: leaf[t : t + 1], firing))
    for one, other in zip(jax.tree.leaves(network), jax.tree.leaves(neural.after)):
        np.testing.assert_allclose(one, other, rtol=1e-12, atol=1e-12)


def test_network_plasticity_equals_bayesian_learning_of_priors_too():
    model = two_layer_model()
    events = random_events(model)
    run, neural = bayesian_run(model, events, log_ratio), neural_run(model, events, log_ratio)
    learnt = learn(model, run.experience, is_state_prior_learnt=True, is_decision_prior_learnt=True)
    adapted = adapt(
        network_of(model),
        neural.firing,
        is_state_factor_learnt=True,
        is_decision_factor_learnt=True,
    )
    for one, other in zip(jax.tree.leaves(model_of(adapted)), jax.tree.leaves(learnt)):
        np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(
        learnt.state_prior.evidence - model.state_prior.evidence, run.experience.states.sum(0)
    )


def test_a_learnt_prior_of_zero_stays_zero():
    model = two_layer_model()
    never = prior_counts(jnp.array([0.0, 0.5, 0.5, 1.0]), concentration=10.0)
    model = type(model)(
        model.likelihood, never, model.transition, model.policy, model.decision_prior
    )
    run = bayesian_run(model, random_events(model), log_ratio)
    learnt = learn(model, run.experience, is_state_prior_learnt=True)
    assert float(total(learnt.state_prior)[0, 0]) == 0.0
    assert float(total(learnt.state_prior)[1, 3]) == 0.0


def test_gradient_flow_of_weights_ends_at_hebb_over_home():
    post = jax.random.uniform(jax.random.key(0), (50, 3))
    pre = jax.random.uniform(jax.random.key(1), (50, 4))
    hebb, home = coincidences(post, pre)
    flowed = flow_weights(jnp.zeros_like(hebb), hebb, home, rate=0.05, n_steps=2000)
    np.testing.assert_allclose(jax.nn.sigmoid(flowed), hebb / home, rtol=1e-9)


def test_weights_are_log_odds_of_hebb_over_home():
    synapses = network_of(two_layer_model()).sensory
    ratio = total(synapses.hebb) / total(synapses.home)
    read = strengths(synapses, log_ratio)
    np.testing.assert_allclose(jax.nn.sigmoid(read.weights), ratio, rtol=1e-12)
    np.testing.assert_allclose(read.log_complement, jnp.log1p(-ratio), rtol=1e-12)


def test_learning_raises_the_parameters_divergence_from_zero(bayesian):
    before = jax.tree.map(
        lambda counts: Counts(counts.prior + counts.evidence, 0 * counts.evidence),
        bayesian.before,
        is_leaf=lambda node: isinstance(node, Counts),
    )
    assert float(parameter_divergence(before)) == 0.0
    after = learn(before, bayesian.experience)
    assert float(parameter_divergence(after)) > 0


def test_a_policy_cannot_be_learnt_without_risk(bayesian):
    seen = bayesian.experience
    blind = Experience(seen.observations, seen.states, seen.previous_states, seen.decisions)
    with pytest.raises(ShapeError, match="needs the decisions taken and their risk"):
        learn_policy(bayesian.before.policy, blind, None, 1.0)
    neural = Firing(seen.observations, seen.states[:, 0], seen.states[:, 0], seen.decisions)
    with pytest.raises(ShapeError, match="needs decisions and their risk"):
        adapt(network_of(bayesian.before), neural)


def test_rows_after_the_end_of_a_trial_leave_no_evidence(bayesian):
    seen, model = bayesian.experience, bayesian.before
    padded = jax.tree.map(
        lambda leaf: jnp.concatenate([leaf, jnp.zeros((4, *leaf.shape[1:]))]), seen
    )

    def learnt(experience):
        return learn(model, experience, is_state_prior_learnt=True, is_decision_prior_learnt=True)

    for one, other in zip(jax.tree.leaves(learnt(padded)), jax.tree.leaves(learnt(seen))):
        np.testing.assert_allclose(one, other, rtol=1e-12)
