"""NWB files of one spike set: every convention of stimuli, HDF5 and Zarr, and what breaks them."""

from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import h5py
import numpy as np
from hdmf_zarr import NWBZarrIO
from pynwb import NWBHDF5IO, NWBFile, TimeSeries, get_class, load_namespaces
from pynwb.core import DynamicTableRegion, VectorData, VectorIndex
from pynwb.epoch import TimeIntervals
from pynwb.event import EventsTable
from pynwb.misc import Units
from pynwb.spec import NWBAttributeSpec, NWBDatasetSpec, NWBGroupSpec, NWBNamespaceBuilder

from ..spikes import RATE_HZ, UNIT_IDS, SpikeSet

CONVENTIONS = ("ragged column", "series", "columns", "events")


def nwb_file(
    spikes: SpikeSet, convention: str, *, observed=None, invalid=(), units=True
) -> NWBFile:
    file = NWBFile("one spike set", "spikes", datetime(2024, 1, 1, tzinfo=UTC))
    onset = spikes.onset_s
    columns = [
        VectorData(name="start_time", description="start", data=onset),
        VectorData(name="stop_time", description="stop", data=onset + 0.1),
        VectorData(name="session", description="session", data=spikes.session.astype("u1")),
    ]
    if convention == "ragged column":
        lists = [np.flatnonzero(row) for row in spikes.stimuli]
        data = VectorData(
            name="stimulus_channels", description="on", data=np.concatenate(lists).astype("u1")
        )
        ends = np.cumsum([len(one) for one in lists]).astype("u1")
        columns += [data, VectorIndex(name="stimulus_channels_index", data=ends, target=data)]
    if convention == "columns":
        columns += [
            VectorData(
                name=f"stimulus_{k}", description="on", data=spikes.stimuli[:, k].astype("u1")
            )
            for k in reversed(range(6))
        ]
    file.trials = TimeIntervals(name="trials", description="trials", columns=columns)
    if convention == "series":
        file.add_stimulus(series("pulses", spikes.stimuli.astype("u1"), onset))
    if convention == "events":
        trial, channel = np.nonzero(spikes.stimuli)
        order = np.random.default_rng(1).permutation(len(trial))
        table = EventsTable(name="pulses", description="stimulation")
        table.add_column(name="channel", description="which", data=[])
        for k in order:
            table.add_row(timestamp=float(onset[trial[k]]), channel=int(channel[k]))
        file.add_events_table(table)
    if units:
        file.units = units_table(spikes, observed)
    for start, stop in invalid:
        file.add_invalid_time_interval(start_time=float(start), stop_time=float(stop))
    return file


def series(name: str, data: np.ndarray, onset_s: np.ndarray) -> TimeSeries:
    return TimeSeries(name=name, data=data, unit="n.a.", timestamps=onset_s)


def units_table(spikes: SpikeSet, observed=None) -> Units:
    table = Units(name="units", description="sorted units", resolution=1 / RATE_HZ)
    for k, (unit, times) in enumerate(zip(UNIT_IDS, spikes.seconds)):
        more = {} if observed is None else {"obs_intervals": observed[k]}
        table.add_unit(id=int(unit), spike_times=times, **more)
    return table


def write(file: NWBFile, path: Path) -> Path:
    if path.suffix == ".zarr":
        with NWBZarrIO(str(path), "w") as io:
            io.write(file)
    else:
        with NWBHDF5IO(str(path), "w") as io:
            io.write(file)
    return path


def edited(source: Path, target: Path, edit) -> Path:
    """Copy a file and change it below pynwb, which checks nothing of this when it reads."""
    target.write_bytes(source.read_bytes())
    with h5py.File(target, "a") as file:
        edit(file)
    return target


def binned_file(spikes: SpikeSet, convention: str) -> NWBFile:
    """Counts in bins of 10 ms from -10 to 50 ms, in the extension's type, specified here anew."""
    file = nwb_file(spikes, convention)
    edges = np.append(np.arange(-200, 1000, 200), 999.5)  # half-open at the end too
    onsets = spikes.onset_ticks
    counts = [[np.histogram(t - onset, edges)[0] for onset in onsets] for t in spikes.ticks]
    data = np.array(counts).astype("u1")
    binned = binned_class()(
        name="evoked",
        data=data,
        event_timestamps=spikes.onset_s,
        bin_width_in_milliseconds=10.0,
        milliseconds_from_event_to_first_bin=-10.0,
        units_region=DynamicTableRegion(
            name="units_region", data=np.arange(5), description="units", table=bare_units(file)
        ),
    )
    module = file.create_processing_module("ecephys", "counts")
    module.add(binned)
    return file


def bare_units(file: NWBFile) -> Units:
    """Replace the units by the same ones without spike times."""
    file.fields.pop("units")
    file.units = Units(name="units", description="sorted units")
    for unit in UNIT_IDS:
        file.units.add_unit(id=int(unit))
    return file.units


@cache
def binned_class() -> type:
    spec = NWBGroupSpec(
        neurodata_type_def="BinnedAlignedSpikes",
        neurodata_type_inc="NWBDataInterface",
        default_name="BinnedAlignedSpikes",
        doc="counts",
        attributes=[
            NWBAttributeSpec("bin_width_in_milliseconds", "width", "float64"),
            NWBAttributeSpec("milliseconds_from_event_to_first_bin", "first", "float64"),
        ],
        datasets=[
            NWBDatasetSpec("counts", "numeric", name="data", shape=(None, None, None)),
            NWBDatasetSpec("times", "float64", name="event_timestamps", shape=(None,)),
            NWBDatasetSpec("units", name="units_region", neurodata_type_inc="DynamicTableRegion"),
        ],
    )
    folder = Path(mkdtemp())
    builder = NWBNamespaceBuilder(
        "counts", "ndx-binned-spikes", version="0.3.1", author="x", contact="x"
    )
    builder.include_namespace("core")
    builder.add_spec("ndx-binned-spikes.extensions.yaml", spec)
    builder.export(str(folder / "ndx-binned-spikes.namespace.yaml"), outdir=str(folder))
    load_namespaces(str(folder / "ndx-binned-spikes.namespace.yaml"))
    return get_class("BinnedAlignedSpikes", "ndx-binned-spikes")
