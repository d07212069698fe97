"""A null for signals: every unit's level wanders from session to session, whatever the stimulus.

The zero of dF/F, z-scores and other signals is arbitrary and drifts with bleaching and baselines,
so that a level is added to the evoked response; a gain, as counts have, does not capture it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hebbayes.reverse_engineering.forecasting.contract import Forecaster
from hebbayes.reverse_engineering.forecasting.nulls.drift import (
    Level,
    follow_level,
    likeliest_step,
    next_level,
)
from hebbayes.reverse_engineering.forecasting.nulls.static import Evoked

if TYPE_CHECKING:
    from hebbayes.reverse_engineering.forecasting.sessions import Session

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class LevelState:
    """State of a level null.

    Attributes:
        evoked: State of the evoked forecast.
        noise: Standard deviation about each session's own level, (units,).
        level: The levels, in units of the noise.
    """

    evoked: Any
    noise: Floats
    level: Level


@dataclass(frozen=True)
class KalmanLevel(Forecaster[LevelState]):
    """Evoked response + unit level, the level followed by a local-level (Kalman) filter.

    In open loop levels stay where the filter left them after training.  The variance of a step, as
    a share of the noise, is that of highest likelihood in training, one for all units.

    Attributes:
        evoked: What the level is added to.
    """

    evoked: Forecaster[Any] = field(default_factory=Evoked)

    def fit(self, training: Sequence["Session"]) -> LevelState:
        """Return the filtered levels after training."""
        evoked = self.evoked.fit(training)
        wrong = [_wrong(s, self.evoked.predict(evoked, s.stimuli)) for s in training]
        noise = _noise(wrong)
        levels = np.stack([np.nan_to_num(_mean(w)) / noise for w in wrong])
        variances = np.stack([_variance(w) for w in wrong])
        step = likeliest_step(levels, variances)
        return LevelState(evoked, noise, follow_level(levels, variances, step))

    def predict(self, state: LevelState, stimuli: Floats) -> Floats:
        """Return evoked responses at the present level."""
        return self.evoked.predict(state.evoked, stimuli) + state.level.mean * state.noise

    def update(self, state: LevelState, session: "Session") -> LevelState:
        """Return the state with one more level in its filter."""
        wrong = _wrong(session, self.evoked.predict(state.evoked, session.stimuli))
        level = np.nan_to_num(_mean(wrong)) / state.noise
        return replace(state, level=next_level(state.level, level, _variance(wrong)))


def _wrong(session: "Session", forecast: Floats) -> Floats:
    return np.where(session.valid, session.observed - forecast, np.nan)


def _mean(wrong: Floats) -> Floats:
    n = np.isfinite(wrong).sum(0)
    return np.where(n > 0, np.nansum(wrong, axis=0) / np.maximum(n, 1), np.nan)


def _variance(wrong: Floats) -> Floats:
    n = np.isfinite(wrong).sum(0)
    return np.where(n > 0, 1 / np.maximum(n, 1), np.inf)


def _noise(wrong: Sequence[Floats]) -> Floats:
    """Standard deviation about each session's own level, so that drift is no noise."""
    square = np.sum([np.nansum((w - _mean(w)) ** 2, axis=0) for w in wrong], axis=0)
    n = np.sum([np.isfinite(w).sum(0) for w in wrong], axis=0)
    return np.sqrt(np.maximum(square / np.maximum(n, 1), 1e-12))
