"""The claims of a certificate about plasticity and learning: one function for all counts.

Three comparisons (docs/theory.md section 4): the gradient of the summed cost L with the counts that
the run adds; counts after plasticity with counts after learning; and the slope of the regularised
cost, which vanishes at the counts reached.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

import equinox as eqx
import jax
import jax.numpy as jnp
from jax import Array

from hebbayes.core.arrays import OFF, ON
from hebbayes.core.counts import (
    Counts,
    Ratio,
    beta_divergence,
    digamma_ratio,
    log_ratio,
    total,
)
from hebbayes.core.numerics import log_sigmoid, product_or_zero
from hebbayes.theory.certificate.measure import discrepancy, worst
from hebbayes.theory.cost import middle_layer_cost, output_layer_cost
from hebbayes.theory.generative_model import expected_log
from hebbayes.theory.inference import with_complement
from hebbayes.theory.learning import pair_evidence
from hebbayes.theory.synapses import Strengths

if TYPE_CHECKING:
    from hebbayes.theory.certificate.runs import BayesianRun, NeuralRun, SharedCounts
    from hebbayes.theory.network import Wiring
    from hebbayes.theory.synapses import Synapses

_Energy: TypeAlias = Callable[[Array, Array], Array]


def is_weight_ratio(ratio: Ratio) -> bool:
    """Return True if thresholds are functions of the weights (log mode).

    Example:
        >>> is_weight_ratio(log_ratio)
        True
    """
    return ratio is log_ratio


def plasticity_discrepancy(
    shared: "SharedCounts",
    bayesian: "BayesianRun",
    neural: "NeuralRun",
    wired: "Wiring",
    *,
    ratio: Ratio = log_ratio,
    floored: Array | None = None,
) -> Array:
    """Return the discrepancy of plasticity and learning of one part of the network.

    In log mode L is differentiated by weights, in digamma mode by expected logarithms, as always
    for threshold factors.  Entries with a count of exactly 0 never learn and are left out;
    ``floored`` entries are left out of the last comparison, and so is a prior that is not learnt.

    Example:
        >>> from hebbayes.theory.certificate.runs import SHARED_COUNTS, example_runs
        >>> from hebbayes.theory.network import wiring
        >>> bayesian, neural = example_runs()
        >>> runs = bayesian, neural, wiring(neural.before, log_ratio)
        >>> float(plasticity_discrepancy(SHARED_COUNTS['sensory_plasticity'], *runs)) < 1e-4
        True
    """
    before, after = (getattr(model, shared.table) for model in (bayesian.before, bayesian.after))
    reached = _table(getattr(neural.after, shared.part))
    energy = _cost_of(shared, neural, wired)
    gained = gained_counts(shared, bayesian)
    is_free = jnp.all(before.prior > 0, axis=0)
    if is_weight_ratio(ratio) and not shared.is_factor:
        slope, evidence = _weight_slope(energy, before, gained, getattr(wired, shared.wire))
    else:
        slope, evidence = -jax.grad(_of_logs(energy))(expected_log(before, ratio)), gained
    gaps = [
        discrepancy(jnp.where(is_free, slope, 0), jnp.where(is_free, evidence, 0)),
        discrepancy(reached.evidence, after.evidence),
    ]
    if shared.is_factor and shared.is_learnt(bayesian):
        gaps.append(discrepancy(getattr(wired, shared.wire), expected_log(before, ratio)))
    if shared.is_learnt(bayesian):
        if floored is not None:
            is_free = is_free & ~floored.any(0)
        rest = _weight_rest if is_weight_ratio(ratio) else _count_rest
        side, other = rest(energy, before, after, reached)
        gaps.append(discrepancy(jnp.where(is_free, side, 0), jnp.where(is_free, other, 0)))
    return worst(*gaps)


def gained_counts(shared: "SharedCounts", bayesian: "BayesianRun") -> Array:
    """Return the counts that eq. 3 adds over the run, before any floor, values first.

    Example:
        >>> from hebbayes.theory.certificate.runs import SHARED_COUNTS, example_runs
        >>> bayesian, _ = example_runs()
        >>> gained_counts(SHARED_COUNTS['output_plasticity'], bayesian).shape
        (2, 2, 2, 3)
    """
    seen = bayesian.experience
    if shared.table == "likelihood":
        return pair_evidence(with_complement(seen.observations), seen.states)
    if shared.table == "transition":
        return pair_evidence(seen.previous_states, seen.states)
    if shared.table == "state_prior":
        return seen.states.sum(0)
    assert seen.decisions is not None  # `discrepancies` leaves out decisions without labels
    assert seen.risk is not None
    taken = with_complement(seen.decisions)
    if shared.table == "decision_prior":
        return taken.sum(0)
    return pair_evidence(seen.previous_states, taken, 1 - 2 * seen.risk)


def _table(part: "Synapses | Counts") -> Counts:
    """The counts of a part of the network as a table of the model, values first."""
    if isinstance(part, Counts):
        return part
    hebb, home = part.hebb, part.home
    return Counts(
        jnp.stack([hebb.prior, home.prior - hebb.prior]).swapaxes(2, 3),
        jnp.stack([hebb.evidence, home.evidence - hebb.evidence]).swapaxes(2, 3),
    )


def _cost_of(shared: "SharedCounts", neural: "NeuralRun", wired: "Wiring") -> _Energy:
    """The summed cost as a function of one part's log odds and logs; at the output y is given."""
    activity = neural.activity
    if shared.is_output:
        taken = neural.firing.decisions
        assert taken is not None
        labels = jnp.log(taken) - jnp.log1p(-taken)  # log odds of a soft label, infinite if certain
        activity = eqx.tree_at(lambda a: a.output_potentials, activity, labels)

    def energy(odds: Array, logs: Array) -> Array:
        moved: Strengths | Array = logs
        if not shared.is_factor:
            moved = Strengths(odds.swapaxes(1, 2), logs[OFF].swapaxes(1, 2))
        changed = eqx.tree_at(lambda w: getattr(w, shared.wire), wired, moved)
        layer_cost = output_layer_cost if shared.is_output else middle_layer_cost
        return layer_cost(changed, activity).sum()

    return energy


