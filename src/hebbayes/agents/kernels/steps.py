"""One step of the agent of a world, compiled by Numba: decide, receive a reward, learn.

A decision has the log odds lnV^1 - lnV^0 + ln(E1/E0), V^ = Hebb/Home, and is drawn in proportion
to its odds.  Learning runs backwards through a window of steps.  The risk G of what followed mixes
the critic's prediction with what happened; the modulator is 1 - 2 risk = tanh(gain (P - G)/sd):
positive if the outcome was less risky than the state's own prediction P.  Counts move by it
(docs/theory.md eq. 3); the critic, one more canonical unit with a soft label G, counts (G, 1 - G).

Numba's cache keeps a compiled caller when only what it calls has changed: after an edit here,
remove ``__pycache__`` or edit `finite` as well.
"""

from typing import Any, TypeVar, cast

import numpy as np
from numba import njit

from hebbayes.agents.kernels.state import (
    BEST,
    FILLED,
    MEAN,
    STARTED,
    TRACE,
    VARIANCE,
    WORST,
    Floats,
    Ints,
    Learner,
    Rates,
)

FLOOR = 0.01
"""Smallest count of a synapse, in units of its prior."""

MEAN_RATE = 0.001
"""Rate of the running mean of risk, for the baseline ``world``."""

MARGIN = 0.25
"""Share of the range of returns by which a worse return widens it further."""

Function = TypeVar("Function")


def compiled(function: Function) -> Function:
    """Return the function, compiled and cached.

    Example:
        >>> compiled(predicted_risk.py_func) is predicted_risk
        False
    """
    return cast("Function", cast("Any", njit)(cache=True, error_model="numpy")(function))


@compiled
def log_odds(learner: Learner, units: Ints) -> None:
    """Write the log odds of every decision, given the units that fire, into ``learner.odds``.

    Example:
        >>> from hebbayes.agents.kernels.state import new_learner
        >>> learner = new_learner((3,), 4)
        >>> log_odds(learner, np.array([0]))
        >>> np.exp(learner.odds).round(3).tolist()
        [0.333, 0.333, 0.333, 0.333]
    """
    hebb, home, fired = learner.hebb, learner.home, learner.fired
    for k in range(learner.odds.size):
        learner.odds[k] = np.log(fired[1, k] / fired[0, k])
        for g in range(units.size):
            taken = hebb[1, units[g], k] * home[0, g, k]
            learner.odds[k] += np.log(taken / (hebb[0, units[g], k] * home[1, g, k]))


@compiled
def most_probable(learner: Learner, units: Ints) -> int:
    """Return the most probable decision, the first of equals.

    Example:
        >>> from hebbayes.agents.kernels.state import new_learner
        >>> learner = new_learner((3,), 4)
        >>> learner.hebb[1, 0, 2] += 1
        >>> most_probable(learner, np.array([0]))
        2
    """
    log_odds(learner, units)
    return int(np.argmax(learner.odds))


@compiled
def decide(learner: Learner, units: Ints, uniform: float) -> int:
    """Return a decision drawn in proportion to its odds; the window remembers it.

    Example:
        >>> from hebbayes.agents.kernels.state import new_learner
        >>> decide(new_learner((3,), 4), np.array([0]), 0.6)
        2
    """
    log_odds(learner, units)
    now = learner.clock[FILLED]
    learner.window_units[now] = units
    odds = learner.odds
    largest, total = odds.max(), 0.0
    for k in range(odds.size):
        total += np.exp(odds[k] - largest)
    target, reached, decision = uniform * total, 0.0, odds.size - 1
    for k in range(odds.size):
        reached += np.exp(odds[k] - largest)
        if target < reached:
            decision = k
            break
    learner.window_decisions[now] = decision
    return decision


@compiled
def receive(
    learner: Learner, rates: Rates, reward: float, is_terminal: bool, is_over: bool
) -> None:
    """Take the reward of the last decision; learn if the window is full or the episode is over.

    The units of the next state must stand behind the window's last step before this is called
    (`look_ahead`): an episode that is cut short, not terminated, is judged by their risk.

    Example:
        >>> from hebbayes.agents.kernels.state import LearnerSettings, new_learner, rates_of
        >>> learner, rates = new_learner((3,), 2), rates_of(LearnerSettings())
        >>> for _ in range(200):
        ...     choice = decide(learner, np.array([0]), np.random.default_rng(_).random())
        ...     receive(learner, rates, float(choice), True, True)
        >>> most_probable(learner, np.array([0]))
        1
    """
    clock = learner.clock
    _see_reward(learner, rates, reward, is_terminal)
    learner.window_rewards[clock[FILLED]] = reward
    clock[FILLED] += 1
    if is_over or clock[FILLED] == learner.window_rewards.size:
        _learn(learner, rates, is_terminal)
        clock[FILLED] = 0
    clock[STARTED] = 0 if is_over else 1


@compiled
def look_ahead(learner: Learner, units: Ints) -> None:
    """Remember the units of the state that the last decision led to.

    Example:
        >>> from hebbayes.agents.kernels.state import new_learner
        >>> learner = new_learner((3,), 2)
        >>> look_ahead(learner, np.array([2]))
        >>> learner.window_units[1].tolist()
        [2]
    """
    learner.window_units[learner.clock[FILLED] + 1] = units


@compiled
def predicted_risk(learner: Learner, units: Ints) -> float:
    """Return the critic's P(risk | state), the mean over the groups of units.

    Example:
        >>> from hebbayes.agents.kernels.state import new_learner
        >>> predicted_risk(new_learner((3,), 2), np.array([1]))
        0.0
    """
    risk = 0.0
    for g in range(units.size):
        harm, none = learner.risk_counts[1, units[g]], learner.risk_counts[0, units[g]]
        risk += harm / (harm + none)
    return risk / units.size


