"""Decisions are counted, and codes that make phantom or missing ones are named with a remedy."""

import numpy as np
import pytest

from hebbayes.data.decisions import count_decisions
from hebbayes.data.recording import Recording


def counted(decisions, risk=None):
    n = len(decisions)
    return count_decisions(
        Recording(np.eye(n), np.ones((n, 1)), [0] * n, decisions=decisions, risk=risk)
    )


def test_every_decision_missing_trials_and_risk_are_counted() -> None:
    counts = counted([0, 1, 1, -1, 0], [0.1, 0.3, np.nan, np.nan, 0.5])
    assert counts.taken == {0: 2, 1: 2}
    assert counts.missing == 1
    assert counts.unknown_risk == 1
    assert counts.mean_risk == pytest.approx(0.3)
    assert counts.warnings == ()
    assert counts.as_dict() == {
        "codes": [0, 1], "labels": ["0", "1"], "taken": [2, 2], "missing": 1,
        "mean_risk": counts.mean_risk, "unknown_risk": 1, "warnings": [],
    }  # fmt: skip
    assert counted([0, 1]).as_dict()["mean_risk"] is None
    assert count_decisions(Recording(np.eye(2), np.ones((2, 1)), [0, 0])) is None


def test_decisions_keep_the_names_of_their_file() -> None:
    recording = Recording(
        np.eye(3), np.ones((3, 1)), [0] * 3, decisions=[2, 0, 2],
        provenance={"decision_labels": ["left", "right"]},
    )  # fmt: skip
    assert count_decisions(recording).as_dict()["labels"] == ["left", "2"]


@pytest.mark.parametrize(
    ("decisions", "sentence"),
    [
        ([1, 2, 1], "coded 1, 2, so 0 counts as a decision never taken; number them from 0"),
        ([3, 17, -1], "coded 3, 17, so 16 others count as decisions never taken"),
        ([-1, 1, -1], "coded -1 and 1; a negative code means that no decision was taken"),
        ([-1, 0, -2], "coded -2, -1 and 0; a negative code"),
    ],
)
def test_codes_that_are_often_a_mistake_are_named(decisions, sentence) -> None:
    (warning,) = counted(decisions).warnings
    assert sentence in warning


@pytest.mark.parametrize("decisions", [[0, 1, 2], [0, 1, -1], [0, 0, 0], [-1, -1]])
def test_usual_codes_are_not(decisions) -> None:
    assert counted(decisions).warnings == ()
