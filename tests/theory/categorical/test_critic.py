"""The critic is a canonical unit: certificate with soft labels and forgetting."""

import jax.numpy as jnp
import numpy as np
import pytest

from hebbayes.core.counts import Counts, digamma_ratio, log_ratio, total, without_evidence
from hebbayes.theory.categorical.certificate import certify_categories
from hebbayes.theory.categorical.critic import certify_critic, later_scalings, seeing_model
from hebbayes.theory.categorical.model import (
    CategoricalEvents,
    Factors,
    categorical_free_energy,
    categorical_logs,
    flat_categorical_model,
    infer_categories,
    learn_categories,
)


@pytest.fixture(scope="module")
def life():
    """Counts before, one-hot states and soft labels, two of them certain."""
    generator = np.random.default_rng(4)
    states = jnp.eye(4)[generator.integers(0, 4, 14)]
    labels = generator.uniform(0, 1, 14)
    labels[:2] = 0, 1
    return jnp.asarray(generator.uniform(1, 2, (2, 4))), states, jnp.asarray(labels)


@pytest.mark.thorough
@pytest.mark.parametrize("ratio", [log_ratio, digamma_ratio], ids=["log", "digamma"])
def test_soft_labels_and_forgetting_keep_every_row(life, ratio):
    assert certify_critic(*life, most_counts=4.5, ratio=ratio).worst <= 1e-10
    assert "output_plasticity" in certify_critic(*life, damage="output_plasticity").broken


@pytest.mark.thorough
def test_a_cap_weights_each_event_by_later_scalings(life):
    start, states, labels = life
    counts = np.array(start)
    for state, label in zip(np.argmax(states, 1), labels):
        counts[:, state] += label, 1 - label
        counts[:, state] *= min(1, 4.5 / counts[:, state].sum())
    kept, prior_kept = later_scalings(states, start.sum(0), 4.5)
    assert float(prior_kept.min()) < 0.9
    model = seeing_model(4, without_evidence(start.T), (2,))
    pair = jnp.stack([labels, 1 - labels], 1)
    events = CategoricalEvents(states, pair, jnp.zeros(14), kept, prior_kept)
    learnt = learn_categories(model, events, states, states)
    np.testing.assert_allclose(total(learnt.policy).T, counts, rtol=1e-12)


@pytest.mark.thorough
def test_its_probability_is_the_ratio_of_its_counts(life):
    counts = life[0]
    model = seeing_model(4, without_evidence(counts.T), (2,))
    for state in range(4):
        previous = jnp.eye(4)[state]
        _, decision = infer_categories(categorical_logs(model), model.factors, previous, previous)
        np.testing.assert_allclose(jnp.exp(decision[0]), counts[0, state] / counts[:, state].sum())


@pytest.mark.thorough
def test_free_energy_exceeds_its_minimum_by_the_divergence_of_labels():
    """At risk 0, F(G) - F(P) = KL[G || P]."""
    factors = Factors((3,), (3,), (2,))
    model = flat_categorical_model(factors)
    model = model.__class__(
        factors, model.likelihood, model.transition, Counts(jnp.arange(1.0, 7.0).reshape(3, 2),
        jnp.zeros((3, 2))), model.state_prior, model.decision_prior,
    )  # fmt: skip
    logs, s = categorical_logs(model), jnp.eye(3)[:1]
    states, expected = infer_categories(logs, factors, s[0], s[0])
    label = jnp.log(jnp.array([0.3, 0.7]))
    events = CategoricalEvents(s, jnp.exp(label)[None], jnp.zeros(1))
    at = [
        categorical_free_energy(logs, events, states[None], d[None], s)[0]
        for d in (label, expected)
    ]
    divergence = (jnp.exp(label) * (label - expected)).sum()
    np.testing.assert_allclose(at[0] - at[1], divergence, rtol=1e-12)


@pytest.mark.thorough
def test_the_actor_with_the_critics_risk_is_certified():
    """Decisions are pairs (taken, not taken); 1 - 2 risk = tanh(surprise)."""
    generator = np.random.default_rng(5)
    n_states, n_decisions, n_steps = 5, 3, 20
    policy = generator.uniform(5, 9, (n_states, 2 * n_decisions))
    model = seeing_model(n_states, without_evidence(jnp.asarray(policy)), (2,) * n_decisions)
    taken = np.eye(n_decisions)[generator.integers(0, n_decisions, n_steps)]
    pairs = np.stack([taken, 1 - taken], 2).reshape(n_steps, -1)
    risk = (1 - np.tanh(0.05 * generator.normal(size=n_steps))) / 2
    states = np.eye(n_states)[generator.integers(0, n_states, n_steps)]
    events = CategoricalEvents(jnp.asarray(states), jnp.asarray(pairs), jnp.asarray(risk))
    certificate = certify_categories(model, events)
    assert certificate.worst <= 1e-9  # a modulator of some 0.05 costs a digit
