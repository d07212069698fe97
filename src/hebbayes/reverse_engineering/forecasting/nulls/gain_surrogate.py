"""Gain-only surrogates: recordings in which nothing but every unit's gain changes.

Whatever an analysis finds in them cannot be evidence of stimulus-specific plasticity.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hebbayes.reverse_engineering.forecasting.nulls.drift import session_gain
from hebbayes.reverse_engineering.forecasting.nulls.static import Evoked
from hebbayes.reverse_engineering.forecasting.sessions import (
    Session,
    find_patterns,
    pattern_index,
    split_sessions,
)

if TYPE_CHECKING:
    from hebbayes.data.recording import Recording

Floats = NDArray[np.float64]


def gain_only_surrogate(
    recording: "Recording", n_training: int, *, rng: np.random.Generator
) -> "Recording":
    """Return a recording whose later sessions are training trials at the later sessions' gains.

    A later trial becomes a random training trial of the same pattern (of any pattern, where it
    is new), every unit scaled by the ratio of its gain in the later session to that in the
    trial's own.  Training sessions, stimuli and sources stay; responses become rates; units that
    are silent in training stay silent.  A unit not observed in the trial drawn is not observed.
    Gains look at all sessions: a surrogate is no forecast.

    Example:
        >>> from hebbayes.data.recording import Recording
        >>> recording = Recording(np.ones((4, 1)), [[2], [2], [6], [6]], [0, 0, 1, 1])
        >>> surrogate = gain_only_surrogate(recording, 1, rng=np.random.default_rng(0))
        >>> surrogate.responses.ravel().tolist()
        [2.0, 2.0, 6.0, 6.0]
    """
    split = split_sessions(recording, n_training, min_rate=-1.0)  # keeps silent units
    evoked = Evoked().fit(split.training)
    sessions = [*split.training, *split.later]
    gains = np.stack([_gain(Evoked().predict(evoked, s.stimuli), s) for s in sessions])
    pool = _Pool(split.training)
    responses, valid = [], []
    for k, session in enumerate(sessions):
        if k < n_training:
            responses.append(session.observed)
            valid.append(session.valid)
            continue
        drawn = pool.draw(session.stimuli, rng)
        source = gains[pool.session[drawn]]
        ratio = np.where(source > 0, gains[k] / np.where(source > 0, source, 1.0), 0.0)
        responses.append(pool.responses[drawn] * ratio)
        valid.append(pool.valid[drawn])
    return replace(recording, responses=np.concatenate(responses), valid=np.concatenate(valid))


class _Pool:
    """Training trials, to be drawn from by pattern."""

    def __init__(self, training: Sequence[Session]) -> None:
        self.patterns = find_patterns(training)
        self.responses = np.concatenate([s.observed for s in training])
        self.valid = np.concatenate([s.valid for s in training])
        self.session = np.repeat(np.arange(len(training)), [len(s.stimuli) for s in training])
        index = pattern_index(self.patterns, np.concatenate([s.stimuli for s in training]))
        self.order = np.argsort(index, kind="stable")
        self.sizes = np.bincount(index, minlength=len(self.patterns.stimuli))
        self.starts = np.cumsum(self.sizes) - self.sizes

    def draw(self, stimuli: Floats, rng: np.random.Generator) -> NDArray[np.int64]:
        """One training trial for each stimulus."""
        index = pattern_index(self.patterns, stimuli)
        known = index >= 0
        size = np.where(known, self.sizes[index], len(self.order))
        start = np.where(known, self.starts[index], 0)
        return self.order[start + rng.integers(size)]


def _gain(forecast: Floats, session: Session) -> Floats:
    return np.maximum(session_gain(session, forecast, np.ones(forecast.shape[1]))[0], 0.0)
