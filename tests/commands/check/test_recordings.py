"""What was read, what was dropped and why, in the keys of the contract."""

import json
from dataclasses import replace

import numpy as np
import pytest

from hebbayes.commands.check import present, run
from hebbayes.commands.configs import CheckConfig
from hebbayes.commands.running.outcome import plain
from hebbayes.core.errors import FormatError, ValueRangeError
from hebbayes.data.files import save_arrays
from hebbayes.data.formats.npz import to_npz
from hebbayes.data.recording import Recording

from ...cultures import small_culture, write_cultures


@pytest.fixture
def config(tmp_path) -> CheckConfig:
    """Times in samples: a trial without onset, a silent unit, a channel that never changes."""
    save_arrays(
        tmp_path / "a.npz",
        {
            "spike_times": np.array([300, 20_300, 20_400, 60_250]),
            "spike_units": [4, 4, 4, 7],
            "unit_ids": [4, 5, 7],
            "onset_s": [0.0, 1.0, np.nan, 3.0],
            "session": [0, 0, 1, 1],
            "stimuli": [[1, 1], [0, 1], [1, 1], [0, 1]],
        },
    )
    return CheckConfig(file=tmp_path / "a.npz", time_unit="samples", rate_hz=20_000)


def told(config: CheckConfig) -> dict:
    return json.loads(json.dumps(plain(present(run(config)).summary), allow_nan=False))


def test_the_summary_says_what_was_read_and_dropped(config) -> None:
    summary = told(config)
    sizes = {key: summary[key] for key in ("trials", "sessions", "channels", "units")}
    assert sizes == {"trials": 4, "sessions": 2, "channels": 2, "units": 3}
    assert summary["dropped"] == {"responses of trials without an onset": 3}
    assert summary["warnings"] == [
        "1 of 3 units never respond.",
        "1 of 2 stimulus channels never change.",
    ]
    assert summary["cultures"][0]["silent_units"] == [5]
    assert summary["cultures"][0]["mean_response"] == pytest.approx(4 / 9)
    assert len(summary["provenance"]["sha256"]) == 64


def test_the_window_is_the_users(config) -> None:
    narrow = told(replace(config, window_start_s=0.016, window_end_s=0.03))
    assert narrow["cultures"][0]["mean_response"] == pytest.approx(1 / 9)


def test_cultures_of_several_sizes_and_unreadable_ones_are_distinguished(tmp_path) -> None:
    cultures = [small_culture(units=4), {"s": 1, "o": 1}, small_culture(1, units=6)]
    path = write_cultures(tmp_path / "three.mat", cultures)
    summary = told(CheckConfig(file=path, session_length=32))
    assert summary["trials"] == 384
    assert summary["units"] == [4, 6]
    assert summary["dropped"] == {"cultures that cannot be read": 1}
    assert summary["warnings"][0].startswith("culture 1: this culture lacks r")
    tables = present(run(CheckConfig(file=path, session_length=32))).tables
    assert [len(table.rows) for table in tables] == [2, 1]


def test_a_file_of_which_nothing_can_be_read_is_an_error(tmp_path) -> None:
    path = write_cultures(tmp_path / "bad.mat", [{"s": 1, "o": 1}])
    with pytest.raises(FormatError, match=r"no culture of .* can be read; culture 0: this culture"):
        run(CheckConfig(file=path))


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"session_length": 0}, "--session-length must be at least 1; got 0."),
        (
            {"window_start_s": 0.05},
            "--window-start-s must be before --window-end-s; got 0.05 and 0.03.",
        ),
        ({"rate_hz": 0.0}, "--rate-hz must be above 0; got 0.0."),
        ({"rate_hz": None}, "--time-unit samples needs the sampling rate; pass --rate-hz."),
    ],
)
def test_a_flag_out_of_range_is_named(config, changes, sentence: str) -> None:
    with pytest.raises(ValueRangeError) as caught:
        run(replace(config, **changes))
    assert str(caught.value) == sentence


def test_without_a_file_the_embedded_culture_is_checked() -> None:
    summary = present(run(CheckConfig())).summary
    assert (summary["sessions"], summary["units"], summary["dropped"]) == (100, 64, {})


def test_decisions_are_counted_and_doubtful_codes_are_warned_of(tmp_path) -> None:
    file = tmp_path / "coded.npz"
    decisions = np.array([1, 2, 2, -1])
    to_npz(
        Recording(np.eye(4), np.arange(1, 5)[:, None], [0] * 4, decisions=decisions,
                  risk=[0.2, 0.4, np.nan, np.nan]),
        file,
    )  # fmt: skip
    outcome = present(run(CheckConfig(file=file)))
    entry = outcome.summary["cultures"][0]["decisions"]
    assert entry["codes"] == [1, 2]
    assert entry["taken"] == [1, 2]
    assert entry["missing"] == 1
    assert entry["mean_risk"] == pytest.approx(0.3)
    assert any("number them from 0" in note for note in outcome.notes)
    table = next(t for t in outcome.tables if t.title == "Decisions")
    assert [row[1:4] for row in table.rows] == [[1, 1, 1], [2, 2, 1]]
