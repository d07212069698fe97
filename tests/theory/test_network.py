"""The network: its weights, its fixed point by loops in NumPy, and shapes that do not fit."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from hebbayes.core.counts import log_ratio, total, without_evidence
from hebbayes.core.errors import ShapeError
from hebbayes.theory.equivalence import network_of
from hebbayes.theory.network import (
    Network,
    output_thresholds,
    run_network,
    wiring,
)
from hebbayes.theory.synapses import Synapses, strengths

from .networks import one_layer_model, random_events, two_layer_model


def test_weights_are_log_odds_of_hebb_over_home():
    synapses = network_of(two_layer_model()).sensory
    ratio = total(synapses.hebb) / total(synapses.home)
    read = strengths(synapses, log_ratio)
    np.testing.assert_allclose(jax.nn.sigmoid(read.weights), ratio, rtol=1e-12)
    np.testing.assert_allclose(read.log_complement, jnp.log1p(-ratio), rtol=1e-12)


def test_potentials_equal_sums_of_log_odds_over_loops():
    model = two_layer_model()
    network, seen = network_of(model), np.asarray(random_events(model, 4).observations)
    potentials, _ = run_network(wiring(network, log_ratio), seen)

    def read(synapses):
        p = np.asarray(total(synapses.hebb) / total(synapses.home))
        return np.log(p / (1 - p)), np.log(1 - p)

    (w, w_rest), (k, k_rest) = read(network.sensory), read(network.recurrent)
    firing = np.asarray(total(network.state_firing))
    x = np.full(model.n_states, 0.5)
    for observation, potential in zip(seen, potentials):
        v = np.empty(model.n_states)
        for j in range(model.n_states):
            v[j] = np.log(firing[0, j] / firing[1, j])
            for u, sign in ((0, 1), (1, -1)):
                v[j] += sign * (w[u, j] @ observation + w_rest[u, j].sum())
                v[j] += sign * (k[u, j] @ x + k_rest[u, j].sum())
        np.testing.assert_allclose(potential, v, rtol=1e-10)
        x = 1 / (1 + np.exp(-v))


def test_projections_that_do_not_fit_are_refused():
    network = network_of(two_layer_model())
    with pytest.raises(ShapeError, match=r"must both be \(2, n_post, n_pre\)"):
        Synapses(network.sensory.hebb, network.recurrent.home)
    with pytest.raises(ShapeError, match="state_firing has shape"):
        Network(network.sensory, without_evidence(jnp.ones((2, 3))))
    with pytest.raises(ShapeError, match="give both or neither"):
        Network(network.sensory, network.state_firing, output=network.output)


def test_a_network_of_one_layer_has_no_output_thresholds():
    with pytest.raises(ShapeError, match="this network has one layer"):
        output_thresholds(wiring(network_of(one_layer_model()), log_ratio))
