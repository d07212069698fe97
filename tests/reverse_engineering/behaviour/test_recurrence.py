"""K from consecutive activity: the counts an animal keeps, and the weights it uses."""

import numpy as np
import pytest
from scipy.stats import beta

from hebbayes.core.errors import ValueRangeError
from hebbayes.reverse_engineering.behaviour.calibration import activity_of_units
from hebbayes.reverse_engineering.behaviour.recurrence import (
    effective_recurrence,
    fit_middle_layer,
)


def test_counts_are_the_weights_of_an_animal_that_learns_so(learner) -> None:
    # the last weights were used in the last trial, learnt from all before it
    session = learner.recording.session_index[:-1]
    found = effective_recurrence(learner.activity[:-1], session, 20.0)
    np.testing.assert_allclose(found.weights.value, learner.recurrent_weights[-1], atol=1e-10)
    assert (found.weights.low < found.weights.value).all()


def test_intervals_of_counts_are_those_of_beta_posteriors(learner) -> None:
    x, session = learner.activity, learner.recording.session_index
    found = effective_recurrence(x, session, 20.0)
    previous = np.where((np.diff(session, prepend=-1) != 0)[:, None], 0.5, np.roll(x, 1, axis=0))
    together, post = previous[:, 2] @ x[:, 1], x[:, 1].sum()
    posterior = beta(10 + together, 10 + post - together)
    assert found.probability.low[0, 1, 2] == pytest.approx(posterior.ppf(0.025))
    assert found.probability.value[0, 1, 2] == pytest.approx(posterior.mean())
    draws = np.random.default_rng(0).beta(
        [[10 + together], [10 + previous[:, 2].sum() - together]],
        [[10 + post - together], [10 + ((1 - previous[:, 2]) @ (1 - x[:, 1]))]],
        (2, 40_000),
    )
    odds = np.log(draws / (1 - draws))
    low = np.quantile(odds[0] - odds[1], 0.025)
    assert found.weights.low[1, 2] == pytest.approx(low, abs=0.02)


def test_regression_solves_for_the_weights_the_animal_uses(animal, rng) -> None:
    recording = animal.recording
    fit = fit_middle_layer(recording.stimuli, animal.activity, recording.session_index, rng=rng)
    np.testing.assert_allclose(fit.recurrent.value, animal.recurrent_weights[0], atol=1e-6)
    np.testing.assert_allclose(fit.sensory.value, animal.sensory_weights[0], atol=1e-6)
    errors = fit.prediction_error
    assert errors["recurrent"] < 1e-4 < errors["stimuli"] < errors["constant"]


def test_signs_are_right_from_noisy_units(animal, rng) -> None:
    recording, true = animal.recording, animal.recurrent_weights[0]
    seen = activity_of_units(recording)
    fit = fit_middle_layer(
        recording.stimuli, seen.activity, recording.session_index, rng=rng, target=seen.unshrunk
    )
    is_away = np.abs(true) > 0.5
    assert is_away.sum() >= 3
    assert (np.sign(fit.recurrent.value) == np.sign(true))[is_away].all()


def test_unknown_activity_is_left_out(animal, rng) -> None:
    recording, x = animal.recording, animal.activity.copy()
    x[::9] = np.nan
    fit = fit_middle_layer(recording.stimuli, x, recording.session_index, rng=rng)
    np.testing.assert_allclose(fit.recurrent.value, animal.recurrent_weights[0], atol=1e-6)


def test_inputs_that_depend_on_each_other_are_refused(animal, rng) -> None:
    twice = np.column_stack([animal.recording.stimuli, animal.recording.stimuli[:, 0]])
    with pytest.raises(ValueRangeError, match="input 7 of the regression"):
        fit_middle_layer(twice, animal.activity, animal.recording.session_index, rng=rng)
    with pytest.raises(ValueRangeError, match="prior_count must be above 0; got 0"):
        effective_recurrence(animal.activity, animal.recording.session_index, 0)
    with pytest.raises(ValueRangeError, match="noise of the activity is larger"):
        effective_recurrence(np.full((50, 1), -0.1), np.zeros(50, int), 1.0)
