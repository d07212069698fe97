"""Log odds of decisions under each rule of learning, one trial ahead, compiled by Numba.

All kernels take parameters (sets, parameters), natural ones first, then stickiness and the bias of
all decisions but the last, and return (sets, trials, decisions).  A trial is learnt from ``delay``
trials after its decision, from the next trial on; one whose decision is -1 teaches nothing.
"""

from typing import TYPE_CHECKING, Any, TypeVar, cast

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

Function = TypeVar("Function")


def _compiled(function: Function) -> Function:
    return cast("Function", cast("Any", njit)(cache=True)(function))


@_compiled
def count_log_odds(
    parameters: "Floats", cues: "Floats", trials: tuple, is_modulated: bool, reads_both: bool
) -> "Floats":
    """Return the log odds of Hebbian counts; parameters: lambda / gain, leak.

    ``cues`` is the activity that counts, ``trials`` what `Trials.arrays` returns.

    Example:
        >>> trials = (np.array([[1.0]]), np.array([0]), np.array([-1]), np.ones(1), 0, 2, 1.0)
        >>> count_log_odds(np.array([[9.0, 0.0, 0.0, 0.5]]), np.ones((1, 1)), trials, True, True)
        array([[[0.5, 0. ]]])
    """
    x, decision, previous, worth, delay, n_decisions, floor = trials
    n_trials, n_states = x.shape
    n = parameters.shape[1] - n_decisions  # stickiness and the biases are the last
    odds = np.zeros((len(parameters), n_trials, n_decisions))
    counts = np.empty((n_states, n_decisions, 4))  # on-on, on-off, off-on, off-off
    table = np.empty((n_states, n_decisions, 2))
    for b in range(len(parameters)):
        naive, leak = parameters[b, 0] / 2, parameters[b, 1]
        counts[:], table[:] = naive, 0.0
        for t in range(n_trials):
            for k in range(n_decisions):
                for j in range(n_states):
                    odds[b, t, k] += x[t, j] * table[j, k, 0]
                    if reads_both:
                        odds[b, t, k] += (1 - x[t, j]) * table[j, k, 1]
                if k < n_decisions - 1:
                    odds[b, t, k] += parameters[b, n + 1 + k]
            if previous[t] >= 0:
                odds[b, t, previous[t]] += parameters[b, n]
            due = t - delay
            if due < 0:
                continue
            step = worth[due] if is_modulated else 1.0
            if decision[due] < 0 or np.isnan(step):
                continue
            for j in range(n_states):
                for k in range(n_decisions):
                    taken = decision[due] == k
                    for v in range(2):
                        pre = cues[due, j] if v == 0 else 1 - cues[due, j]
                        for u in range(2):
                            gain = step * pre if taken == (u == 0) else 0.0
                            c = counts[j, k, 2 * v + u]
                            c += gain + leak * (naive - c)
                            counts[j, k, 2 * v + u] = max(c, floor)
                    on = counts[j, k, 0] + counts[j, k, 2]
                    off = counts[j, k, 1] + counts[j, k, 3]
                    table[j, k, 0] = np.log(counts[j, k, 0] * off / (counts[j, k, 1] * on))
                    table[j, k, 1] = np.log(counts[j, k, 2] * off / (counts[j, k, 3] * on))
    return odds


@_compiled
def value_log_odds(parameters: "Floats", cues: "Floats", trials: tuple) -> "Floats":
    """Return the log odds of Rescorla-Wagner values.

    Parameters: rate of positive and of negative errors, inverse temperature, initial value.

    Example:
        >>> trials = (np.ones((2, 1)), np.zeros(2, int), np.array([-1, 0]), np.ones(2), 0, 2, 1.0)
        >>> parameters = np.array([[0.5, 0.5, 2.0, 0.0, 0.0, 0.0]])
        >>> value_log_odds(parameters, np.ones((2, 1)), trials)[0].tolist()
        [[0.0, 0.0], [1.0, 0.0]]
    """
    _, decision, previous, worth, delay, n_decisions, _ = trials
    n_trials, n_cues = cues.shape
    n = parameters.shape[1] - n_decisions
    odds = np.zeros((len(parameters), n_trials, n_decisions))
    weights = np.empty((n_cues, n_decisions))
    for b in range(len(parameters)):
        weights[:] = 0.0
        for t in range(n_trials):
            for k in range(n_decisions):
                for j in range(n_cues):
                    odds[b, t, k] += parameters[b, 2] * cues[t, j] * weights[j, k]
                if k < n_decisions - 1:
                    odds[b, t, k] += parameters[b, n + 1 + k]
            if previous[t] >= 0:
                odds[b, t, previous[t]] += parameters[b, n]
            due = t - delay
            if due < 0 or decision[due] < 0 or np.isnan(worth[due]):
                continue
            error = worth[due] - parameters[b, 3]
            for j in range(n_cues):
                error -= cues[due, j] * weights[j, decision[due]]
            rate = parameters[b, 0] if error > 0 else parameters[b, 1]
            for j in range(n_cues):
                weights[j, decision[due]] += rate * error * cues[due, j]
    return odds


