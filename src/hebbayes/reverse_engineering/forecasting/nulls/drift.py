"""Nulls that drift: every unit's gain wanders or trends, whatever the stimulus.

Gain is the regression coefficient of a session's responses on the evoked (static) forecast.
A local-level filter follows it (`KalmanGain`), a damped trend carries it on (`DriftingGain`), and
smoothed residual read-outs add a generic change of shape (`SmoothedGain`); docs/forecasting.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hebbayes.reverse_engineering.forecasting.contract import Forecaster
from hebbayes.reverse_engineering.forecasting.nulls.static import Evoked

if TYPE_CHECKING:
    from hebbayes.reverse_engineering.forecasting.sessions import Session

Floats = NDArray[np.float64]

RATIOS = tuple(float(q) for q in np.exp(np.linspace(-14.0, 0.0, 29)))
"""Candidate variances of a gain's step from session to session."""


@dataclass(frozen=True, eq=False)
class Level:
    """A local level.

    Attributes:
        mean: (units,).
        variance: (units,).
        step: Variance of one step.
    """

    mean: Floats
    variance: Floats
    step: float


@dataclass(frozen=True, eq=False)
class GainState:
    """State of a gain null.

    Attributes:
        evoked: State of the evoked forecast.
        noise: Residual variance, (units,).
        level: The gains.
    """

    evoked: Any
    noise: Floats
    level: Level


@dataclass(frozen=True)
class KalmanGain(Forecaster[GainState]):
    """Evoked response x unit gain, the gain followed by a local-level (Kalman) filter.

    In open loop gains stay where the filter left them after training; in closed loop the
    filter goes on.  The variance of a step is that of highest likelihood in training, one for
    all units.

    Attributes:
        evoked: What is multiplied.
    """

    evoked: Forecaster[Any] = field(default_factory=Evoked)

    def fit(self, training: Sequence["Session"]) -> GainState:
        """Return the filtered gains after training."""
        evoked = self.evoked.fit(training)
        forecasts = [self.evoked.predict(evoked, session.stimuli) for session in training]
        noise = _residual_variance(training, forecasts)
        gains, variances = _all_gains(training, forecasts, noise)
        return GainState(
            evoked, noise, follow_level(gains, variances, likeliest_step(gains, variances))
        )

    def predict(self, state: GainState, stimuli: Floats) -> Floats:
        """Return evoked responses at the present gain."""
        return state.level.mean * self.evoked.predict(state.evoked, stimuli)

    def update(self, state: GainState, session: "Session") -> GainState:
        """Return the state with one more gain in its filter."""
        forecast = self.evoked.predict(state.evoked, session.stimuli)
        gain, variance = session_gain(session, forecast, state.noise)
        return replace(state, level=next_level(state.level, gain, variance))


@dataclass(frozen=True, eq=False)
class TrendState:
    """State of a trend null.

    Attributes:
        gain: The gains after training.
        slope: Of each gain per session, (units,).
        horizon: Sessions since training.
    """

    gain: GainState
    slope: Floats
    horizon: int


@dataclass(frozen=True)
class DriftingGain(Forecaster[TrendState]):
    """Evoked response x unit gain, which goes on in the direction that it took in training.

    After h sessions a gain has moved by slope x (damping + damping^2 + ... + damping^h).  The
    slope is the least-squares one over training, shrunk by how well it is known among units.

    Attributes:
        damping: How much of a trend is left from one session to the next.
        evoked: What is multiplied.
    """

    damping: float = 0.9
    evoked: Forecaster[Any] = field(default_factory=Evoked)

    def fit(self, training: Sequence["Session"]) -> TrendState:
        """Return gains and their slopes after training."""
        kalman = KalmanGain(self.evoked)
        state = kalman.fit(training)
        forecasts = [self.evoked.predict(state.evoked, session.stimuli) for session in training]
        gains = _all_gains(training, forecasts, state.noise)[0]
        return TrendState(state, _shrunk_slope(gains), 1)

    def predict(self, state: TrendState, stimuli: Floats) -> Floats:
        """Return evoked responses at the gain that the trend has reached."""
        reach = float((self.damping ** np.arange(1, state.horizon + 1)).sum())
        gain = np.maximum(state.gain.level.mean + state.slope * reach, 0.0)  # no negative gain
        return gain * self.evoked.predict(state.gain.evoked, stimuli)

    def advance(self, state: TrendState, stimuli: Floats) -> TrendState:
        """Return the state one session further."""
        return replace(state, horizon=state.horizon + 1)

    def update(self, state: TrendState, session: "Session") -> TrendState:
        """Return the state whose trend starts anew from the filtered gain."""
        gain = KalmanGain(self.evoked).update(state.gain, session)
        return TrendState(gain, state.slope * self.damping, 1)


