"""The claims of a certificate, one function each: the largest discrepancy between two routes.

What is true of the gradients is exactly what docs/theory.md section 4 states: activity is
stationary step by step with the past held fixed; -dL/dW of the summed cost is the evidence of
plasticity; synapses are stationary points of L - prior.lnA (log) or of F + KL (digamma).
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

import equinox as eqx
import jax
import jax.numpy as jnp
from jax import Array

from hebbayes.core.arrays import OFF, ON
from hebbayes.core.counts import Counts, Ratio, beta_divergence, log_ratio, over_values, total
from hebbayes.core.numerics import log_sigmoid
from hebbayes.theory.cost import cost, middle_layer_cost, output_layer_cost
from hebbayes.theory.equivalence import model_of, network_of
from hebbayes.theory.free_energy import free_energy
from hebbayes.theory.inference import with_complement
from hebbayes.theory.learning import pair_evidence
from hebbayes.theory.network import (
    Strengths,
    Wiring,
    output_thresholds,
    strengths,
    thresholds,
)

if TYPE_CHECKING:
    from hebbayes.theory.certificate.runs import BayesianRun, NeuralRun, SharedCounts


def is_weight_ratio(ratio: Ratio) -> bool:
    """Return True if thresholds are functions of the weights (log mode).

    Example:
        >>> is_weight_ratio(log_ratio)
        True
    """
    return ratio is log_ratio


def discrepancy(first: Array, second: Array) -> Array:
    """Return max|a - b| / max(|a|, |b|); entries that are the same infinity agree.

    Example:
        >>> float(discrepancy(jnp.array([1.0, jnp.inf]), jnp.array([2.0, jnp.inf])))
        0.5
    """
    a, b = jnp.asarray(first), jnp.asarray(second)
    is_same = a == b
    gap = jnp.max(jnp.where(is_same, 0, jnp.abs(a - b)), initial=0)
    both = jnp.abs(jnp.stack([a, b]))
    scale = jnp.max(jnp.where(jnp.isposinf(both) & is_same, 0, both), initial=0)
    return jnp.where(gap == 0, 0.0, gap / scale)


def worst(*discrepancies: Array) -> Array:
    """Return the largest discrepancy; NaN if any is NaN.

    Example:
        >>> float(worst(jnp.array(0.1), jnp.array(0.3)))
        0.3...
    """
    return jnp.max(jnp.stack(discrepancies))


def free_energy_discrepancy(bayesian: "BayesianRun", neural: "NeuralRun", wired: Wiring) -> Array:
    """Return the discrepancy of L and F over all steps.

    Example:
        >>> from hebbayes.theory.certificate.runs import example_runs
        >>> from hebbayes.theory.network import wiring
        >>> bayesian, neural = example_runs()
        >>> wired = wiring(neural.before, log_ratio)
        >>> float(free_energy_discrepancy(bayesian, neural, wired)) < 1e-4
        True
    """
    seen = bayesian.experience
    risk = 0.0 if seen.risk is None else seen.risk
    parts = free_energy(
        bayesian.logs, bayesian.beliefs, seen.observations, seen.previous_states, risk
    )
    return discrepancy(cost(wired, neural.activity), parts.total)


def state_discrepancy(bayesian: "BayesianRun", neural: "NeuralRun", wired: Wiring) -> Array:
    """Return the discrepancy of activity and posterior of states, and of dL/dx = 0 there.

    Example:
        >>> from hebbayes.theory.certificate.runs import example_runs
        >>> from hebbayes.theory.network import wiring
        >>> bayesian, neural = example_runs()
        >>> wired = wiring(neural.before, log_ratio)
        >>> float(state_discrepancy(bayesian, neural, wired)) < 1e-4
        True
    """
    log_posterior = bayesian.beliefs.log_states
    posterior = log_posterior[:, ON] - log_posterior[:, OFF]

    def energy(potentials: Array) -> Array:
        moved = eqx.tree_at(lambda a: a.potentials, neural.activity, potentials)
        return middle_layer_cost(wired, moved).sum()

    return worst(
        discrepancy(neural.activity.potentials, posterior),
        discrepancy(neural.activity.potentials, _stationary(energy, neural.activity.potentials)),
        discrepancy(posterior, _stationary(energy, posterior)),
    )


def decision_discrepancy(bayesian: "BayesianRun", neural: "NeuralRun", wired: Wiring) -> Array:
    """Return the discrepancy of output and posterior of decisions, and of dL/dy = 0 at risk 0.

    Example:
        >>> from hebbayes.theory.certificate.runs import example_runs
        >>> from hebbayes.theory.network import wiring
        >>> bayesian, neural = example_runs()
        >>> wired = wiring(neural.before, log_ratio)
        >>> float(decision_discrepancy(bayesian, neural, wired)) < 1e-4
        True
    """
    log_posterior = bayesian.beliefs.log_decisions
    potentials = neural.activity.output_potentials
    assert log_posterior is not None
    assert potentials is not None
    posterior = log_posterior[:, ON] - log_posterior[:, OFF]
    undecided = eqx.tree_at(
        lambda a: a.risk, neural.activity, None, is_leaf=lambda leaf: leaf is None
    )

    def energy(output_potentials: Array) -> Array:
        moved = eqx.tree_at(lambda a: a.output_potentials, undecided, output_potentials)
        return output_layer_cost(wired, moved).sum()

    return worst(
        discrepancy(potentials, posterior),
        discrepancy(potentials, _stationary(energy, potentials)),
        discrepancy(posterior, _stationary(energy, posterior)),
    )


def _stationary(energy: Callable[[Array], Array], potentials: Array) -> Array:
    """Return the potential at which the cost is stationary: v - (dL/dv) / (x (1 - x)).

    Exact for a Bernoulli entropy.  dL/dv itself vanishes at saturation, for every v.
    """
    slope = jax.grad(energy)(potentials)
    log_variance = log_sigmoid(potentials) + log_sigmoid(-potentials)
    is_resolved = log_variance > jnp.log(jnp.finfo(potentials.dtype).tiny)
    variance = jnp.exp(jnp.where(is_resolved, log_variance, 0))
    return jnp.where(is_resolved, potentials - slope / variance, potentials)


def weight_discrepancy(
    shared: "SharedCounts",
    bayesian: "BayesianRun",
    neural: "NeuralRun",
    wired: Wiring,
    *,
    ratio: Ratio,
    excluded: Array | None,
) -> Array:
    """Return the discrepancy of plasticity and learning in log mode: h is a function of W.

    Evidence: -dL/dW = Hebb - Home * W^ against the counts gained.  Values: Hebb and Home after
    plasticity against the counts after learning.  Stationarity: the gradient of L - prior.lnA at
    the synapses that plasticity has reached, in units of Home.

    Example:
        >>> from hebbayes.theory.certificate.runs import SharedCounts
        >>> from hebbayes.theory.certificate.runs import example_runs
        >>> from hebbayes.theory.network import wiring
        >>> bayesian, neural = example_runs()
        >>> wired = wiring(neural.before, log_ratio)
        >>> sensory = SharedCounts('sensory', 'likelihood')
        >>> runs = bayesian, neural, wired
        >>> gap = weight_discrepancy(sensory, *runs, ratio=log_ratio, excluded=None)
        >>> bool(jnp.isfinite(gap))
        True
    """
    before = getattr(bayesian.before, shared.table)
    after = getattr(bayesian.after, shared.table)
    energy = _cost_of_weights(shared, neural, wired)
    gained = _gained(shared, bayesian)
    mean = jnp.exp(log_ratio(before, over_values(before)))[ON]
    evidence = gained[ON] - gained.sum(0) * mean
    weights = getattr(wired, shared.synapses).weights
    slope = -jax.grad(energy)(weights).swapaxes(1, 2)

    def regularised(w: Array) -> Array:
        prior = total(before).swapaxes(-1, -2)
        return energy(w) - jnp.sum(prior[ON] * log_sigmoid(w) + prior[OFF] * log_sigmoid(-w))

    reached = strengths(getattr(neural.after, shared.synapses), ratio).weights
    pull = -jax.grad(regularised)(reached).swapaxes(1, 2)
    posterior = jnp.exp(log_ratio(after, over_values(after)))[ON]
    belongs = posterior + pull / over_values(Counts(total(after), 0 * total(after))).prior[0]
    if excluded is not None:
        belongs = jnp.where(excluded[ON] | excluded[OFF], posterior, belongs)
    return worst(
        discrepancy(slope, evidence),
        _count_discrepancy(shared, bayesian, neural),
        discrepancy(belongs, posterior),
    )


def count_discrepancy(
    shared: "SharedCounts",
    bayesian: "BayesianRun",
    neural: "NeuralRun",
    wired: Wiring,
    *,
    ratio: Ratio,
    excluded: Array | None,
) -> Array:
    """Return the discrepancy of plasticity and learning in digamma mode: h is no function of W.

    Evidence: -dL/dlnA against the counts gained.  Stationarity: d(F + KL)/da = 0 at the counts
    after learning.

    Example:
        >>> from hebbayes.theory.certificate.runs import SharedCounts
        >>> from hebbayes.theory.certificate.runs import example_runs
        >>> from hebbayes.theory.network import wiring
        >>> bayesian, neural = example_runs()
        >>> wired = wiring(neural.before, log_ratio)
        >>> sensory = SharedCounts('sensory', 'likelihood')
        >>> runs = bayesian, neural, wired
        >>> gap = count_discrepancy(sensory, *runs, ratio=log_ratio, excluded=None)
        >>> bool(jnp.isfinite(gap))
        True
    """
    before = getattr(bayesian.before, shared.table)
    reached = getattr(bayesian.after, shared.table)
    energy = _cost_of_logs(shared, neural, wired)
    gained = _gained(shared, bayesian)
    logs = ratio(before, over_values(before))
    slope = -jax.grad(energy)(logs)
    base = Counts(total(before), jnp.zeros_like(before.prior))

    def expected(evidence: Array) -> Array:
        counts = Counts(base.prior, evidence)
        return energy(ratio(counts, over_values(counts)))

    learnt = reached.evidence - before.evidence
    falling = jax.grad(expected)(learnt)
    rising = jax.grad(lambda e: beta_divergence(Counts(base.prior, e)))(learnt)
    if excluded is not None:
        is_out = excluded[ON] | excluded[OFF]
        falling, rising = (jnp.where(is_out, 0, part) for part in (falling, rising))
    return worst(
        discrepancy(slope, gained),
        _count_discrepancy(shared, bayesian, neural),
        discrepancy(falling, -rising),
    )


def _cost_of_weights(
    shared: "SharedCounts", neural: "NeuralRun", wired: Wiring
) -> Callable[[Array], Array]:
    """The summed cost as a function of one projection's weights, thresholds following."""

    def energy(weights: Array) -> Array:
        return _summed(shared, wired, neural, Strengths(weights, log_sigmoid(-weights)))

    return energy


