"""Tables of counts: whole or refused, with the line at fault."""

from pathlib import Path

import pytest

from hebbayes.core.errors import HebbayesError, ValueRangeError
from hebbayes.data.formats.csv import read_csv, to_csv
from hebbayes.data.formats.stimulus_table import read_stimulus_table
from hebbayes.data.recording import Recording

COUNTS = "session,trial,unit,count\n0,0,a,1\n0,0,b,2\n0,1,a,0\n0,1,b,\n"
STIMULI = "session,trial,onset_s,channel_0,channel_1\n0,0,0.5,1,0\n0,1,1.5,0,1\n"


def written(folder: Path, counts: str = COUNTS, stimuli: str = STIMULI) -> Path:
    (folder / "a.csv").write_text(counts, encoding="latin-1")
    (folder / "a-stimuli.csv").write_text(stimuli, encoding="latin-1")
    return folder / "a.csv"


def test_an_empty_count_is_unobserved_and_a_zero_is_silence(tmp_path) -> None:
    read = read_csv(written(tmp_path))
    assert read.responses.tolist() == [[1, 2], [0, 0]]
    assert read.valid.tolist() == [[True, True], [True, False]]
    assert read.unit_ids.tolist() == ["a", "b"]
    assert read.channel_ids.tolist() == [0, 1]
    assert read.provenance["dropped"] == {"responses that the file marks unobserved": 1}
    assert len(read.provenance["stimuli_sha256"]) == 64


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_semicolons_and_tabs_do_as_well(tmp_path, delimiter: str) -> None:
    path = written(tmp_path, COUNTS.replace(",", delimiter), STIMULI.replace(",", delimiter))
    assert read_csv(path).responses.tolist() == [[1, 2], [0, 0]]


def test_named_sessions_are_numbered_with_a_warning(tmp_path) -> None:
    path = written(tmp_path, COUNTS.replace("\n0,", "\nday,"), STIMULI.replace("\n0,", "\nday,"))
    assert read_csv(path).provenance["warnings"] == [
        "session names were replaced by numbers: 0 = day."
    ]


FAULTS = {
    "no column": (
        {"counts": COUNTS.replace("unit", "cell")},
        "FILE lacks the column unit; wanted a table of counts with session, trial, unit, count; it "
        "has session, trial, cell, count.",
    ),
    "missing row": (
        {"counts": COUNTS.replace("0,1,a,0\n", "")},
        "FILE has no row for unit a in session 0, trial 1; wanted one: write 0 for a silent unit, "
        "and leave the count empty if it was not observed.",
    ),
    "row twice": (
        {"counts": COUNTS + "0,1,a,3\n"},
        "FILE has 2 rows for unit a in session 0, trial 1; wanted one: write 0 for a silent unit, "
        "and leave the count empty if it was not observed.",
    ),
    "unknown trial": (
        {"counts": COUNTS + "0,9,a,3\n"},
        "FILE has session 0, trial 9 at line 6, which the stimulus table lacks.",
    ),
    "text": (
        {"counts": COUNTS.replace(",2\n", ",two\n")},
        "FILE, column count must hold numbers; got 'two' at line 3.",
    ),
    "ragged": (
        {"counts": COUNTS.replace("0,1,a,0", "0,1,a")},
        "FILE has 3 cells at line 4 and 4 in its header; write it again.",
    ),
    "cut": (
        {"counts": COUNTS[:-1]},
        "FILE does not end with the end of a line, so it may be cut off; write it again, or end "
        "its last line.",
    ),
    "empty": ({"counts": ""}, "FILE is empty; wanted a table with a header."),
    "other encoding": (
        {"counts": COUNTS.replace("a", "ä")},
        "FILE is no CSV text in UTF-8 ('utf-8' codec can't decode byte 0xe4 in position 11: invalid"
        " continuation byte); write it again.",
    ),
    "no channel": (
        {"stimuli": "session,trial,onset_s\n0,0,1\n0,1,2\n"},
        "BESIDE has no stimulus; wanted columns such as channel_0 or stimulus_0, or roles from "
        "--columns, such as NAME=channel; it has session, trial, onset_s.",
    ),
    "no trial": (
        {"stimuli": "session,trial,channel_0\n"},
        "BESIDE has no trial; wanted one row per trial.",
    ),
    "trial twice": (
        {"stimuli": STIMULI + "0,0,0.5,1,0\n"},
        "BESIDE has session 0, trial 0 twice, at line 4; wanted one row per trial.",
    ),
    "stimulus as text": (
        {"stimuli": STIMULI.replace("0.5,1", "0.5,on")},
        "BESIDE, column channel_0 must hold numbers; got 'on' at line 2.",
    ),
    "sessions mixed up": (
        {"counts": COUNTS.replace("0,0", "1,0"), "stimuli": STIMULI.replace("0,0,0.5", "1,0,0.5")},
        "session must not decrease; it does at trial 1; sort the trials by time.",
    ),
    "negative count": (
        {"counts": COUNTS.replace(",2\n", ",-2\n")},
        "responses must not be negative; got -2.0 at trial 0 (session 0), unit b; pass counts or "
        "rates; signals such as dF/F or z-scores have fractions.",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_reported_with_its_place(tmp_path, fault: str) -> None:
    changes, sentence = FAULTS[fault]
    path = written(tmp_path, **changes)
    with pytest.raises(HebbayesError) as caught:
        read_csv(path)
    beside = str(tmp_path / "a-stimuli.csv")
    assert str(caught.value) == sentence.replace("FILE", str(path)).replace("BESIDE", beside)


def test_a_missing_stimulus_table_is_named(tmp_path) -> None:
    path = written(tmp_path)
    (tmp_path / "a-stimuli.csv").rename(tmp_path / "other.csv")
    with pytest.raises(HebbayesError, match=r"cannot read .*a-stimuli.csv"):
        read_csv(path)
    assert read_csv(path, stimuli=tmp_path / "other.csv").n_channels == 2


def test_a_stimulus_table_stands_alone(tmp_path) -> None:
    written(tmp_path)
    table = read_stimulus_table(tmp_path / "a-stimuli.csv")
    assert table.trials.onset_s.tolist() == [0.5, 1.5]
    assert table.keys == [("0", "0"), ("0", "1")]


@pytest.mark.parametrize(
    "ids", [{"channel_ids": ["a\nb", "b"]}, {"channel_ids": ["1", "2"]}, {"unit_ids": ["07", "7"]}]
)
def test_names_that_would_change_are_not_written(tmp_path, ids) -> None:
    recording = Recording([[1.0, 0.0]] * 2, [[1, 2]] * 2, [0, 0], **ids)
    if ids == {"unit_ids": ["07", "7"]}:
        to_csv(recording, tmp_path / "a.csv")
        assert read_csv(tmp_path / "a.csv").unit_ids.tolist() == ["07", "7"]
    else:
        with pytest.raises(ValueRangeError, match="would not come back"):
            to_csv(recording, tmp_path / "a.csv")
        assert list(tmp_path.iterdir()) == []
