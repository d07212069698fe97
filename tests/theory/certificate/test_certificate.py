"""The certificate holds on every model, and damage breaks exactly the rows that the tables list."""

import jax.numpy as jnp
import pytest

from hebbayes.core.counts import digamma_ratio, log_ratio
from hebbayes.core.errors import ValueRangeError
from hebbayes.theory.certificate.certificate import claim_names
from hebbayes.theory.certificate.damage import BREAKS, BREAKS_ONE_LAYER

from ..networks import one_layer_model, two_layer_model
from .certified import certify


@pytest.mark.parametrize(
    ("build", "dtype", "ratio"),
    [
        (one_layer_model, jnp.float64, log_ratio),
        (two_layer_model, jnp.float64, digamma_ratio),
        pytest.param(two_layer_model, jnp.float32, log_ratio, marks=pytest.mark.thorough),
        pytest.param(one_layer_model, jnp.float64, digamma_ratio, marks=pytest.mark.thorough),
        pytest.param(two_layer_model, jnp.float64, log_ratio, marks=pytest.mark.thorough),
        pytest.param(two_layer_model, jnp.float32, digamma_ratio, marks=pytest.mark.thorough),
    ],
)
def test_every_row_holds(build, dtype, ratio):
    certificate = certify(build, ratio, dtype)
    assert {row.name: row.discrepancy for row in certificate.claims if not row.holds} == {}
    assert tuple(row.name for row in certificate.claims) == claim_names(build())


@pytest.mark.thorough
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
