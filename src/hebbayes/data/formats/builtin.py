"""The readers that come with the package, in the order in which they are tried.

Each is also registered as an entry point, like a plug-in.  Recognition imports no library of a
format; ``read`` imports the one module that a file needs.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from hebbayes.data.files import HDF5_MAGIC
from hebbayes.data.readers import MAPPING, Reader, ReadingOptions

if TYPE_CHECKING:
    from hebbayes.data.recording import Cultures, Recording

_ZARR = (".zgroup", "zarr.json", ".zmetadata", ".zattrs")


def _is_mat73(path: Path, head: bytes) -> bool:
    is_hdf5 = head.startswith(HDF5_MAGIC)
    return head[512:520] == HDF5_MAGIC or (is_hdf5 and path.suffix.lower() == ".mat")


def _is_mat5(path: Path, head: bytes) -> bool:
    return head.startswith(b"MATLAB") or (bool(head) and path.suffix.lower() == ".mat")


def _read_mat(path: Path, options: ReadingOptions) -> Cultures:
    from hebbayes.data.formats.matlab.named import read_named
    from hebbayes.data.formats.matlab.reading import NoLayoutError, read_mat

    if options.spikes:
        return _single(read_named(path, options), path, options)
    try:
        return read_mat(path, session_length=options.session_length, condition=options.condition)
    except NoLayoutError as error:
        return _single(read_named(path, options, otherwise=error), path, options)


def _is_npz(path: Path, head: bytes) -> bool:
    return head.startswith(b"PK\x03\x04") or (bool(head) and path.suffix.lower() == ".npz")


def _read_npz(path: Path, options: ReadingOptions) -> Cultures:
    from hebbayes.data.formats.npz import read_named_npz, read_npz

    if options.changed() & (MAPPING | {"spikes", "sort_spikes"}):
        return _single(read_named_npz(path, options), path, options)
    return read_npz(
        path,
        condition=options.condition,
        window=options.window,
        time_unit=options.time_unit,
        rate_hz=options.rate_hz,
    )


def _is_nwb(path: Path, head: bytes) -> bool:
    if path.is_dir():
        return any((path / name).exists() for name in _ZARR)
    return head.startswith(HDF5_MAGIC) or (bool(head) and path.suffix.lower() == ".nwb")


def _read_nwb(path: Path, options: ReadingOptions) -> Cultures:
    from hebbayes.data.columns.trials import TrialMapping
    from hebbayes.data.formats.nwb.reading import ResponseOptions, read_nwb
    from hebbayes.data.formats.tables.trials import trials_beside

    given = trials_beside(options)
    recording = read_nwb(
        path,
        trials=options.trials if given is None else given,
        mapping=TrialMapping.of_options(options) if given is None else None,
        window=options.window,
        time_unit=options.time_unit,
        rate_hz=options.rate_hz,
        responses=ResponseOptions(options.spikes, options.sort_spikes, options.baseline_window_s),
    )
    return _single(recording, path, options)


def _is_table(path: Path, head: bytes) -> bool:
    if path.is_dir():
        return _is_suite2p(path)
    return bool(head) and path.suffix.lower() in (".csv", ".tsv", ".txt", ".parquet")


def _is_suite2p(path: Path) -> bool:
    return any((path / place / "F.npy").is_file() for place in ("", "plane0", "suite2p/plane0"))


def _read_table(path: Path, options: ReadingOptions) -> Cultures:
    if path.is_dir():
        from hebbayes.data.formats.imaging.suite2p import read_suite2p

        return _single(read_suite2p(path, options), path, options)
    from hebbayes.data.formats.tables.reading import read_table

    return _single(read_table(path, options), path, options)


def _single(recording: Recording, path: Path, options: ReadingOptions) -> Cultures:
    from hebbayes.data.recording import Cultures

    return Cultures(options.condition or path.stem, {0: recording})


_COUNTING = frozenset({"condition", "window", "time_unit", "rate_hz"})
_NAMED = _COUNTING | MAPPING | {"spikes", "sort_spikes"}
_MATLAB = _NAMED | {"session_length"}

MAT73 = Reader("mat7.3", "MATLAB v7.3 (.mat)", _is_mat73, _read_mat, _MATLAB)
MAT5 = Reader("mat5", "MATLAB v5 (.mat)", _is_mat5, _read_mat, _MATLAB)
NPZ = Reader("npz", "NumPy (.npz)", _is_npz, _read_npz, _NAMED)
NWB = Reader(
    "nwb",
    "NWB (.nwb, .zarr)",
    _is_nwb,
    _read_nwb,
    _COUNTING | MAPPING | {"trials", "columns", "sort_spikes", "spikes", "baseline_window_s"},
)
CSV = Reader(
    "csv",
    "tables (.csv, .tsv, .parquet; suite2p folders)",
    _is_table,
    _read_table,
    _COUNTING | MAPPING | {"trials", "columns", "spikes", "sort_spikes", "baseline_window_s"},
)

BUILT_IN = (MAT73, MAT5, NPZ, NWB, CSV)
"""Readers of this package; the first that recognises a file reads it."""
