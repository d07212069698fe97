"""One spike set through every reader: the same arrays."""

import neo
import numpy as np
import pynapple as nap
import pytest
import quantities as pq
from scipy.sparse import csc_array

from hebbayes.data.evoked import Trials
from hebbayes.data.files import save_arrays
from hebbayes.data.formats.arrays import from_arrays
from hebbayes.data.formats.csv import to_csv
from hebbayes.data.formats.matlab.writing import to_mat
from hebbayes.data.formats.neo import from_neo
from hebbayes.data.formats.npz import to_npz
from hebbayes.data.formats.nwb.reading import read_nwb
from hebbayes.data.formats.nwb.writing import to_nwb
from hebbayes.data.formats.pynapple import from_pynapple
from hebbayes.data.formats.sorting import from_sorting
from hebbayes.data.reading import read_recording
from hebbayes.data.recording import Cultures, Recording

from ...cultures import write_cultures
from ..spikes import (
    RATE_HZ,
    SESSION_TICKS,
    UNIT_IDS,
    SpikeSet,
    assert_identical,
    assert_same,
    spike_set,
)
from .hdf5_mat import write_v73
from .nwb_files import CONVENTIONS, binned_file, nwb_file, write


@pytest.fixture(scope="module")
def spikes() -> SpikeSet:
    return spike_set()


def test_arrays_of_every_shape_agree(spikes) -> None:
    ticks, units = spikes.flat
    samples = {"time_unit": "samples", "rate_hz": RATE_HZ}
    for read in (
        from_arrays(spikes.seconds, spikes.trials, unit_ids=UNIT_IDS),
        from_arrays(spikes.seconds, spikes.trials, unit_ids=UNIT_IDS, rate_hz=RATE_HZ),
        from_arrays(ticks, spikes.trials, spike_units=units, unit_ids=UNIT_IDS, **samples),
        from_arrays(
            ticks / 20, spikes.trials, spike_units=units, unit_ids=UNIT_IDS, time_unit="ms"
        ),
    ):
        assert_same(read, spikes)
        np.testing.assert_array_equal(read.onset_s, spikes.onset_s)


def test_times_that_restart_in_each_trial_agree(spikes) -> None:
    ticks, units = spikes.flat
    trial = np.searchsorted(spikes.onset_ticks, ticks, side="right") - 1
    keep = trial >= 0
    within = (ticks - spikes.onset_ticks[trial])[keep]
    read = from_arrays(
        within + 100,
        Trials(np.full(24, 100 / RATE_HZ), spikes.stimuli, spikes.session),
        spike_units=units[keep],
        spike_trials=trial[keep],
        unit_ids=UNIT_IDS,
        time_unit="samples",
        rate_hz=RATE_HZ,
    )
    assert_same(read, spikes)


def test_archives_of_spikes_and_of_counts_agree(spikes, tmp_path) -> None:
    ticks, units = spikes.flat
    save_arrays(
        tmp_path / "spikes.npz",
        {
            "spike_times": ticks / RATE_HZ,
            "spike_units": units,
            "unit_ids": UNIT_IDS,
            "onset_s": spikes.onset_s,
            "stimuli": spikes.stimuli,
            "session": spikes.session,
        },
    )
    to_npz(spikes.recording(), tmp_path / "counts.npz")
    for name in ("spikes", "counts"):
        assert_same(read_recording(tmp_path / f"{name}.npz").recordings[0], spikes)


def test_a_table_of_counts_agrees(spikes, tmp_path) -> None:
    to_csv(spikes.recording(), tmp_path / "counts.csv")
    assert_same(read_recording(tmp_path / "counts.csv").recordings[0], spikes)


def test_matlab_files_of_both_versions_agree(spikes, tmp_path) -> None:
    plain = {"o": spikes.stimuli.astype("u1"), "r": spikes.responses.astype("u1")}
    sparse = {**plain, "r": csc_array(spikes.responses.astype(float))}
    files = [
        write_cultures(tmp_path / "v5.mat", [plain]),
        write_cultures(tmp_path / "v5_sparse.mat", [sparse]),
        write_v73(tmp_path / "v73.mat", [plain]),
        write_v73(tmp_path / "v73_sparse.mat", [sparse]),
        write_v73(tmp_path / "v73_structs.mat", [plain], as_structs=True),
    ]
    for file in files:
        held = read_recording(file, session_length=12)
        assert held.failures == {}
        assert_same(held.recordings[0], spikes, ids=False)
    to_mat(spikes.recording(), tmp_path / "written.mat")
    assert_same(read_recording(tmp_path / "written.mat").recordings[0], spikes)


@pytest.mark.parametrize("suffix", [".nwb", ".zarr"])
@pytest.mark.parametrize("convention", CONVENTIONS)
def test_nwb_agrees_in_every_convention(spikes, tmp_path, convention: str, suffix: str) -> None:
    path = write(nwb_file(spikes, convention), tmp_path / f"recording{suffix}")
    read = read_recording(path).recordings[0]
    assert_same(read, spikes)
    np.testing.assert_array_equal(read.onset_s, spikes.onset_s)
    assert read.provenance["dropped"] == {}
    assert read.provenance["warnings"] == []


@pytest.mark.parametrize("suffix", [".nwb", ".zarr"])
def test_binned_spikes_agree_without_the_extension_that_wrote_them(
    spikes, tmp_path, suffix
) -> None:
    path = write(binned_file(spikes, "series"), tmp_path / f"binned{suffix}")
    assert_same(read_recording(path).recordings[0], spikes)


def test_neo_agrees_in_every_kind_of_annotation(spikes) -> None:
    for kind in ("columns", "channel"):
        read = from_neo(neo_block(spikes, kind))
        assert_same(read, spikes)
        np.testing.assert_allclose(read.onset_s, (spikes.onset_ticks % SESSION_TICKS) / RATE_HZ)


