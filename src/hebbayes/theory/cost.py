"""The network's own cost function, from neural variables only.

    L = sum_t (x; 1-x).(ln(x; 1-x) - (W1; W0) o - (K1; K0) x_previous - (h1; h0))
          + (y; 1-y).(ln(y; 1-y) - (1 - 2 risk)((V1; V0) x_previous + ln(1 - V^).1) - (psi1; psi0))

(I20, I22; docs/theory.md eq. 5): the activity equation integrated over activity, which enters
by its potential (log odds), by which L is differentiated: ln(1 - x) of a rounded x is wrong.
`free_energy` evaluates the Bayesian counterpart by separate code.
"""

import equinox as eqx
import jax.numpy as jnp
from jax import Array
from jaxtyping import Float

from hebbayes.core.arrays import OFF, ON, sizes
from hebbayes.core.checks import check_shape
from hebbayes.core.errors import ShapeError
from hebbayes.core.numerics import contract_or_zero, log_sigmoid, product_or_zero
from hebbayes.theory.network import Wiring, firing_rate, output_layer
from hebbayes.theory.synapses import Strengths, exclusion, uncertain


class Activity(eqx.Module):
    """Activity of a network, time-first, with what it depends on.

    Attributes:
        potentials: (time, n_units), log odds of firing in the middle layer.
        inputs: (time, n_inputs), sensory input.
        previous_rates: (time, n_units), delayed rates that recurrent and output synapses read.
        output_potentials: (time, n_outputs), log odds of firing in the output layer.
        risk: (time,), the neuromodulator.
    """

    potentials: Float[Array, "*time units"]
    inputs: Float[Array, "*time inputs"]
    previous_rates: Float[Array, "*time units"]
    output_potentials: Float[Array, "*time outputs"] | None = None
    risk: Float[Array, " *time"] | None = None

    def __check_init__(self) -> None:
        """All arrays have the same steps."""
        time = jnp.shape(self.potentials)[:-1]
        check_shape("inputs", self.inputs, (*time, None))
        check_shape("previous_rates", self.previous_rates, jnp.shape(self.potentials))
        if self.output_potentials is not None:
            check_shape("output_potentials", self.output_potentials, (*time, None))
        if self.risk is not None:
            check_shape("risk", self.risk, time)

    @property
    def rates(self) -> Float[Array, "*time units"]:
        """Firing rates of the middle layer."""
        return firing_rate(self.potentials)

    @property
    def output_rates(self) -> Float[Array, "*time outputs"] | None:
        """Firing rates of the output layer; None in a one-layer network."""
        return None if self.output_potentials is None else firing_rate(self.output_potentials)

    def __repr__(self) -> str:
        """Return the sizes."""
        return sizes("Activity", rates=self.potentials, output_rates=self.output_potentials)


def cost(wired: Wiring, activity: Activity) -> Float[Array, " *time"]:
    """Return the summands of L in nats: middle layer plus output layer.

    Example:
        >>> from hebbayes.theory.synapses import Strengths
        >>> silent = Strengths(jnp.zeros((2, 1, 3)), jnp.full((2, 1, 3), jnp.log(0.5)))
        >>> wired = Wiring(silent, jnp.log(jnp.full((2, 1), 0.5)))
        >>> half = Activity(jnp.zeros(1), jnp.ones(3), jnp.full(1, 0.5))
        >>> round(float(cost(wired, half) / jnp.log(2)), 3)
        3.0
    """
    total = middle_layer_cost(wired, activity)
    if wired.output is not None and activity.output_potentials is not None:
        total = total + output_layer_cost(wired, activity)
    return total


