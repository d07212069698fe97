"""A run folder never costs a user a file, and never shows a result that is not of this run."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from hebbayes.cli.main import BAD_INPUT, DONE, run
from hebbayes.commands.configs import ReplayConfig
from hebbayes.commands.running.folder_lock import FolderLock
from hebbayes.commands.running.provenance import inputs_of
from hebbayes.commands.running.run_folder import RunFolder
from hebbayes.core.errors import FormatError


def start(folder: Path, *more: str, runs: int = 3) -> int:
    return run(["sources", "--runs", str(runs), "--seed", "5", "--out", str(folder), *more])


def made_by_a_user(folder: Path, *files: str) -> dict[str, bytes]:
    for name in files:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(f"mine: {name}")
    return contents(folder)


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.mark.parametrize("flags", [(), ("--force",), ("--resume",)])
@pytest.mark.parametrize(
    "files",
    [
        ("config.toml", "report.html", "figures/mine.png"),
        ("provenance.json", "report.html"),
        ("result.json", "results.npz", "checkpoint.npz"),
        ("letter.txt",),
        (".hidden",),
    ],
)
def test_a_folder_of_the_user_is_left_alone(counting, tmp_path, capsys, files, flags) -> None:
    before = made_by_a_user(tmp_path / "a", *files)
    changed_at = (tmp_path / "a").stat().st_mtime_ns
    assert start(tmp_path / "a", *flags) == BAD_INPUT
    assert re.search("hebbayes did not write|not of hebbayes", capsys.readouterr().err)
    assert contents(tmp_path / "a") == before
    assert (tmp_path / "a").stat().st_mtime_ns == changed_at
    assert counting.computed == 0


@pytest.mark.parametrize("content", ["[]", "{", '{"command": "sources"}', "[" * 100_000, "null"])
def test_a_provenance_that_is_not_ours_protects_the_folder(counting, tmp_path, content) -> None:
    start(tmp_path / "a")
    (tmp_path / "a" / "provenance.json").write_text(content)
    before = contents(tmp_path / "a")
    for flag in ("--force", "--resume"):
        assert start(tmp_path / "a", flag) == BAD_INPUT
    assert contents(tmp_path / "a") == before


def test_only_listed_names_inside_the_folder_are_removed(counting, tmp_path) -> None:
    start(tmp_path / "a")
    (tmp_path / "precious.svg").write_text("keep")
    file = tmp_path / "a" / "provenance.json"
    for name in ("../precious.svg", "figures/../../precious.svg", str(tmp_path / "precious.svg")):
        record = json.loads(file.read_text())
        record["files"][name] = None
        file.write_text(json.dumps(record))
        assert start(tmp_path / "a", "--force") == BAD_INPUT
        assert (tmp_path / "precious.svg").read_text() == "keep"


def test_a_user_keeps_files_beside_those_of_a_run(counting, tmp_path) -> None:
    start(tmp_path / "a")
    mine = made_by_a_user(tmp_path / "a", "figures/mine.png", "notes.txt", ".config.toml.old")
    mine = {name: mine[name] for name in ("figures/mine.png", "notes.txt", ".config.toml.old")}
    assert start(tmp_path / "a", "--force", runs=4) == DONE
    assert contents(tmp_path / "a").items() >= mine.items()


@pytest.mark.parametrize("name", ["figures", "results.npz", "report.html", "config.toml"])
@pytest.mark.parametrize("flag", ["--force", "--resume"])
def test_links_are_not_followed(counting, tmp_path, capsys, name, flag) -> None:
    start(tmp_path / "a")
    target = tmp_path / "elsewhere"
    (tmp_path / "a" / name).rename(target)
    (tmp_path / "a" / name).symlink_to(target)
    before = contents(target) if target.is_dir() else target.read_bytes()
    assert start(tmp_path / "a", flag) == BAD_INPUT
    assert "is a link" in capsys.readouterr().err
    assert (contents(target) if target.is_dir() else target.read_bytes()) == before


def test_a_figure_of_the_user_is_not_overwritten(counting, tmp_path, capsys) -> None:
    counting.stops_after = 2
    start(tmp_path / "a")
    counting.stops_after = None
    made_by_a_user(tmp_path / "a", "figures/values.svg")
    capsys.readouterr()
    assert start(tmp_path / "a", "--resume") == BAD_INPUT
    assert "was not written by this run" in capsys.readouterr().err
    assert (tmp_path / "a" / "figures" / "values.svg").read_text() == "mine: figures/values.svg"
    assert (tmp_path / "a" / "checkpoint.npz").exists()


@pytest.mark.parametrize(
    "name", ["results.npz", "report.html", "result.json", "figures/values.svg", "log.txt"]
)
@pytest.mark.parametrize("how", ["changed", "missing"])
def test_a_finished_run_with_other_files_is_not_resumed(
    counting, tmp_path, capsys, name, how
) -> None:
    start(tmp_path / "a")
    file = tmp_path / "a" / name
    file.unlink() if how == "missing" else file.write_bytes(file.read_bytes() + b" ")
    capsys.readouterr()
    status = start(tmp_path / "a", "--resume")
    if (name, how) == ("result.json", "missing"):  # then the run is not finished
        assert status == DONE
    else:
        assert status == BAD_INPUT
        assert name in capsys.readouterr().err


@pytest.fixture
def table(tmp_path) -> Path:
    (tmp_path / "a.csv").write_text("session,trial,unit,count\n0,0,a,1\n0,1,a,0\n")
    (tmp_path / "a-stimuli.csv").write_text("session,trial,channel_0\n0,0,1\n0,1,0\n")
    return tmp_path / "a.csv"


@pytest.mark.parametrize("name", ["a.csv", "a-stimuli.csv"])
def test_a_run_on_a_replaced_input_is_not_resumed(table, tmp_path, capsys, name) -> None:
    words = ["check", str(table), "--out", str(tmp_path / "run")]
    assert run(words) == DONE
    assert run([*words, "--resume"]) == DONE
    (tmp_path / name).write_text((tmp_path / name).read_text().replace("0,1", "0,2"))
    capsys.readouterr()
    assert run([*words, "--resume"]) == BAD_INPUT
    assert f"{name} has changed since" in capsys.readouterr().err


def test_a_checkpoint_on_a_replaced_input_is_not_resumed(counting, tmp_path) -> None:
    trace = tmp_path / "trace.npz"
    trace.write_bytes(b"abc")
    folder = RunFolder(tmp_path / "run", "replay", ReplayConfig(trace=trace))
    folder.open()
    folder.checkpoint.save({"a": np.ones(1)})
    folder.abandon()
    trace.write_bytes(b"abcd")
    with pytest.raises(FormatError, match=r"trace\.npz has changed since"):
        RunFolder(tmp_path / "run", "replay", ReplayConfig(trace=trace)).open(resume=True)


@pytest.mark.parametrize("stops_after", [2, None])
def test_a_run_of_another_version_is_not_resumed(counting, tmp_path, capsys, stops_after) -> None:
    counting.stops_after = stops_after
    start(tmp_path / "a")
    counting.stops_after = None
    file = tmp_path / "a" / "provenance.json"
    record = json.loads(file.read_text())
    record["versions"]["hebbayes"] = "0.0.1"
    file.write_text(json.dumps(record))
    capsys.readouterr()
    assert start(tmp_path / "a", "--resume") == BAD_INPUT
    assert "holds a run of hebbayes 0.0.1" in capsys.readouterr().err


def test_inputs_named_in_text_are_hashed(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("a.csv", "a-stimuli.csv", "b.npz", "c.npz"):
        Path(name).write_text(name)
    values = {"file": Path("a.csv"), "compare": "b.npz, c.npz,absent.npz", "condition": "maze"}
    assert {str(path) for path in inputs_of(values)} == {"a.csv", "a-stimuli.csv", "b.npz", "c.npz"}


def test_a_folder_in_use_is_refused_and_free_afterwards(counting, tmp_path, capsys) -> None:
    lock = FolderLock(tmp_path / "a")
    for flag in ((), ("--force",), ("--resume",)):
        assert start(tmp_path / "a", *flag) == BAD_INPUT
        assert "another run is using" in capsys.readouterr().err
    assert counting.computed == 0
    lock.release(remove_empty=True)
    assert list(tmp_path.iterdir()) == []
    assert start(tmp_path / "a") == DONE


RUN_ALONE = """
import sys, time, types
from hebbayes.cli.main import main
from hebbayes.commands.running.outcome import Outcome

