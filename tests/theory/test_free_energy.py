"""Variational free energy: eq. 1 by loops in NumPy, and the divergence of parameters."""

import equinox as eqx
import jax
import numpy as np
import pytest
from scipy.special import betaln, digamma

from hebbayes.core.counts import Counts, log_ratio
from hebbayes.theory.certificate.runs import bayesian_run
from hebbayes.theory.free_energy import free_energy, parameter_divergence
from hebbayes.theory.learning import learn

from .networks import random_events, two_layer_model


def run():
    model = two_layer_model()
    return bayesian_run(model, random_events(model), log_ratio, chunk_length=5)


def test_every_part_equals_eq_1_over_loops():
    bayesian = run()
    seen, logs = bayesian.experience, jax.tree.map(np.asarray, bayesian.logs)
    parts = free_energy(
        bayesian.logs, bayesian.beliefs, seen.observations, seen.previous_states, seen.risk
    )
    for t in range(5):
        o = np.stack([seen.observations[t], 1 - seen.observations[t]])
        s, past = np.asarray(seen.states[t]), np.asarray(seen.previous_states[t])
        d = np.exp(np.asarray(bayesian.beliefs.log_decisions[t]))
        accuracy = complexity = decision = 0.0
        for u in (0, 1):
            accuracy += sum(o[v] @ logs.likelihood[v, u] @ s[u] for v in (0, 1))
            prior = logs.state_prior[u] + sum(past[v] @ logs.transition[v, u] for v in (0, 1))
            complexity += s[u] @ (np.log(s[u]) - prior)
            habit = sum(past[v] @ logs.policy[v, u] for v in (0, 1))
            trust = 1 - 2 * float(seen.risk[t])
            decision += d[u] @ (np.log(d[u]) - trust * habit - logs.decision_prior[u])
        np.testing.assert_allclose(parts.accuracy[t], accuracy, rtol=1e-10)
        np.testing.assert_allclose(parts.state_complexity[t], complexity, rtol=1e-10)
        np.testing.assert_allclose(parts.decision[t], decision, rtol=1e-10)


@pytest.mark.thorough
def test_learning_raises_the_parameters_divergence_from_zero():
    bayesian = run()
    before = jax.tree.map(
        lambda counts: Counts(counts.prior + counts.evidence, 0 * counts.evidence),
        bayesian.before,
        is_leaf=lambda node: isinstance(node, Counts),
    )
    assert float(parameter_divergence(before)) == 0.0
    after = learn(before, bayesian.experience)
    assert float(parameter_divergence(after)) > 0


@pytest.mark.parametrize(
    "name", ["likelihood", "transition", "policy", "state_prior", "decision_prior"]
)
def test_every_table_adds_its_own_divergence(name):
    model = jax.tree.map(np.abs, two_layer_model())
    counts = getattr(model, name)
    without = eqx.tree_at(lambda m: getattr(m, name).evidence, model, 0 * counts.evidence)
    prior, sums = counts.prior, counts.prior + counts.evidence
    expected = (
        betaln(*prior)
        - betaln(*sums)
        + ((sums - prior) * (digamma(sums) - digamma(sums.sum(0)))).sum(0)
    ).sum()
    gained = parameter_divergence(model) - parameter_divergence(without)
    np.testing.assert_allclose(gained, expected, rtol=1e-9)
