"""`predict-behaviour`: learning curves in unseen tasks and after changes, and what is refused."""

import json
from dataclasses import replace

import numpy as np
import pytest

from hebbayes.commands.configs import PredictBehaviourConfig
from hebbayes.commands.predict_behaviour import present, run
from hebbayes.commands.predict_behaviour.run import change_of, task_of
from hebbayes.commands.running.outcome import plain
from hebbayes.core.errors import HebbayesError, ValueRangeError
from hebbayes.data.formats.npz import to_npz
from hebbayes.reverse_engineering.behaviour import Change
from hebbayes.reverse_engineering.behaviour.prediction.changed_animal import simulated_success
from hebbayes.reverse_engineering.behaviour.prediction.curves import success_of
from hebbayes.simulators import EXAMPLE_ANIMAL, AnimalDesign, simulate_animal

DESIGN = AnimalDesign(
    n_stimuli=6,
    n_units=24,
    n_output_units=0,
    n_sessions=10,
    reversals=(6,),
    decision_prior=(0.3, 0.7),
    policy_prior_count=60.0,
)
SMALL = {"task_sessions": 4, "task_trials": 60, "draws": 20, "lives": 3}


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    place = tmp_path_factory.mktemp("animal") / "animal.npz"
    to_npz(simulate_animal(DESIGN, seed=11).recording, place)
    return place


@pytest.mark.thorough
def test_the_embedded_animal_lies_inside_its_prediction() -> None:
    config = PredictBehaviourConfig(
        **SMALL, gain_factor=0.5, prior_count_factor=2.0, threshold="1,-1"
    )
    told = json.loads(json.dumps(plain(present(run(config)).summary)))
    assert told["true_within"] >= 0.85
    as_is, changed = told["success"], told["changed"]["success"]
    assert as_is["value"][1] > changed["value"][1] + 0.05  # a quarter of the speed
    taken = np.array(told["changed"]["taken"]["value"]) - told["taken"]["value"]
    assert taken[0, 0] > 0.1  # psi of go was raised


def test_the_true_animal_is_changed_as_the_described_one_is() -> None:
    task = task_of(PredictBehaviourConfig(task_sessions=3, task_trials=100, reversals=""), 2)
    still = simulated_success(EXAMPLE_ANIMAL, task, Change(gain_factor=0.0)).mean(0)
    np.testing.assert_allclose(still, 0.5, atol=0.06)
    assert simulated_success(EXAMPLE_ANIMAL, task, Change())[:, 2].mean() > 0.7
    # an animal fond of the first decision: fonder still is worse than cured
    fonder, cured = (
        simulated_success(EXAMPLE_ANIMAL, task, Change(threshold=shift))[:, 0].mean()
        for shift in ((2, -2), (-0.4, 0.4))
    )
    assert fonder < cured - 0.03


@pytest.mark.thorough
def test_a_recorded_animal_is_predicted_in_a_new_task(file) -> None:
    config = PredictBehaviourConfig(
        file=file,
        reward_delay=2,
        task_sessions=6,
        reversals="2,4",
        reward_noise=0.0,
        draws=30,
        lives=3,
    )
    outcome = present(run(config))
    told = outcome.summary["success"]
    task = replace(DESIGN, n_stimuli=8, n_sessions=6, reversals=(2, 4), reward_noise=0.0)
    lives = np.stack([success_of(simulate_animal(task, seed=1000 + k)) for k in range(20)])
    inside = (told["low"] <= lives) & (lives <= told["high"])
    assert inside.mean() > 0.85
    assert np.abs(told["value"] - lives.mean(0)).max() < 0.1
    assert "true_success" not in outcome.summary
    assert outcome.summary["changed"] is None
    assert outcome.arrays["taken"].shape == (3, 6, 2)
    figure = outcome.figures["learning_curves"]()
    assert len(figure.axes[0].lines) == 3  # one curve, two reversals


@pytest.mark.thorough
def test_without_sources_ensembles_stand_for_the_activity(file, tmp_path) -> None:
    recording = simulate_animal(DESIGN, seed=11).recording
    place = tmp_path / "unlabelled.npz"
    to_npz(replace(recording, sources=None), place)
    found = run(PredictBehaviourConfig(file=place, reward_delay=2, **SMALL))
    assert found.behaviour.calibration is None
    assert any("omit the uncertainty of its scale" in note for note in present(found).notes)
    labelled = run(PredictBehaviourConfig(file=file, reward_delay=2, **SMALL))
    assert labelled.behaviour.calibration is not None
    one, two = (f.predictions["as it is"].success.value for f in (found, labelled))
    np.testing.assert_allclose(one, two, atol=0.1)


