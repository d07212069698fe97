"""Replay of synapses and free energy, beside the published forecast."""

import numpy as np
import pytest

from hebbayes.core.errors import ShapeError
from hebbayes.data.formats.matlab.reading import read_mat
from hebbayes.data.recording import Recording
from hebbayes.reverse_engineering.isomura2023.pipeline import describe, find_ensembles
from hebbayes.reverse_engineering.isomura2023.replay_null import replay_null

from ...cultures import small_culture


def culture(sessions: int = 14) -> Recording:
    made = small_culture(sessions=sessions, trials=48)
    session = np.repeat(np.arange(sessions), 48)
    return Recording(made["o"], made["r"].astype(int), session, sources=made["s"])


def test_a_replay_adds_the_first_sessions_again_in_order() -> None:
    recording = culture()
    result = describe(recording, find_ensembles(recording), baseline=3.0)
    seen = replay_null(recording, result)
    o = recording.stimuli.reshape(14, 48, -1)
    x = result.activity.reshape(14, 48, 2)
    order = [*range(10), 0, 1, 2, 3]
    table = np.full((2, 2, o.shape[2], 2), 3000.0)
    expected = []
    for k in order:
        expected.append(np.log(table[0] / table[1])[0] - np.log(table[0] / table[1])[1])
        for i, stimulus in enumerate((o[k], 1 - o[k])):
            for j, active in enumerate((x[k], 1 - x[k])):
                table[i, j] += 2 * stimulus.T @ active
    wrong = [np.abs(expected[k] - result.weights[k]).mean() for k in range(10, 14)]
    np.testing.assert_allclose(seen.weight_error, wrong, atol=1e-12)
    assert seen.weight_error[0] == pytest.approx(0.0, abs=1e-12)  # W(10) is known
    protocol = np.abs(result.predicted_weights - result.weights).mean((1, 2))[10:]
    np.testing.assert_allclose(seen.protocol_weight_error, protocol)


def test_costs_of_replay_and_protocol_are_those_of_their_own_synapses() -> None:
    recording = culture()
    result = describe(recording, find_ensembles(recording), baseline=3.0)
    seen = replay_null(recording, result)
    np.testing.assert_array_equal(seen.cost, result.cost[10:])
    # the first session replayed meets the synapses that ten sessions made, as session 10 does
    assert seen.replayed_cost.shape == seen.protocol_cost.shape == (4,)
    assert np.isfinite([seen.replayed_cost, seen.protocol_cost]).all()
    assert (seen.protocol_cost < seen.cost).all()  # predictions have no noise to explain
    with pytest.raises(ShapeError, match="record more"):
        replay_null(recording.select(sessions=np.arange(10)), result)


def test_replay_beats_the_published_forecast_of_synapses(reference_data) -> None:
    recordings = read_mat(reference_data / "culture" / "bicuculline.mat").recordings
    for k in (0, 4):
        result = describe(recordings[k], find_ensembles(recordings[k]), 2.6403707268003216)
        seen = replay_null(recordings[k], result)
        assert seen.weight_error.mean() < 0.5 * seen.protocol_weight_error.mean()
