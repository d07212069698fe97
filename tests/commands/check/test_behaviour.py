"""What `check` makes of behaviour, and that the command it prints works as printed."""

import json
import os
import shlex
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas
import pytest

from hebbayes.cli.parser import parse
from hebbayes.commands.check import present, run
from hebbayes.commands.configs import CheckConfig
from hebbayes.commands.running.outcome import plain
from hebbayes.core.errors import FormatError, ValueRangeError
from hebbayes.data.behaviour import Mapping, mapping_of

REFERENCE = os.environ.get("HEBBAYES_REFERENCE_DATA")
KEYS = {
    *("kind", "trials", "sessions", "channels", "channel_ids", "units", "subjects", "groups"),
    *("choices", "missed", "mean_outcome", "dropped", "not_used", "warnings", "next_command"),
}
HEBBAYES = [sys.executable, "-c", "from hebbayes.cli.main import main; main()"]


def told(config: CheckConfig) -> dict:
    return json.loads(json.dumps(plain(present(run(config)).summary), allow_nan=False))


def bandit(path: Path, separator: str = "\t") -> Path:
    frame = pandas.DataFrame(
        {
            "subjID": [3, 3, 3, 9, 9],
            "trial": [1, 2, 3, 1, 2],
            "choice": [1, 2, None, 2, 2],
            "outcome": [1, -1, None, 1, 0],
            "age": [30] * 5,
        }
    )
    frame.to_csv(path, sep=separator, index=False)
    return path


def test_behaviour_is_counted_in_the_keys_of_the_contract(tmp_path) -> None:
    summary = told(CheckConfig(file=bandit(tmp_path / "bandit.txt")))
    assert set(summary) >= KEYS
    assert (summary["kind"], summary["units"], summary["subjects"]) == ("behaviour", 0, 2)
    assert (summary["trials"], summary["missed"], summary["dropped"]) == (5, 1, {})
    assert summary["choices"] == {"1": 1, "2": 3}
    assert summary["mean_outcome"] == pytest.approx(0.25)
    assert summary["not_used"] == ["age"]
    assert summary["convention"] == "hBayesDM choices"


def test_a_recording_has_the_same_keys() -> None:
    summary = told(CheckConfig())
    assert set(summary) >= KEYS
    assert (summary["kind"], summary["subjects"], summary["choices"]) == ("recording", 1, {})
    assert summary["next_command"] == ["hebbayes", "analyze"]


def test_flags_of_a_recording_are_repeated(tmp_path) -> None:
    parts = {"stimuli": np.eye(4), "responses": np.ones((4, 2)), "session": [0, 0, 1, 1]}
    np.savez(tmp_path / "a b.npz", **parts, decisions=[0, 1, 1, -1], risk=[0, 1, 0.5, np.nan])
    summary = told(CheckConfig(file=tmp_path / "a b.npz", condition="x y"))
    assert summary["next_command"][1:] == [
        "analyze",
        str(tmp_path / "a b.npz"),
        "--condition",
        "x y",
    ]
    assert (summary["choices"], summary["missed"]) == ({"0": 1, "1": 2}, 1)
    assert summary["mean_outcome"] == pytest.approx(0.5)


def test_the_command_that_check_prints_works_through_the_shell(tmp_path) -> None:
    name = 'it\'s a "day" $HOME; 1.txt'
    bandit(tmp_path / name)
    shown = present(run(CheckConfig(file=tmp_path / name)))
    words = [*HEBBAYES, "check", *shlex.split(shown.next_command)[2:], "--json"]
    again = subprocess.run(
        ["sh", "-c", shlex.join(words)], capture_output=True, check=True, text=True
    )
    assert json.loads(again.stdout)["next_command"] == shown.summary["next_command"]


