"""Minimising the variational free energy over beliefs: inference of states and decisions.

    s = softmax(lnA.o + lnB.s_previous + lnD),    decision = softmax(lnC.s_previous + lnE)

over the two values of every factor (I22; docs/theory.md eq. 2).  Filtering, not smoothing.
Beliefs are logarithms of probabilities, so that 1 - s is exact even if s rounds to 1.
"""

from typing import TYPE_CHECKING

import equinox as eqx
import jax
import jax.numpy as jnp
from jax import Array
from jaxtyping import Float

from hebbayes.core.arrays import ON, sizes
from hebbayes.core.checks import check_at_least, check_between, check_defined, check_shape
from hebbayes.core.errors import ShapeError
from hebbayes.core.numerics import contract_or_zero
from hebbayes.core.scan import delayed, scan_time

if TYPE_CHECKING:
    from hebbayes.theory.generative_model import ExpectedLogs

EXCLUDED = "observations and priors exclude both values of a state there"
"""Why a belief is not a number."""


class Beliefs(eqx.Module):
    """Posteriors of states and decisions, as logarithms of probabilities.

    Attributes:
        log_states: (..., 2, n_states), log posterior of each state's two values.
        log_decisions: (..., 2, n_decisions), that of decisions; None without a policy.
    """

    log_states: Float[Array, "*time 2 states"]
    log_decisions: Float[Array, "*time 2 decisions"] | None = None

    def __check_init__(self) -> None:
        """States and decisions have two values and the same steps."""
        check_shape("log_states", self.log_states, (..., 2, None))
        if self.log_decisions is not None:
            time = jnp.shape(self.log_states)[:-2]
            check_shape("log_decisions", self.log_decisions, (*time, 2, None))

    @property
    def states(self) -> Float[Array, "*time states"]:
        """Probability that each state is on."""
        return jnp.exp(self.log_states[..., ON, :])

    @property
    def decisions(self) -> Float[Array, "*time decisions"] | None:
        """Probability that each decision is on; None without a policy."""
        return None if self.log_decisions is None else jnp.exp(self.log_decisions[..., ON, :])

    def __repr__(self) -> str:
        """Return the sizes."""
        return sizes("Beliefs", states=self.states, decisions=self.decisions)


def with_complement(values: Float[Array, "*time n"]) -> Float[Array, "*time 2 n"]:
    """Return (value, 1 - value) on a new axis before the last.

    Example:
        >>> with_complement(jnp.array([1.0, 0.25])).tolist()
        [[1.0, 0.25], [0.0, 0.75]]
    """
    return jnp.stack([values, 1 - values], axis=-2)


def undecided(n_states: int, dtype: jnp.dtype | type = float) -> Float[Array, "2 states"]:
    """Return the belief before the first step: every state on with probability 1/2.

    Example:
        >>> undecided(2).tolist()
        [[0.5, 0.5], [0.5, 0.5]]
    """
    return jnp.full((2, n_states), 0.5, dtype)


def infer_states(
    logs: "ExpectedLogs",
    observation: Float[Array, "*time outcomes"],
    previous_states: Float[Array, "*time 2 states"],
) -> Float[Array, "*time 2 states"]:
    """Return the log posterior of all states given an observation and the previous posterior.

    ``observation`` holds 0 and 1 (values between count as expectations); ``previous_states``
    holds probabilities.  The result is NaN if data and priors exclude both values of a state.

    Example:
        >>> from hebbayes.core.counts import log_ratio, without_evidence
        >>> from hebbayes.theory.generative_model import (
        ...     GenerativeModel, expected_logs, prior_counts)
        >>> seen = prior_counts(jnp.array([[[0.9]], [[0.1]]])[:, 0])  # P(o=1 | s=1), P(o=1 | s=0)
        >>> likelihood = without_evidence(seen.prior.reshape(2, 2, 1, 1))
        >>> logs = expected_logs(GenerativeModel(likelihood, prior_counts(jnp.array([0.5]))),
        ...                      log_ratio)
        >>> posterior = jnp.exp(infer_states(logs, jnp.array([1.0]), undecided(1)))
        >>> posterior.round(3).tolist()
        [[0.9...], [0.1...]]
    """
    n_outcomes, n_states = logs.likelihood.shape[-2:]
    check_shape("observation", observation, (..., n_outcomes))
    check_between("observation", observation, 0, 1)
    evidence = contract_or_zero("vuij,...vi->...uj", logs.likelihood, with_complement(observation))
    joint = evidence + logs.state_prior
    if logs.transition is not None:
        check_shape("previous_states", previous_states, (..., 2, n_states))
        check_between("previous_states", previous_states, 0, 1)
        joint = joint + contract_or_zero("vuij,...vi->...uj", logs.transition, previous_states)
    return jax.nn.log_softmax(joint, axis=-2)  # docs/theory.md eq. 2


