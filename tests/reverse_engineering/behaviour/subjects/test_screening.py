"""Subjects of few trials or of one choice are set aside; the others stay as they are."""

import numpy as np
import pytest

from hebbayes.core.errors import ValueRangeError
from hebbayes.data.behaviour import Behaviour
from hebbayes.reverse_engineering.behaviour.subjects.screening import (
    ONE_CHOICE,
    TOO_FEW,
    screen_subjects,
    sentence_about,
)
from hebbayes.reverse_engineering.behaviour.subjects.settings import Scoring, best_of, score_ways
from hebbayes.reverse_engineering.behaviour.subjects.trials import ReadAs


def table(choices, names):
    """One subject for each list of choices; an outcome is good where the choice is 1."""
    choice = np.concatenate(choices)
    return Behaviour(
        choice,
        np.ones((choice.size, 1)),
        risk=(choice != 1).astype(float),
        subject=np.repeat(np.arange(len(choices)), [len(one) for one in choices]),
        subject_ids=names,
        choice_ids=["left", "right"],
        group=[f"group of {name}" for name in names],
    )


GOOD = [0, 1, 1, 0, 1, 1, 0, 1]


def test_the_others_are_left_as_they_are() -> None:
    mixed = table([[0], GOOD, [1] * 9, [-1] * 9, GOOD[::-1], [0, 1, 1]], list("abcdef"))
    kept, aside = screen_subjects(mixed)
    alone = table([GOOD, GOOD[::-1]], list("be"))
    for name in ("choice", "subject", "stimuli", "risk", "subject_ids", "group", "session_index"):
        assert np.array_equal(getattr(kept, name), getattr(alone, name)), name
    assert {str(one.name): one.reason for one in aside} == {
        "a": TOO_FEW,
        "c": ONE_CHOICE,
        "d": TOO_FEW,
        "f": TOO_FEW,
    }
    counts = [(one.n_trials, one.n_used, one.n_missed) for one in aside]
    assert counts == [(1, 1, 0), (9, 9, 0), (9, 0, 9), (3, 3, 0)]
    assert aside[1].success == 1.0
    assert sentence_about(aside).startswith("Left out, 4 subjects: a (too few trials), c (one")


def test_a_table_without_such_subjects_is_the_same_object() -> None:
    good = table([GOOD, GOOD], ["a", "b"])
    assert screen_subjects(good) == (good, ())


def test_no_subject_left_is_one_clear_sentence() -> None:
    short = table([[0, 1, 1]] * 200 + [[1] * 9], [f"s{k}" for k in range(201)])
    with pytest.raises(ValueRangeError, match="of 201, 200 made fewer than 5 choices and 1 made"):
        screen_subjects(short)


def test_one_choice_alone_does_not_break_the_scores_of_settings() -> None:
    one = table([[1] * 9], ["c"])
    scores, n = score_ways(Scoring(one, one.stimuli, (ReadAs(),)))
    assert (scores, n, best_of([scores])) == ([{}], 0, [0.0])
