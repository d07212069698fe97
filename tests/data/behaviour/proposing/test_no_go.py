"""In go/no-go tasks a response that was withheld is a choice, whatever column tells it."""

import numpy as np
import pandas
import pytest

from hebbayes.data.behaviour import Behaviour

N = 24
KIND = np.array(["go", "go", "nogo"] * 8)
PRESSED = np.array([k % 5 != 0 for k in range(N)])
TIME = np.where(PRESSED, 0.2 + 0.01 * (np.arange(N) * 7 % N), np.nan)


def frame(**columns) -> pandas.DataFrame:
    events = {"onset": np.arange(N) * 2.0, "duration": 0.5, "trial_type": KIND}
    return pandas.DataFrame(events | columns)


def test_the_choice_follows_from_the_kind_of_trial_and_what_was_right() -> None:
    right = ((KIND == "go") == PRESSED).astype(int)
    key = pandas.Series(np.where(PRESSED, "space", None))
    behaviour = Behaviour.from_frame(frame(button=key, accuracy=right, response_time=TIME))
    mapping = behaviour.provenance["mapping"]
    assert (mapping["instructed"], mapping["outcome"]) == ("trial_type", "accuracy")
    assert (behaviour.choice_ids[behaviour.choice] == np.where(PRESSED, "go", "nogo")).all()
    assert np.array_equal(behaviour.outcome, right)


@pytest.mark.parametrize("third", [False, True])
def test_without_two_kinds_or_a_verdict_the_response_is_the_choice(third: bool) -> None:
    kind = np.where(np.arange(N) % 4 == 1, "go left", KIND) if third else KIND
    key = pandas.Series(np.where(PRESSED, "space", None))
    table = frame(button=key, reward=np.arange(N) % 2)
    table["trial_type"] = kind
    behaviour = Behaviour.from_frame(table)
    assert behaviour.provenance["mapping"]["withheld"] == "withheld"
    made = np.where(PRESSED, "space", "withheld")
    assert (behaviour.choice_ids[behaviour.choice] == made).all()
    kept = Behaviour.from_frame(table, choice="button", withheld="none")
    assert kept.is_missed.sum() == (~PRESSED).sum()


@pytest.mark.parametrize("stated", [{}, {"choice": "response_time"}])
def test_a_response_time_alone_tells_whether_a_press_was_made(stated: dict) -> None:
    behaviour = Behaviour.from_frame(frame(response_time=TIME), outcome="none", **stated)
    made = np.where(PRESSED, "responded", "withheld")
    assert (behaviour.choice_ids[behaviour.choice] == made).all()
    assert np.array_equal(behaviour.response_time_s, TIME, equal_nan=True)
    again = Behaviour.from_frame(frame(response_time=TIME), **behaviour.provenance["mapping"])
    assert np.array_equal(again.choice, behaviour.choice)


def test_the_name_of_the_choice_is_the_users() -> None:
    behaviour = Behaviour.from_frame(
        frame(response_time=TIME), choice="response_time", withheld="stay", outcome="none"
    )
    assert behaviour.choice_ids.tolist() == ["responded", "stay"]


@pytest.mark.parametrize(
    ("choice", "kind"),
    [
        (np.where(PRESSED, "lick", "no lick"), KIND),  # both are named
        (np.where(PRESSED, "A", None), np.array(["hard", "easy", "hard"] * 8)),  # no go/no-go task
        (np.where(KIND == "go", np.where(PRESSED, "L", None), "R"), KIND),  # empty in go trials
    ],
)
def test_an_empty_choice_is_missed_otherwise(choice, kind) -> None:
    table = frame(response=pandas.Series(choice), reward=np.arange(N) % 2)
    table["trial_type"] = kind
    behaviour = Behaviour.from_frame(table)
    assert "withheld" not in behaviour.provenance["mapping"]
    assert behaviour.is_missed.sum() == pandas.Series(choice).isna().sum()
