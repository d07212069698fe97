"""Ratios of counts against SciPy, and their exactness beside huge priors."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special

from hebbayes.core.counts import (
    Counts,
    add_evidence,
    beta_divergence,
    digamma_ratio,
    log_ratio,
    over_values,
    total,
    without_evidence,
)
from hebbayes.core.errors import ShapeError

positive = st.floats(1e-3, 1e10)


@given(positive, positive)
def test_ratios_equal_scipy(first, second):
    one, two = without_evidence(jnp.array(first)), without_evidence(jnp.array(second))
    log_gap = np.log(first) - np.log(second)
    np.testing.assert_allclose(log_ratio(one, two), log_gap, rtol=1e-12, atol=1e-13)
    gap = special.digamma(first) - special.digamma(second)
    np.testing.assert_allclose(digamma_ratio(one, two), gap, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("ratio", [log_ratio, digamma_ratio])
def test_float32_sees_single_counts_beside_a_billion(ratio):
    def drift(dtype):
        counts = Counts(jnp.array([1e9, 1e7], dtype), jnp.array([300.0, 5.0], dtype))
        plain = without_evidence(counts.prior)
        return ratio(counts, over_values(counts)) - ratio(plain, over_values(plain))

    np.testing.assert_allclose(drift(jnp.float32), drift(jnp.float64), atol=2e-6)
    added = np.float32(1e9) + np.float32(10)  # what adding before the logarithm would do
    assert added == np.float32(1e9)


evidence = st.floats(0, 300)
LOG_ODDS = np.linspace(-100, 100, 10_001)


@given(st.floats(0.5, 300), st.floats(0.5, 300), evidence, evidence)
def test_beta_divergence_equals_the_closed_form(p_on, p_off, e_on, e_off):
    counts = Counts(jnp.array([p_on, p_off]), jnp.array([e_on, e_off]))
    q_on, q_off = p_on + e_on, p_off + e_off
    mean_log = special.digamma(q_on), special.digamma(q_off), special.digamma(q_on + q_off)
    written = (
        special.betaln(p_on, p_off)
        - special.betaln(q_on, q_off)
        + e_on * mean_log[0]
        + e_off * mean_log[1]
        - (e_on + e_off) * mean_log[2]
    )
    np.testing.assert_allclose(beta_divergence(counts), written, rtol=1e-9, atol=1e-10)


@given(st.floats(0.5, 300), st.floats(0.5, 300), evidence, evidence)
def test_beta_divergence_equals_integration(p_on, p_off, e_on, e_off):
    """Integrate over log odds: a grid of probabilities cuts off densities that lean on 0 or 1.

    Over log odds every Beta density is smooth and falls off exponentially, so the trapezoid rule
    converges geometrically (the narrowest density here has a standard deviation of 0.06).
    """
    ln_on, ln_off = special.log_expit(LOG_ODDS), special.log_expit(-LOG_ODDS)
    q_on, q_off = p_on + e_on, p_off + e_off
    density = np.exp(q_on * ln_on + q_off * ln_off - special.betaln(q_on, q_off))
    constant = special.betaln(p_on, p_off) - special.betaln(q_on, q_off)
    integral = np.trapezoid(density * (e_on * ln_on + e_off * ln_off + constant), LOG_ODDS)
    counts = Counts(jnp.array([p_on, p_off]), jnp.array([e_on, e_off]))
    np.testing.assert_allclose(beta_divergence(counts), integral, rtol=1e-9, atol=1e-10)


@pytest.mark.parametrize("e_off", [0.0, 300.0])
def test_beta_divergence_of_a_density_that_leans_on_an_end_equals_integration(e_off):
    test_beta_divergence_equals_integration.hypothesis.inner_test(2.0000001, 300.0, 0.0, e_off)


def test_divergence_of_huge_priors_is_quadratic_in_the_evidence():
    def divergence(dtype):
        return beta_divergence(Counts(jnp.array([1e9, 1e7], dtype), jnp.array([40.0, 90.0], dtype)))

    n, p = 1e9 + 1e7, 1e9 / (1e9 + 1e7)
    surprise = 40 * (1 - p) - 90 * p
    expected = surprise**2 / (2 * n * p * (1 - p))
    np.testing.assert_allclose(divergence(jnp.float64), expected, rtol=1e-4)
    np.testing.assert_allclose(divergence(jnp.float32), expected, rtol=1e-3)


def test_gradients_of_ratios_are_trigammas():
    for z in (0.3, 5.0, 40.0, 1e6):
        slope = jax.grad(
            lambda c: digamma_ratio(without_evidence(c), without_evidence(jnp.ones(())))
        )
        np.testing.assert_allclose(slope(jnp.array(z)), special.polygamma(1, z), rtol=1e-10)


def test_structural_zeros_stay_zero_whatever_is_seen():
    never = Counts(jnp.array([0.0, 3.0]), jnp.zeros(2))
    learnt = add_evidence(never, jnp.array([5.0, 2.0]), floor=1.0)
    assert total(learnt).tolist() == [0.0, 5.0]
    assert log_ratio(learnt, over_values(learnt)).tolist() == [-np.inf, 0.0]
    assert digamma_ratio(learnt, over_values(learnt)).tolist() == [-np.inf, 0.0]
    assert float(beta_divergence(learnt)) == 0.0


def test_floor_holds_entry_by_entry():
    counts = add_evidence(
        without_evidence(jnp.array([3.0, 3.0])), jnp.array([-9.0, 1.0]), floor=1.0
    )
    assert total(counts).tolist() == [1.0, 4.0]


def test_prior_and_evidence_must_have_one_shape():
    with pytest.raises(ShapeError, match="evidence has shape"):
        Counts(jnp.ones(3), jnp.ones(2))
