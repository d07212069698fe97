"""HDF5 files and Zarr folders that lead elsewhere, never end or claim too much are refused."""

import json
import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest

from hebbayes.core.errors import FormatError
from hebbayes.data.formats.matlab.reading import read_mat
from hebbayes.data.formats.nwb.writing import to_nwb
from hebbayes.data.formats.nwb.zarr_check import check_zarr
from hebbayes.data.reading import read_recording

from ...cultures import small_culture
from ..spikes import spike_set
from .hdf5_mat import put, references, write_v73

pytestmark = pytest.mark.usefixtures("few_resources")


@pytest.fixture(scope="module")
def written_nwb(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("nwb") / "a.nwb"
    to_nwb(spike_set().recording(), path)
    return path


@pytest.fixture
def nwb(written_nwb: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(written_nwb, tmp_path))


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
    with pytest.raises(FormatError, match=r"responses has shape \(24, 10000000\)"):
        read_recording(nwb)


def test_a_field_of_the_file_that_is_no_single_value_is_refused(nwb: Path) -> None:
    with h5py.File(nwb, "r+") as file:
        del file["timestamps_reference_time"]
        zeros = np.zeros(20_000)
        file.create_dataset("timestamps_reference_time", data=zeros, compression="gzip")
    with pytest.raises(FormatError, match=r"/timestamps_reference_time has shape \(20000,\)"):
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
    (folder / ".zattrs").write_text(json.dumps({"zarr_link": [{"source": ".", "path": "/b/c"}]}))
    check_zarr(folder)
    inner = folder / "b" / "c" / "d"
    inner.mkdir(parents=True)
    chain = {"zarr_link": [{"source": ".", "path": "/e"}]}  # a link behind a link is harmless
    (inner / ".zattrs").write_text(json.dumps(chain))
    check_zarr(folder)
    for paths in (["/b"], ["/x", "/x"]):
        around = {"zarr_link": [{"source": ".", "path": path} for path in paths]}
        (inner / ".zattrs").write_text(json.dumps(around))
        for k in range(20 * (len(paths) - 1)):  # each level opens the next twice
            place = folder / "x" / ("x" * k) if k else folder / "x"
            place.mkdir()
            following = f"/x/{'x' * (k + 1)}"
            twice = {"zarr_link": [{"source": ".", "path": following} for _ in range(2)]}
            (place / ".zattrs").write_text(json.dumps(twice))
        with pytest.raises(FormatError, match="links in a circle, or links that multiply"):
            check_zarr(folder)
    shutil.rmtree(folder / "x")
    shutil.rmtree(folder / "b")
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


def test_a_text_that_claims_gigabytes_is_refused_before_they_are_taken(nwb: Path) -> None:
    with h5py.File(nwb, "r+") as file:
        file.attrs["note"] = "sixty bytes " * 5
    content = bytearray(nwb.read_bytes())
    heaps = [match.start() for match in re.finditer(b"GCOL", content)]
    states = [(60).to_bytes(4, "little") + heap.to_bytes(8, "little") for heap in heaps]
    (place,) = (at for state in states if (at := content.find(state)) >= 0)
    content[place : place + 4] = b"\xff" * 4
    nwb.write_bytes(content)
    with pytest.raises(FormatError, match="needs more memory than its size justifies"):
        read_recording(nwb)
