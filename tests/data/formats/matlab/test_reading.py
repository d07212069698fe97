"""Culture files are read whole; a bad culture is named and the others stay."""

import hashlib
import pickle

import numpy as np
import pytest
from scipy.io import savemat
from scipy.sparse import csc_array

from hebbayes.core.errors import FormatError
from hebbayes.data.formats.matlab.reading import read_mat

from ....cultures import small_culture, write_cultures


def test_every_culture_comes_back_as_it_was_written(tmp_path) -> None:
    written = [small_culture(seed, units=4 + seed) for seed in range(3)]
    path = write_cultures(tmp_path / "three.mat", written)
    held = read_mat(path, session_length=32)
    assert held.condition == "small"
    assert held.failures == {}
    for k, culture in enumerate(written):
        read = held.recordings[k]
        np.testing.assert_array_equal(read.sources, culture["s"])
        np.testing.assert_array_equal(read.stimuli, culture["o"])
        np.testing.assert_array_equal(read.responses, culture["r"])
        np.testing.assert_array_equal(read.session, np.arange(384) // 32)
        assert read.provenance["culture"] == k
        assert read.provenance["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()


def test_struct_arrays_and_sparse_counts_are_read_alike(tmp_path) -> None:
    culture = small_culture()
    kinds = np.array([[(culture["s"], culture["o"], culture["r"])]], [(k, "O") for k in "sor"])
    savemat(tmp_path / "structs.mat", {"data_small": kinds})
    sparse = {**culture, "r": csc_array(culture["r"].astype(float))}
    write_cultures(tmp_path / "sparse.mat", [sparse])
    for name in ("structs.mat", "sparse.mat"):
        read = read_mat(tmp_path / name, session_length=32).recordings[0]
        np.testing.assert_array_equal(read.responses, culture["r"])


def test_the_condition_chooses_among_several(tmp_path) -> None:
    cells = {}
    for name, units in (("data_a", 3), ("data_b", 5)):
        cells[name] = np.empty((1, 1), object)
        cells[name][0, 0] = small_culture(units=units)
    savemat(tmp_path / "two.mat", {**cells, "date": "today", "rate": 20_000.0})
    read = read_mat(tmp_path / "two.mat", session_length=32, condition="b")
    assert read.recordings[0].n_units == 5
    with pytest.raises(FormatError, match="choose one of data_a, data_b as the condition"):
        read_mat(tmp_path / "two.mat", session_length=32)


def test_the_condition_of_a_single_one_is_a_label(tmp_path) -> None:
    path = write_cultures(tmp_path / "one.mat", [small_culture()])
    assert read_mat(path, session_length=32, condition="control").condition == "control"


def with_change(field: str, values) -> dict:
    return {**small_culture(), field: values}


def with_value(field: str, value: float) -> dict:
    changed = small_culture()[field].astype(float)
    changed[40, 1] = value
    return with_change(field, changed)


LAYOUT = "wanted a cell of structs with the fields o, r and, if known, s"
BAD_CULTURES = [
    (
        {k: v for k, v in small_culture().items() if k != "r"},
        f"this culture lacks r; {LAYOUT}; it holds s, o.",
    ),
    (
        np.ones((3, 3)),
        f"this culture lacks o, r; {LAYOUT}; it is not a struct.",
    ),
    (
        with_change("s", small_culture()["s"].T),
        "s, o and r must have one row per trial; rows are s 2, o 384, r 384; "
        "store them time first.",
    ),
    (
        with_change("r", np.ones((2, 3, 4))),
        "r has shape (2, 3, 4); wanted (trials, units), time first.",
    ),
    (
        with_change("r", np.ones((0, 8))),
        "r has shape (0, 8); wanted (trials, units), time first.",
    ),
    (with_change("r", "spikes"), "r must hold real numbers; got type <U6."),
    (with_change("r", 1j * np.ones((384, 8))), "r must hold real numbers; got type complex128."),
    (
        with_value("r", np.nan),
        "responses must be finite where valid; got nan at trial 40 (session 1), unit 1; "
        "mark it unobserved with valid=False, or leave the unit out.",
    ),
    (
        with_value("r", -1),
        "responses must not be negative; got -1.0 at trial 40 (session 1), unit 1; "
        "pass counts or rates; signals such as dF/F or z-scores have fractions.",
    ),
    (with_value("s", np.nan), "s must hold only 0 and 1; got nan at trial 40, column 1."),
    (with_value("o", 2), "o must hold only 0 and 1; got 2.0 at trial 40, column 1."),
    (
        {k: v[:380] for k, v in small_culture().items()},
        "380 trials are not a whole number of sessions of 32; give the number of trials per "
        "session (session_length).",
    ),
]


@pytest.mark.parametrize(("bad", "sentence"), BAD_CULTURES, ids=[s[:30] for _, s in BAD_CULTURES])
def test_a_bad_culture_is_named_and_the_others_stay(tmp_path, bad, sentence: str) -> None:
    good = small_culture()
    held = read_mat(write_cultures(tmp_path / "mixed.mat", [good, bad, good]), session_length=32)
    assert held.failures == {1: sentence}
    assert sorted(held.recordings) == [0, 2]


def bad_files(folder) -> dict[str, bytes | None]:
    good = write_cultures(folder / "good.mat", [small_culture()]).read_bytes()
    savemat(folder / "other.mat", {"weights": np.ones(3)})
    savemat(folder / "nothing.mat", {})
    return {
        "absent": None,
        "empty": b"",
        "truncated": good[: len(good) // 2],
        "short": good[:60],
        "pickle": pickle.dumps({"data": [1, 2]}),
        "text": b"session,trial,unit,count\n" * 50,
        "hdf5": b"MATLAB 7.3 MAT-file, Platform: GLNXA64".ljust(512) + b"\x89HDF\r\n\x1a\n",
        "other": (folder / "other.mat").read_bytes(),
        "nothing": (folder / "nothing.mat").read_bytes(),
    }


DAMAGED = (
    "is not a readable MATLAB file: it is truncated, damaged or of another format; save it "
    "again in MATLAB with `save(..., '-v7')`."
)
SENTENCES = {
    "absent": "cannot read FILE: No such file or directory.",
    "empty": "FILE is empty; wanted a MATLAB file.",
    "truncated": f"FILE {DAMAGED}",
    "short": f"FILE {DAMAGED}",
    "pickle": f"FILE {DAMAGED}",
    "text": f"FILE {DAMAGED}",
    "hdf5": "FILE is not a readable MATLAB v7.3 file: it is truncated or damaged; save it again in "
    "MATLAB with `save(..., '-v7')`.",
    "other": f"FILE has no recordings: {LAYOUT}; it holds weights.",
    "nothing": f"FILE has no recordings: {LAYOUT}; it holds no variables.",
}


@pytest.mark.parametrize("fault", SENTENCES)
def test_a_bad_file_is_refused_in_one_sentence(tmp_path, fault: str) -> None:
    content = bad_files(tmp_path)[fault]
    path = tmp_path / "recording.mat"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(FormatError) as caught:
        read_mat(path)
    assert str(caught.value) == SENTENCES[fault].replace("FILE", str(path))


def test_a_folder_is_no_file(tmp_path) -> None:
    with pytest.raises(FormatError, match="Is a directory"):
        read_mat(tmp_path)


def test_a_file_cut_anywhere_is_refused(tmp_path) -> None:
    whole = write_cultures(tmp_path / "good.mat", [small_culture(sessions=10, trials=8)])
    content = whole.read_bytes()
    path = tmp_path / "cut.mat"
    for length in np.linspace(1, len(content) - 1, 60).astype(int):
        path.write_bytes(content[:length])
        with pytest.raises(FormatError):
            read_mat(path, session_length=8)
