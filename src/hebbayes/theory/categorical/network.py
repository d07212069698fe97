"""A canonical network of softmax units: wiring, activity, cost and plasticity.

    L = sum_t x_g.(ln x_g - W o - K x_previous - h_g)
          + y_k.(ln y_k - (1 - 2 risk)(V x_previous + normaliser) - psi_k)

(docs/theory.md, "Categorical groups").  The threshold is the factor phi minus the log partition of
every input group.  The last value of each input group is the reference: its wire is silent
(weight 0), so that groups of two have the one wire of the binary theory.  Everything here reads
Hebb and Home counts only; the Bayesian side stands in `categorical.model`.
"""

from typing import TypeAlias

import equinox as eqx
import jax.numpy as jnp
from jax import Array
from jaxtyping import Float

from hebbayes.core.counts import Counts, Ratio, add_evidence, log_ratio
from hebbayes.theory.categorical.groups import (
    copy_to_groups,
    log_softmax_groups,
    log_sum_groups,
    sum_groups,
)
from hebbayes.theory.categorical.model import CategoricalEvents, Factors

Sizes: TypeAlias = tuple[int, ...]


class GroupSynapses(eqx.Module):
    """Running counts of the synapses from one-hot groups.

    Attributes:
        hebb: (post, pre), presynaptic and postsynaptic unit fired together.
        home: (post, pre groups), the postsynaptic unit fired, kept per input group.
    """

    hebb: Counts
    home: Counts


class GroupNetwork(eqx.Module):
    """A network whose units fire one per group.

    Attributes:
        factors: Sizes of the groups.
        sensory: From inputs to the middle layer.
        recurrent: From the middle layer, delayed, to itself.
        output: From the middle layer, delayed, to the output layer.
        state_firing: (units,), how often each middle unit fired: its threshold factor.
        decision_firing: (outputs,), the same of the output layer.
    """

    factors: Factors
    sensory: GroupSynapses
    recurrent: GroupSynapses
    output: GroupSynapses
    state_firing: Counts
    decision_firing: Counts


class GroupWiring(eqx.Module):
    """Weights, normalisers and threshold factors that activity reads.

    Attributes:
        sensory: W, (units, inputs), and its normaliser, (units, input groups).
        recurrent: K and its normaliser.
        output: V and its normaliser.
        state_factor: phi, (units,).
        decision_factor: psi, (outputs,).
    """

    sensory: tuple[Array, Array]
    recurrent: tuple[Array, Array]
    output: tuple[Array, Array]
    state_factor: Float[Array, " units"]
    decision_factor: Float[Array, " outputs"]


def log_partition(weights: Float[Array, "post pre"], sizes: Sizes) -> Float[Array, "post groups"]:
    """Return the normaliser that weights imply, -ln sum exp W over each input group.

    Example:
        >>> log_partition(jnp.zeros((1, 2)), (2,)).round(3).tolist()
        [[-0.693...]]
    """
    return -log_sum_groups(weights, sizes)


def group_weights(
    synapses: GroupSynapses, sizes: Sizes, ratio: Ratio = log_ratio
) -> tuple[Array, Array]:
    """Return (W, normaliser); W = ln Hebb - ln Hebb of the reference, up to the mode's logarithm.

    Example:
        >>> from hebbayes.core.counts import without_evidence as seen
        >>> synapses = GroupSynapses(seen(jnp.array([[3.0, 1.0]])), seen(jnp.array([[4.0]])))
        >>> weights, normaliser = group_weights(synapses, (2,))
        >>> jnp.exp(weights).round(3).tolist(), jnp.exp(normaliser).tolist()
        ([[3.0, 1.0]], [[0.25]])
    """
    last = [sum(sizes[: g + 1]) - 1 for g in range(len(sizes))]
    reference = Counts(*(part[:, jnp.array(last)] for part in _parts(synapses.hebb)))
    copied = Counts(*(copy_to_groups(part, sizes) for part in _parts(reference)))
    weights = ratio(synapses.hebb, copied)
    if ratio is log_ratio:
        return weights, log_partition(weights, sizes)
    return weights, ratio(reference, synapses.home)


