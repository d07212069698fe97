"""One trial of the clinic's model, compiled by Numba: states, log odds, probabilities, learning.

Parameters are natural, in the order of `COLUMNS`, then ψ of all choices but the last.  Counts are
(states, choices, 4): on-on, on-off, off-on, off-off, state first (docs/theory.md section 2).

Numba's cache keeps a compiled caller when only what it calls has changed: after an edit here,
remove ``__pycache__`` or edit `simulation` and `gradient` as well.
"""

from typing import TYPE_CHECKING, Any, TypeVar, cast

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

COLUMNS = (
    *("phi", "recurrence", "reliability", "speed", "false_belief", "modulator_bias"),
    *("misassigned_credit", "leak", "inverse_temperature", "lapse", "stickiness"),
)
"""Names of the parameters before ψ."""

PHI, KAPPA, ALPHA, SPEED, BELIEF, BIAS, CREDIT, LEAKS, BETA, LAPSE, STICKY = range(11)
N_SHARED = len(COLUMNS)

FLOOR = 1.0
"""Smallest count of a synapse, in units of the modulator."""

MEAN_RATE = 0.05
"""Rate of the running mean of rewards, which starts at 0."""

Function = TypeVar("Function")


def compiled(function: Function) -> Function:
    """Return the function, compiled and cached.

    Example:
        >>> compiled(modulation.py_func)(np.nan, 0.5, 0.25)
        0.25
    """
    return cast("Function", cast("Any", njit)(cache=True, error_model="numpy")(function))


@compiled
def fill_prior(start: "Floats", speed: float, tilt: float, belief: "Floats") -> None:
    """Write the prior counts, lambda / 2 each, tilted towards ``belief`` (states, choices).

    Example:
        >>> counts = np.empty((1, 1, 4))
        >>> fill_prior(counts, 10.0, 0.0, np.ones((1, 1)))
        >>> counts[0, 0].tolist()
        [5.0, 5.0, 5.0, 5.0]
    """
    for j in range(start.shape[0]):
        for k in range(start.shape[1]):
            share = 1.0 / (1.0 + np.exp(-tilt * belief[j, k]))
            high = FLOOR + (speed - 2.0 * FLOOR) * share
            start[j, k, 0] = high
            start[j, k, 1] = speed - high
            start[j, k, 2] = speed - high
            start[j, k, 3] = high


@compiled
def is_mirrored(counts: "Floats") -> bool:
    """Return whether there are two choices and the counts of one are those of not the other.

    Example:
        >>> is_mirrored(np.array([[[1.0, 2.0, 3.0, 4.0], [2.0, 1.0, 4.0, 3.0]]]))
        True
    """
    if counts.shape[1] != 2:
        return False
    for j in range(counts.shape[0]):
        for entry in range(4):
            if counts[j, 1, entry] != counts[j, 0, entry ^ 1]:
                return False
    return True


@compiled
def fill_log_odds(odds: "Floats", counts: "Floats", x: "Floats", is_active_only: bool) -> None:
    """Write V x and the normaliser of every choice; ratios are multiplied before the logarithm.

    The active cue alone is read without a normaliser: the log ratio of its own counts.

    Example:
        >>> odds = np.empty(1)
        >>> fill_log_odds(odds, np.array([[[2.0, 1.0, 1.0, 2.0]]]), np.ones(1), False)
        >>> bool(np.isclose(odds[0], np.log(2)))
        True
    """
    mirrored = is_mirrored(counts)
    for k in range(1 if mirrored else odds.shape[0]):
        total, product = 0.0, 1.0
        for j in range(x.shape[0]):
            c = counts[j, k]
            if is_active_only:
                total += x[j] * np.log(c[0] / c[1])
            else:
                total += x[j] * np.log(c[0] * c[3] / (c[1] * c[2]))
                product *= (c[1] + c[3]) / (c[0] + c[2]) * c[2] / c[3]
            if product > 1e100 or product < 1e-100:
                total += np.log(product)
                product = 1.0
        odds[k] = total if product == 1.0 else total + np.log(product)
    if mirrored:
        odds[1] = -odds[0]


@compiled
def fill_probabilities(p: "Floats", odds: "Floats", natural: "Floats", last: int) -> None:
    """Write the probability of every choice, ``last`` being the one before or -1.

    Example:
        >>> p = np.empty(2)
        >>> natural = np.array([0, 1, 1, 10, 0, 0, 0, 0, 1, 0.5, 0, 0.0])
        >>> fill_probabilities(p, np.array([np.log(3), 0.0]), natural, -1)
        >>> p.round(3).tolist()
        [0.625, 0.375]
    """
    n = p.shape[0]
    for k in range(n):
        drive = odds[k]
        if k < n - 1:
            drive += natural[N_SHARED + k]
        p[k] = natural[BETA] * drive
        if k == last:
            p[k] += natural[STICKY]
    top = p.max()
    total = 0.0
    for k in range(n):
        p[k] = np.exp(p[k] - top)
        total += p[k]
    for k in range(n):
        p[k] = (1.0 - natural[LAPSE]) * p[k] / total + natural[LAPSE] / n


@compiled
def modulation(outcome: float, mean: float, bias: float) -> float:
    """Return the modulator: tanh(reward - running mean) + bias, bias alone without feedback.

    The reward is -1 for outcome 0 and 1 for outcome 1.

    Example:
        >>> modulation(np.nan, 0.0, 0.25)
        0.25
    """
    return bias if np.isnan(outcome) else np.tanh(2.0 * outcome - 1.0 - mean) + bias


@compiled
def learn(counts: "Floats", start: "Floats", x: "Floats", chosen: tuple, amounts: tuple) -> None:
    """Add the modulated coincidences of this trial and of the one before, above the floor.

    ``x`` is (2, states): this trial and the one before; ``chosen`` their choices, -1 for none;
    ``amounts`` the modulator of each, and the leak.

    Example:
        >>> counts = np.full((1, 1, 4), 5.0)
        >>> learn(counts, counts.copy(), np.ones((2, 1)), (0, -1), (0.5, 0.0, 0.0))
        >>> counts[0, 0].tolist()
        [5.5, 5.0, 5.0, 5.0]
    """
    now, before = chosen
    amount, old_amount, leak = amounts
    for j in range(counts.shape[0]):
        for k in range(counts.shape[1]):
            if leak > 0.0:
                for entry in range(4):
                    counts[j, k, entry] += leak * (start[j, k, entry] - counts[j, k, entry])
            u = 0 if now == k else 1
            counts[j, k, u] += amount * x[0, j]
            counts[j, k, 2 + u] += amount * (1.0 - x[0, j])
            if before >= 0:
                u = 0 if before == k else 1
                counts[j, k, u] += old_amount * x[1, j]
                counts[j, k, 2 + u] += old_amount * (1.0 - x[1, j])
            for entry in range(4):
                counts[j, k, entry] = max(counts[j, k, entry], FLOOR)
