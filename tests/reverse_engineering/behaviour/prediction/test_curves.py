"""Predicted behaviour against animals to which the change was really made."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.special import expit, logit

from hebbayes.core.errors import HebbayesError
from hebbayes.reverse_engineering.behaviour import (
    Assumptions,
    Change,
    Estimate,
    describe_behaviour,
    predict_behaviour,
)
from hebbayes.reverse_engineering.behaviour.prediction.curves import success_of, taken_of
from hebbayes.simulators import (
    AnimalDesign,
    FixedReadout,
    HebbianLearner,
    RescorlaWagner,
    simulate_animal,
    simulate_learner,
)

pytestmark = pytest.mark.thorough

DESIGN = AnimalDesign(
    n_stimuli=6,
    n_units=1,
    n_output_units=0,
    n_sessions=8,
    reversals=(5,),
    decision_prior=(0.65, 0.35),
    coupling=0.0,
)
TASK = replace(DESIGN, n_sessions=6, reversals=(2,), reward_noise=0.0)
"""A task that the animal has not seen: another reversal, rewards without noise."""
N_ANIMALS = 60
HIGHER = tuple(expit(logit(np.array([0.65, 0.35])) + np.array([0.8, -0.8])).tolist())


@pytest.fixture(scope="module")
def described():
    animal = simulate_animal(DESIGN, seed=5)
    return describe_behaviour(
        animal.recording,
        rng=np.random.default_rng(0),
        activity=animal.activity,
        assumptions=Assumptions(reward_delay=2),
    )


def lives(design):
    return [simulate_animal(design, seed=10_000 + k) for k in range(N_ANIMALS)]


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("change", "truly"),
    [
        (Change(), {}),
        (Change(threshold=(0.8, -0.8)), {"decision_prior": HIGHER}),
        (Change(prior_count_factor=0.4), {"policy_prior_count": 40.0}),
        (Change(gain_factor=0.25), {"modulation_gain": 0.25}),
    ],
)
def test_animals_that_were_really_changed_stay_in_the_predicted_intervals(
    described, change, truly
) -> None:
    told = predict_behaviour(described, TASK, change, n_draws=50, n_lives=3)
    animals = lives(replace(TASK, **truly))
    for predicted, measure in ((told.success, success_of), (told.taken, taken_of)):
        curves = np.array([measure(animal) for animal in animals])
        inside = ((predicted.low <= curves) & (curves <= predicted.high)).reshape(N_ANIMALS, -1)
        error = inside.mean(1).std() / np.sqrt(N_ANIMALS)
        assert (
            inside.mean() > 0.95 - 4 * error - 0.02
        )  # estimates of one recording are a little off
        np.testing.assert_allclose(predicted.value, curves.mean(0), atol=0.06)


def test_another_animal_is_not_what_was_predicted(described) -> None:
    """The intervals are narrow enough to tell: learning without the modulator's gain is outside."""
    told = predict_behaviour(described, TASK, Change(prior_count_factor=0.4), n_draws=30, n_lives=3)
    other = replace(TASK, modulation_gain=0.0)
    curves = np.array([success_of(a) for a in lives(other)])
    is_learnt = np.array([1, 2, 5])  # sessions in which learning shows: before and after reversal
    inside = (told.success.low <= curves) & (curves <= told.success.high)
    assert inside[:, is_learnt].mean() < 0.6


def test_lambda_and_gain_act_through_their_ratio(described) -> None:
    """Away from the floor of the counts the same draws live the same lives."""
    found = replace(described, assumptions=replace(described.assumptions, policy_floor=1e-6))
    twice = predict_behaviour(found, TASK, Change(prior_count_factor=2.0), n_draws=3, n_lives=2)
    half = predict_behaviour(found, TASK, Change(gain_factor=0.5), n_draws=3, n_lives=2)
    np.testing.assert_allclose(twice.taken.value, half.taken.value, atol=1e-12)


