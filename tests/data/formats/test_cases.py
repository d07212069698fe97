"""Files of faults that users met: each is refused in one sentence or read aright.

Tests of their own small inputs of the same kinds are in `test_hostile`.  These files are a second
check; they lie beside the reference data.
"""

import os
import re
import time
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from hebbayes.core.errors import HebbayesError
from hebbayes.data.reading import read_recording
from hebbayes.data.weights import read_weights

DATA = os.environ.get("HEBBAYES_REFERENCE_DATA", "")
CASES = Path(DATA).parent / "cases"
SECONDS = 5

pytestmark = pytest.mark.skipif(
    not DATA or not CASES.is_dir(), reason="no folder cases beside HEBBAYES_REFERENCE_DATA"
)

REFUSED = {
    "w_double.nwb": "lists of lists",
    "sinf.nwb": "session must hold whole numbers .*; got inf at index 0",
    "notes_flip.nwb": "notes of the file",
    "extresp2.nwb": "from another file, /etc/passwd",
    "vds.nwb": r"from another file, .*other\.h5",
    "fan.nwb": "has links in a circle",
    "sparse8.nwb": r"has shape \(100000000,\)",
    "quad.csv": "no row for unit 1 in session 0, trial 0",
    "member_name.npz": "not a readable .npz archive",
}
FAILED = {
    "reffan.mat": "a cell of cells",
    "sph.mat": "one row per trial; rows are o 4, r 2147483647",
    "sph2.mat": "one row per trial; rows are o 4, r 20000000",
    "shp73b.mat": r"r has shape \(1, 100000000\)",
    "deep.npz": "provenance must be JSON text; .* nested too deeply",
}


@pytest.fixture(autouse=True)
def _timed():
    started = time.process_time()
    yield
    assert time.process_time() - started < SECONDS


@pytest.mark.parametrize("name", REFUSED)
def test_a_hostile_file_is_refused_in_one_sentence(name: str) -> None:
    with pytest.raises(HebbayesError, match=REFUSED[name]):
        read_recording(CASES / name, columns="c=channel" if name == "quad.csv" else None)


@pytest.mark.parametrize("name", FAILED)
def test_a_hostile_culture_is_named_as_a_failure(name: str) -> None:
    held = read_recording(CASES / name)
    assert not held.recordings
    assert held.failures.keys() == {0}
    assert re.search(FAILED[name], held.failures[0])


def test_a_good_culture_is_read_beside_one_with_an_empty_name() -> None:
    held = read_recording(CASES / "x_good_and_emptyname.mat")
    assert held.recordings[0].unit_ids.tolist() == [f"unit {k}" for k in range(8)]
    assert "unit_ids" in held.failures[1]


def test_padded_names_of_a_char_matrix_are_stripped() -> None:
    ids = read_recording(CASES / "i_charmatrix.mat").recordings[0].unit_ids
    assert all(name == name.strip() for name in ids.tolist())


def test_an_unknown_member_is_never_unpacked() -> None:
    tracemalloc.start()
    recording = read_recording(CASES / "bomb_unknown.npz").recordings[0]
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 50e6
    assert "pad" in " ".join(recording.provenance["warnings"])


def test_a_valid_file_that_begins_like_a_pickle_is_read() -> None:
    np.testing.assert_array_equal(
        read_weights(CASES / "valid.safetensors").arrays["W"], np.eye(3, dtype="f4")
    )
