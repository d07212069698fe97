"""The differential equation: its fixed point, its decay, its order, and the cost it descends."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from hebbayes.core.counts import log_ratio
from hebbayes.core.errors import ValueRangeError
from hebbayes.theory.cost import Activity, middle_layer_cost
from hebbayes.theory.dynamics import (
    activity_rate,
    euler,
    exponential_midpoint,
    integrate,
    membrane_rate,
    relax,
    runge_kutta,
)
from hebbayes.theory.equivalence import network_of
from hebbayes.theory.network import drive, firing_rate, output_drive, run_network, wiring

from .networks import random_events, two_layer_model

START, TARGET = jnp.array([-1.0, 0.5]), jnp.array([1.2, -0.7])


@pytest.mark.parametrize("tau", [0.01, 0.3])
def test_a_membrane_decays_exponentially(tau):
    for duration in (0.5 * tau, 3 * tau):
        v = relax(
            membrane_rate(tau),
            START,
            TARGET,
            duration_s=duration,
            n_steps=200,
            integrator=runge_kutta,
        )
        expected = TARGET + (START - TARGET) * np.exp(-duration / tau)
        np.testing.assert_allclose(v, expected, rtol=1e-9)


@pytest.mark.parametrize(
    ("integrator", "rate", "order"),
    [
        (euler, membrane_rate(1.0), 1),
        (runge_kutta, membrane_rate(1.0), 4),
        (euler, activity_rate(8.0), 1),
        (runge_kutta, activity_rate(8.0), 4),
        (exponential_midpoint, activity_rate(8.0), 2),
    ],
)
def test_the_error_falls_with_the_stated_order(integrator, rate, order):
    def solve(n_steps, method=integrator):
        return relax(rate, START, TARGET, duration_s=1.0, n_steps=n_steps, integrator=method)

    exact = solve(4096, runge_kutta)
    errors = [float(jnp.abs(solve(n) - exact).max()) for n in (16, 32, 64)]
    slopes = np.log2(np.array(errors[:-1]) / np.array(errors[1:]))
    np.testing.assert_allclose(slopes, order, atol=0.2)


def test_the_exponential_step_is_exact_for_a_membrane():
    v = relax(membrane_rate(0.5), START, TARGET, duration_s=1.0, n_steps=1)
    np.testing.assert_allclose(v, TARGET + (START - TARGET) * np.exp(-2.0), rtol=1e-14)


def test_the_rate_of_the_activity_form_is_one_over_tau_x_times_1_minus_x():
    x = np.array([0.02, 0.3, 0.5, 0.99])
    rate = activity_rate(0.02)(jnp.log(x) - jnp.log1p(-x))
    np.testing.assert_allclose(rate, 1 / (0.02 * x * (1 - x)), rtol=1e-12)


@pytest.mark.thorough
@pytest.mark.parametrize("rate", [membrane_rate(0.02), activity_rate(0.02)])
@pytest.mark.parametrize("delay", [1, 3])
def test_long_steps_settle_at_the_fixed_points_of_both_layers(rate, delay):
    model = two_layer_model()
    wired, events = wiring(network_of(model), log_ratio), random_events(model)
    settled = run_network(wired, events.observations, delay=delay)
    integrated = integrate(wired, events.observations, rate, duration_s=2.0, n_steps=4, delay=delay)
    for one, other in zip(integrated, settled):
        np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-9)


def test_a_delay_reads_the_rates_of_that_many_steps_before():
    model = two_layer_model()
    wired, events = wiring(network_of(model), log_ratio), random_events(model)
    v, u = integrate(
        wired, events.observations, membrane_rate(0.01), duration_s=2.0, n_steps=1, delay=3
    )
    rates = jnp.concatenate([jnp.full((3, model.n_states), 0.5), firing_rate(v)])
    for t in range(v.shape[0]):
        expected = drive(wired, events.observations[t], rates[t])
        np.testing.assert_allclose(v[t], expected, rtol=1e-9, atol=1e-9)
        np.testing.assert_allclose(u[t], output_drive(wired, rates[t]), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("rate", [membrane_rate(0.1), activity_rate(0.1)])
@pytest.mark.parametrize(
    "seed", [0, *(pytest.param(k, marks=pytest.mark.thorough) for k in (1, 2))]
)
def test_both_forms_descend_the_cost(rate, seed):
    model = two_layer_model(seed)
    wired, events = wiring(network_of(model), log_ratio), random_events(model)
    observation, previous = events.observations[0], jnp.full(model.n_states, 0.3)
    target = drive(wired, observation, previous)
    potentials = [jax.random.normal(jax.random.key(seed), (model.n_states,)) * 3]
    for _ in range(25):
        potentials.append(relax(rate, potentials[-1], target, duration_s=0.01, n_steps=1))
    costs = [middle_layer_cost(wired, Activity(v, observation, previous)) for v in potentials]
    assert bool((jnp.diff(jnp.stack(costs)) <= 1e-12).all())
    assert float(costs[-1]) < float(costs[0])


def test_a_delay_below_one_step_is_refused():
    model = two_layer_model()
    wired = wiring(network_of(model), log_ratio)
    with pytest.raises(ValueRangeError, match="delay must be at least 1; got 0"):
        integrate(wired, jnp.ones((2, 5)), membrane_rate(1.0), duration_s=1.0, n_steps=3, delay=0)
