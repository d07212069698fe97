"""What comes next: marginal distributions of the next states and outcomes.

The forward map follows from the inverse one by Bayes' rule; given the previous states s' it
factorises over states, and so do outcomes given states (docs/theory.md section 11):

    P(s_j | s') ~ D(s_j) prod_i B_ij(s'_i | s_j),        P(o_i | s) ~ prod_j A_ij(o_i | s_j)

A prediction is the mean over all joint states, each weighted by its probability under the belief.
It is exact for any number of states, without enumeration (`core.binary_sums`).
"""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import jax.numpy as jnp
from jax import Array
from jaxtyping import Float

from hebbayes.core.arrays import OFF, ON
from hebbayes.core.binary_sums import expected_sigmoid
from hebbayes.core.checks import check_between, check_shape
from hebbayes.core.errors import ShapeError
from hebbayes.core.scan import scan_time

if TYPE_CHECKING:
    from hebbayes.theory.generative_model import ExpectedLogs


def predict_states(
    logs: "ExpectedLogs", states: Float[Array, "*time 2 states"]
) -> Float[Array, "*time 2 states"]:
    """Return the probabilities of the next states given those of the present ones.

    Raises `ShapeError` for a model without a transition.

    Example:
        >>> from hebbayes.core.counts import log_ratio
        >>> from hebbayes.theory.generative_model import expected_logs
        >>> from hebbayes.theory.model_building import generative_model
        >>> stay = jnp.array([0.99, 0.01]).reshape(2, 1, 1)
        >>> model = generative_model(jnp.full((2, 1, 1), 0.5), transition=stay)
        >>> belief = jnp.array([[0.9], [0.1]])
        >>> predict_states(expected_logs(model, log_ratio), belief).round(3).tolist()
        [[0.892...], [0.108...]]
    """
    if logs.transition is None:
        raise ShapeError("this model has no transition; the next state needs one.")
    _check(logs, states)
    odds = logs.transition[:, ON] - logs.transition[:, OFF]  # [previous value, previous, state]
    prior = logs.state_prior[ON] - logs.state_prior[OFF]
    values = jnp.concatenate([odds, jnp.stack([prior, prior])[:, None]], axis=1)

    def predict(belief: Array) -> Array:
        certain = jnp.array([[1.0], [0.0]], belief.dtype)
        return expected_sigmoid(values, jnp.concatenate([belief, certain], axis=1))

    return _over_time(predict, states)


def predict_outcomes(
    logs: "ExpectedLogs", states: Float[Array, "*time 2 states"]
) -> Float[Array, "*time 2 outcomes"]:
    """Return the probabilities of the outcomes given those of the states.

    A state whose likelihood is flat has no influence.

    Example:
        >>> from hebbayes.core.counts import log_ratio
        >>> from hebbayes.theory.generative_model import expected_logs
        >>> from hebbayes.theory.model_building import generative_model
        >>> model = generative_model(jnp.array([0.9, 0.3]).reshape(2, 1, 1))
        >>> half = jnp.full((2, 1), 0.5)
        >>> predict_outcomes(expected_logs(model, log_ratio), half).round(3).tolist()
        [[0.6...], [0.4]]
    """
    _check(logs, states)
    odds = logs.likelihood[ON] - logs.likelihood[OFF]  # [state value, outcome, state]
    return _over_time(partial(expected_sigmoid, odds.swapaxes(1, 2)), states)


def _check(logs: "ExpectedLogs", states: Array) -> None:
    check_shape("states", states, (..., 2, logs.state_prior.shape[-1]))
    check_between("states", states, 0, 1)


def _over_time(predict: Callable[[Array], Array], states: Array) -> Array:
    """One prediction after the other: memory for all at once would be large."""
    rows = states.reshape(-1, *states.shape[-2:])
    predicted = scan_time(lambda _, belief: (None, predict(belief)), None, rows)[1]
    return predicted.reshape(*states.shape[:-1], predicted.shape[-1])
