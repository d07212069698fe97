"""Log odds of decisions under each rule of learning, one trial ahead, compiled by Numba.

All kernels take parameters (sets, parameters), natural ones first, then stickiness and the bias of
all decisions but the last, and return (sets, trials, decisions).  A trial is learnt from ``delay``
trials after its decision, from the next trial on; one whose decision is -1 teaches nothing.  What
was learnt is lost in a trial t whose ``start`` is t; otherwise ``start`` is the last such trial.
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
    return cast("Function", cast("Any", njit)(cache=True, error_model="numpy")(function))


@_compiled
def count_log_odds(
    parameters: "Floats", cues: "Floats", trials: tuple, is_modulated: bool, reads_both: bool
) -> "Floats":
    """Return the log odds of Hebbian counts.

    Parameters: lambda / gain, leak, precision (factor of V x), bias of the modulator (added to
    1 - 2 risk).  ``cues`` is the activity that counts, ``trials`` what `Trials.arrays` returns.

    Example:
        >>> none = np.array([-1])
        >>> trials = (np.ones((1, 1)), none + 1, none, np.ones(1), 0, 2, 1.0, none + 1, False)
        >>> parameters = np.array([[9.0, 0.0, 1.0, 0.0, 0.0, 0.5]])
        >>> count_log_odds(parameters, np.ones((1, 1)), trials, True, True)
        array([[[0.5, 0. ]]])
    """
    x, decision, previous, worth, delay, n_decisions, floor, start, forgets_missed = trials
    n_trials, n_states = x.shape
    n = parameters.shape[1] - n_decisions  # stickiness and the biases are the last
    odds = np.zeros((len(parameters), n_trials, n_decisions))
    counts = np.empty((n_states, n_decisions, 4))  # on-on, on-off, off-on, off-off
    for b in range(len(parameters)):
        naive, leak = parameters[b, 0] / 2, parameters[b, 1]
        counts[:] = naive
        for t in range(n_trials):
            if start[t] == t:
                counts[:] = naive
            for k in range(n_decisions):
                odds[b, t, k] = parameters[b, 2] * _read_counts(counts, x, t, k, reads_both)
                if k < n_decisions - 1:
                    odds[b, t, k] += parameters[b, n + 1 + k]
            if previous[t] >= 0:
                odds[b, t, previous[t]] += parameters[b, n]
            due = t - delay
            if due < start[t]:
                continue
            step = worth[due] + parameters[b, 3] if is_modulated else 1.0
            if decision[due] < 0 or np.isnan(step):
                if not forgets_missed:
                    continue
                step = 0.0
            for j in range(n_states):
                on = step * cues[due, j]
                off = step - on
                for k in range(n_decisions):
                    u = 0 if decision[due] == k else 1
                    if leak > 0:
                        for entry in range(4):
                            counts[j, k, entry] += leak * (naive - counts[j, k, entry])
                    counts[j, k, u] = max(counts[j, k, u] + on, floor)
                    counts[j, k, 2 + u] = max(counts[j, k, 2 + u] + off, floor)
    return odds


@_compiled
def _read_counts(counts: "Floats", x: "Floats", t: int, k: int, reads_both: bool) -> float:
    """V x and the normaliser of decision k in trial t.

    Ratios of counts are multiplied and their logarithm taken once, as logarithms are slow.
    """
    total, product = 0.0, 1.0
    for j in range(x.shape[1]):
        home = (counts[j, k, 1] + counts[j, k, 3]) / (counts[j, k, 0] + counts[j, k, 2])
        if x[t, j] == 1.0:
            product *= home * counts[j, k, 0] / counts[j, k, 1]
        elif x[t, j] > 0.0:
            total += x[t, j] * np.log(home * counts[j, k, 0] / counts[j, k, 1])
        if reads_both and x[t, j] == 0.0:
            product *= home * counts[j, k, 2] / counts[j, k, 3]
        elif reads_both and x[t, j] < 1.0:
            total += (1 - x[t, j]) * np.log(home * counts[j, k, 2] / counts[j, k, 3])
        if product > 1e100 or product < 1e-100:
            total += np.log(product)
            product = 1.0
    return total if product == 1.0 else total + np.log(product)


@_compiled
def value_log_odds(parameters: "Floats", cues: "Floats", trials: tuple) -> "Floats":
    """Return the log odds of Rescorla-Wagner values.

    Parameters: rate of positive and of negative errors, inverse temperature, initial value, and
    perhaps the share of all values that is forgotten in a trial.

    Example:
        >>> zero, previous = np.zeros(2, int), np.array([-1, 0])
        >>> trials = (np.ones((2, 1)), zero, previous, np.ones(2), 0, 2, 1.0, zero, False)
        >>> parameters = np.array([[0.5, 0.5, 2.0, 0.0, 0.0, 0.0]])
        >>> value_log_odds(parameters, np.ones((2, 1)), trials)[0].tolist()
        [[0.0, 0.0], [1.0, 0.0]]
    """
    _, decision, previous, worth, delay, n_decisions, _, start, _ = trials
    n_trials, n_cues = cues.shape
    n = parameters.shape[1] - n_decisions
    odds = np.zeros((len(parameters), n_trials, n_decisions))
    weights = np.empty((n_cues, n_decisions))
    for b in range(len(parameters)):
        weights[:] = 0.0
        kept = 1.0 - parameters[b, 4] if n > 4 else 1.0
        for t in range(n_trials):
            if start[t] == t:
                weights[:] = 0.0
            for k in range(n_decisions):
                for j in range(n_cues):
                    if cues[t, j] != 0:  # most are 0 where one stimulus is on
                        odds[b, t, k] += parameters[b, 2] * cues[t, j] * weights[j, k]
                if k < n_decisions - 1:
                    odds[b, t, k] += parameters[b, n + 1 + k]
            if previous[t] >= 0:
                odds[b, t, previous[t]] += parameters[b, n]
            if kept < 1.0:
                weights *= kept
            due = t - delay
            if due < start[t] or decision[due] < 0 or np.isnan(worth[due]):
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
        >>> zero, previous = np.zeros(2, int), np.array([-1, 0])
        >>> trials = (np.ones((2, 1)), zero, previous, np.ones(2), 0, 2, 1.0, zero, False)
        >>> parameters = np.array([[0.5, 0.1, 0.0, 0.0]])
        >>> actor_log_odds(parameters, np.ones((2, 1)), trials, True)[0].tolist()
        [[0.0, 0.0], [0.25, -0.25]]
    """
    _, decision, previous, worth, delay, n_decisions, _, start, _ = trials
    n_trials, n_cues = cues.shape
    n = parameters.shape[1] - n_decisions
    odds = np.zeros((len(parameters), n_trials, n_decisions))
    actor, critic = np.empty((n_cues, n_decisions)), np.empty(n_cues)
    share = np.empty(n_decisions)
    for b in range(len(parameters)):
        for t in range(n_trials):
            if t == 0 or start[t] == t:
                actor[:], critic[:] = 0.0, 0.0
            for k in range(n_decisions):
                for j in range(n_cues):
                    if cues[t, j] != 0:
                        odds[b, t, k] += cues[t, j] * actor[j, k]
                if k < n_decisions - 1:
                    odds[b, t, k] += parameters[b, n + 1 + k]
            if previous[t] >= 0:
                odds[b, t, previous[t]] += parameters[b, n]
            due = t - delay
            if due < start[t] or decision[due] < 0 or np.isnan(worth[due]):
                continue
            error = worth[due]
            for j in range(n_cues):
                error -= cues[due, j] * critic[j]
            share[:] = 0.0
            if is_gradient:
                top, total = odds[b, due].max(), 0.0
                for k in range(n_decisions):
                    share[k] = np.exp(odds[b, due, k] - top)
                    total += share[k]
                for k in range(n_decisions):
                    share[k] /= total
            for j in range(n_cues):
                if cues[due, j] == 0:
                    continue
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
