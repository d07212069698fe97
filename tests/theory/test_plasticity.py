"""Plasticity: on-line and at the end of a trial, as Bayesian learning, and as a flow."""

import jax
import jax.numpy as jnp
import numpy as np

from hebbayes.core.counts import log_ratio
from hebbayes.theory.certificate.runs import bayesian_run, neural_run
from hebbayes.theory.equivalence import model_of, network_of
from hebbayes.theory.learning import learn
from hebbayes.theory.plasticity import adapt, coincidences, flow_weights

from .networks import random_events, two_layer_model


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


def test_gradient_flow_of_weights_ends_at_hebb_over_home():
    post = jax.random.uniform(jax.random.key(0), (50, 3))
    pre = jax.random.uniform(jax.random.key(1), (50, 4))
    hebb, home = coincidences(post, pre)
    flowed = flow_weights(jnp.zeros_like(hebb), hebb, home, rate=0.05, n_steps=2000)
    np.testing.assert_allclose(jax.nn.sigmoid(flowed), hebb / home, rtol=1e-9)
