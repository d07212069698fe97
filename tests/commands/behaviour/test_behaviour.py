"""The command `behaviour`: the embedded truth, tables of subjects, reference data, bad input."""

import json
import os
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

import hebbayes as h
from hebbayes.commands.behaviour import present, run
from hebbayes.commands.behaviour.tables import models_table, winner_table
from hebbayes.commands.running.checkpoint import Checkpoint
from hebbayes.commands.running.outcome import plain
from hebbayes.commands.running.progress import Silent
from hebbayes.simulators import GroupDesign, simulate_group


@pytest.fixture(scope="module")
def embedded():
    return run(h.BehaviourConfig())


@pytest.fixture(scope="module")
def shown(embedded):
    return present(embedded)


def table(path, behaviour):
    behaviour.to_dataframe().to_csv(path, index=False)
    return path


@pytest.fixture(scope="module")
def single(tmp_path_factory):
    """One subject in one session."""
    design = GroupDesign(n_subjects=1, n_sessions=1, n_trials=150)
    path = tmp_path_factory.mktemp("single") / "one.csv"
    config = h.BehaviourConfig(
        file=table(path, simulate_group(design, seed=5).behaviour),
        choice="choice",
        outcome="outcome",
        stimulus="channel_stimulus 0,channel_stimulus 1",
        workers=1,
    )
    return run(config)


@pytest.mark.thorough
def test_the_embedded_group_recovers_its_own_truth(shown) -> None:
    assert shown.holds
    assert len(shown.summary["truth"]["inside"]) == 5
    assert all(shown.summary["truth"]["inside"].values())
    assert shown.summary["population"]["verdict"] == "as the theory says"


@pytest.mark.thorough
def test_subjects_intervals_hold_their_own_parameters(embedded) -> None:
    """24 subjects, learning and psi: at most 3 in 100 too few, at 4 standard errors."""
    inside = []
    for one, learner in zip(embedded.subjects, embedded.truth.learners):
        ratio = one.elements["learning"].estimate
        inside += [
            ratio.low <= learner.ratio <= ratio.high,
            one.psi.low[0] <= learner.bias[0] / 2 <= one.psi.high[0],
        ]
    assert np.mean(inside) > 0.95 - 4 * np.sqrt(0.05 * 0.95 / len(inside))


def test_every_trial_is_accounted_for(shown, embedded) -> None:
    summary = shown.summary
    assert summary["trials"] == summary["used"] + summary["missed"]
    assert summary["trials"] == sum(one["trials"] for one in summary["subjects"])
    assert sum(summary["verdicts"]["all"].values()) == len(summary["subjects"]) == 24
    assert summary["missed"] == int((embedded.behaviour.choice < 0).sum())


def test_the_summary_is_one_json_object_with_groups(shown) -> None:
    summary = json.loads(json.dumps(plain(shown.summary)))
    groups = summary["groups"]
    assert {"difference", "low", "high", "p_adjusted", "groups"} <= set(groups["psi: left"])
    assert groups["psi: left"]["groups"] == ["control", "inclined"]
    assert groups["psi: left"]["p_adjusted"] < 0.05 < groups["learning"]["p_adjusted"]
    one = summary["subjects"][0]
    assert set(one["psi"]["left"]) == {"value", "low", "high"}
    assert isinstance(one["learning"], (dict, str))
    assert {"readout", "constant", "canonical"} <= set(one["log_loss"])


def test_same_seed_same_numbers(single) -> None:
    again = run(single.config)
    first, second = (plain(present(one).summary) for one in (single, again))
    for summary in (first, second):
        del summary["seconds"]
    assert first == second


def test_a_single_session_is_described_without_population_or_groups(single) -> None:
    shown = present(single)
    assert shown.summary["groups"] == {}
    assert shown.summary["population"]["psi"] is None
    assert np.isfinite(list(single.subjects[0].log_loss.values())).all()
    assert "Verdict on" in shown.notes[0]


def test_v_and_the_delay_have_intervals_in_the_summary(single) -> None:
    one = plain(present(single).summary)["subjects"][0]
    held = one["V"]["stimulus 0"]["left"]
    assert held["low"] < held["value"] < held["high"]
    end = one["choice_probability"]["end"]["stimulus 0"]
    assert sum(end[choice]["value"] for choice in end) == pytest.approx(1.0)
    odds = held["value"] - one["V"]["stimulus 0"]["right"]["value"]
    bias = one["psi"]["left"]["value"] - one["psi"]["right"]["value"]
    assert end["left"]["value"] == pytest.approx(1 / (1 + np.exp(-odds - bias)))
    delay = one["delay_posterior"]
    assert sum(delay["probability"].values()) == pytest.approx(1.0)
    assert sum(delay["probability"][str(d)] for d in delay["set"]) >= 0.95
    assert [delay["low"], delay["high"]] == [min(delay["set"]), max(delay["set"])]


