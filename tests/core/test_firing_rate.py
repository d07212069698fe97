"""The firing rate in NumPy against its definition and against the network in JAX."""

import jax.numpy as jnp
import numpy as np
import pytest

from hebbayes.core.firing_rate import firing_rate
from hebbayes.theory import network


def test_it_is_the_logistic_function_of_the_drive() -> None:
    rng = np.random.default_rng(0)
    o, W, h = rng.integers(0, 2, (5, 3)).astype(float), rng.normal(size=(3, 2)), rng.normal(size=2)
    expected = [[1 / (1 + np.exp(-(row @ W[:, k] + h[k]))) for k in range(2)] for row in o]
    np.testing.assert_allclose(firing_rate(o, W, h), expected, rtol=1e-14)


@pytest.mark.parametrize("potential", [-800.0, -3.0, 0.0, 3.0, 800.0, np.inf, -np.inf])
def test_it_equals_that_of_the_theory_at_every_potential(potential: float) -> None:
    x = firing_rate(np.zeros((1, 1)), np.zeros((1, 1)), potential)
    np.testing.assert_allclose(x, network.firing_rate(jnp.array([[potential]])), rtol=1e-14)


def test_one_trial_needs_no_axis_of_its_own() -> None:
    o, W = np.array([1.0, 0.0]), np.array([[2.0, -1.0], [5.0, 5.0]])
    np.testing.assert_array_equal(firing_rate(o, W, 0.5), firing_rate(o[None], W, 0.5)[0])
