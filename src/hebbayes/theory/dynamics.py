"""The network as a differential equation, in potentials (log odds) v of its firing rates x.

    activity form:  tau dx/dt = -logit(x) + W o + K x(t - delay) + h
    membrane form:  tau dv/dt = -v + W o + K x(t - delay) + h,   x = sig(v)

(docs/theory.md eq. 4).  Both have one fixed point and descend the same cost; in potentials they
differ only by their rate, 1 / (tau x (1 - x)) against 1 / tau.  Within one input step the drive is
constant: delayed synapses read the rates as they stood at the end of the step ``delay`` earlier.
"""

from collections.abc import Callable
from typing import TypeAlias

import jax.numpy as jnp
from jax import Array
from jaxtyping import Float

from hebbayes.core.errors import ValueRangeError
from hebbayes.core.scan import scan_time
from hebbayes.theory.network import Wiring, drive, firing_rate

Rate: TypeAlias = Callable[[Array], Array]
"""potential -> relaxation rate per second: `membrane_rate` or `activity_rate`."""

Integrator: TypeAlias = Callable[[Rate, Array, Array, float], Array]
"""(rate, potential, drive, step in seconds) -> potential one step later."""


def membrane_rate(time_constant_s: float) -> Rate:
    """Return the rate of the membrane form, 1 / tau for every potential.

    Example:
        >>> membrane_rate(0.02)(jnp.zeros(2)).tolist()
        [50.0, 50.0]
    """
    return lambda potential: jnp.full_like(potential, 1 / time_constant_s)


def activity_rate(time_constant_s: float) -> Rate:
    """Return the rate of the activity form, 1 / (tau x (1 - x)): stiff near saturation.

    Example:
        >>> activity_rate(0.02)(jnp.zeros(1)).tolist()
        [200.0]
    """
    return lambda potential: (2 + 2 * jnp.cosh(potential)) / time_constant_s


def euler(rate: Rate, potential: Array, target: Array, step_s: float) -> Array:
    """Return the potential after one explicit Euler step (order 1; stable for rate * step < 2).

    Example:
        >>> v = euler(membrane_rate(1.0), jnp.zeros(1), jnp.ones(1), 1.0)
        >>> round(float(v[0]), 4)
        1.0
    """
    return potential + step_s * rate(potential) * (target - potential)


def runge_kutta(rate: Rate, potential: Array, target: Array, step_s: float) -> Array:
    """Return the potential after one classical Runge-Kutta step (order 4; rate * step < 2.7).

    Example:
        >>> v = runge_kutta(membrane_rate(1.0), jnp.zeros(1), jnp.ones(1), 1.0)
        >>> round(float(v[0]), 4)
        0.625
    """

    def velocity(v: Array) -> Array:
        return rate(v) * (target - v)

    k1 = velocity(potential)
    k2 = velocity(potential + step_s / 2 * k1)
    k3 = velocity(potential + step_s / 2 * k2)
    k4 = velocity(potential + step_s * k3)
    return potential + step_s / 6 * (k1 + 2 * k2 + 2 * k3 + k4)


def exponential_midpoint(rate: Rate, potential: Array, target: Array, step_s: float) -> Array:
    """Return the potential after one exponential step with the rate of its midpoint.

    Order 2 in the activity form, exact in the membrane form, stable for any step: the choice near
    saturation.

    Example:
        >>> v = exponential_midpoint(membrane_rate(1.0), jnp.zeros(1), jnp.ones(1), 1.0)
        >>> round(float(v[0]), 4)
        0.6321
    """
    gap = potential - target
    middle = target + gap * jnp.exp(-rate(potential) * step_s / 2)
    return target + gap * jnp.exp(-rate(middle) * step_s)


def relax(
    rate: Rate,
    potential: Float[Array, " units"],
    target: Float[Array, " units"],
    *,
    duration_s: float,
    n_steps: int,
    integrator: Integrator = exponential_midpoint,
) -> Float[Array, " units"]:
    """Return the potential after ``duration_s`` seconds under a constant drive ``target``.

    Example:
        >>> v = relax(membrane_rate(1.0), jnp.zeros(1), jnp.ones(1), duration_s=1.0, n_steps=1)
        >>> round(float(v[0]), 4)
        0.6321
    """
    step_s = duration_s / n_steps

    def step(v: Array, _: None) -> tuple[Array, None]:
        return integrator(rate, v, target, step_s), None

    return scan_time(step, potential, n_steps=n_steps)[0]


def integrate(
    wired: Wiring,
    inputs: Float[Array, "time inputs"],
    rate: Rate,
    *,
    duration_s: float,
    n_steps: int,
    delay: int = 1,
    integrator: Integrator = exponential_midpoint,
) -> Float[Array, "time units"]:
    """Return the middle layer's potential at the end of every input step, from rates of 1/2.

    Every input lasts ``duration_s`` and is integrated in ``n_steps`` steps; ``delay`` counts whole
    inputs, at least one.  For a duration of many time constants this is `run_network`.

    Raises `ValueRangeError` for a delay or a number of steps below 1.

    Example:
        >>> from hebbayes.theory.network import Strengths
        >>> half = Strengths(jnp.zeros((2, 1, 3)), jnp.full((2, 1, 3), jnp.log(0.5)))
        >>> integrate(Wiring(half, jnp.zeros((2, 1))), jnp.ones((5, 3)), membrane_rate(0.02),
        ...           duration_s=0.1, n_steps=2).shape
        (5, 1)
    """
    if delay < 1 or n_steps < 1:
        raise ValueRangeError(f"delay and n_steps must be at least 1; got {delay} and {n_steps}.")
    factor = wired.state_threshold_factor
    potential = jnp.zeros(factor.shape[-1], factor.dtype)
    history = jnp.full((delay, factor.shape[-1]), 0.5, factor.dtype)  # oldest first

    def step(carry: tuple[Array, Array], observation: Array) -> tuple[tuple[Array, Array], Array]:
        v, past = carry
        target = drive(wired, observation, past[0])
        v = relax(rate, v, target, duration_s=duration_s, n_steps=n_steps, integrator=integrator)
        return (v, jnp.concatenate([past[1:], firing_rate(v)[None]])), v

    return scan_time(step, (potential, history), jnp.asarray(inputs, factor.dtype))[1]
