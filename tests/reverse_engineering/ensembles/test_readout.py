"""A projection reads later sessions by what training sessions fixed, and knows what is missing."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.special import expit

from hebbayes.core.errors import ShapeError, ValueRangeError
from hebbayes.reverse_engineering.ensembles.readout import (
    Readout,
    project,
    standardisation_of,
    standardised_responses,
    training_trials,
)

from .populations import population


@pytest.fixture(scope="module")
def recording():
    return population()


def test_training_moments_standardise_later_sessions_too(recording) -> None:
    trials = training_trials(recording, 2)
    assert trials.sum() == 150
    kept = standardisation_of(recording, trials)
    early = recording.responses[:150]
    expected = (recording.responses - early.mean(0)) / early.std(0)
    np.testing.assert_allclose(standardised_responses(kept, recording), expected, atol=1e-12)


def test_unobserved_responses_count_for_nothing_whatever_they_hold(recording) -> None:
    rng = np.random.default_rng(0)
    valid = rng.random(recording.responses.shape) > 0.2
    valid[7] = False
    trials = np.ones(recording.n_trials, bool)
    marked = [
        replace(recording, responses=np.where(valid, recording.responses, fill), valid=valid)
        for fill in (np.nan, 1e6)
    ]
    first, second = (standardisation_of(one, trials) for one in marked)
    for unit in range(recording.n_units):
        seen = recording.responses[valid[:, unit], unit]
        np.testing.assert_allclose(first.mean[unit], seen.mean(), rtol=1e-12)
        np.testing.assert_allclose(first.scale[unit], seen.std(), rtol=1e-12)
    weights = rng.normal(size=(recording.n_units, 2))
    activity = [project(Readout(first, weights, np.zeros(2)), one) for one in marked]
    np.testing.assert_array_equal(*activity)
    np.testing.assert_array_equal(first.scale, second.scale)
    assert np.isnan(activity[0][7]).all()
    assert np.isfinite(np.delete(activity[0], 7, axis=0)).all()


def test_units_without_a_signal_are_left_out_by_name(recording) -> None:
    responses, valid = recording.responses.astype(float), np.ones((340, 12), bool)
    responses[:, 0], responses[:, 1], valid[:200, 2] = 0, 0.1, False
    kept = standardisation_of(
        replace(recording, responses=responses, valid=valid), np.ones(340, bool)
    )
    assert kept.excluded == {
        102: "is observed in less than half of the training trials",
        100: "is silent in every training trial",
        101: "responds alike in every training trial",
    }
    assert kept.unit_ids.tolist() == list(range(103, 112))


def test_units_are_found_by_name_in_another_recording(recording) -> None:
    kept = standardisation_of(recording, np.ones(340, bool))
    weights = np.random.default_rng(1).normal(size=(12, 3))
    projection = Readout(kept, weights, np.array([0.0, 1.0, -1.0]))
    expected = project(projection, recording)
    z = (recording.responses - kept.mean) / kept.scale
    np.testing.assert_allclose(expected, expit(z @ weights + [0, 1, -1]), rtol=1e-12)
    np.testing.assert_array_equal(
        project(projection, recording.select(units=np.arange(12)[::-1])), expected
    )
    with pytest.raises(ValueRangeError, match="the recording lacks unit 103, which the projection"):
        project(projection, recording.select(units=[0, 1, 2, 4]))


def test_units_may_have_any_names(recording) -> None:
    names = np.array([f"unit {k}" for k in range(12)], dtype=object)
    responses = np.where(np.arange(12) == 3, 0, recording.responses)
    named = replace(recording, unit_ids=names, responses=responses)
    kept = standardisation_of(named, np.ones(340, bool))
    assert kept.excluded == {"unit 3": "is silent in every training trial"}
    assert standardised_responses(kept, named).shape == (340, 11)


@pytest.mark.parametrize("requested", [0, 5])
def test_more_training_than_there_is_is_refused(recording, requested: int) -> None:
    with pytest.raises(
        ShapeError, match=f"between 1 and the recording's 4 sessions; got {requested}"
    ):
        training_trials(recording, requested)


def test_a_population_without_any_signal_is_refused(recording) -> None:
    with pytest.raises(ValueRangeError) as caught:
        standardisation_of(replace(recording, responses=np.zeros((340, 12))), np.ones(340, bool))
    assert str(caught.value) == (
        "no unit carries a signal in the training sessions: 12 are silent, 0 respond alike in "
        "every trial, 0 are mostly unobserved, of 12; leave this culture out."
    )
