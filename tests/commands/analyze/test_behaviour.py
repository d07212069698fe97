"""A recording with decisions through `analyze`: results and refusals."""

import json
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from hebbayes.commands.analyze import present, run
from hebbayes.commands.analyze.causal_figures import causal_figures
from hebbayes.commands.behaviour_presentation import behaviour_notes, behaviour_table
from hebbayes.commands.configs import AnalyzeConfig
from hebbayes.commands.running.outcome import plain
from hebbayes.core.errors import ValueRangeError
from hebbayes.data.formats.npz import to_npz
from hebbayes.reverse_engineering.behaviour import describe_from_units
from hebbayes.reverse_engineering.forecasting.labels import model_label
from hebbayes.simulators import AnimalDesign, simulate_animal

DESIGN = AnimalDesign(n_stimuli=6, n_units=24, n_output_units=0, n_sessions=8, reversals=(5,),
                      decision_prior=(0.65, 0.35), coupling=1.0)  # fmt: skip


@pytest.fixture(scope="module")
def animal():
    return simulate_animal(DESIGN, seed=5)


@pytest.fixture(scope="module")
def outcome(animal, tmp_path_factory):
    file = tmp_path_factory.mktemp("animal") / "animal.npz"
    to_npz(animal.recording, file)
    return present(run(AnalyzeConfig(file=file, train_sessions=4, n_ensembles=2, reward_delay=2,
                                     workers=1)))  # fmt: skip


@pytest.mark.thorough
def test_psi_v_k_ratio_and_verdict_are_told_with_intervals(animal, outcome) -> None:
    entries = json.loads(json.dumps(plain(outcome.summary)))["cultures"][0]["behaviour"]
    layer = entries["output_layer"]
    assert entries["rivals"]["verdict"] == "as the theory says"
    assert entries["rivals"]["models"][0]["name"] == "canonical"
    assert entries["decisions"]["taken"] == np.bincount(animal.recording.decisions).tolist()
    assert layer["ratio"]["low"] < 100 < layer["ratio"]["high"]
    assert entries["reward_delay"] == 2
    assert entries["activity"] == "calibrated by sources"
    true = animal.decision_threshold_factors[0] - animal.decision_threshold_factors[1]
    psi = layer["decision_prior"]["threshold_factor"]
    assert (np.abs(np.array(psi["value"]) - true) < 0.3).all()
    table = next(t for t in outcome.tables if "estimates from decisions" in t.title)
    named = {row[0]: row[1:] for row in table.rows}
    assert named["lambda / gain"][1] < 100 < named["lambda / gain"][2]
    low, high = named["K, state 0 from state 0"][1:]
    assert low < animal.recurrent_weights[0, 0, 0] < high
    assert "V at the end, decision 1 from state 1" in named
    assert outcome.arrays["behaviour_output_weights_0"].shape == (3, 8, 2, 2)
    assert any("decisions: as the theory says" in note for note in outcome.notes)
    rivals = next(t for t in outcome.tables if "how decisions are learnt" in t.title)
    assert len(rivals.rows) == 10
    assert rivals.rows[0][:2] == ["canonical network", "as the theory says"]
    assert rivals.rows[0][2] == 0 > rivals.rows[1][2]


def described(animal, **changes):
    rng = np.random.default_rng(0)
    recording = replace(animal.recording, **changes)
    return describe_from_units(recording, lambda: animal.activity, 2, rng=rng)


def test_missing_decisions_and_an_uncalibrated_scale_are_reported(animal) -> None:
    lost = np.where(np.arange(800) % 4 == 0, -1, animal.recording.decisions)
    notes = behaviour_notes(described(animal, decisions=lost, sources=None))
    assert any("of 800 trials, 200 lack a decision" in note for note in notes)
    assert any("use the uncalibrated activity of the ensembles" in note for note in notes)
    assert not any("lack a decision" in note for note in behaviour_notes(described(animal)))


def test_a_single_decision_shows_no_learning(animal) -> None:
    result = described(animal, decisions=np.zeros(800, int))
    assert any("the only one taken" in note for note in behaviour_notes(result))
    assert "lambda / gain" not in [row[0] for row in behaviour_table(result, "file").rows]


