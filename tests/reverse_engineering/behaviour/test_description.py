"""The whole description: right for what is there, the reason for what is not."""

from dataclasses import replace

import numpy as np
import pytest

from hebbayes.core.errors import ShapeError, ValueRangeError
from hebbayes.data.recording import Recording
from hebbayes.reverse_engineering.behaviour import (
    CANNOT_TELL_APART,
    Assumptions,
    describe_behaviour,
)
from hebbayes.simulators import HebbianLearner, RescorlaWagner, simulate_learner

KNOWN = Assumptions(reward_delay=2)


def describe(recording, activity=None, **assumed):
    return describe_behaviour(
        recording,
        rng=np.random.default_rng(0),
        activity=activity,
        assumptions=replace(KNOWN, **assumed),
    )


@pytest.fixture(scope="module")
def given(animal):
    return describe(animal.recording, animal.activity)


def test_everything_is_found_from_activity_and_from_units_alone(animal, given) -> None:
    ends = np.flatnonzero(np.diff(animal.recording.session, append=9))
    for found in (given, describe(animal.recording)):
        assert found.left_out == {}
        assert found.n_used == 800
        assert found.n_without_risk == 0
        assert found.rivals.verdict == "as the theory says"
        assert found.modulation.change_correlation.value > 0.2
        assert abs(found.output_layer.ratio.value / 100 - 1) < 0.2
        true = animal.output_weights[ends]
        assert np.corrcoef(found.output_layer.weights.value.ravel(), true.ravel())[0, 1] > 0.98
        is_away = np.abs(true) > 0.5
        assert (np.sign(found.output_layer.weights.value) == np.sign(true))[is_away].mean() > 0.95
        prior = found.output_layer.decision_prior.prior
        assert abs(prior.value[0] - 0.65) < 0.06
    assert given.calibration is None
    assert len(CANNOT_TELL_APART) == 2


def test_without_risk_learning_cannot_be_replayed_and_the_rest_stays(animal, given) -> None:
    found = describe(replace(animal.recording, risk=None), animal.activity)
    assert list(found.left_out) == ["rivals", "output_layer"]
    assert "no risk was recorded" in found.left_out["output_layer"]
    assert "no risk was recorded" in found.left_out["rivals"]
    assert found.modulation is None
    np.testing.assert_array_equal(found.readout_weights.value, given.readout_weights.value)
    constant = describe(replace(animal.recording, risk=np.full(800, 0.5)), animal.activity)
    assert "nothing is learnt" in constant.left_out["output_layer"]


def test_constant_risk_is_no_evidence_for_the_theory(animal) -> None:
    found = describe(replace(animal.recording, risk=np.full(800, 0.2)), animal.activity)
    assert found.rivals is None
    assert found.output_layer is None
    for part in ("rivals", "output_layer"):
        assert "risk is 0.2 in every used trial" in found.left_out[part]


def test_an_animal_that_learns_otherwise_has_no_psi_and_no_ratio(animal) -> None:
    learner = RescorlaWagner(rate=0.3, inverse_temperature=4.0, bias=(0.4, 0.0))
    other = simulate_learner(learner, replace(animal.design, reversals=(2, 4, 6)), seed=3)
    found = describe(other.recording, other.activity)
    assert found.rivals.verdict == "learns otherwise"
    assert found.rivals.winner.model.name.startswith("rescorla_wagner")
    assert found.output_layer is None
    assert found.early_prior is None
    assert "only if the theory wins; the best model is 'Resc" in found.left_out["output_layer"]
    assert "'learns otherwise'" in found.left_out["early_prior"]
    rate = found.rivals.winner.estimates["rate"]
    assert rate.low < 0.3 < rate.high
    assert found.middle_layer is not None
    assert found.readout_weights is not None


def test_a_sticky_animal_has_its_psi_beside_its_stickiness(animal) -> None:
    learner = HebbianLearner(ratio=40.0, stickiness=1.0, bias=(0.6, 0.0))
    sticky = simulate_learner(learner, replace(animal.design, reversals=(2, 4, 6)), seed=4)
    found = describe(sticky.recording, sticky.activity)
    assert found.rivals.verdict == "as the theory says"
    assert abs(found.rivals.stickiness - 1.0) < 0.4
    ratio, psi = found.output_layer.ratio, found.output_layer.decision_prior.threshold_factor
    assert ratio.low < 40 < ratio.high
    assert psi[0].low - psi[1].high < 0.6 < psi[0].high - psi[1].low


