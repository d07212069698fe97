"""The command writes what it says, in both files, and refuses what a format cannot hold."""

import json
from dataclasses import fields

import numpy as np
import pytest

from hebbayes.cli.main import BAD_INPUT, DONE, run
from hebbayes.data.files import load_arrays
from hebbayes.data.mat import read_mat
from hebbayes.data.recording import Recording

SMALL = ["--sources", "3", "--stimuli", "9", "--units", "12", "--sessions", "3", "--trials", "20"]


def simulated(capsys, *words: object) -> dict:
    assert run(["simulate-culture", *map(str, words), *SMALL, "--json"]) == DONE
    return json.loads(capsys.readouterr().out)


def test_the_recording_and_its_truth_are_written(tmp_path, capsys) -> None:
    told = simulated(capsys, tmp_path / "a", "--ragged", 0.4, "--dead", 2, "--missing", 0.1)
    assert told["file"] == str(tmp_path / "a.npz")
    held = load_arrays(tmp_path / "a.npz")
    assert set(held) <= {field.name for field in fields(Recording)}
    recording = Recording(**held)
    truth = load_arrays(told["truth"] and tmp_path / "a.truth.npz")
    assert recording.n_trials == told["trials"] == len(truth["activity"])
    assert truth["weights"].shape == (4, 9, 3)
    assert truth["is_dead"].sum() == 2
    assert not recording.valid.all()
    np.testing.assert_allclose(np.exp(truth["phi1"]), 0.3)


def test_the_same_seed_writes_the_same_bytes(tmp_path, capsys) -> None:
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        simulated(capsys, tmp_path / name, "--seed", seed)
    a, b, c = ((tmp_path / f"{name}.npz").read_bytes() for name in "abc")
    assert a == b != c


def test_analyze_reads_the_matlab_layout(tmp_path, capsys) -> None:
    told = simulated(capsys, tmp_path / "a.mat", "--format", "mat")
    recording = read_mat(tmp_path / "a.mat", session_length=20).recordings[0]
    assert recording.n_sessions == told["sessions"] == 3
    assert (recording.sources.shape, recording.responses.shape) == ((60, 3), (60, 12))


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["a.mat"], "ends in .mat and --format npz wants .npz; change one of them."),
        (["a", "--format", "mat", "--ragged", "0.3"], "sessions of one length; choose npz."),
        (["a", "--format", "mat", "--dead", "1"], "unobserved responses; choose npz."),
        (["a", "--format", "nwb"], "NWB cannot be written by this version; choose npz or mat."),
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