@_compiled
def actor_log_odds(
    parameters: "Floats", cues: "Floats", trials: tuple, is_gradient: bool
) -> "Floats":
    """Return the log odds of an actor-critic; parameters: rates of actor and critic.

    With ``is_gradient`` the actor follows the gradient of its policy, which also weakens the
    decisions not taken.

    Example:
        >>> trials = (np.ones((2, 1)), np.zeros(2, int), np.array([-1, 0]), np.ones(2), 0, 2, 1.0)
        >>> parameters = np.array([[0.5, 0.1, 0.0, 0.0]])
        >>> actor_log_odds(parameters, np.ones((2, 1)), trials, True)[0].tolist()
        [[0.0, 0.0], [0.25, -0.25]]
    """
    _, decision, previous, worth, delay, n_decisions, _ = trials
    n_trials, n_cues = cues.shape
    n = parameters.shape[1] - n_decisions
    odds = np.zeros((len(parameters), n_trials, n_decisions))
    actor, critic = np.empty((n_cues, n_decisions)), np.empty(n_cues)
    share = np.empty(n_decisions)
    for b in range(len(parameters)):
        actor[:], critic[:] = 0.0, 0.0
        for t in range(n_trials):
            for k in range(n_decisions):
                for j in range(n_cues):
                    odds[b, t, k] += cues[t, j] * actor[j, k]
                if k < n_decisions - 1:
                    odds[b, t, k] += parameters[b, n + 1 + k]
            if previous[t] >= 0:
                odds[b, t, previous[t]] += parameters[b, n]
            due = t - delay
            if due < 0 or decision[due] < 0 or np.isnan(worth[due]):
                continue
            error = worth[due]
            for j in range(n_cues):
                error -= cues[due, j] * critic[j]
            share[:] = 0.0
            if is_gradient:
                share[:] = np.exp(odds[b, due] - odds[b, due].max())
                share /= share.sum()
            for j in range(n_cues):
                critic[j] += parameters[b, 1] * error * cues[due, j]
                for k in range(n_decisions):
                    taken = 1.0 if k == decision[due] else 0.0
                    actor[j, k] += parameters[b, 0] * error * cues[due, j] * (taken - share[k])
    return odds


@_compiled
def score(odds: "Floats", decision: "Integers", step: float) -> tuple[float, "Floats", "Floats"]:
    """Return log likelihood, its slope and Fisher's information of decisions (trials,).

    ``odds`` (1 + parameters, trials, decisions) are those of a point and of the points that
    ``step`` along each parameter leads to.

    Example:
        >>> odds = np.array([[[0.0, 0.0]], [[1e-6, 0.0]]])
        >>> likelihood, slope, information = score(odds, np.array([0]), 1e-6)
        >>> round(likelihood, 4), slope.round(4).tolist(), information.round(4).tolist()
        (-0.6931, [0.5], [[0.25]])
    """
    n, n_trials, n_decisions = odds.shape[0] - 1, odds.shape[1], odds.shape[2]
    likelihood, slope, information = 0.0, np.zeros(n), np.zeros((n, n))
    moved, share = np.empty((n, n_decisions)), np.empty(n_decisions)
    for t in range(n_trials):
        top = odds[0, t].max()
        for k in range(n_decisions):
            share[k] = np.exp(odds[0, t, k] - top)
        total = share.sum()
        likelihood += odds[0, t, decision[t]] - top - np.log(total)
        for p in range(n):
            mean = 0.0
            for k in range(n_decisions):
                moved[p, k] = (odds[p + 1, t, k] - odds[0, t, k]) / step
                mean += share[k] / total * moved[p, k]
            for k in range(n_decisions):
                moved[p, k] -= mean
            slope[p] += moved[p, decision[t]]
        for p in range(n):
            for q in range(p + 1):
                for k in range(n_decisions):
                    information[p, q] += share[k] / total * moved[p, k] * moved[q, k]
    for p in range(n):
        for q in range(p):
            information[q, p] = information[p, q]
    return likelihood, slope, information
