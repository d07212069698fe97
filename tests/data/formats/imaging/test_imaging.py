"""Signals of cells evoked by trials: windows by hand, suite2p folders and NWB ophys files."""

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas
import pytest
from pynwb import NWBHDF5IO, NWBFile
from pynwb.ophys import (
    DfOverF,
    Fluorescence,
    ImageSegmentation,
    OpticalChannel,
)

from hebbayes.core.errors import FormatError, HebbayesError
from hebbayes.data.evoked import Trials
from hebbayes.data.formats.imaging.evoked import evoked_signals
from hebbayes.data.reading import read_recording
from hebbayes.data.recording import Recording

RATE_HZ = 10.0
ONSET_S = np.array([2.0, 5.05, 8.0, 11.0])
CUES = ["a", "b", "b", "a"]


def raw() -> np.ndarray:
    rng = np.random.default_rng(5)
    return (100 + rng.gamma(2, 10, (6, 150))).astype(np.float32)


def by_hand(traces: np.ndarray, low: float = 0.0, high: float = 1.0) -> np.ndarray:
    """Mean of the frames in [onset + low, onset + high), one by one; traces are (cells, frames)."""
    made = np.zeros((4, len(traces)))
    for k, onset in enumerate(ONSET_S):
        frames = [f for f in range(150) if onset + low <= f / RATE_HZ < onset + high - 1e-12]
        made[k] = [np.mean([trace[f] for f in frames]) for trace in traces]
    return made


def folder(path: Path, *, with_trials: bool = True) -> Path:
    path.mkdir(parents=True)
    rng = np.random.default_rng(6)
    np.save(path / "F.npy", raw())
    np.save(path / "Fneu.npy", (0.3 * raw() + rng.normal(0, 1, (6, 150))).astype(np.float32))
    np.save(path / "spks.npy", rng.gamma(0.3, 1, (6, 150)).astype(np.float32))
    np.save(path / "iscell.npy", np.array([[1, 0.9], [0, 0.1], [1, 0.8], [1, 1], [0, 0], [1, 1]]))
    np.save(path / "ops.npy", np.array({"fs": 10.0}, dtype=object), allow_pickle=True)
    if with_trials:
        table = pandas.DataFrame({"onset": ONSET_S, "cue": CUES, "lick": [1, 0, 0, 1]})
        table.to_csv(path / "trials.csv", index=False)
    return path


def read(path: Path, **options) -> Recording:
    return read_recording(path, **options).recordings[0]


CELLS = [0, 2, 3, 5]


def test_a_suite2p_folder_gives_df_over_f_of_its_cells(tmp_path) -> None:
    path = folder(tmp_path / "suite2p" / "plane0")
    made = read(tmp_path, rate_hz=RATE_HZ, stimuli="cue", decision_column="lick",
                trials=str(path / "trials.csv"))  # fmt: skip
    corrected = np.load(path / "F.npy").astype(float) - 0.7 * np.load(path / "Fneu.npy").astype(
        float
    )
    level = np.percentile(corrected, 8, axis=1, keepdims=True)
    np.testing.assert_allclose(made.responses, by_hand((corrected / level - 1)[CELLS]), atol=1e-12)
    assert made.unit_ids.tolist() == CELLS
    assert made.window_s == (0.0, 1.0)
    assert made.channel_ids.tolist() == ["cue=a", "cue=b"]
    assert made.decisions is not None
    assert made.decisions.tolist() == [1, 0, 0, 1]
    assert any("4 of 6 regions are cells" in each for each in made.provenance["read_as"])


@pytest.mark.parametrize("name", ["spks", "F"])
def test_deconvolved_and_raw_traces_are_read_by_name(name: str, tmp_path) -> None:
    path = folder(tmp_path / "s")
    made = read(path, rate_hz=RATE_HZ, stimuli="cue", spikes=name)
    wanted = by_hand(np.load(path / f"{name}.npy").astype(float)[CELLS])
    np.testing.assert_allclose(made.responses, wanted)


def test_a_baseline_is_subtracted_and_stated(tmp_path) -> None:
    path = folder(tmp_path / "s")
    made = read(path, rate_hz=RATE_HZ, stimuli="cue", spikes="F", window=(0.2, 0.8),
                baseline_window_s=0.5)  # fmt: skip
    traces = np.load(path / "F.npy").astype(float)[CELLS]
    np.testing.assert_allclose(
        made.responses, by_hand(traces, 0.2, 0.8) - by_hand(traces, -0.5, 0.0)
    )
    assert made.is_signed
    assert "less their mean in the 0.5 s before" in " ".join(made.provenance["read_as"])


