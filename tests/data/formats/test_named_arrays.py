"""One small experiment as a MATLAB struct, in the usual variants, and as an archive of arrays."""

from pathlib import Path

import h5py
import numpy as np
import pytest
from scipy.io import savemat

from hebbayes.core.errors import HebbayesError
from hebbayes.data.reading import read_recording
from hebbayes.data.recording import Recording

ONSET_S = np.array([0.5, 1.5, 2.5, 3.5, 4.5, 5.5])
STIM = np.array([1, 2, 2, 1, 3, 3])
CHOICE = np.array([1, 2, -1, 1, 2, 2])


def trains() -> list[np.ndarray]:
    rng = np.random.default_rng(11)
    return [np.sort(rng.uniform(0, 6.2, n)) for n in (700, 500, 900)]


def by_hand() -> np.ndarray:
    after = [[t - onset for t in trains()] for onset in ONSET_S]
    return np.array([[int(((a >= 0.01) & (a < 0.03)).sum()) for a in one] for one in after])


def cell(parts: list[np.ndarray]) -> np.ndarray:
    held = np.empty((len(parts), 1), object)
    held[:, 0] = [one[:, None] for one in parts]
    return held


def pairs() -> np.ndarray:
    return np.concatenate(
        [np.column_stack([np.full(t.size, k), t]) for k, t in enumerate(trains())]
    )


def text_stimuli() -> np.ndarray:
    held = np.empty((6, 1), object)
    held[:, 0] = [("red", "green", "blue")[k - 1] for k in STIM]
    return held


def within() -> np.ndarray:
    """(trials, units) cell of times from the onset of the trial."""
    held = np.empty((6, 3), object)
    for k, onset in enumerate(ONSET_S):
        for u, t in enumerate(trains()):
            held[k, u] = (t[(t >= onset - 0.2) & (t < onset + 0.5)] - onset)[None]
    return held


VARIANTS = {
    "cell of trains": {"spikes": cell(trains()), "stim": STIM[:, None], "onset": ONSET_S[:, None]},
    "rows": {"spikes": cell(trains()).T, "stim": STIM, "onset": ONSET_S},
    "other names": {"spike_times": cell(trains()), "stimID": STIM, "trialOnsets": ONSET_S},
    "unit and time": {"spikes": pairs(), "stim": STIM, "onset": ONSET_S},
    "time and unit": {"spikes": pairs()[:, ::-1], "stim": STIM, "onset": ONSET_S},
    "flat with units": {
        "spikes": pairs()[:, 1], "units": pairs()[:, 0], "stim": STIM, "onset": ONSET_S,
    },
    "trials by units": {"spikes": within(), "stim": STIM, "onset": ONSET_S},
    "counts": {"spikes": by_hand(), "stim": STIM, "onset": ONSET_S},
    "counts, units first": {"spikes": by_hand().T, "stim": STIM, "onset": ONSET_S},
    "milliseconds": {
        "spikes": cell([t * 1000 for t in trains()]), "stim": STIM, "onset": ONSET_S * 1000,
    },
}  # fmt: skip


def read(path: Path, **options) -> Recording:
    return read_recording(path, session_column="none", **options).recordings[0]


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("is_struct", [True, False])
def test_a_matlab_struct_is_read_in_every_usual_shape(variant, is_struct, tmp_path) -> None:
    held = {**VARIANTS[variant], "choice": CHOICE}
    savemat(tmp_path / "a.mat", {"data": held} if is_struct else held)
    unit = {"time_unit": "ms"} if variant == "milliseconds" else {}
    made = read(tmp_path / "a.mat", decision_column="choice", **unit)
    np.testing.assert_array_equal(made.responses, by_hand())
    ids = [name.rpartition("=")[2] for name in made.channel_ids.tolist()]
    assert ids == ["1", "2", "3"]
    np.testing.assert_array_equal(made.stimuli.argmax(1) + 1, STIM)
    np.testing.assert_allclose(made.onset_s, ONSET_S)
    assert made.decisions is not None
    assert made.decisions.tolist() == [0, 1, -1, 0, 1, 1]


def test_stimuli_as_text_and_as_a_matrix(tmp_path) -> None:
    held = {"spikes": cell(trains()), "onset": ONSET_S}
    savemat(tmp_path / "a.mat", {"d": {**held, "stim": text_stimuli()}})
    assert read(tmp_path / "a.mat").channel_ids.tolist() == ["stim=blue", "stim=green", "stim=red"]
    matrix = np.eye(3)[STIM - 1]
    savemat(tmp_path / "b.mat", {"d": {**held, "stim": matrix}})
    np.testing.assert_array_equal(read(tmp_path / "b.mat").stimuli, matrix)


def test_fields_of_other_names_are_named_by_flags(tmp_path) -> None:
    held = {"ALM": cell(trains()), "what": STIM, "go": ONSET_S - 0.1, "delay": np.full(6, 0.1)}
    savemat(tmp_path / "a.mat", {"d": held})
    made = read(tmp_path / "a.mat", spikes="ALM", stimuli="what", onset="go + delay")
    np.testing.assert_array_equal(made.responses, by_hand())


def test_a_version_7_3_struct_is_read(tmp_path) -> None:
    with h5py.File(tmp_path / "a.mat", "w", userblock_size=512) as file:
        group = file.create_group("data")
        references = file.create_group("#refs#")
        held = [references.create_dataset(str(k), data=t[None]) for k, t in enumerate(trains())]
        spikes = group.create_dataset("spikes", (1, 3), h5py.ref_dtype)
        spikes[0] = [one.ref for one in held]
        spikes.attrs["MATLAB_class"] = np.bytes_("cell")
        for name, values in (("stim", STIM), ("onset", ONSET_S)):
            group.create_dataset(name, data=values[None].astype(float))
            group[name].attrs["MATLAB_class"] = np.bytes_("double")
    np.testing.assert_array_equal(read(tmp_path / "a.mat").responses, by_hand())


def test_an_archive_is_read_by_flags(tmp_path) -> None:
    np.savez(tmp_path / "a.npz", t=pairs()[:, 1], clusters=pairs()[:, 0], stim=STIM, go=ONSET_S)
    made = read(tmp_path / "a.npz", spikes="t", onset="go")
    np.testing.assert_array_equal(made.responses, by_hand())


@pytest.mark.parametrize(
    ("held", "options", "sentence"),
    [
        ({"spikes": cell(trains()), "onset": ONSET_S}, {}, "pass --stimuli NAME"),
        ({"spikes": cell(trains()), "stim": STIM}, {}, "pass --onset COLUMN"),
        (
            {"spikes": cell(trains()), "stim": STIM, "onset": ONSET_S},
            {"spikes": "x"},
            "no spikes x",
        ),
        ({"spikes": np.ones((4, 5)), "stim": STIM, "onset": ONSET_S}, {}, "wanted a cell with one"),
        ({"a": STIM}, {}, "has no recordings: wanted a cell of structs"),
    ],
)
def test_what_is_missing_is_named(held, options, sentence: str, tmp_path) -> None:
    savemat(tmp_path / "a.mat", {"d": held})
    with pytest.raises(HebbayesError) as caught:
        read(tmp_path / "a.mat", **options)
    assert sentence in str(caught.value)