def _cost_of_logs(
    shared: "SharedCounts", neural: "NeuralRun", wired: Wiring
) -> Callable[[Array], Array]:
    """The summed cost as a function of one table of expected logarithms (2, 2, pre, post)."""

    def energy(logs: Array) -> Array:
        on, off = logs[ON].swapaxes(1, 2), logs[OFF].swapaxes(1, 2)
        return _summed(shared, wired, neural, Strengths(on - off, off))

    return energy


def _summed(shared: "SharedCounts", wired: Wiring, neural: "NeuralRun", moved: Strengths) -> Array:
    """Cost of the run under moved synapses; at the output y is the decision taken."""
    changed = eqx.tree_at(lambda w: getattr(w, shared.synapses), wired, moved)
    if shared.synapses != "output":
        return middle_layer_cost(changed, neural.activity).sum()
    taken = neural.firing.decisions
    assert taken is not None
    certain = jnp.where(taken > 0.5, jnp.inf, -jnp.inf)
    activity = eqx.tree_at(lambda a: a.output_potentials, neural.activity, certain)
    return output_layer_cost(changed, activity).sum()


def _gained(shared: "SharedCounts", bayesian: "BayesianRun") -> Array:
    """Counts that eq. 3 adds over the run, before any floor, (2, 2, pre, post)."""
    seen = bayesian.experience
    if shared.table == "likelihood":
        return pair_evidence(with_complement(seen.observations), seen.states)
    if shared.table == "transition":
        return pair_evidence(seen.previous_states, seen.states)
    assert seen.decisions is not None
    assert seen.risk is not None
    return pair_evidence(seen.previous_states, with_complement(seen.decisions), 1 - 2 * seen.risk)


