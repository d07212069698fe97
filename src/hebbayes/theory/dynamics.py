"""The network as a differential equation, in potentials (log odds) v of its firing rates x.

    activity form:  tau dx/dt = -logit(x) + W o + K x(t - delay) + h
    membrane form:  tau dv/dt = -v + W o + K x(t - delay) + h,   x = sig(v)

(docs/theory.md eq. 4); the output layer alike, with V x(t - delay) + m.  Both forms have one fixed
point and descend the same cost; in potentials they differ only by their rate, 1 / (tau x (1 - x))
against 1 / tau.  Within one input step the drive is constant: delayed synapses read the rates at
the end of the step ``delay`` earlier.
"""

from collections.abc import Callable
from functools import partial
from typing import TypeAlias

import jax.numpy as jnp
from jax import Array
from jaxtyping import Float

from hebbayes.core.checks import check_at_least, check_between, check_shape, is_traced
from hebbayes.core.errors import ValueRangeError
from hebbayes.core.scan import scan_time
from hebbayes.theory.network import Wiring, drive, firing_rate, output_drive

Rate: TypeAlias = Callable[[Array], Array]
"""potential -> relaxation rate per second: `membrane_rate` or `activity_rate`."""

Integrator: TypeAlias = Callable[[Rate, Array, Array, float], Array]
"""(rate, potential, drive, step in seconds) -> potential one step later."""

_Carry: TypeAlias = tuple[Array, Array | None, Array]


def membrane_rate(time_constant_s: float) -> Rate:
    """Return the rate of the membrane form, 1 / tau for every potential.

    Example:
        >>> membrane_rate(0.02)(jnp.zeros(2)).tolist()
        [50.0, 50.0]
    """
    _check_positive("time_constant_s", time_constant_s)
    return lambda potential: jnp.full_like(potential, 1 / time_constant_s)


def activity_rate(time_constant_s: float) -> Rate:
    """Return the rate of the activity form, 1 / (tau x (1 - x)): stiff near saturation.

    Example:
        >>> activity_rate(0.02)(jnp.zeros(1)).tolist()
        [200.0]
    """
    _check_positive("time_constant_s", time_constant_s)
    return lambda potential: (2 + 2 * jnp.cosh(potential)) / time_constant_s


def _check_positive(name: str, value: float) -> None:
    if not is_traced(value) and not value > 0:
        raise ValueRangeError(f"{name} must be positive; got {value}.")


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
    check_shape("target", target, jnp.shape(potential))
    check_at_least("n_steps", n_steps, 1)
    _check_positive("duration_s", duration_s)
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
) -> tuple[Float[Array, "time units"], Float[Array, "time outputs"] | None]:
    """Return the potentials of both layers at the end of every input step, from rates of 1/2.

    Every input lasts ``duration_s`` and is integrated in ``n_steps`` steps; ``delay`` counts whole
    inputs, at least one.  For a duration of many time constants this is `run_network`.  The second
    entry is None for a network of one layer.

    Raises `ValueRangeError` for a delay or a number of steps below 1.

    Example:
        >>> from hebbayes.theory.synapses import Strengths
        >>> half = Strengths(jnp.zeros((2, 1, 3)), jnp.full((2, 1, 3), jnp.log(0.5)))
        >>> potentials, _ = integrate(Wiring(half, jnp.zeros((2, 1))), jnp.ones((5, 3)),
        ...                           membrane_rate(0.02), duration_s=0.1, n_steps=2)
        >>> potentials.shape
        (5, 1)
    """
    check_shape("inputs", inputs, ("time", wired.n_inputs))
    check_between("inputs", inputs, 0, 1)
    check_at_least("delay", delay, 1)
    check_at_least("n_steps", n_steps, 1)
    _check_positive("duration_s", duration_s)
    settle = partial(relax, rate, duration_s=duration_s, n_steps=n_steps, integrator=integrator)
    factor = wired.state_threshold_factor
    history = jnp.full((delay, wired.n_units), 0.5, factor.dtype)  # oldest first
    outputs = (
        None if wired.output is None else jnp.zeros(wired.output.weights.shape[1], factor.dtype)
    )

    def step(carry: _Carry, observation: Array) -> tuple[_Carry, tuple[Array, Array | None]]:
        v, u, past = carry
        v = settle(v, drive(wired, observation, past[0]))
        u = None if u is None else settle(u, output_drive(wired, past[0]))
        return (v, u, jnp.concatenate([past[1:], firing_rate(v)[None]])), (v, u)

    start = jnp.zeros(wired.n_units, factor.dtype), outputs, history
    return scan_time(step, start, jnp.asarray(inputs, factor.dtype))[1]