def test_choices_are_called_as_in_their_file(animal) -> None:
    named = {"provenance": {"decision_labels": ["left", "right"]}}
    rows = [row[0] for row in behaviour_table(described(animal, **named), "file").rows]
    assert {"psi of decision left", "V at the end, decision right from state 1"} <= set(rows)
    assert not any("decision 0" in row or "decision 1" in row for row in rows)
    only = described(animal, decisions=np.ones(800, int), **named)
    assert any("decision right is the only one taken" in note for note in behaviour_notes(only))


def test_the_figure_of_choices_has_the_names_of_the_file(animal) -> None:
    recording = replace(animal.recording, provenance={"decision_labels": ["le$ft", "2"]})
    culture = SimpleNamespace(number=0, recording=recording, description=None)
    result = SimpleNamespace(
        cultures=[], read=[culture], others=(), forecasts=None, condition="mouse"
    )
    figure = causal_figures(result)["choices_0"]()
    shown = [text.get_text() for text in figure.axes[0].get_legend().get_texts()]
    assert shown == [r"le\$ft", "choice 2"]
    figure.draw_without_rendering()


def test_without_any_decision_the_rest_is_still_analysed(animal, tmp_path) -> None:
    file = tmp_path / "still.npz"
    to_npz(replace(animal.recording, decisions=np.full(800, -1)), file)
    config = AnalyzeConfig(file=file, train_sessions=4, n_ensembles=2, workers=1)
    outcome = present(run(config))
    assert (
        "no trial of this recording has a decision"
        in outcome.summary["cultures"][0]["no_behaviour"]
    )
    assert any("the decisions cannot be analysed: no trial" in note for note in outcome.notes)
    with pytest.raises(ValueRangeError, match="reward_delay must be at least 0; got -1"):
        run(replace(config, reward_delay=-1))


def test_missing_decisions_and_risk_are_left_out_and_counted_in_every_part(tmp_path) -> None:
    """Forecasts of decisions and of success read them too (a case of a user's file)."""
    design = replace(DESIGN, n_sessions=5, n_trials=60, reversals=(3,), n_units=12)
    recording = simulate_animal(design, seed=2).recording
    missed = np.arange(300) % 10 == 3
    decisions = np.where(missed, -1, recording.decisions)
    risk = np.where(missed | (np.arange(300) % 14 == 5), np.nan, recording.risk)
    file = tmp_path / "missed.npz"
    to_npz(replace(recording, decisions=decisions, risk=risk), file)
    config = AnalyzeConfig(file=file, train_sessions=3, n_ensembles=2, reward_delay=2, workers=1)
    outcome = present(run(config))
    entry = outcome.summary["cultures"][0]["behaviour"]
    assert entry["decisions"]["missing"] == 30
    assert entry["decisions"]["unknown_risk"] == int((np.isnan(risk) & ~missed).sum())
    assert entry["n_used"] == 270
    assert entry["rivals"]["n_without_risk"] == entry["n_without_risk"]
    assert any("of 300 trials, 30 lack a decision" in note for note in outcome.notes)


def test_the_winner_of_training_forecasts_decisions_and_is_named(outcome) -> None:
    (culture,) = json.loads(json.dumps(plain(outcome.summary)))["cultures"]
    winner = culture["decisions_forecast_by"]
    assert winner.startswith("canonical")
    assert culture["behaviour"]["decision_rests_on"]["chosen"] == "previous"
    title = "Squared error of decisions"
    table = next(one for one in outcome.tables if one.title.startswith(title))
    names = [row[0] for row in table.rows]
    assert f"winner: {winner}" in names
    others = {model_label("output_layer"), model_label("constant")}
    assert others | {"rule: Rescorla-Wagner, one rate"} <= set(names)
    assert [row[1] for row in table.rows] == sorted(row[1] for row in table.rows)
    assert any(winner in note and "won training" in note for note in outcome.notes)
    assert any("Decisions rest on the state of the trial before" in note for note in outcome.notes)
