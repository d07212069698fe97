"""Files of recording systems and other software, named by signature or ending, and the way out.

Nothing here reads them: SpikeInterface and Neo do.  What cannot be spikes yet (raw voltage) needs a
spike sorter first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

TABLE = "write spikes as a table unit,time (.csv) with a table of trials"
NEO = "read it with Neo (neo.io.{reader}) and pass its block to from_neo, or " + TABLE
SORT = (
    "it holds voltage, not spikes: sort it with SpikeInterface ({reader}) and pass the sorting to "
    "from_sorting, or " + TABLE
)
CONVERT = "convert it to NWB 2 with {reader}, or write spikes as a table unit,time (.csv)"


@dataclass(frozen=True)
class Vendor:
    """What a file is, and what to do with it.

    Attributes:
        kind: What the file is, with its article.
        remedy: What to do.
        suffixes: Endings of its name, in small letters.
        signatures: First bytes, one of which it has.
        path_names: Names of HDF5 groups or of files in a folder, all of which it has.
    """

    kind: str
    remedy: str
    suffixes: tuple[str, ...] = ()
    signatures: tuple[bytes, ...] = ()
    path_names: tuple[str, ...] = ()


def _neo(kind: str, reader: str, *suffixes: str, signatures: tuple[bytes, ...] = ()) -> Vendor:
    return Vendor(kind, NEO.format(reader=reader), suffixes, signatures)


def _sort(kind: str, reader: str, *suffixes: str, signatures: tuple[bytes, ...] = ()) -> Vendor:
    return Vendor(kind, SORT.format(reader=reader), suffixes, signatures)


FILES: tuple[Vendor, ...] = (
    _sort("a Blackrock recording (.nsX)", "read_blackrock",
          *(f".ns{k}" for k in range(1, 10)), signatures=(b"NEURALSG", b"NEURALCD", b"BRSMPGRP")),
    _neo("Blackrock events (.nev)", "BlackrockIO", signatures=(b"NEURALEV", b"BREVENTS")),
    _sort("a Neuralynx recording (.ncs)", "read_neuralynx", ".ncs", ".nrd"),
    _neo("Neuralynx spikes (.nse, .ntt)", "NeuralynxIO", ".nse", ".ntt", ".nst"),
    _neo("Neuralynx events (.nev)", "NeuralynxIO"),
    _neo("a Plexon file (.plx)", "PlexonIO", ".plx", signatures=(b"XELP", b"PLEX")),
    _neo("a Plexon file (.pl2)", "Plexon2IO", ".pl2"),
    _sort("an Intan recording (.rhd)", "read_intan", ".rhd", signatures=(b"\x02\x12\x91\xc6",)),
    _sort("an Intan recording (.rhs)", "read_intan", ".rhs", signatures=(b"\xac\x27\x91\xd6",)),
    _sort("an Open Ephys recording (.continuous)", "read_openephys", ".continuous"),
    _neo("Open Ephys spikes or events", "OpenEphysIO", ".spikes", ".events",
         signatures=(b"header.format = 'Open Ephys",)),
    _sort("a SpikeGLX recording (.bin with .meta)", "read_spikeglx",
          ".ap.bin", ".lf.bin", ".nidq.bin", ".ap.cbin", ".ap.meta", ".lf.meta", ".nidq.meta"),
    _neo("a TDT tank (.tev, .tsq, .tbk, .sev)", "TdtIO", ".tev", ".tsq", ".tbk", ".tdx", ".tnt",
         ".sev"),
    _neo("an Axon file (.abf)", "AxonIO", ".abf", signatures=(b"ABF ", b"ABF2")),
    _neo("a Spike2 file (.smr, .smrx)", "CedIO", ".smr", ".smrx"),
    _neo("a NeuroExplorer file (.nex, .nex5)", "NeuroExplorerIO", ".nex", ".nex5",
         signatures=(b"NEX1", b"NEX5")),
    _neo("a NeuroScope file (.clu, .res, .fet)", "NeuroScopeIO", ".clu", ".res", ".fet"),
    _neo("an Alpha Omega file (.mpx)", "AlphaOmegaIO", ".mpx"),
    _neo("a Ripple or Trellis file (.nf3)", "BlackrockIO", ".nf3"),
    _neo("a Micromed file (.trc)", "MicromedIO", ".trc"),
    _neo("a BrainVision file (.vhdr, .vmrk)", "BrainVisionIO", ".vhdr", ".vmrk",
         signatures=(b"Brain Vision Data",)),
    _sort("an Axona recording (.set, .bin)", "read_axona", ".set"),
    _sort("a Multi Channel Systems recording (.mcd)", "read_mcsraw", ".mcd",
          signatures=(b"MCSSTRM",)),
    _sort("a MED64 recording (.modat, .bin)", "read_binary", ".modat", ".moduf", ".modat2"),
    _sort("an Axion recording (.raw)", "read_binary", signatures=(b"AxionBio",)),
    _sort("an EDF recording", "read_edf", ".edf"),
    _sort("a BDF recording", "read_edf", ".bdf", signatures=(b"\xffBIOSEMI",)),
    _sort("a Trodes recording (.rec)", "read_spikegadgets", ".rec",
          signatures=(b"<?xml version=\"1.0\"?><Configuration", b"<Configuration")),
    Vendor("a TIFF stack of images",
           "extract traces first, such as with suite2p, and pass its folder, or a table with a "
           "column per cell",
           (".tif", ".tiff"), (b"II*\0", b"MM\0*", b"II+\0")),
    Vendor("a Scanbox recording (.sbx)", "extract traces first, such as with suite2p", (".sbx",)),
    Vendor("an Igor file (.ibw, .pxp)", TABLE, (".ibw", ".pxp")),
    Vendor("a MATLAB figure (.fig)", "save its data with save(..., '-v7')", (".fig",)),
    Vendor("a video", "write what is measured in it as a table", (".avi", ".mp4", ".mov")),
)  # fmt: skip
"""Files by signature or ending; the first that fits names the file."""

HDF5_FILES: tuple[Vendor, ...] = (
    Vendor("a MaxWell recording (HDF5)", SORT.format(reader="read_maxwell"),
           path_names=("data_store", "wells")),
    Vendor("a MaxWell recording (HDF5)", SORT.format(reader="read_maxwell"),
           path_names=("mapping", "proc0")),
    Vendor("a MaxWell recording (HDF5)", SORT.format(reader="read_maxwell"),
           path_names=("mapping", "sig")),
    Vendor("a Cortical Labs recording (HDF5)",
           "write its spikes (timestamp, channel) as a table unit,time (.csv, --time-unit samples "
           "--rate-hz RATE) and its stims as a table of trials",
           path_names=("spikes", "stims")),
    Vendor("a 3Brain BrainWave recording (HDF5)", SORT.format(reader="read_biocam"),
           path_names=("3BData", "3BRecInfo")),
    Vendor("a 3Brain BrainWave recording (HDF5)", SORT.format(reader="read_biocam"),
           path_names=("Well_A1", "TOC")),
    Vendor("3Brain BrainWave spikes (HDF5)", TABLE,
           path_names=("3BResults",)),
    Vendor("a Multi Channel Systems recording (HDF5)", SORT.format(reader="read_mcsh5"),
           path_names=("Data", "Data/Recording_0")),
    Vendor("an NWB 1 file",
           "NWB 1 is not read by pynwb: " + CONVERT.format(reader="the tools of its archive"),
           path_names=("nwb_version",)),
    Vendor("an NWB 1 file",
           "NWB 1 is not read by pynwb: " + CONVERT.format(reader="the tools of its archive"),
           path_names=("neurodata_version",)),
    Vendor("a Kwik file (HDF5)", NEO.format(reader="KwikIO"),
           path_names=("channel_groups", "event_types")),
    Vendor("a CaImAn file (HDF5)",
           "write estimates.C or estimates.F_dff (cells, time) with its rate as a suite2p folder "
           "(F.npy), or responses as a table with a column per cell",
           path_names=("estimates", "params")),
    Vendor("a DeepLabCut or pandas table (HDF5)",
           "write it as CSV: pandas.read_hdf(FILE).to_csv('trials.csv')",
           path_names=("df_with_missing",)),
    Vendor("a Keras or PyTorch model (HDF5)", "it holds weights, not a recording",
           path_names=("model_weights",)),
    Vendor("an AnnData file (HDF5)", TABLE, path_names=("obs", "var", "X")),
    Vendor("a Herding Spikes file (HDF5)", TABLE, path_names=("cluster_id", "times")),
    Vendor("a MEArec file (HDF5)", SORT.format(reader="read_mearec"),
           path_names=("spiketrains", "recordings")),
)  # fmt: skip
"""HDF5 files by the names of their groups; the first of which a file has all names it."""

FOLDERS: tuple[Vendor, ...] = (
    Vendor("a folder of Kilosort or phy",
           "read it with SpikeInterface (read_kilosort or read_phy) and pass the sorting to "
           "from_sorting, or write spike_clusters.npy and spike_times.npy as a table unit,time "
           "(.csv, --time-unit samples --rate-hz RATE) with a table of trials",
           path_names=("spike_times.npy", "spike_clusters.npy")),
    Vendor("a folder of Kilosort", SORT.format(reader="read_kilosort"),
           path_names=("spike_times.npy", "templates.npy")),
    Vendor("an Open Ephys folder", SORT.format(reader="read_openephys"),
           path_names=("structure.oebin",)),
    Vendor("an Open Ephys folder", SORT.format(reader="read_openephys"),
           path_names=("settings.xml",)),
    Vendor("an IBL (ALF) folder",
           "write its trials (trials.table, or _ibl_trials.*) as a table, and spikes.times and "
           "spikes.clusters as a table unit,time (.csv)",
           path_names=("spikes.times.npy", "spikes.clusters.npy")),
    Vendor("a SpikeInterface folder",
           "load it (spikeinterface.load) and pass the sorting to from_sorting",
           path_names=("si_folder.json",)),
)  # fmt: skip
"""Folders by the files that they hold."""

_BY_CONTENT: dict[str, Callable[[Path], Iterable[Path]]] = {
    "a Neuralynx folder": lambda path: path.glob("*.ncs"),
    "an Open Ephys folder": lambda path: path.glob("*.continuous"),
    "a SpikeGLX folder": lambda path: path.glob("*.ap.bin"),
    "a TDT tank": lambda path: path.glob("*.tsq"),
    "a folder of Intan recordings": lambda path: path.glob("*.rhd"),
}
_FOLDER_READERS = {
    "a Neuralynx folder": "read_neuralynx",
    "an Open Ephys folder": "read_openephys",
    "a SpikeGLX folder": "read_spikeglx",
    "a TDT tank": "read_tdt",
    "a folder of Intan recordings": "read_split_intan_files",
}


def vendor_of(path: Path, head: bytes) -> Vendor | None:
    """Return what a file or folder of other software is, by signature or name; None if unknown.

    ``head`` is the beginning of the file; a folder has none.

    Example:
        >>> vendor_of(Path("a.plx"), b"").kind
        'a Plexon file (.plx)'
        >>> vendor_of(Path("a.csv"), b"unit,time") is None
        True
    """
    if path.is_dir():
        return _folder(path)
    name = path.name.casefold()
    for vendor in FILES:
        if vendor.signatures and head.startswith(vendor.signatures):
            return vendor
    if name.endswith(".nev"):
        return next(vendor for vendor in FILES if vendor.kind == "Neuralynx events (.nev)")
    if head.startswith(b"######## Neuralynx"):
        return next(vendor for vendor in FILES if ".ncs" in vendor.suffixes)
    if name.endswith(".bin") and path.with_suffix(".meta").is_file():
        return next(vendor for vendor in FILES if ".ap.bin" in vendor.suffixes)
    return next((vendor for vendor in FILES if name.endswith(vendor.suffixes or ("\0",))), None)


def vendor_of_hdf5(names: Iterable[str]) -> Vendor | None:
    """Return what an HDF5 file of other software is, by the names of its groups; None if unknown.

    Example:
        >>> vendor_of_hdf5(["3BData", "3BRecInfo"]).kind
        'a 3Brain BrainWave recording (HDF5)'
    """
    held = set(names)
    return next((vendor for vendor in HDF5_FILES if held >= set(vendor.path_names)), None)


def _folder(path: Path) -> Vendor | None:
    for vendor in FOLDERS:
        if all((path / name).exists() for name in vendor.path_names):
            return vendor
    for kind, found in _BY_CONTENT.items():
        if next(iter(found(path)), None) is not None:
            return Vendor(kind, SORT.format(reader=_FOLDER_READERS[kind]))
    return None
