"""Run folders as the command line fills them: contents, overwriting, resuming, failing."""

import hashlib
import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import numpy as np
import pytest

from hebbayes.cli.main import BAD_INPUT, DONE, INTERRUPTED, run
from hebbayes.commands.configs import ReplayConfig, SourcesConfig
from hebbayes.commands.running.run_folder import RunFolder
from hebbayes.commands.running.run_records import config_values, to_toml

FINISHED = {
    "config.toml",
    "figures",
    "log.txt",
    "provenance.json",
    "report.html",
    "result.json",
    "results.npz",
}


def start(folder: Path, *more: str, runs: int = 3) -> int:
    return run(["sources", "--runs", str(runs), "--seed", "5", "--out", str(folder), *more])


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def results(folder: Path) -> bytes:
    return (folder / "results.npz").read_bytes()


def test_a_finished_run_has_every_file(counting, tmp_path) -> None:
    assert start(tmp_path / "a" / "b") == DONE
    folder = tmp_path / "a" / "b"
    assert names(folder) == FINISHED
    assert names(folder / "figures") == {"values.svg", "values.png"}
    assert np.load(folder / "results.npz")["values"].shape == (3,)
    assert "runs: 3" in (folder / "log.txt").read_text()


def test_provenance_records_the_origin_of_a_result(counting, tmp_path) -> None:
    start(tmp_path / "a")
    record = json.loads((tmp_path / "a" / "provenance.json").read_text())
    assert record["seed"] == 5
    assert record["argv"][:3] == ["sources", "--runs", "3"]
    assert record["start"] <= record["end"]
    assert {"python", "hebbayes", "jax", "numpy"} <= record["versions"].keys()
    assert {"platform", "git", "inputs"} <= record.keys()


def test_provenance_holds_the_hash_of_inputs(tmp_path) -> None:
    file = tmp_path / "trace.npz"
    file.write_bytes(b"abc")
    folder = RunFolder(tmp_path / "run", "replay", ReplayConfig(trace=file))
    folder.open()
    folder.begin()
    inputs = json.loads((tmp_path / "run" / "provenance.json").read_text())["inputs"]
    assert inputs == {str(file.resolve()): hashlib.sha256(b"abc").hexdigest()}


def test_the_config_of_a_run_runs_it_again(counting, tmp_path) -> None:
    start(tmp_path / "a")
    run(["sources", "--config", str(tmp_path / "a" / "config.toml"), "--out", str(tmp_path / "b")])
    assert results(tmp_path / "a") == results(tmp_path / "b")


@pytest.mark.parametrize(
    "value", ["", 'a "quoted" \\ path', "ünï\ncode\x7f", 1e-300, -3, True, 0.1 + 0.2, 1e22]
)
def test_toml_reads_back_what_was_written(value) -> None:
    assert tomllib.loads(to_toml({"key": value})) == {"key": value}


def test_the_report_is_one_safe_self_contained_file(counting, tmp_path) -> None:
    start(tmp_path / "a")
    page = (tmp_path / "a" / "report.html").read_text()
    assert "Less is &lt;more&gt; &amp; fine." in page
    assert "<svg" in page
    assert "<b>" not in page
    assert "prefers-color-scheme: dark" in page
    assert not re.search(r"<script|<link|@import|src=|href=\"(?!#)", page)


def test_equal_runs_give_equal_figures_and_results(counting, tmp_path) -> None:
    for name in ("a", "b"):
        start(tmp_path / name)
    for file in ("results.npz", "figures/values.svg", "figures/values.png"):
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes()


def test_a_run_is_replaced_by_force_only(counting, tmp_path, capsys) -> None:
    start(tmp_path / "a")
    before = results(tmp_path / "a")
    assert start(tmp_path / "a", runs=4) == BAD_INPUT
    assert "--force" in capsys.readouterr().err
    assert results(tmp_path / "a") == before
    assert start(tmp_path / "a", "--force", runs=4) == DONE
    assert results(tmp_path / "a") != before


def test_force_spares_foreign_files_and_bad_input_spares_the_run(counting, tmp_path) -> None:
    start(tmp_path / "a")
    (tmp_path / "a" / "mine.txt").write_text("keep")
    assert start(tmp_path / "a", "--force", runs=0) == BAD_INPUT
    assert names(tmp_path / "a") == FINISHED | {"mine.txt"}
    assert start(tmp_path / "a", "--force") == DONE
    assert (tmp_path / "a" / "mine.txt").read_text() == "keep"