def _count_discrepancy(
    shared: "SharedCounts", bayesian: "BayesianRun", neural: "NeuralRun"
) -> Array:
    """Compare evidence after learning with that of Hebb, Home - Hebb after plasticity."""
    synapses = getattr(neural.after, shared.synapses)
    hebb, home = synapses.hebb.evidence, synapses.home.evidence
    reached = jnp.stack([hebb, home - hebb]).swapaxes(2, 3)
    return discrepancy(reached, getattr(bayesian.after, shared.table).evidence)


def floored_entries(
    bayesian: "BayesianRun", chunk_length: int | None, floor: float
) -> Array | None:
    """Return which counts of the policy reached their floor in any chunk, or None without a policy.

    Example:
        >>> from hebbayes.theory.certificate.runs import example_runs
        >>> bayesian, neural = example_runs()
        >>> floored_entries(bayesian, None, 1.0).shape
        (2, 2, 2, 3)
    """
    seen, policy = bayesian.experience, bayesian.before.policy
    if policy is None or seen.decisions is None or seen.risk is None:
        return None
    length = chunk_length or seen.risk.shape[0]
    taken, trust = with_complement(seen.decisions), 1 - 2 * seen.risk
    running, is_floored = total(policy), jnp.zeros(policy.prior.shape, bool)
    for first in range(0, seen.risk.shape[0], length):
        part = slice(first, first + length)
        running = running + pair_evidence(seen.previous_states[part], taken[part], trust[part])
        is_floored = is_floored | (running <= floor)
    return is_floored


