"""Gains that wander or trend, and the generic change of shape."""

import numpy as np
import pytest

from hebbayes.data.recording import Recording
from hebbayes.reverse_engineering.forecasting.contract import (
    forecast_closed_loop,
    forecast_open_loop,
)
from hebbayes.reverse_engineering.forecasting.drift_nulls import (
    DriftingGain,
    KalmanGain,
    follow_level,
)
from hebbayes.reverse_engineering.forecasting.sessions import split_sessions
from hebbayes.reverse_engineering.forecasting.smoothing_null import SmoothedGain
from hebbayes.reverse_engineering.forecasting.static_nulls import Saturated

from .recordings import small_recording


def test_the_filter_is_the_posterior_of_a_random_walk_solved_at_once() -> None:
    rng = np.random.default_rng(0)
    values, variances, step = rng.normal(size=(6, 1)), rng.uniform(0.5, 2, (6, 1)), 0.3
    precision = np.diag(1 / variances[:, 0])
    for k in range(5):
        precision[k : k + 2, k : k + 2] += np.array([[1, -1], [-1, 1]]) / step
    covariance = np.linalg.inv(precision)
    level = follow_level(values, variances, step)
    np.testing.assert_allclose(level.mean, (covariance @ (values / variances))[-1])
    np.testing.assert_allclose(level.variance, covariance[-1, -1])


def recording_with_gains(gains: np.ndarray, seed: int = 0) -> Recording:
    """Gains (sessions, units) times five patterns, with Gaussian noise."""
    rng = np.random.default_rng(seed)
    patterns = np.tile(np.eye(5), (8, 1))
    mean = 10 + 5 * rng.random((5, gains.shape[1]))
    rate = gains[:, None] * np.tile(mean, (8, 1))
    counts = np.maximum(rate + rng.normal(size=rate.shape), 0).reshape(-1, gains.shape[1])
    stimuli = np.tile(patterns, (len(gains), 1))
    return Recording(stimuli, counts, np.repeat(np.arange(len(gains)), 40))


def mean_error(split, forecasts) -> float:
    return float(np.mean([(s.responses - f) ** 2 for s, f in zip(split.later, forecasts)]))


def test_the_gain_stays_after_training_in_open_loop_and_is_followed_in_closed_loop() -> None:
    steps = np.random.default_rng(1).normal(0, 0.05, (30, 6))
    split = split_sessions(recording_with_gains(np.exp(np.cumsum(steps, axis=0))), 10)
    opened, closed = (
        forecast_open_loop(KalmanGain(), split),
        forecast_closed_loop(KalmanGain(), split),
    )
    assert all(np.array_equal(f, opened[0]) for f in opened)
    np.testing.assert_array_equal(opened[0], closed[0])
    static = mean_error(split, forecast_open_loop(Saturated(), split))
    assert mean_error(split, closed) < 0.7 * mean_error(split, opened) < 0.7 * static


def test_a_damped_trend_beats_a_level_where_gains_go_on() -> None:
    gains = 1 + 0.04 * np.minimum(np.arange(20.0), 20)[:, None] * np.linspace(-1, 1, 6)
    split = split_sessions(recording_with_gains(gains), 10)
    trend = forecast_open_loop(DriftingGain(damping=1.0), split)
    level = forecast_open_loop(KalmanGain(), split)
    assert mean_error(split, trend) < 0.3 * mean_error(split, level)
    reached = trend[4].mean(0) / trend[0].mean(0)
    np.testing.assert_allclose(reached, gains[14] / gains[10], rtol=0.03)


def test_a_trend_is_not_believed_where_slopes_are_chance() -> None:
    split = split_sessions(recording_with_gains(np.ones((20, 6)), seed=4), 10)
    trend, level = (forecast_open_loop(m, split) for m in (DriftingGain(1.0), KalmanGain()))
    assert mean_error(split, trend) < 1.05 * mean_error(split, level)


def test_smoothing_follows_a_change_of_shape_that_no_gain_explains() -> None:
    rng = np.random.default_rng(2)
    stimuli = rng.integers(0, 2, (40, 8)).astype(float)
    weights = np.cumsum(rng.normal(0, 0.5, (40, 8, 4)), axis=0)
    weights -= weights[:20].mean(0)
    rate = 20 + stimuli @ (weights - 0 * weights[:1])
    counts = np.maximum(rate + rng.normal(size=rate.shape), 0).reshape(-1, 4)
    recording = Recording(np.tile(stimuli, (40, 1)), counts, np.repeat(np.arange(40), 40))
    split = split_sessions(recording, 20)
    smoothed = mean_error(split, forecast_closed_loop(SmoothedGain(), split))
    assert smoothed < 0.6 * mean_error(split, forecast_closed_loop(KalmanGain(), split))


@pytest.mark.parametrize("model", [KalmanGain(), DriftingGain(), SmoothedGain()])
def test_a_unit_that_was_not_seen_in_a_session_keeps_its_gain(model) -> None:
    recording = small_recording(sessions=8)
    valid = recording.valid.copy()
    valid[recording.session == 6, 0] = False
    split = split_sessions(
        Recording(recording.stimuli, recording.responses, recording.session, valid=valid), 6
    )
    before, after = forecast_closed_loop(KalmanGain(), split)
    np.testing.assert_array_equal(before[:, 0], after[:, 0])
    assert not np.array_equal(before[:, 1], after[:, 1])
    assert all(np.isfinite(f).all() for f in forecast_closed_loop(model, split))
