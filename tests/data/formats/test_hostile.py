"""Files that state false sizes, lead elsewhere or never end are refused, in little time and memory.

Each test makes its own small input; `test_cases` reads files of the same kinds that users met.
"""

import io
import json
import os
import struct
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from scipy.io import savemat
from scipy.sparse import csc_array

from hebbayes.core.errors import FormatError
from hebbayes.data.files import array_names, fingerprint, load_arrays
from hebbayes.data.formats.matlab.reading import read_mat
from hebbayes.data.formats.matlab.writing import to_mat
from hebbayes.data.formats.npz import to_npz
from hebbayes.data.reading import read_recording
from hebbayes.data.weights import read_weights

from ...cultures import small_culture, write_cultures
from ..spikes import spike_set

pytestmark = pytest.mark.usefixtures("few_resources")


def zero_bytes(path: Path, name: str, n: int) -> None:
    """Add an array of ``n`` float64 zeros to an archive, compressed a thousandfold."""
    head = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        head, {"descr": "<f8", "fortran_order": False, "shape": (n,)}
    )
    with (
        zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive,
        archive.open(f"{name}.npy", "w") as stream,
    ):
        stream.write(head.getvalue())
        for _ in range(8 * n // 2**20):
            stream.write(bytes(2**20))


@pytest.mark.parametrize("name", ["a.npz", "a.mat", "a.nwb", "a.csv", "a.safetensors"])
def test_a_pipe_is_refused_at_once(tmp_path, name: str) -> None:
    path = tmp_path / name
    os.mkfifo(path)
    for read in (read_recording, read_weights, load_arrays, fingerprint):
        with pytest.raises(FormatError, match="not a regular file"):
            read(path)


def test_a_huge_member_of_an_archive_is_ignored_if_unknown_and_refused_if_known(tmp_path) -> None:
    path = tmp_path / "a.npz"
    to_npz(spike_set().recording(), path)
    zero_bytes(path, "padding", 2**24 + 2**20)
    recording = read_recording(path).recordings[0]
    assert "holds padding, not fields" in " ".join(recording.provenance["warnings"])
    assert "padding" in array_names(path)
    zero_bytes(path, "risk", 2**24 + 2**20)
    with pytest.raises(FormatError, match=r"risk has shape \(17825792,\), more than 8 times"):
        read_recording(path)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (lambda head: head.replace(b"(24, 6)", b"(9**9,)"), "not a readable"),
        (lambda head: head.replace(b"(24, 6)", b"(25, 6)"), "more or fewer values"),
        (lambda head: head[:40] + bytes(20) + head[60:], "not a readable"),
        (lambda head: head.replace(b"'<f8'", b"'|O' "), "holds objects"),
        (lambda head: head.replace(b"\x93NUMPY\x01", b"\x93NUMPY\x09"), "version"),
    ],
)
def test_a_damaged_header_of_an_array_is_refused(
    tmp_path, change: Callable[[bytes], bytes], complaint: str
) -> None:
    path = tmp_path / "a.npz"
    to_npz(spike_set().recording(), path)
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    head, body = members["stimuli.npy"][:128], members["stimuli.npy"][128:]
    assert change(head) != head
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in {**members, "stimuli.npy": change(head) + body}.items():
            archive.writestr(name, content)
    with pytest.raises(FormatError, match=complaint):
        read_recording(path)


def test_two_members_of_one_name_are_refused(tmp_path) -> None:
    path = tmp_path / "a.npz"
    to_npz(spike_set().recording(), path)
    with zipfile.ZipFile(path, "a") as archive:
        content = archive.read("session.npy")
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr("session.npy", content)
    with pytest.raises(FormatError, match="two members have the same name"):
        read_recording(path)


def test_provenance_nested_too_deeply_is_one_sentence(tmp_path) -> None:
    path = tmp_path / "a.npz"
    parts = {"stimuli": np.eye(2), "responses": np.ones((2, 3), int), "session": np.zeros(2, int)}
    np.savez(path, **parts, provenance=np.array("[" * 100_000))
    assert "nested too deeply" in read_recording(path).failures[0]


@pytest.mark.parametrize("restarts", [False, True])
@pytest.mark.parametrize("onset", [np.array(0.5), np.zeros((4, 1))])
def test_onsets_that_are_no_vector_are_refused(tmp_path, onset: np.ndarray, restarts: bool) -> None:
    path, spikes = tmp_path / "a.npz", {"spike_times": np.ones(3), "spike_units": np.zeros(3, int)}
    if restarts:
        spikes["spike_trials"] = np.zeros(3, int)
    np.savez(path, **spikes, onset_s=onset, stimuli=np.eye(4), session=np.zeros(4, int))
    assert "onsets have shape" in read_recording(path).failures[0]


def test_a_field_that_holds_no_numbers_is_named(tmp_path) -> None:
    path = tmp_path / "a.npz"
    parts = {"stimuli": np.eye(2), "responses": np.ones((2, 3), int), "session": np.zeros(2, int)}
    np.savez(path, **parts, window_s=np.array(["a", "b"]))
    assert "window_s must hold real numbers" in read_recording(path).failures[0]


