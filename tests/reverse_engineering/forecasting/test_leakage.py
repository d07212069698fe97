"""Nothing after the last training session reaches a fit, nor a forecast of the next session."""

from dataclasses import replace

import numpy as np
import pytest

from hebbayes.data.recording import Recording
from hebbayes.reverse_engineering.forecasting.catalogue import default_models
from hebbayes.reverse_engineering.forecasting.contract import (
    Forecaster,
    forecast_closed_loop,
    forecast_open_loop,
)
from hebbayes.reverse_engineering.forecasting.nulls.static import Kernel
from hebbayes.reverse_engineering.forecasting.sessions import split_sessions
from hebbayes.reverse_engineering.forecasting.theory.hierarchical import HierarchicalCount
from hebbayes.reverse_engineering.forecasting.theory.latent_network import LatentNetwork

from .recordings import small_recording

N = 4


class LastSession(Forecaster):
    """A user's own model: the last session's mean, whatever the stimulus."""

    def fit(self, training):
        return np.nanmean(training[-1].responses, axis=0)

    def predict(self, state, stimuli):
        return np.tile(state, (len(stimuli), 1))

    def update(self, state, session):
        return np.nanmean(session.responses, axis=0)


MODELS = {
    **default_models().all,
    "observer_hierarchical": HierarchicalCount(prior_counts=(300.0, 3000.0)),  # as many as matter
    "kernel": Kernel(n_centres=20),
    "plug_in": LastSession(),
    "latent": LatentNetwork(n_starts=2, n_steps=4),
}


SLOW = {("latent", "replaced")}  # the permuted case covers it


def replaced(recording: Recording, after: int, how: str) -> Recording:
    """Replace everything after session ``after`` but the stimuli of the next one."""
    rng = np.random.default_rng(1)
    responses, stimuli = recording.responses.copy(), recording.stimuli.copy()
    sources, valid = recording.sources.copy(), recording.valid.copy()
    later, beyond = recording.session > after, recording.session > after + 1
    if how == "permuted":
        order = rng.permutation(np.flatnonzero(later))
        responses[later], sources[later], valid[later] = (
            values[order] for values in (responses, sources, valid)
        )
        stimuli[beyond] = stimuli[rng.permutation(np.flatnonzero(beyond))]
    else:
        responses[later] = rng.poisson(50.0, responses[later].shape)
        sources[later] = 1 - sources[later]
        valid[later] = rng.random(valid[later].shape) < 0.5
        stimuli[beyond] = 1 - stimuli[beyond]
    return replace(recording, responses=responses, stimuli=stimuli, sources=sources, valid=valid)


@pytest.fixture(scope="module", params=["repeated", "fresh"])
def recording(request) -> Recording:
    return small_recording(is_repeated=request.param == "repeated", is_ragged=True, unobserved=0.1)


def bits(forecast: np.ndarray) -> bytes:
    return np.ascontiguousarray(forecast).tobytes()


@pytest.mark.parametrize(
    ("name", "how"),
    [(n, how) for n in MODELS for how in ("permuted", "replaced") if (n, how) not in SLOW],
)
def test_what_follows_training_does_not_reach_the_next_forecast(recording, name, how) -> None:
    model, other = MODELS[name], replaced(recording, N - 1, how)
    for forecast in (forecast_open_loop, forecast_closed_loop):
        first, second = (forecast(model, split_sessions(r, N))[0] for r in (recording, other))
        assert bits(first) == bits(second)


@pytest.mark.parametrize("name", [name for name in MODELS if name != "latent"])
def test_open_loop_forecasts_use_no_later_response_at_all(recording, name) -> None:
    rng = np.random.default_rng(2)
    later = recording.session >= N
    responses = np.where(later[:, None], rng.poisson(9.0, recording.responses.shape), 0)
    other = replace(recording, responses=np.where(later[:, None], responses, recording.responses))
    first, second = (
        forecast_open_loop(MODELS[name], split_sessions(r, N)) for r in (recording, other)
    )
    assert list(map(bits, first)) == list(map(bits, second))


@pytest.mark.parametrize("name", [name for name in MODELS if name != "latent"])
def test_closed_loop_forecasts_of_a_session_use_only_earlier_ones(recording, name) -> None:
    last = 5  # sessions up to this one stay
    other = replaced(recording, last, "replaced")
    first, second = (
        forecast_closed_loop(MODELS[name], split_sessions(r, N)) for r in (recording, other)
    )
    upto = last - N + 2
    assert list(map(bits, first[:upto])) == list(map(bits, second[:upto]))


def test_filters_do_follow_what_was_observed() -> None:
    recording = small_recording()
    other = replaced(recording, N - 1, "replaced")
    for name in ("kalman_gain", "plug_in", "gain_smoothing", "hebb", "canonical_3000"):
        first, second = (
            forecast_closed_loop(MODELS[name], split_sessions(r, N))[1] for r in (recording, other)
        )
        assert bits(first) != bits(second)


def test_units_kept_do_not_depend_on_later_sessions() -> None:
    recording = small_recording()
    silent = np.where(recording.session[:, None] >= N, 0, recording.responses)
    kept = [
        split_sessions(replace(recording, responses=r), N, min_rate=2.0).unit_ids.tolist()
        for r in (recording.responses, silent)
    ]
    assert kept[0] == kept[1]


def test_a_model_that_peeks_is_found_out() -> None:
    class Peeking(LastSession):
        def __init__(self, recording):
            self.recording = recording

        def fit(self, training):
            return self.recording.responses[self.recording.session > N].mean(0)

    recording = small_recording()
    first, second = (
        forecast_open_loop(Peeking(r), split_sessions(r, N))[0]
        for r in (recording, replaced(recording, N - 1, "replaced"))
    )
    assert bits(first) != bits(second)


def test_known_sources_are_never_shown_to_a_model() -> None:
    class Curious(LastSession):
        def fit(self, training):
            assert all(session.sources is None for session in training)
            return super().fit(training)

        def update(self, state, session):
            assert session.sources is None
            return super().update(state, session)

    forecast_closed_loop(Curious(), split_sessions(small_recording(), N))
    with pytest.raises(ValueError, match="read-only"):
        split_sessions(small_recording(), N).training[0].responses[:] = 0
