"""Expectations of sums of two-valued variables, beside enumeration."""

import itertools

import jax.numpy as jnp
import numpy as np
import pytest

from hebbayes.core.binary_sums import expected_sigmoid, expected_softplus


def enumerated(values, weights, function):
    total = np.zeros(values.shape[2])
    for drawn in itertools.product((0, 1), repeat=values.shape[1]):
        index = np.arange(values.shape[1])
        total += weights[drawn, index].prod() * function(values[drawn, index].sum(0))
    return total


@pytest.mark.parametrize("scale", [0.1, 3.0, 40.0])
def test_expectations_equal_enumeration(scale):
    rng = np.random.default_rng(0)
    values, on = scale * rng.normal(size=(2, 6, 3)), rng.uniform(size=6).round(1)
    weights = np.stack([on, 1 - on])
    exact = enumerated(values, weights, lambda x: 1 / (1 + np.exp(-x)))
    np.testing.assert_allclose(expected_sigmoid(values, weights), [exact, 1 - exact], atol=1e-13)
    exact = enumerated(values, weights, lambda x: np.logaddexp(0, x))
    np.testing.assert_allclose(expected_softplus(values, weights), exact, atol=1e-12)


def test_infinite_values_decide_and_contradictions_are_left_out():
    inf = np.inf
    values = np.array([[0.3, inf], [-0.2, -1.0]])[:, :, None]  # half the time X is infinite
    weights = np.full((2, 2), 0.5)
    open_half = np.mean([1 / (1 + np.exp(-(x - 1.0))) for x in (0.3, -0.2)])
    on = 0.5 + 0.5 * open_half
    np.testing.assert_allclose(expected_sigmoid(values, weights)[:, 0], [on, 1 - on], rtol=1e-13)
    opposed = np.array([[inf, -inf], [1.0, 2.0]])[:, :, None]
    possible = [0.25 / (1 + np.exp(-3.0)) + 0.25, 0.25 / (1 + np.exp(3.0)) + 0.25]
    expected = np.array(possible) / 0.75
    np.testing.assert_allclose(expected_sigmoid(opposed, weights)[:, 0], expected, rtol=1e-13)
    assert bool(jnp.isnan(expected_softplus(opposed, weights)).all())


def test_many_variables_need_no_enumeration():
    """A sum of 400 small steps is nearly normal: E[sig(X)] of N(0, 1) is 1/2 by symmetry."""
    values = np.full((2, 400, 1), 0.05) * np.array([1, -1])[:, None, None]
    weights = np.full((2, 400), 0.5)
    np.testing.assert_allclose(expected_sigmoid(values, weights)[0], 0.5, rtol=1e-12)
