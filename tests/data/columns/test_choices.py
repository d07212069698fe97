"""Choices from labels and from instructed sides."""

import numpy as np
import pytest

from hebbayes.core.errors import FormatError
from hebbayes.data.columns.choices import choices_from_instructed, coded_choices


@pytest.mark.parametrize(
    ("held", "codes", "labels"),
    [
        (["left", "right", "left"], [0, 1, 0], ["left", "right"]),
        ([0, 1, 2, -1], [0, 1, 2, -1], ["0", "1", "2"]),
        ([1.0, 2.0, np.nan], [0, 1, -1], ["1", "2"]),
        ([1, 2, -1], [0, 1, -1], ["1", "2"]),
        ([-1, 1, 1], [0, 1, 1], ["-1", "1"]),
        ([-1, 0, 1], [0, -1, 1], ["-1", "1"]),
        ([0, 1, 1, -1], [-1, 1, 1, 0], ["-1", "1"]),
        ([10, 9, 9], [1, 0, 0], ["9", "10"]),
        ([True, False], [1, 0], ["False", "True"]),
        (["go", "no response", "nogo"], [0, -1, 1], ["go", "nogo"]),
    ],
)
def test_codes_follow_the_labels(held, codes, labels) -> None:
    made, named = coded_choices(np.array(held))
    assert (made.tolist(), named) == (codes, labels)


def test_the_choice_follows_from_side_and_result() -> None:
    sides = np.array(["l", "r", "r", "l", "l", "r"])
    results = np.array(["correct", "correct", "incorrect", "incorrect", "ignore", "early"])
    risk = np.array([0, 0, 1, 1, np.nan, 1])
    made = choices_from_instructed(sides, results, risk, "trials")
    assert made == ["l", "r", "l", "r", "", ""]


def test_three_sides_or_a_risk_between_are_refused() -> None:
    three = np.array(["a", "b", "c"])
    with pytest.raises(FormatError, match=r"3 instructed sides \(a, b, c\); wanted two"):
        choices_from_instructed(three, three, np.zeros(3), "trials")
    with pytest.raises(FormatError, match=r"risk 0\.5, which does not say"):
        choices_from_instructed(three[:2], three[:2], np.array([0, 0.5]), "trials")
