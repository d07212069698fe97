"""Hebbian plasticity with homeostatic decay: the cost function differentiated over synapses.

    dW1/dt ~ <x o'> - <x 1'> W1^,    dV1/dt ~ <(1 - 2 risk) y x_previous'> - <(1 - 2 risk) y 1'> V1^

(I22; docs/theory.md eq. 6).  Two forms: `adapt` moves the running counts Hebb and Home, every step
(on-line) or at the end of a trial; `weight_velocity` is the gradient flow of the weights.
Both have the fixed point W^ = Hebb / Home.  Threshold factors follow firing only on request.
"""

import equinox as eqx
import jax
import jax.numpy as jnp
from jax import Array
from jaxtyping import Float

from hebbayes.core.checks import check_at_least, check_between, check_finite, check_shape
from hebbayes.core.counts import Counts, add_evidence, combine
from hebbayes.core.errors import ShapeError
from hebbayes.core.numerics import matmul
from hebbayes.core.scan import scan_time
from hebbayes.theory.network import Network
from hebbayes.theory.synapses import Synapses


class Firing(eqx.Module):
    """Presynaptic and postsynaptic activity and modulation of a run, time-first.

    Attributes:
        inputs: (time, n_inputs), sensory input.
        rates: (time, n_units), firing rates of the middle layer.
        previous_rates: (time, n_units), the delayed rates that recurrent and output synapses read.
        decisions: (time, n_outputs), one-hot: the output units that fired.
        risk: (time,), the modulator, which arrives later.
    """

    inputs: Float[Array, "time inputs"]
    rates: Float[Array, "time units"]
    previous_rates: Float[Array, "time units"]
    decisions: Float[Array, "time outputs"] | None = None
    risk: Float[Array, " time"] | None = None

    def __check_init__(self) -> None:
        """All arrays have the same steps."""
        time = jnp.shape(self.inputs)[:1]
        check_shape("inputs", self.inputs, ("time", None))
        check_shape("rates", self.rates, (*time, None))
        check_shape("previous_rates", self.previous_rates, jnp.shape(self.rates))
        if self.decisions is not None:
            check_shape("decisions", self.decisions, (*time, None))
        if self.risk is not None:
            check_shape("risk", self.risk, time)


def coincidences(
    post: Float[Array, "time post"],
    pre: Float[Array, "time pre"],
    modulation: Float[Array, " time"] | None = None,
) -> tuple[Float[Array, "2 post pre"], Float[Array, "2 post pre"]]:
    """Return (Hebb, Home) of a projection: sum of post pre' and of post 1', post on and off.

    Example:
        >>> hebb, home = coincidences(jnp.array([[1.0], [0.0]]), jnp.array([[1.0], [1.0]]))
        >>> hebb[:, 0, 0].tolist(), home[:, 0, 0].tolist()
        ([1.0, 1.0], [1.0, 1.0])
    """
    check_shape("post", post, ("time", None))
    check_shape("pre", pre, (post.shape[0], None))
    gain = jnp.ones(post.shape[0], post.dtype) if modulation is None else modulation
    modulated = jnp.stack([post, 1 - post]) * gain[:, None]
    hebb = matmul(modulated.swapaxes(-1, -2), pre)
    home = modulated.sum(-2)[..., None] * jnp.ones_like(pre[0])
    return hebb, home


def strengthen(
    synapses: Synapses, hebb: Array, home: Array, floor: float | None = None
) -> Synapses:
    """Return ``synapses`` with Hebb and Home moved; neither Hebb nor Home - Hebb below ``floor``.

    Example:
        >>> from hebbayes.core.counts import total, without_evidence
        >>> half = Synapses(without_evidence(jnp.full((2, 1, 1), 5.0)),
        ...                 without_evidence(jnp.full((2, 1, 1), 10.0)))
        >>> total(strengthen(half, -jnp.ones((2, 1, 1)), jnp.zeros((2, 1, 1))).hebb)[0].tolist()
        [[4.0]]
    """
    for name, trace in (("hebb", hebb), ("home", home)):
        check_shape(name, trace, synapses.hebb.prior.shape)
    fired = add_evidence(synapses.hebb, hebb, floor)
    silent = add_evidence(combine(synapses.home, synapses.hebb, -1), home - hebb, floor)
    return Synapses(fired, Counts(synapses.home.prior, fired.evidence + silent.evidence))


