"""Large dense networks in few passes over memory (docs/theory.md eqs. 4 and 6).

Activity needs one number per synapse, the difference W1 - W0, read once a step (`DenseWiring`).

Plasticity after every step needs one running sum per synapse, C = sum_t x o': with sum_t x,
sum_t o and the number of steps it gives the evidence of all four pairs of values,

    on-on C,    on-off X - C,    off-on O - C,    off-off n - X - O + C,

so that a step reads C and the four priors once, and then adds to C in place (`DenseNetwork`).
Weights are never stored: with a = hebb1 silent0, b = hebb0 silent1 and home = hebb + silent, a
synapse adds ln(a / b) o to its unit's potential and ln(silent1 home0 / (silent0 home1)) to its
threshold; both logarithms come from a - b, which no large prior swamps.

Left out: digamma, certain synapses, and the output layer, whose risk is known later: `network`,
`plasticity`.
"""

import dataclasses
from typing import TYPE_CHECKING

import equinox as eqx
import jax
import jax.numpy as jnp
from jax import Array
from jaxtyping import Float

from hebbayes.core.arrays import OFF, ON
from hebbayes.core.checks import check_at_least, check_between, check_shape, is_traced
from hebbayes.core.counts import combine, log_ratio, total
from hebbayes.core.errors import ValueRangeError
from hebbayes.core.numerics import matmul
from hebbayes.core.scan import scan_time
from hebbayes.theory.network import firing_rate, threshold_factor, thresholds, wiring
from hebbayes.theory.plasticity import strengthen

if TYPE_CHECKING:
    from hebbayes.theory.network import Network
    from hebbayes.theory.synapses import Strengths, Synapses


class DenseWiring(eqx.Module):
    """What the activity of a network whose synapses rest depends on.

    Attributes:
        sensory: W1 - W0, (n_units, n_inputs), in the dtype of storage.
        recurrent: K1 - K0, (n_units, n_units), likewise; None without memory.
        threshold: h1 - h0, (n_units,), in the dtype of the sums.
    """

    sensory: Float[Array, "units inputs"]
    recurrent: Float[Array, "units units"] | None
    threshold: Float[Array, " units"]


def dense_wiring(network: "Network", storage: jnp.dtype | type | None = None) -> DenseWiring:
    """Return the wiring of ``network``, with synapses stored as ``storage`` (default: their dtype).

    Raises `ValueRangeError` for infinite weights, which `run_network` handles.

    Example:
        >>> from hebbayes.theory.equivalence import network_of
        >>> from hebbayes.theory.generative_model import flat_model
        >>> dense_wiring(network_of(flat_model(3, 2))).sensory.shape
        (2, 3)
    """
    wired = wiring(network, log_ratio)
    h = thresholds(wired)

    def difference(strengths: "Strengths") -> Array:
        return (strengths.weights[ON] - strengths.weights[OFF]).astype(storage or h.dtype)

    recurrent = None if wired.recurrent is None else difference(wired.recurrent)
    result = DenseWiring(difference(wired.sensory), recurrent, h[ON] - h[OFF])
    _check_all_finite(result)
    return result


def run_dense(
    wired: DenseWiring,
    inputs: Float[Array, "time inputs"],
    start: Float[Array, " units"] | None = None,
    *,
    delay: int = 1,
) -> Float[Array, "time units"]:
    """Return the potentials of the middle layer at every step, as `run_network` does.

    Example:
        >>> from hebbayes.theory.equivalence import network_of
        >>> from hebbayes.theory.generative_model import flat_model
        >>> wired = dense_wiring(network_of(flat_model(3, 2, 4)))
        >>> run_dense(wired, jnp.ones((5, 3))).shape
        (5, 2)
    """
    n_units, n_inputs = wired.sensory.shape
    check_shape("inputs", inputs, ("time", n_inputs))
    check_between("inputs", inputs, 0, 1)
    check_at_least("delay", delay, 1)
    rates = jnp.full(n_units, 0.5, wired.threshold.dtype) if start is None else start
    check_shape("start", rates, (n_units,))

    def step(history: Array, seen: Array) -> tuple[Array, Array]:
        v = wired.threshold + _product(wired.sensory, seen)
        if wired.recurrent is not None:
            v = v + _product(wired.recurrent, history[0])  # oldest first
        return jnp.concatenate([history[1:], firing_rate(v)[None]]), v

    history = jnp.broadcast_to(rates, (delay, n_units))
    return scan_time(step, history, jnp.asarray(inputs, rates.dtype))[1]