def test_all_that_a_folder_lacks_is_named_at_once(tmp_path) -> None:
    path = folder(tmp_path / "s", with_trials=False)
    with pytest.raises(FormatError) as caught:
        read(path)
    assert "--rate-hz RATE" in str(caught.value)
    assert "--trials TRIALS.csv" in str(caught.value)
    assert "ops.npy is a pickle and stays closed" in str(caught.value)


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (lambda p: np.save(p / "F.npy", np.array({}, object), allow_pickle=True), "a pickle"),
        (lambda p: np.save(p / "spks.npy", np.ones((6, 3))), "has shape (6, 3) and F.npy"),
        (lambda p: np.save(p / "iscell.npy", np.zeros((6, 2))), "marks no region as a cell"),
        (lambda p: np.save(p / "iscell.npy", np.zeros((5, 2))), "has 5 entries and F.npy 6"),
        (lambda p: (p / "F.npy").write_bytes(b"no array"), "is no plain .npy array"),
    ],
)
def test_a_spoilt_folder_is_refused(spoil, sentence: str, tmp_path) -> None:
    path = folder(tmp_path / "s")
    spoil(path)
    with pytest.raises(HebbayesError) as caught:
        read(path, rate_hz=RATE_HZ, stimuli="cue", spikes="spks")
    assert sentence in str(caught.value)


def test_a_stated_shape_beyond_the_file_takes_no_memory(tmp_path) -> None:
    path = folder(tmp_path / "s")
    with (path / "F.npy").open("wb") as stream:
        header = {"descr": "<f8", "fortran_order": False, "shape": (10**9, 10**6)}
        np.lib.format.write_array_header_1_0(stream, header)
    with pytest.raises(FormatError, match=r"states that F\.npy has shape \(1000000000, 1000000\)"):
        read(path, rate_hz=RATE_HZ, stimuli="cue")


def test_windows_beyond_the_frames_and_gaps_are_invalid() -> None:
    traces = np.arange(10.0)[:, None] * [1.0, 2.0]
    traces[3, 1] = np.nan
    trials = Trials([0.2, 0.6, 5.0, np.nan], np.ones((4, 1)))
    made = evoked_signals(traces, np.arange(10) / 10, trials, window=(0.0, 0.2))
    assert made.valid.tolist() == [[True, False], [True, True], [False, False], [False, False]]
    assert made.responses[:2, 0].tolist() == [2.5, 6.5]
    assert made.provenance["dropped"] == {"responses in windows without an observed frame": 5}


def test_onsets_on_another_clock_are_refused() -> None:
    with pytest.raises(HebbayesError, match=r"frames span 0 to 0\.9 s, 0\.1 s apart"):
        evoked_signals(
            np.ones((10, 1)), np.arange(10) / 10, Trials([500.0], [[1.0]]), window=(0.0, 0.2)
        )


def ophys(path: Path, *, names=("Fluorescence", "DfOverF")) -> Path:
    file = NWBFile("imaging", "i", datetime(2024, 1, 1, tzinfo=UTC))
    device = file.create_device("scope")
    channel = OpticalChannel(name="green", description="g", emission_lambda=520.0)
    plane = file.create_imaging_plane(
        name="plane", optical_channel=channel, description="p", device=device,
        excitation_lambda=920.0, indicator="GCaMP", location="V1",
    )  # fmt: skip
    segmentation = ImageSegmentation()
    table = segmentation.create_plane_segmentation("cells", plane, name="ps")
    for k in range(6):
        table.add_roi(pixel_mask=[(k, k, 1.0)], id=10 + k)
    module = file.create_processing_module("ophys", "o")
    module.add(segmentation)
    for name, kind, data in (
        ("Fluorescence", Fluorescence, raw()),
        ("DfOverF", DfOverF, raw() / raw().mean(1, keepdims=True) - 1),
    ):
        if name in names:
            module.add(held := kind())
            region = table.create_roi_table_region(region=[5, 4, 3, 2, 1, 0], description="all")
            held.create_roi_response_series(
                name="RoiResponseSeries", data=data.T, rois=region, unit="a", rate=RATE_HZ
            )
    file.add_trial_column("stim_name", "what was shown")
    for onset, cue in zip(ONSET_S, CUES):
        file.add_trial(start_time=onset - 0.5, stop_time=onset + 1, stim_name=cue)
    with NWBHDF5IO(path, "w") as io:
        io.write(file)
    return path


def test_nwb_ophys_is_evoked_in_a_window(tmp_path) -> None:
    path = ophys(tmp_path / "a.nwb")
    made = read(path, stimuli="stim_name", onset="start_time + 0.5", window=(0.1, 0.9))
    wanted = by_hand(raw() / raw().mean(1, keepdims=True) - 1, 0.1, 0.9)
    np.testing.assert_allclose(made.responses, wanted, rtol=1e-5, atol=1e-7)
    assert made.unit_ids.tolist() == [15, 14, 13, 12, 11, 10]
    assert made.is_signed
    assert "signals are those of DfOverF/RoiResponseSeries." in made.provenance["read_as"]


def test_nwb_fluorescence_is_read_by_name(tmp_path) -> None:
    path = ophys(tmp_path / "a.nwb")
    made = read(path, stimuli="stim_name", onset="start_time + 0.5", spikes="Fluorescence")
    np.testing.assert_allclose(made.responses, by_hand(raw().astype(float)), rtol=1e-6)
    with pytest.raises(HebbayesError, match="pass --spikes with one of Fluorescence/"):
        read(path, stimuli="stim_name", spikes="Deconvolved")