def group_wiring(network: GroupNetwork, ratio: Ratio = log_ratio) -> GroupWiring:
    """Return what activity reads of the counts.

    Example:
        >>> from hebbayes.theory.categorical.certificate import network_of_categories
        >>> from hebbayes.theory.categorical.model import flat_categorical_model
        >>> model = flat_categorical_model(Factors((2,), (4,), (3,)))
        >>> group_wiring(network_of_categories(model)).output[0].shape
        (3, 4)
    """
    factors = network.factors
    return GroupWiring(
        group_weights(network.sensory, factors.outcomes, ratio),
        group_weights(network.recurrent, factors.states, ratio),
        group_weights(network.output, factors.states, ratio),
        _factor(network.state_firing, factors.states),
        _factor(network.decision_firing, factors.decisions),
    )


def fire(
    wired: GroupWiring, factors: Factors, inputs: Array, previous_rates: Array
) -> tuple[Array, Array]:
    """Return the potentials of both layers at their fixed point; a softmax of them fires.

    Example:
        >>> from hebbayes.theory.categorical.certificate import network_of_categories
        >>> from hebbayes.theory.categorical.model import flat_categorical_model
        >>> factors = Factors((2,), (4,), (3,))
        >>> wired = group_wiring(network_of_categories(flat_categorical_model(factors)))
        >>> v, _ = fire(wired, factors, jnp.array([1.0, 0.0]), jnp.full(4, 0.25))
        >>> jnp.exp(log_softmax_groups(v, factors.states)).round(6).tolist()
        [0.25, 0.25, 0.25, 0.25]
    """
    middle = (
        drive(*wired.sensory, inputs, factors.outcomes)
        + drive(*wired.recurrent, previous_rates, factors.states)
        + wired.state_factor
    )
    return middle, drive(*wired.output, previous_rates, factors.states) + wired.decision_factor


def drive(weights: Array, normaliser: Array, rates: Array, sizes: Sizes) -> Array:
    """Return W o plus the normaliser of each group that fires.

    A group whose rates sum to less than 1, because part of them is forgotten, counts less.

    Example:
        >>> drive(jnp.zeros((1, 2)), jnp.full((1, 1), -0.5), jnp.array([0.0, 1.0]), (2,)).tolist()
        [-0.5]
    """
    return rates @ weights.T + sum_groups(rates, sizes) @ normaliser.T


def middle_group_cost(
    wired: GroupWiring, factors: Factors, potentials: Array, inputs: Array, previous_rates: Array
) -> Float[Array, " time"]:
    """Return the summands of L that hold the middle layer, in nats.

    Example:
        >>> from hebbayes.theory.categorical.certificate import network_of_categories
        >>> from hebbayes.theory.categorical.model import flat_categorical_model
        >>> factors = Factors((2,), (4,), (3,))
        >>> wired = group_wiring(network_of_categories(flat_categorical_model(factors)))
        >>> o, x = jnp.array([[1.0, 0.0]]), jnp.full((1, 4), 0.25)
        >>> float((middle_group_cost(wired, factors, jnp.log(x), o, x) / jnp.log(2)).round(4)[0])
        3.0
    """
    ln_x = log_softmax_groups(potentials, factors.states)
    wanted = (
        drive(*wired.sensory, inputs, factors.outcomes)
        + drive(*wired.recurrent, previous_rates, factors.states)
        + wired.state_factor
    )
    return (jnp.exp(ln_x) * (ln_x - wanted)).sum(-1)


