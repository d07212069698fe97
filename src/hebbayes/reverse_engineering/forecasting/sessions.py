"""A recording split in time: the first sessions train, the later ones are forecast.

Sessions may differ in length, responses may be unobserved, stimuli may repeat or be fresh
(docs/forecasting.md).  Units are selected by their training responses alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from numpy.typing import NDArray

from hebbayes.core.errors import ShapeError, ValueRangeError

if TYPE_CHECKING:
    from hebbayes.data.recording import Recording

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Session:
    """One session; its arrays are read-only copies.

    Attributes:
        stimuli: (trials, channels).
        responses: (trials, units), NaN if not observed.
        valid: (trials, units), False if not observed.
        sources: (trials, sources) or None; for scoring only, no forecaster sees them.
    """

    stimuli: Floats
    responses: Floats
    valid: NDArray[np.bool_]
    sources: Indices | None = None

    @property
    def observed(self) -> Floats:
        """Responses, 0 if not observed."""
        return np.where(self.valid, self.responses, 0.0)


@dataclass(frozen=True, eq=False)
class Split:
    """Training sessions and later ones.

    Attributes:
        training: Sessions to fit.
        later: Sessions to forecast.
        unit_ids: Units kept.
        later_labels: Labels of later sessions.
    """

    training: tuple[Session, ...]
    later: tuple[Session, ...]
    unit_ids: NDArray[Any]
    later_labels: Indices


@dataclass(frozen=True, eq=False)
class Patterns:
    """The distinct stimuli (patterns, channels) of some sessions, and the way back to them."""

    stimuli: Floats
    index: Mapping[bytes, int]


def split_sessions(recording: "Recording", n_training: int, *, min_rate: float = 0.3) -> Split:
    """Return the first ``n_training`` sessions and the others, with units active in training.

    A unit is kept if its mean observed response in training exceeds ``min_rate`` spikes per
    trial; of signals, which have no rate, every unit that varies.  Raises `ShapeError` if no
    session is left on either side, `ValueRangeError` if no unit is active.

    Example:
        >>> from hebbayes.data.recording import Recording
        >>> recording = Recording(np.eye(4), np.array([[0, 2]] * 4), [0, 0, 5, 6])
        >>> split = split_sessions(recording, 1)
        >>> split.unit_ids.tolist(), split.later_labels.tolist(), len(split.training)
        ([1], [5, 6], 1)
    """
    labels = np.unique(recording.session)
    if not 1 <= n_training < len(labels):
        raise ShapeError(
            f"n_training is {n_training}; a recording of {len(labels)} sessions needs 1 to "
            f"{len(labels) - 1}, so that some are left to forecast."
        )
    first = recording.session < labels[n_training]
    valid = recording.valid[first]
    sums = np.where(valid, recording.responses[first], 0.0).sum(0)
    units = np.flatnonzero(sums > min_rate * valid.sum(0))
    if recording.is_signed or (not units.size and recording.responses.dtype.kind == "f"):
        units = np.flatnonzero(_varies(recording.responses[first], valid))
    if units.size == 0:
        raise ValueRangeError(
            f"no unit has a mean above {min_rate:g} spikes per trial in the first {n_training} "
            "sessions; lower min_rate or leave this recording out."
        )
    sessions = tuple(_session(recording, recording.session == k, units) for k in labels)
    return Split(
        sessions[:n_training],
        sessions[n_training:],
        recording.unit_ids[units],
        labels[n_training:],
    )


def _varies(responses: Floats, valid: NDArray[np.bool_]) -> NDArray[np.bool_]:
    low = np.where(valid, responses, np.inf).min(0)
    return np.asarray(np.where(valid, responses, -np.inf).max(0) > low)


def without_sources(session: Session) -> Session:
    """Return the session without its sources, which are for scoring only.

    Example:
        >>> from hebbayes.data.recording import Recording
        >>> recording = Recording(np.eye(2), np.ones((2, 1)), [0, 1], sources=np.eye(2, dtype=int))
        >>> without_sources(split_sessions(recording, 1).training[0]).sources is None
        True
    """
    return replace(session, sources=None)


def find_patterns(sessions: Sequence[Session]) -> Patterns:
    """Return the distinct stimuli of sessions, in order of first appearance.

    Example:
        >>> stimuli = np.array([[1.0], [0.0], [1.0]])
        >>> session = Session(stimuli, np.ones((3, 1)), np.ones((3, 1), bool))
        >>> find_patterns([session]).stimuli.ravel().tolist()
        [1.0, 0.0]
    """
    index: dict[bytes, int] = {}
    rows = []
    for session in sessions:
        for row, key in zip(session.stimuli, _keys(session.stimuli)):
            if key not in index:
                index[key] = len(index)
                rows.append(row)
    return Patterns(np.array(rows), index)


def pattern_index(patterns: Patterns, stimuli: Floats) -> Indices:
    """Return the number of each trial's pattern, -1 if it is new.

    Example:
        >>> session = Session(np.eye(2), np.ones((2, 1)), np.ones((2, 1), bool))
        >>> pattern_index(find_patterns([session]), np.array([[0.0, 1.0], [1.0, 1.0]])).tolist()
        [1, -1]
    """
    get = patterns.index.get
    return np.array([get(key, -1) for key in _keys(stimuli)], np.int64)


def pattern_sums(sessions: Sequence[Session], patterns: Patterns) -> tuple[Floats, Floats]:
    """Return summed responses and numbers of observations, each (patterns, units).

    Trials of patterns that are not among ``patterns`` are left out.

    Example:
        >>> session = Session(np.ones((2, 1)), np.array([[1.0], [3.0]]), np.ones((2, 1), bool))
        >>> sums, numbers = pattern_sums([session], find_patterns([session]))
        >>> sums.tolist(), numbers.tolist()
        ([[4.0]], [[2.0]])
    """
    shape = (len(patterns.stimuli), sessions[0].responses.shape[1])
    sums, numbers = np.zeros(shape), np.zeros(shape)
    for session in sessions:
        index = pattern_index(patterns, session.stimuli)
        known = index >= 0
        belongs = np.zeros((shape[0], int(known.sum())))
        belongs[index[known], np.arange(belongs.shape[1])] = 1.0
        sums += belongs @ session.observed[known]
        numbers += belongs @ session.valid[known].astype(float)
    return sums, numbers


def repeated_share(sessions: Sequence[Session]) -> float:
    """Return the share of trials whose stimulus was given before, in an earlier session.

    With a single session, the share of its trials whose stimulus was given before in it.

    Example:
        >>> session = Session(np.eye(2), np.ones((2, 1)), np.ones((2, 1), bool))
        >>> repeated_share([session]), repeated_share([session, session])
        (0.0, 1.0)
    """
    if len(sessions) == 1:
        return 1.0 - len(find_patterns(sessions).stimuli) / len(sessions[0].stimuli)
    seen, again, trials = set(_keys(sessions[0].stimuli)), 0, 0
    for session in sessions[1:]:
        keys = _keys(session.stimuli)
        again += sum(key in seen for key in keys)
        trials += len(keys)
        seen.update(keys)
    return again / trials


def is_repeated(sessions: Sequence[Session]) -> bool:
    """Return whether stimuli repeat: at least nine in ten trials show an earlier pattern.

    Fresh mixtures of two sources repeat too, in the half of trials in which the sources agree.

    Example:
        >>> session = Session(np.eye(2), np.ones((2, 1)), np.ones((2, 1), bool))
        >>> is_repeated([session]), is_repeated([session, session])
        (False, True)
    """
    return repeated_share(sessions) >= 0.9


def _keys(stimuli: Floats) -> list[bytes]:
    content = np.ascontiguousarray(stimuli + 0.0, np.float64)  # -0.0 is 0.0
    rows = content.view(np.dtype((np.void, content.shape[1] * 8))).ravel().tolist()
    return cast(list[bytes], rows)


def _session(recording: "Recording", rows: NDArray[np.bool_], units: Indices) -> Session:
    valid = recording.valid[rows][:, units]
    responses = np.where(valid, recording.responses[rows][:, units], np.nan)
    stimuli = recording.stimuli[rows]
    sources = None if recording.sources is None else recording.sources[rows].astype(np.int64)
    for values in (valid, responses, stimuli, sources):
        if values is not None:
            values.flags.writeable = False
    return Session(stimuli, responses, valid, sources)
