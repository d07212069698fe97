"""Gains that wander or trend, and the generic change of shape."""

from itertools import pairwise

import numpy as np
import pytest

from hebbayes.data.recording import Recording
from hebbayes.reverse_engineering.forecasting.contract import (
    forecast_closed_loop,
    forecast_open_loop,
)
from hebbayes.reverse_engineering.forecasting.nulls.drift import (
    DriftingGain,
    KalmanGain,
    follow_level,
)
from hebbayes.reverse_engineering.forecasting.nulls.smoothing import SLOPES, SmoothedGain
from hebbayes.reverse_engineering.forecasting.nulls.static import Constant, Saturated
from hebbayes.reverse_engineering.forecasting.sessions import split_sessions

from ..recordings import small_recording


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


def recording_with_shape(step: float, seed: int, stimuli: str = "repeated", sessions: int = 24):
    """Read-outs that wander by ``step`` a session about a static one, with noise of variance 4."""
    rng = np.random.default_rng(seed)
    block = rng.integers(0, 2, (sessions if stimuli == "fresh" else 1, 60, 8)).astype(float)
    block = np.broadcast_to(block, (sessions, 60, 8))
    weights = rng.normal(0, 1, (8, 6)) + np.cumsum(rng.normal(0, step, (sessions, 8, 6)), axis=0)
    rate = 30 + (block - 0.5) @ weights
    responses = (rate + rng.normal(0, 2, rate.shape)).reshape(-1, 6)
    return Recording(block.reshape(-1, 8), responses, np.repeat(np.arange(sessions), 60))


@pytest.mark.parametrize("kind", ["repeated", "fresh"])
def test_smoothing_forecasts_a_wandering_shape_as_well_as_who_knows_its_step(kind) -> None:
    told = [0.0, 0.0, 0.0]
    for seed in range(6):
        split = split_sessions(recording_with_shape(0.2, seed, kind), 10)
        known = SmoothedGain(steps=(0.2**2 / 4,))
        for k, model in enumerate([SmoothedGain(), known, KalmanGain()]):
            told[k] += mean_error(split, forecast_open_loop(model, split)) - 4.0
    fitted, best, gain = told
    assert fitted < 1.05 * best
    assert fitted < 0.93 * gain


def test_smoothing_in_closed_loop_goes_on_where_training_left_the_filter() -> None:
    split = split_sessions(recording_with_shape(0.3, 2), 10)
    opened, closed = (
        run(SmoothedGain(), split) for run in (forecast_open_loop, forecast_closed_loop)
    )
    np.testing.assert_array_equal(opened[0], closed[0])
    gain = mean_error(split, forecast_closed_loop(KalmanGain(), split))
    assert mean_error(split, closed) - 4 < 0.5 * (mean_error(split, opened) - 4)
    assert mean_error(split, closed) - 4 < 0.3 * (gain - 4)


def test_smoothing_loses_next_to_nothing_where_no_shape_changes() -> None:
    splits = [split_sessions(recording_with_shape(0.0, seed), 10) for seed in range(6)]
    smoothed, gain = (
        sum(mean_error(split, forecast_open_loop(m, split)) for split in splits)
        for m in (SmoothedGain(), KalmanGain())
    )
    assert smoothed < 1.003 * gain


def trending_recording(slope: float, seed: int) -> Recording:
    """Read-outs that each go on in a direction of their own."""
    rng = np.random.default_rng(seed)
    still = recording_with_shape(0.0, seed)
    trend = slope * still.session[:, None] * ((still.stimuli - 0.5) @ rng.normal(0, 1, (8, 6)))
    return Recording(still.stimuli, still.responses + trend, still.session)


def test_a_trend_of_shape_goes_on_where_there_is_one_and_costs_little_elsewhere() -> None:
    for slope, most in ((0.15, 0.5), (0.0, 1.02)):
        told = np.zeros(2)
        for seed in range(4):
            split = split_sessions(trending_recording(slope, seed), 10)
            models = SmoothedGain(slopes=SLOPES, damping=1.0), SmoothedGain()
            floor = 4.0 if slope else 0.0
            told += [mean_error(split, forecast_open_loop(m, split)) - floor for m in models]
        assert told[0] < most * told[1]


def test_a_damped_trend_of_shape_comes_to_rest() -> None:
    split = split_sessions(trending_recording(0.1, 1), 10)
    model = SmoothedGain(slopes=SLOPES, damping=0.5)
    steps = [np.abs(b - a).mean() for a, b in pairwise(forecast_open_loop(model, split))]
    np.testing.assert_allclose(np.array(steps[1:6]) / steps[:5], 0.5, rtol=1e-3)


def test_closed_loop_starts_the_trend_anew_from_what_was_seen() -> None:
    split = split_sessions(trending_recording(0.1, 2), 10)
    model = SmoothedGain(slopes=SLOPES, damping=1.0)
    opened, closed = (run(model, split) for run in (forecast_open_loop, forecast_closed_loop))
    np.testing.assert_array_equal(opened[0], closed[0])
    assert mean_error(split, closed) - 4 < 0.5 * (mean_error(split, opened) - 4)


def test_a_trend_has_moved_by_one_damped_slope_in_the_first_session_ahead() -> None:
    split = split_sessions(trending_recording(0.1, 3), 10)
    half, none = (SmoothedGain(slopes=SLOPES, damping=d) for d in (0.5, 0.0))
    whole = SmoothedGain(slopes=SLOPES, damping=1.0)
    first, still, full = (forecast_open_loop(m, split) for m in (half, none, whole))
    np.testing.assert_allclose(first[0] - still[0], 0.5 * (full[0] - still[0]), atol=1e-9)
    np.testing.assert_allclose(full[2] - still[2], 3 * (full[0] - still[0]), atol=1e-9)


