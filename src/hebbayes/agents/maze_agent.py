"""The maze agent of I22 (Figs. 4-5): its prior counts and its habits; docs/theory.md section 7.

A decision is a sequence of moves, written in base ``n_moves`` with the first move as the leading
digit; only the first move is made.  The habit (prior of decisions) depends on the first move
alone: up and down 1/4 each, right ``e_right``, left what is left of the half.
"""

from typing import Any

import jax.numpy as jnp
import numpy as np
from jax import Array
from jaxtyping import Float, Int

from hebbayes.core.arrays import OFF, ON
from hebbayes.core.checks import check_between, check_shape
from hebbayes.core.counts import Counts, without_evidence
from hebbayes.theory.generative_model import GenerativeModel

N_MOVES = 4
_SENSES, _EYE, _TRANSITION, _POLICY = 1e7, 9.9e8, 1e7, 3000.0  # prior counts of I22


def first_move_of_decision(depth: int = 4) -> Int[Array, " decisions"]:
    """Return the move that each decision makes: the actions of a maze agent's decisions.

    Example:
        >>> first_move_of_decision(depth=2).tolist()
        [0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3]
    """
    return jnp.arange(N_MOVES**depth) // N_MOVES ** (depth - 1)


def right_biased_prior(e_right: float, depth: int = 4) -> Float[Array, " decisions"]:
    """Return the prior of decisions whose first moves are up, down, left, right.

    Their blocks hold 0.25, 0.25, 0.5 - e_right, e_right, each shared by its sequences.

    Example:
        >>> right_biased_prior(0.5, depth=1).tolist()
        [0.25, 0.25, 0.0, 0.5]
    """
    n_shared = N_MOVES ** (depth - 1)
    blocks = np.array([0.25, 0.25, 0.5 - e_right, e_right])
    return jnp.asarray(np.repeat(blocks / n_shared, n_shared))


def first_move_prior(decision_prior: Float[Array, " decisions"]) -> Float[Array, " moves"]:
    """Return the probability of each first move, the blocks of a prior of decisions.

    Example:
        >>> first_move_prior(right_biased_prior(0.25)).tolist()
        [0.25, 0.25, 0.25, 0.25]
    """
    return decision_prior.reshape(N_MOVES, -1).sum(1)


def maze_agent_model(
    e_right: float,
    n_outcomes: int = 121,
    *,
    depth: int = 4,
    decision_prior: Float[Array, " decisions"] | None = None,
    dtype: jnp.dtype | type = float,
) -> GenerativeModel:
    """Return the generative model of the maze agent before any trial.

    One hidden state per outcome, behind an eye that need not learn; memory and policy flat.
    ``decision_prior``, one probability for each of the 4^depth decisions, replaces the habit of
    ``e_right``: this is how an estimated agent is built.
    Raises `ValueRangeError` for ``e_right`` outside [0, 0.5] and for improbable priors.

    Example:
        >>> model = maze_agent_model(0.25)
        >>> model.n_outcomes, model.n_states, model.n_decisions
        (121, 121, 256)
    """
    check_between("e_right", e_right, 0.0, 0.5)
    habit = right_biased_prior(e_right, depth) if decision_prior is None else decision_prior
    check_shape("decision_prior", habit, (N_MOVES**depth,))
    check_between("decision_prior", habit, 0.0, 1.0)
    n_states, n_decisions = n_outcomes, N_MOVES**depth
    senses = np.full((2, 2, n_outcomes, n_states), _SENSES)
    senses[[ON, OFF], [ON, OFF]] += _EYE * np.eye(n_states)

    def counts(prior: Any, *shape: int) -> Counts:
        return without_evidence(jnp.asarray(np.broadcast_to(prior, shape), dtype))

    return GenerativeModel(
        likelihood=without_evidence(jnp.asarray(senses, dtype)),
        state_prior=counts(0.5, 2, n_states),
        transition=counts(_TRANSITION, 2, 2, n_states, n_states),
        policy=counts(_POLICY, 2, 2, n_states, n_decisions),
        decision_prior=counts([habit, 1 - np.asarray(habit)], 2, n_decisions),
    )
