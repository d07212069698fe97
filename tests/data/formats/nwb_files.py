"""NWB files of one spike set: every convention of stimuli, HDF5 and Zarr, and what breaks them."""

from datetime import UTC, datetime
from pathlib import Path

import h5py
import numpy as np
from hdmf_zarr import NWBZarrIO
from pynwb import NWBHDF5IO, NWBFile, TimeSeries
from pynwb.core import VectorData, VectorIndex
from pynwb.epoch import TimeIntervals
from pynwb.event import EventsTable
from pynwb.misc import Units

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
        file.add_stimulus(
            TimeSeries(
                name="pulses", data=spikes.stimuli.astype("u1"), unit="n.a.", timestamps=onset
            )
        )
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
