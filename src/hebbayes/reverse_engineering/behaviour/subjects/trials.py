"""The trials of every subject as the models of behaviour read them, and what is held out.

All subjects share the list of choices, so that one prior describes them.  Sessions are held out by
turns; of a single session, the last fifth.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hebbayes.reverse_engineering.behaviour.choices import Choices, basis_of
from hebbayes.reverse_engineering.behaviour.rivals.models import Trials

if TYPE_CHECKING:
    from hebbayes.data.behaviour import Behaviour
    from hebbayes.reverse_engineering.behaviour.choices import RestsOn

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

FLOOR = 1.0
"""Smallest count of a synapse, in units of the gain (docs/theory.md eq. 3)."""

_MOST_FOLDS = 5
_HELD_OUT = 0.2  # share of a single session, its end


@dataclass(frozen=True)
class ReadAs:
    """How a table is read as decisions that rest on states.

    Attributes:
        rests_on: Trial whose state a decision rests on.
        has_new_stimuli: Whether stimuli are new in every session, so that learning begins anew.
        reward_delay: Trials between a decision and learning from it.
    """

    rests_on: "RestsOn" = "same"
    has_new_stimuli: bool = False
    reward_delay: int = 0


@dataclass(frozen=True, eq=False)
class SubjectTrials:
    """What models read of one subject.

    Attributes:
        trials: Decisions, states and risk.
        session_index: (trials,).
        fold: Turn in which a trial is held out, (trials,); -1 if never.
        states: State of every trial, (trials, states).
    """

    trials: Trials
    session_index: Integers
    fold: Integers
    states: Floats

    @property
    def n_folds(self) -> int:
        """Number of turns."""
        return int(self.fold.max()) + 1


def subjects_of(behaviour: "Behaviour", states: Floats, read_as: ReadAs) -> list[SubjectTrials]:
    """Return what models read of every subject, in the order of ``subject_ids``.

    Example:
        >>> from hebbayes.data.behaviour import Behaviour
        >>> behaviour = Behaviour([0, -1, 1, 1], np.ones((4, 1)), risk=[0.0, np.nan, 1.0, 0.0],
        ...                       session=[0, 0, 1, 1])
        >>> subject = subjects_of(behaviour, behaviour.stimuli, ReadAs(has_new_stimuli=True))[0]
        >>> subject.trials.starts.tolist(), subject.fold.tolist(), subject.trials.worth.tolist()
        ([0, 0, 2, 2], [0, 0, 1, 1], [1.0, nan, -1.0, 1.0])
    """
    taken = np.unique(behaviour.choice[behaviour.choice >= 0])
    session_index = behaviour.session_index
    bounds = np.searchsorted(behaviour.subject, np.arange(behaviour.n_subjects + 1))
    return [
        _subject(behaviour, states, read_as, taken, (slice(a, b), session_index[a:b]))
        for a, b in itertools.pairwise(bounds)
    ]


def choices_of_subjects(
    behaviour: "Behaviour", states: Floats, rests_on: "RestsOn"
) -> list[Choices]:
    """Return the decisions of every subject and the states they rest on.

    Example:
        >>> from hebbayes.data.behaviour import Behaviour
        >>> behaviour = Behaviour([0, 1], np.eye(2), subject=[0, 1])
        >>> [one.decision.tolist() for one in choices_of_subjects(behaviour, np.eye(2), "same")]
        [[0], [1]]
    """
    bounds = np.searchsorted(behaviour.subject, np.arange(behaviour.n_subjects + 1))
    session = behaviour.session_index
    return [
        Choices(
            behaviour.choice[a:b],
            basis_of(states[a:b], session[a:b], rests_on),
            None if behaviour.risk is None else behaviour.risk[a:b],
            session[a:b],
            behaviour.n_choices,
        )
        for a, b in itertools.pairwise(bounds)
    ]


def folds_of(session_index: Integers) -> Integers:
    """Return the turn in which each trial is held out, -1 for never.

    Example:
        >>> folds_of(np.array([0, 0, 1, 2])).tolist(), folds_of(np.zeros(5, int)).tolist()
        ([0, 0, 1, 2], [-1, -1, -1, -1, 0])
    """
    n = int(session_index.max()) + 1
    if n > 1:
        return np.asarray(session_index % min(n, _MOST_FOLDS))
    first = len(session_index) - max(1, round(_HELD_OUT * len(session_index)))
    return np.where(np.arange(len(session_index)) < first, -1, 0)


def only(subject: SubjectTrials, scored: NDArray[np.bool_]) -> SubjectTrials:
    """Return the subject with only these decisions to explain; others are still learnt from.

    Example:
        >>> from hebbayes.data.behaviour import Behaviour
        >>> behaviour = Behaviour([0, 1], np.ones((2, 1)))
        >>> subject = subjects_of(behaviour, behaviour.stimuli, ReadAs())[0]
        >>> only(subject, np.array([True, False])).trials.is_used.tolist()
        [True, False]
    """
    return replace(subject, trials=replace(subject.trials, scored=scored))


def _subject(
    behaviour: "Behaviour",
    states: Floats,
    read_as: ReadAs,
    taken: Integers,
    place: tuple[slice, Integers],
) -> SubjectTrials:
    rows, session = place
    code = np.full(behaviour.n_choices + 1, -1)  # the last stands for none
    code[taken] = np.arange(taken.size)
    decision = code[behaviour.choice[rows]]
    is_first = np.diff(session, prepend=-1) != 0
    first = np.maximum.accumulate(np.where(is_first, np.arange(len(session)), 0))
    risk: Any = np.full(len(session), np.nan) if behaviour.risk is None else behaviour.risk[rows]
    x = np.ascontiguousarray(basis_of(states[rows], session, read_as.rests_on))
    trials = Trials(
        x=x,
        counted=x,
        decision=decision,
        previous=np.where(is_first, -1, np.roll(decision, 1)),
        worth=1 - 2 * np.asarray(risk, float),
        taken=taken,
        delay=min(read_as.reward_delay, len(session)),
        floor=FLOOR,
        start=first if read_as.has_new_stimuli else np.zeros(len(session), np.int64),
        forgets_missed=True,
    )
    return SubjectTrials(trials, session, folds_of(session), np.asarray(states[rows], float))


def n_used(subjects: Sequence[SubjectTrials]) -> Integers:
    """Return the number of decisions of each subject that are explained.

    Example:
        >>> n_used([]).tolist()
        []
    """
    return np.array([one.trials.is_used.sum() for one in subjects], np.int64)
