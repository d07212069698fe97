"""Archives of several cultures, and fields of the wrong type."""

import numpy as np
import pytest

from hebbayes.core.errors import FormatError
from hebbayes.data.files import save_arrays
from hebbayes.data.reading import read_recording

ONE = {"stimuli": np.eye(2), "responses": np.ones((2, 3), int), "session": [0, 0]}


def saved(path, **arrays):
    save_arrays(path, arrays)
    return path


@pytest.mark.parametrize("names", [("1", "01"), ("01", "1"), ("0", "000")])
def test_two_names_of_one_culture_are_refused(tmp_path, names) -> None:
    first, second = names
    arrays = {f"{key}_{first}": values for key, values in ONE.items()}
    arrays[f"responses_{second}"] = 9 * np.ones((2, 3), int)
    with pytest.raises(FormatError, match=f"two names for culture {int(first)}"):
        read_recording(saved(tmp_path / "a.npz", **arrays))


def test_padded_numbers_are_read(tmp_path) -> None:
    arrays = {f"{key}_0{k}": values for key, values in ONE.items() for k in (1, 2)}
    assert list(read_recording(saved(tmp_path / "a.npz", **arrays)).recordings) == [1, 2]


def test_a_number_of_many_digits_is_refused(tmp_path) -> None:
    arrays = {f"{key}_{'9' * 5000}": values for key, values in ONE.items()}
    with pytest.raises(FormatError, match="a culture number of 5000 digits"):
        read_recording(saved(tmp_path / "a.npz", **arrays))


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"window_s": ["a", "b"]}, "window_s must hold real numbers; got type <U1."),
        (
            {"window_s": [0.0, np.inf]},
            "window_s must be (start, end), start first; got (0.0, inf).",
        ),
        ({"window_s": [0.1]}, "window_s has shape (1,); wanted start and end."),
        ({"valid": np.full((2, 3), "0")}, "valid must hold real numbers; got type <U1."),
        ({"valid": np.full((2, 3), np.nan)}, "valid must hold true and false, or 1 and 0; got nan"),
        ({"valid": np.full((2, 3), -1)}, "valid must hold true and false, or 1 and 0; got -1"),
        ({"session": np.array([0, 2**63], "u8")}, "session must be at most 9223372036854775807"),
        ({"responses": np.full((2, 3), 2**64 - 1, "u8")}, "responses must be at most 9223372036"),
        ({"decisions": [0.5, 1]}, "decisions must hold whole numbers; got 0.5 at index 0."),
    ],
)
def test_a_field_of_the_wrong_type_is_refused(tmp_path, changes, sentence: str) -> None:
    held = read_recording(saved(tmp_path / "a.npz", **{**ONE, **changes}))
    assert held.failures[0].startswith(sentence)


@pytest.mark.parametrize(
    ("condition", "label"), [("a", "a"), (b"a", "a"), (7, "7"), (["a"], "a"), (["a", "b"], None)]
)
def test_a_condition_is_one_name(tmp_path, condition, label) -> None:
    path = saved(tmp_path / "a.npz", **ONE, condition=np.array(condition))
    if label:
        assert read_recording(path).condition == label
    else:
        with pytest.raises(FormatError, match="condition must be one name; got 2"):
            read_recording(path)
    assert read_recording(path, condition="mine").condition == "mine"


def test_whole_floats_are_integers(tmp_path) -> None:
    path = saved(tmp_path / "a.npz", **{**ONE, "session": [1.0, 2.0], "decisions": [np.nan, 1.0]})
    recording = read_recording(path).recordings[0]
    assert recording.session.tolist() == [1, 2]
    assert recording.decisions.tolist() == [-1, 1]
