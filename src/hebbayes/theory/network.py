"""The neural side: a canonical network of firing-rate units in one or two layers.

    dx/dt ~ -logit(x) + W o + K x(t - delay) + h,    dy/dt ~ -logit(y) + V x(t - delay) + m

(I22, "Canonical neural networks"; docs/theory.md eq. 4), here by its fixed point.  A synapse is a
ratio of two running counts, Hebb (pre and post fired) over Home (post fired); its weight is the
log odds of that ratio.  Thresholds follow the synapses: normaliser plus threshold factor.
`dynamics` integrates the differential equation; `plasticity` changes the counts.
"""

import equinox as eqx
import jax
import jax.numpy as jnp
from jax import Array
from jaxtyping import Float

from hebbayes.core.arrays import OFF, ON
from hebbayes.core.checks import check_at_least, check_between, check_defined, check_shape
from hebbayes.core.counts import Counts, Ratio, log_ratio, over_values
from hebbayes.core.errors import ShapeError
from hebbayes.core.numerics import contract_or_zero
from hebbayes.core.scan import delayed, scan_time
from hebbayes.theory.synapses import Strengths, Synapses, exclusion, strengths, uncertain


class Network(eqx.Module):
    """A canonical network: three projections and the firing counts behind its threshold factors.

    Attributes:
        sensory: W, (2, n_units, n_inputs).
        state_firing: (2, n_units), how often a unit was on, off; phi is its log fraction.
        recurrent: K, (2, n_units, n_units), with one step of delay.
        output: V, (2, n_outputs, n_units).
        decision_firing: (2, n_outputs), as ``state_firing``; psi is its log fraction.
    """

    sensory: Synapses
    state_firing: Counts
    recurrent: Synapses | None = None
    output: Synapses | None = None
    decision_firing: Counts | None = None

    def __check_init__(self) -> None:
        """The projections fit together."""
        if (self.output is None) != (self.decision_firing is None):
            raise ShapeError("output and decision_firing come together: give both or neither.")
        n_units = self.sensory.n_post
        if jnp.shape(self.state_firing.prior) != (2, n_units):
            got = jnp.shape(self.state_firing.prior)
            raise ShapeError(f"state_firing has shape {got}; this network expects (2, {n_units}).")
        for name, synapses in (("recurrent", self.recurrent), ("output", self.output)):
            if synapses is not None and synapses.n_pre != n_units:
                raise ShapeError(f"{name} reads {synapses.n_pre} units; there are {n_units}.")

    @property
    def n_inputs(self) -> int:
        """Number of sensory inputs."""
        return self.sensory.n_pre

    @property
    def n_units(self) -> int:
        """Number of units in the middle layer."""
        return self.sensory.n_post

    @property
    def n_outputs(self) -> int:
        """Number of output units; 0 in a one-layer network."""
        return 0 if self.output is None else self.output.n_post

    def __repr__(self) -> str:
        """Return the sizes."""
        memory = "feedforward" if self.recurrent is None else "recurrent"
        sizes = f"inputs={self.n_inputs}, units={self.n_units}, outputs={self.n_outputs}"
        return f"Network({sizes}, {memory})"


class Wiring(eqx.Module):
    """A network's strengths and threshold factors: everything its activity depends on.

    Attributes:
        sensory: W, (2, n_units, n_inputs).
        state_threshold_factor: phi1, phi0, (2, n_units).
        recurrent: K, (2, n_units, n_units); None without memory.
        output: V, (2, n_outputs, n_units); None for one layer.
        decision_threshold_factor: psi1, psi0, (2, n_outputs); None for one layer.
    """

    sensory: Strengths
    state_threshold_factor: Float[Array, "2 units"]
    recurrent: Strengths | None = None
    output: Strengths | None = None
    decision_threshold_factor: Float[Array, "2 outputs"] | None = None

    @property
    def n_inputs(self) -> int:
        """Number of sensory inputs."""
        return int(self.sensory.weights.shape[-1])

    @property
    def n_units(self) -> int:
        """Number of units in the middle layer."""
        return int(self.sensory.weights.shape[-2])


def threshold_factor(firing: Counts, ratio: Ratio = log_ratio) -> Float[Array, "2 units"]:
    """Return phi1, phi0 (or psi1, psi0): log fraction of the time that a unit was on, off.

    ``ratio`` is `log_ratio` for a factor that is fixed, a point estimate.

    Example:
        >>> from hebbayes.core.counts import without_evidence
        >>> jnp.exp(threshold_factor(without_evidence(jnp.array([[1.0], [3.0]])))).tolist()
        [[0.25], [0.75]]
    """
    return ratio(firing, over_values(firing))


