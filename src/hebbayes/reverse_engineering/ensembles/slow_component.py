"""States that are on more often in one part of a session than in another.

Units that drift follow such a state by chance, and the fewer its switches of probability, the more
often.  Neither shifts nor permuted runs allow for that: a state whose probability switches once or
twice per session cannot be told from drift.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.special import xlogy

from hebbayes.reverse_engineering.ensembles.rearrangement import session_bounds

Floats = NDArray[np.float64]

FEWEST_SWITCHES = 3
"""Switches of probability per session below which a state cannot be told from drift."""

_PENALTY = 5.0  # times ln(trials), what a switch must add to twice the log likelihood
_SHARE_OF_SESSIONS = 0.25  # fewer sessions with a switch are chance
_SHARE_OF_CHANGES = 0.5  # of those of independent trials; fewer are runs, which are permuted


def changes_seldom(state: Floats, session: NDArray[np.int64]) -> bool:
    """Return whether the probability of a state (trials,) switches, but too seldom in a session.

    A graded state is split at its mean.  A state that changes from trial to trial much less
    often than independent trials is left to `permuted_runs`.

    Example:
        >>> rng, session = np.random.default_rng(0), np.zeros(200, int)
        >>> seldom = rng.random(200) < np.repeat([0.8, 0.2], 100)
        >>> often = rng.random(200) < np.tile(np.repeat([0.9, 0.1], 20), 5)
        >>> [changes_seldom(one.astype(float), session) for one in (seldom, often, ~often[::-1])]
        [True, False, False]
    """
    is_on = state > state.mean()
    ends = [np.add(switches(is_on[a:b]), a) for a, b in session_bounds(session)]
    numbers = np.array([len(one) for one in ends])
    has_some = numbers > 0
    if has_some.mean() < _SHARE_OF_SESSIONS or numbers[has_some].mean() >= FEWEST_SWITCHES:
        return False
    starts = [a for a, _ in session_bounds(session)]
    parts = np.split(is_on, sorted({*starts[1:], *np.concatenate(ends).astype(int).tolist()}))
    changes = sum(np.count_nonzero(np.diff(part)) for part in parts)
    expected = sum(2 * len(part) * part.mean() * (1 - part.mean()) for part in parts)
    surplus = changes - _SHARE_OF_CHANGES * expected
    return bool(surplus > 0 or (surplus == 0 and len(np.unique(state)) > 2))


def switches(is_on: NDArray[np.bool_]) -> list[int]:
    """Return the trials at which the probability of a binary state (trials,) switches.

    Of all partitions the best; every switch must raise twice the log likelihood by 5 ln(trials).

    Example:
        >>> switches(np.repeat([True, False, True], 20)), switches(np.arange(60) % 2 == 0)
        ([20, 40], [])
    """
    n = len(is_on)
    total = np.concatenate([[0.0], np.cumsum(is_on)])
    cost, begins = np.zeros(n + 1), np.zeros(n + 1, int)
    for end in range(1, n + 1):
        length = end - np.arange(end)
        on = total[end] - total[:end]
        misfit = -2 * (xlogy(on, on / length) + xlogy(length - on, 1 - on / length))
        whole = cost[:end] + misfit + _PENALTY * np.log(n)
        begins[end] = whole.argmin()
        cost[end] = whole[begins[end]]
    found, end = [], int(begins[n])
    while end > 0:
        found.append(end)
        end = int(begins[end])
    return found[::-1]
