"""The generic null of learning: unit gain, and a smoothed change of shape without any theory.

What gain x evoked leaves of a session is read out linearly, and these read-outs are smoothed
over sessions.  Works for repeated and for fresh stimuli.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hebbayes.reverse_engineering.forecasting.contract import Forecaster
from hebbayes.reverse_engineering.forecasting.drift_nulls import (
    GainState,
    KalmanGain,
    session_gain,
)
from hebbayes.reverse_engineering.forecasting.ridge import fit_ridge, with_constant
from hebbayes.reverse_engineering.forecasting.sessions import Session
from hebbayes.reverse_engineering.forecasting.static_nulls import Evoked

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class SmoothedState:
    """Gain state, smoothed residual read-out (1 + channels, units), and the rate chosen."""

    gain: GainState
    shape: Floats
    rate: float


@dataclass(frozen=True)
class SmoothedGain(Forecaster[SmoothedState]):
    """Evoked x Kalman gain + exponentially smoothed linear read-out of what that leaves.

    Attributes:
        rates: Candidate weights of the newest session; one-session-ahead errors in training
            choose.  0 is among them: no change of shape.
        penalty: Ridge penalty of a session's residual read-out.
        evoked: The static part.
    """

    rates: tuple[float, ...] = (0.0, 0.05, 0.1, 0.2, 0.4)
    penalty: float = 10.0
    evoked: Forecaster[Any] = field(default_factory=Evoked)

    def fit(self, training: Sequence[Session]) -> SmoothedState:
        """Return gain and shape after training."""
        gain = KalmanGain(self.evoked).fit(training)
        residuals = [self._residual(gain, session) for session in training]
        shapes = [fit_ridge([s.stimuli], [s], (self.penalty,)) for s in residuals]
        errors = [_one_ahead_error(shapes, residuals, rate) for rate in self.rates]
        rate = self.rates[int(np.argmin(errors))]
        return SmoothedState(gain, _smooth(shapes, rate), rate)

    def predict(self, state: SmoothedState, stimuli: Floats) -> Floats:
        """Return gain x evoked + shape."""
        shape = with_constant(stimuli) @ state.shape
        return KalmanGain(self.evoked).predict(state.gain, stimuli) + shape

    def update(self, state: SmoothedState, session: Session) -> SmoothedState:
        """Return gain and shape after one more session."""
        residual = self._residual(state.gain, session)
        shape = fit_ridge([session.stimuli], [residual], (self.penalty,))
        gain = KalmanGain(self.evoked).update(state.gain, session)
        return SmoothedState(gain, state.shape + state.rate * (shape - state.shape), state.rate)

    def _residual(self, gain: GainState, session: Session) -> Session:
        forecast = self.evoked.predict(gain.evoked, session.stimuli)
        own = session_gain(session, forecast, gain.noise)[0]
        return Session(session.stimuli, session.responses - own * forecast, session.valid)


def _smooth(shapes: Sequence[Floats], rate: float) -> Floats:
    smoothed = np.zeros_like(shapes[0])
    for shape in shapes:
        smoothed = smoothed + rate * (shape - smoothed)
    return smoothed


def _one_ahead_error(shapes: Sequence[Floats], residuals: Sequence[Session], rate: float) -> float:
    smoothed, total = np.zeros_like(shapes[0]), 0.0
    for shape, session in zip(shapes, residuals):
        wrong = session.observed - with_constant(session.stimuli) @ smoothed
        total += float((wrong[session.valid] ** 2).sum())
        smoothed = smoothed + rate * (shape - smoothed)
    return total
