"""The certificate holds on every model, and fails exactly where it should."""

import functools

import jax.numpy as jnp
import pytest

from hebbayes.core.counts import digamma_ratio, log_ratio
from hebbayes.core.errors import ValueRangeError
from hebbayes.theory.certificate.certificate import certify_run, claim_names
from hebbayes.theory.certificate.damage import BREAKS, BREAKS_ONE_LAYER, damage
from hebbayes.theory.certificate.runs import bayesian_run, neural_run

from ..networks import one_layer_model, random_events, two_layer_model

TOLERANCE = {jnp.float64: 1e-10, jnp.float32: 1e-4}


@functools.cache
def runs(build, ratio, dtype):
    model = build(dtype=dtype)
    events = random_events(model)
    return (
        bayesian_run(model, events, ratio, chunk_length=5),
        neural_run(model, events, ratio, chunk_length=5),
    )


def certify(build, ratio, dtype, row=None):
    bayesian, neural = runs(build, ratio, dtype)
    if row is not None:
        neural = damage(neural, row)
    tolerance = TOLERANCE[dtype]
    return certify_run(bayesian, neural, ratio, tolerance=tolerance, chunk_length=5)


@pytest.mark.parametrize("ratio", [log_ratio, digamma_ratio])
@pytest.mark.parametrize(
    ("build", "dtype"),
    [
        (one_layer_model, jnp.float64),
        (two_layer_model, jnp.float64),
        (two_layer_model, jnp.float32),
    ],
)
def test_every_row_holds(build, dtype, ratio):
    certificate = certify(build, ratio, dtype)
    assert {row.name: row.discrepancy for row in certificate.claims if not row.holds} == {}
    assert tuple(row.name for row in certificate.claims) == claim_names(build())


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
