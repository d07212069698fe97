"""The maze agent in real numbers, with one simplification of the decision core after another.

Used to state what each costs: learning at the end of a chunk, no bank for decisions not taken,
tenths by acceptance, units of many counts, a window of evidence.  States are hard, as on the core;
logarithms and draws are exact.
"""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from hebbayes.neuromorphic.decision.maze_agent import CHUNK, World, risk_of

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


class Simplifications(NamedTuple):
    """What the agent in real numbers gives up.

    Attributes:
        has_off_bank: Whether decisions not taken are counted too.
        is_late: Whether it learns at the end of a trial, not of a chunk.
        unit: A pair counts +-unit with probability |1 - 2 risk| / unit; 0: always |1 - 2 risk|.
        window: A row is halved when its home leaves [-window, window).
        prior: Prior count of each entry.
    """

    has_off_bank: bool
    is_late: bool
    unit: float = 0.0
    window: float = np.inf
    prior: float = 3000.0


class _Memory(NamedTuple):
    """Evidence and what follows from it; the last column of counts sums over decisions.

    Attributes:
        hebb: (inputs, decisions + 1).
        home: (decisions + 1,).
        weight: Rise of the log odds when an input is on, (inputs, decisions).
        bias: Log odds when all inputs are off, habit included, (decisions,).
        habit: ln odds before evidence, (decisions,).
    """

    hebb: Floats
    home: Floats
    weight: Floats
    bias: Floats
    habit: Floats


class _Past(NamedTuple):
    """Decisions of a trial: number, site seen before, 1 - 2 risk; each (steps,)."""

    taken: Integers
    seen: Integers
    modulation: Floats


@njit(cache=True)
def _refresh(memory: _Memory, how: Simplifications, k: int) -> None:
    """Recompute the weights of decision k."""
    hebb, home, total = memory.hebb, memory.home, memory.home.size - 1
    bias = memory.habit[k]
    for i in range(hebb.shape[0]):
        on = how.prior + hebb[i, k]
        off = how.prior + home[k] - hebb[i, k]
        weight = np.log(on) - np.log(off)
        bias += np.log(2 * off) - np.log(on + off)
        if how.has_off_bank:
            on = how.prior + hebb[i, total] - hebb[i, k]
            off = how.prior + home[total] - home[k] - hebb[i, total] + hebb[i, k]
            weight -= np.log(on) - np.log(off)
            bias -= np.log(2 * off) - np.log(on + off)
        memory.weight[i, k] = weight
    memory.bias[k] = bias


@njit(cache=True)
def _count(memory: _Memory, how: Simplifications, k: int, x: Integers, modulation: float) -> bool:
    """Count decision k in context x; return whether anything changed."""
    total = memory.home.size - 1
    if how.unit > 0:
        if np.random.random() >= abs(modulation) / how.unit:
            return False
        modulation = how.unit * np.sign(modulation)
    for column in (k, total):
        memory.home[column] += modulation
        memory.hebb[:, column] += modulation * x
    if not -how.window <= memory.home[k] < how.window:
        memory.home[k] /= 2
        memory.hebb[:, k] /= 2
    return True


@njit(cache=True)
def _learn(
    memory: _Memory, how: Simplifications, past: _Past, world: World, span: Integers
) -> None:
    """Learn from the decisions of a span (first, one past the last)."""
    for t in range(span[0], span[1]):
        k = past.taken[t]
        x = world.observations[past.seen[t]]
        if _count(memory, how, k, x, past.modulation[t]) and not how.has_off_bank:
            _refresh(memory, how, k)
    if how.has_off_bank:
        for k in range(memory.bias.size):
            _refresh(memory, how, k)


@njit(cache=True)
def _draw(log_odds: Floats) -> int:
    odds = np.exp(log_odds - log_odds.max())
    target = np.random.random() * odds.sum()
    for k in range(odds.size):
        target -= odds[k]
        if target < 0:
            return k
    return odds.size - 1


@njit(cache=True)
def _log_odds(memory: _Memory, x: Integers) -> Floats:
    log_odds = memory.bias.copy()
    for i in range(x.size):
        if x[i]:
            log_odds += memory.weight[i]
    return log_odds


@njit(cache=True)
def _run_trial(memory: _Memory, how: Simplifications, past: _Past, world: World) -> int:
    """Return the duration of a trial of at most as many decisions as ``past`` holds."""
    share = memory.bias.size // world.next_site.shape[1]
    n_most = past.taken.size
    context = site = world.start
    log_odds = _log_odds(memory, world.observations[context])
    progress = first = n_learnt = 0
    for t in range(1, n_most + 1):
        k = _draw(log_odds)
        past.taken[t - 1], past.seen[t - 1] = k, context
        progress += world.gain[site, k // share]
        change = world.observations[site] - world.observations[context]
        for i in np.nonzero(change)[0]:
            log_odds += change[i] * memory.weight[i]
        context, site = site, world.next_site[site, k // share]
        is_end = world.is_goal[site] == 1 or t == n_most
        if is_end or t - first == CHUNK:
            past.modulation[first:t] = np.round(1 - risk_of(progress, t - first) / 32768, 3)
            progress, first = 0, t
            if is_end or not how.is_late:
                _learn(memory, how, past, world, np.array([n_learnt, t]))
                n_learnt = t
                log_odds = _log_odds(memory, world.observations[context])
        if world.is_goal[site] == 1:
            return t + 1
    return n_most + 1


@njit(cache=True)
def run_real_trials(
    habit: Floats, world: World, how: Simplifications, size: tuple[int, int], seed: int
) -> Integers:
    """Return the durations of trials in a row of an agent in real numbers.

    ``habit`` is ln odds, ``size`` the number of trials and the longest duration.

    Example:
        >>> corridor = World(np.eye(3, dtype=np.int64), np.array([[0, 1], [0, 2], [2, 2]]),
        ...                  np.array([[0, 1], [-1, 1], [0, 0]]), np.array([0, 0, 1]), 0)
        >>> run_real_trials(np.zeros(2), corridor, Simplifications(True, True), (2, 50), 1).size
        2
    """
    np.random.seed(seed)
    n_trials, n_steps = size
    n_inputs, n_decisions = world.observations.shape[1], habit.size
    memory = _Memory(
        np.zeros((n_inputs, n_decisions + 1)),
        np.zeros(n_decisions + 1),
        np.zeros((n_inputs, n_decisions)),
        habit.copy(),
        habit,
    )
    past = _Past(
        np.zeros(n_steps - 1, np.int64), np.zeros(n_steps - 1, np.int64), np.zeros(n_steps - 1)
    )
    durations = np.empty(n_trials, np.int64)
    for trial in range(n_trials):
        durations[trial] = _run_trial(memory, how, past, world)
    return durations