def _product(matrix: Array, vector: Array) -> Array:
    """Return ``matrix @ vector``, the sums in the vector's dtype; the matrix is read once."""
    if matrix.dtype == vector.dtype:
        return matmul(matrix, vector)
    parts, rest, kept = [], vector, jnp.finfo(matrix.dtype)
    for _ in range(3):  # of 8 bits each: three hold a float32
        part = jax.lax.reduce_precision(rest, kept.nexp, kept.nmant)  # a cast may be optimised away
        parts.append(part.astype(matrix.dtype))
        rest = rest - part
    columns = jnp.stack(parts, axis=-1)
    return jnp.matmul(matrix, columns, preferred_element_type=vector.dtype).sum(-1)


class DenseSynapses(eqx.Module):
    """The counts of one projection whose synapses learn after every step.

    Attributes:
        hebb: Counts at the start, postsynaptic unit on and off, each (n_post, n_pre), while the
            presynaptic one fired; a pair of arrays, because slices of one would be copied.
        silent: Likewise, while the presynaptic unit was silent.
        together: (n_post, n_pre), C, sum of post pre' since then.
    """

    hebb: tuple[Float[Array, "post pre"], Float[Array, "post pre"]]
    silent: tuple[Float[Array, "post pre"], Float[Array, "post pre"]]
    together: Float[Array, "post pre"]


class DenseNetwork(eqx.Module):
    """A middle layer that learns after every step, and what it has seen since the start.

    Attributes:
        sensory: Synapses from the inputs.
        recurrent: Synapses with one step of delay; None without memory.
        threshold_factor: (n_units,), phi1 - phi0.
        rates: (n_units,), firing rates of the last step.
        sum_inputs: (n_inputs,), sum of the inputs.
        sum_rates: (n_units,), sum of the rates.
        sum_previous: (n_units,), sum of the rates that recurrent synapses read.
        n_steps: Number of steps.
    """

    sensory: DenseSynapses
    recurrent: DenseSynapses | None
    threshold_factor: Float[Array, " units"]
    rates: Float[Array, " units"]
    sum_inputs: Float[Array, " inputs"]
    sum_rates: Float[Array, " units"]
    sum_previous: Float[Array, " units"]
    n_steps: Float[Array, ""]


def dense_network(network: "Network", storage: jnp.dtype | type | None = None) -> DenseNetwork:
    """Return ``network`` ready to learn after every step, its counts stored as ``storage``.

    Sums are float64 under ``jax_enable_x64``; in float32 they round, and counts of rare pairs are
    off by some 1e-2 after 10,000 steps.  Raises `ValueRangeError` for counts that are not positive
    (structural zeros), which `adapt` handles.

    Example:
        >>> from hebbayes.theory.equivalence import network_of
        >>> from hebbayes.theory.generative_model import flat_model
        >>> float(dense_network(network_of(flat_model(3, 2))).n_steps)
        0.0
    """
    phi = threshold_factor(network.state_firing)
    return DenseNetwork(
        sensory=_dense_synapses(network.sensory, storage),
        recurrent=None
        if network.recurrent is None
        else _dense_synapses(network.recurrent, storage),
        threshold_factor=phi[ON] - phi[OFF],
        rates=jnp.full(network.n_units, 0.5, phi.dtype),
        sum_inputs=jnp.zeros(network.n_inputs, float),
        sum_rates=jnp.zeros(network.n_units, float),
        sum_previous=jnp.zeros(network.n_units, float),
        n_steps=jnp.zeros((), float),
    )


def _dense_synapses(synapses: "Synapses", storage: jnp.dtype | type | None) -> DenseSynapses:
    both = total(synapses.hebb), total(combine(synapses.home, synapses.hebb, -1))
    for name, counts in zip(("hebb", "home - hebb"), both):
        if not is_traced(counts) and not bool((counts > 0).all()):
            raise ValueRangeError(
                f"{name} must be positive in a dense network; use `adapt` for structural zeros."
            )
    hebb, silent = (
        (c[ON].astype(storage or c.dtype), c[OFF].astype(storage or c.dtype)) for c in both
    )
    return DenseSynapses(hebb, silent, jnp.zeros(both[0].shape[1:], float))


def learn_dense(
    network: DenseNetwork, inputs: Float[Array, "time inputs"]
) -> tuple[DenseNetwork, Float[Array, "time units"]]:
    """Return the network after learning from every step, and the potential at every step.

    Example:
        >>> from hebbayes.theory.equivalence import network_of
        >>> from hebbayes.theory.generative_model import flat_model
        >>> network = dense_network(network_of(flat_model(3, 2)))
        >>> after, potentials = learn_dense(network, jnp.ones((5, 3)))
        >>> potentials.shape, after.sum_rates.tolist()
        ((5, 2), [2.5, 2.5])
    """
    check_shape("inputs", inputs, ("time", network.sum_inputs.shape[0]))
    check_between("inputs", inputs, 0, 1)
    return scan_time(_step, network, jnp.asarray(inputs, network.rates.dtype))


learn_dense_in_place = jax.jit(learn_dense, donate_argnums=0)
"""`learn_dense` compiled, writing into the buffers of its first argument, which is used up."""


