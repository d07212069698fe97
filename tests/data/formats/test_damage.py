"""Truncated files and files with a flipped bit give an error or the data, never a crash.

Formats with a checksum never give other data; without one (CSV, NWB and MATLAB files from other
software) a changed number can go unnoticed, as the docs state.
"""

import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from pynwb import NWBHDF5IO

from hebbayes.core.errors import HebbayesError
from hebbayes.data.formats.csv import to_csv
from hebbayes.data.formats.matlab.writing import to_mat
from hebbayes.data.formats.npz import to_npz
from hebbayes.data.formats.nwb.writing import to_nwb
from hebbayes.data.reading import read_recording
from hebbayes.data.recording import Recording

from ...cultures import write_cultures
from ..spikes import assert_identical, spike_set
from .hdf5_mat import write_v73
from .nwb_files import nwb_file, write


def bare_nwb(path: Path) -> None:
    with NWBHDF5IO(str(path), "w") as io:  # without schemas: most bytes are data
        io.write(nwb_file(spike_set(), "ragged column"), cache_spec=False)


def culture() -> dict[str, np.ndarray]:
    spikes = spike_set()
    return {"o": spikes.stimuli.astype("u1"), "r": spikes.responses.astype("u1")}


WRITERS: dict[str, Callable[[Path], object]] = {
    "a.npz": lambda path: to_npz(spike_set().recording(), path),
    "a.csv": lambda path: to_csv(spike_set().recording(), path),
    "written.mat": lambda path: to_mat(spike_set().recording(), path),
    "v5.mat": lambda path: write_cultures(path, [culture()]),
    "v73.mat": lambda path: write_v73(path, [culture()]),
    "written.nwb": lambda path: to_nwb(spike_set().recording(), path),
    "bare.nwb": bare_nwb,
    "a.zarr": lambda path: write(nwb_file(spike_set(), "ragged column"), path),
}
HAS_CHECKSUM = ("a.npz", "written.mat", "written.nwb")
CHEAP = ("a.npz", "a.csv", "written.mat", "v5.mat", "v73.mat")


@pytest.fixture(params=WRITERS)
def good(request, tmp_path) -> Path:
    path = tmp_path / request.param
    WRITERS[request.param](path)
    return path


def read(path: Path) -> Recording | None:
    """Return what is read, None if it is refused with one of our messages."""
    try:
        held = read_recording(path, session_length=12)
    except HebbayesError:
        return None
    return None if held.failures else held.recordings[0]


def is_same(one: Recording, other: Recording) -> bool:
    try:
        assert_identical(one, other)
    except AssertionError:
        return False
    return True


def parts(path: Path) -> list[Path]:
    return [path] if path.is_file() else sorted(p for p in path.rglob("*") if p.is_file())


def test_a_file_cut_short_is_refused_or_whole(good) -> None:
    wanted = read(good)
    assert wanted is not None
    for part in parts(good)[:: max(1, len(parts(good)) // 16)]:
        content = part.read_bytes()
        for length in np.linspace(0, len(content) - 1, 16 if good.is_file() else 1).astype(int):
            part.write_bytes(content[:length])
            result = read(good)
            assert result is None or is_same(result, wanted), (part.name, length)
        part.write_bytes(content)


def flip(good: Path, n_flips: int) -> Counter:
    """Flip a bit of one byte at a time; count the outcomes."""
    wanted = read(good)
    assert wanted is not None
    files = parts(good)
    sizes = np.array([file.stat().st_size for file in files], float)
    rng = np.random.default_rng(0)
    outcomes: Counter[str] = Counter()
    for _ in range(n_flips):
        file = files[rng.choice(len(files), p=sizes / sizes.sum())]
        content = bytearray(file.read_bytes())
        whole = bytes(content)
        content[rng.integers(len(content))] ^= 1 << int(rng.integers(8))
        file.write_bytes(content)
        result = read(good)
        if result is None:
            outcomes["refused"] += 1
        else:
            outcomes["same" if is_same(result, wanted) else "other"] += 1
        file.write_bytes(whole)
    return outcomes


def check_flips(good: Path, n_flips: int) -> None:
    outcomes = flip(good, n_flips)
    assert outcomes.total() == n_flips
    if good.name in HAS_CHECKSUM:
        assert outcomes["other"] == 0
    assert outcomes["other"] <= 0.2 * n_flips


def test_a_flipped_bit_is_refused_or_harmless(good) -> None:
    check_flips(good, 200 if good.name in CHEAP else 6)


@pytest.mark.slow
@pytest.mark.parametrize("good", ["written.nwb", "bare.nwb", "a.zarr"], indirect=True)
def test_two_hundred_flipped_bits_of_nwb_are_refused_or_harmless(good) -> None:
    check_flips(good, 200)


def test_an_array_that_the_directory_of_an_archive_has_lost_is_missed(tmp_path) -> None:
    path = tmp_path / "a.npz"
    to_npz(spike_set().recording(), path)
    content = bytearray(path.read_bytes())
    entries = [m.start() for m in re.finditer(b"PK\x01\x02", content)]
    first, second, third = entries[-3:]
    content[first + 32 : first + 34] = (third - second).to_bytes(2, "little")  # a comment's length
    path.write_bytes(content)
    with np.load(path) as archive:
        assert len(archive.files) == len(entries) - 1  # numpy does not mind
    with pytest.raises(HebbayesError, match="members found"):
        read_recording(path)
