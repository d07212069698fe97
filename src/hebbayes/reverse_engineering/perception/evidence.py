"""Evidence that synapses hold in each trial, as sums over the earlier trials that they have learnt.

A network with log expectations weighs stimulus i by counts: how often it was, while the unit was
on or off, what it is now.  In trial t only the counts of the stimulus value that is present
matter, so one array (trials, channels) holds what eq. 2 needs, for any recorded activity and
without a loop over trials (docs/theory.md eq. 3).  `sum_same` is linear in the activity;
`sum_same_adjoint` is its transpose, through which noise of one trial reaches later ones.  Synapses
that forget keep a fraction of their evidence, ``retention``, at every trial that they learn.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from typing import TypeAlias, cast

import numpy as np
from numpy.typing import NDArray
from scipy.signal import lfilter

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]

Schedule: TypeAlias = Callable[[Indices], Indices]
"""Maps the session of each trial to the number of trials learnt by then."""


def every_trial(session_index: Indices) -> Indices:
    """Return the number of trials learnt if synapses learn after every trial.

    Example:
        >>> every_trial(np.array([0, 0, 1])).tolist()
        [0, 1, 2]
    """
    return np.arange(len(session_index))


def every_session(session_index: Indices) -> Indices:
    """Return the number of trials learnt if synapses learn at the end of each session.

    Example:
        >>> every_session(np.array([0, 0, 1])).tolist()
        [0, 0, 2]
    """
    return np.searchsorted(session_index, session_index)


def no_learning(session_index: Indices) -> Indices:
    """Return the number of trials learnt if synapses never learn.

    Example:
        >>> no_learning(np.array([0, 0, 1])).tolist()
        [0, 0, 0]
    """
    return np.zeros(len(session_index), int)


@dataclass(frozen=True, eq=False)
class TrialHistory:
    """The stimuli of a network, and which of them its synapses have learnt.

    Attributes:
        is_on: (trials, channels), whether a stimulus is on.
        known: (trials,), number of first trials that the synapses have learnt by then.
        n_same: (trials, channels), number of those in which the stimulus has its present value.
        n_known: (trials,), number of those; like ``n_same``, of what is not forgotten.
        retention: Fraction of the evidence that is kept at every trial learnt.
    """

    is_on: NDArray[np.bool_]
    known: Indices
    n_same: Floats
    n_known: Floats
    retention: float = 1.0


def trial_history(stimuli: Floats, known: Indices, retention: float = 1.0) -> TrialHistory:
    """Return stimuli of 0 and 1 (trials, channels) with the trials learnt by each trial.

    Example:
        >>> trial_history(np.array([[1.0], [0.0], [1.0]]), np.arange(3)).n_same.ravel().tolist()
        [0.0, 0.0, 1.0]
    """
    is_on, one = stimuli > 0, np.ones(len(stimuli))
    bare = TrialHistory(is_on, known, np.empty(0), np.empty(0), retention)
    return replace(bare, n_same=sum_same(bare, one), n_known=sum_known(bare, one))


def sum_known(trials: TrialHistory, values: Floats) -> Floats:
    """Return the sum of ``values`` (trials,) over what is known in each trial, (trials,).

    Example:
        >>> trials = trial_history(np.ones((3, 1)), np.arange(3))
        >>> sum_known(trials, np.array([5.0, 1.0, 1.0])).tolist()
        [0.0, 5.0, 6.0]
    """
    return _at_known(trials, _before(values, trials.retention))


def sum_on(trials: TrialHistory, values: Floats) -> Floats:
    """Return sums over the known trials in which a stimulus was on, (trials, channels).

    Example:
        >>> trials = trial_history(np.array([[1.0], [0.0], [1.0]]), np.arange(3))
        >>> sum_on(trials, np.array([5.0, 1.0, 1.0])).ravel().tolist()
        [0.0, 5.0, 5.0]
    """
    sums = np.empty((len(values) + 1, trials.is_on.shape[1]))
    sums[0] = 0.0
    np.multiply(trials.is_on, values[:, None], out=sums[1:])
    sums[1:] = remembered(sums[1:], trials.retention)
    return _at_known(trials, sums)


def sum_same(trials: TrialHistory, values: Floats) -> Floats:
    """Return sums over the known trials in which a stimulus was what it is now, (trials, channels).

    Example:
        >>> trials = trial_history(np.array([[1.0], [0.0], [1.0]]), np.arange(3))
        >>> sum_same(trials, np.array([5.0, 1.0, 1.0])).ravel().tolist()
        [0.0, 0.0, 5.0]
    """
    on = sum_on(trials, values)
    return np.where(trials.is_on, on, sum_known(trials, values)[:, None] - on)


def sum_signed(trials: TrialHistory, signed: Floats, of_all: Floats, changes: Floats) -> Floats:
    """Return for every change (changes, trials) what it does to a weighted sum of the evidence.

    The sum over channels of ``signed`` (trials, channels) times `sum_on`, and ``of_all`` (trials,)
    times `sum_known`: (changes, trials).  One compiled pass over the trials, without their table.

    Example:
        >>> trials = trial_history(np.array([[1.0], [0.0], [1.0]]), np.arange(3))
        >>> sum_signed(trials, np.full((3, 1), 2.0), np.ones(3), np.array([[5.0, 1.0, 1.0]]))
        array([[ 0., 15., 16.]])
    """
    return np.asarray(
        _compiled()((trials.is_on, trials.known, trials.retention), signed, of_all, changes)
    )


@cache
def _compiled() -> Callable[..., Floats]:
    from numba import njit

    return cast("Callable[..., Floats]", njit(cache=True)(_sum_signed))


def _sum_signed(
    trials: tuple[NDArray[np.bool_], Indices, float],
    signed: Floats,
    of_all: Floats,
    changes: Floats,
) -> Floats:
    is_on, known, retention = trials
    n_changes, n_trials, n_channels = len(changes), is_on.shape[0], is_on.shape[1]
    on, everything = np.zeros((n_changes, n_channels)), np.zeros(n_changes)
    sums, learnt = np.zeros((n_changes, n_trials)), 0
    for t in range(n_trials):
        while learnt < known[t]:
            for k in range(n_changes):
                change = changes[k, learnt]
                everything[k] = retention * everything[k] + change
                for c in range(n_channels):
                    on[k, c] = retention * on[k, c] + is_on[learnt, c] * change
            learnt += 1
        for k in range(n_changes):
            total = 0.0
            for c in range(n_channels):
                total += signed[t, c] * on[k, c]
            sums[k, t] = total + of_all[t] * everything[k]
    return sums


def sum_same_adjoint(trials: TrialHistory, weights: Floats) -> Floats:
    """Return what one unit of activity in a trial adds, through the sums, to later trials.

    The transpose of `sum_same`, summed over channels with ``weights`` (trials, channels).

    Example:
        >>> trials = trial_history(np.array([[1.0], [0.0], [1.0]]), np.arange(3))
        >>> sum_same_adjoint(trials, np.full((3, 1), 2.0)).tolist()
        [2.0, 0.0, 0.0]
    """
    return np.asarray(_compiled_adjoint()(trials.is_on, trials.known, weights, trials.retention))


@cache
def _compiled_adjoint() -> Callable[..., Floats]:
    from numba import njit

    return cast("Callable[..., Floats]", njit(cache=True)(_sum_later))


def _sum_later(
    is_on: NDArray[np.bool_], known: Indices, weights: Floats, retention: float
) -> Floats:
    n_trials, n_channels = is_on.shape
    later = np.zeros((2, n_channels))  # weights of later trials in which a channel is off, is on
    sums, t = np.zeros(n_trials), n_trials
    for earlier in range(n_trials - 1, -1, -1):
        for value in range(2):
            for c in range(n_channels):
                later[value, c] *= retention
        while t > 0 and known[t - 1] > earlier:
            t -= 1
            for c in range(n_channels):
                later[int(is_on[t, c]), c] += weights[t, c] * retention ** (known[t] - 1 - earlier)
        for c in range(n_channels):
            sums[earlier] += later[int(is_on[earlier, c]), c]
    return sums


def sum_known_adjoint(trials: TrialHistory, weights: Floats) -> Floats:
    """Return the transpose of `sum_known`, (trials,).

    Example:
        >>> sum_known_adjoint(trial_history(np.ones((3, 1)), np.arange(3)), np.ones(3)).tolist()
        [2.0, 1.0, 0.0]
    """
    return _of_later(trials, weights)


def remembered(values: Floats, retention: float = 1.0) -> Floats:
    """Return the sum of the rows up to each, earlier ones faded by ``retention`` per row.

    Example:
        >>> remembered(np.array([4.0, 0.0, 1.0]), 0.5).tolist()
        [4.0, 2.0, 2.0]
    """
    if retention == 1:
        return np.cumsum(values, axis=0)
    return np.asarray(lfilter([1.0], [1.0, -retention], values, axis=0))


def _of_later(trials: TrialHistory, weights: Floats) -> Floats:
    """Return for every trial the sum of ``weights`` of later trials that have learnt it."""
    if trials.retention == 1:
        learnt_by = np.searchsorted(trials.known, np.arange(len(trials.known)), side="right")
        total = _before(weights)
        return total[-1] - total[learnt_by]
    at_known = np.zeros((len(weights) + 1, *weights.shape[1:]))
    np.add.at(at_known, trials.known, weights)
    return remembered(at_known[:0:-1], trials.retention)[::-1]


def _at_known(trials: TrialHistory, sums: Floats) -> Floats:
    """Return the known rows; a view if those are all earlier ones."""
    n = len(trials.known)
    return sums[:n] if np.array_equal(trials.known, np.arange(n)) else sums[trials.known]


def _before(values: Floats, retention: float = 1.0) -> Floats:
    """Return the sums over all earlier rows, and over all rows at the end."""
    sums = np.empty((len(values) + 1, *values.shape[1:]))
    sums[0] = 0.0
    sums[1:] = remembered(values, retention)
    return sums
