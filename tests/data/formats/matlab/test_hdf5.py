"""MATLAB v7.3: damage to a sparse matrix, several variables, what is no recording."""

import h5py
import numpy as np
import pytest
from scipy.sparse import csc_array

from hebbayes.data.formats.matlab.reading import read_mat

from ....cultures import small_culture
from ..hdf5_mat import write_v73


@pytest.mark.parametrize(
    ("name", "at", "value"), [("ir", 0, 10**6), ("jc", -1, 3), ("jc", 1, 10**6)]
)
def test_a_damaged_sparse_matrix_is_named(tmp_path, name: str, at: int, value: int) -> None:
    culture = small_culture()
    sparse = {**culture, "r": csc_array(culture["r"].astype(float))}
    path = write_v73(tmp_path / "a.mat", [sparse])
    with h5py.File(path, "a") as file:
        file[f"#refs#/c0/r/{name}"][at] = value
    held = read_mat(path, session_length=32)
    assert "the sparse matrix /#refs#/c0/r is damaged" in held.failures[0]


def test_every_culture_comes_back_and_a_bad_one_is_named(tmp_path) -> None:
    good = small_culture()
    bad = {"s": good["s"], "o": good["o"]}
    held = read_mat(write_v73(tmp_path / "a.mat", [good, bad, good]), session_length=32)
    assert held.condition == "small"
    assert sorted(held.recordings) == [0, 2]
    assert "this culture lacks r" in held.failures[1]
    np.testing.assert_array_equal(held.recordings[2].sources, good["s"])
    assert held.recordings[0].provenance["format"] == "MATLAB v7.3"
