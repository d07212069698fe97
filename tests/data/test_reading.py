"""Any recording file: its content decides the format, and unknown ones are refused."""

import pickle

import numpy as np
import pytest

from hebbayes.core.errors import HebbayesError
from hebbayes.data.files import fingerprint, save_arrays
from hebbayes.data.formats.npz import to_npz
from hebbayes.data.formats.nwb.writing import to_nwb
from hebbayes.data.reading import read_recording, reader_of

from ..cultures import small_culture, write_cultures
from .formats.hdf5_mat import write_v73
from .formats.nwb_files import nwb_file, write
from .spikes import assert_same, spike_set


def test_the_content_of_a_file_decides_its_format_not_its_name(tmp_path) -> None:
    made = {
        "mat5": write_cultures(tmp_path / "a.dat", [small_culture()]),
        "mat7.3": write_v73(tmp_path / "b.dat", [{"o": np.eye(2), "r": np.eye(2)}]),
        "npz": tmp_path / "c.dat",
        "nwb": tmp_path / "d.dat",
    }
    to_npz(spike_set().recording(), made["npz"])
    to_nwb(spike_set().recording(), made["nwb"])
    assert {name: reader_of(path).name for name, path in made.items()} == {k: k for k in made}
    assert reader_of(write(nwb_file(spike_set(), "series"), tmp_path / "e.zarr")).name == "nwb"


def test_a_recording_carries_its_provenance(tmp_path) -> None:
    path = tmp_path / "a.npz"
    to_npz(spike_set().recording(), path)
    cultures = read_recording(path, condition="control")
    provenance = cultures.recordings[0].provenance
    assert cultures.condition == "control"
    assert provenance["sha256"] == fingerprint(path)
    assert provenance["origin"] == {"made": "by hand"}
    assert set(provenance["versions"]) == {"hebbayes", "numpy"}


def test_a_stimulus_table_gives_an_nwb_file_its_trials(tmp_path) -> None:
    spikes = spike_set()
    path = write(nwb_file(spikes, "none"), tmp_path / "a.nwb")
    channels = ",".join(f"channel_{k}" for k in range(6))
    rows = [
        f"{session},{k},{onset!r},{','.join(str(int(v)) for v in given)}\n"
        for k, (session, onset, given) in enumerate(
            zip(spikes.session, spikes.onset_s.tolist(), spikes.stimuli)
        )
    ]
    table = tmp_path / "trials.csv"
    table.write_text(f"session,trial,onset_s,{channels}\n{''.join(rows)}")
    assert_same(read_recording(path, stimuli=str(table)).recordings[0], spikes)


FAULTS = {
    "empty.bin": (b"", "FILE is empty; wanted FORMATS."),
    "text.bin": (b"hello", "FILE is not a recording in a known format; wanted FORMATS."),
    "data.pkl": (
        pickle.dumps({"a": 1}),
        "FILE is a pickle, which can run code when opened, so it is refused; save its arrays with "
        "numpy.savez.",
    ),
}
FORMATS = (
    "MATLAB v7.3 (.mat), MATLAB v5 (.mat), NumPy (.npz), NWB (.nwb, .zarr) or tables (.csv, .tsv, "
    ".parquet; suite2p folders)"
)


@pytest.mark.parametrize("name", FAULTS)
def test_a_file_that_is_not_a_recording_is_refused(tmp_path, name: str) -> None:
    content, sentence = FAULTS[name]
    (tmp_path / name).write_bytes(content)
    with pytest.raises(HebbayesError) as caught:
        read_recording(tmp_path / name)
    wanted = sentence.replace("FILE", str(tmp_path / name)).replace("FORMATS", FORMATS)
    assert str(caught.value) == wanted


def test_a_folder_that_is_not_a_zarr_store_is_refused(tmp_path) -> None:
    with pytest.raises(HebbayesError, match="is a folder and not a recording in a known"):
        read_recording(tmp_path)


def test_objects_in_an_archive_are_refused_as_pickles(tmp_path) -> None:
    np.savez(tmp_path / "a.npz", responses=np.array([{}, None], dtype=object))
    with pytest.raises(HebbayesError, match="without objects"):
        read_recording(tmp_path / "a.npz")


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"session": None}, "this culture lacks session; it holds stimuli, responses."),
        ({"window_s": np.ones(3)}, "window_s has shape (3,); wanted start and end."),
        ({"provenance": "{"}, "provenance must be JSON text; got '{'."),
        (
            {"responses": None, "spike_times": np.ones(3)},
            "this culture lacks onset_s; it holds stimuli, session, spike_times.",
        ),
    ],
)
def test_a_culture_of_an_archive_that_does_not_fit_is_named(tmp_path, changes, sentence) -> None:
    good = {"stimuli": np.eye(2), "responses": np.ones((2, 1), int), "session": np.zeros(2, int)}
    arrays = {key: value for key, value in {**good, **changes}.items() if value is not None}
    save_arrays(tmp_path / "a.npz", arrays)
    assert read_recording(tmp_path / "a.npz").failures == {0: sentence}


def test_unknown_arrays_are_reported(tmp_path) -> None:
    arrays = {"stimuli": np.eye(2), "responses": np.eye(2), "session": [0, 0], "stimulus": [1]}
    save_arrays(tmp_path / "a.npz", arrays)
    (warning,) = read_recording(tmp_path / "a.npz").recordings[0].provenance["warnings"]
    assert warning.endswith("holds stimulus, not fields of a recording; ignored.")


def test_a_published_file_without_stimuli_says_so_and_takes_the_users(reference_data) -> None:
    from hebbayes.data.evoked import Trials
    from hebbayes.data.formats.nwb.reading import read_nwb

    path = reference_data / "loaders" / "A8604-211122.nwb"
    with pytest.raises(HebbayesError, match="the file has no stimuli such as"):
        read_recording(path)
    onset = np.arange(1.0, 600.0, 0.5)
    read = read_nwb(path, trials=Trials(onset, np.ones((len(onset), 1))))
    assert read.unit_ids.tolist() == [6, 191, 206]
    assert 0 < read.responses.mean() < 5


@pytest.mark.parametrize(("name", "cultures"), [("bicuculline", 6), ("mixing0", 4)])
def test_a_published_culture_file_is_read_whole(reference_data, name: str, cultures: int) -> None:
    held = read_recording(reference_data / "culture" / f"{name}.mat")
    assert held.failures == {}
    assert sorted(held.recordings) == list(range(cultures))
    shapes = {(r.n_trials, r.n_channels, r.n_units) for r in held.recordings.values()}
    assert shapes == {(25_600, 32, 64)}
