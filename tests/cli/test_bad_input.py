"""Whatever a user gets wrong: one sentence on standard error, status 2, nothing left behind."""

import os
import pickle
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import scipy.io

from hebbayes.cli.main import BAD_INPUT, run

OPEN_MAZE = np.pad(np.zeros((17, 97), dtype=np.uint8), 1, constant_values=1)
STEPS = 3


def trace(**changes: object) -> dict[str, object]:
    """Return a trace of one trial in the layout of the docs, with ``changes``; None drops a key."""
    position = np.tile([[9], [1]], STEPS + 1)
    arrays: dict[str, object] = {
        "maze": OPEN_MAZE,
        "e_right": 0.25,
        "decision_1": np.zeros(STEPS, dtype=int),
        "position_1": position,
        "sample_steps_1": np.array([1, 2]),
        "qs_1": np.full((2, 121), 0.5),
        "qd_1": np.full((2, 256), 1 / 256),
        "gamma_1": np.array([0.55]),
        "free_energy_1": 1.0,
        "steps_1": STEPS,
        "qa_diag_1": np.ones((4, 121)),
        "qa": np.ones((242, 242)),
        "qb": np.ones((242, 242)),
        "qc": np.ones((242, 512)),
    }
    return {key: value for key, value in (arrays | changes).items() if value is not None}


def saved(**changes: object) -> Callable[[Path], None]:
    return lambda path: np.savez(path, **trace(**changes))


def truncated(path: Path) -> None:
    np.savez(path, **trace())
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def recording(**changes: np.ndarray) -> Callable[[Path], None]:
    """Return a writer of one small culture with ``changes``."""
    rng = np.random.default_rng(0)
    fields = {
        "s": rng.integers(0, 2, (2560, 2)),
        "o": rng.integers(0, 2, (2560, 32)),
        "r": rng.poisson(2.0, (2560, 8)),
    }
    cell = np.empty((1, 1), dtype=object)
    cell[0, 0] = {key: value for key, value in (fields | changes).items() if value is not None}
    return lambda path: scipy.io.savemat(path, {"data_x": cell})


def cut(path: Path) -> None:
    recording()(path)
    path.write_bytes(path.read_bytes()[:3000])


def text(path: Path) -> None:
    path.write_text("not what it should be")


def nothing(path: Path) -> None:
    path.touch()


def pickled(path: Path) -> None:
    path.write_bytes(pickle.dumps({"maze": 1}))


TRACES = {
    "empty": nothing,
    "text": text,
    "pickle": pickled,
    "truncated": truncated,
    "absent": lambda path: None,
    "folder": Path.mkdir,
    "single array": lambda path: path.write_bytes(_npy()),
    "pickled objects": saved(maze=np.array([{}, None], dtype=object)),
    "other keys": lambda path: np.savez(path, zebra=np.ones(3)),
    "no trial": saved(decision_1=None),
    "no positions": saved(position_1=None),
    "even maze": saved(maze=np.pad(np.zeros((16, 97)), 1, constant_values=1)),
    "flat maze": saved(maze=np.ones(19)),
    "maze of other numbers": saved(maze=OPEN_MAZE + 3),
    "probability above one": saved(e_right=1.5),
    "probability below zero": saved(e_right=-0.1),
    "probability NaN": saved(e_right=np.nan),
    "decision too large": saved(decision_1=np.array([0, 256, 0])),
    "decision negative": saved(decision_1=np.array([0, -1, 0])),
    "decisions of a matrix": saved(decision_1=np.zeros((3, 3), dtype=int)),
    "positions of another length": saved(position_1=np.ones((2, 9), dtype=int)),
    "position outside": saved(position_1=np.full((2, STEPS + 1), 500)),
}
RECORDINGS = {
    "empty": nothing,
    "text": text,
    "pickle": pickled,
    "truncated": cut,
    "absent": lambda path: None,
    "folder": Path.mkdir,
    "no stimuli": recording(o=None),
    "other length": recording(o=np.zeros((2559, 32))),
    "NaN stimuli": recording(o=np.full((2560, 32), np.nan)),
    "stimuli of other numbers": recording(o=np.full((2560, 32), 3.0)),
    "NaN responses": recording(r=np.full((2560, 8), np.nan)),
    "negative counts": recording(r=np.full((2560, 8), -1.0)),
}
"""Every culture of these files is bad, so nothing can be analysed."""


def _npy() -> bytes:
    import io

    stream = io.BytesIO()
    np.save(stream, np.ones(3))
    return stream.getvalue()


def assert_one_sentence(words: list[str], capsys, word: str = "") -> None:
    assert run(words) == BAD_INPUT
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.count("\n") == 1
    assert len(told.err) > 20
    assert word in told.err


@pytest.mark.parametrize("kind", TRACES)
def test_a_bad_trace(kind, tmp_path, capsys) -> None:
    file = tmp_path / "trace.npz"
    TRACES[kind](file)
    before = list(tmp_path.iterdir())
    assert_one_sentence(["replay", str(file), "--out", str(tmp_path / "run")], capsys)
    assert list(tmp_path.iterdir()) == before


@pytest.mark.parametrize("command", ["analyze", "check"])
@pytest.mark.parametrize("kind", RECORDINGS)
def test_a_bad_recording(kind, command, tmp_path, capsys) -> None:
    file = tmp_path / "culture.mat"
    RECORDINGS[kind](file)
    before = list(tmp_path.iterdir())
    assert_one_sentence([command, str(file), "--out", str(tmp_path / "run")], capsys)
    assert list(tmp_path.iterdir()) == before


