"""Decisions that rest on the state of their own trial: found, forecast and foretold as such."""

from dataclasses import replace

import numpy as np
import pytest

from hebbayes.core.errors import ValueRangeError
from hebbayes.reverse_engineering.behaviour import (
    Assumptions,
    describe_behaviour,
    predict_behaviour,
)
from hebbayes.reverse_engineering.behaviour.prediction.curves import success_of
from hebbayes.reverse_engineering.forecasting.other.decisions import score_decisions
from hebbayes.reverse_engineering.forecasting.scoring import losses
from hebbayes.simulators import AnimalDesign, HebbianLearner, simulate_animal, simulate_learner

DESIGN = AnimalDesign(n_sessions=6, n_trials=80, reversals=(3,), reward_delay=0, n_units=4)
LEARNER = HebbianLearner(ratio=20.0)


@pytest.fixture(scope="module")
def at_once():
    return simulate_learner(LEARNER, replace(DESIGN, rests_on_same=True), seed=3)


def described(animal, **assumed):
    return describe_behaviour(
        animal.recording,
        rng=np.random.default_rng(0),
        activity=animal.activity,
        assumptions=Assumptions(**assumed),
    )


@pytest.mark.thorough
def test_the_trial_is_found_and_the_wrong_one_is_warned_of(at_once) -> None:
    found = described(at_once, rests_on="auto")
    assert found.rests_on == "same"
    assert found.rivals.verdict == "as the theory says"
    wrong = described(at_once, rests_on="previous", scores_basis=True)
    assert wrong.rests_on == "previous"
    assert "--decision-rests-on same" in wrong.basis.warning
    before = described(simulate_learner(LEARNER, DESIGN, seed=3), rests_on="auto")
    assert before.rests_on == "previous"


def test_only_first_sessions_are_scored_if_asked(at_once) -> None:
    recording = at_once.recording
    shuffled = recording.decisions.copy()
    later = recording.session_index >= 3
    shuffled[later] = np.random.default_rng(0).permutation(shuffled[later])
    other = replace(at_once, recording=replace(recording, decisions=shuffled))
    one, two = (described(a, rests_on="auto", basis_sessions=3) for a in (at_once, other))
    assert one.basis == two.basis


def test_forecasts_rest_on_that_trial_too(at_once) -> None:
    table = {}
    for trial in ("same", "previous"):
        scored = score_decisions(at_once.recording, at_once.activity, 4, rests_on=trial)
        scores = scored.scores["decisions"]
        loss = losses(scores)
        table[trial] = {name: loss[name] / loss["constant"] for name in scores.names}
    assert table["same"]["winner"] < 0.8
    assert table["same"]["winner"] < table["previous"]["winner"] - 0.1
    assert table["same"]["output_layer"] < table["previous"]["output_layer"] - 0.1


@pytest.mark.thorough
def test_it_is_foretold_in_a_task_of_that_kind(at_once) -> None:
    found = described(at_once, rests_on="auto")
    task = replace(DESIGN, n_sessions=4, reversals=(2,), reward_noise=0.0)
    curve = predict_behaviour(found, task, n_draws=20, n_lives=2).success
    world = replace(task, rests_on_same=True)
    lives = np.stack([success_of(simulate_learner(LEARNER, world, seed=90 + k)) for k in range(8)])
    assert ((curve.low <= lives) & (lives <= curve.high)).mean() > 0.8


def test_a_network_cannot_decide_by_its_own_trial() -> None:
    with pytest.raises(ValueRangeError, match="use simulate_learner"):
        simulate_animal(replace(DESIGN, rests_on_same=True))
