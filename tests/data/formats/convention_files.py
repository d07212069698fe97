"""One small recording in every shape that labs have, and what it holds, noted as it is written.

What is expected is counted from the numbers that the file is written from, never from reading it.
`benchmarks/any_table.py` reads the same files for the table in the docs.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas
from numpy.random import Generator
from pynwb import NWBHDF5IO, NWBFile
from pynwb.ophys import DfOverF, ImageSegmentation, OpticalChannel
from scipy.io import savemat

from ..convention_file import ConventionFile

N, UNITS = 24, 4
NAN = np.nan
CELLS = [0, 2, 3]


@dataclass(frozen=True)
class Expected:
    """What a file holds, trial by trial.

    Attributes:
        responses: (trials, units).
        stimuli: (trials, channels).
        choice: Label of each choice, None if there was none; None for a file without choices.
        risk: (trials,), NaN if unknown; None for a file without outcomes.
        session: (trials,), None for a single session.
    """

    responses: np.ndarray
    stimuli: np.ndarray
    choice: list | None = None
    risk: np.ndarray | None = None
    session: np.ndarray | None = None


@dataclass(frozen=True)
class Task:
    """A task with two sides, and spikes of four units on one clock."""

    start: np.ndarray
    delay: np.ndarray
    side: np.ndarray
    result: np.ndarray
    trains: list

    @property
    def onset(self) -> np.ndarray:
        return self.start + self.delay

    @property
    def choice(self) -> list:
        other = {"left": "right", "right": "left"}
        made = {"correct": lambda one: one, "incorrect": other.get, "ignore": lambda one: None}
        return [made[r](s) for s, r in zip(self.side.tolist(), self.result.tolist())]

    @property
    def risk(self) -> np.ndarray:
        return np.array([{"correct": 0.0, "incorrect": 1.0}.get(r, NAN) for r in self.result])

    def sides(self) -> np.ndarray:
        return np.column_stack([self.side == "left", self.side == "right"]).astype(float)

    def counts(self, low: float, high: float) -> np.ndarray:
        return np.array([[sum(o + low <= t < o + high for t in one) for one in self.trains]
                         for o in self.onset])  # fmt: skip

    def expected(self, low: float = 0.0, high: float = 0.5) -> Expected:
        return Expected(self.counts(low, high), self.sides(), self.choice, self.risk)


def task(rng: Generator) -> Task:
    start = 3.0 + np.arange(N) * 6.0 + rng.uniform(0, 1, N)
    side, result = rng.choice(["left", "right"], N), rng.choice(["correct", "incorrect"], N)
    result[[3, 9]] = "ignore"
    trains = [np.sort(rng.uniform(0, 150, 600)) for _ in range(UNITS)]
    return Task(start, rng.uniform(1, 2, N), side, result, trains)


def spikes_as_rows(path: Path, rng: Generator) -> Expected:
    made = task(rng)
    unit = np.repeat(["a", "b", "c", "d"], [one.size for one in made.trains])
    frame = pandas.DataFrame({"unit": unit, "time": np.concatenate(made.trains)})
    frame.sort_values("time").to_csv(path, index=False)
    pandas.DataFrame(
        {"start_time": made.start, "sound_on": made.delay, "type": made.side,
         "response": made.result}
    ).to_csv(path.with_name("spikes-trials.csv"), index=False)  # fmt: skip
    return made.expected()


def wide_counts(path: Path, rng: Generator) -> Expected:
    counts, odour = rng.poisson(2.0, (N, UNITS)), rng.choice(["mint", "rose", "thyme"], N)
    lick = rng.choice(["left", "right", ""], N)
    units = {f"unit_{k}": counts[:, k] for k in range(UNITS)}
    pandas.DataFrame({"odour": odour, "choice": lick, **units}).to_csv(path)
    kinds = ["mint", "rose", "thyme"]
    shown = np.array([[float(one == kind) for kind in kinds] for one in odour])
    return Expected(counts, shown, [one or None for one in lick.tolist()])


def long_counts(path: Path, rng: Generator) -> Expected:
    counts, tone = rng.poisson(2.0, (N, UNITS)), rng.integers(0, 2, (N, 2))
    session = np.repeat([1, 2], N // 2)
    keys = {"session": session, "trial": np.arange(N)}
    wide = pandas.DataFrame({**keys, **{f"u{k}": counts[:, k] for k in range(UNITS)}})
    long = wide.melt(["session", "trial"], var_name="unit", value_name="count")
    long.to_csv(path, index=False)
    table = {**keys, "channel_0": tone[:, 0], "channel_1": tone[:, 1]}
    pandas.DataFrame(table).to_csv(path.with_name("counts-stimuli.csv"), index=False)
    return Expected(counts, tone.astype(float), session=session)


def z_scores(path: Path, rng: Generator) -> Expected:
    signal, contrast = rng.normal(0, 1, (N, UNITS)), rng.choice([-1.0, -0.25, 0.25, 1.0], N)
    units = {f"cell{k}": signal[:, k] for k in range(UNITS)}
    frame = pandas.DataFrame({"contrast": contrast, "choice": np.sign(contrast), **units})
    frame.to_csv(path, sep=";", decimal=",", index=False)
    shown = np.column_stack([np.maximum(-contrast, 0), np.maximum(contrast, 0)])
    return Expected(signal, shown, np.sign(contrast).astype(int).tolist())


def matlab_struct(path: Path, rng: Generator) -> Expected:
    made = task(rng)
    spikes, stim = np.empty((UNITS, 1), object), rng.integers(1, 4, N)
    spikes[:, 0] = [one[:, None] for one in made.trains]
    chosen = np.array([{"left": 1, "right": 2}.get(one, -1) for one in made.choice])
    savemat(path, {"data": {"spikes": spikes, "stim": stim, "onset": made.onset, "chosen": chosen}})
    shown = np.array([[float(one == kind) for kind in (1, 2, 3)] for one in stim])
    choice = [None if one < 0 else int(one) for one in chosen]
    return Expected(made.counts(0.01, 0.03), shown, choice)


def archive(path: Path, rng: Generator) -> Expected:
    made = task(rng)
    clusters = np.repeat([5, 6, 7, 8], [one.size for one in made.trains])
    go = made.onset - 0.1
    np.savez(path, t=np.concatenate(made.trains), clusters=clusters, go=go, light=made.side)
    return Expected(made.counts(0.01, 0.03), made.sides())


def nwb_file(name: str) -> NWBFile:
    return NWBFile(name, name, datetime(2024, 1, 1, tzinfo=UTC))


def nwb_task(path: Path, rng: Generator) -> Expected:
    """As archives have them: text columns, events within trials, spikes out of order."""
    made, file = task(rng), nwb_file("task")
    for name in ("trial_type", "response", "sample_start"):
        file.add_trial_column(name, name)
    for row in zip(made.start, made.side, made.result, made.delay):
        held = dict(zip(("start_time", "trial_type", "response", "sample_start"), row))
        file.add_trial(stop_time=NAN, **held)
    for one in made.trains:
        times = one.copy()
        times[[10, 200]] = times[[200, 10]]
        file.add_unit(spike_times=times)
    with NWBHDF5IO(path, "w") as io:
        io.write(file)
    return made.expected()


def traces(rng: Generator, n_cells: int) -> np.ndarray:
    return rng.gamma(2.0, 1.0, (n_cells, 1600)) - 1.5


def means(held: np.ndarray, onset: np.ndarray, low: float, high: float) -> np.ndarray:
    times = np.arange(held.shape[1]) / 10.0
    inside = [(times >= o + low) & (times < o + high) for o in onset]
    return np.array([held[:, rows].mean(1) for rows in inside])


def nwb_imaging(path: Path, rng: Generator) -> Expected:
    made, file, held = task(rng), nwb_file("imaging"), traces(rng, UNITS)
    green = OpticalChannel(name="green", description="g", emission_lambda=520.0)
    plane = file.create_imaging_plane(
        name="plane", optical_channel=green, description="p", device=file.create_device("scope"),
        excitation_lambda=920.0, indicator="GCaMP", location="V1",
    )  # fmt: skip
    segmentation = ImageSegmentation()
    cells = segmentation.create_plane_segmentation("cells", plane, name="cells")
    for k in range(UNITS):
        cells.add_roi(pixel_mask=[(k, k, 1.0)])
    module = file.create_processing_module("ophys", "o")
    module.add(segmentation)
    module.add(signals := DfOverF())
    region = cells.create_roi_table_region(region=list(range(UNITS)), description="all")
    signals.create_roi_response_series(name="dff", data=held.T, rois=region, unit="a", rate=10.0)
    file.add_trial_column("stimulus", "what was shown")
    for start, side in zip(made.onset, made.side):
        file.add_trial(start_time=start, stop_time=start + 1, stimulus=side)
    with NWBHDF5IO(path, "w") as io:
        io.write(file)
    return Expected(means(held, made.onset, 0.0, 1.0), made.sides())


def suite2p(path: Path, rng: Generator) -> Expected:
    made, held = task(rng), 100 + 10 * traces(rng, UNITS)
    path.mkdir()
    np.save(path / "F.npy", held)
    np.save(path / "Fneu.npy", np.full_like(held, 20.0))
    np.save(path / "iscell.npy", np.isin(np.arange(UNITS), CELLS)[:, None] * [1.0, 0.9])
    np.save(path / "ops.npy", np.array({"fs": 10.0}, dtype=object), allow_pickle=True)
    table = {"onset": made.onset, "stimulus": made.side}
    pandas.DataFrame(table).to_csv(path / "trials.csv", index=False)
    corrected = held[CELLS] - 14.0
    level = np.percentile(corrected, 8, axis=1, keepdims=True)
    return Expected(means(corrected / level - 1, made.onset, 0.0, 1.0), made.sides())


FILES = (
    ConventionFile("spikes.csv", "spikes as unit, time; trials beside", spikes_as_rows),
    ConventionFile("wide.csv", "a column per unit", wide_counts),
    ConventionFile("counts.csv", "session, trial, unit, count; stimuli beside", long_counts),
    ConventionFile("zscores.csv", "signed signals, contrasts, decimal commas", z_scores),
    ConventionFile("struct.mat", "MATLAB struct: spikes, stim, onset", matlab_struct,
                   {"session_column": "none", "decision_column": "chosen"}),
    ConventionFile("archive.npz", "arrays under names of their own", archive,
                   {"spikes": "t", "stimuli": "light", "onset": "go + 0.1",
                    "session_column": "none"}),
    ConventionFile("task.nwb", "NWB: text columns, events in trials, unsorted spikes", nwb_task),
    ConventionFile("imaging.nwb", "NWB: dF/F of cells", nwb_imaging, {"stimuli": "stimulus"}),
    ConventionFile("suite2p", "suite2p folder with trials.csv", suite2p,
                   {"rate_hz": 10.0, "stimuli": "stimulus"}),
)  # fmt: skip
"""Every convention of recordings; what follows from names and values is proposed by `check`."""
