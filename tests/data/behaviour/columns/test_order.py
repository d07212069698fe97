"""Rows come in the order of subjects, sessions and trials, whatever the order of the file."""

import numpy as np
import pandas
import pytest

from hebbayes.core.errors import FormatError
from hebbayes.data.behaviour import Behaviour
from hebbayes.data.behaviour.columns.order import order_of, session_labels


@pytest.mark.parametrize("seed", range(8))
def test_shuffled_rows_come_back_in_order(seed: int) -> None:
    rng = np.random.default_rng(seed)
    frame = pandas.DataFrame(
        {
            "subject": np.repeat([5, 3, 9], 20),
            "session": np.tile(np.repeat([2, 7], 10), 3),
            "trial": np.tile(np.arange(10) * 2, 6),
            "choice": rng.integers(0, 2, 60),
            "reward": rng.integers(0, 2, 60),
            "x": rng.random(60),
        }
    )
    shuffled = frame.sample(frac=1, random_state=seed)
    behaviour = Behaviour.from_frame(shuffled, stimulus="x")
    order = {one: k for k, one in enumerate(behaviour.subject_ids.tolist())}
    rows = sorted(
        range(60),
        key=lambda k: (order[frame["subject"][k]], frame["session"][k], frame["trial"][k]),
    )
    np.testing.assert_array_equal(behaviour.stimuli[:, 0], frame["x"][rows])
    np.testing.assert_array_equal(behaviour.trial, frame["trial"][rows])
    assert any("were put together" in each for each in behaviour.provenance["warnings"])


@pytest.mark.parametrize(
    ("trial", "session"),
    [
        ([1, 2, 3, 1, 2, 3, 1, 2], [0, 0, 0, 1, 1, 1, 2, 2]),
        ([0, 1, 2, 3, 4, 5, 5, 6], [0, 0, 0, 0, 0, 0, 1, 1]),
        ([1, 3, 2, 5, 4, 7, 6, 8], [0] * 8),  # out of order, and no number twice
        ([1, 1, 1, 1, 1, 1, 1, 1], [0] * 8),  # no numbers of trials
    ],
)
def test_trial_numbers_that_start_again_begin_a_session(trial: list, session: list) -> None:
    order = order_of(np.zeros(8, np.int64), None, np.array(trial))
    assert order.session.tolist() == session
    if len(set(trial)) == 8:
        assert np.array(trial)[order.rows].tolist() == sorted(trial)
    else:
        assert order.rows.tolist() == list(range(8))


def test_numbers_that_repeat_within_a_session_leave_the_order_of_the_file() -> None:
    order = order_of(np.zeros(4, np.int64), np.zeros(4, np.int64), np.array([1, 2, 1, 2]))
    assert order.rows.tolist() == [0, 1, 2, 3]
    assert "2 rows repeat a trial number of their session" in order.notes[0]


def test_sessions_keep_the_order_of_the_file_unless_its_rows_return() -> None:
    subject, trial = np.zeros(4, np.int64), np.arange(4)
    together = order_of(subject, np.array([9, 9, 2, 2]), trial)
    assert together.rows.tolist() == [0, 1, 2, 3]
    assert "session numbers fall 1 times" in together.notes[0]
    mixed = order_of(subject, np.array([9, 2, 9, 2]), trial)
    assert mixed.rows.tolist() == [1, 3, 0, 2]
    assert "sessions by number" in mixed.notes[0]
    named = order_of(subject, np.array([0, 1, 0, 1]), trial, ("Mon", "Tue"))
    assert named.rows.tolist() == [0, 2, 1, 3]
    assert "sessions by first appearance" in named.notes[0]


@pytest.mark.parametrize("numbers", [["1", "2", "x", "4"], ["1", "2", "", "4"], [1.5, 2, 3, 4]])
def test_trials_without_usable_numbers_are_named(numbers: list) -> None:
    frame = pandas.DataFrame({"trial": numbers, "choice": [0, 1, 1, 0], "reward": [1, 0, 1, 1]})
    warnings = Behaviour.from_frame(frame, trial="trial").provenance["warnings"]
    assert "trial does not number every trial; the order of the file is kept." in warnings


def test_rows_that_occur_twice_are_named() -> None:
    frame = pandas.DataFrame({"trial": range(4), "choice": [0, 1, 1, 0], "reward": [1, 0, 1, 1]})
    twice = pandas.concat([frame, frame]).sort_values("trial", kind="stable")
    warnings = Behaviour.from_frame(twice, session="none").provenance["warnings"]
    assert any(one.startswith("4 rows repeat a trial number") for one in warnings)


@pytest.mark.parametrize("lengths", [[3, 1], [3, 1, np.nan, np.nan], [3, 3, 3, 1]])
def test_lengths_of_sessions_become_sessions(lengths: list) -> None:
    column = pandas.Series(lengths if len(lengths) == 4 else [*lengths, np.nan, np.nan])
    assert session_labels("dayLength", column)[0].tolist() == [0, 0, 0, 1]


def test_lengths_that_do_not_add_up_are_refused() -> None:
    with pytest.raises(FormatError, match="does not hold the lengths of sessions"):
        session_labels("dayLength", pandas.Series([3, 3, 3, 2]))
