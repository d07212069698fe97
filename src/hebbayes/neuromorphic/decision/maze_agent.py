"""The maze agent of I22 on the decision core: sight is context, 256 sequences of moves decide.

With A and B frozen and rates of 0 or 1, what is seen is the state (docs/theory.md section 7), so
that only V learns.  The core learns at the end of each chunk of decisions; a trial starts in the
context of what is seen at its start.
"""

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from hebbayes.neuromorphic.decision.core import Core, learn, observe, step_on_events

if TYPE_CHECKING:
    from hebbayes.environments.base import FiniteWorld

Integers = NDArray[np.int64]

CHUNK = 200
"""Decisions that share one risk."""

POOR, FAIR, GOOD = 36045, 29491, 0
"""Risk 0.55, 0.45 and 0 in units of 2^-16."""

GOOD_FROM = 10
"""Progress in columns per chunk from which risk is 0."""

_ODDS_GUARD = 1e-6


class World(NamedTuple):
    """A world of sites as integers.

    Attributes:
        observations: (sites, inputs), 0 or 1.
        next_site: (sites, moves).
        gain: Rise of the column, (sites, moves).
        is_goal: (sites,).
        start: Number of the first site.
    """

    observations: Integers
    next_site: Integers
    gain: Integers
    is_goal: Integers
    start: int


def world_of(world: "FiniteWorld") -> World:
    """Return a world's tables as integers.

    Example:
        >>> import jax
        >>> from hebbayes.environments.maze import maze_world, random_maze
        >>> world_of(maze_world(random_maze(key=jax.random.key(0)))).observations.shape
        (442, 121)
    """
    tables = (world.observations, world.next_site, world.gain, world.is_goal)
    seen, following, gain, is_goal = (np.asarray(table).astype(np.int64) for table in tables)
    return World(seen, following, gain, is_goal, int(world.start))


def habit_of(prior: NDArray[np.float64], log_bits: int = 11) -> Integers:
    """Return the prior odds of decisions as drives, relative to the largest.

    The least is -16: a prior of 0 becomes 2^-16 of the largest odds.

    Example:
        >>> habit_of(np.array([0.5, 0.25, 0.25, 0.0])).tolist()
        [0, -3246, -3246, -32768]
    """
    odds = prior / (1 - prior + _ODDS_GUARD)
    with np.errstate(divide="ignore"):
        drive = np.log2(odds / odds.max())
    return np.rint(np.maximum(drive, -16) * 2**log_bits).astype(np.int64)


@njit(cache=True)
def risk_of(progress: int, n_decisions: int) -> int:
    """Return the risk of a chunk in which the column rose by ``progress``, in units of 2^-16.

    Example:
        >>> risk_of(-3, 200), risk_of(9, 200), risk_of(10, 200), risk_of(5, 100)
        (36045, 29491, 0, 0)
    """
    if progress <= 0:
        return POOR
    return GOOD if CHUNK * progress >= GOOD_FROM * n_decisions else FAIR


@njit(cache=True)
def run_trial(core: Core, world: World, n_steps: int) -> int:
    """Return the duration of a trial: its decisions + 1, ``n_steps`` if it did not end.

    Example:
        >>> from hebbayes.neuromorphic.decision.core import new_core
        >>> corridor = World(np.eye(3, dtype=np.int64), np.array([[0, 1], [0, 2], [2, 2]]),
        ...                  np.array([[0, 1], [-1, 1], [0, 0]]), np.array([0, 0, 1]), 0)
        >>> core = new_core(np.zeros(2, np.int64), n_inputs=3)
        >>> run_trial(core, corridor, 50) < 50
        True
    """
    site = world.start
    share = core.habit.size // world.next_site.shape[1]
    observe(core, world.observations[site])
    progress = n_waiting = 0
    for t in range(1, n_steps):
        move = step_on_events(core, world.observations[site]) // share
        progress += world.gain[site, move]
        n_waiting += 1
        site = world.next_site[site, move]
        is_over = world.is_goal[site]
        if is_over or n_waiting == CHUNK or t == n_steps - 1:
            learn(core, risk_of(progress, n_waiting))
            progress = n_waiting = 0
        if is_over:
            return t + 1
    return n_steps


@njit(cache=True)
def run_trials(core: Core, world: World, n_trials: int, n_steps: int) -> Integers:
    """Return the durations of ``n_trials`` trials in a row; the core keeps what it has learnt.

    Example:
        >>> from hebbayes.neuromorphic.decision.core import new_core
        >>> corridor = World(np.eye(3, dtype=np.int64), np.array([[0, 1], [0, 2], [2, 2]]),
        ...                  np.array([[0, 1], [-1, 1], [0, 0]]), np.array([0, 0, 1]), 0)
        >>> run_trials(new_core(np.zeros(2, np.int64), n_inputs=3), corridor, 3, 50).size
        3
    """
    durations = np.empty(n_trials, np.int64)
    for trial in range(n_trials):
        durations[trial] = run_trial(core, world, n_steps)
    return durations
