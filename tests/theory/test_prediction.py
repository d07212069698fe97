"""Predictions by Bayes' rule, against enumeration."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from hebbayes.core.counts import log_ratio, total, without_evidence
from hebbayes.core.errors import ShapeError
from hebbayes.theory.generative_model import GenerativeModel, expected_logs
from hebbayes.theory.model_building import generative_model
from hebbayes.theory.prediction import predict_outcomes, predict_states

from .networks import one_layer_model, two_layer_model


def single_state(model):
    def first(counts, *axes):
        prior, evidence = counts.prior, counts.evidence
        for axis in axes:
            prior, evidence = (
                jnp.take(prior, jnp.array([0]), axis),
                jnp.take(evidence, jnp.array([0]), axis),
            )
        return type(counts)(prior, evidence)

    return GenerativeModel(
        first(model.likelihood, 3), first(model.state_prior, 1), first(model.transition, 2, 3)
    )


def test_predictions_of_a_single_state_follow_bayes_rule():
    model = single_state(two_layer_model())
    logs = expected_logs(model, log_ratio)
    backward = np.asarray(total(model.transition))[..., 0, 0]
    backward = backward / backward.sum(0)  # P(previous | state)
    prior = np.asarray(total(model.state_prior))[:, 0]
    prior = prior / prior.sum()
    for previous in (0, 1):
        states = jnp.zeros((2, 1)).at[previous, 0].set(1.0)
        joint = backward[previous] * prior
        predicted = predict_states(logs, states)
        np.testing.assert_allclose(predicted[:, 0], joint / joint.sum(), rtol=1e-12)
        likelihood = np.asarray(total(model.likelihood))[..., 0]
        likelihood = likelihood / likelihood.sum(0)
        marginal = np.einsum("vui,u->vi", likelihood, np.asarray(predicted[:, 0]))
        np.testing.assert_allclose(predict_outcomes(logs, predicted), marginal, rtol=1e-12)


def test_a_model_without_memory_predicts_no_states():
    model = one_layer_model()
    with pytest.raises(ShapeError, match="no transition"):
        predict_states(expected_logs(model, log_ratio), jnp.full((2, 4), 0.5))


def test_a_sticky_state_is_predicted_by_its_marginal():
    stay = np.array([0.99, 0.01]).reshape(2, 1, 1)
    model = generative_model(np.full((2, 1, 1), 0.5), transition=stay)
    logs = expected_logs(model, log_ratio)
    predicted = predict_states(logs, jnp.array([[0.9], [0.1]]))
    np.testing.assert_allclose(predicted[0], 0.9 * 0.99 + 0.1 * 0.01, rtol=1e-12)


def test_predictions_of_a_run_are_those_of_its_steps_and_compile():
    model = two_layer_model(sizes=(3, 2, 1))
    logs = expected_logs(model, log_ratio)
    belief = jax.random.uniform(jax.random.key(0), (4, 3, 2))
    states = jnp.stack([belief, 1 - belief], axis=-2)
    together = jax.jit(lambda s: predict_states(logs, s))(states)
    assert together.shape == (4, 3, 2, 2)
    np.testing.assert_allclose(together[2, 1], predict_states(logs, states[2, 1]), rtol=1e-12)


def test_a_transition_of_exactly_0_predicts_with_certainty():
    never = jnp.array([[1.0, 0.0], [0.0, 1.0]])[..., None, None]  # the state never changes
    model = GenerativeModel(
        without_evidence(jnp.ones((2, 2, 1, 1))),
        without_evidence(jnp.ones((2, 1))),
        without_evidence(never),
    )
    states = jnp.array([[0.3], [0.7]])
    predicted = predict_states(expected_logs(model, log_ratio), states)
    np.testing.assert_allclose(predicted, states, rtol=1e-13)