def wiring(
    network: Network,
    ratio: Ratio,
    *,
    is_state_factor_learnt: bool = False,
    is_decision_factor_learnt: bool = False,
) -> Wiring:
    """Return what the activity equation needs from a network.

    ``ratio`` also reads the threshold factors that are learnt; fixed ones are point estimates.

    Example:
        >>> from hebbayes.core.counts import without_evidence
        >>> half = Synapses(without_evidence(jnp.full((2, 1, 3), 5.0)),
        ...                 without_evidence(jnp.full((2, 1, 3), 10.0)))
        >>> network = Network(half, without_evidence(jnp.ones((2, 1))))
        >>> wiring(network, log_ratio).sensory.weights.shape
        (2, 1, 3)
    """
    decision = network.decision_firing
    state_ratio = ratio if is_state_factor_learnt else log_ratio
    decision_ratio = ratio if is_decision_factor_learnt else log_ratio
    return Wiring(
        sensory=strengths(network.sensory, ratio),
        state_threshold_factor=threshold_factor(network.state_firing, state_ratio),
        recurrent=None if network.recurrent is None else strengths(network.recurrent, ratio),
        output=None if network.output is None else strengths(network.output, ratio),
        decision_threshold_factor=(
            None if decision is None else threshold_factor(decision, decision_ratio)
        ),
    )


def thresholds(wired: Wiring) -> Float[Array, "2 units"]:
    """Return h1, h0 of the middle layer: normalisers of W and K plus the factor (eq. 4).

    Example:
        >>> from hebbayes.theory.equivalence import network_of
        >>> from hebbayes.theory.generative_model import flat_model
        >>> wired = wiring(network_of(flat_model(3, 2, 4)), log_ratio)
        >>> (thresholds(wired)[0] / jnp.log(2)).round(3).tolist()
        [-6.0, -6.0]
    """
    return _thresholds(wired.sensory, wired.state_threshold_factor, wired.recurrent)


def _thresholds(sensory: Strengths, factor: Array, recurrent: Strengths | None = None) -> Array:
    h = sensory.log_complement.sum(-1) + factor
    return h if recurrent is None else h + recurrent.log_complement.sum(-1)


def output_thresholds(wired: Wiring) -> Float[Array, "2 outputs"]:
    """Return m1, m0 of the output layer: normaliser of V plus the factor (eq. 4).

    Raises `ShapeError` for a network without an output layer.

    Example:
        >>> from hebbayes.theory.equivalence import network_of
        >>> from hebbayes.theory.generative_model import flat_model
        >>> wired = wiring(network_of(flat_model(3, 2, 4)), log_ratio)
        >>> (output_thresholds(wired)[0] / jnp.log(2)).round(3).tolist()
        [-3.0, -3.0, -3.0, -3.0]
    """
    return _thresholds(*output_layer(wired))


def output_layer(wired: Wiring) -> tuple[Strengths, Float[Array, "2 outputs"]]:
    """Return the synapses V and the threshold factor psi of the output layer.

    Raises `ShapeError` for a network without an output layer.

    Example:
        >>> from hebbayes.theory.equivalence import network_of
        >>> from hebbayes.theory.generative_model import flat_model
        >>> synapses, factor = output_layer(wiring(network_of(flat_model(3, 2, 4)), log_ratio))
        >>> synapses.weights.shape, factor.shape
        ((2, 4, 2), (2, 4))
    """
    if wired.output is None or wired.decision_threshold_factor is None:
        raise ShapeError("this network has one layer; an output layer is needed.")
    return wired.output, wired.decision_threshold_factor


