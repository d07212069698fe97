"""Surrogates keep what they should and lose what they should."""

from dataclasses import replace

import numpy as np
import pytest

from hebbayes.core.errors import ValueRangeError
from hebbayes.data.recording import Recording
from hebbayes.reverse_engineering.ensembles.readout import (
    Readout,
    project,
    standardisation_of,
)
from hebbayes.reverse_engineering.surrogates import (
    drifting_activity,
    null_band,
    replay,
    with_drifting_gain,
)

SESSION = np.repeat([0, 1, 2, 3], [3, 5, 4, 2])


def test_a_replay_repeats_whole_training_sessions() -> None:
    result = replay(SESSION, 2, seed=1)
    np.testing.assert_array_equal(result.trial[:8], np.arange(8))
    for s, origin in enumerate(result.origin):
        here = result.trial[result.session_index == s]
        np.testing.assert_array_equal(here, np.flatnonzero(origin == SESSION))
    assert set(result.origin) <= {0, 1}
    drawn = {replay(SESSION, 2, seed=seed).origin[2:].tobytes() for seed in range(20)}
    assert len(drawn) == 4


def test_gain_alone_drifts_as_that_of_each_unit() -> None:
    rng = np.random.default_rng(0)
    responses = rng.gamma(3.0, size=(14, 3)) * (1 + SESSION[:, None] * [0.5, 0.0, -0.2])
    replayed = replay(SESSION, 2)
    result = with_drifting_gain(responses, SESSION, replayed)
    for s in range(4):
        mean = result[replayed.session_index == s].mean(0)
        np.testing.assert_allclose(mean, responses[s == SESSION].mean(0))
        shape = result[replayed.session_index == s] / mean
        theirs = responses[replayed.origin[s] == SESSION]
        np.testing.assert_allclose(shape, theirs / theirs.mean(0))


def test_silent_stays_silent_and_unobserved_stays_unobserved() -> None:
    responses = np.ones((14, 3))
    responses[SESSION < 2, 0] = 0.0
    responses[0, 1] = np.nan
    responses[SESSION == 3, 2] = np.nan
    replayed = replay(SESSION, 2)
    result = with_drifting_gain(responses, SESSION, replayed)
    assert not result[:, 0].any()
    np.testing.assert_array_equal(np.isnan(result[:, 1]), replayed.trial == 0)
    np.testing.assert_array_equal(np.isnan(result[:, 2]), replayed.session_index == 3)


def test_folded_gains_read_what_a_projection_of_scaled_responses_reads() -> None:
    rng = np.random.default_rng(2)
    counts = rng.gamma(2.0, size=(14, 5)) * (1 + SESSION[:, None] * [0.5, 0.0, -0.2, 0.1, 0.3])
    counts[:, 4] = np.where(SESSION < 2, 0.0, counts[:, 4])  # silent in training: excluded
    valid = rng.random((14, 5)) < 0.8
    valid[SESSION == 3, 2] = valid[4] = False
    recording = Recording(np.ones((14, 1)), np.where(valid, counts, 0.0), SESSION, valid=valid)
    kept = standardisation_of(recording, SESSION < 2)
    n = len(kept.unit_ids)
    projection = Readout(kept, rng.normal(size=(n, 2)), rng.normal(size=2))
    replayed = replay(SESSION, 2, seed=1)
    scaled = with_drifting_gain(np.where(valid, counts, np.nan), SESSION, replayed)
    made = replace(
        recording,
        stimuli=recording.stimuli[replayed.trial],
        responses=np.where(np.isfinite(scaled), scaled, 0.0),
        valid=np.isfinite(scaled),
        session=replayed.session_index,
    )
    result = drifting_activity(projection, recording)(replayed)
    np.testing.assert_allclose(result, project(projection, made), rtol=1e-12)
    assert np.isnan(result[replayed.trial == 4]).all()
    assert not np.isnan(result[replayed.trial != 4]).any()


def test_a_band_is_that_of_its_surrogates() -> None:
    result = null_band(lambda seed: np.array([seed, 2.0 * seed]), 41)
    np.testing.assert_allclose(result.value, [20, 40])
    np.testing.assert_allclose(result.low, [1, 2])
    np.testing.assert_allclose(result.high, [39, 78])
    with pytest.raises(ValueRangeError, match="n_surrogates must be at least 2; got 1"):
        null_band(lambda seed: np.ones(1), 1)
    with pytest.raises(ValueRangeError, match="train_sessions must lie between 1 and 4; got 5"):
        replay(SESSION, 5)