def test_doubt_about_the_animal_widens_what_is_expected_of_it(described) -> None:
    layer = described.output_layer
    ratio = layer.ratio
    vague = replace(
        described,
        output_layer=replace(layer, ratio=Estimate(ratio.value, ratio.value / 8, ratio.value * 8)),
    )
    sure, open_ = (
        predict_behaviour(found, TASK, n_draws=30, n_lives=3).expected_success
        for found in (described, vague)
    )
    assert (open_.high - open_.low).mean() > 2 * (sure.high - sure.low).mean()


def described_learner(learner, **changes):
    design = replace(DESIGN, reversals=(2, 4, 6), **changes)
    animal = simulate_learner(learner, design, seed=3)
    return describe_behaviour(
        animal.recording,
        rng=np.random.default_rng(0),
        activity=animal.activity,
        assumptions=Assumptions(reward_delay=2),
    )


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("learner", "winner"),
    [
        (RescorlaWagner(rate=0.3, inverse_temperature=4.0, bias=(0.4, 0.0)), "rescorla_wagner"),
        (FixedReadout(bias=(0.8, 0.0)), "constant"),
        (FixedReadout(weights=((2.0, 0.0), (0.0, 0.0))), "readout"),
        (HebbianLearner(ratio=30.0, stickiness=1.0, bias=(0.5, 0.0)), "canonical"),
    ],
)
def test_the_model_that_won_forecasts(learner, winner) -> None:
    found = described_learner(learner)
    assert found.rivals.winner.model.name == winner
    world = replace(TASK, reward_delay=2, n_trials=40)
    predicted = predict_behaviour(found, world, n_draws=60, n_lives=1)
    animals = [simulate_learner(learner, world, seed=20_000 + k) for k in range(10)]
    for curve, measure in ((predicted.success, success_of), (predicted.taken, taken_of)):
        truth = np.array([measure(animal) for animal in animals])
        assert ((curve.low <= truth) & (truth <= curve.high)).mean() > 0.85
        np.testing.assert_allclose(curve.value, truth.mean(0), atol=0.12)


def test_changes_of_learning_need_a_lambda_and_a_gain() -> None:
    found = described_learner(RescorlaWagner(rate=0.3, inverse_temperature=4.0))
    with pytest.raises(HebbayesError, match="which has no lambda and no gain"):
        predict_behaviour(found, TASK, Change(gain_factor=0.5))
    raised = predict_behaviour(found, TASK, Change(threshold=(3.0, 0.0)), n_draws=10, n_lives=1)
    assert raised.taken.value[:, 0].mean() > 0.65


def test_a_sticky_network_without_gain_learns_nothing() -> None:
    found = described_learner(HebbianLearner(ratio=30.0, stickiness=1.0))
    predicted = predict_behaviour(found, TASK, Change(gain_factor=0.0), n_draws=10, n_lives=2)
    np.testing.assert_allclose(predicted.success.value, 0.5, atol=0.08)


def test_what_is_left_open_is_refused_with_its_reason(described) -> None:
    layer = described.output_layer
    endless = replace(layer, ratio=replace(layer.ratio, high=np.inf))
    unclear = replace(described.rivals, verdict="cannot tell")
    for found, task, change, sentence in (
        (replace(described, output_layer=endless), TASK, Change(), "has no upper bound"),
        (replace(described, rivals=unclear), TASK, Change(), "the verdict is 'cannot tell'"),
        (
            replace(described, rivals=None, left_out={"rivals": "no risk."}),
            TASK,
            Change(),
            "behaviour cannot be predicted: no risk.",
        ),
        (described, replace(TASK, n_decisions=3, decision_prior=None), Change(), "3 decisions"),
        (described, TASK, Change(threshold=(1.0, 0.0, 0.0)), "threshold has 3 values"),
        (described, TASK, Change(threshold=np.inf), "threshold must be finite"),
        (described, TASK, Change(prior_count_factor=0.0), "must be above 0"),
        (described, TASK, Change(gain_factor=-1.0), "gain_factor must be at least 0"),
    ):
        with pytest.raises(HebbayesError, match=sentence):
            predict_behaviour(found, task, change)
