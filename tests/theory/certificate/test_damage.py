"""Damage to one quantity breaks exactly the rows that the tables list."""

import jax.numpy as jnp
import pytest

from hebbayes.core.counts import digamma_ratio, log_ratio
from hebbayes.core.errors import ValueRangeError
from hebbayes.theory.certificate.damage import BREAKS, BREAKS_ONE_LAYER

from ..networks import one_layer_model, two_layer_model
from .certified import certify


@pytest.mark.parametrize("ratio", [log_ratio, digamma_ratio])
@pytest.mark.parametrize("dtype", [jnp.float64, jnp.float32])
@pytest.mark.parametrize("row", BREAKS)
def test_damage_breaks_exactly_the_documented_rows_of_two_layers(row, ratio, dtype):
    certificate = certify(two_layer_model, ratio, dtype, row)
    assert set(certificate.broken) == set(BREAKS[row])


@pytest.mark.parametrize("ratio", [log_ratio, digamma_ratio])
@pytest.mark.parametrize("row", BREAKS_ONE_LAYER)
def test_damage_breaks_exactly_the_documented_rows_of_one_layer(row, ratio):
    certificate = certify(one_layer_model, ratio, jnp.float64, row)
    assert set(certificate.broken) == set(BREAKS_ONE_LAYER[row])


def test_a_row_that_the_run_lacks_is_refused():
    with pytest.raises(ValueRangeError, match="no row 'output_plasticity' to perturb"):
        certify(one_layer_model, log_ratio, jnp.float64, "output_plasticity")
