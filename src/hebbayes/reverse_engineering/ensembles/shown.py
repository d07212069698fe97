"""States that are shown or given rather than found: those on which decisions can rest.

Known sources, if there are any; else the stimuli.  Channels that others determine are no states of
their own.  If the stimuli are a few patterns in many channels (one of twenty cues, say), each
pattern is a state.
"""

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from hebbayes.core.errors import ValueRangeError

if TYPE_CHECKING:
    from hebbayes.data.recording import Recording

Floats = NDArray[np.float64]

SOURCES, STIMULI, PATTERNS = "sources", "stimuli", "patterns"
"""What shown or given states are: known sources, stimulus channels, or stimulus patterns."""

FEW_STATES = 8
"""Stimulus channels that are states as they are, however many patterns they make."""

MOST_STATES = 64
"""States on which decisions are read; more take minutes."""

_LEAST_NEW = 1e-7  # share of a channel that the others must leave unexplained


class DecisionStates(NamedTuple):
    """States on which decisions can rest.

    Attributes:
        values: (trials, states), in [0, 1].
        of: What they are: sources, stimuli or patterns.
    """

    values: Floats
    of: str


def states_behind_decisions(recording: "Recording", *, of: str | None = None) -> DecisionStates:
    """Return the known sources, or else the stimuli; ``of`` asks for one of them.

    Raises `ValueRangeError`, with the flag to pass, if stimuli are constant or too many.

    Example:
        >>> from hebbayes.data.recording import Recording
        >>> cues = np.eye(20)[np.arange(60) % 20]
        >>> states = states_behind_decisions(Recording(cues, np.ones((60, 1)), [0] * 60))
        >>> states.values.shape, states.of
        ((60, 20), 'patterns')
    """
    if recording.sources is not None and of != STIMULI:
        given = np.asarray(recording.sources, float)
        if given.shape[1] <= MOST_STATES and given.min() >= 0 and given.max() <= 1:
            return DecisionStates(given, SOURCES)
    shown = shown_states(recording.stimuli)
    n_shown = shown.shape[1]
    if n_shown == 0:
        raise ValueRangeError(
            "all stimulus channels are constant, so that decisions have no state on which they "
            "could rest; name the columns that differ between trials with --stimuli."
        )
    if n_shown <= FEW_STATES:
        return DecisionStates(shown, STIMULI)
    patterns, pattern = np.unique(shown, axis=0, return_inverse=True)
    if len(patterns) <= min(n_shown + 1, MOST_STATES):
        return DecisionStates(np.eye(len(patterns))[pattern.ravel()], PATTERNS)
    if n_shown > MOST_STATES:
        raise ValueRangeError(
            f"the stimuli have {n_shown} independent channels and {len(patterns)} patterns; "
            f"decisions are read with at most {MOST_STATES} states: name the columns on which they "
            "could rest with --stimuli."
        )
    return DecisionStates(shown, STIMULI)


def shown_states(stimuli: NDArray) -> Floats:
    """Return the stimulus channels that can stand for states, (trials, states), in [0, 1].

    Left out are constant channels and those that others determine, such as the second of two that
    are never on together.

    Example:
        >>> left = np.array([1, 0, 0, 1])
        >>> shown_states(np.column_stack([left, 1 - left, np.ones(4)])).T.tolist()
        [[1.0, 0.0, 0.0, 1.0]]
    """
    o = np.asarray(stimuli, float)
    low, high = o.min(0), o.max(0)
    o = (o - low) / np.where(high > low, high - low, 1)
    basis = np.empty((len(o), 0))  # orthonormal, of the centred channels kept
    kept: list[int] = []
    for k in np.flatnonzero(high > low).tolist():
        if basis.shape[1] >= len(o) - 1:
            break  # as many as trials can tell apart
        centred = o[:, k] - o[:, k].mean()
        new = centred - basis @ (basis.T @ centred)
        new -= basis @ (basis.T @ new)  # once more, against rounding
        if np.linalg.norm(new) > _LEAST_NEW * np.linalg.norm(centred):
            kept.append(k)
            basis = np.column_stack([basis, new / np.linalg.norm(new)])
    return o[:, kept]
