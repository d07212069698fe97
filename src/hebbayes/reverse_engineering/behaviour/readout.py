"""Output synapses V by regression of decisions on the activity they rest on, window by window.

No rule of learning is assumed, so that counts (`policy`) can be checked against it.  Decisions
identify only differences between decisions: V is given less its mean over decisions.  A weak prior
(standard deviation 5 nats) keeps weights finite if activity separates a window's decisions
completely.  Given the past, decisions are independent, so intervals are those of the likelihood's
curvature: they cover on windows of 100 trials, while a block bootstrap is too narrow.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hebbayes.reverse_engineering.behaviour.regression import fit_choices
from hebbayes.reverse_engineering.statistics.estimate import Estimate, normal_estimate

if TYPE_CHECKING:
    from hebbayes.reverse_engineering.behaviour.choices import Choices

Floats = NDArray[np.float64]

_RIDGE = 1 / 5**2
_TRIALS_PER_COEFFICIENT = 3


def centred(weights: Floats) -> Floats:
    """Return V (..., decisions, states) less its mean over decisions: all that decisions identify.

    Example:
        >>> centred(np.array([[2.0], [4.0]])).ravel().tolist()
        [-1.0, 1.0]
    """
    return weights - weights.mean(-2, keepdims=True)


def readout_weights(choices: "Choices", windows: Sequence[NDArray[np.bool_]]) -> Estimate:
    """Return centred V of every window, (windows, decisions, states).

    NaN for decisions that were never taken, and for windows with fewer than three trials per
    coefficient or a single decision.

    Example:
        >>> from hebbayes.reverse_engineering.behaviour.choices import Choices
        >>> rng = np.random.default_rng(0)
        >>> x = rng.integers(0, 2, (400, 1)).astype(float)
        >>> choices = Choices((x[:, 0] < rng.random(400)).astype(int), x, None,
        ...                   np.zeros(400, int), 2)
        >>> estimate = readout_weights(choices, [np.ones(400, bool)])
        >>> bool(estimate.low[0, 0, 0] > 0)
        True
    """
    is_taken = choices.n_taken > 0
    n_states = choices.activity.shape[1]
    shape = (len(windows), choices.n_decisions, n_states)
    value, low, high = (np.full(shape, np.nan) for _ in range(3))
    for place, window in enumerate(windows):
        rows = window & choices.is_used
        if not _is_enough(choices, rows, int(is_taken.sum())):
            continue
        estimate = _fit_window(choices, rows, is_taken)
        value[place, is_taken], low[place, is_taken], high[place, is_taken] = (
            estimate.value,
            estimate.low,
            estimate.high,
        )
    return Estimate(value, low, high)


def _is_enough(choices: "Choices", rows: NDArray[np.bool_], n_taken: int) -> bool:
    n_coefficients = (n_taken - 1) * (1 + choices.activity.shape[1])
    n_kinds = np.unique(choices.decision[rows]).size
    return n_kinds > 1 and int(rows.sum()) >= _TRIALS_PER_COEFFICIENT * n_coefficients


def _fit_window(
    choices: "Choices", rows: NDArray[np.bool_], is_taken: NDArray[np.bool_]
) -> Estimate:
    x = choices.activity[rows]
    design = np.column_stack([np.ones(len(x)), x])
    fit = fit_choices(design, choices.one_hot[rows][:, is_taken], ridge=_RIDGE)
    shape = fit.coefficients.shape
    # what one coefficient moves each centred weight by, (coefficients, decisions, states)
    moves = _weights_of(np.eye(fit.coefficients.size).reshape(-1, *shape))
    covariance = np.linalg.inv(fit.information)
    variance = np.einsum("ikj,il,lkj->kj", moves, covariance, moves)
    return normal_estimate(_weights_of(fit.coefficients), np.sqrt(variance))


def _weights_of(coefficients: Floats) -> Floats:
    """Centred V (..., decisions, states) of coefficients (..., 1 + states, decisions - 1)."""
    free = np.swapaxes(coefficients[..., 1:, :], -1, -2)
    padding = [(0, 0)] * (free.ndim - 2) + [(0, 1), (0, 0)]
    return centred(np.pad(free, padding))
