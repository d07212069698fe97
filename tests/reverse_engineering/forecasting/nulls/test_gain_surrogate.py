"""Replay of synapses and free energy; surrogates in which only gains change."""

import numpy as np
import pytest

from hebbayes.core.errors import ShapeError
from hebbayes.data.formats.mat import read_mat
from hebbayes.data.recording import Recording
from hebbayes.reverse_engineering.forecasting.contract import forecast_closed_loop
from hebbayes.reverse_engineering.forecasting.nulls.drift import session_residuals
from hebbayes.reverse_engineering.forecasting.nulls.gain_surrogate import gain_only_surrogate
from hebbayes.reverse_engineering.forecasting.nulls.static import Saturated
from hebbayes.reverse_engineering.forecasting.sessions import split_sessions
from hebbayes.reverse_engineering.isomura2023.pipeline import describe, find_ensembles
from hebbayes.reverse_engineering.isomura2023.replay_null import replay

from ...cultures import small_culture
from ..forecasting.recordings import small_recording


def culture(sessions: int = 14) -> Recording:
    made = small_culture(sessions=sessions, trials=48)
    session = np.repeat(np.arange(sessions), 48)
    return Recording(made["o"], made["r"].astype(int), session, sources=made["s"])


def test_a_replay_adds_the_first_sessions_again_in_order() -> None:
    recording = culture()
    found = describe(recording, find_ensembles(recording), baseline=3.0)
    seen = replay(recording, found)
    o = recording.stimuli.reshape(14, 48, -1)
    x = found.activity.reshape(14, 48, 2)
    order = [*range(10), 0, 1, 2, 3]
    table = np.full((2, 2, o.shape[2], 2), 3000.0)
    expected = []
    for k in order:
        expected.append(np.log(table[0] / table[1])[0] - np.log(table[0] / table[1])[1])
        for i, stimulus in enumerate((o[k], 1 - o[k])):
            for j, active in enumerate((x[k], 1 - x[k])):
                table[i, j] += 2 * stimulus.T @ active
    wrong = [np.abs(expected[k] - found.weights[k]).mean() for k in range(10, 14)]
    np.testing.assert_allclose(seen.weight_error, wrong, atol=1e-12)
    assert seen.weight_error[0] == pytest.approx(0.0, abs=1e-12)  # W(10) is known
    protocol = np.abs(found.predicted_weights - found.weights).mean((1, 2))[10:]
    np.testing.assert_allclose(seen.protocol_weight_error, protocol)


def test_costs_of_replay_and_protocol_are_those_of_their_own_synapses() -> None:
    recording = culture()
    found = describe(recording, find_ensembles(recording), baseline=3.0)
    seen = replay(recording, found)
    np.testing.assert_array_equal(seen.cost, found.cost[10:])
    # the first session replayed meets the synapses that ten sessions made, as session 10 does
    assert seen.replayed_cost.shape == seen.protocol_cost.shape == (4,)
    assert np.isfinite([seen.replayed_cost, seen.protocol_cost]).all()
    assert (seen.protocol_cost < seen.cost).all()  # predictions have no noise to explain
    with pytest.raises(ShapeError, match="record more"):
        replay(recording.select(sessions=np.arange(10)), found)


def test_a_surrogate_keeps_training_stimuli_and_gains_and_nothing_else() -> None:
    recording = small_recording(3, sessions=30, trials=200, units=6, gain_step=0.15)
    surrogate = gain_only_surrogate(recording, 10, rng=np.random.default_rng(0))
    first = recording.session < 10
    np.testing.assert_array_equal(surrogate.responses[first], recording.responses[first])
    np.testing.assert_array_equal(surrogate.stimuli, recording.stimuli)
    for k in (12, 20, 29):
        rows = recording.session == k
        found, wanted = (r.responses[rows].mean(0) for r in (surrogate, recording))
        assert (np.abs(found - wanted) < 4 * np.sqrt(2 * wanted / 200)).all()


def test_a_surrogate_has_no_change_of_shape() -> None:
    rng = np.random.default_rng(1)
    stimuli = np.tile(np.eye(4), (25, 1))
    mean = np.array([[8.0, 2.0, 4.0, 6.0], [3.0, 9.0, 5.0, 5.0]]).T
    turned = mean[::-1]  # selectivity turns over in the later sessions
    rate = [np.tile(mean if k < 5 else turned, (25, 1)) for k in range(10)]
    recording = Recording(
        np.tile(stimuli, (10, 1)), rng.poisson(np.concatenate(rate)), np.repeat(np.arange(10), 100)
    )
    surrogate = gain_only_surrogate(recording, 5, rng=rng)
    shape = {}
    for name, one in (("recorded", recording), ("surrogate", surrogate)):
        left = session_residuals(split_sessions(one, 9).training, Saturated())[-1]
        shape[name] = np.abs(left.reshape(25, 4, 2).mean(0)).max()
    assert shape["surrogate"] < 0.5 * shape["recorded"]


def test_surrogates_keep_silent_units_and_can_be_forecast() -> None:
    recording = small_recording(unobserved=0.2, is_ragged=True)
    counts = recording.responses.copy()
    counts[:, 0] = 0
    silent = Recording(recording.stimuli, counts, recording.session, valid=recording.valid)
    surrogate = gain_only_surrogate(silent, 4, rng=np.random.default_rng(2))
    assert (surrogate.responses[:, 0] == 0).all()
    assert np.isfinite(forecast_closed_loop(Saturated(), split_sessions(surrogate, 4))[0]).all()


def test_replay_beats_the_published_forecast_of_synapses(reference_data) -> None:
    recordings = read_mat(reference_data / "culture" / "bicuculline.mat").recordings
    for k in (0, 4):
        found = describe(recordings[k], find_ensembles(recordings[k]), 2.6403707268003216)
        seen = replay(recordings[k], found)
        assert seen.weight_error.mean() < 0.5 * seen.protocol_weight_error.mean()