def test_without_labels_or_activity_only_frequencies_are_told(animal, given) -> None:
    found = describe(replace(animal.recording, sources=None))
    assert set(found.left_out) == {
        "activity",
        "rivals",
        "output_layer",
        "readout_weights",
        "middle_layer",
        "recurrence",
    }
    assert found.recurrence is None
    assert found.early_prior.prior.value.tolist() == given.early_prior.prior.value.tolist()


def test_a_decision_never_taken_has_prior_zero_everywhere(animal, given) -> None:
    found = describe(animal.recording, animal.activity, n_decisions=3)
    for prior in (found.early_prior, found.output_layer.decision_prior):
        assert prior.prior.value[2] == prior.prior.low[2] == 0
        assert prior.threshold_factor.value[2] == -np.inf
        assert np.isfinite(prior.threshold_factor.high[2])
    assert np.isnan(found.readout_weights.value[:, 2]).all()
    np.testing.assert_allclose(
        found.output_layer.decision_prior.prior.value[:2],
        given.output_layer.decision_prior.prior.value,
        atol=1e-6,
    )


def test_a_single_decision_tells_only_its_prior(animal) -> None:
    stuck = replace(animal.recording, decisions=np.ones(800, int))
    found = describe(stuck, animal.activity)
    assert found.early_prior.prior.value.tolist() == [0.0, 1.0]
    assert "decision 1 is the only one taken" in found.left_out["output_layer"]
    assert "decision 1 is the only one taken" in found.left_out["readout_weights"]
    assert found.middle_layer is not None


def test_frequencies_of_a_single_session_with_learning_are_not_those_before(animal, given) -> None:
    whole = replace(animal.recording, session=np.zeros(800, int))
    found = describe(whole, animal.activity)
    assert found.early_prior is None
    assert "the animal learns in them" in found.left_out["early_prior"]
    assert abs(found.output_layer.ratio.value / given.output_layer.ratio.value - 1) < 0.05


def test_missing_trials_are_left_out_and_counted(animal) -> None:
    decisions, x = animal.recording.decisions.copy(), animal.activity.copy()
    risk = animal.recording.risk.copy()
    decisions[::10], x[4::10], risk[7::10] = -1, np.nan, np.nan
    found = describe(replace(animal.recording, decisions=decisions, risk=risk), x)
    assert found.n_used == 800 - 80 - 80
    assert found.n_without_risk == 80
    assert abs(found.output_layer.ratio.value / 100 - 1) < 0.6  # part of the learning is missed
    assert found.rivals.n_without_risk == 80


@pytest.mark.parametrize(
    ("change", "activity", "error", "sentence"),
    [
        ({"decisions": None}, None, ValueRangeError, "this recording has no decisions"),
        ({"decisions": np.full(800, -1)}, None, ValueRangeError, "all are negative"),
        (
            {"decisions": np.arange(800) % 2 * 9999},
            None,
            ValueRangeError,
            "decision 9999 was taken, but only 2 different ones in all",
        ),
        ({}, np.ones((3, 1)), ShapeError, r"activity has shape \(3, 1\); wanted \(800, any\)"),
        ({}, np.full((800, 1), 1.5), ValueRangeError, "activity must lie between 0.0 and 1.0"),
        ({}, np.ones((800, 0)), ShapeError, "activity has no states"),
    ],
)
def test_bad_input_is_refused(animal, change, activity, error, sentence) -> None:
    with pytest.raises(error, match=sentence):
        describe(replace(animal.recording, **change), activity)


@pytest.mark.parametrize(
    ("assumed", "sentence"),
    [
        ({"n_decisions": 1}, "decision 1 was taken; n_decisions must be at least 2; got 1."),
        ({"early_sessions": 0}, "early_sessions must be at least 1; got 0."),
        ({"policy_floor": 0.0}, "policy_floor must be above 0; got 0.0."),
        ({"reward_delay": -1}, "reward_delay must be at least 0; got -1."),
    ],
)
def test_impossible_assumptions_are_refused(animal, assumed, sentence) -> None:
    with pytest.raises(ValueRangeError) as caught:
        describe(animal.recording, animal.activity, **assumed)
    assert str(caught.value) == sentence


def test_decisions_are_whole_numbers_and_unknown_risk_is_legal() -> None:
    parts = (np.eye(2), np.ones((2, 1)), [0, 0])
    assert Recording(*parts, decisions=[0.0, np.nan]).decisions.tolist() == [0, -1]
    with pytest.raises(ValueRangeError, match="decisions"):
        Recording(*parts, decisions=[0.5, 1.0])
    assert np.isnan(Recording(*parts, decisions=[0, -1], risk=[0.5, np.nan]).risk[1])
