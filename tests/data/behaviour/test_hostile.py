"""Hostile and damaged tables of trials: one sentence, in little time and memory."""

import os
import pickle
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas
import pytest
from scipy.io import savemat

from hebbayes.core.errors import FormatError, HebbayesError, MissingDependencyError
from hebbayes.data.behaviour import Behaviour, Mapping, read_behaviour
from hebbayes.data.files import save_arrays

from ..formats.test_hostile import zero_bytes

GOOD = "subject,choice,reward\n1,L,1\n1,R,0\n"


def refused(path: Path, text: str | bytes | None = None, **mapping) -> str:
    if isinstance(text, str):
        path.write_text(text)
    elif text is not None:
        path.write_bytes(text)
    with pytest.raises(HebbayesError) as caught:
        read_behaviour(path, Mapping(**mapping))
    sentence = str(caught.value)
    assert "\n" not in sentence
    assert len(sentence) < 700
    return sentence


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "is empty"),
        ("\n\n \n", "is empty"),
        ("subject,choice,reward\n", "has columns and no rows"),
        ("choice,choice,reward\nL,R,1\n", "has the column choice twice"),
        (GOOD + "1,L\n", "has 2 cells in row 3 (about line 4) and 3 names in its header"),
        (GOOD + "1,L,1,7\n", "4 cells in row 3 (about line 4) and 3"),
        (GOOD + GOOD, "repeats its header in row 3"),
        ("choice,reward\nL,1,\nR,0,5\n", "3 cells in row 2 (about line 3) and 2 names"),
        ("choice,reward\nL,1,2,3\nR,0,2,3\n", "4 cells in row 1"),
        (GOOD.replace("L", "\0"), "NUL character in line 2"),
        (b"choice,reward\n\xff\xfe\xfa,1\n", "no text in UTF-8 (byte 14)"),
        ("choice\nL\nR\n", "pass --outcome COL"),
        (GOOD.replace("reward\n1,L,1", "reward\n1,L,1e999"), "holds infinity"),
        ("x" * 3000 + "\n1\n", "pass --choice"),
        (",".join(map(str, range(20_000))) + "\n" + ",".join("0" * 20_000) + "\n", "20000 columns"),
        ('choice,reward\n"L,1\nR,0\n', "a.csv"),
        ("choice,reward\n,1\n,0\n", "choice is missed in every row"),
        ("choice,reward\nL,\nR,\n", "pass --outcome-range LOW,HIGH"),
        ("choice,reward\nL,7\nR,7\n", "it is always 7"),
        ("choice,reward,a,b\nL,7,1,2\nR,6,1,2\n", "pass --stimulus COL[,COL]"),
    ],
)  # fmt: skip
def test_damaged_text_is_refused_with_place_and_remedy(
    tmp_path, few_resources, text, complaint
) -> None:
    assert complaint in refused(tmp_path / "a.csv", text)


def test_labels_may_hold_anything_and_messages_escape_it(tmp_path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("choice,reward\n\x1b[2Jleft,1\n" + "9" * 400 + ",0\n")
    behaviour = read_behaviour(path)
    assert behaviour.choice_ids.tolist() == sorted(["\x1b[2Jleft", "9" * 400])
    assert "\x1b" not in refused(path, choice="\x1b[2J")
    huge = "choice,reward\n" + "".join(f"{c},{10**30}\n{c},0\n" for c in (1, 2))
    path.write_text(huge)
    assert read_behaviour(path).risk.tolist() == [0.0, 1.0] * 2


@pytest.mark.parametrize("session", ["9" * 30, "-9223372036854775809", "1e400"])
def test_a_session_that_no_whole_number_holds_is_a_name(tmp_path, session: str) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f"session,choice,reward\n{session},1,1\n{session},2,0\n")
    behaviour = read_behaviour(path)
    assert behaviour.session.tolist() == [0, 0]
    assert behaviour.provenance["session_names"] == [session]


