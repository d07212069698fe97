"""Files that state false sizes, lead elsewhere or never end are refused, in little time and memory.

Each test makes its own small input; `test_cases` reads files of the same kinds that users met.
"""

import io
import json
import os
import re
import shutil
import time
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest
from scipy.io import savemat
from scipy.sparse import csc_array

from hebbayes.core.errors import FormatError
from hebbayes.data.files import array_names, fingerprint, load_arrays
from hebbayes.data.formats.matlab.reading import read_mat
from hebbayes.data.formats.matlab.writing import to_mat
from hebbayes.data.formats.npz import to_npz
from hebbayes.data.formats.nwb.writing import to_nwb
from hebbayes.data.formats.nwb.zarr_check import check_zarr
from hebbayes.data.reading import read_recording
from hebbayes.data.weights import read_weights

from ...cultures import small_culture, write_cultures
from ..spikes import spike_set
from .hdf5_mat import put, references, write_v73

SECONDS, PEAK_BYTES = 5, 300e6


@pytest.fixture(autouse=True)
def _limited():
    started = time.process_time()
    tracemalloc.start()
    yield
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < PEAK_BYTES
    assert time.process_time() - started < SECONDS


@pytest.fixture(scope="module")
def written_nwb(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("nwb") / "a.nwb"
    to_nwb(spike_set().recording(), path)
    return path


@pytest.fixture
def nwb(written_nwb: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(written_nwb, tmp_path))


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


@pytest.mark.parametrize(
    ("kind", "complaint"),
    [
        ("nested", "a cell of cells"),
        ("huge", r"r has shape \(1, 100000000\)"),
        ("string", "use a cell of char"),
    ],
)
def test_a_hostile_culture_of_hdf5_leaves_the_good_one(tmp_path, kind: str, complaint: str) -> None:
    good = small_culture()
    path = write_v73(tmp_path / "a.mat", [good, good])
    with h5py.File(path, "r+") as file:
        pool, culture = file["#refs#"], file["#refs#/c0"]
        if kind == "nested":
            del culture["r"]
            for k in range(6):  # each level lists the next twenty times: 20^6 in all
                pool[f"z{k}"] = references([pool[f"z{k - 1}"] if k else pool["c1/r"]] * 20)
            culture["r"] = references([pool["z5"]] * 20)
        elif kind == "huge":
            del culture["r"]
            culture.create_dataset("r", (1, 10**8), "f8", chunks=(1, 10**6))
        else:
            put(culture, "unit_ids", "abc").attrs["MATLAB_class"] = np.bytes_("string")
    held = read_mat(path, session_length=32)
    assert sorted(held.recordings) == [1]
    assert re.search(complaint, held.failures[0])


def test_a_char_matrix_of_hdf5_is_one_name_per_row(tmp_path) -> None:
    names = [f"u{k}  " for k in range(8)]
    path = write_v73(tmp_path / "a.mat", [small_culture()])
    with h5py.File(path, "r+") as file:
        rows = np.array([[ord(letter) for letter in name] for name in names], "u2")
        item = file["#refs#/c0"].create_dataset("unit_ids", data=rows.T)
        item.attrs["MATLAB_class"] = np.bytes_("char")
    ids = read_mat(path, session_length=32).recordings[0].unit_ids
    assert ids.tolist() == [f"u{k}" for k in range(8)]


def external(file: h5py.File, other: Path) -> None:
    del file["intervals/trials/responses"]
    space = h5py.h5s.create_simple((24, 5))
    plist = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    plist.set_external(os.fsencode(other), 0, 120)
    h5py.h5d.create(file["intervals/trials"].id, b"responses", h5py.h5t.NATIVE_UINT8, space, plist)


def virtual(file: h5py.File, other: Path) -> None:
    del file["intervals/trials/session"]
    layout = h5py.VirtualLayout((24,), "i8")
    layout[:] = h5py.VirtualSource(str(other), "x", (24,))
    file["intervals/trials"].create_virtual_dataset("session", layout)


def linked(file: h5py.File, other: Path) -> None:
    file["acquisition/x"] = h5py.ExternalLink(str(other), "/x")


def circle(file: h5py.File, other: Path) -> None:
    file["acquisition/again"] = file["/"]


def soft_circle(file: h5py.File, other: Path) -> None:
    file["acquisition/again"] = h5py.SoftLink("/acquisition")


def fan(file: h5py.File, other: Path) -> None:
    below = file.create_group("scratch/z0")
    for k in range(1, 12):  # each group holds the next under eight names: 8^12 paths
        group = file.create_group(f"scratch/z{k}")
        for name in "abcdefgh":
            group[name] = below
        below = group


def texts(file: h5py.File, other: Path) -> None:
    chunk = file.create_dataset("scratch/t", (2**26,), h5py.string_dtype(), chunks=(2**20,))
    chunk.attrs["note"] = "x"


HOSTILE = {
    external: "takes /intervals/trials/responses from another file, .*other",
    virtual: "takes /intervals/trials/session from another file, .*other",
    linked: "links /acquisition/x to another file, .*other",
    circle: "links in a circle",
    soft_circle: "links in a circle",
    fan: "links that multiply",
    texts: r"/scratch/t has shape \(67108864,\)",
}


@pytest.mark.parametrize("change", HOSTILE)
def test_an_hdf5_file_that_leads_elsewhere_or_never_ends_is_refused(
    nwb: Path, tmp_path, change: Callable[[h5py.File, Path], None]
) -> None:
    other = tmp_path / "other.h5"
    with h5py.File(other, "w") as file:
        file["x"] = np.arange(24)
    with h5py.File(nwb, "r+") as file:
        file.require_group("scratch")
        change(file, other)
    with pytest.raises(FormatError, match=HOSTILE[change]):
        read_recording(nwb)


def test_an_unallocated_column_of_a_table_is_refused_before_it_is_filled(nwb: Path) -> None:
    with h5py.File(nwb, "r+") as file:
        trials = file["intervals/trials"]
        attributes = dict(trials["responses"].attrs)
        del trials["responses"]
        made = trials.create_dataset("responses", (24, 10**7), "f8", chunks=(1, 10**5))
        made.attrs.update(attributes)
    with pytest.raises(FormatError, match=r"column responses has shape \(24, 10000000\)"):
        read_recording(nwb)


def rewrite_notes(path: Path, notes: str | None, identifier: str | None = None) -> None:
    with h5py.File(path, "r+") as file:
        del file["general/notes"]
        if notes is not None:
            file["general/notes"] = notes
        if identifier is not None:
            del file["identifier"]
            file["identifier"] = identifier


def test_damage_to_notes_never_switches_the_digest_off(nwb: Path) -> None:
    with h5py.File(nwb) as file:
        notes = file["general/notes"][()].decode()
    written = json.loads(notes)
    without = {k: v for k, v in written["hebbayes"].items() if k != "sha256"}
    for lost in (
        None,
        notes[:-1],
        notes.replace('"hebbayes"', '"hebbayds"'),
        json.dumps({"hebbayes": without}),
        notes.replace(written["hebbayes"]["sha256"], "0" * 64),
    ):
        rewrite_notes(nwb, lost or "")
        with pytest.raises(FormatError, match="the notes of the file"):
            read_recording(nwb)
    rewrite_notes(nwb, notes, "session 7")  # the digest in the notes is still checked
    assert read_recording(nwb).recordings[0].n_units == 5


def test_a_zarr_folder_stays_within_itself(tmp_path) -> None:
    folder = tmp_path / "a.zarr"
    folder.mkdir()
    (folder / ".zgroup").write_text('{"zarr_format": 2}')
    check_zarr(folder)
    link = {"zarr_link": [{"name": "x", "source": "../other.zarr", "path": "/x"}]}
    (folder / ".zattrs").write_text(json.dumps(link))
    with pytest.raises(FormatError, match=r"another file, \.\./other\.zarr"):
        check_zarr(folder)
    (folder / ".zattrs").write_text("[" * 10_000)
    with pytest.raises(FormatError, match="nested too deeply"):
        check_zarr(folder)
    (folder / ".zattrs").unlink()
    (folder / ".zarray").write_text(json.dumps({"filters": [{"id": "pickle", "protocol": 5}]}))
    with pytest.raises(FormatError, match="pickled objects, which can run code"):
        check_zarr(folder)
    (folder / ".zarray").unlink()
    os.mkfifo(folder / "0.0")
    with pytest.raises(FormatError, match="not a regular file"):
        check_zarr(folder)