def test_what_was_lost_never_taken_or_not_seen_is_said(tmp_path) -> None:
    recording = simulate_animal(replace(DESIGN, modulation_gain=0.0), seed=3).recording
    lost = np.where(np.arange(recording.n_trials) % 5 == 0, -1, recording.decisions + 1)
    place = tmp_path / "from_one.npz"
    to_npz(replace(recording, decisions=lost), place)
    notes = present(run(PredictBehaviourConfig(file=place, reward_delay=2, **SMALL))).notes
    assert any("of 1000 trials, 200 lack a decision" in note for note in notes)
    assert any("decisions are coded 1, 2, so 0 counts as a decision" in note for note in notes)
    assert any("Decisions 0 (numbered from 0) were never taken" in note for note in notes)
    assert any("the model that won: constant" in note for note in notes)
    assert any("decisions: does not learn" in note for note in notes)


@pytest.mark.thorough
@pytest.mark.thorough
def test_the_same_seed_gives_the_same_numbers(file) -> None:
    config = PredictBehaviourConfig(file=file, reward_delay=2, **SMALL | {"lives": 1})
    one, two = (present(run(config)).arrays for _ in range(2))
    for name, values in one.items():
        np.testing.assert_array_equal(values, two[name])
    other = present(run(replace(config, seed=1))).arrays
    assert not np.array_equal(one["success"], other["success"])


def test_reversals_default_to_one_half_way() -> None:
    assert task_of(PredictBehaviourConfig(task_sessions=9), 2).reversals == (4,)
    assert task_of(PredictBehaviourConfig(reversals=""), 2).reversals == ()
    assert task_of(PredictBehaviourConfig(reversals=" 1, 3"), 2).reversals == (1, 3)
    assert change_of(PredictBehaviourConfig(threshold="0.5,0")).threshold == (0.5, 0.0)
    assert change_of(PredictBehaviourConfig()).threshold == 0.0


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"reversals": "12"}, "--reversals needs different sessions from 0 to 11"),
        ({"reversals": "2,2"}, "--reversals needs different sessions"),
        ({"reversals": "1.5"}, "--reversals needs whole numbers"),
        ({"threshold": "a"}, "--threshold needs numbers"),
        ({"threshold": "1,"}, "--threshold needs numbers"),
        ({"threshold": "1"}, "the same number for all has no effect"),
        ({"threshold": "1,2,3"}, "threshold has 3 values"),
        ({"threshold": "inf,0"}, "--threshold must lie"),
        ({"threshold": "nan,0"}, "--threshold must lie"),
        ({"gain_factor": -1.0}, "--gain-factor must lie"),
        ({"gain_factor": np.inf}, "--gain-factor must lie"),
        ({"prior_count_factor": 0.0}, "--prior-count-factor must lie"),
        ({"task_sessions": 0}, "--task-sessions must lie"),
        ({"task_trials": 1}, "--task-trials must lie"),
        ({"task_stimuli": 10**12}, "--task-stimuli must lie"),
        ({"reliability": 1.5}, "--reliability must lie"),
        ({"reward_noise": np.nan}, "--reward-noise must lie"),
        ({"coupling": np.inf}, "--coupling must lie"),
        ({"draws": 2}, "--draws must lie"),
        ({"lives": 0}, "--lives must lie"),
        ({"reward_delay": -1}, "--reward-delay must lie"),
        ({"reward_delay": 2000}, "--reward-delay must be below the 2000 trials"),
        ({"culture": 1}, "--culture needs a file"),
    ],
)
def test_an_error_is_one_sentence(wrong, said) -> None:
    with pytest.raises(HebbayesError, match=said) as caught:
        run(PredictBehaviourConfig(**SMALL | {"task_sessions": 12} | wrong))
    assert "\n" not in str(caught.value)


def test_a_recording_without_decisions_or_another_animal_is_refused(file, tmp_path) -> None:
    place = tmp_path / "culture.npz"
    to_npz(replace(simulate_animal(DESIGN, seed=1).recording, decisions=None, risk=None), place)
    with pytest.raises(ValueRangeError, match=r"culture\.npz has no decisions"):
        run(PredictBehaviourConfig(file=place, **SMALL))
    with pytest.raises(ValueRangeError, match="--culture must be from 0 to 0; got 3"):
        run(PredictBehaviourConfig(file=file, culture=3, **SMALL))