def adapt(
    network: Network,
    firing: Firing,
    *,
    chunk_length: int | None = None,
    output_floor: float = 1.0,
    is_state_factor_learnt: bool = False,
    is_decision_factor_learnt: bool = False,
) -> Network:
    """Return ``network`` after ``firing``: a whole trial, or one step of it (on-line form).

    The output layer adapts chunk by chunk in order, floored after every chunk.

    Example:
        >>> from hebbayes.core.counts import total
        >>> from hebbayes.theory.equivalence import network_of
        >>> from hebbayes.theory.generative_model import flat_model
        >>> firing = Firing(jnp.ones((5, 3)), jnp.ones((5, 2)), jnp.ones((5, 2)))
        >>> total(adapt(network_of(flat_model(3, 2)), firing).sensory.hebb)[0, 0].tolist()
        [6.0, 6.0, 6.0]
    """
    _check(network, firing)
    sensory = strengthen(network.sensory, *coincidences(firing.rates, firing.inputs))
    recurrent = network.recurrent
    if recurrent is not None:
        recurrent = strengthen(recurrent, *coincidences(firing.rates, firing.previous_rates))
    state_firing = network.state_firing
    if is_state_factor_learnt:
        state_firing = add_evidence(
            state_firing, jnp.stack([firing.rates.sum(0), (1 - firing.rates).sum(0)])
        )
    output, decision_firing = network.output, network.decision_firing
    if output is not None and decision_firing is not None and firing.decisions is not None:
        output = _modulated(output, firing, chunk_length, output_floor)
        if is_decision_factor_learnt:
            fired = firing.decisions
            decision_firing = add_evidence(
                decision_firing, jnp.stack([fired.sum(0), (1 - fired).sum(0)])
            )
    return Network(sensory, state_firing, recurrent, output, decision_firing)


def _check(network: Network, firing: Firing) -> None:
    widths = {"inputs": network.n_inputs, "rates": network.n_units, "decisions": network.n_outputs}
    for name, width in widths.items():
        values = getattr(firing, name)
        if values is not None and (name != "decisions" or network.output is not None):
            check_shape(name, values, (..., width))
            check_between(name, values, 0, 1)
    if firing.risk is not None:
        check_between("risk", firing.risk, 0, 1)


def _modulated(
    output: Synapses, firing: Firing, chunk_length: int | None, floor: float
) -> Synapses:
    if firing.decisions is None or firing.risk is None:
        raise ShapeError("plasticity of the output layer needs decisions and their risk.")
    if chunk_length is not None:
        check_at_least("chunk_length", chunk_length, 1)
    n_steps = firing.decisions.shape[0]
    length = chunk_length or n_steps
    rest = -n_steps % length

    def cut(values: Array) -> Array:
        padded = jnp.concatenate([values, jnp.zeros((rest, *values.shape[1:]), values.dtype)])
        return padded.reshape(-1, length, *values.shape[1:])

    def step(synapses: Synapses, chunk: tuple[Array, Array, Array]) -> tuple[Synapses, None]:
        return strengthen(synapses, *coincidences(*chunk), floor), None

    chunks = cut(firing.decisions), cut(firing.previous_rates), cut(1 - 2 * firing.risk)
    return scan_time(step, output, chunks)[0]


def weight_velocity(
    weights: Float[Array, "2 post pre"],
    hebb: Float[Array, "2 post pre"],
    home: Float[Array, "2 post pre"],
) -> Float[Array, "2 post pre"]:
    """Return Hebb - Home * sig(weights): the gradient flow of eq. 6, zero at W^ = Hebb / Home.

    Example:
        >>> ones = jnp.ones((2, 1, 1))
        >>> weight_velocity(0 * ones, hebb=ones, home=2 * ones)[0].tolist()
        [[0.0]]
    """
    for name, trace in (("hebb", hebb), ("home", home)):
        check_shape(name, trace, jnp.shape(weights))
        check_finite(name, trace)
    return hebb - home * jax.nn.sigmoid(weights)


def flow_weights(
    weights: Float[Array, "2 post pre"],
    hebb: Float[Array, "2 post pre"],
    home: Float[Array, "2 post pre"],
    *,
    rate: float,
    n_steps: int,
) -> Float[Array, "2 post pre"]:
    """Return the weights after ``n_steps`` Euler steps of size ``rate`` along their velocity.

    Stable for ``rate * home < 8``: the steepest slope of the velocity is home / 4.

    Example:
        >>> flowed = flow_weights(jnp.zeros((2, 1, 1)), jnp.full((2, 1, 1), 0.8),
        ...                       jnp.ones((2, 1, 1)), rate=1.0, n_steps=400)
        >>> round(float(jax.nn.sigmoid(flowed)[0, 0, 0]), 6)
        0.8
    """

    check_at_least("n_steps", n_steps, 0)

    def step(current: Array, _: None) -> tuple[Array, None]:
        return current + rate * weight_velocity(current, hebb, home), None

    return scan_time(step, weights, n_steps=n_steps)[0]
