"""Formats without their optional package: a sentence that names the extra, or no need of it."""

import sys
from collections.abc import Callable
from pathlib import Path

import neo
import numpy as np
import pynapple as nap
import pytest
import quantities as pq
from safetensors.numpy import save_file

from hebbayes.cli.main import BAD_INPUT, run
from hebbayes.core.errors import MissingDependencyError
from hebbayes.data.formats.neo import from_neo
from hebbayes.data.formats.nwb.writing import to_nwb
from hebbayes.data.formats.pynapple import from_pynapple
from hebbayes.data.reading import read_recording
from hebbayes.data.weights import read_weights

from .formats.hdf5_mat import write_v73
from .formats.nwb_files import nwb_file, write
from .spikes import spike_set


def mat73(path: Path) -> Path:
    return write_v73(path, [{"o": np.eye(2), "r": np.eye(2)}])


def nwb(path: Path) -> Path:
    to_nwb(spike_set().recording(), path)
    return path


def zarr(path: Path) -> Path:
    return write(nwb_file(spike_set(), "series"), path)


FILES = {
    ("a.mat", "h5py", "h5"): mat73,
    ("a.nwb", "pynwb", "nwb"): nwb,
    ("b.nwb", "h5py", "nwb"): nwb,
    ("a.zarr", "hdmf_zarr", "nwb"): zarr,
    ("b.zarr", "zarr", "nwb"): zarr,
}


def sentence(package: str, extra: str) -> str:
    return f'{package} is not installed; install it with: pip install "hebbayes[{extra}]".'


@pytest.mark.parametrize("case", FILES, ids=lambda case: f"{case[0]} without {case[1]}")
def test_reading_without_the_package_names_the_extra(
    tmp_path, monkeypatch, capsys, case: tuple[str, str, str]
) -> None:
    name, package, extra = case
    make: Callable[[Path], Path] = FILES[case]
    path = make(tmp_path / name)
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(MissingDependencyError) as caught:
        read_recording(path)
    assert str(caught.value) == sentence(package, extra)
    assert run(["check", str(path)]) == BAD_INPUT
    assert package in capsys.readouterr().err


@pytest.mark.parametrize("package", ["pynwb", "h5py"])
def test_writing_nwb_without_the_package_names_the_extra(tmp_path, monkeypatch, package) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(MissingDependencyError) as caught:
        to_nwb(spike_set().recording(), tmp_path / "a.nwb")
    assert str(caught.value) == sentence(package, "nwb")


def test_objects_of_neo_and_pynapple_are_read_by_their_attributes(monkeypatch) -> None:
    block, segment = neo.Block(), neo.Segment()
    segment.spiketrains.append(neo.SpikeTrain([0.015] * pq.s, t_stop=1 * pq.s))
    segment.events.append(neo.Event([0.0] * pq.s, array_annotations={"channel": [0]}))
    block.segments.append(segment)
    support = nap.IntervalSet(0.0, 1.0)
    group = nap.TsGroup({4: nap.Ts(np.array([0.015]), time_support=support)}, time_support=support)
    onset = np.array([0.0])
    for package in ("neo", "pynapple"):
        monkeypatch.setitem(sys.modules, package, None)
    assert from_neo(block).responses.tolist() == [[1]]
    assert from_pynapple(group, onset, np.eye(1)).responses.tolist() == [[1]]


def test_safetensors_files_are_read_without_the_package(tmp_path, monkeypatch) -> None:
    save_file({"W": np.eye(2)}, tmp_path / "w.safetensors")
    monkeypatch.setitem(sys.modules, "safetensors", None)
    np.testing.assert_array_equal(read_weights(tmp_path / "w.safetensors").arrays["W"], np.eye(2))
