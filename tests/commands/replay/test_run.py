"""Replays of a trace from another implementation in this file's folder, of bad traces, and of the
public reference."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest

from hebbayes.commands import replay
from hebbayes.commands.configs import ReplayConfig
from hebbayes.core.errors import FormatError, HebbayesError, ShapeError

from .traces import MAZE, small_trace


@pytest.fixture(scope="module")
def trace():
    return small_trace()


def replayed(arrays, folder):
    np.savez(folder / "trace.npz", **arrays)
    return replay.present(replay.run(ReplayConfig(folder / "trace.npz"))).summary


@pytest.mark.thorough
def test_a_trace_of_another_implementation_is_replayed_to_rounding(trace, tmp_path):
    lengths = [len(trace["decision_0"]), len(trace["decision_1"])]
    assert min(lengths) < 450  # one trial is solved, and ends within a chunk
    told = replayed(trace, tmp_path)
    assert (told["trials"], told["move_mismatches"], told["risk_mismatches"]) == (2, 0, 0)
    assert told["activity_error"] < 1e-9
    assert told["output_error"] < 1e-9
    assert told["free_energy_error"] < 1e-9
    # counts of 1e9 hold evidence to 1e-7
    assert max(told["count_error"].values()) < 1e-7
    assert told["steps_total"] == sum(lengths)


def changed(trace, name, change):
    values = trace[name].copy()
    return trace | {name: change(values)}


@pytest.mark.thorough
def test_a_walk_through_a_wall_is_a_mismatch(trace, tmp_path):
    ahead = np.argwhere(np.diff(trace["position_0"][1]) == 2)[0, 0]
    row, column = trace["position_0"][:, ahead]
    walled = trace["maze"].copy()
    walled[row, column + 1] = 1
    told = replayed(trace | {"maze": walled}, tmp_path)
    assert told["move_mismatches"] > 0
    assert told["risk_mismatches"] == 0


def test_another_decision_is_seen_in_the_counts(trace, tmp_path):
    told = replayed(
        changed(trace, "decision_1", lambda d: np.append(d[:-1], (d[-1] ^ 1))), tmp_path
    )
    assert told["count_error"]["c"] > 1e-4
    assert told["count_error"]["b"] < 1e-7


def test_every_record_is_compared(trace, tmp_path):
    wrong = trace | {
        "gamma_1": 1 - trace["gamma_1"],
        "qs_1": trace["qs_1"] * 0.99,
        "qd_1": trace["qd_1"] * 0.99,
        "free_energy_1": trace["free_energy_1"] * 1.01,
        "qa": trace["qa"] + 1,
    }
    told = replayed(wrong, tmp_path)
    assert told["risk_mismatches"] == len(trace["gamma_1"])
    for name in ("activity_error", "output_error", "free_energy_error"):
        assert told[name] == pytest.approx(0.01, rel=0.02)
    assert told["count_error"]["a"] > 1e-4


BAD = {
    "a missing key": (lambda t: {k: v for k, v in t.items() if k != "qb"}, FormatError, "lacks qb"),
    "a missing trial": (
        lambda t: {k: v for k, v in t.items() if k != "qs_1"},
        FormatError,
        "lacks qs_1",
    ),
    "an even maze": (lambda t: t | {"maze": MAZE[:-1]}, ShapeError, "odd sizes"),
    "a maze of twos": (lambda t: t | {"maze": MAZE * 2}, FormatError, "only 0 and 1"),
    "NaN": (lambda t: changed(t, "qs_0", lambda q: q * np.nan), FormatError, "qs_0 must be finite"),
    "a probability of 2": (lambda t: changed(t, "qd_0", lambda q: q + 1), FormatError, "qd_0"),
    "a decision too many": (
        lambda t: changed(t, "decision_0", lambda d: np.where(d == d[0], 16, d)),
        FormatError,
        "decision_0 must lie between 0 and 15",
    ),
    "half a decision": (
        lambda t: changed(t, "decision_0", lambda d: d + 0.5 * (d < 15)),
        FormatError,
        "whole numbers",
    ),
    "a position too few": (
        lambda t: changed(t, "position_0", lambda p: p[:, 1:]),
        ShapeError,
        "position_0 has shape",
    ),
    "a position outside": (
        lambda t: changed(t, "position_0", lambda p: p + np.array([[3], [0]], np.int16)),
        FormatError,
        "rows of position_0",
    ),
    "a sample too late": (
        lambda t: changed(t, "sample_steps_0", lambda s: s + 1),
        FormatError,
        "sample_steps_0",
    ),
    "counts of another size": (
        lambda t: changed(t, "qc", lambda q: q[:-1]),
        ShapeError,
        "qc has shape",
    ),
    "negative counts": (lambda t: changed(t, "qa", lambda q: -q), FormatError, "qa must lie"),
    "a habit of 0.6": (lambda t: t | {"e_right": np.array(0.6)}, FormatError, "e_right"),
    "an even view": (
        lambda t: changed(t, "qs_0", lambda q: q[:, :4]),
        ShapeError,
        "odd square view",
    ),
    "words": (lambda t: t | {"e_right": np.array("much")}, FormatError, "wanted numbers"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_trace_is_refused_in_one_sentence(name, trace, tmp_path):
    spoil, kind, said = BAD[name]
    np.savez(tmp_path / "trace.npz", **spoil(trace))
    with pytest.raises(HebbayesError, match=said) as caught:
        replay.run(ReplayConfig(tmp_path / "trace.npz"))
    assert isinstance(caught.value, kind)
    assert "trace.npz" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 cut short", b"no archive"])
def test_a_file_that_is_no_archive_is_refused(content, tmp_path):
    (tmp_path / "trace.npz").write_bytes(content)
    with pytest.raises(FormatError):
        replay.run(ReplayConfig(tmp_path / "trace.npz"))


@pytest.mark.thorough
def test_the_public_reference_is_replayed(reference_data):
    path = reference_data / "maze" / "reference_trace_E0.25.npz"
    code = "from hebbayes.cli.main import main; main()"
    command = [sys.executable, "-c", code, "replay", str(path), "--json"]
    # 60,000 steps: worth compiling well, unlike the rest of the suite
    settings = {k: v for k, v in os.environ.items() if k != "XLA_FLAGS"}
    done = subprocess.run(command, env=settings, capture_output=True, text=True, check=True)
    told = json.loads(done.stdout)
    assert (told["trials"], told["move_mismatches"], told["risk_mismatches"]) == (3, 0, 0)
    assert told["activity_error"] <= 1e-5
    assert told["output_error"] <= 3e-4
    assert told["free_energy_error"] <= 2e-4
    assert told["count_error"]["a"] <= 5e-3
    assert max(told["count_error"]["b"], told["count_error"]["c"]) <= 1e-4