def test_the_report_has_one_section_per_question(shown) -> None:
    report = shown.report
    assert report.answer.startswith("Verdicts on 24 subjects")
    assert [one.heading for one in report.sections] == [
        "What was recorded?",
        "What do they favour before they learn?",
        "How fast do they learn?",
        "What have they learnt about each state?",
        "What does the theory add beside its rivals?",
        "Do the groups differ?",
        "Subject by subject",
    ]
    told = [report.answer, *report.limits, *(n for s in report.sections for n in s.sentences)]
    assert all(note in told for note in shown.notes)
    shown_tables = [*report.lead, *(t for s in report.sections for t in s.tables)]
    assert {t.title for t in shown_tables} == {t.title for t in shown.tables}
    assert {name for s in report.sections for name in s.figures} == set(shown.figures)


class Killed(BaseException):
    pass


class Kill(Silent):
    """Progress that is killed after so many tasks."""

    def __init__(self, after):
        self.left = after

    def advance(self, units=1, status=""):
        self.left -= units
        if self.left < 0:
            raise Killed


@pytest.mark.parametrize("after", [1, 3, 7, 14])
def test_a_killed_run_goes_on_to_the_same_numbers(single, tmp_path, after) -> None:
    checkpoint = Checkpoint(tmp_path / "checkpoint.npz")
    with pytest.raises(Killed):
        run(single.config, progress=Kill(after), checkpoint=checkpoint)
    assert checkpoint.load()
    resumed = run(single.config, checkpoint=checkpoint)
    first, second = (plain(present(one).summary) for one in (single, resumed))
    for summary in (first, second):
        del summary["seconds"]
    assert first == second


def test_figures_show_the_best_model_and_a_rival(single) -> None:
    figures = present(single).figures
    assert set(figures) == {"population", "subjects", "states"}
    axes = figures["population"]().axes
    assert axes[0].get_ylabel() == "success (share)"


def test_without_outcomes_only_models_that_need_none_take_part(tmp_path) -> None:
    behaviour = simulate_group(GroupDesign(n_subjects=1, n_sessions=1, n_trials=80)).behaviour
    frame = behaviour.to_dataframe()[["choice", "channel_stimulus 0"]]
    frame.to_csv(tmp_path / "a.csv", index=False)
    shown = present(run(h.BehaviourConfig(
        file=tmp_path / "a.csv", choice="choice", outcome="none",
        stimulus="channel_stimulus 0", workers=1,
    )))  # fmt: skip
    assert set(shown.summary["subjects"][0]["log_loss"]) == {"unmodulated", "constant", "readout"}
    assert any("cannot be judged" in note for note in shown.notes)


@pytest.mark.parametrize(
    ("rows", "flags", "words"),
    [
        ("choice,outcome\na,1\na,0\n", {}, "at least two"),
        ("choice,outcome\na,1\nb,0\n", {"reward_delay": "-1"}, "--reward-delay"),
        ("choice,outcome\na,1\nb,0\n", {"reward_delay": "x"}, "--reward-delay"),
    ],
)
def test_bad_input_is_one_sentence_with_the_flag(tmp_path, rows, flags, words) -> None:
    (tmp_path / "a.csv").write_text(rows)
    with pytest.raises(h.HebbayesError, match=words):
        run(h.BehaviourConfig(file=tmp_path / "a.csv", **flags))


DATA = os.environ.get("HEBBAYES_REFERENCE_DATA")


@pytest.mark.skipif(not DATA, reason="HEBBAYES_REFERENCE_DATA names no folder")
def test_learners_stand_beside_a_fixed_policy_of_the_stimuli() -> None:
    """A mouse that knows its task: counts by an independent reading, and an honest sentence."""
    h5py = pytest.importorskip("h5py")
    path = Path(DATA, "behaviour", "alm_mouse.nwb")
    if not path.exists():
        pytest.skip("the recording is not in this folder")
    with h5py.File(path) as file:
        trials = file["intervals/trials"]
        kind, response = (
            [value.decode() if isinstance(value, bytes) else value for value in trials[name][:]]
            for name in ("type", "response")
        )
    other = {"lick left": "lick right", "lick right": "lick left"}
    expected = Counter(
        side if said == "correct" else other[side]
        for side, said in zip(kind, response)
        if said in ("correct", "incorrect")
    )
    result = run(h.BehaviourConfig(
        file=path, instructed="type", outcome="response", stimulus="type",
        values="correct=0,incorrect=1,ignore=none,early lick=none,no response=none",
        coding="type=onehot",
    ))  # fmt: skip
    made = result.behaviour.choice_ids[result.behaviour.choice[result.behaviour.choice >= 0]]
    assert Counter(made.tolist()) == expected
    notes = present(result).notes
    assert any("beside a fixed policy of these stimuli" in note for note in notes)
    assert result.settings.basis.chosen == "same"


def test_the_best_models_parameters_stand_in_a_table(single, embedded) -> None:
    few, typical = winner_table(single), winner_table(embedded)
    assert {row[1]: row[2] for row in few.rows} == {
        name: one.value for name, one in single.subjects[0].winner.items()
    }
    best = embedded.population.models[embedded.population.best]
    assert [row[1] for row in typical.rows] == [one.name for one in best.parameters]
    assert all(row[3] < row[2] < row[4] for row in typical.rows)


def test_a_loss_has_no_interval_of_few_subjects_and_none_below_zero(single, embedded) -> None:
    assert all(row[4:] == ["", ""] for row in models_table(single).rows)
    assert all(0 <= row[4] <= row[3] <= row[5] for row in models_table(embedded).rows)
