"""The claims of a certificate about one run, each the largest discrepancy between two routes.

What is true of the gradients is exactly what docs/theory.md section 4 states: activity is
stationary step by step with the past held fixed.  `learning_claims` holds those about plasticity.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

import equinox as eqx
import jax
import jax.numpy as jnp
from jax import Array

from hebbayes.core.arrays import OFF, ON
from hebbayes.core.counts import total
from hebbayes.core.numerics import log_sigmoid
from hebbayes.theory.certificate.measure import discrepancy, worst
from hebbayes.theory.cost import cost, middle_layer_cost, output_layer_cost
from hebbayes.theory.equivalence import model_of, network_of
from hebbayes.theory.free_energy import free_energy
from hebbayes.theory.inference import with_complement
from hebbayes.theory.learning import pair_evidence
from hebbayes.theory.network import output_thresholds, thresholds

if TYPE_CHECKING:
    from hebbayes.theory.certificate.runs import BayesianRun, NeuralRun
    from hebbayes.theory.network import Wiring


def free_energy_discrepancy(bayesian: "BayesianRun", neural: "NeuralRun", wired: "Wiring") -> Array:
    """Return the discrepancy of L and F over all steps.

    Example:
        >>> from hebbayes.core.counts import log_ratio
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


def state_discrepancy(bayesian: "BayesianRun", neural: "NeuralRun", wired: "Wiring") -> Array:
    """Return the discrepancy of activity and posterior of states, and of dL/dx = 0 there.

    Example:
        >>> from hebbayes.core.counts import log_ratio
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


def decision_discrepancy(bayesian: "BayesianRun", neural: "NeuralRun", wired: "Wiring") -> Array:
    """Return the discrepancy of output and posterior of decisions, and of dL/dy = 0 at risk 0.

    Example:
        >>> from hebbayes.core.counts import log_ratio
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


def threshold_discrepancy(bayesian: "BayesianRun", wired: "Wiring") -> Array:
    """Return the discrepancy of firing thresholds and the log odds of a silent world's states.

    Example:
        >>> from hebbayes.core.counts import log_ratio
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