@pytest.mark.parametrize("first", [b"PK", b"\x80\x02"])
def test_a_tensor_file_may_begin_like_an_archive_or_a_pickle(tmp_path, first: bytes) -> None:
    path, entry = tmp_path / "w", {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}
    length = int.from_bytes(first, "little")
    header = json.dumps({"W": entry}).encode().ljust(length)
    path.write_bytes(length.to_bytes(8, "little") + header + np.float32(3).tobytes())
    assert read_weights(path).arrays["W"].tolist() == [3.0]


def test_tensors_that_share_bytes_are_refused(tmp_path) -> None:
    path, entry = tmp_path / "w", {"dtype": "U8", "shape": [2**20], "data_offsets": [0, 2**20]}
    header = json.dumps({str(k): entry for k in range(2000)}).encode()
    path.write_bytes(len(header).to_bytes(8, "little") + header + bytes(2**20))
    with pytest.raises(FormatError, match="overlap"):
        read_weights(path)


def test_a_table_of_counts_with_few_rows_takes_little_memory(tmp_path) -> None:
    n = 8_000  # a dense table would take 512 MB
    stimuli = "session,trial,channel_0\n" + "".join(f"0,{k},1\n" for k in range(n))
    (tmp_path / "a-stimuli.csv").write_text(stimuli)
    rows = "".join(f"0,{k},{k},1\n" for k in range(n))
    (tmp_path / "a.csv").write_text("session,trial,unit,count\n" + rows)
    with pytest.raises(FormatError, match="no row for unit 1 in session 0, trial 0"):
        read_recording(tmp_path / "a.csv")


@pytest.mark.parametrize("shape", [(2**31 - 1, 50), (32 * 12, 2**21)])
def test_a_sparse_matrix_is_not_filled_before_its_shape_is_checked(tmp_path, shape) -> None:
    good = small_culture()
    path = write_cultures(tmp_path / "a.mat", [{**good, "r": csc_array(shape)}, good])
    held = read_mat(path, session_length=32)
    assert sorted(held.recordings) == [1]
    assert "one row per trial" in held.failures[0] or "r has shape" in held.failures[0]


def test_a_compressed_variable_that_unpacks_too_far_is_refused(tmp_path) -> None:
    path = tmp_path / "a.mat"
    tracemalloc.stop()  # making the file takes more than reading it
    savemat(path, {"data_x": np.zeros(2**24 + 2**20)}, do_compression=True)
    tracemalloc.start()
    with pytest.raises(FormatError, match="a compressed variable"):
        read_mat(path)


def test_a_million_empty_cells_in_a_small_file_are_refused(tmp_path) -> None:
    empty = struct.pack("<II", 14, 0)
    flags, shape = struct.pack("<IIII", 6, 8, 1, 0), struct.pack("<IIii", 5, 8, 10**6, 1)
    name = struct.pack("<HH4s", 1, 1, b"x")
    body = flags + shape + name + empty * 10**6
    packed = zlib.compress(struct.pack("<II", 14, len(body)) + body)
    head = b"MATLAB 5.0".ljust(124) + b"\x00\x01IM"
    path = tmp_path / "a.mat"
    path.write_bytes(head + struct.pack("<II", 15, len(packed)) + packed)
    with pytest.raises(FormatError, match="the cells of a variable"):
        read_mat(path)


@pytest.mark.parametrize(
    ("ids", "complaint"),
    [
        (np.array(["a", "", *"cdefgh"], object), "without gaps; got an empty entry"),
        (np.array([np.eye(2), *"bcdefgh"], object), "a cell of char without gaps"),
        (csc_array(np.ones((8, 1))), "sparse"),
    ],
)
def test_names_that_cannot_be_read_fail_their_culture_alone(tmp_path, ids, complaint: str) -> None:
    good = small_culture()
    path = write_cultures(tmp_path / "a.mat", [good, {**good, "unit_ids": ids}])
    held = read_mat(path, session_length=32)
    assert sorted(held.recordings) == [0]
    assert complaint in held.failures[1]


def test_names_in_a_char_matrix_lose_their_padding(tmp_path) -> None:
    names = np.array([["a   "], ["bb  "], *([f"u{k}  "] for k in range(6))])
    path = write_cultures(tmp_path / "a.mat", [{**small_culture(), "unit_ids": names[:, 0]}])
    ids = read_mat(path, session_length=32).recordings[0].unit_ids
    assert ids.tolist()[:3] == ["a", "bb", "u0"]


def test_a_digest_under_a_damaged_name_is_not_ignored(tmp_path) -> None:
    path = tmp_path / "a.mat"
    to_mat(spike_set().recording(), path)
    path.write_bytes(path.read_bytes().replace(b"sha256", b"sha257"))
    assert "the field sha257 holds a SHA-256" in read_mat(path).failures[0]