@pytest.mark.parametrize(
    ("words", "named"),
    [
        ("maze --e-right 0.25 --mazes 0", "--mazes"),
        ("maze --e-right 0.25 --trials 0", "--trials"),
        ("maze --e-right 0.25 --steps 0", "--steps"),
        ("maze --e-right 0.25 --workers -1", "--workers"),
        ("maze --e-right 0.6", "--e-right"),
        ("maze --e-right -0.1", "--e-right"),
        ("maze --e-right nan", "--e-right"),
        ("maze --e-right 0.25 --seed -1", "--seed"),
        ("maze-study --mazes 0", "--mazes"),
        ("maze-study --trials -3", "--trials"),
        ("predict-maze --e-right 0.25 --mazes 0", "--mazes"),
        ("predict-maze --e-right 1", "--e-right"),
        ("sources --d1 1.5", "--d1"),
        ("sources --d1 nan", "--d1"),
        ("sources --runs 0", "--runs"),
        ("sources --sessions 0", "--sessions"),
        ("sources --steps 0", "--steps"),
        ("certify --steps 0", "--steps"),
        ("certify --delay 0", "--delay"),
        ("certify --steps 1000000000", "GiB of memory"),
        ("sources --steps 1000000000 --sessions 1000", "GiB of memory"),
        ("certify --seed 18446744073709551616", "--seed"),
        ("maze --e-right 0.25 --seed 9223372036854775808", "--seed"),
        ("sources --seed 18446744073709551616", "--seed"),
        ("design --seed 18446744073709551616", "--seed"),
        ("certify --perturb nonsense", "nonsense"),
        ("certify --task sources --perturb output_plasticity", "output_plasticity"),
        ("analyze --culture -1", "--culture"),
        ("analyze --culture first", "--culture"),
        ("analyze --culture 99", "99"),
        ("analyze --baseline 0", "--baseline"),
        ("analyze --baseline nan", "--baseline"),
        ("analyze --window-start-s 1", "--window-start-s"),
        ("check a.nwb --rate-hz -1", "--rate-hz"),
        ("reproduce nonsense", "nonsense"),
        ("certify --seed 18446744073709551616", "--seed must be at most 9223372036854775807"),
        (f"maze --e-right 0.2 --mazes {10**30}", "--mazes must be at most"),
        (f"certify --steps {2**62}", "--steps must be at most 1000000000"),
        (f"maze --e-right 0.2 --trials -{10**30}", "--trials must be at least"),
        ("simulate-culture a.npz --rest 1e300", "at most 1e+09 spikes per trial"),
        ("simulate-culture a.npz --evoked 1e300", "at most 1e+09 spikes per trial"),
        ("simulate-culture a.npz --fano inf", "fano must be at most"),
        ("simulate-culture a.npz --noise 1e300", "noise must be at most"),
    ],
)
def test_a_value_out_of_range(words, named, tmp_path, capsys, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert_one_sentence(words.split(), capsys, named)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("words", "named"),
    [
        ("mazee", '"maze"'),
        ("maze", "--e-right"),
        ("maze --e-rigth 0.2", "--e-right"),
        ("maze --e-right", "--e-right"),
        ("maze --e-right much", "much"),
        ("maze --e-right 0.2 --e-right 0.3", "--e-right"),
        ("maze --e-right 0.2 stray", "stray"),
        ("maze --e-right 0.2 --mazes 1.5", "1.5"),
        ("certify --task labyrinth", "labyrinth"),
        ("certify --dtype float16", "float16"),
        ("bench everything", "everything"),
        ("analyze --protocol mine", "mine"),
        ("check a.nwb --time-unit minutes", "minutes"),
        ("replay", "--trace"),
        ("sources --resume", "--out"),
        ("sources --force", "--out"),
        ("maze --e-right 0.2 --resume --force", "--force"),
        ("maze --config absent.toml", "absent.toml"),
    ],
)
def test_a_usage_error(words, named, tmp_path, capsys, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert_one_sentence(words.split(), capsys, named)
    assert list(tmp_path.iterdir()) == []


def test_out_is_a_file(counting, tmp_path, capsys) -> None:
    file = tmp_path / "file"
    file.write_text("precious")
    for out in (file, file / "run"):
        assert_one_sentence(["sources", "--out", str(out)], capsys, "is a file")
    assert file.read_text() == "precious"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_out_cannot_be_written(counting, tmp_path, capsys) -> None:
    tmp_path.chmod(0o500)
    assert_one_sentence(["sources", "--out", str(tmp_path / "run")], capsys, "not permitted")


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs a folder closed even to root")
def test_out_cannot_be_made(counting, capsys) -> None:
    assert_one_sentence(["sources", "--out", "/proc/self/run"], capsys, "cannot write")


@pytest.mark.parametrize("name", ["checkpoint.npz", "config.toml", "result.json"])
def test_a_damaged_run_folder_is_not_resumed(name, counting, tmp_path, capsys) -> None:
    folder = tmp_path / "run"
    words = ["sources", "--runs", "3", "--out", str(folder)]
    counting.stops_after = None if name == "result.json" else 2
    run(words)
    counting.stops_after = None
    (folder / name).write_bytes((folder / name).read_bytes()[:-20] + b"\0")
    before = sorted(folder.iterdir())
    capsys.readouterr()
    assert_one_sentence([*words, "--resume"], capsys, name if name != "config.toml" else "")
    assert sorted(folder.iterdir()) == before
