"""What is scored; how small a loss can be; losses from Gram matrices."""

import numpy as np
import pytest

from hebbayes.core.errors import ShapeError, ValueRangeError
from hebbayes.data.recording import Recording
from hebbayes.reverse_engineering.forecasting.contract import (
    ChangeForecaster,
    Forecaster,
    forecast_open_loop,
)
from hebbayes.reverse_engineering.forecasting.judging.ceilings import own_mean_loss, split_half_loss
from hebbayes.reverse_engineering.forecasting.judging.quasi_deviance import (
    dispersion,
    quasi_deviance,
)
from hebbayes.reverse_engineering.forecasting.nulls.static import Constant, Linear, Saturated
from hebbayes.reverse_engineering.forecasting.scoring import (
    combined_loss,
    losses,
    score,
)
from hebbayes.reverse_engineering.forecasting.sessions import split_sessions
from hebbayes.reverse_engineering.forecasting.targets import (
    condition_means,
    ensemble_means,
    selectivity_change,
    unit_counts,
)

from .recordings import small_recording


def targets(split):
    return {
        "counts": unit_counts,
        "ensembles": ensemble_means([np.array([0, 2]), np.array([1, 3])]),
        "conditions": condition_means,
        "selectivity": selectivity_change(split),
    }


@pytest.mark.parametrize("name", ["counts", "ensembles", "conditions", "selectivity"])
def test_losses_from_products_are_squared_errors_of_the_target(name: str) -> None:
    split = split_sessions(small_recording(is_ragged=True, unobserved=0.2), 3)
    target, models = targets(split)[name], {"constant": Constant(), "linear": Linear()}
    found = losses(score(split, models, target=target))
    for key, model in models.items():
        wrong = [
            (target(s.responses, s) - target(f, s)).ravel()
            for s, f in zip(split.later, forecast_open_loop(model, split))
        ]
        assert found[key] == pytest.approx(np.nanmean(np.concatenate(wrong) ** 2), rel=1e-9)


def test_conditions_are_states_of_the_sources_or_patterns() -> None:
    split = split_sessions(small_recording(), 3)
    session = split.later[0]
    means = condition_means(session.responses, session)
    both = (session.sources == 1).all(1)
    np.testing.assert_allclose(means[3], session.responses[both].mean(0))
    unlabelled = type(session)(session.stimuli, session.responses, session.valid)
    n_patterns = len(np.unique(session.stimuli, axis=0))
    assert len(condition_means(session.responses, unlabelled)) == n_patterns


def test_selectivity_needs_sources_and_both_states() -> None:
    recording = small_recording()
    bare = Recording(recording.stimuli, recording.responses, recording.session)
    with pytest.raises(ShapeError, match="two known sources"):
        selectivity_change(split_sessions(bare, 2))
    alike = np.tile(recording.sources[:, :1], (1, 2))
    same = Recording(recording.stimuli, recording.responses, recording.session, sources=alike)
    with pytest.raises(ValueRangeError, match="no trials of both"):
        selectivity_change(split_sessions(same, 2))


def test_own_mean_and_split_halves_enclose_the_noise() -> None:
    rng = np.random.default_rng(0)
    stimuli = np.tile(np.eye(16), (24, 1))
    counts = 50 + 3 * rng.normal(size=(384, 40))
    split = split_sessions(Recording(stimuli, counts, np.repeat(np.arange(24), 16)), 4)
    error = 4 * 9 * np.sqrt(2 / (320 * 40))
    assert own_mean_loss(split) == pytest.approx(9 * (1 - 1 / 10), abs=error)
    assert split_half_loss(split) == pytest.approx(9 * (1 + 1 / 5), abs=error)


def test_without_repeats_the_noise_cannot_be_told() -> None:
    stimuli = np.random.default_rng(0).random((60, 3))
    split = split_sessions(Recording(stimuli, np.ones((60, 2)), np.repeat(np.arange(6), 10)), 3)
    assert np.isnan([own_mean_loss(split), split_half_loss(split)]).all()


def test_dispersion_finds_how_regular_counts_are() -> None:
    rng = np.random.default_rng(1)
    counts = np.column_stack(
        [rng.poisson(6.0, (2000, 10)), rng.binomial(12, 0.5, (2000, 10))]
    )  # variance over mean 1 and 1/2
    split = split_sessions(
        Recording(np.tile(np.eye(4), (500, 1)), counts, np.repeat([0, 1], 1000)), 1
    )
    found = dispersion(split).reshape(2, 10).mean(1)
    np.testing.assert_allclose(found, [1.0, 0.5], rtol=4 * np.sqrt(2 / 10_000))


def test_quasi_deviance_is_near_its_degrees_of_freedom_for_the_true_mean() -> None:
    rng = np.random.default_rng(2)
    counts = rng.binomial(40, 0.5, (4000, 5))  # dispersion 1/2, and far from zero
    split = split_sessions(Recording(np.ones((4000, 1)), counts, np.repeat([0, 1], 2000)), 1)
    true = quasi_deviance(split, [np.full((2000, 5), 20.0)])
    assert true == pytest.approx(1.0, abs=0.1)
    assert quasi_deviance(split, [np.full((2000, 5), 15.0)]) > 2 * true


def test_a_forecast_of_the_wrong_shape_or_not_finite_is_named() -> None:
    class Wrong(Constant):
        def predict(self, state, stimuli):
            return state

    class Infinite(Constant):
        def predict(self, state, stimuli):
            return np.tile(state, (len(stimuli), 1)) * np.inf

    split = split_sessions(small_recording(), 3)
    with pytest.raises(ShapeError, match=r"Wrong forecasts shape \(5,\) for session 3"):
        forecast_open_loop(Wrong(), split)
    with pytest.raises(ValueRangeError, match="Infinite forecasts inf for session 3, trial 0"):
        forecast_open_loop(Infinite(), split)


def test_terms_of_change_have_no_loss_of_their_own_but_can_be_added() -> None:
    class Term(ChangeForecaster):
        def fit(self, training):
            return None

        def predict(self, state, stimuli):
            return np.full((len(stimuli), 5), 2.0)

    split = split_sessions(small_recording(), 3)
    scores = score(split, {"saturated": Saturated(), "term": Term()})
    assert list(losses(scores)) == ["saturated"]
    forecast = forecast_open_loop(Saturated(), split)
    direct = np.mean([(s.responses - f - 0.5 * 2) ** 2 for s, f in zip(split.later, forecast)])
    assert combined_loss(scores.gram, np.array([1.0, 0.5])) == pytest.approx(direct)


def test_a_forecaster_must_say_how_to_fit_and_predict() -> None:
    with pytest.raises(TypeError, match="abstract"):
        Forecaster()
