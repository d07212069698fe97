"""The map between network and model: entry by entry, and there and back."""

import jax
import numpy as np
import pytest

from hebbayes.theory.equivalence import model_of, network_of

from .networks import one_layer_model, two_layer_model


@pytest.mark.parametrize("build", [one_layer_model, two_layer_model])
def test_the_map_leads_back(build):
    model = build()
    back = model_of(network_of(model))
    assert jax.tree.structure(back) == jax.tree.structure(model)
    for one, other in zip(jax.tree.leaves(back), jax.tree.leaves(model)):
        np.testing.assert_allclose(one, other, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("part", ["prior", "evidence"])
def test_every_synapse_holds_the_counts_of_the_dictionary(part):
    model = two_layer_model()
    network = network_of(model)
    for synapses, table in (
        (network.sensory, model.likelihood),
        (network.recurrent, model.transition),
        (network.output, model.policy),
    ):
        counts = np.asarray(getattr(table, part))
        hebb, home = (np.asarray(getattr(c, part)) for c in (synapses.hebb, synapses.home))
        for value in (0, 1):
            np.testing.assert_array_equal(hebb[value].T, counts[0, value])
            np.testing.assert_allclose(home[value].T, counts[:, value].sum(0), rtol=1e-14)