def threshold_discrepancy(bayesian: "BayesianRun", wired: Wiring) -> Array:
    """Return the discrepancy of firing thresholds and the log odds of a silent world's states.

    Example:
        >>> from hebbayes.theory.certificate.runs import example_runs
        >>> from hebbayes.theory.network import wiring
        >>> bayesian, neural = example_runs()
        >>> wired = wiring(neural.before, log_ratio)
        >>> float(threshold_discrepancy(bayesian, wired)) < 1e-4
        True
    """
    logs = bayesian.logs
    silent = logs.likelihood[OFF].sum(1) + logs.state_prior
    if logs.transition is not None:
        silent = silent + logs.transition[OFF].sum(1)
    gap = discrepancy(thresholds(wired), silent)
    if logs.policy is None or logs.decision_prior is None:
        return gap
    undecided = logs.policy[OFF].sum(1) + logs.decision_prior
    return worst(gap, discrepancy(output_thresholds(wired), undecided))


def round_trip_discrepancy(bayesian: "BayesianRun", neural: "NeuralRun") -> Array:
    """Return the discrepancy of network -> model -> network and model -> network -> model.

    Example:
        >>> from hebbayes.theory.certificate.runs import example_runs
        >>> bayesian, neural = example_runs()
        >>> float(round_trip_discrepancy(bayesian, neural))
        0.0
    """
    there_and_back = (
        (network_of(model_of(neural.before)), neural.before),
        (network_of(bayesian.before), neural.before),
        (model_of(neural.before), bayesian.before),
        (model_of(network_of(bayesian.before)), bayesian.before),
    )
    gaps = [
        discrepancy(first, second)
        for one, other in there_and_back
        for first, second in zip(jax.tree.leaves(one), jax.tree.leaves(other))
    ]
    return worst(*gaps)
