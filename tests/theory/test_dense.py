"""Dense networks in few passes over memory, against the general network."""

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from hebbayes.core.counts import Counts, log_ratio, without_evidence
from hebbayes.core.errors import ShapeError, ValueRangeError
from hebbayes.theory.dense import (
    dense_network,
    dense_wiring,
    learn_dense,
    learn_dense_in_place,
    run_dense,
    with_learnt,
)
from hebbayes.theory.equivalence import network_of
from hebbayes.theory.network import drive, firing_rate, run_network, wiring
from hebbayes.theory.plasticity import Firing, adapt

from .networks import one_layer_model, two_layer_model


def inputs_of(network, n_steps=40, dtype=jnp.float64):
    shape = (n_steps, network.n_inputs)
    return jax.random.bernoulli(jax.random.key(1), 0.4, shape).astype(dtype)


@jax.jit
def learn_step_by_step(network, inputs):
    def step(carry, seen):
        network, x = carry
        v = drive(wiring(network, log_ratio), seen, x)
        y = firing_rate(v)
        return (adapt(network, Firing(seen[None], y[None], x[None])), y), v

    (network, _), potentials = jax.lax.scan(step, (network, jnp.full(4, 0.5)), inputs)
    return network, potentials


@pytest.mark.parametrize("delay", [1, 2])
def test_activity_equals_that_of_the_general_network(delay):
    network = network_of(two_layer_model())
    inputs = inputs_of(network)
    potentials = run_dense(dense_wiring(network), inputs, delay=delay)
    expected, _ = run_network(wiring(network, log_ratio), inputs, delay=delay)
    np.testing.assert_allclose(potentials, expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("model", [one_layer_model, two_layer_model])
def test_learning_after_every_step_equals_plasticity_step_by_step(model):
    network = network_of(model())
    inputs = inputs_of(network)
    after, potentials = learn_dense(dense_network(network), inputs)
    adapted, expected = learn_step_by_step(network, inputs)
    np.testing.assert_allclose(potentials, expected, rtol=1e-12, atol=1e-12)
    learnt = with_learnt(network, after)
    for one, other in zip(jax.tree.leaves(learnt), jax.tree.leaves(adapted), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-12, atol=1e-12)


def test_a_run_in_two_parts_and_in_place_is_the_same_run():
    network = network_of(two_layer_model())
    inputs = inputs_of(network)
    whole, potentials = learn_dense(dense_network(network), inputs)
    start = dense_network(network)
    half, first = learn_dense_in_place(start, inputs[:20])
    assert start.sensory.together.is_deleted()
    parts, second = learn_dense_in_place(half, inputs[20:])
    np.testing.assert_allclose(jnp.concatenate([first, second]), potentials, rtol=1e-13)
    for one, other in zip(jax.tree.leaves(parts), jax.tree.leaves(whole)):
        np.testing.assert_allclose(one, other, rtol=1e-13, atol=1e-13)


def single(post=1.0, pre=1.0, prior=1.0, dtype=jnp.float32):
    """One unit that has almost always been on, one input, counts of ``prior`` in all four pairs."""
    counts = without_evidence(jnp.full((2, 2, 1, 1), prior, dtype))
    model = dataclasses.replace(
        one_layer_model(dtype=dtype),
        likelihood=counts,
        state_prior=without_evidence(jnp.array([[post], [pre]], dtype)),
    )
    return network_of(model)


def test_float32_counts_many_steps_as_float64_does():
    # with plain float32 sums the count of silent pairs, near 1, is off by some 1e-2
    found = []
    for dtype in (jnp.float32, jnp.float64):
        network = dense_network(single(post=999.0, dtype=dtype))
        found.append(learn_dense(network, jnp.ones((8000, 1), dtype))[1][-1])
    np.testing.assert_allclose(found[0], found[1], atol=1e-4)


def test_float32_sees_evidence_beside_priors_of_a_billion():
    found = []
    for dtype in (jnp.float32, jnp.float64):
        network = single(post=2.0, prior=1e9, dtype=dtype)
        _, potentials = learn_dense(dense_network(network), jnp.ones((50, 1), dtype))
        found.append(np.float64(potentials[-1] - potentials[0]))
    assert abs(found[1]) > 1e-9
    np.testing.assert_allclose(found[0], found[1], atol=2e-7)


def widened(synapses):
    hebb, silent = jax.tree.map(
        lambda table: table.astype(jnp.float32), (synapses.hebb, synapses.silent)
    )
    return dataclasses.replace(synapses, hebb=hebb, silent=silent)


@pytest.mark.thorough
def test_bfloat16_stores_rounded_counts_and_weights_and_sums_in_more():
    network = network_of(two_layer_model(dtype=jnp.float32))
    inputs = inputs_of(network, dtype=jnp.float32)
    wired = dense_wiring(network, jnp.bfloat16)
    assert wired.sensory.dtype == jnp.bfloat16
    rounded = jax.tree.map(lambda leaf: leaf.astype(jnp.float32), wired)
    np.testing.assert_allclose(
        run_dense(wired, inputs), run_dense(rounded, inputs), rtol=1e-5, atol=1e-6
    )
    start = dense_network(network, jnp.bfloat16)
    assert start.sensory.hebb[0].dtype == jnp.bfloat16
    assert start.sensory.together.dtype == jnp.float64
    same = dataclasses.replace(
        start, sensory=widened(start.sensory), recurrent=widened(start.recurrent)
    )
    found, expected = learn_dense(start, inputs)[1], learn_dense(same, inputs)[1]
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("storage", [jnp.float32, jnp.bfloat16])
def test_learning_in_place_needs_no_second_copy_of_the_counts(storage):
    network = jax.eval_shape(lambda: dense_network(network_of(one_layer(256)), storage))
    seen = jax.ShapeDtypeStruct((8, 256), jnp.float32)
    memory = learn_dense_in_place.lower(network, seen).compile().memory_analysis()
    counts = sum(leaf.size * leaf.dtype.itemsize for leaf in jax.tree.leaves(network))
    used = memory.argument_size_in_bytes + memory.output_size_in_bytes
    peak = used + memory.temp_size_in_bytes - memory.alias_size_in_bytes
    assert memory.alias_size_in_bytes >= counts
    assert peak < 1.3 * counts


def one_layer(n):
    model = one_layer_model(dtype=jnp.float32)
    likelihood = Counts(jnp.ones((2, 2, n, n), jnp.float32), jnp.ones((2, 2, n, n), jnp.float32))
    prior = without_evidence(jnp.ones((2, n), jnp.float32))
    return dataclasses.replace(model, likelihood=likelihood, state_prior=prior)


def test_structural_zeros_and_wrong_shapes_are_refused_with_the_way_out():
    network = single(prior=0.0)
    with pytest.raises(ValueRangeError, match=r"hebb must be positive .* use `adapt`"):
        dense_network(network)
    with pytest.raises(ValueRangeError, match=r"sensory weights must be finite .* `run_network`"):
        dense_wiring(network)
    whole = network_of(two_layer_model())
    with pytest.raises(ShapeError, match="inputs has shape"):
        learn_dense(dense_network(whole), jnp.ones((3, 2)))
    with pytest.raises(ValueRangeError, match="inputs must lie between"):
        run_dense(dense_wiring(whole), 2 * jnp.ones((3, 5)))
