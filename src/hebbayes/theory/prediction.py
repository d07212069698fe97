"""What comes next: distributions of the next state and the next outcome.

The forward map follows from the inverse one by Bayes' rule,
P(s | s_previous) ~ B(s_previous | s) P(s)  (docs/theory.md section 3).
"""

from typing import TYPE_CHECKING

import jax
import jax.numpy as jnp
from jax import Array
from jaxtyping import Float

from hebbayes.core.errors import ShapeError
from hebbayes.core.numerics import contract_or_zero

if TYPE_CHECKING:
    from hebbayes.theory.generative_model import ExpectedLogs


def predict_states(
    logs: "ExpectedLogs", states: Float[Array, "*time 2 states"]
) -> Float[Array, "*time 2 states"]:
    """Return the probabilities of the next states given those of the present ones.

    Raises `ShapeError` for a model without a transition.

    Example:
        >>> from hebbayes.core.counts import log_ratio, without_evidence
        >>> from hebbayes.theory.generative_model import (
        ...     GenerativeModel, expected_logs, prior_counts)
        >>> stay = without_evidence(jnp.array([[0.9, 0.1], [0.1, 0.9]])[..., None, None])
        >>> seen = without_evidence(jnp.ones((2, 2, 1, 1)))
        >>> model = GenerativeModel(seen, prior_counts(jnp.array([0.5])), transition=stay)
        >>> sure = jnp.array([[1.0], [0.0]])
        >>> predict_states(expected_logs(model, log_ratio), sure).round(3).tolist()
        [[0.9...], [0.1...]]
    """
    if logs.transition is None:
        raise ShapeError("this model has no transition; the next state needs one.")
    joint = contract_or_zero("vuij,...vi->...uj", logs.transition, states) + logs.state_prior
    return jax.nn.softmax(joint, axis=-2)


def predict_outcomes(
    logs: "ExpectedLogs", states: Float[Array, "*time 2 states"]
) -> Float[Array, "*time 2 outcomes"]:
    """Return the probabilities of the outcomes given those of the states.

    Every hidden state is an expert for every outcome, P(o_i) ~ product over j of
    sum over s_j of P(o_i | s_j) P(s_j): exact marginalisation for a single state, and a state
    whose likelihood is flat has no influence.

    Example:
        >>> from hebbayes.core.counts import log_ratio, without_evidence
        >>> from hebbayes.theory.generative_model import (
        ...     GenerativeModel, expected_logs, prior_counts)
        >>> seen = without_evidence(jnp.array([[0.9, 0.3], [0.1, 0.7]])[..., None, None])
        >>> model = GenerativeModel(seen, prior_counts(jnp.array([0.5])))
        >>> half = jnp.full((2, 1), 0.5)
        >>> predict_outcomes(expected_logs(model, log_ratio), half).round(3).tolist()
        [[0.6...], [0.4]]
    """
    log_experts = jnp.log(jnp.einsum("vuij,...uj->...vij", jnp.exp(logs.likelihood), states))
    return jax.nn.softmax(log_experts.sum(-1), axis=-2)