stub = types.ModuleType("hebbayes.commands.sources")
stub.run = lambda config, **_: time.sleep(0.5)
stub.present = lambda result: Outcome(summary={})
sys.modules[stub.__name__] = stub
main()
"""


def test_of_runs_at_once_one_is_kept_and_the_others_are_refused(tmp_path) -> None:
    words = [sys.executable, "-c", RUN_ALONE, "sources", "--out", str(tmp_path / "a")]
    started = [subprocess.Popen(words, stderr=subprocess.PIPE, text=True) for _ in range(3)]
    ended = [(process.communicate()[1], process.returncode) for process in started]
    assert sorted(status for _, status in ended) == [DONE, BAD_INPUT, BAD_INPUT]
    for sentence, status in ended:
        refused = "another run is using|is not empty|holds files"
        assert status == DONE or re.search(refused, sentence)
    assert {"result.json", "results.npz"} <= {path.name for path in (tmp_path / "a").iterdir()}
    assert not list((tmp_path / "a").glob(".*"))


def test_runs_of_one_second_get_folders_of_their_own(counting, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("hebbayes.cli.main.time.strftime", lambda _: "20260101-000000")
    monkeypatch.setitem(
        sys.modules, "hebbayes.commands.mazes.maze", sys.modules["hebbayes.commands.sources"]
    )
    monkeypatch.setattr(type(counting), "run", lambda self, config, **_: np.array([config.seed]))
    for _ in range(3):
        assert run(["maze", "--e-right", "0.2"]) == DONE
    assert len(list((tmp_path / "runs").iterdir())) == 3


def test_a_name_that_is_not_utf8_cannot_be_recorded(tmp_path, capsys) -> None:
    words = ["check", os.fsdecode(bytes(tmp_path) + b"/\xff.npz"), "--out", str(tmp_path / "run")]
    assert run(words) == BAD_INPUT
    assert "is not UTF-8" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_an_output_is_no_input(tmp_path) -> None:
    words = ["simulate-culture", str(tmp_path / "a.npz"), "--sessions", "2", "--trials", "4"]
    words += ["--units", "4", "--stimuli", "4", "--out", str(tmp_path / "run")]
    assert run(words) == DONE
    assert run([*words, "--resume"]) == DONE
    assert json.loads((tmp_path / "run" / "provenance.json").read_text())["inputs"] == {}
