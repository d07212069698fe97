"""Variational free energy of a trajectory, from Bayesian variables only.

    F = sum_t s.(ln s - lnA.o - lnB.s_previous - lnD)
            + d.(ln d - (1 - 2 risk) lnC.s_previous - lnE)   +  KL[Q(A, B, C) || P(A, B, C)]

(I22; docs/theory.md eq. 1), in nats.  The sum and the parameters' divergence are reported apart,
the sum in parts.  `cost` evaluates the network's own cost function by separate code.
"""

from typing import TYPE_CHECKING

import equinox as eqx
import jax.numpy as jnp
from jax import Array
from jaxtyping import Float

from hebbayes.core.arrays import sizes
from hebbayes.core.checks import check_between, check_shape
from hebbayes.core.counts import beta_divergence
from hebbayes.core.numerics import contract_or_zero, product_or_zero
from hebbayes.theory.inference import Beliefs, with_complement

if TYPE_CHECKING:
    from hebbayes.theory.generative_model import ExpectedLogs, GenerativeModel


class FreeEnergy(eqx.Module):
    """Parts of the free energy, nats per step: total = state complexity - accuracy + decision.

    Attributes:
        accuracy: Expected log likelihood of the outcomes.
        state_complexity: Divergence of the posterior of states from their prior.
        decision: The part of the decisions, weighted by risk.
    """

    accuracy: Float[Array, " *time"]
    state_complexity: Float[Array, " *time"]
    decision: Float[Array, " *time"]

    @property
    def total(self) -> Float[Array, " *time"]:
        """Free energy per step without the parameters' divergence."""
        return self.state_complexity - self.accuracy + self.decision

    def __repr__(self) -> str:
        """Return the sizes."""
        return sizes("FreeEnergy", total=self.accuracy)


def free_energy(
    logs: "ExpectedLogs",
    beliefs: Beliefs,
    observations: Float[Array, "*time outcomes"],
    previous_states: Float[Array, "*time 2 states"],
    risk: Float[Array, " *time"] | float = 0.0,
) -> FreeEnergy:
    """Return the parts of eq. 1 for every step, with the expectation of decisions.

    ``previous_states`` holds probabilities.  ``risk`` is that of each step's decision.

    Example:
        >>> from hebbayes.theory.generative_model import GenerativeModel
        >>> from hebbayes.core.counts import log_ratio, without_evidence
        >>> from hebbayes.theory.generative_model import expected_logs, prior_counts
        >>> from hebbayes.theory.inference import infer_states, undecided
        >>> model = GenerativeModel(without_evidence(jnp.ones((2, 2, 3, 1))),
        ...                         prior_counts(jnp.array([0.5])))
        >>> logs, seen = expected_logs(model, log_ratio), jnp.array([1.0, 0.0, 1.0])
        >>> beliefs = Beliefs(infer_states(logs, seen, undecided(1)))
        >>> round(float(free_energy(logs, beliefs, seen, undecided(1)).total / jnp.log(2)), 3)
        3.0
    """
    _check(logs, beliefs, observations, previous_states)
    ln_s = beliefs.log_states
    s = jnp.exp(ln_s)
    expected = contract_or_zero("vuij,...vi->...uj", logs.likelihood, with_complement(observations))
    prior = jnp.broadcast_to(logs.state_prior, s.shape)
    if logs.transition is not None:
        prior = prior + contract_or_zero("vuij,...vi->...uj", logs.transition, previous_states)
    accuracy = product_or_zero(s, expected).sum((-2, -1))
    complexity = product_or_zero(s, ln_s - prior).sum((-2, -1))
    if beliefs.log_decisions is None or logs.policy is None or logs.decision_prior is None:
        return FreeEnergy(accuracy, complexity, jnp.zeros_like(accuracy))
    ln_d = beliefs.log_decisions
    d = jnp.exp(ln_d)
    explained = contract_or_zero("vuij,...vi->...uj", logs.policy, previous_states)
    trust = jnp.broadcast_to(1 - 2 * jnp.asarray(risk, d.dtype), accuracy.shape)[..., None, None]
    decision = product_or_zero(d, ln_d - product_or_zero(trust, explained) - logs.decision_prior)
    return FreeEnergy(accuracy, complexity, decision.sum((-2, -1)))


def _check(
    logs: "ExpectedLogs", beliefs: Beliefs, observations: Array, previous_states: Array
) -> None:
    n_outcomes, n_states = logs.likelihood.shape[-2:]
    check_shape("log_states", beliefs.log_states, (..., 2, n_states))
    check_shape("observations", observations, (..., n_outcomes))
    check_between("observations", observations, 0, 1)
    check_shape("previous_states", previous_states, (..., 2, n_states))
    if beliefs.log_decisions is not None and logs.policy is not None:
        check_shape("log_decisions", beliefs.log_decisions, (..., 2, logs.policy.shape[-1]))


def parameter_divergence(model: "GenerativeModel") -> Float[Array, ""]:
    """Return KL[Q || P] of all parameters in nats: what learning has cost so far.

    Example:
        >>> from hebbayes.theory.generative_model import GenerativeModel
        >>> from hebbayes.core.counts import without_evidence
        >>> from hebbayes.theory.generative_model import prior_counts
        >>> model = GenerativeModel(without_evidence(jnp.ones((2, 2, 3, 1))),
        ...                         prior_counts(jnp.array([0.5])))
        >>> float(parameter_divergence(model))
        0.0
    """
    tables = (
        model.likelihood,
        model.transition,
        model.policy,
        model.state_prior,
        model.decision_prior,
    )
    return sum(
        (beta_divergence(table) for table in tables if table is not None), start=jnp.zeros(())
    )
