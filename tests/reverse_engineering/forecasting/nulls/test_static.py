"""Static nulls, each by a second route."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import minimize

from hebbayes.data.recording import Recording
from hebbayes.reverse_engineering.forecasting.contract import forecast_open_loop
from hebbayes.reverse_engineering.forecasting.nulls.ridge import fit_ridge
from hebbayes.reverse_engineering.forecasting.nulls.static import (
    Constant,
    Evoked,
    Kernel,
    Linear,
    LogLinear,
    Saturated,
)
from hebbayes.reverse_engineering.forecasting.sessions import split_sessions

from ..recordings import small_recording

STATIC = [Constant(), Linear(), LogLinear(), Saturated(), Saturated(is_shrunk=True), Kernel()]


def pooled(split):
    return tuple(
        np.concatenate([getattr(s, name) for s in split.training])
        for name in ("stimuli", "responses", "valid")
    )


def test_constant_and_saturated_are_means_of_what_was_observed() -> None:
    split = split_sessions(small_recording(unobserved=0.2, is_ragged=True), 4)
    stimuli, responses, _ = pooled(split)
    scored = split.later[0].stimuli
    np.testing.assert_allclose(
        forecast_open_loop(Constant(), split)[0][0], np.nanmean(responses, axis=0)
    )
    expected = [np.nanmean(responses[(stimuli == o).all(1)], axis=0) for o in scored]
    np.testing.assert_allclose(forecast_open_loop(Saturated(), split)[0], expected)


def test_ridge_is_penalised_least_squares_unit_by_unit_where_responses_are_missing() -> None:
    split = split_sessions(small_recording(unobserved=0.3), 4)
    stimuli, responses, valid = pooled(split)
    found = fit_ridge([s.stimuli for s in split.training], split.training, [5.0])
    design = np.column_stack([np.ones(len(stimuli)), stimuli])
    penalty = np.diag([0.0] + [np.sqrt(5.0)] * stimuli.shape[1])
    for unit in range(responses.shape[1]):
        seen = valid[:, unit]
        rows = np.vstack([design[seen], penalty])
        target = np.concatenate([responses[seen, unit], np.zeros(len(penalty))])
        np.testing.assert_allclose(found[:, unit], np.linalg.lstsq(rows, target)[0], atol=1e-6)


def test_the_penalty_is_the_one_that_forecasts_left_out_sessions_best() -> None:
    split = split_sessions(small_recording(trials=8, channels=6), 4)
    features, grid = [s.stimuli for s in split.training], (1e-3, 1.0, 1e3)
    errors = []
    for penalty in grid:
        total = 0.0
        for k, session in enumerate(split.training):
            rest = [i for i in range(4) if i != k]
            b = fit_ridge([features[i] for i in rest], [split.training[i] for i in rest], [penalty])
            total += ((session.responses - b[0] - session.stimuli @ b[1:]) ** 2).sum()
        errors.append(total)
    best = grid[int(np.argmin(errors))]
    np.testing.assert_allclose(
        fit_ridge(features, split.training, grid), fit_ridge(features, split.training, [best])
    )


def test_loglinear_maximises_the_penalised_poisson_likelihood() -> None:
    split = split_sessions(small_recording(units=2), 3)
    stimuli, responses, _ = pooled(split)
    design = np.column_stack([np.ones(len(stimuli)), stimuli])

    def loss(b, unit):
        eta = design @ b
        return np.exp(eta).sum() - responses[:, unit] @ eta + 0.5 * (b[1:] ** 2).sum()

    found = LogLinear().fit(split.training)
    for unit in range(2):
        best = minimize(loss, np.zeros(design.shape[1]), args=(unit,), method="BFGS").x
        np.testing.assert_allclose(found[:, unit], best, atol=2e-4)


def test_shrinking_draws_noisy_pattern_means_to_the_readout_and_forecasts_better() -> None:
    rng = np.random.default_rng(3)
    stimuli = np.tile(rng.integers(0, 2, (60, 8)).astype(float), (12, 1))
    mean = np.abs(stimuli @ rng.normal(size=(8, 20)) + 6)
    recording = Recording(stimuli, rng.poisson(mean), np.repeat(np.arange(12), 60))
    split = split_sessions(recording, 2)
    error = {
        is_shrunk: np.mean((forecast_open_loop(Saturated(is_shrunk), split)[0] - mean[:60]) ** 2)
        for is_shrunk in (False, True)
    }
    assert error[True] < 0.5 * error[False]


def test_a_pattern_that_training_did_not_show_gets_the_linear_readout() -> None:
    split = split_sessions(small_recording(), 3)
    new = np.full((1, 6), 0.5)
    for model in (Saturated(), Saturated(is_shrunk=True)):
        found = model.predict(model.fit(split.training), new)
        expected = Linear().predict(Linear().fit(split.training), new)
        np.testing.assert_array_equal(found, expected)


def test_the_kernel_takes_the_place_of_the_saturated_null_with_fresh_stimuli() -> None:
    rng = np.random.default_rng(0)
    stimuli = rng.integers(0, 2, (1200, 10)).astype(float)
    mean = 2 + 6 * (stimuli[:, :1] == stimuli[:, 1:2])  # no linear read-out sees this
    recording = Recording(stimuli, rng.poisson(mean), np.repeat(np.arange(6), 200))
    split = split_sessions(recording, 4)
    evoked = Evoked().fit(split.training)
    assert isinstance(evoked.readout, Kernel)
    later = slice(800, 1000)
    wrong = {
        type(m).__name__: np.mean((forecast_open_loop(m, split)[0] - mean[later]) ** 2)
        for m in (Evoked(), Linear())
    }
    assert wrong["Evoked"] < 0.5 * wrong["Linear"]
    repeated = split_sessions(small_recording(), 3)
    assert Evoked().fit(repeated.training).readout == Saturated(is_shrunk=True)


@pytest.mark.parametrize("model", STATIC, ids=lambda m: f"{type(m).__name__}")
def test_what_was_not_observed_has_no_say_whatever_stands_there(model) -> None:
    recording = small_recording(unobserved=0.2)
    junk = np.where(recording.valid, recording.responses, 10_000)
    forecasts = [
        forecast_open_loop(model, split_sessions(replace(recording, responses=counts), 3))[0]
        for counts in (recording.responses, junk)
    ]
    np.testing.assert_array_equal(*forecasts)


@pytest.mark.parametrize("model", STATIC, ids=lambda m: f"{type(m).__name__}")
def test_one_training_session_is_enough(model) -> None:
    split = split_sessions(small_recording(sessions=3), 1)
    assert np.isfinite(forecast_open_loop(model, split)[1]).all()
