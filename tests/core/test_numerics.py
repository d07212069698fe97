"""Probabilities of exactly 0 and 1 stay legal: values, derivatives, infinities."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import log_expit

from hebbayes.core.numerics import contract_or_zero, log_sigmoid, product_or_zero


@given(st.floats(-700, 700))
def test_log_sigmoid_equals_scipy(log_odds) -> None:
    np.testing.assert_allclose(log_sigmoid(jnp.array(log_odds)), log_expit(log_odds), rtol=1e-13)


@pytest.mark.parametrize("value", [-np.inf, np.inf, np.nan, 3.0])
def test_a_weight_of_zero_silences_any_value_and_its_derivatives(value: float) -> None:
    assert float(product_or_zero(jnp.array(0.0), jnp.array(value))) == 0.0
    slopes = jax.grad(product_or_zero, argnums=(0, 1))(jnp.array(0.0), jnp.array(value))
    assert np.isfinite(slopes).all()


def test_an_infinity_that_is_used_is_kept() -> None:
    assert float(product_or_zero(jnp.array(0.5), jnp.array(-jnp.inf))) == -np.inf


def test_a_contraction_of_finite_entries_is_einsum() -> None:
    rng = np.random.default_rng(0)
    table, weights = rng.normal(size=(4, 3)), rng.random(3)
    result = contract_or_zero("nm,m->n", jnp.array(table), jnp.array(weights))
    np.testing.assert_allclose(result, table @ weights, rtol=1e-12)


@pytest.mark.parametrize(
    ("row", "weights", "expected"),
    [
        ([1.0, -np.inf], [2.0, 0.0], 2.0),
        ([1.0, -np.inf], [2.0, 0.1], -np.inf),
        ([np.inf, 1.0], [1.0, 1.0], np.inf),
        ([np.inf, -np.inf], [1.0, 1.0], np.nan),
        ([np.inf, -np.inf], [1.0, 0.0], np.inf),
        ([np.nan, 1.0], [0.0, 1.0], 1.0),
        ([np.nan, 1.0], [1.0, 1.0], np.nan),
    ],
)
def test_infinities_of_a_contraction(row, weights, expected) -> None:
    result = contract_or_zero("nm,m->n", jnp.array([row]), jnp.array(weights))
    np.testing.assert_equal(float(result[0]), expected)