def test_a_file_that_looks_like_a_flag_is_marked(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    bandit(Path("-x.csv"), ",")
    assert told(CheckConfig(file=Path("-x.csv")))["next_command"][2] == "./-x.csv"


def test_the_text_form_is_the_same_command_quoted_for_the_shell(tmp_path) -> None:
    outcome = present(run(CheckConfig(file=bandit(tmp_path / "a 'b'.csv", ","))))
    assert shlex.split(outcome.next_command) == outcome.summary["next_command"]


def test_flags_of_columns_need_a_file() -> None:
    with pytest.raises(ValueRangeError, match=r"^--choice needs a table; name its file first\.$"):
        run(CheckConfig(choice="A"))


def test_all_missing_flags_are_listed_at_once(tmp_path) -> None:
    path = tmp_path / "odd.csv"
    path.write_text("A,B,C\n1,2,3\n4,5,6\n")
    with pytest.raises(FormatError) as caught:
        run(CheckConfig(file=path))
    sentence = str(caught.value)
    assert all(flag in sentence for flag in ("--choice", "--outcome", "--stimulus", "--spikes"))
    assert "columns A, B, C" in sentence
    with pytest.raises(FormatError) as caught:
        run(CheckConfig(file=path, choice="A"))
    assert "--choice COL" not in str(caught.value)


def test_rows_that_are_left_out_are_counted_by_reason(tmp_path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("subject,choice,reward,practice\n1,L,1,0\n,R,0,0\n1,R,1,1\n1,L,0,0\n")
    config = CheckConfig(file=path, where="practice=0", stimulus="none")
    summary = told(config)
    assert summary["dropped"] == {"practice is not 0": 1, "rows without a subject": 1}
    assert summary["trials"] + sum(summary["dropped"].values()) == summary["rows"] == 4
    assert told(replace(config, outcome_range="0,1"))["next_command"] == summary["next_command"]


@pytest.mark.skipif(not REFERENCE, reason="HEBBAYES_REFERENCE_DATA names no folder")
def test_a_public_table_is_accounted_for_row_by_row() -> None:
    path = Path(str(REFERENCE), "behaviour", "rlwm_schizophrenia.csv")
    raw = pandas.read_csv(path)
    summary = told(CheckConfig(file=path))
    assert (summary["subjects"], summary["groups"]) == (85, {"HC": 36, "SZ": 49})
    assert summary["trials"] == summary["rows"] == len(raw) == 46_676
    assert summary["missed"] == int(raw["choice"].isna().sum())
    counts = raw["choice"].value_counts()
    assert summary["choices"] == {str(int(k)): int(n) for k, n in counts.sort_index().items()}
    assert summary["mean_outcome"] == pytest.approx(raw["outcome"].mean())
    assert summary["sessions"] == raw.groupby(["subjID", "block"]).ngroups
    assert summary["not_used"] == ["set_size", "correct_choice"]


def test_the_next_command_takes_every_flag_that_is_printed(tmp_path) -> None:
    path = bandit(tmp_path / 'it\'s "one".txt')
    outcome = present(run(CheckConfig(file=path)))
    request = parse(shlex.split(outcome.next_command)[1:])
    assert request is not None
    assert (request.command.name, request.config.file) == ("behaviour", path)
    assert mapping_of(request.config) == Mapping(**outcome.summary["mapping"])


def test_the_printed_command_describes_the_behaviour(tmp_path) -> None:
    rng, path = np.random.default_rng(1), tmp_path / 'it\'s "one".txt'
    choice = rng.integers(1, 3, 80)
    won = rng.random(80) < np.where(choice == 1, 0.8, 0.2)
    frame = {"subjID": np.repeat([3, 9], 40), "choice": choice, "outcome": np.where(won, 1, -1)}
    pandas.DataFrame(frame).to_csv(path, sep="\t", index=False)
    command = present(run(CheckConfig(file=path))).next_command
    line = f"{shlex.join(HEBBAYES)} {command.removeprefix('hebbayes ')} --json"
    done = subprocess.run(["sh", "-c", line], capture_output=True, check=True, text=True)
    subjects = json.loads(done.stdout)["subjects"]
    assert [(str(one["subject"]), one["trials"]) for one in subjects] == [("3", 40), ("9", 40)]


@pytest.mark.parametrize(
    ("text", "says_spikes"),
    [("subjID,gamble,cert\n1,0,2\n1,1,3\n", False), ("A,B\n1,2\n3,4\n", True)],
)
def test_a_table_of_trials_hears_of_spikes_only_if_no_name_is_known(
    tmp_path, text: str, says_spikes: bool
) -> None:
    path = tmp_path / "a.csv"
    path.write_text(text)
    with pytest.raises(FormatError) as caught:
        run(CheckConfig(file=path))
    assert ("--spikes" in str(caught.value)) == says_spikes
    assert str(caught.value).count("it has") == 1


def test_a_pickle_in_an_archive_is_named_by_check(tmp_path) -> None:
    np.savez(tmp_path / "a.npz", D=np.array({"y": np.ones(4), "inputs": {}}, object))
    with pytest.raises(FormatError, match="holds a pickle"):
        run(CheckConfig(file=tmp_path / "a.npz"))


def test_a_ragged_table_is_named_by_check(tmp_path) -> None:
    (tmp_path / "a.csv").write_text("choice,reward\nL,1\nR,0,5\n")
    with pytest.raises(FormatError, match="3 cells in row 2"):
        run(CheckConfig(file=tmp_path / "a.csv"))


def test_the_mean_outcome_is_that_of_choices(tmp_path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("choice,reward,cue\nL,1,a\nR,0,b\n,0,a\nR,1,b\n")
    assert told(CheckConfig(file=path))["mean_outcome"] == pytest.approx(2 / 3)


def test_one_is_counted_in_the_singular_and_numbers_are_short(tmp_path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("mouse,key,pay\nm1,1,-3.06\nm1,1,2.5\n")
    shown = present(run(CheckConfig(file=path, choice="key", reward="pay", stimulus="none")))
    cells = [cell for table in shown.tables for row in table.rows for cell in row]
    assert {"1 subject", "1 session", "1 choice, 0 missed"} & set(map(str, cells)) >= {"1 subject"}
    assert "1 choice, 0 missed" in cells
    assert "--outcome-range=-3.06,2.5" in shown.summary["next_command"]
