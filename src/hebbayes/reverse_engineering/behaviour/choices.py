"""Decisions, with the activity that they rest on and the risk that followed.

A decision rests on the activity of the trial BEFORE in the same session, 1/2 in a session's first
(docs/theory.md section 7, order in a step), or on that of the SAME trial, as in two-alternative
choice and go / no-go.  A trial is used if both are known.  Plain arrays; nothing is estimated here.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from hebbayes.core.checks import check_between, check_shape
from hebbayes.core.errors import ShapeError, ValueRangeError

if TYPE_CHECKING:
    from hebbayes.data.recording import Recording

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

RestsOn: TypeAlias = Literal["same", "previous"]
"""The trial whose activity a decision rests on."""

_MOST_PER_KIND = 10  # largest ratio of the highest decision to the number of different ones


@dataclass(frozen=True, eq=False)
class Choices:
    """Decisions, trials first.

    Attributes:
        decision: (trials,), -1 if none is known.
        activity: (trials, states), what each decision rests on, the best estimate; NaN if it was
            not observed.
        risk: (trials,), NaN if unknown; None if not recorded.
        session_index: (trials,).
        n_decisions: How many decisions there are.
        unshrunk_activity: (trials, states), with noise around the truth, for counts; None for the
            same as ``activity``.
        offset: Log odds that are known, (trials, decisions); None for none.
    """

    decision: Integers
    activity: Floats
    risk: Floats | None
    session_index: Integers
    n_decisions: int
    unshrunk_activity: Floats | None = None
    offset: Floats | None = None

    @property
    def counted_activity(self) -> Floats:
        """The activity that goes into counts."""
        known = self.unshrunk_activity
        return self.activity if known is None else known

    @property
    def is_used(self) -> NDArray[np.bool_]:
        """Trials whose decision and the activity it rests on are known."""
        return (self.decision >= 0) & np.isfinite(self.activity).all(1)

    @property
    def n_taken(self) -> Integers:
        """How often each decision was taken in the trials that are used, (decisions,)."""
        return np.bincount(self.decision[self.is_used], minlength=self.n_decisions)

    @property
    def one_hot(self) -> Floats:
        """Decisions as 0 and 1, (trials, decisions); a row of 0 if none is known."""
        return (self.decision[:, None] == np.arange(self.n_decisions)).astype(float)


def known_decisions(recording: "Recording", n_decisions: int | None = None) -> tuple[Integers, int]:
    """Return the decision of every trial, -1 for none, and how many decisions there are.

    ``n_decisions`` is needed if the last ones were never taken.  Raises `ValueRangeError` if no
    decision was recorded, one exceeds ``n_decisions``, or, without that, most decisions below the
    highest were never taken.

    Example:
        >>> from hebbayes.data.recording import Recording
        >>> recording = Recording(np.eye(3), np.ones((3, 1)), [0, 0, 0], decisions=[1, -9, 0])
        >>> known_decisions(recording)
        (array([ 1, -1,  0]), 2)
    """
    if recording.decisions is None:
        raise ValueRangeError(
            "this recording has no decisions; behaviour needs one per trial, negative if none "
            "was taken."
        )
    decision = np.maximum(recording.decisions, -1)
    n_found = int(decision.max()) + 1
    if n_found == 0:
        raise ValueRangeError("no trial of this recording has a decision; all are negative.")
    n_kinds = np.unique(decision[decision >= 0]).size
    if n_decisions is None and n_found > _MOST_PER_KIND * n_kinds:
        raise ValueRangeError(
            f"decision {n_found - 1} was taken, but only {n_kinds} different ones in all; number "
            f"decisions from 0 without gaps, or pass n_decisions={n_found} if they all exist."
        )
    if n_decisions is not None and n_found > n_decisions:
        raise ValueRangeError(
            f"decision {n_found - 1} was taken; n_decisions must be at least {n_found}; got "
            f"{n_decisions}."
        )
    return decision, n_decisions or n_found


def choices_of(
    recording: "Recording",
    activity: Floats,
    n_decisions: int | None = None,
    unshrunk: Floats | None = None,
    *,
    rests_on: RestsOn = "previous",
) -> Choices:
    """Return the decisions of a recording with the activity (trials, states) they rest on.

    ``activity`` is that of every trial; ``unshrunk`` is the activity for counts, if it differs
    (`Calibration`).

    Raises `ValueRangeError` as `known_decisions` does, and if activity is not in [0, 1];
    `ShapeError` if it has another number of trials.

    Example:
        >>> from hebbayes.data.recording import Recording
        >>> recording = Recording(np.eye(2), np.ones((2, 1)), [0, 0], decisions=[1, 0])
        >>> choices_of(recording, np.array([[0.9], [0.2]])).activity.ravel().tolist()
        [0.5, 0.9]
    """
    decision, n_decisions = known_decisions(recording, n_decisions)
    check_activity(activity, recording.n_trials)
    return Choices(
        decision=decision,
        activity=basis_of(activity, recording.session_index, rests_on),
        risk=recording.risk,
        session_index=recording.session_index,
        n_decisions=n_decisions,
        unshrunk_activity=None
        if unshrunk is None
        else basis_of(unshrunk, recording.session_index, rests_on),
    )


def trials_kept(choices: Choices, kept: NDArray[np.bool_]) -> Choices:
    """Return the choices of the trials that are kept.

    Example:
        >>> choices = Choices(np.array([0, 1]), np.ones((2, 1)), None, np.zeros(2, int), 2)
        >>> trials_kept(choices, np.array([False, True])).decision.tolist()
        [1]
    """

    def rows(values: Floats | None) -> Floats | None:
        return None if values is None else values[kept]

    return replace(
        choices,
        decision=choices.decision[kept],
        activity=choices.activity[kept],
        risk=rows(choices.risk),
        session_index=choices.session_index[kept],
        unshrunk_activity=rows(choices.unshrunk_activity),
        offset=rows(choices.offset),
    )


def checked_risk(choices: Choices) -> Floats:
    """Return the risk of every trial; raises `ValueRangeError` if nothing can be learnt from it.

    Example:
        >>> choices = Choices(np.array([0]), np.ones((1, 1)), np.array([0.2]), np.zeros(1, int), 2)
        >>> checked_risk(choices).tolist()
        [0.2]
    """
    if choices.risk is None:
        raise ValueRangeError(
            "no risk was recorded, so learning cannot be replayed: the verdict, V by counts, the "
            "ratio lambda / gain and psi given V need one risk per decision; V by regression does "
            "not."
        )
    known = choices.risk[choices.is_used & ~np.isnan(choices.risk)]
    if known.size == 0 or (known == 0.5).all():
        raise ValueRangeError(
            "risk is 1/2 or unknown in every used trial, so nothing is learnt; record the "
            "risk that followed the decisions."
        )
    return choices.risk


def check_activity(activity: Floats, n_trials: int) -> None:
    """Raise unless ``activity`` is (trials, states) in [0, 1], NaN if not observed.

    Example:
        >>> check_activity(np.ones((2, 1)), 3)
        Traceback (most recent call last):
            ...
        hebbayes.core.errors.ShapeError: activity has shape (2, 1); wanted (3, any).
    """
    check_shape("activity", activity, (n_trials, None))
    if activity.shape[1] == 0:
        raise ShapeError("activity has no states; give (trials, states) with at least one.")
    check_between("activity", np.where(np.isnan(activity), 0.5, activity), 0.0, 1.0)


def basis_of(values: Floats, session_index: Integers, rests_on: RestsOn) -> Floats:
    """Return the values (trials, any) that the decision of each trial rests on.

    Example:
        >>> values, session = np.array([[0.1], [0.2]]), np.zeros(2, int)
        >>> [basis_of(values, session, trial).ravel().tolist() for trial in ("same", "previous")]
        [[0.1, 0.2], [0.5, 0.1]]
    """
    return values if rests_on == "same" else previous_in_session(values, session_index)


def previous_in_session(activity: Floats, session_index: Integers) -> Floats:
    """Return the activity of the trial before, 1/2 in the first trial of a session.

    Example:
        >>> previous_in_session(np.array([[0.1], [0.2], [0.3]]), np.array([0, 0, 1])).ravel()
        array([0.5, 0.1, 0.5])
    """
    is_first = np.diff(session_index, prepend=-1) != 0
    return np.where(is_first[:, None], 0.5, np.roll(activity, 1, axis=0))


def windows_of(session_index: Integers, n_windows: int | None) -> list[NDArray[np.bool_]]:
    """Return masks over trials of runs of whole sessions, one per session if None.

    Example:
        >>> [mask.tolist() for mask in windows_of(np.array([0, 1, 2]), 2)]
        [[True, True, False], [False, False, True]]
    """
    sessions = np.arange(int(session_index.max()) + 1)
    parts: Sequence[Integers] = np.array_split(
        sessions, min(n_windows or len(sessions), len(sessions))
    )
    return [np.isin(session_index, part) for part in parts]
