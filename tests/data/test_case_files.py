"""The reference inputs of files and folders: each is read, or refused in one sentence."""

import os
from pathlib import Path

import pytest

from hebbayes.cli.main import BAD_INPUT, DONE, run

FOLDER = Path(os.environ.get("HEBBAYES_REFERENCE_DATA", ""), "..", "cases")

pytestmark = pytest.mark.skipif(
    not os.environ.get("HEBBAYES_REFERENCE_DATA") or not FOLDER.is_dir(),
    reason="the reference inputs, cases/ beside HEBBAYES_REFERENCE_DATA, are not there",
)

REFUSED = {
    "z_trialized.npz": "pass spike_trials",
    "vstr.npz": "valid must hold real numbers; got type <U1",
    "i_boolvalid.mat": "got nan at index (0, 0)",
    "cult3.npz": "two names for culture 1",
    "s64.npz": "got 9223372036854775808 at index 2",
    "sdov.npz": "session must not decrease",
    "c_w.csv": "column window_start_s must hold one number",
    "c_dc.csv": "the column count twice",
    "c_big.csv": "is not below 2^63",
    "wstr.npz": "window_s must hold real numbers",
    "cult.npz": "a culture number of 5000 digits",
}
READ = {
    "extra_block.csv": "not used: block",
    "capital_Decision.csv": "capital_Decision",
    "onset_plain.csv": "not used: onset",
    "floatsession.csv": "floatsession",
    "v73_double.mat": "a: ",
    "ansi_cond.npz": "\\x1b]0;pwned\\x07\\x1b[2J",
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_faulty_file_is_refused_in_one_sentence(name: str, capsys) -> None:
    assert run(["check", str(FOLDER / name)]) == BAD_INPUT
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.count("\n") == 1
    assert REFUSED[name] in shown.err


@pytest.mark.parametrize("name", READ)
def test_a_readable_file_is_read(name: str, capsys) -> None:
    assert run(["check", str(FOLDER / name)]) == DONE
    shown = capsys.readouterr()
    assert READ[name] in " ".join(shown.out.split())
    assert not {c for c in shown.out + shown.err if ord(c) < 32} - {"\n"}


@pytest.mark.parametrize("name", ["extra_block.csv", "capital_Decision.csv", "onset_plain.csv"])
def test_other_columns_are_no_stimuli(name: str, capsys) -> None:
    assert run(["check", "--json", str(FOLDER / name)]) == DONE
    assert '"channels": 8,' in capsys.readouterr().out
