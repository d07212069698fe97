"""Effective synapses before every session, with intervals, from counts per session.

W = W1 - W0 is a log ratio of counts (docs/theory.md section 4): prior plus evidence of the earlier
sessions.  Its interval holds the noise of recorded activity, in the evidence itself and through
every fitted parameter.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hebbayes.core.arrays import OFF, ON
from hebbayes.reverse_engineering.perception.evidence import remembered
from hebbayes.reverse_engineering.perception.model import (
    EVOKED,
    FACTOR,
    LEAN,
    RATE,
    REST,
    naive_tables,
)
from hebbayes.reverse_engineering.statistics.blocks import block_sums
from hebbayes.reverse_engineering.statistics.estimate import LEVEL, Estimate, normal_estimate

if TYPE_CHECKING:
    from hebbayes.reverse_engineering.perception.evidence import Indices
    from hebbayes.reverse_engineering.perception.influence import Influence
    from hebbayes.reverse_engineering.perception.least_squares import Solution

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Recorded:
    """One ensemble over ALL sessions.

    Attributes:
        is_on: (trials, channels), whether a stimulus is on.
        activity: (trials,).
        residual: (trials,), activity minus that of the model; 0 if not observed.
        is_observed: (trials,).
        starts: (sessions,), first trial of each session.
        block: (trials,), block of neighbouring trials, training trials first.
        learns: False for fixed synapses.
        retention: Fraction of the evidence that is kept at every trial.
    """

    is_on: NDArray[np.bool_]
    activity: Floats
    residual: Floats
    is_observed: NDArray[np.bool_]
    starts: "Indices"
    block: "Indices"
    learns: bool
    retention: float = 1.0


def sums_before(
    is_on: NDArray[np.bool_], values: Floats, starts: "Indices", retention: float = 1.0
) -> Floats:
    """Return sums of ``values`` (trials,) before each session, while a stimulus was on and off.

    The result is (2, sessions, channels).

    Example:
        >>> sums_before(np.array([[True], [False], [True]]), np.ones(3), np.array([0, 2])).tolist()
        [[[0.0], [1.0]], [[0.0], [1.0]]]
    """
    on_and_off = np.stack([is_on, ~is_on]) * values[:, None]
    if retention < 1:
        kept = remembered(np.swapaxes(on_and_off, 0, 1), retention)[starts[1:] - 1]
        return np.concatenate([np.zeros_like(on_and_off[:, :1]), np.swapaxes(kept, 0, 1)], axis=1)
    sums = np.add.reduceat(on_and_off, starts, axis=1)
    before = np.zeros_like(sums)  # no session enters its own sum, not even to be taken out again
    np.cumsum(sums[:, :-1], axis=1, out=before[:, 1:])
    return before


def tables_before(solution: "Solution", recorded: Recorded) -> Floats:
    """Return counts over lambda, prior plus evidence, before each session; NaN where negative.

    The result is (2, 2, sessions, channels), indexed by stimulus value and unit value.

    Example:
        >>> from hebbayes.reverse_engineering.perception.evidence import (
        ...     every_session, trial_history)
        >>> from hebbayes.reverse_engineering.perception.model import Problem
        >>> from hebbayes.reverse_engineering.perception.least_squares import fit_least_squares
        >>> o, session = np.tile([[1.0], [0.0]], (8, 1)), np.repeat([0, 1], 8)
        >>> trials = trial_history(o, every_session(session))
        >>> problem = Problem(trials, 1 + o[:, 0], np.ones(16, bool),
        ...                   session, np.full((2, 1), 0.5), np.ones(16))
        >>> fixed = np.array([np.nan, 0.1, 1.0, 4.0, 0.0, 0.0])
        >>> solution = fit_least_squares(problem, fixed, np.isnan(fixed))
        >>> recorded = Recorded(o > 0, o[:, 0], 0 * session, session >= 0, np.array([0, 8]),
        ...                     np.arange(16), True)
        >>> tables_before(solution, recorded)[0, 0].ravel().tolist()
        [0.5, 0.9]
    """
    naive = naive_tables(solution.problem, solution.parameters)
    prior = np.stack([naive, 1 - naive])[:, :, None]
    if not recorded.learns:
        return np.broadcast_to(prior, (2, 2, len(recorded.starts), naive.shape[1]))
    x = recorded.activity
    evidence = [
        sums_before(recorded.is_on, u, recorded.starts, recorded.retention) for u in (x, 1 - x)
    ]
    tables = prior + solution.parameters[RATE] * np.stack(evidence, axis=1)
    return np.where(tables > 0, tables, np.nan)


def weights_before(
    solution: "Solution", recorded: Recorded, moved: "Influence", level: float = LEVEL
) -> Estimate:
    """Return W1 - W0 before each session with intervals, (sessions, channels).

    Example:
        >>> from hebbayes.reverse_engineering.perception.evidence import (
        ...     every_session, trial_history)
        >>> from hebbayes.reverse_engineering.perception.influence import influence
        >>> from hebbayes.reverse_engineering.perception.model import Problem
        >>> from hebbayes.reverse_engineering.perception.least_squares import fit_least_squares
        >>> o, session = np.tile([[1.0], [0.0]], (8, 1)), np.repeat([0, 1], 8)
        >>> trials = trial_history(o, every_session(session))
        >>> problem = Problem(trials, 1 + o[:, 0], np.ones(16, bool),
        ...                   session, np.full((2, 1), 0.5), np.ones(16))
        >>> fixed = np.array([np.nan, 0.1, 1.0, 4.0, 0.0, 0.0])
        >>> solution = fit_least_squares(problem, fixed, np.isnan(fixed))
        >>> recorded = Recorded(o > 0, o[:, 0], 0 * session, session >= 0, np.array([0, 8]),
        ...                     np.arange(16), True)
        >>> weights_before(solution, recorded, influence(solution)).value.round(2).ravel().tolist()
        [0.0, 1.18]
    """
    tables = tables_before(solution, recorded)
    value = np.log(tables[ON, ON] / tables[OFF, ON]) - np.log(tables[ON, OFF] / tables[OFF, OFF])
    per_count = solution.parameters[RATE] * (1 / tables).sum(1)  # of the present stimulus value
    gradient = _gradient(solution, recorded, tables, per_count)
    known = _known(recorded, moved)
    # blocks of trials move W through the parameters and, once known, through the evidence
    spread = np.einsum("scp,pq,scq->sc", gradient, moved.parameters.T @ moved.parameters, gradient)
    if recorded.learns:
        signed = per_count * np.array([1, -1])[:, None, None]
        spread += np.einsum("vsc,vwsc,wsc->sc", signed, known.evidence, signed)
        spread += 2 * np.einsum("scp,vscp,vsc->sc", gradient, known.both, signed)
    return normal_estimate(value, np.sqrt(np.maximum(spread, 0.0)), level)


@dataclass(frozen=True, eq=False)
class _Known:
    """Products of block sums, accumulated over the blocks before each session.

    Attributes:
        evidence: (2, 2, sessions, channels), noise while a stimulus is on, off.
        both: (2, sessions, channels, parameters), noise times influence on the parameters.
    """

    evidence: Floats
    both: Floats


def _known(recorded: Recorded, moved: "Influence") -> _Known:
    noise = recorded.residual.copy()
    noise[: len(moved.noise)] = moved.noise
    lengths = np.diff(recorded.starts, append=len(noise))
    ages = np.concatenate([np.arange(n)[::-1] for n in lengths])
    noise = noise * recorded.retention**ages
    on = block_sums(recorded.is_on * noise[:, None], recorded.block)
    parts = np.stack([on, block_sums(noise, recorded.block)[:, None] - on])
    first = np.flatnonzero(np.diff(recorded.block, prepend=-1))
    ends = [*np.searchsorted(first, recorded.starts), len(first)]
    n_sessions, (_, _, C), P = len(recorded.starts), parts.shape, moved.parameters.shape[1]
    evidence, both = np.zeros((2, 2, n_sessions + 1, C)), np.zeros((2, n_sessions + 1, C, P))
    for session, (start, end) in enumerate(pairwise(ends)):
        here = parts[:, start:end]
        kept = recorded.retention ** lengths[session]
        evidence[:, :, session + 1] = np.einsum("vbc,wbc->vwc", here, here)
        evidence[:, :, session + 1] += kept**2 * evidence[:, :, session]
        both[:, session + 1] = kept * both[:, session]
        if start < len(moved.parameters):  # a session of training
            both[:, session + 1] += np.swapaxes(here, 1, 2) @ moved.parameters[start:end]
    return _Known(evidence[:, :, :-1], both[:, :-1])


def _gradient(
    solution: "Solution", recorded: Recorded, tables: Floats, per_count: Floats
) -> Floats:
    """Return the derivative of W by every parameter, (sessions, channels, parameters)."""
    problem, p = solution.problem, solution.parameters
    C, x = problem.n_channels, recorded.activity
    gradient = np.zeros((*tables.shape[2:], problem.n_parameters))
    if problem.naive is None:
        naive = naive_tables(problem, p)
        lean = naive[ON] * (1 - naive[ON]) * (1 / tables).sum((0, 1))
        gradient[:, np.arange(C), LEAN + np.arange(C)] = lean
    if not recorded.learns:
        return gradient
    prior = tables_before(solution, Recorded(**{**vars(recorded), "learns": False}))
    if p[RATE] != 0:
        share = (tables - prior) / p[RATE] / tables
    else:
        share = np.zeros_like(tables)
    gradient[..., RATE] = share[ON, ON] - share[OFF, ON] - share[ON, OFF] + share[OFF, OFF]

    def read_otherwise(change: Floats) -> Floats:
        change = np.where(recorded.is_observed, change, 0.0)
        on, off = sums_before(recorded.is_on, change, recorded.starts, recorded.retention)
        return np.asarray(on * per_count[ON] - off * per_count[OFF])

    gradient[..., REST] = read_otherwise(np.full(len(x), -1 / p[EVOKED]))
    gradient[..., EVOKED] = read_otherwise(-x / p[EVOKED])
    first_gain, level = LEAN + C, p[REST] / p[EVOKED]
    for column in range(first_gain, problem.n_parameters):
        if solution.basis[column].any():
            session = column - first_gain + 1
            here = np.zeros(len(x))
            here[recorded.starts[session] : (*recorded.starts, len(x))[session + 1]] = 1
            gradient[..., column] = read_otherwise(-here * (x + level))
    gradient[..., FACTOR] = 0.0
    return gradient