def output_group_cost(
    wired: GroupWiring, factors: Factors, potentials: Array, previous_rates: Array, risk: Array
) -> Float[Array, " time"]:
    """Return the summands of L that hold the output layer, in nats.

    Example:
        >>> from hebbayes.theory.categorical.certificate import network_of_categories
        >>> from hebbayes.theory.categorical.model import flat_categorical_model
        >>> factors = Factors((2,), (2,), (2,))
        >>> wired = group_wiring(network_of_categories(flat_categorical_model(factors)))
        >>> half, risk = jnp.full((1, 2), 0.5), jnp.zeros(1)
        >>> L = output_group_cost(wired, factors, jnp.log(half), half, risk)
        >>> float((L / jnp.log(2)).round(4)[0])
        1.0
    """
    ln_y = log_softmax_groups(potentials, factors.decisions)
    y = jnp.exp(ln_y)
    trusted = (1 - 2 * risk)[:, None] * drive(*wired.output, previous_rates, factors.states)
    entropy = jnp.where(y > 0, y * jnp.where(y > 0, ln_y, 0), 0)
    return (entropy - y * (trusted + wired.decision_factor)).sum(-1)


def adapt_groups(
    network: GroupNetwork, events: CategoricalEvents, rates: Array, previous_rates: Array
) -> GroupNetwork:
    """Return the network after Hebbian plasticity with its homeostatic counts.

    Example:
        >>> from hebbayes.theory.categorical.certificate import network_of_categories
        >>> from hebbayes.theory.categorical.model import flat_categorical_model
        >>> network = network_of_categories(flat_categorical_model(Factors((2,), (2,), (2,))))
        >>> step = jnp.array([[1.0, 0.0]])
        >>> events = CategoricalEvents(step, step, jnp.array([0.0]))
        >>> adapt_groups(network, events, step, step).output.home.evidence.tolist()
        [[1.0], [0.0]]
    """
    factors = network.factors
    gain = (1 - 2 * events.risk)[:, None]
    remembered = jnp.asarray(events.kept) * previous_rates
    return GroupNetwork(
        factors,
        _strengthen(network.sensory, rates, events.observations, factors.outcomes),
        _strengthen(network.recurrent, rates, previous_rates, factors.states),
        _strengthen(
            _fade(network.output, jnp.asarray(events.prior_kept), factors.states),
            gain * events.decisions,
            remembered,
            factors.states,
        ),
        add_evidence(network.state_firing, rates.sum(0)),
        add_evidence(network.decision_firing, events.decisions.sum(0)),
    )


def group_velocity(weights: Array, hebb: Array, home: Array, sizes: Sizes) -> Array:
    """Return Hebb - Home softmax(W): the gradient flow of the weights, zero at W^ = Hebb / Home.

    Example:
        >>> one = jnp.ones((1, 1))
        >>> group_velocity(jnp.zeros((1, 2)), jnp.array([[0.5, 0.5]]), one, (2,)).tolist()
        [[0.0, 0.0]]
    """
    return hebb - copy_to_groups(home, sizes) * jnp.exp(log_softmax_groups(weights, sizes))


def _parts(counts: Counts) -> tuple[Array, Array]:
    return counts.prior, counts.evidence


def _factor(firing: Counts, sizes: Sizes) -> Array:
    home = Counts(*(copy_to_groups(sum_groups(part, sizes), sizes) for part in _parts(firing)))
    return log_ratio(firing, home)


def _strengthen(synapses: GroupSynapses, post: Array, pre: Array, sizes: Sizes) -> GroupSynapses:
    fired = sum_groups(pre, sizes)
    return GroupSynapses(
        add_evidence(synapses.hebb, jnp.matmul(post.T, pre)),
        add_evidence(synapses.home, jnp.matmul(post.T, fired)),
    )


def _fade(synapses: GroupSynapses, share: Array, sizes: Sizes) -> GroupSynapses:
    """Return the synapses after forgetting: Hebb fades by presynaptic unit, Home alike."""
    hebb = synapses.hebb
    lost = (1 - jnp.broadcast_to(share, hebb.prior.shape[1:])) * (hebb.prior + hebb.evidence)
    return GroupSynapses(
        Counts(hebb.prior, hebb.evidence - lost),
        Counts(synapses.home.prior, synapses.home.evidence - sum_groups(lost, sizes)),
    )
