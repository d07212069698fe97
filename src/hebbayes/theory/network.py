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
from hebbayes.core.counts import Counts, Ratio, combine, log_ratio
from hebbayes.core.errors import ShapeError
from hebbayes.core.numerics import contract_or_zero
from hebbayes.core.scan import scan_time


class Synapses(eqx.Module):
    """Running counts of one projection, (2, n_post, n_pre): excitatory (ON), inhibitory (OFF).

    Attributes:
        hebb: Postsynaptic unit on (off) while the presynaptic one fired.
        home: Postsynaptic unit on (off): the homeostatic trace.
    """

    hebb: Counts
    home: Counts

    def __check_init__(self) -> None:
        """Both traces have one shape (2, n_post, n_pre)."""
        hebb, home = jnp.shape(self.hebb.prior), jnp.shape(self.home.prior)
        if hebb != home or len(hebb) != 3 or hebb[0] != 2:
            raise ShapeError(f"hebb {hebb} and home {home} must both be (2, n_post, n_pre).")

    @property
    def n_post(self) -> int:
        """Number of units that receive."""
        return int(self.hebb.prior.shape[1])

    @property
    def n_pre(self) -> int:
        """Number of inputs."""
        return int(self.hebb.prior.shape[2])


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


class Strengths(eqx.Module):
    """One projection as the activity equation uses it, each (2, n_post, n_pre).

    Attributes:
        weights: W1, W0: log odds of Hebb/Home.
        log_complement: ln(1 - W1^), ln(1 - W0^): what a synapse adds to its unit's threshold.
    """

    weights: Float[Array, "2 post pre"]
    log_complement: Float[Array, "2 post pre"]


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


def strengths(synapses: Synapses, ratio: Ratio) -> Strengths:
    """Return weights and their threshold contributions from the running counts.

    ``ratio`` is `log_ratio`, or `digamma_ratio` for the exact variational posterior.

    Example:
        >>> from hebbayes.core.counts import without_evidence
        >>> half = Synapses(without_evidence(jnp.full((2, 1, 3), 5.0)),
        ...                 without_evidence(jnp.full((2, 1, 3), 10.0)))
        >>> strengths(half, log_ratio).weights[0].tolist()
        [[0.0, 0.0, 0.0]]
    """
    silent = combine(synapses.home, synapses.hebb, -1)
    return Strengths(ratio(synapses.hebb, silent), ratio(silent, synapses.home))


def threshold_factor(firing: Counts) -> Float[Array, "2 units"]:
    """Return phi1, phi0 (or psi1, psi0): log fraction of the time that a unit was on, off.

    Example:
        >>> from hebbayes.core.counts import without_evidence
        >>> jnp.exp(threshold_factor(without_evidence(jnp.array([[1.0], [3.0]])))).tolist()
        [[0.25], [0.75]]
    """
    on_and_off = Counts(firing.prior.sum(0), firing.evidence.sum(0))
    return log_ratio(firing, on_and_off)


def wiring(network: Network, ratio: Ratio) -> Wiring:
    """Return what the activity equation needs from a network.

    Example:
        >>> from hebbayes.core.counts import without_evidence
        >>> half = Synapses(without_evidence(jnp.full((2, 1, 3), 5.0)),
        ...                 without_evidence(jnp.full((2, 1, 3), 10.0)))
        >>> network = Network(half, without_evidence(jnp.ones((2, 1))))
        >>> wiring(network, log_ratio).sensory.weights.shape
        (2, 1, 3)
    """
    decision = network.decision_firing
    return Wiring(
        sensory=strengths(network.sensory, ratio),
        state_threshold_factor=threshold_factor(network.state_firing),
        recurrent=None if network.recurrent is None else strengths(network.recurrent, ratio),
        output=None if network.output is None else strengths(network.output, ratio),
        decision_threshold_factor=None if decision is None else threshold_factor(decision),
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
    h = wired.sensory.log_complement.sum(-1) + wired.state_threshold_factor
    if wired.recurrent is not None:
        h = h + wired.recurrent.log_complement.sum(-1)
    return h


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
    if wired.output is None or wired.decision_threshold_factor is None:
        raise ShapeError("this network has one layer; output thresholds need an output layer.")
    return wired.output.log_complement.sum(-1) + wired.decision_threshold_factor


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
    W, h = wired.sensory.weights, thresholds(wired)
    v = contract_or_zero("ji,...i->...j", W[ON] - W[OFF], observation) + (h[ON] - h[OFF])
    if wired.recurrent is not None:
        K = wired.recurrent.weights
        v = v + contract_or_zero("ji,...i->...j", K[ON] - K[OFF], previous_activity)
    return v  # I22 eq. 1; docs/theory.md eq. 4


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
    m = output_thresholds(wired)
    assert wired.output is not None  # output_thresholds has refused it
    V = wired.output.weights
    return contract_or_zero("kj,...j->...k", V[ON] - V[OFF], previous_activity) + (m[ON] - m[OFF])


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
) -> tuple[Float[Array, "time units"], Float[Array, "time outputs"] | None]:
    """Return the potentials of both layers at every step, settled to their fixed points.

    ``start`` holds the firing rates before the first step, 1/2 by default.  The second entry is
    None for a network of one layer.

    Example:
        >>> half = Strengths(jnp.zeros((2, 1, 3)), jnp.full((2, 1, 3), jnp.log(0.5)))
        >>> potentials, _ = run_network(Wiring(half, jnp.zeros((2, 1))), jnp.ones((5, 3)))
        >>> potentials.shape
        (5, 1)
    """
    dtype = wired.state_threshold_factor.dtype
    if start is None:
        start = jnp.full(wired.state_threshold_factor.shape[-1], 0.5, dtype)

    def step(previous: Array, observation: Array) -> tuple[Array, Array]:
        v = drive(wired, observation, previous)
        return firing_rate(v), v

    _, potentials = scan_time(step, start, jnp.asarray(inputs, dtype))
    if wired.output is None:
        return potentials, None
    previous = jnp.concatenate([start[None], firing_rate(potentials[:-1])])
    return potentials, output_drive(wired, previous)