@compiled
def set_range(learner: Learner, best: float, worst: float) -> None:
    """Set the range of returns that risk 0 and 1 stand for; what is believed keeps its meaning.

    States without harm so far stay at risk 0.

    Example:
        >>> from hebbayes.agents.kernels.state import new_learner
        >>> learner = new_learner((1,), 2)
        >>> learner.risk_counts[:, 0] = 0.5, 0.5  # a return of 1/2 in a range from 0 to 1
        >>> set_range(learner, 1.0, -1.0)
        >>> learner.risk_counts[:, 0].tolist()
        [0.75, 0.25]
    """
    levels, counts = learner.levels, learner.risk_counts
    span, new_span = levels[BEST] - levels[WORST], best - worst
    for s in range(counts.shape[1]):
        if counts[1, s] > 0:
            size = counts[0, s] + counts[1, s]
            risk = (best - levels[BEST] + span * counts[1, s] / size) / new_span
            risk = min(max(risk, 0.0), 1.0)
            counts[1, s], counts[0, s] = size * risk, size * (1 - risk)
    levels[VARIANCE] *= (span / new_span) ** 2
    levels[BEST], levels[WORST] = best, worst


@compiled
def _see_reward(learner: Learner, rates: Rates, reward: float, is_terminal: bool) -> None:
    """Widen the range of returns if the reward, or the running return, lies outside.

    The running return looks back, sum of discount^age x reward; its range is that of returns.  A
    gain that does not end the episode might be had for ever.
    """
    levels = learner.levels
    before = levels[TRACE] if learner.clock[STARTED] == 1 else 0.0
    running = reward + rates.discount * before
    levels[TRACE] = running
    best = max(reward, running)
    if reward > 0 and not is_terminal:
        best = max(running, reward / (1 - rates.discount))
    worst = min(reward, running)
    is_better, is_worse = best > levels[BEST] + 1e-9, worst < levels[WORST] - 1e-9
    if is_better or is_worse:
        best = max(best, levels[BEST])
        low = worst - MARGIN * (best - worst) if is_worse else levels[WORST]
        set_range(learner, best, low)


@compiled
def _learn(learner: Learner, rates: Rates, is_terminal: bool) -> None:
    """Learn from the window, backwards."""
    levels, units = learner.levels, learner.window_units
    span = levels[BEST] - levels[WORST]
    last = learner.clock[FILLED] - 1
    risk = min(max(levels[BEST] / span, 0.0), 1.0)  # nothing follows: a return of 0
    if not is_terminal:
        risk = predicted_risk(learner, units[last + 1])
    for t in range(last, -1, -1):
        if t < last:
            predicted = predicted_risk(learner, units[t + 1])
            risk = (1 - rates.bootstrap) * predicted + rates.bootstrap * risk
        missed = (1 - rates.discount) * levels[BEST] - learner.window_rewards[t]
        risk = min(max(missed / span + rates.discount * risk, 0.0), 1.0)
        expected = predicted_risk(learner, units[t])
        if rates.baseline == 1:
            expected = levels[MEAN]
            levels[MEAN] += MEAN_RATE * (risk - expected)
        elif rates.baseline == 2:
            expected = 0.5
        surprise = expected - risk
        levels[VARIANCE] += rates.variance_rate * (surprise * surprise - levels[VARIANCE])
        if levels[VARIANCE] > 0:
            trust = np.tanh(rates.gain * surprise / np.sqrt(levels[VARIANCE]))
            _reinforce(learner, rates, units[t], learner.window_decisions[t], trust)
        _predict(learner, rates, units[t], risk)
    if rates.forgetting > 0:
        _forget(learner, 1 - (1 - rates.forgetting) ** (last + 1))


@compiled
def _reinforce(learner: Learner, rates: Rates, units: Ints, decision: int, trust: float) -> None:
    """Add 1 - 2 risk to the counts of the units that fired, of every decision, taken or not."""
    hebb, home = learner.hebb, learner.home
    for k in range(learner.odds.size):
        u = 1 if k == decision else 0
        learner.fired[u, k] += rates.prior_rate
        for g in range(units.size):
            old = hebb[u, units[g], k]
            hebb[u, units[g], k] = max(old + trust, FLOOR * rates.prior_count)
            home[u, g, k] += hebb[u, units[g], k] - old


@compiled
def _predict(learner: Learner, rates: Rates, units: Ints, risk: float) -> None:
    """Count the soft label in every group's critic; a state remembers so many events."""
    counts = learner.risk_counts
    for g in range(units.size):
        s = units[g]
        counts[1, s] += risk
        counts[0, s] += 1 - risk
        size = counts[0, s] + counts[1, s]
        if size > rates.most_counts:
            counts[1, s] *= rates.most_counts / size
            counts[0, s] *= rates.most_counts / size


@compiled
def _forget(learner: Learner, share: float) -> None:
    """Let the critic's counts of all states lose ``share`` of their distance from the prior."""
    counts = learner.risk_counts
    for s in range(counts.shape[1]):
        counts[1, s] -= share * counts[1, s]
        counts[0, s] -= share * (counts[0, s] - 1)


@compiled
def draw_place(cumulated: Floats, uniform: float) -> int:
    """Return the first index whose cumulated probability exceeds ``uniform``.

    Example:
        >>> draw_place(np.array([0.2, 1.0]), 0.5)
        1
    """
    for m in range(cumulated.size - 1):
        if uniform < cumulated[m]:
            return m
    return cumulated.size - 1
