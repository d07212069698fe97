"""`check` names the columns of a recording itself, and prints a command that works as printed."""

import json
import os
import shlex
from pathlib import Path

import h5py
import numpy as np
import pandas
import pytest

from hebbayes.cli.main import BAD_INPUT, DONE, run
from hebbayes.data.columns.proposal import proposed_flags
from hebbayes.data.columns.table import columns_of_frame
from hebbayes.data.reading import read_recording

REFERENCE = Path(os.environ.get("HEBBAYES_REFERENCE_DATA", ""), "behaviour", "alm_mouse.nwb")


def checked(words: list[str], capsys) -> dict:
    assert run(["check", *words, "--json"]) == DONE
    return json.loads(capsys.readouterr().out)


def lab(folder: Path) -> Path:
    """Spikes as unit and time, and trials under the names of a lab."""
    rng = np.random.default_rng(2)
    start = np.arange(40) * 6.0 + rng.uniform(0, 1, 40)
    side = rng.choice(["left", "right"], 40)
    result = rng.choice(["correct", "incorrect", "ignore"], 40, p=[0.7, 0.2, 0.1])
    pandas.DataFrame(
        {"start_time": start, "stim_onset": rng.uniform(1, 2, 40), "type": side,
         "response": result, "comment": "fine"}
    ).to_csv(folder / "s-trials.csv", index=False)  # fmt: skip
    time = np.sort(rng.uniform(0, 245, 3000))
    pandas.DataFrame({"unit": rng.integers(0, 3, 3000), "time": time}).to_csv(
        folder / "s.csv", index=False
    )
    return folder / "s.csv"


def test_the_proposal_is_read_and_printed_as_a_command_that_works(tmp_path, capsys) -> None:
    path = lab(tmp_path)
    summary = checked([str(path)], capsys)
    trials = pandas.read_csv(tmp_path / "s-trials.csv")
    assert summary["kind"] == "recording"
    assert (summary["trials"], summary["units"]) == (40, 3)
    assert summary["missed"] == int((trials.response == "ignore").sum())
    other = {"left": "right", "right": "left"}
    made = [
        side if result == "correct" else other[side]
        for side, result in zip(trials.type, trials.response)
        if result != "ignore"
    ]
    assert summary["choices"] == {name: made.count(name) for name in ("left", "right")}
    assert summary["not_used"] == ["comment"]
    words = summary["next_command"]
    assert words[:2] == ["hebbayes", "analyze"]
    again = checked(words[2:], capsys)
    assert {k: again[k] for k in ("trials", "choices", "missed", "channel_ids")} == {
        k: summary[k] for k in ("trials", "choices", "missed", "channel_ids")
    }
    assert again["next_command"] == words


def test_the_printed_text_says_what_each_flag_became(tmp_path, capsys) -> None:
    assert run(["check", str(lab(tmp_path))]) == DONE
    shown = " ".join(capsys.readouterr().out.split())
    for sentence in (
        "Onsets are start_time + stim_onset.",
        "Column type became onehot channels: type=left, type=right.",
        "Decisions: 0 = left, 1 = right.",
        "Risk of response: correct 0, ignore none, incorrect 1.",
        "Columns that are not used: comment.",
        "The flags below that you did not pass are proposed",
    ):
        assert sentence in shown


def test_stated_flags_are_kept(tmp_path, capsys) -> None:
    path = lab(tmp_path)
    words = ["--onset", "start_time", "--window-end-s", "0.2"]
    summary = checked([str(path), *words], capsys)
    assert {"--onset", "start_time", "0.2"} <= set(summary["next_command"])
    assert summary["cultures"][0]["window_s"] == [0.01, 0.2]


def test_a_wrong_flag_is_an_error_and_no_proposal(tmp_path, capsys) -> None:
    assert run(["check", str(lab(tmp_path)), "--stimuli", "tpye"]) == BAD_INPUT
    assert "has no column tpye" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("columns", "wanted"),
    [
        (
            {"start_time": [10.0, 20, 30], "go_cue_time": [2.0, 2.1, 2.2]},
            "start_time + go_cue_time",
        ),
        ({"start_time": [10.0, 20, 30], "stim_on_time": [12.0, 22, 32]}, "stim_on_time"),
        (
            {
                "start_time": [10.0, 20, 30],
                "go_cue": [13.0, 23, 33],
                "visual_stimulus_time": [12.0, 22, 32],
            },
            "visual_stimulus_time",
        ),
        ({"onset": [1.0, 2, 3], "stim_duration": [1, 1, 1]}, "onset"),
        ({"start_time": [10.0, 20, 30], "stimulus_duration": [2.0, 3, 4]}, "start_time"),
    ],
)
def test_onsets_count_from_the_trial_or_from_the_clock(columns, wanted: str) -> None:
    held = columns_of_frame(pandas.DataFrame(columns), "trials")
    assert proposed_flags(held)["onset"] == wanted


