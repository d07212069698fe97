"""Files of recording systems are called what they are, with a way out; none is called damaged."""

import h5py
import numpy as np
import pytest

from hebbayes.cli.main import BAD_INPUT, run
from hebbayes.core.errors import FormatError
from hebbayes.data.reading import read_recording

FILES = {
    "a.ns5": (b"NEURALCD\x02\x03" + bytes(300), "a Blackrock recording"),
    "unnamed": (b"BRSMPGRP" + bytes(300), "a Blackrock recording"),
    "b.nev": (b"NEURALEV" + bytes(300), "Blackrock events"),
    "c.nev": (b"######## Neuralynx Data File Header\r\n" + bytes(300), "Neuralynx events"),
    "csc1.ncs": (b"######## Neuralynx Data File Header\r\n" + bytes(300), "a Neuralynx recording"),
    "a.plx": (b"XELP" + bytes(300), "a Plexon file"),
    "a.pl2": (bytes(300), "a Plexon file"),
    "a.rhd": (b"\x02\x12\x91\xc6" + bytes(300), "an Intan recording (.rhd)"),
    "a.rhs": (b"\xac\x27\x91\xd6" + bytes(300), "an Intan recording (.rhs)"),
    "100_CH1.continuous": (b"header.format = 'Open Ephys Data Format'", "Open Ephys"),
    "run_g0_t0.imec0.ap.bin": (bytes(300), "a SpikeGLX recording"),
    "tank.tev": (bytes(300), "a TDT tank"),
    "a.abf": (b"ABF2" + bytes(300), "an Axon file"),
    "a.edf": (b"0       patient" + b" " * 300, "an EDF recording"),
    "a.bdf": (b"\xffBIOSEMI" + b" " * 300, "a BDF recording"),
    "a.modat": (bytes(300), "a MED64 recording"),
    "stack.tif": (b"II*\0" + bytes(300), "a TIFF stack"),
    "a.smrx": (bytes(300), "a Spike2 file"),
}


@pytest.mark.parametrize("name", FILES)
def test_a_file_is_called_what_it_is(name: str, tmp_path, capsys) -> None:
    content, kind = FILES[name]
    (tmp_path / name).write_bytes(content)
    assert run(["check", str(tmp_path / name)]) == BAD_INPUT
    shown = capsys.readouterr().err
    assert kind in shown
    assert shown.count("\n") == 1
    assert "damaged" not in shown
    assert "unknown" not in shown
    assert any(way in shown for way in ("from_neo", "from_sorting", "unit,time", "suite2p"))


def test_a_raw_file_beside_its_meta_file_is_spikeglx(tmp_path) -> None:
    (tmp_path / "x.bin").write_bytes(bytes(100))
    (tmp_path / "x.meta").write_text("a=1")
    with pytest.raises(FormatError, match="a SpikeGLX recording"):
        read_recording(tmp_path / "x.bin")


HDF5 = {
    "MaxWell": ({"data_store/data0000/spikes", "wells/well000"}, "a MaxWell recording"),
    "Cortical Labs": ({"spikes", "stims"}, "a Cortical Labs recording"),
    "3Brain": ({"3BData/Raw", "3BRecInfo/a"}, "a 3Brain BrainWave recording"),
    "MCS": ({"Data/Recording_0/a"}, "a Multi Channel Systems recording"),
    "NWB 1": ({"nwb_version", "epochs/a", "acquisition/b"}, "an NWB 1 file"),
    "Kwik": ({"channel_groups/a", "event_types/a"}, "a Kwik file"),
    "CaImAn": ({"estimates/C", "params/a"}, "a CaImAn file"),
    "any other": (
        {"mydata/spikes", "b"},
        "an HDF5 file and neither NWB nor MATLAB; it holds b",
    ),
}


@pytest.mark.parametrize("name", HDF5)
def test_an_hdf5_file_is_called_what_it_is(name: str, tmp_path) -> None:
    paths, kind = HDF5[name]
    with h5py.File(tmp_path / "a.h5", "w") as file:
        for path in paths:
            file[path] = np.zeros(3)
    with pytest.raises(FormatError) as caught:
        read_recording(tmp_path / "a.h5")
    assert kind in str(caught.value)
    assert "damaged" not in str(caught.value)


FOLDERS = {
    "phy": (["spike_times.npy", "spike_clusters.npy", "params.py"], "Kilosort or phy"),
    "open ephys": (["structure.oebin"], "an Open Ephys folder"),
    "legacy": (["100_CH1.continuous"], "an Open Ephys folder"),
    "neuralynx": (["CSC1.ncs", "Events.nev"], "a Neuralynx folder"),
    "alf": (["spikes.times.npy", "spikes.clusters.npy"], r"an IBL \(ALF\) folder"),
    "tdt": (["a.tsq", "a.tev"], "a TDT tank"),
}


@pytest.mark.parametrize("name", FOLDERS)
def test_a_folder_is_called_what_it_is(name: str, tmp_path) -> None:
    files, kind = FOLDERS[name]
    for file in files:
        (tmp_path / file).write_bytes(b"x")
    with pytest.raises(FormatError, match=kind):
        read_recording(tmp_path)