def neo_block(spikes: SpikeSet, kind: str) -> neo.Block:
    block = neo.Block()
    for k in (0, 1):
        segment = neo.Segment()
        low, high = k * SESSION_TICKS, (k + 1) * SESSION_TICKS
        for unit, ticks in zip(UNIT_IDS, spikes.ticks):
            mine = ticks[(ticks >= low) & (ticks < high)] - low
            segment.spiketrains.append(
                neo.SpikeTrain(
                    mine / 20 * pq.ms,
                    t_start=0 * pq.s,
                    t_stop=5 * pq.s,
                    unit_id=int(unit),
                    sampling_rate=20 * pq.kHz,
                )
            )
        onset = (spikes.onset_ticks[spikes.session == k] - low) / RATE_HZ
        stimuli = spikes.stimuli[spikes.session == k]
        if kind == "channel":
            trial, channel = np.nonzero(stimuli)
            onset, notes = onset[trial], {"channel": channel}
        else:
            notes = {f"stimulus_{c}": stimuli[:, c] for c in range(6)}
        segment.events.append(neo.Event(onset * pq.s, array_annotations=notes, name="pulses"))
        block.segments.append(segment)
    return block


def test_pynapple_agrees(spikes) -> None:
    group = nap.TsGroup({int(u): nap.Ts(t) for u, t in zip(UNIT_IDS, spikes.seconds)})
    onsets = nap.Ts(spikes.onset_s)
    stimuli = nap.TsdFrame(spikes.onset_s, spikes.stimuli, columns=range(6))
    assert_same(from_pynapple(group, onsets, stimuli, session=spikes.session), spikes)


class Sorting:
    """What SpikeInterface's sortings look like."""

    def __init__(self, spikes: SpikeSet) -> None:
        ticks, units = spikes.flat
        segment = ticks // SESSION_TICKS
        self.unit_ids = UNIT_IDS
        kinds = [("sample_index", "i8"), ("unit_index", "i8"), ("segment_index", "i8")]
        self.vector = np.zeros(len(ticks), kinds)
        self.vector["sample_index"] = ticks - segment * SESSION_TICKS
        self.vector["unit_index"] = np.searchsorted(UNIT_IDS, units)
        self.vector["segment_index"] = segment

    def to_spike_vector(self) -> np.ndarray:
        return self.vector

    def get_sampling_frequency(self) -> float:
        return RATE_HZ


def test_a_sorting_agrees(spikes) -> None:
    onset_s = (spikes.onset_ticks - spikes.session * SESSION_TICKS) / RATE_HZ
    read = from_sorting(Sorting(spikes), Trials(onset_s, spikes.stimuli, spikes.session))
    assert_same(read, spikes)


def rich() -> Recording:
    """Every field, names as text, ragged sessions, unobserved responses."""
    rng = np.random.default_rng(3)
    responses = rng.poisson(2.0, (9, 3))
    valid = rng.random((9, 3)) < 0.8
    return Recording(
        rng.integers(0, 2, (9, 4)).astype(float),
        np.where(valid, responses, 0),
        [2, 2, 2, 2, 5, 5, 5, 5, 5],
        valid,
        rng.integers(0, 2, (9, 2)),
        rng.integers(0, 3, 9),
        rng.random(9),
        np.sort(rng.random(9)) * 1e4,
        np.array(["a1", "b", "µ"]),
        np.array(["left", "right", "up", "down"]),
        (0.005, 0.05),
        {"simulated": {"n": 3}},
    )


@pytest.mark.parametrize("suffix", ["npz", "mat", "csv", "nwb"])
def test_a_recording_comes_back_identical(spikes, tmp_path, suffix: str) -> None:
    writers = {"npz": to_npz, "mat": to_mat, "csv": to_csv, "nwb": to_nwb}
    plain = Recording(np.eye(4), np.arange(8.0).reshape(4, 2) / 3, [0, 0, 1, 1])
    for k, written in enumerate((rich(), plain, spikes.recording())):
        path = tmp_path / f"{k}.{suffix}"
        writers[suffix](written, path)
        read = read_recording(path).recordings[0]
        assert_identical(read, written)
        if suffix != "csv":
            assert read.provenance.get("origin", {}) == written.provenance


@pytest.mark.parametrize("suffix", ["npz", "mat"])
def test_several_cultures_come_back_under_their_numbers(spikes, tmp_path, suffix: str) -> None:
    held = Cultures("small", {0: rich(), 1: spikes.recording()})
    {"npz": to_npz, "mat": to_mat}[suffix](held, tmp_path / f"two.{suffix}")
    read = read_recording(tmp_path / f"two.{suffix}")
    assert read.condition == "small"
    for k, written in held.recordings.items():
        assert_identical(read.recordings[k], written)


def test_the_inspector_reports_nothing_serious_in_written_files(spikes, tmp_path) -> None:
    from nwbinspector import Importance, inspect_nwbfile

    for k, written in enumerate((rich(), spikes.recording())):
        to_nwb(written, tmp_path / f"{k}.nwb")
        messages = list(inspect_nwbfile(nwbfile_path=tmp_path / f"{k}.nwb"))
        serious = (
            Importance.ERROR,
            Importance.CRITICAL,
            Importance.PYNWB_VALIDATION,
            Importance.BEST_PRACTICE_VIOLATION,
        )
        assert [one.message for one in messages if one.importance in serious] == []


def test_trials_of_the_user_replace_missing_ones(spikes, tmp_path) -> None:
    file = nwb_file(spikes, "none")
    read = read_nwb(write(file, tmp_path / "bare.nwb"), trials=spikes.trials)
    assert_same(read, spikes)