def drive(
    wired: Wiring,
    observation: Float[Array, "*time inputs"],
    previous_activity: Float[Array, "*time units"],
) -> Float[Array, "*time units"]:
    """Return W o + K x_previous + h, the membrane potential that the middle layer approaches.

    ``sigmoid`` of it is the firing rate x.  Differences of excitation and inhibition are taken
    before the sum, so that the result stays accurate when both are large.

    Example:
        >>> from hebbayes.theory.equivalence import network_of
        >>> from hebbayes.theory.generative_model import flat_model
        >>> wired = wiring(network_of(flat_model(3, 2, 4)), log_ratio)
        >>> drive(wired, jnp.ones(3), jnp.full(2, 0.5)).round(6).tolist()
        [0.0, 0.0]
    """
    check_shape("observation", observation, (..., wired.n_inputs))
    check_between("observation", observation, 0, 1)
    sensory, recurrent = uncertain(wired.sensory), None
    if wired.recurrent is not None:
        check_shape("previous_activity", previous_activity, (..., wired.n_units))
        check_between("previous_activity", previous_activity, 0, 1)
        recurrent = uncertain(wired.recurrent)
    h = _thresholds(sensory, wired.state_threshold_factor, recurrent)
    v = _difference(sensory.weights, observation) + (h[ON] - h[OFF])
    v = v + _excluded(wired.sensory, observation)
    if wired.recurrent is not None and recurrent is not None:
        v = v + _difference(recurrent.weights, previous_activity)
        v = v + _excluded(wired.recurrent, previous_activity)
    return v  # I22 eq. 1; docs/theory.md eq. 4


def _difference(weights: Array, rates: Array) -> Array:
    return contract_or_zero("ji,...i->...j", weights[ON] - weights[OFF], rates)


def _excluded(synapses: Strengths, rates: Array) -> Array:
    excluded = exclusion(synapses, rates)
    return excluded[..., ON, :] - excluded[..., OFF, :]


def output_drive(
    wired: Wiring, previous_activity: Float[Array, "*time units"]
) -> Float[Array, "*time outputs"]:
    """Return V x_previous + m, the potential of the output layer; ``sigmoid`` of it is y.

    Raises `ShapeError` for a network without an output layer.

    Example:
        >>> from hebbayes.theory.equivalence import network_of
        >>> from hebbayes.theory.generative_model import flat_model
        >>> wired = wiring(network_of(flat_model(3, 2, 4)), log_ratio)
        >>> output_drive(wired, jnp.full(2, 0.5)).round(6).tolist()
        [0.0, 0.0, 0.0, 0.0]
    """
    synapses, factor = output_layer(wired)
    check_shape("previous_activity", previous_activity, (..., wired.n_units))
    check_between("previous_activity", previous_activity, 0, 1)
    m = _thresholds(uncertain(synapses), factor)
    v = _difference(uncertain(synapses).weights, previous_activity) + (m[ON] - m[OFF])
    return v + _excluded(synapses, previous_activity)


def firing_rate(potential: Array) -> Array:
    """Return sig(potential), the firing rate in [0, 1].

    Example:
        >>> firing_rate(jnp.array([0.0, jnp.inf])).tolist()
        [0.5, 1.0]
    """
    return jax.nn.sigmoid(potential)


def run_network(
    wired: Wiring,
    inputs: Float[Array, "time inputs"],
    start: Float[Array, " units"] | None = None,
    *,
    delay: int = 1,
) -> tuple[Float[Array, "time units"], Float[Array, "time outputs"] | None]:
    """Return the potentials of both layers at every step, settled to their fixed points.

    ``start`` holds the firing rates before the first step, 1/2 by default.  Recurrent and output
    synapses read the rates of ``delay`` steps before.  The second entry is None for one layer.

    Example:
        >>> half = Strengths(jnp.zeros((2, 1, 3)), jnp.full((2, 1, 3), jnp.log(0.5)))
        >>> potentials, _ = run_network(Wiring(half, jnp.zeros((2, 1))), jnp.ones((5, 3)))
        >>> potentials.shape
        (5, 1)
    """
    dtype = wired.state_threshold_factor.dtype
    check_shape("inputs", inputs, ("time", wired.n_inputs))
    check_between("inputs", inputs, 0, 1)
    check_at_least("delay", delay, 1)
    if start is None:
        start = jnp.full(wired.n_units, 0.5, dtype)
    check_shape("start", start, (wired.n_units,))

    def step(history: Array, observation: Array) -> tuple[Array, Array]:
        v = drive(wired, observation, history[0])  # oldest first
        return jnp.concatenate([history[1:], firing_rate(v)[None]]), v

    history = jnp.broadcast_to(start, (delay, wired.n_units))
    _, potentials = scan_time(step, history, jnp.asarray(inputs, dtype))
    check_defined("potential", potentials, "inputs and priors exclude both values of a unit there")
    if wired.output is None:
        return potentials, None
    return potentials, output_drive(wired, delayed(firing_rate(potentials), start, delay))