def infer_decisions(
    logs: "ExpectedLogs", previous_states: Float[Array, "*time 2 states"]
) -> Float[Array, "*time 2 decisions"]:
    """Return the log posterior of all decisions given the previous posterior of states.

    Risk plays no part: it is unknown when deciding.  Raises `ShapeError` for a model without a
    policy.

    Example:
        >>> from hebbayes.core.counts import log_ratio
        >>> from hebbayes.theory.generative_model import expected_logs, flat_model
        >>> logs = expected_logs(flat_model(3, 2, 4), log_ratio)
        >>> jnp.exp(infer_decisions(logs, undecided(2))).round(6)[0].tolist()
        [0.5, 0.5, 0.5, 0.5]
    """
    if logs.policy is None or logs.decision_prior is None:
        raise ShapeError("this model has no policy; decisions need policy and decision_prior.")
    check_shape("previous_states", previous_states, (..., 2, logs.policy.shape[-2]))
    check_between("previous_states", previous_states, 0, 1)
    joint = contract_or_zero("vuij,...vi->...uj", logs.policy, previous_states)
    return jax.nn.log_softmax(joint + logs.decision_prior, axis=-2)  # docs/theory.md eq. 2


def infer_trajectory(
    logs: "ExpectedLogs",
    observations: Float[Array, "time outcomes"],
    start: Float[Array, "2 states"] | None = None,
    *,
    delay: int = 1,
) -> Beliefs:
    """Return the beliefs of every step, each given the observations up to it.

    ``start`` holds the probabilities before the first step; default 1/2.  Transition and policy
    read the states of ``delay`` steps before.  Raises `ValueRangeError` if observations and priors
    exclude both values of a state.

    Example:
        >>> from hebbayes.core.counts import log_ratio
        >>> from hebbayes.theory.generative_model import expected_logs, flat_model
        >>> logs = expected_logs(flat_model(3, 2, 4), log_ratio)
        >>> infer_trajectory(logs, jnp.ones((5, 3))).log_states.shape
        (5, 2, 2)
    """
    n_outcomes, n_states = logs.likelihood.shape[-2:]
    check_shape("observations", observations, ("time", n_outcomes))
    check_between("observations", observations, 0, 1)
    check_at_least("delay", delay, 1)
    if start is None:
        start = undecided(n_states, logs.state_prior.dtype)
    check_shape("start", start, (2, n_states))

    def step(history: Array, observation: Array) -> tuple[Array, Array]:
        log_states = infer_states(logs, observation, history[0])  # oldest first
        return jnp.concatenate([history[1:], jnp.exp(log_states)[None]]), log_states

    history = jnp.broadcast_to(start, (delay, *start.shape))
    _, log_states = scan_time(step, history, jnp.asarray(observations, start.dtype))
    check_defined("log posterior of states", log_states, EXCLUDED)
    if logs.policy is None:
        return Beliefs(log_states)
    return Beliefs(log_states, infer_decisions(logs, delayed(jnp.exp(log_states), start, delay)))