def test_closed_loop_forecasts_one_damped_slope_beyond_what_was_seen() -> None:
    split = split_sessions(trending_recording(0.1, 3), 10)
    none, half, whole = (
        forecast_closed_loop(SmoothedGain(slopes=SLOPES, damping=d), split) for d in (0.0, 0.5, 1.0)
    )
    assert np.abs(whole[5] - none[5]).mean() > 0.05
    np.testing.assert_allclose(half[5] - none[5], 0.5 * (whole[5] - none[5]), atol=1e-9)


@pytest.mark.parametrize("run", [forecast_open_loop, forecast_closed_loop])
def test_a_gain_that_wanders_is_no_change_of_shape(run) -> None:
    told = np.zeros(2)
    for seed in range(4):
        steps = np.random.default_rng(seed).normal(0, 0.1, (20, 6))
        split = split_sessions(recording_with_gains(np.exp(np.cumsum(steps, axis=0)), seed), 10)
        told += [mean_error(split, run(model, split)) for model in (SmoothedGain(), KalmanGain())]
    assert told[0] == pytest.approx(told[1], rel=0.02)


def test_a_reading_of_few_trials_is_noisier_and_no_smaller() -> None:
    recording = recording_with_shape(1.0, 6)
    valid = np.ones(recording.responses.shape, bool)
    valid[np.random.default_rng(0).random(len(valid)) < 0.5, 0] = False
    half = Recording(recording.stimuli, recording.responses, recording.session, valid=valid)
    last = SmoothedGain(steps=(1e6,))  # follows the last session alone
    changes = []
    for one in (recording, half):
        split = split_sessions(one, 10)
        changes.append(
            forecast_open_loop(last, split)[0] - forecast_open_loop(KalmanGain(), split)[0]
        )
    whole, part = (change[:, 0] for change in changes)
    assert whole @ part / (whole @ whole) > 0.75


def test_shape_and_gain_are_those_of_the_evoked_responses_it_is_given() -> None:
    split = split_sessions(recording_with_shape(0.2, 4), 10)
    own, other = (SmoothedGain(evoked=e) for e in (Saturated(), Constant()))
    a, b = (forecast_open_loop(m, split)[0] for m in (own, other))
    assert np.abs(a - b).mean() > 0.1
    gain = forecast_open_loop(KalmanGain(Saturated()), split)[0]
    still = forecast_open_loop(SmoothedGain(steps=(0.0,), evoked=Saturated()), split)[0]
    np.testing.assert_allclose(still, gain, atol=1e-9)


def test_unobserved_responses_leave_the_rest_as_it_is() -> None:
    recording = recording_with_shape(0.3, 5)
    valid = np.ones(recording.responses.shape, bool)
    valid[::2, 0] = False
    wrong = np.where(valid, recording.responses, 1e6)
    gone = Recording(recording.stimuli, wrong, recording.session, valid=valid)
    whole, part = (
        forecast_open_loop(SmoothedGain(), split_sessions(r, 10))[0] for r in (recording, gone)
    )
    assert np.isfinite(part).all()
    assert np.abs(part[:, 0] - whole[:, 0]).max() < 4
    np.testing.assert_allclose(part[:, 1:], whole[:, 1:], atol=0.6)  # units share priors


@pytest.mark.parametrize("model", [SmoothedGain(), SmoothedGain(slopes=SLOPES, damping=1.0)])
def test_one_session_of_training_tells_no_change_of_shape(model) -> None:
    split = split_sessions(small_recording(sessions=4), 1)
    for shape, gain in zip(*(forecast_open_loop(m, split) for m in (model, KalmanGain()))):
        np.testing.assert_allclose(shape, gain, atol=1e-9)


def test_every_unit_has_a_step_of_its_own() -> None:
    still, moving = recording_with_shape(0.0, 3), recording_with_shape(0.4, 3)
    both = np.where(np.arange(6) < 3, still.responses, moving.responses)
    split = split_sessions(Recording(still.stimuli, both, still.session), 12)
    state = SmoothedGain().fit(split.training)
    np.testing.assert_allclose(state.weights.sum(0), 1.0)
    expected = np.array(SmoothedGain().steps) @ state.weights
    assert expected[:3].max() < 0.5 * expected[3:].min()


def test_a_stimulus_that_never_varies_says_nothing_of_shape() -> None:
    recording = small_recording(sessions=8)
    stimuli = np.column_stack([recording.stimuli, np.ones(len(recording.stimuli))])
    more = Recording(stimuli, recording.responses, recording.session)
    for one, two in zip(
        *(forecast_open_loop(SmoothedGain(), split_sessions(r, 6)) for r in (recording, more))
    ):
        np.testing.assert_allclose(one, two, atol=0.05)
    alone = Recording(stimuli[:, -1:], recording.responses, recording.session)
    split = split_sessions(alone, 6)
    np.testing.assert_allclose(
        forecast_open_loop(SmoothedGain(), split), forecast_open_loop(KalmanGain(), split)
    )


@pytest.mark.parametrize(
    "model", [KalmanGain(), DriftingGain(), SmoothedGain(), SmoothedGain(slopes=SLOPES)]
)
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
