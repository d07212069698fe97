"""Generic nulls of learning: unit gain, and a change of shape without any theory.

What gain x evoked leaves of a session is read along the principal axes of the stimuli, and every
reading is followed over sessions by a Kalman filter, as a level that wanders, with or without a
trend.  Works for repeated and for fresh stimuli.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hebbayes.reverse_engineering.forecasting.contract import Forecaster
from hebbayes.reverse_engineering.forecasting.nulls.drift import (
    GainState,
    KalmanGain,
    session_gain,
)
from hebbayes.reverse_engineering.forecasting.nulls.local_trend import (
    Trend,
    follow_trend,
    log_likelihood,
    next_trend,
    posterior,
)
from hebbayes.reverse_engineering.forecasting.nulls.static import Evoked

if TYPE_CHECKING:
    from hebbayes.reverse_engineering.forecasting.sessions import Session

Floats = NDArray[np.float64]

STEPS = (0.0, *np.exp(np.arange(-11.0, 0.0)).tolist())
SLOPES = (0.0, *np.exp(np.arange(-13.0, -2.0, 2.0)).tolist())


@dataclass(frozen=True, eq=False)
class Axes:
    """Where the stimuli of training vary: their mean (channels,), directions (channels, axes)."""

    mean: Floats
    directions: Floats


@dataclass(frozen=True, eq=False)
class SmoothedState:
    """State of the null of gain and shape.

    Attributes:
        gain: State of the gain null.
        axes: Features of stimuli that carry the residual.
        readings: Residual read-outs per candidate of step and slope, (candidates, axes, units).
        static: The same read-out of evoked responses, (axes, units).
        weights: Posterior weight of each candidate, (candidates, units).
        horizon: Sessions since the last observed one.
    """

    gain: GainState
    axes: Axes
    readings: Trend
    static: Floats
    weights: Floats
    horizon: int = 1


@dataclass(frozen=True)
class SmoothedGain(Forecaster[SmoothedState]):
    """Evoked x Kalman gain + a read-out of what that leaves, which wanders from session to session.

    With ``slopes`` a read-out also has a trend; h sessions after the last that was observed it has
    moved by slope x (damping + damping^2 + ... + damping^h).  Every unit has a posterior over
    both sizes; its prior is what units share.

    Attributes:
        steps: Candidate variances of a step from session to session, for a stimulus that goes
            on, as shares of the variance of a response.  0 is among them: no wandering.
        slopes: Candidate variances of the trend per session.
        damping: How much of a trend is left from one session to the next.
        evoked: The static part.
    """

    steps: tuple[float, ...] = STEPS
    slopes: tuple[float, ...] = (0.0,)
    damping: float = 0.0
    evoked: Forecaster[Any] = field(default_factory=Evoked)

    def fit(self, training: Sequence["Session"]) -> SmoothedState:
        """Return gain and shape after training."""
        gain = KalmanGain(self.evoked).fit(training)
        axes = _principal_axes(np.concatenate([session.stimuli for session in training]))
        read = [self._read(gain, axes, session) for session in training]
        values, variances = (np.stack(parts)[:, None] for parts in zip(*read))
        candidates = np.array([(step, slope) for slope in self.slopes for step in self.steps])
        step, slope = candidates.T[..., None, None]
        weights = posterior(log_likelihood(values, variances, step, slope))
        readings = follow_trend(values, variances, step, slope)
        static = follow_trend(values, variances, np.zeros_like(step[:1]), 0 * slope[:1]).level[0]
        return SmoothedState(gain, axes, readings, static, weights)

    def predict(self, state: SmoothedState, stimuli: Floats) -> Floats:
        """Return gain x evoked + shape."""
        reach = float((self.damping ** np.arange(1, state.horizon + 1)).sum())
        readings = state.readings.level + reach * state.readings.slope
        shape = np.einsum("su,sau->au", state.weights, readings) - state.static
        changed = _along(state.axes, stimuli) @ shape
        return KalmanGain(self.evoked).predict(state.gain, stimuli) + changed

    def advance(self, state: SmoothedState, stimuli: Floats) -> SmoothedState:
        """Return the state one session further."""
        return replace(state, horizon=state.horizon + 1)

    def update(self, state: SmoothedState, session: "Session") -> SmoothedState:
        """Return gain and shape after one more session."""
        readings = next_trend(state.readings, *self._read(state.gain, state.axes, session))
        gain = KalmanGain(self.evoked).update(state.gain, session)
        return replace(state, gain=gain, readings=readings, horizon=1)

    def _read(self, gain: GainState, axes: Axes, session: "Session") -> tuple[Floats, Floats]:
        """Readings (axes, units), and their variances as shares of a response's."""
        forecast = self.evoked.predict(gain.evoked, session.stimuli)
        own = session_gain(session, forecast, gain.noise)[0]
        left = np.where(session.valid, session.observed - own * forecast, 0.0)
        along = _along(axes, session.stimuli)
        square = (along**2).T @ session.valid.astype(float)
        known = square > 0
        square = np.where(known, square, 1.0)
        return np.where(known, along.T @ left / square, 0.0), np.where(known, 1 / square, np.inf)


def _principal_axes(stimuli: Floats) -> Axes:
    mean = stimuli.mean(0)
    variance, directions = np.linalg.eigh(np.cov(stimuli.T, bias=True).reshape(len(mean), -1))
    return Axes(mean, directions[:, variance > 1e-9 * max(variance.max(), 1e-300)])


def _along(axes: Axes, stimuli: Floats) -> Floats:
    return np.asarray((stimuli - axes.mean) @ axes.directions)
