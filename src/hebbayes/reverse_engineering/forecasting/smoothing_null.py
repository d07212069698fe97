"""The generic null of learning: unit gain, and a change of shape that wanders without any theory.

What gain x evoked leaves of a session is read along the principal axes of the stimuli, and every
reading is followed by a local-level (Kalman) filter over sessions.  Works for repeated and for
fresh stimuli.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hebbayes.reverse_engineering.forecasting.contract import Forecaster
from hebbayes.reverse_engineering.forecasting.drift_nulls import (
    GainState,
    KalmanGain,
    Level,
    follow_level,
    next_level,
    session_gain,
)
from hebbayes.reverse_engineering.forecasting.sessions import Session
from hebbayes.reverse_engineering.forecasting.static_nulls import Evoked

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Axes:
    """Where the stimuli of training vary: their mean (channels,), directions (channels, axes)."""

    mean: Floats
    directions: Floats


@dataclass(frozen=True, eq=False)
class SmoothedState:
    """State of the null of gain and shape.

    gain: see `GainState`.  levels: readings (steps, axes, units), as each step has them.
    static: (axes, units), the reading that evoked responses hold already.  weights:
    (steps, units), how much training speaks for each step.
    """

    gain: GainState
    axes: Axes
    levels: Level
    static: Floats
    weights: Floats


@dataclass(frozen=True)
class SmoothedGain(Forecaster[SmoothedState]):
    """Evoked x Kalman gain + a read-out of what that leaves, smoothed by a local-level filter.

    Every unit has a posterior over the size of a step; its prior is what units share.

    Attributes:
        steps: Candidate variances of a step from session to session, for a stimulus that goes
            on, as shares of the variance of a response.  0 is among them: no change of shape.
        evoked: The static part.
    """

    steps: tuple[float, ...] = (0.0, *np.exp(np.arange(-11.0, 0.0)).tolist())
    evoked: Forecaster[Any] = field(default_factory=Evoked)

    def fit(self, training: Sequence[Session]) -> SmoothedState:
        """Return gain and shape after training."""
        gain = KalmanGain(self.evoked).fit(training)
        axes = _principal_axes(np.concatenate([session.stimuli for session in training]))
        read = [self._read(gain, axes, session) for session in training]
        values, variances = (np.stack(parts)[:, None] for parts in zip(*read))
        steps = np.array(self.steps)[:, None, None]
        weights = _posterior(_log_likelihood(values, variances, steps))
        levels = follow_level(values, variances, steps)
        static = follow_level(values, variances, 0.0).mean[0]
        return SmoothedState(gain, axes, levels, static, weights)

    def predict(self, state: SmoothedState, stimuli: Floats) -> Floats:
        """Return gain x evoked + shape."""
        shape = np.einsum("su,sau->au", state.weights, state.levels.mean) - state.static
        changed = _along(state.axes, stimuli) @ shape
        return KalmanGain(self.evoked).predict(state.gain, stimuli) + changed

    def update(self, state: SmoothedState, session: Session) -> SmoothedState:
        """Return gain and shape after one more session."""
        levels = next_level(state.levels, *self._read(state.gain, state.axes, session))
        gain = KalmanGain(self.evoked).update(state.gain, session)
        return replace(state, gain=gain, levels=levels)

    def _read(self, gain: GainState, axes: Axes, session: Session) -> tuple[Floats, Floats]:
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


def _log_likelihood(values: Floats, variances: Floats, steps: Floats) -> Floats:
    """Log likelihood of every step, (steps, units), at the variance of responses that suits it."""
    level, n, logs, squares = follow_level(values[:1], variances[:1], steps), 0.0, 0.0, 0.0
    for value, variance in zip(values[1:], variances[1:]):
        spread = level.variance + level.step + variance
        known = np.isfinite(spread)
        spread = np.where(known, spread, 1.0)
        n = n + known.sum(1)
        logs = logs + np.log(spread).sum(1)
        squares = squares + np.where(known, (value - level.mean) ** 2 / spread, 0.0).sum(1)
        level = next_level(level, value, variance)
    return np.asarray(-0.5 * (n * np.log(np.maximum(squares, 1e-300)) + logs))


def _posterior(log_likelihood: Floats, n_rounds: int = 50) -> Floats:
    """Weights (steps, units) by Bayes' rule, the prior being their mean over units."""
    likelihood = np.exp(log_likelihood - log_likelihood.max(0))
    prior = np.full((len(likelihood), 1), 1 / len(likelihood))
    for _ in range(n_rounds):
        weights = prior * likelihood
        weights /= weights.sum(0)
        prior = weights.mean(1, keepdims=True)
    return weights