def _of_logs(energy: _Energy) -> Callable[[Array], Array]:
    return lambda logs: energy(logs[ON] - logs[OFF], logs)


def _of_odds(energy: _Energy) -> Callable[[Array], Array]:
    """The cost as a function of log odds, thresholds following."""
    return lambda odds: energy(odds, jnp.stack([log_sigmoid(odds), log_sigmoid(-odds)]))


def _weight_slope(
    energy: _Energy, before: Counts, gained: Array, synapses: Strengths
) -> tuple[Array, Array]:
    """-dL/dW, and Hebb - Home * W^ of the counts gained."""
    mean = jnp.exp(expected_log(before, log_ratio))[ON]
    weights = synapses.weights.swapaxes(1, 2)
    return -jax.grad(_of_odds(energy))(weights), gained[ON] - gained.sum(0) * mean


def _weight_rest(
    energy: _Energy, before: Counts, after: Counts, reached: Counts
) -> tuple[Array, Array]:
    """The mean at which L - prior.lnA is stationary beside the mean reached, in log mode."""
    prior = total(before)

    def regularised(odds: Array) -> Array:
        pulls = product_or_zero(prior[ON], log_sigmoid(odds))
        return (
            _of_odds(energy)(odds) - (pulls + product_or_zero(prior[OFF], log_sigmoid(-odds))).sum()
        )

    on, off = (Counts(reached.prior[u], reached.evidence[u]) for u in (ON, OFF))
    slope = jax.grad(regularised)(log_ratio(on, off))
    posterior = jnp.exp(expected_log(after, log_ratio))[ON]
    return posterior - slope / total(after).sum(0), posterior


def _count_rest(
    energy: _Energy, before: Counts, after: Counts, reached: Counts
) -> tuple[Array, Array]:
    """The slopes of F and of KL in the counts gained, which cancel, in digamma mode."""
    base = total(before)
    learnt = reached.evidence - before.evidence

    def expected(evidence: Array) -> Array:
        return _of_logs(energy)(expected_log(Counts(base, evidence), digamma_ratio))

    falling = jax.grad(expected)(learnt)
    return falling, -jax.grad(lambda e: beta_divergence(Counts(base, e)))(learnt)