def session_gain(session: "Session", forecast: Floats, noise: Floats) -> tuple[Floats, Floats]:
    """Return every unit's gain over its forecast in a session, and the gain's variance.

    Least squares through the origin over observed trials; a unit without any has gain 1 and
    infinite variance.

    Example:
        >>> from hebbayes.reverse_engineering.forecasting.sessions import Session
        >>> session = Session(np.ones((2, 1)), np.array([[2.0], [4.0]]), np.ones((2, 1), bool))
        >>> session_gain(session, np.array([[1.0], [2.0]]), np.array([5.0]))
        (array([2.]), array([1.]))
    """
    square = np.where(session.valid, forecast**2, 0.0).sum(0)
    known = square > 0
    gain = np.where(known, (session.observed * forecast).sum(0) / np.where(known, square, 1.0), 1.0)
    return gain, np.where(known, noise / np.where(known, square, 1.0), np.inf)


def session_residuals(
    training: Sequence["Session"], evoked: Forecaster[Any] | None = None
) -> list[Floats]:
    """Return what evoked responses at every session's own gain leave, 0 if not observed.

    Example:
        >>> from hebbayes.reverse_engineering.forecasting.sessions import Session
        >>> session = Session(np.ones((2, 1)), np.array([[2.0], [4.0]]), np.ones((2, 1), bool))
        >>> session_residuals([session])[0].ravel().tolist()
        [-1.0, 1.0]
    """
    model = evoked or Evoked()
    state, residuals = model.fit(training), []
    for session in training:
        forecast = model.predict(state, session.stimuli)
        gain = session_gain(session, forecast, np.ones(forecast.shape[1]))[0]
        residuals.append(np.where(session.valid, session.observed - gain * forecast, 0.0))
    return residuals


def next_level(level: Level, value: Floats, variance: Floats) -> Level:
    """Return a local level after one more observation (units,) with its variance.

    Example:
        >>> one = np.array([1.0])
        >>> after = next_level(Level(0 * one, one, 1.0), one, 2 * one)
        >>> after.mean.tolist(), after.variance.tolist()
        ([0.5], [1.0])
    """
    before = level.variance + level.step
    share = np.where(np.isinf(variance), 0.0, before / np.maximum(before + variance, 1e-300))
    return Level(level.mean + share * (value - level.mean), (1 - share) * before, level.step)


def follow_level(values: Floats, variances: Floats, step: float) -> Level:
    """Return the local level after all sessions of ``values`` (sessions, units).

    The first session sets the level.

    Example:
        >>> follow_level(np.array([[1.0], [3.0]]), np.ones((2, 1)), 0.0).mean.tolist()
        [2.0]
    """
    level = Level(values[0], np.where(np.isinf(variances[0]), 1.0, variances[0]), step)
    for value, variance in zip(values[1:], variances[1:]):
        level = next_level(level, value, variance)
    return level


def likeliest_step(gains: Floats, variances: Floats) -> float:
    """Return the variance of a step, one for all units, of highest likelihood.

    Example:
        >>> likeliest_step(np.zeros((5, 1)), np.ones((5, 1))) < 1e-5
        True
    """
    if len(gains) == 1:
        return 0.0
    return RATIOS[int(np.argmax([_log_likelihood(gains, variances, q) for q in RATIOS]))]


def _log_likelihood(gains: Floats, variances: Floats, step: float) -> float:
    level, total = follow_level(gains[:1], variances[:1], step), 0.0
    for gain, variance in zip(gains[1:], variances[1:]):
        spread = level.variance + step + variance
        known = np.isfinite(spread) & (spread > 0)
        s, wrong = spread[known], (gain - level.mean)[known]
        total -= 0.5 * float((np.log(s) + wrong**2 / s).sum())
        level = next_level(level, gain, variance)
    return total


def _residual_variance(training: Sequence["Session"], forecasts: Sequence[Floats]) -> Floats:
    """Variance about each session's own gain, so that drift is no noise."""
    square = np.zeros(forecasts[0].shape[1])
    trials = np.zeros_like(square)
    for session, forecast in zip(training, forecasts):
        gain, _ = session_gain(session, forecast, square)
        wrong = np.where(session.valid, session.observed - gain * forecast, 0.0)
        square = square + (wrong**2).sum(0)
        trials = trials + session.valid.sum(0)
    return square / np.maximum(trials, 1)


def _all_gains(
    training: Sequence["Session"], forecasts: Sequence[Floats], noise: Floats
) -> tuple[Floats, Floats]:
    pairs = [session_gain(session, f, noise) for session, f in zip(training, forecasts)]
    return np.stack([gain for gain, _ in pairs]), np.stack([variance for _, variance in pairs])


def _shrunk_slope(gains: Floats) -> Floats:
    """Slopes per session, drawn to 0 by the share of their spread that is chance."""
    n_sessions, n_units = gains.shape
    if n_sessions < 3:
        return np.zeros(n_units)
    time = np.arange(n_sessions) - (n_sessions - 1) / 2
    slope = time @ gains / (time @ time)
    residual = gains - gains.mean(0) - time[:, None] * slope
    chance = (residual**2).sum(0) / (n_sessions - 2) / (time @ time)
    spread = float((slope**2).mean())
    return slope * max(0.0, 1.0 - float(chance.mean()) / spread) if spread > 0 else slope