def test_too_many_choices_or_categories_are_no_choice(tmp_path) -> None:
    rows = "".join(f"{k},{k % 2},w{k}\n" for k in range(2000))
    path = tmp_path / "a.csv"
    assert "pass --choice COL" in refused(path, "choice,reward,word\n" + rows, stimulus="none")
    assert "2000 different values" in refused(path, choice="choice", stimulus="none")
    rows = "".join(f"{k % 2},{k % 2},w{k}\n" for k in range(2000))
    sentence = refused(path, "choice,reward,word\n" + rows, stimulus="word")
    assert "--coding word=graded or signed" in sentence


def test_a_million_rows_take_seconds(tmp_path) -> None:
    rng, n = np.random.default_rng(0), 10**6
    frame = pandas.DataFrame(
        {
            "subjID": np.repeat(np.arange(100), n // 100),
            "choice": rng.integers(1, 3, n),
            "outcome": rng.integers(0, 2, n),
            "stimulus": rng.integers(1, 4, n),
            "rt": rng.random(n).round(4),
        }
    )
    frame.to_csv(tmp_path / "a.csv", index=False)
    started = time.process_time()
    behaviour = read_behaviour(tmp_path / "a.csv")
    assert time.process_time() - started < 12
    assert behaviour.n_trials == n
    np.testing.assert_array_equal(behaviour.choice + 1, frame["choice"])


@pytest.mark.parametrize("suffix", ["pkl", "csv"])
def test_a_pickle_is_never_opened_and_the_export_is_named(tmp_path, suffix: str) -> None:
    content = pickle.dumps({"y": np.zeros(3), "inputs": {}})
    sentence = refused(tmp_path / f"a.{suffix}", content)
    assert "is a pickle" in sentence
    assert "to_csv('trials.csv', index=False)" in sentence


def test_an_archive_of_objects_is_a_pickle(tmp_path) -> None:
    np.savez(tmp_path / "a.npz", D=np.array({"y": 1}, object))
    assert "holds a pickle" in refused(tmp_path / "a.npz")


PSYTRACK = {
    "y": np.array([1, 2, 1, 2]),
    "correct": np.array([1, 0, 1, 1]),
    "answer": np.array([1, 1, 1, 2]),
    "name": "rat",
    "inputs": {"s1": np.arange(8).reshape(4, 2), "s2": np.array([0.0, 1, 0, 1])},
    "dayLength": np.array([3, 1]),
}


@pytest.mark.parametrize(
    ("name", "write"),
    [
        ("a.pkl", lambda name: pandas.to_pickle(PSYTRACK, name)),
        ("a.npz", lambda name: np.savez(name, D=np.array(PSYTRACK, object))),
        ("b.npz", lambda name: np.savez(name, **PSYTRACK)),
        ("a.npy", lambda name: np.save(name, np.array(PSYTRACK, object))),
    ],
)
def test_the_export_that_is_named_is_read(tmp_path, monkeypatch, name: str, write) -> None:
    monkeypatch.chdir(tmp_path)
    write(name)
    code = refused(Path(name)).partition("export it: ")[2].removesuffix(".")
    exec(code, {})
    behaviour = read_behaviour("trials.csv")
    assert behaviour.choice.tolist() == [0, 1, 0, 1]
    assert behaviour.session.tolist() == [0, 0, 0, 1]
    assert behaviour.provenance["convention"] == "psytrack"
    assert behaviour.provenance["mapping"]["stimulus"] == "s1,s2"


def test_the_export_of_a_pickled_table_is_the_table(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    frame = pandas.DataFrame({"choice": ["L", "R"], "reward": [1, 0]})
    frame.to_pickle("a.pkl")
    exec(refused(Path("a.pkl")).partition("export it: ")[2].removesuffix("."), {})
    assert pandas.read_csv("trials.csv").equals(frame)


def test_one_array_is_said_to_have_no_columns(tmp_path) -> None:
    np.save(tmp_path / "a.npy", np.zeros(5))
    assert "one array without names of columns" in refused(tmp_path / "a.npy")


def test_sizes_that_an_archive_states_are_checked_first(tmp_path, few_resources) -> None:
    path = tmp_path / "a.npz"
    save_arrays(path, {"choice": [0, 1], "reward": [0, 1]})
    zero_bytes(path, "activity", 2**24 + 2**20)
    assert "more than 8 times" in refused(path)


@pytest.mark.parametrize(
    ("name", "content", "complaint"),
    [
        ("a.xlsx", b"PK\x03\x04rest", "is a spreadsheet (.xlsx); save its sheet as CSV"),
        ("a.xls", b"\xd0\xcf\x11\xe0rest", "an Excel workbook"),
        ("a.RData", b"RDX3\nX", "an R workspace"),
        ("a.rds", b"\x1f\x8b\x08\x00", "compressed with gzip"),
        ("a.sav", b"$FL2@(#) SPSS", "an SPSS file"),
        ("a.json", b'{"y": [1, 2]}', "is JSON"),
        ("a.nev", b"NEURALEV\x02\x03", "Blackrock events"),
        ("a.bin", b"\0\1\2\3" * 10, "binary and of no known format"),
        ("a.csv", b"<!DOCTYPE html><html>", "a web page"),
        ("a.npz", b"PK\x03\x04junk", "not a readable .npz archive"),
        ("a.mat", b"MATLAB 5.0 MAT-file" + b" " * 200, "not a readable MATLAB file"),
        ("a.nwb", b"\x89HDF\r\n\x1a\n" + b"\0" * 100, "a.nwb"),
        ("a.parquet", b"PAR1 and junk", "a.parquet is not a readable parquet|pyarrow is not"),
    ],
)
def test_files_of_other_software_are_named(tmp_path, name: str, content: bytes, complaint) -> None:
    sentence = refused(tmp_path / name, content)
    assert any(each in sentence for each in complaint.split("|"))


def test_pipes_and_folders_are_refused_at_once(tmp_path) -> None:
    os.mkfifo(tmp_path / "a.csv")
    assert "not a regular file" in refused(tmp_path / "a.csv")
    assert "is a folder" in refused(tmp_path)


def test_matlab_structs_that_differ_are_refused(tmp_path) -> None:
    cells = np.zeros(2, object)
    cells[0], cells[1] = {"choice": np.ones(3), "reward": np.ones(3)}, {"choice": np.ones(4)}
    savemat(tmp_path / "a.mat", {"subjects": cells})
    assert "other columns in subject 1" in refused(tmp_path / "a.mat")
    savemat(tmp_path / "b.mat", {"one": {"a": 1.0}, "two": {"b": 2.0}})
    assert "holds 2 structs (one, two)" in refused(tmp_path / "b.mat")
    savemat(tmp_path / "c.mat", {"x": 3.0})
    assert "c.mat" in refused(tmp_path / "c.mat")


def test_a_missing_parquet_reader_names_the_extra(tmp_path, monkeypatch) -> None:
    def absent(path):
        raise ImportError(path)

    monkeypatch.setattr(pandas, "read_parquet", absent)
    (tmp_path / "a.parquet").write_bytes(b"PAR1")
    with pytest.raises(MissingDependencyError, match=r"pip install .hebbayes\[parquet\]"):
        read_behaviour(tmp_path / "a.parquet")


def test_a_cell_that_holds_a_list_is_refused() -> None:
    frame = pandas.DataFrame({"choice": [[1], [2]], "reward": [0, 1]})
    with pytest.raises(FormatError, match="the column choice holds lists"):
        Behaviour.from_frame(frame)


def test_text_of_any_length_is_answered_quickly(few_resources) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "a.csv")
        path.write_text("choice,reward\n" + '"' * 200_000 + "\n")
        refused(path)