def _step(network: DenseNetwork, seen: Array) -> tuple[DenseNetwork, Array]:
    before, recurrent, n = network.rates, network.recurrent, network.n_steps
    v = _potential(network.sensory, (network.sum_rates, network.sum_inputs, n), seen)
    if recurrent is not None:
        v = v + _potential(recurrent, (network.sum_rates, network.sum_previous, n), before)
    v = v + network.threshold_factor
    x = firing_rate(v)
    after = DenseNetwork(
        sensory=_strengthened(network.sensory, x, seen),
        recurrent=None if recurrent is None else _strengthened(recurrent, x, before),
        threshold_factor=network.threshold_factor,
        rates=x,
        sum_inputs=network.sum_inputs + seen,
        sum_rates=network.sum_rates + x,
        sum_previous=network.sum_previous + before,
        n_steps=n + 1,
    )
    return after, v


def _strengthened(synapses: DenseSynapses, post: Array, pre: Array) -> DenseSynapses:
    increment = post.astype(float)[:, None] * pre.astype(float)
    return dataclasses.replace(synapses, together=synapses.together + increment)


def _potential(
    synapses: DenseSynapses, sums: tuple[Array, Array, Array], rates: Array
) -> Float[Array, " post"]:
    """Return what a projection adds to the potentials of its units, thresholds included."""
    # tied to what changes: else the compiler keeps products of priors and tables of sums for later
    stored, sums, _ = jax.lax.optimization_barrier(((synapses.hebb, synapses.silent), sums, rates))
    hebb, silent = jax.tree.map(lambda table: table.astype(rates.dtype), stored)
    evidence = _evidence(synapses.together, *sums)
    both, only_post, only_pre, neither = (part.astype(rates.dtype) for part in evidence)
    hebb1, silent1 = hebb[ON] + both, silent[ON] + only_post
    hebb0, silent0 = hebb[OFF] + only_pre, silent[OFF] + neither
    a, b = hebb1 * silent0, hebb0 * silent1
    excess = (  # a - b; that of the priors apart
        (hebb[ON] * silent[OFF] - hebb[OFF] * silent[ON])
        + (hebb[ON] * neither + both * silent[OFF] - hebb[OFF] * only_post - only_pre * silent[ON])
        + (both * neither - only_pre * only_post)
    )
    size, sign = jnp.abs(excess), jnp.sign(excess)
    weight = jnp.log1p(size / jnp.minimum(a, b))
    # silent1 home0 - silent0 home1 = b - a
    threshold = jnp.log1p(
        size / jnp.minimum(silent1 * (hebb0 + silent0), silent0 * (hebb1 + silent1))
    )
    return (sign * (weight * rates - threshold)).sum(-1)


def _evidence(together: Array, post: Array, pre: Array, n: Array) -> tuple[Array, ...]:
    """Return how often both fired, post alone, pre alone, and neither, each (post, pre)."""
    c, x, o = together, post[:, None], pre
    differences = x - c, o - c, (n - x) - (o - c)
    return c, *(jnp.abs(part) for part in differences)  # only rounding makes one negative


def with_learnt(network: "Network", learnt: DenseNetwork) -> "Network":
    """Return ``network``, of which ``learnt`` was made, with the evidence that it has gathered.

    Example:
        >>> from hebbayes.theory.equivalence import network_of
        >>> from hebbayes.theory.generative_model import flat_model
        >>> network = network_of(flat_model(3, 2))
        >>> after, _ = learn_dense(dense_network(network), jnp.ones((5, 3)))
        >>> with_learnt(network, after).sensory.hebb.evidence[0].tolist()
        [[2.5, 2.5, 2.5], [2.5, 2.5, 2.5]]
    """

    def grown(synapses: "Synapses", dense: DenseSynapses, pre: Array) -> "Synapses":
        evidence = _evidence(dense.together, learnt.sum_rates, pre, learnt.n_steps)
        both, only_post, only_pre, neither = (part.astype(learnt.rates.dtype) for part in evidence)
        home = jnp.stack([both + only_post, only_pre + neither])
        return strengthen(synapses, jnp.stack([both, only_pre]), home)

    recurrent = network.recurrent
    if recurrent is not None and learnt.recurrent is not None:
        recurrent = grown(recurrent, learnt.recurrent, learnt.sum_previous)
    return dataclasses.replace(
        network,
        sensory=grown(network.sensory, learnt.sensory, learnt.sum_inputs),
        recurrent=recurrent,
    )


def _check_all_finite(wired: DenseWiring) -> None:
    for name, values in (("sensory", wired.sensory), ("recurrent", wired.recurrent)):
        if values is not None and not is_traced(values) and not bool(jnp.isfinite(values).all()):
            raise ValueRangeError(
                f"{name} weights must be finite in a dense network; use `run_network` for "
                "synapses that are certain or never fire."
            )
