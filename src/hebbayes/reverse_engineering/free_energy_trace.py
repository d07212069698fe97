"""Free energy of recorded activity, session by session and in parts, with intervals.

    F = sum over trials and ensembles of  x.(ln x - phi)  -  x.((W1; W0) o + normaliser)

state complexity less accuracy, in nats (docs/theory.md eq. 1 without memory or decisions), with the
synapses before each session.  Accuracy is linear in x, so noise does not bias it; the entropy in
complexity is not: noisy activity looks more certain than it is.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.special import xlogy

from hebbayes.core.arrays import OFF, ON
from hebbayes.core.checks import check_between, check_shape
from hebbayes.core.errors import ValueRangeError
from hebbayes.reverse_engineering.statistics.blocks import block_sums, blocks
from hebbayes.reverse_engineering.statistics.bootstrap import block_draws
from hebbayes.reverse_engineering.statistics.estimate import LEVEL, Estimate

if TYPE_CHECKING:
    from hebbayes.reverse_engineering.perception.evidence import Indices

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class FreeEnergyTrace:
    """Nats of every session, summed over its trials and all ensembles.

    Attributes:
        total: (sessions,), complexity - accuracy.
        complexity: (sessions,), state complexity.
        accuracy: (sessions,).
        n_trials: (sessions,), trials to divide by if sessions differ in length.
    """

    accuracy: Estimate
    complexity: Estimate
    total: Estimate
    n_trials: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Bounded:
    """Activity in [0, 1], and the fraction of it that was clipped, (ensembles,)."""

    activity: Floats
    moved: Floats


def bounded(activity: Floats) -> Bounded:
    """Return calibrated activity (trials, ensembles) with what noise put outside at 0 and 1.

    Example:
        >>> clipped = bounded(np.array([[-0.1], [0.5], [0.7], [1.2]]))
        >>> clipped.activity.ravel().tolist(), clipped.moved.tolist()
        ([0.0, 0.5, 0.7, 1.0], [0.5])
    """
    outside = (activity < 0) | (activity > 1)
    return Bounded(np.clip(activity, 0, 1), outside.mean(0))


def free_energy_terms(
    activity: Floats, stimuli: Floats, session_index: "Indices", tables: Floats, factors: Floats
) -> tuple[Floats, Floats]:
    """Return accuracy and state complexity of every trial and ensemble, (trials, ensembles).

    ``activity`` lies in [0, 1]; ``tables`` are counts, or counts over lambda, before each session,
    (2, 2, sessions, channels, ensembles); ``factors`` are phi1, phi0, (2, ensembles).  Raises
    `ShapeError` or `ValueRangeError`.

    Example:
        >>> parts = free_energy_terms(np.array([[0.5]]), np.array([[1.0]]), np.zeros(1, int),
        ...                           np.full((2, 2, 1, 1, 1), 0.5), np.log([[0.5], [0.5]]))
        >>> [float(part[0, 0].round(3)) for part in parts]
        [-0.693, 0.0]
    """
    check_shape("stimuli", stimuli, (len(activity), None))
    shape = (2, 2, int(session_index[-1]) + 1, stimuli.shape[1], activity.shape[1])
    check_shape("tables", tables, shape)
    check_between("activity", activity, 0.0, 1.0)
    logs = np.log(tables) - np.log(tables.sum(0))
    slope, floor = logs[ON] - logs[OFF], logs[OFF].sum(-2)
    accuracy, complexity = np.empty(activity.shape), np.zeros(activity.shape)
    ends = np.searchsorted(session_index, np.arange(shape[2] + 1))
    for session, (start, end) in enumerate(pairwise(ends)):
        o, x = stimuli[start:end], activity[start:end]
        on, off = (o @ slope[u, session] + floor[u, session] for u in (ON, OFF))
        accuracy[start:end] = x * on + (1 - x) * off
    for x, factor in ((activity, factors[ON]), (1 - activity, factors[OFF])):
        # what never happens costs nothing, also under a prior of exactly 0
        complexity += xlogy(x, x) - np.where(x > 0, x, 0) * np.where(x > 0, factor, 0)
    return accuracy, complexity


def free_energy_trace(
    activity: Floats,
    stimuli: Floats,
    session_index: "Indices",
    tables: Floats,
    factors: Floats,
    *,
    seed: int = 0,
    block_length: int = 4,
    n_resamples: int = 400,
    level: float = LEVEL,
) -> FreeEnergyTrace:
    """Return the free energy of every session in parts; arguments as of `free_energy_terms`.

    Intervals resample blocks of neighbouring trials within each session: they
    hold for these synapses and thresholds, whose own uncertainty is not included.

    Example:
        >>> trace = free_energy_trace(np.array([[0.5], [0.5]]), np.ones((2, 1)), np.arange(2),
        ...                           np.full((2, 2, 2, 1, 1), 0.5), np.log([[0.5], [0.5]]))
        >>> trace.total.value.round(3).tolist()
        [0.693, 0.693]
    """
    if np.isnan(activity).any():
        raise ValueRangeError(
            "activity must be known in every trial; leave out ensembles whose rest and evoked "
            "responses cannot be identified, or give them."
        )
    accuracy, complexity = (
        part.sum(1) for part in free_energy_terms(activity, stimuli, session_index, tables, factors)
    )
    parts = np.stack([accuracy, complexity, complexity - accuracy], axis=1)
    block = blocks(session_index, block_length)
    sums = block_sums(parts, block)
    of_block = session_index[np.flatnonzero(np.diff(block, prepend=-1))]
    rng = np.random.default_rng(seed)
    ends = np.searchsorted(of_block, np.arange(int(session_index[-1]) + 2))
    spread = [_resampled(sums[start:end], rng, n_resamples, level) for start, end in pairwise(ends)]
    low, high = np.stack(spread, axis=1)
    value = np.add.reduceat(sums, ends[:-1], axis=0)
    accurate, complex_, total = (Estimate(value[:, k], low[:, k], high[:, k]) for k in range(3))
    return FreeEnergyTrace(accurate, complex_, total, np.bincount(session_index))


def _resampled(sums: Floats, rng: np.random.Generator, n_resamples: int, level: float) -> Floats:
    """Return the ends of the interval of a session's sums, (2, parts)."""
    n = len(sums)
    times = block_draws(n, rng=rng, n_resamples=n_resamples, has_fixed_total=True)
    ends = (0.5 - level / 2, 0.5 + level / 2)
    few = np.sqrt(n / max(n - 1, 1))  # the spread of a sample is that much too small
    centre = sums.sum(0)
    return np.asarray(centre + few * (np.quantile(times @ sums, ends, axis=0) - centre))