def test_an_interrupt_names_what_is_saved_and_resume_ends_alike(counting, tmp_path, capsys) -> None:
    start(tmp_path / "whole", runs=4)
    counting.stops_after = 2
    assert start(tmp_path / "a", runs=4) == INTERRUPTED
    assert re.fullmatch(
        r"interrupted: .*checkpoint.npz is saved; .* --resume\.\n", capsys.readouterr().err
    )
    assert names(tmp_path / "a") == {"checkpoint.npz", "config.toml", "log.txt", "provenance.json"}
    counting.stops_after, counting.computed = None, 0
    assert start(tmp_path / "a", "--resume", runs=4) == DONE
    assert counting.computed == 2
    assert results(tmp_path / "a") == results(tmp_path / "whole")
    assert names(tmp_path / "a") == FINISHED
    assert len(json.loads((tmp_path / "a" / "provenance.json").read_text())["resumed"]) == 1


def test_an_interrupt_of_a_resumed_run_keeps_the_older_checkpoint(
    counting, tmp_path, capsys
) -> None:
    counting.stops_after = 2
    for flag in ((), ("--resume",)):
        assert start(tmp_path / "a", *flag, runs=4) == INTERRUPTED
        assert "checkpoint.npz is saved" in capsys.readouterr().err
    assert (tmp_path / "a" / "checkpoint.npz").exists()


def test_resume_prints_the_result_of_a_finished_run(counting, tmp_path, capsys) -> None:
    start(tmp_path / "a", "--json")
    first = capsys.readouterr().out
    counting.computed = 0
    assert start(tmp_path / "a", "--resume", "--json") == DONE
    assert counting.computed == 0
    assert capsys.readouterr().out == first
    assert start(tmp_path / "a", "--resume") == DONE
    assert "Less is <more>" in capsys.readouterr().out


def test_resume_starts_over_without_a_checkpoint(counting, tmp_path) -> None:
    folder = tmp_path / "a"
    folder.mkdir()
    (folder / ".checkpoint.npz.x1.partial").write_bytes(b"left by a kill")
    assert start(folder, "--resume") == DONE
    assert names(folder) == FINISHED
    assert counting.computed == 3


def test_force_ignores_the_checkpoint(counting, tmp_path) -> None:
    counting.stops_after = 2
    start(tmp_path / "a")
    counting.stops_after, counting.computed = None, 0
    assert start(tmp_path / "a", "--force") == DONE
    assert counting.computed == 3


@pytest.mark.parametrize("stops_after", [2, None])
def test_resume_refuses_another_config(counting, tmp_path, capsys, stops_after) -> None:
    counting.stops_after = stops_after
    start(tmp_path / "a")
    counting.stops_after = None
    capsys.readouterr()
    assert start(tmp_path / "a", "--resume", runs=9) == BAD_INPUT
    assert "other values of runs" in capsys.readouterr().err


def test_resume_without_out_finds_the_newest_run_with_the_same_config(
    counting, tmp_path, capsys, monkeypatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(
        sys.modules, "hebbayes.commands.mazes.maze", sys.modules["hebbayes.commands.sources"]
    )
    monkeypatch.setattr(type(counting), "run", lambda self, config, **_: np.array([config.seed]))
    for seed in (1, 2):
        assert run(["maze", "--e-right", "0.2", "--seed", str(seed)]) == DONE
    assert len(list((tmp_path / "runs").glob("maze-*"))) == 2
    capsys.readouterr()
    assert run(["maze", "--e-right", "0.2", "--seed", "1", "--resume", "--json"]) == DONE
    assert json.loads(capsys.readouterr().out)["values"] == [1]
    assert len(list((tmp_path / "runs").glob("maze-*"))) == 2


def test_a_failure_leaves_nothing_behind(counting, tmp_path) -> None:
    assert start(tmp_path / "a" / "b", runs=0) == BAD_INPUT
    counting.stops_after, counting.error = 0, ZeroDivisionError
    start(tmp_path / "a" / "b")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("limit", [0, 400, 3000, 20_000])
def test_a_full_disk_is_one_sentence_and_nothing_half_written(tmp_path, limit) -> None:
    code = (
        "import resource, sys, numpy as np; from pathlib import Path\n"
        "from hebbayes.core.errors import OutputError\n"
        "from hebbayes.commands.configs import SourcesConfig\n"
        "from hebbayes.commands.running.outcome import Outcome\n"
        "from hebbayes.commands.running.run_folder import RunFolder\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]),) * 2)\n"
        "folder = RunFolder(Path(sys.argv[1]), 'sources', SourcesConfig())\n"
        "folder.open()\n"
        "try:\n"
        "    folder.finish(Outcome(summary={}, arrays={'a': np.zeros(9999)}))\n"
        "except OutputError as error:\n"
        "    folder.abandon(); print(error); sys.exit(2)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "run"), str(limit)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2, done.stderr
    assert re.fullmatch(r"cannot write .*: File too large; .*\.\n", done.stdout)
    assert list(tmp_path.iterdir()) == []


def test_config_values_leave_out_what_is_not_set() -> None:
    assert config_values(ReplayConfig(trace=Path("a"))) == {"trace": Path("a").resolve()}
    assert config_values(SourcesConfig(runs=2))["runs"] == 2
