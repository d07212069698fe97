"""The certificate holds on every model."""

import jax.numpy as jnp
import pytest

from hebbayes.core.counts import digamma_ratio, log_ratio
from hebbayes.theory.certificate.certificate import claim_names

from ..networks import one_layer_model, two_layer_model
from .certified import certify


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