@pytest.mark.skipif(not REFERENCE.is_file(), reason="HEBBAYES_REFERENCE_DATA is not there")
def test_the_mouse_is_read_like_its_raw_arrays(capsys) -> None:
    words = checked([str(REFERENCE)], capsys)["next_command"]
    assert {"start_time + pole_in_time", "--sort-spikes", "response"} <= set(words)
    made = read_recording(
        REFERENCE, stimuli="type", instructed="type", outcome_column="response",
        values="correct=0,incorrect=1,no response=none,early lick=none",
        onset="start_time + pole_in_time", session_column="none", sort_spikes=True,
        window=(0.0, 1.3),
    ).recordings[0]  # fmt: skip
    with h5py.File(REFERENCE) as file:
        held = file["intervals/trials"]
        side = held["type"].asstr()[:]
        result = held["response"].asstr()[:]
        onset = held["start_time"][:] + held["pole_in_time"][:]
        ends = file["units/spike_times_index"][:]
        times = np.split(file["units/spike_times"][:], ends[:-1])
    right = side == "lick right"
    decisions = np.where(
        np.isin(result, ["correct", "incorrect"]), right ^ (result != "correct"), -1
    )
    np.testing.assert_array_equal(made.decisions, decisions)
    risk = [{"correct": 0, "incorrect": 1}.get(one, np.nan) for one in result]
    np.testing.assert_array_equal(made.risk, risk)
    np.testing.assert_array_equal(made.stimuli, np.column_stack([~right, right]))
    counts = [[((t >= o) & (t < o + 1.3)).sum() for t in times] for o in onset]
    np.testing.assert_array_equal(made.responses, counts)


def test_the_command_line_quotes_what_needs_quotes(tmp_path, capsys) -> None:
    assert run(["check", str(lab(tmp_path))]) == DONE
    line = next(
        one for one in capsys.readouterr().out.splitlines() if one.startswith("next: hebbayes")
    )
    assert "start_time + stim_onset" in shlex.split(line.removeprefix("next: "))


def test_choices_that_no_flag_names_are_proposed_too(tmp_path, capsys) -> None:
    path = lab(tmp_path)
    table = pandas.read_csv(tmp_path / "s-trials.csv")
    named = {"onset": table.start_time, "stimulus": table.type, "block": [1] * 20 + [2] * 20}
    named |= {"choice": table.type[::-1].to_numpy(), "reward": [0, 1] * 20}
    pandas.DataFrame(named).to_csv(tmp_path / "s-trials.csv", index=False)
    summary = checked([str(path)], capsys)
    assert summary["choices"] == table.type.value_counts().to_dict()
    assert summary["sessions"] == 2
    assert {"--decision-column", "--outcome-column", "block"} <= set(summary["next_command"])


def test_what_cannot_be_told_is_asked_beside_the_flags_that_are_clear(tmp_path, capsys) -> None:
    path = lab(tmp_path)
    table = pandas.read_csv(tmp_path / "s-trials.csv")
    frame = {"start_time": table.start_time, "cue": table.type, "choice": [-1, 0, 1, 1] * 10}
    pandas.DataFrame({**frame, "reward": 1}).to_csv(tmp_path / "s-trials.csv", index=False)
    assert run(["check", str(path)]) == BAD_INPUT
    shown = capsys.readouterr().err
    assert "--missed 0 if 0 in choice means no choice" in shown
    assert "the other flags may be" in shown
    assert "--stimuli cue" in shown
    assert shown.count("\n") == 1


def suite2p(folder: Path) -> Path:
    """A folder of suite2p whose trials have choices and rewards under names of their own."""
    plane = folder / "plane0"
    plane.mkdir(parents=True)
    rng = np.random.default_rng(5)
    traces = rng.gamma(5, 20, (3, 400)) + 200
    np.save(plane / "F.npy", traces)
    np.save(plane / "Fneu.npy", traces / 3)
    np.save(plane / "iscell.npy", np.ones((3, 2)))
    trials = {
        "onset": np.arange(1, 13) * 3.0,
        "stimulus": ["go", "nogo"] * 6,
        "lick": [1, 0, 1, 1] * 3,
        "reward": [1, 0, 0, 1] * 3,
    }
    pandas.DataFrame(trials).to_csv(folder / "trials.csv", index=False)
    return folder


def test_a_flag_that_is_passed_leaves_the_proposal_of_all_others(tmp_path, capsys) -> None:
    path = suite2p(tmp_path / "suite2p")
    summary = checked([str(path), "--rate-hz", "10"], capsys)
    assert (summary["choices"], summary["missed"]) == ({"0": 3, "1": 9}, 0)
    assert summary["mean_outcome"] == pytest.approx(0.5)
    words = summary["next_command"]
    assert words[words.index("--rate-hz") + 1] == "10.0"
    assert checked(words[2:], capsys)["next_command"] == words
    asked = checked([str(path), "--rate-hz", "10", "--outcome-column", "reward"], capsys)
    assert asked["choices"] == summary["choices"]


def test_the_flag_that_is_missing_stands_beside_those_that_are_clear(tmp_path, capsys) -> None:
    assert run(["check", str(suite2p(tmp_path / "suite2p"))]) == BAD_INPUT
    said = " ".join(capsys.readouterr().err.split())
    assert "pass --rate-hz RATE" in said
    assert "--decision-column lick --outcome-column reward" in said


def test_stimuli_that_are_passed_keep_the_choices(tmp_path, capsys) -> None:
    rng = np.random.default_rng(1)
    table = {"session": [1] * 10 + [2] * 10, "odor": ["A", "B"] * 10, "light": [0, 1] * 10,
             "choice": ["L", "R"] * 10, "reward": [0, 1, 1, 0] * 5}  # fmt: skip
    units = {f"neuron_{k}": rng.poisson(3, 20) for k in range(3)}
    path = tmp_path / "wide.csv"
    pandas.DataFrame(table | units).to_csv(path, index=False)
    summary = checked([str(path), "--stimuli", "odor,light"], capsys)
    assert summary["choices"] == {"L": 10, "R": 10}
    assert "light" in summary["channel_ids"]
    only = checked([str(path), "--decision-column", "choice"], capsys)
    assert only["mean_outcome"] == pytest.approx(0.5)
    assert only["next_command"][-2:] != ["--decision-column", "choice"]
