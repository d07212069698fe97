"""Targets to score: functions of a session's responses, observed or forecast.

A target maps values (trials, units) of a session to an array that is NaN if nothing was
observed.  All targets are means of responses, so the target of an expected response is the
expected target.  Raw counts per unit are the default (docs/forecasting.md).
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from hebbayes.core.errors import ShapeError, ValueRangeError
from hebbayes.reverse_engineering.forecasting.sessions import (
    Session,
    Split,
    find_patterns,
    pattern_index,
)
from hebbayes.reverse_engineering.isomura2023.preference import stimulus_state

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]
Target = Callable[[Floats, Session], Floats]


def unit_counts(values: Floats, session: Session) -> Floats:
    """Return single-trial responses of every unit, (trials, units).

    Example:
        >>> session = Session(np.ones((1, 1)), np.ones((1, 2)), np.array([[True, False]]))
        >>> unit_counts(np.array([[3.0, 4.0]]), session).tolist()
        [[3.0, nan]]
    """
    return np.where(session.valid, values, np.nan)


def ensemble_means(members: Sequence[Indices]) -> Target:
    """Return the target: single-trial mean over each group of unit positions, (trials, groups).

    Units that were not observed in a trial are left out of its mean.

    Example:
        >>> session = Session(np.ones((1, 1)), np.ones((1, 2)), np.array([[True, True]]))
        >>> ensemble_means([np.array([0, 1])])(np.array([[3.0, 5.0]]), session).tolist()
        [[4.0]]
    """

    def target(values: Floats, session: Session) -> Floats:
        groups = [_mean(values[:, units], session.valid[:, units], 1) for units in members]
        return np.stack(groups, axis=1)

    return target


def condition_means(values: Floats, session: Session) -> Floats:
    """Return the session's mean response to each stimulus state, (states, units).

    States are those of the known sources; without sources, the session's own patterns in order
    of appearance.

    Example:
        >>> stimuli = np.array([[0.0], [0.0], [1.0]])
        >>> session = Session(stimuli, np.ones((3, 1)), np.ones((3, 1), bool))
        >>> condition_means(np.array([[1.0], [3.0], [5.0]]), session).ravel().tolist()
        [2.0, 5.0]
    """
    if session.sources is None:
        state = pattern_index(find_patterns([session]), session.stimuli)
        n_states = int(state.max()) + 1
    else:
        state, n_states = stimulus_state(session.sources), 2 ** session.sources.shape[1]
    groups = [_mean(values[state == s], session.valid[state == s], 0) for s in range(n_states)]
    return np.stack(groups)


def selectivity_change(split: Split) -> Target:
    """Return the target: change of each unit's selectivity since training, (1, units).

    Selectivity is the mean response to source 1 alone less that to source 2 alone; the training
    value is that of all training sessions together.  Raises `ShapeError` without two known
    sources, `ValueRangeError` if training lacks one of the two states.

    Example:
        >>> from hebbayes.data.recording import Recording
        >>> from hebbayes.reverse_engineering.forecasting.sessions import split_sessions
        >>> sources = np.array([[1, 0], [0, 1]] * 2)
        >>> split = split_sessions(
        ...     Recording(sources, [[3], [1], [5], [1]], [0, 0, 1, 1], sources=sources), 1)
        >>> later = split.later[0]
        >>> selectivity_change(split)(later.responses, later).tolist()
        [[2.0]]
    """
    for session in split.training[:1]:
        if session.sources is None or session.sources.shape[1] != 2:
            raise ShapeError(
                "change of selectivity needs two known sources; give the recording its sources or "
                "score condition_means."
            )
    pooled = _pool(split.training)
    before = _selectivity(pooled.responses, pooled)
    if np.isnan(before).all():
        raise ValueRangeError(
            "training has no trials of both (1, 0) and (0, 1), which selectivity compares; train "
            "on more sessions."
        )
    return lambda values, session: (_selectivity(values, session) - before)[None]


def _selectivity(values: Floats, session: Session) -> Floats:
    means = condition_means(values, session)
    return means[0b10] - means[0b01]


def _pool(sessions: Sequence[Session]) -> Session:
    return Session(
        np.concatenate([s.stimuli for s in sessions]),
        np.concatenate([s.responses for s in sessions]),
        np.concatenate([s.valid for s in sessions]),
        np.concatenate([s.sources for s in sessions if s.sources is not None]),
    )


def _mean(values: Floats, valid: NDArray[np.bool_], axis: int) -> Floats:
    number = valid.sum(axis)
    total = np.where(valid, values, 0.0).sum(axis)
    return np.where(number > 0, total / np.maximum(number, 1), np.nan)
