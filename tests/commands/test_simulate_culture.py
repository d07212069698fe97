"""The command writes what it says, in both files, and refuses what a format cannot hold."""

import json

import numpy as np
import pytest

from hebbayes.cli.main import BAD_INPUT, DONE, run
from hebbayes.data.files import load_arrays
from hebbayes.data.reading import read_recording

SMALL = ["--sources", "3", "--stimuli", "9", "--units", "12", "--sessions", "3", "--trials", "20"]


def simulated(capsys, *words: object) -> dict:
    assert run(["simulate-culture", *map(str, words), *SMALL, "--json"]) == DONE
    return json.loads(capsys.readouterr().out)


def test_the_recording_and_its_truth_are_written(tmp_path, capsys) -> None:
    summary = simulated(capsys, tmp_path / "a", "--ragged", 0.4, "--dead", 2, "--missing", 0.1)
    assert summary["file"] == str(tmp_path / "a.npz")
    recording = read_recording(tmp_path / "a.npz").recordings[0]
    truth = load_arrays(summary["truth"] and tmp_path / "a.truth.npz")
    assert recording.n_trials == summary["trials"] == len(truth["activity"])
    assert truth["weights"].shape == (4, 9, 3)
    assert truth["is_dead"].sum() == 2
    assert not recording.valid.all()
    np.testing.assert_allclose(np.exp(truth["phi1"]), 0.3)


def test_the_same_seed_writes_the_same_bytes(tmp_path, capsys) -> None:
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        simulated(capsys, tmp_path / name, "--seed", seed)
    a, b, c = ((tmp_path / f"{name}.npz").read_bytes() for name in "abc")
    assert a == b != c


@pytest.mark.parametrize("kind", ["mat", "nwb"])
def test_every_format_is_read_back(tmp_path, capsys, kind) -> None:
    summary = simulated(capsys, tmp_path / f"a.{kind}", "--format", kind)
    recording = read_recording(tmp_path / f"a.{kind}").recordings[0]
    assert recording.n_sessions == summary["sessions"] == 3
    assert (recording.sources.shape, recording.responses.shape) == ((60, 3), (60, 12))


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["a.mat"], "ends in .mat and --format npz wants .npz; change one of them."),
        (["a", "--d1", "2"], "state_prior must lie between 0.0 and 1.0; got 2.0."),
    ],
)
def test_what_cannot_be_written_is_one_sentence(tmp_path, capsys, words, sentence) -> None:
    assert run(["simulate-culture", str(tmp_path / words[0]), *words[1:], *SMALL]) == BAD_INPUT
    error = capsys.readouterr().err
    assert sentence in error
    assert error.count("\n") == 1
    assert not list(tmp_path.iterdir())


def test_nothing_is_written_over(tmp_path, capsys) -> None:
    (tmp_path / "a.npz").write_bytes(b"mine")
    assert run(["simulate-culture", str(tmp_path / "a.npz"), *SMALL]) == BAD_INPUT
    assert "exists; choose another name or remove it." in capsys.readouterr().err
    assert (tmp_path / "a.npz").read_bytes() == b"mine"
