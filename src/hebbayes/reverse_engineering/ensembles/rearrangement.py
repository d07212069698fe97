"""States rearranged within their sessions: what a decoder reads by chance.

Two rearrangements.  A *shift* turns the states of a session around by a random number of trials,
which keeps how slowly they change, but not at the seam: a few blocks of stimuli and drifting units
look alike by chance too often.  A *permutation of runs* exchanges the lengths of a state's runs
among those that are on, and among those that are off.  It is exact for independent trials, for
blocks in random order and for every state that switches with a constant probability, whatever the
units do; for blocks of probabilities, in which runs of a kind follow each other, shifts are better.
"""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Iterator

Floats = NDArray[np.float64]


def session_bounds(session: NDArray[np.int64]) -> list[tuple[int, int]]:
    """Return the first trial of each session and the one after its last.

    Example:
        >>> session_bounds(np.array([0, 0, 3]))
        [(0, 2), (2, 3)]
    """
    starts = np.flatnonzero(np.diff(session, prepend=session[0] - 1)).tolist()
    return list(zip(starts, [*starts[1:], len(session)]))


def shifted_states(
    states: Floats, session: NDArray[np.int64], n: int, rng: np.random.Generator
) -> "Iterator[Floats]":
    """Yield states (trials, states) turned around their sessions, at most ``n`` times.

    A single session yields each shift once.

    Example:
        >>> made = shifted_states(np.eye(3), np.zeros(3, int), 9, np.random.default_rng(0))
        >>> sorted(one[0].argmax().item() for one in made)
        [1, 2]
    """
    bounds = session_bounds(session)
    sizes = np.array([b - a for a, b in bounds])
    if len(sizes) == 1:
        shifts = rng.permutation(np.arange(1, sizes[0]))[:n, None]
    else:
        shifts = rng.integers(0, sizes, (n, len(sizes)))
    for shift in shifts:
        yield np.concatenate(
            [np.roll(states[a:b], by, axis=0) for (a, b), by in zip(bounds, shift)]
        )


def permuted_runs(
    state: Floats, session: NDArray[np.int64], n: int, rng: np.random.Generator
) -> Floats:
    """Return a binary state (trials,) with the lengths of its runs permuted, (n, trials).

    Example:
        >>> state = np.array([0, 1, 1, 0, 0, 0, 1.0])
        >>> made = permuted_runs(state, np.zeros(7, int), 50, np.random.default_rng(0))
        >>> sorted({"".join(str(int(one)) for one in row) for row in made})
        ['0001011', '0001101', '0100011', '0110001']
    """
    parts = []
    for first, end in session_bounds(session):
        here = state[first:end]
        begins = np.flatnonzero(np.diff(here, prepend=np.nan))
        lengths = np.tile(np.diff([*begins, len(here)]), (n, 1))
        for kind in (0, 1):  # on and off follow each other
            lengths[:, kind::2] = rng.permuted(lengths[:, kind::2], axis=1)
        values = np.tile(here[begins], n)
        parts.append(np.repeat(values, lengths.ravel()).reshape(n, len(here)))
    return np.concatenate(parts, axis=1)


def states_with_permuted_runs(
    states: Floats, session: NDArray[np.int64], n: int, rng: np.random.Generator
) -> tuple[Floats, int]:
    """Return states with permuted runs, (n, trials, states), and the fewest distinct of a state.

    A state of more than two values is shifted instead.

    Example:
        >>> alternating = np.tile([[0.0], [1.0]], (4, 1))
        >>> made, n_distinct = states_with_permuted_runs(
        ...     alternating, np.zeros(8, int), 20, np.random.default_rng(0))
        >>> made.shape, n_distinct  # equal runs cannot be told apart
        ((20, 8, 1), 1)
    """
    columns = []
    for state in states.T:
        if len(np.unique(state)) <= 2:
            columns.append(permuted_runs(state, session, n, rng))
        else:
            some = list(shifted_states(state[:, None], session, n, rng))
            columns.append(np.stack([some[k % len(some)][:, 0] for k in range(n)]))
    distinct = [len({row.tobytes() for row in column}) for column in columns]
    return np.stack(columns, axis=-1), min(distinct)
