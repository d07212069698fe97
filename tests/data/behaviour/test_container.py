"""A container of behaviour: its casts, its order, what it refuses, and what it says of itself."""

import dataclasses

import numpy as np
import pytest

from hebbayes.core.errors import ShapeError, ValueRangeError
from hebbayes.data.behaviour import MISSED, Behaviour


def pair(**changes) -> Behaviour:
    parts = {
        "choice": np.array([0, 1, -1, 1, 0], np.int8),
        "stimuli": np.arange(10, dtype=np.uint8).reshape(5, 2),
        "outcome": [1, 0, np.nan, -50, 2.5],
        "risk": [0, 1, np.nan, 1, 0.5],
        "subject": [0, 0, 0, 1, 1],
        "session": [7, 7, 3, 7, 7],
        "subject_ids": ["b", "a"],
        "choice_ids": ["left", "right"],
        "channel_ids": ["tone", "light"],
        "group": ["SZ", "HC"],
    }
    return Behaviour(**{**parts, **changes})


def test_arrays_are_cast_frozen_and_leave_the_callers_own_writeable() -> None:
    given = np.zeros((5, 2))
    both = pair(stimuli=given)
    assert (both.choice.dtype, pair().stimuli.dtype) == (np.int64, np.float64)
    assert (both.n_trials, both.n_subjects, both.n_channels, both.n_choices) == (5, 2, 2, 2)
    with pytest.raises(ValueError, match="read-only"):
        both.choice[0] = 1
    given[0] = 1


def test_missed_trials_keep_their_place() -> None:
    assert pair().is_missed.tolist() == [False, False, True, False, False]
    assert pair().choice[2] == MISSED


def test_sessions_are_counted_within_subjects_and_trials_within_sessions() -> None:
    assert pair().session_index.tolist() == [0, 0, 1, 0, 0]
    assert pair().trial.tolist() == [0, 1, 0, 0, 1]
    assert pair(trial=[5, 9, 1, 2, 4]).trial.tolist() == [5, 9, 1, 2, 4]


def test_a_subject_is_cut_out_with_all_names() -> None:
    first, one = pair().of_subject(0), pair().of_subject(1)
    assert (first.n_trials, first.session.tolist()) == (3, [7, 7, 3])
    assert (one.choice.tolist(), one.subject.tolist()) == ([1, 0], [0, 0])
    assert (one.subject_ids.tolist(), one.group.tolist()) == (["a"], ["HC"])
    assert one.choice_ids.tolist() == ["left", "right"]
    np.testing.assert_array_equal(one.outcome, [-50, 2.5])
    with pytest.raises(ValueRangeError, match=r"subject must be from 0 to 1; got 2\."):
        pair().of_subject(2)


@pytest.mark.parametrize(
    ("changes", "error", "complaint"),
    [
        ({"choice": []}, ShapeError, r"choice has shape \(0,\); wanted \(trials,\), at least one"),
        ({"stimuli": np.ones(5)}, ShapeError, r"stimuli has shape \(5,\)"),
        ({"risk": [0, 1]}, ShapeError, r"risk has shape \(2,\); 5 choices of 2 subjects want \(5,"),
        ({"group": ["SZ"]}, ShapeError, r"group has shape \(1,\)"),
        ({"activity": np.ones(5)}, ShapeError, r"activity has shape \(5,\)"),
        ({"choice": [0, 1, 2, 0, 1]}, ValueRangeError, r"choice must be from -1 \(missed\) to 1"),
        ({"choice": [0, 1, -2, 0, 1]}, ValueRangeError, r"got -2 at trial 2"),
        ({"choice": [0, 0.5, 0, 0, 1]}, ValueRangeError, r"choice must hold whole numbers"),
        ({"stimuli": np.full((5, 2), np.nan)}, ValueRangeError, "stimuli must be finite"),
        ({"outcome": [np.inf] * 5}, ValueRangeError, "outcome must be finite"),
        ({"risk": [0, 1, 2, 0, 1]}, ValueRangeError, "risk must"),
        ({"subject": [0, 1, 0, 1, 1]}, ValueRangeError, "subject must not decrease; it does at "),
        ({"subject": [0, 0, 0, 0, 0]}, ValueRangeError, "1 of 2 have none"),
        ({"session": [0, 1, 0, 5, 5]}, ValueRangeError, "b returns to session 0 at trial 2"),
        ({"choice_ids": ["left", "left"]}, ValueRangeError, "choice_ids must differ"),
    ],
)  # fmt: skip
def test_parts_that_do_not_fit_are_refused_in_a_sentence(changes, error, complaint) -> None:
    with pytest.raises(error, match=complaint):
        pair(**changes)


def test_a_huge_code_without_names_asks_for_no_memory() -> None:
    with pytest.raises(ValueRangeError, match="got 1099511627776 at trial 0"):
        Behaviour([2**40], [[1.0]])


def test_it_says_its_sizes_in_a_line_and_in_a_notebook() -> None:
    text = "Behaviour(subjects=2, sessions=3, trials=5, channels=2, choices=2, missed=1)"
    assert repr(pair()) == text
    assert "<td>5</td>" in pair()._repr_html_()
    with pytest.raises(dataclasses.FrozenInstanceError):
        pair().choice = None


def test_a_table_has_one_row_per_trial_and_the_labels() -> None:
    frame = pair(activity=np.ones((5, 1)), response_time_s=[0.1, 0.2, np.nan, 1, 2]).to_dataframe()
    assert frame["choice"].tolist() == ["left", "right", None, "right", "left"]
    assert frame["group"].tolist() == ["SZ"] * 3 + ["HC"] * 2
    assert frame["channel_light"].tolist() == [1, 3, 5, 7, 9]
    assert frame["activity_0"].tolist() == [1.0] * 5
    assert list(frame)[:4] == ["subject", "group", "session", "trial"]