def middle_layer_cost(wired: Wiring, activity: Activity) -> Float[Array, " *time"]:
    """Return the summands of L that hold the middle layer's activity x.

    Example:
        >>> from hebbayes.core.counts import log_ratio
        >>> from hebbayes.theory.equivalence import network_of
        >>> from hebbayes.theory.generative_model import flat_model
        >>> from hebbayes.theory.network import wiring
        >>> wired = wiring(network_of(flat_model(3, 2, 4)), log_ratio)
        >>> half = Activity(jnp.zeros(2), jnp.ones(3), jnp.full(2, 0.5), jnp.zeros(4))
        >>> round(float(middle_layer_cost(wired, half) / jnp.log(2)), 3)  # 2 units, 5 synapses each
        10.0
    """
    v, o, x_previous = activity.potentials, activity.inputs, activity.previous_rates
    check_shape("potentials", v, (..., wired.n_units))
    check_shape("inputs", o, (..., wired.n_inputs))
    energy = jnp.zeros(v.shape[:-1], v.dtype)
    for u, sign in ((ON, 1), (OFF, -1)):
        ln_x = log_sigmoid(sign * v)
        x = jnp.exp(ln_x)  # its derivative x (1 - x) keeps its digits, that of a sigmoid does not
        drive = _input(wired.sensory, o, u) + wired.state_threshold_factor[u]
        if wired.recurrent is not None:
            drive = drive + _input(wired.recurrent, x_previous, u)
        energy = energy + product_or_zero(x, ln_x - drive).sum(-1)  # docs/theory.md eq. 5
    return energy


def _input(synapses: Strengths, rates: Array, u: int) -> Array:
    """Return (W o + ln(1 - W^).1) for a unit that is on (``u`` = ON) or off."""
    open_ = uncertain(synapses)
    drive = contract_or_zero("ji,...i->...j", open_.weights[u], rates)
    return drive + open_.log_complement[u].sum(-1) + exclusion(synapses, rates)[..., u, :]


def output_layer_cost(wired: Wiring, activity: Activity) -> Float[Array, " *time"]:
    """Return the summands of L that hold the output layer's activity y.

    Raises `ShapeError` for a network or an activity without an output layer.

    Example:
        >>> from hebbayes.core.counts import log_ratio
        >>> from hebbayes.theory.equivalence import network_of
        >>> from hebbayes.theory.generative_model import flat_model
        >>> from hebbayes.theory.network import wiring
        >>> wired = wiring(network_of(flat_model(3, 2, 4)), log_ratio)
        >>> half = Activity(jnp.zeros(2), jnp.ones(3), jnp.full(2, 0.5), jnp.zeros(4))
        >>> round(float(output_layer_cost(wired, half) / jnp.log(2)), 3)  # 4 units, 2 synapses each
        8.0
    """
    if activity.output_potentials is None:
        raise ShapeError("this activity has no output layer; give output_potentials.")
    v = activity.output_potentials
    check_shape("output_potentials", v, (..., output_layer(wired)[1].shape[-1]))
    check_shape("previous_rates", activity.previous_rates, (..., wired.n_units))
    energy = jnp.zeros(v.shape[:-1], v.dtype)
    for u, sign in ((ON, 1), (OFF, -1)):
        ln_y = log_sigmoid(sign * v)
        y = jnp.exp(ln_y)
        energy = energy + product_or_zero(y, ln_y - output_energy(wired, activity, u)).sum(-1)
    return energy


def output_energy(wired: Wiring, activity: Activity, u: int) -> Float[Array, "*time outputs"]:
    """Return what an output unit that is on (``u`` = ON) or off gains, before its entropy.

    The modulator scales the synapses and their normaliser, never the threshold factor.
    Raises `ShapeError` for a network without an output layer.

    Example:
        >>> from hebbayes.core.counts import log_ratio
        >>> from hebbayes.theory.equivalence import network_of
        >>> from hebbayes.theory.generative_model import flat_model
        >>> from hebbayes.theory.network import wiring
        >>> wired = wiring(network_of(flat_model(3, 2, 4)), log_ratio)
        >>> half = Activity(jnp.zeros(2), jnp.ones(3), jnp.full(2, 0.5), jnp.zeros(4))
        >>> (output_energy(wired, half, ON) / jnp.log(2)).round(3).tolist()
        [-3.0, -3.0, -3.0, -3.0]
    """
    synapses, psi = output_layer(wired)
    drive = _input(synapses, activity.previous_rates, u)
    risk = jnp.zeros(drive.shape[:-1], drive.dtype) if activity.risk is None else activity.risk
    return product_or_zero((1 - 2 * risk)[..., None] * jnp.ones_like(drive), drive) + psi[u]
