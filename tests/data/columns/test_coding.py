"""Stimulus channels of columns of every kind."""

import numpy as np
import pytest

from hebbayes.core.errors import FormatError
from hebbayes.data.columns.coding import coded_stimuli


def coded(values, coding: str = "") -> dict[str, list[float]]:
    codings = {"c": coding} if coding else {}
    stimuli, names, _ = coded_stimuli({"c": np.array(values)}, codings, "trials")
    return dict(zip(names, stimuli.T.tolist()))


@pytest.mark.parametrize(
    ("values", "coding", "wanted"),
    [
        ([0, 1, 1], "", {"c": [0, 1, 1]}),
        ([True, False], "", {"c": [1, 0]}),
        ([1, 2, 1], "", {"c": [0, 1, 0]}),
        ([-1, 1], "", {"c": [0, 1]}),
        ([0, 5], "", {"c": [0, 1]}),
        (["b", "a", ""], "", {"c=a": [0, 1, 0], "c=b": [1, 0, 0]}),
        ([10, 9, 11], "onehot", {"c=9": [0, 1, 0], "c=10": [1, 0, 0], "c=11": [0, 0, 1]}),
        ([0, 0.5, 2], "graded", {"c": [0, 0.25, 1]}),
        ([-1, 0.5, np.nan], "signed", {"c-": [1, 0, 0], "c+": [0, 0.5, 0]}),
        ([0, 0.5, 2], "binary", {"c": [0, 1, 1]}),
    ],
)
def test_a_column_becomes_channels(values, coding: str, wanted) -> None:
    assert coded(values, coding) == wanted


def test_three_numbers_without_a_coding_name_the_flag() -> None:
    with pytest.raises(FormatError, match=r"3 different numbers; pass --coding c=onehot"):
        coded([0, 0.5, 1])


def test_many_texts_are_not_channels_unless_asked() -> None:
    many = [f"image {k}" for k in range(40)]
    with pytest.raises(FormatError, match="40 different texts; pass --coding c=onehot"):
        coded(many)
    assert len(coded(many, "onehot")) == 40


def test_a_coding_of_no_stimulus_column_is_refused() -> None:
    with pytest.raises(FormatError, match="--coding names tone, which is no stimulus column"):
        coded_stimuli({"c": np.array([0, 1])}, {"tone": "onehot"}, "trials")


def test_text_cannot_be_graded() -> None:
    with pytest.raises(FormatError, match="holds text such as 'a'"):
        coded(["a", "b"], "graded")


def test_negative_values_cannot_be_graded_by_one_channel() -> None:
    with pytest.raises(FormatError, match="pass --coding c=signed, one channel per sign"):
        coded([-1, 0, 1], "graded")
