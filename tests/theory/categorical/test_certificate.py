"""Softmax units and a categorical POMDP agree row by row; groups of two are the binary theory."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from hebbayes.core.counts import digamma_ratio, log_ratio, total
from hebbayes.theory.categorical.certificate import (
    certify_categories,
    example_events,
    model_of_groups,
    network_of_categories,
)
from hebbayes.theory.categorical.groups import copy_to_groups, sum_groups
from hebbayes.theory.categorical.model import (
    CategoricalEvents,
    CategoricalModel,
    Factors,
    categorical_free_energy,
    categorical_logs,
    flat_categorical_model,
    infer_categories,
    learn_categories,
)
from hebbayes.theory.free_energy import free_energy
from hebbayes.theory.generative_model import GenerativeModel, expected_logs
from hebbayes.theory.inference import Beliefs, infer_decisions, infer_states
from hebbayes.theory.learning import Experience, learn

TABLES = ("likelihood", "transition", "policy", "state_prior", "decision_prior")


def random_model(factors, seed=0, evidence=0.1):
    """A model with random counts of 20 to 40 and some evidence."""
    generator = np.random.default_rng(seed)
    model = jax.tree.map(
        lambda leaf: jnp.asarray(generator.uniform(20, 40, leaf.shape)),
        flat_categorical_model(factors),
    )
    return eqx.tree_at(
        lambda m: [getattr(m, name).evidence for name in TABLES],
        model,
        replace_fn=lambda leaf: evidence * leaf,
    )


@pytest.mark.thorough
@pytest.mark.parametrize("ratio", [log_ratio, digamma_ratio], ids=["log", "digamma"])
@pytest.mark.parametrize(
    "factors",
    [Factors((2, 3), (3, 5, 2), (4, 2)), Factors((5, 4), (4,), (2, 3, 5))],
    ids=["three factors", "one factor"],
)
def test_every_row_holds_for_groups_of_two_to_five(factors, ratio):
    certificate = certify_categories(random_model(factors), example_events(factors, 12), ratio)
    assert len(certificate.claims) == 10
    assert certificate.worst <= 1e-12


BREAKS = {
    "free_energy": {"free_energy", "decision_inference", "thresholds"},
    "state_inference": {"state_inference", "free_energy"},
    "decision_inference": {"decision_inference", "free_energy"},
    "thresholds": {"thresholds", "free_energy"},
    "round_trip": {"round_trip"},
}


@pytest.mark.thorough
@pytest.mark.parametrize(
    "row",
    [
        *BREAKS,
        *(f"{name}_plasticity" for name in ("sensory", "recurrent", "output")),
        "state_factor_plasticity",
        "decision_factor_plasticity",
    ],
)
def test_damage_breaks_its_row(row):
    factors = Factors((2,), (3,), (2,))
    certificate = certify_categories(
        random_model(factors), example_events(factors, 5), damage=row, tolerance=1e-10
    )
    assert BREAKS.get(row, {row}) <= set(certificate.broken)
    if row.endswith("plasticity"):
        assert set(certificate.broken) == {row}


def test_the_way_to_the_network_and_back_loses_nothing():
    model = random_model(Factors((2, 3), (4, 2), (5,)))
    again = model_of_groups(network_of_categories(model))
    for name in TABLES:
        np.testing.assert_allclose(
            total(getattr(again, name)), total(getattr(model, name)), rtol=1e-14
        )


@pytest.fixture(scope="module")
def twins():
    """A binary model and its copy in groups of two, on before off."""
    n_o, n_s, n_d = 3, 2, 4
    groups = random_model(Factors((2,) * n_o, (2,) * n_s, (2,) * n_d), seed=1)

    def table(counts):
        pairs = [
            half.reshape(half.shape[0] // 2, 2, -1, 2) for half in (counts.prior, counts.evidence)
        ]
        return type(counts)(*(jnp.einsum("ivju->vuij", half) for half in pairs))

    def vector(counts):
        return type(counts)(*(half.reshape(-1, 2).T for half in (counts.prior, counts.evidence)))

    binary = GenerativeModel(
        table(groups.likelihood),
        vector(groups.state_prior),
        table(groups.transition),
        table(groups.policy),
        vector(groups.decision_prior),
    )
    return groups, binary


@pytest.mark.thorough
@pytest.mark.parametrize("ratio", [log_ratio, digamma_ratio], ids=["log", "digamma"])
def test_groups_of_two_are_the_binary_theory(twins, ratio):
    groups, binary = twins
    generator = np.random.default_rng(2)
    o = jnp.asarray(generator.integers(0, 2, 3).astype(float))
    previous = jnp.asarray(generator.uniform(0.1, 0.9, 2))
    paired = jnp.stack([previous, 1 - previous], 1).ravel()
    logs, pair_logs = categorical_logs(groups, ratio), expected_logs(binary, ratio)
    seen = jnp.stack([o, 1 - o], 1).ravel()
    states, decisions = infer_categories(logs, groups.factors, seen, paired)
    before = jnp.stack([previous, 1 - previous])
    binary_states = infer_states(pair_logs, o, before)
    binary_decisions = infer_decisions(pair_logs, before)
    np.testing.assert_allclose(states.reshape(-1, 2).T, binary_states, atol=1e-13)
    np.testing.assert_allclose(decisions.reshape(-1, 2).T, binary_decisions, atol=1e-13)
    one_hot = jnp.array([[1.0, 0, 0, 1, 0, 1, 1, 0]])
    events = CategoricalEvents(seen[None], one_hot, jnp.array([0.3]))
    F = categorical_free_energy(logs, events, states[None], decisions[None], paired[None])
    beliefs = Beliefs(binary_states, binary_decisions)
    expected = free_energy(pair_logs, beliefs, o, before, 0.3).total
    np.testing.assert_allclose(F[0], expected, rtol=1e-13)
    learnt = learn_categories(groups, events, jnp.exp(states)[None], paired[None])
    experience = Experience(
        o[None], jnp.exp(binary_states)[None], before[None], one_hot[:, ::2], jnp.array([0.3])
    )
    policy = learn(binary, experience).policy.evidence
    ours = learnt.policy.evidence.reshape(2, 2, 4, 2)
    np.testing.assert_allclose(jnp.einsum("ivju->vuij", ours), policy, atol=1e-12)


def test_one_group_is_exact_bayes_by_enumeration():
    """A single state factor seen without memory: posterior = prior x likelihood, normalised."""
    factors = Factors((3, 2), (4,), (2,))
    model = random_model(factors, seed=3)
    flat = type(model.transition)(jnp.ones((4, 4)), jnp.zeros((4, 4)))
    model = CategoricalModel(
        factors, model.likelihood, flat, model.policy, model.state_prior, model.decision_prior
    )
    counts, prior = (np.asarray(total(t)) for t in (model.likelihood, model.state_prior))
    o = np.array([0, 1, 0, 0, 1.0])
    joint = prior * counts[1] / counts[:3].sum(0) * counts[4] / counts[3:].sum(0)
    states, _ = infer_categories(
        categorical_logs(model), factors, jnp.asarray(o), jnp.full(4, 0.25)
    )
    np.testing.assert_allclose(jnp.exp(states), joint / joint.sum(), rtol=1e-12)


def test_sums_and_copies_keep_to_their_groups():
    values = jnp.arange(7.0)
    np.testing.assert_array_equal(sum_groups(values, (3, 4)), [3, 18])
    np.testing.assert_array_equal(
        copy_to_groups(jnp.array([3.0, 18.0]), (3, 4)), [3] * 3 + [18] * 4
    )
