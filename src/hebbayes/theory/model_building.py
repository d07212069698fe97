"""A generative model from arrays: probabilities and how sure they are, or counts.

Probabilities are those of ON; counts hold both values on a leading axis, ON first.  Values are
checked here, at the entry.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import jax.numpy as jnp
import numpy as np

from hebbayes.core.checks import check_between, check_finite
from hebbayes.core.counts import Counts, without_evidence
from hebbayes.core.errors import ShapeError, ValueRangeError
from hebbayes.theory.generative_model import GenerativeModel, prior_counts

if TYPE_CHECKING:
    from hebbayes.core.arrays import ArrayLike


def generative_model(
    likelihood: "ArrayLike",
    state_prior: "ArrayLike" = 0.5,
    *,
    transition: "ArrayLike | None" = None,
    policy: "ArrayLike | None" = None,
    decision_prior: "ArrayLike | None" = None,
    total_count: float | Mapping[str, float] = 1.0,
) -> GenerativeModel:
    """Return a generative model of binary outcomes, states and decisions.

    A table is given as probabilities or as counts:

    - ``likelihood`` (A): P(outcome on | state on), P(outcome on | state off), stacked as
      (2, n_outcomes, n_states); or counts (2, 2, n_outcomes, n_states).
    - ``transition`` (B): P(previous state on | state on or off), (2, n_states, n_states); or
      counts.
    - ``policy`` (C): P(previous state on | decision on or off), (2, n_states, n_decisions); or
      counts.
    - ``state_prior`` (D), ``decision_prior`` (E): P(on), one number for all or one each; or counts
      (2, n).  ``decision_prior`` defaults to 1 / n_decisions.

    B and C are inverse maps, from an effect to its cause (docs/theory.md section 2).
    ``total_count`` is the number of observations that probabilities are worth: a large one learns
    slowly.  One number for all tables, or a number per table by name (1 for tables left out).

    Raises `ShapeError` if tables do not fit together, `ValueRangeError` for probabilities outside
    [0, 1], negative counts and totals that are not positive.

    Example:
        >>> generative_model(np.full((2, 3, 4), 0.5), total_count=100)
        GenerativeModel(outcomes=3, states=4, decisions=0, no transition)
        >>> generative_model(np.eye(3))
        Traceback (most recent call last):
            ...
        hebbayes.core.errors.ShapeError: likelihood has shape (3, 3); wanted probabilities
        (2, rows, columns) or counts (2, 2, rows, columns).
    """
    weight = _totals(total_count)
    table = _table("likelihood", likelihood, weight)
    n_states = table.prior.shape[-1]
    tables = {
        name: None if values is None else _table(name, values, weight)
        for name, values in (("transition", transition), ("policy", policy))
    }
    habit = None
    if tables["policy"] is not None:
        n_decisions = tables["policy"].prior.shape[-1]
        given = 1 / max(1, n_decisions) if decision_prior is None else decision_prior
        habit = _prior("decision_prior", given, n_decisions, weight)
    elif decision_prior is not None:
        raise ShapeError("decision_prior needs a policy; give both or neither.")
    return GenerativeModel(
        likelihood=table,
        state_prior=_prior("state_prior", state_prior, n_states, weight),
        transition=tables["transition"],
        policy=tables["policy"],
        decision_prior=habit,
    )


_TABLES = ("likelihood", "transition", "policy", "state_prior", "decision_prior")


def _totals(total_count: float | Mapping[str, float]) -> dict[str, float]:
    given = total_count if isinstance(total_count, Mapping) else dict.fromkeys(_TABLES, total_count)
    if unknown := sorted(set(given) - set(_TABLES)):
        raise ValueRangeError(
            f"total_count names {unknown[0]!r}; choose from {', '.join(_TABLES)}."
        )
    for name, count in given.items():
        if not count > 0:
            raise ValueRangeError(f"total_count of {name} must be positive; got {count}.")
    return dict.fromkeys(_TABLES, 1.0) | dict(given)


def _table(name: str, values: "ArrayLike", weight: Mapping[str, float]) -> Counts:
    array = np.asarray(values, float)
    if array.ndim == 4 and array.shape[:2] == (2, 2):
        return _counts(name, array)
    if array.ndim != 3 or array.shape[0] != 2:
        raise ShapeError(
            f"{name} has shape {array.shape}; wanted probabilities (2, rows, columns) or counts "
            "(2, 2, rows, columns)."
        )
    check_between(name, array, 0.0, 1.0)
    return prior_counts(jnp.asarray(array), weight[name])


def _prior(name: str, values: "ArrayLike", n: int, weight: Mapping[str, float]) -> Counts:
    array = np.asarray(values, float)
    if array.shape == (2, n):
        return _counts(name, array)
    if array.shape not in ((), (n,)):
        raise ShapeError(
            f"{name} has shape {array.shape}; wanted one probability, ({n},) probabilities or "
            f"counts (2, {n})."
        )
    check_between(name, array, 0.0, 1.0)
    return prior_counts(jnp.asarray(np.broadcast_to(array, (n,))), weight[name])


def _counts(name: str, array: "np.ndarray[tuple[int, ...], np.dtype[np.float64]]") -> Counts:
    check_finite(name, array)
    check_between(name, array, 0.0, np.inf)
    return without_evidence(jnp.asarray(array))
