"""Codes for no choice are found by what followed them, and named where they are only likely."""

import numpy as np
import pandas
import pytest

from hebbayes.data.behaviour import Behaviour
from hebbayes.data.behaviour.proposing.missed import missed_values
from hebbayes.data.columns.table import Columns
from hebbayes.data.columns.trials import TrialMapping, trials_of

N = 30


def table(code, pay=None, *, every: int = 10, n_arms: int = 2) -> pandas.DataFrame:
    """Choices 1, 2, ... with rewards, and a code every tenth trial, with its own reward."""
    choice: list = [k % n_arms + 1 for k in range(N)]
    reward: list = [k // 2 % 2 for k in range(N)]
    for k in range(3, N, every):
        choice[k], reward[k] = code, pay
    return pandas.DataFrame({"choice": choice, "reward": pandas.array(reward, object)})


@pytest.mark.parametrize("code", [9, 99, -9, 999, 0, 3, "none of both", "X"])
def test_a_value_that_alone_never_has_an_outcome_is_no_choice(code) -> None:
    frame = table(code)
    if isinstance(code, str):
        frame["choice"] = frame["choice"].map({1: "A", 2: "B", code: code})
    behaviour = Behaviour.from_frame(frame)
    assert behaviour.provenance["mapping"]["missed"] == str(code)
    assert behaviour.is_missed.sum() == behaviour.choice.tolist().count(-1) == 3
    assert behaviour.n_choices == 2
    assert any(f"{code} is read as no choice" in one for one in behaviour.provenance["warnings"])
    kept = Behaviour.from_frame(frame, missed="none")
    assert (kept.n_choices, int(kept.is_missed.sum())) == (3, 0)


@pytest.mark.parametrize(("code", "pay"), [(99, 99), (99, -1), (-1, 999), (-9, -9)])
def test_an_outcome_that_is_a_code_itself_is_none(code, pay) -> None:
    assert Behaviour.from_frame(table(code, pay)).is_missed.sum() == 3


@pytest.mark.parametrize(("code", "n_arms"), [(99, 2), (9, 4)])
def test_a_likely_code_with_outcomes_is_a_choice_with_a_warning(code, n_arms) -> None:
    behaviour = Behaviour.from_frame(table(code, 0, n_arms=n_arms))
    assert behaviour.n_choices == n_arms + 1
    warnings = " ".join(behaviour.provenance["warnings"])
    assert f"{code} is read as a choice (3 of 30 trials)" in warnings
    assert f"pass --missed {code}." in warnings


def test_a_value_without_outcomes_where_others_lack_some_too_is_only_named() -> None:
    frame = table(3)
    frame.loc[0, "reward"] = None
    behaviour = Behaviour.from_frame(frame)
    assert behaviour.n_choices == 3
    assert "pass --missed 3." in " ".join(behaviour.provenance["warnings"])


@pytest.mark.parametrize(
    "choice",
    [range(1, 10), [5, 6, 7, 8, 9, 5, 6, 7, 9], [1, 2, 3, 1, 2, 3, 1, 2, 3], [0, 1] * 4 + [0]],
)
def test_choices_that_are_numbered_are_no_codes(choice) -> None:
    pay = pandas.Series([k % 2 for k in range(9)])
    behaviour = Behaviour.from_frame(pandas.DataFrame({"choice": list(choice), "reward": pay}))
    assert not behaviour.is_missed.any()
    assert "--missed" not in " ".join(behaviour.provenance["warnings"])


def test_arms_that_pay_their_own_number_are_choices() -> None:
    arms = pandas.Series([1, 2, 9] * 4)
    assert missed_values(arms, arms) == ()


def test_two_values_are_two_choices() -> None:
    assert missed_values(pandas.Series([1, 99]), pandas.Series([1, None])) == ()
    assert missed_values(pandas.Series([1, 2, 99]), pandas.Series([None] * 3)) == ()


def test_a_recording_takes_the_same_codes() -> None:
    frame = table(99)
    values = {name: frame[name].to_numpy(float) for name in frame}
    columns = Columns("a.csv", {**values, "t": np.arange(N) * 2.0, "cue": np.arange(N) % 2.0})
    mapping = TrialMapping(
        stimuli=("cue",), onset="t", session="none", decision="choice", outcome="reward"
    )
    trials = trials_of(columns, mapping)
    assert (trials.extra["decisions"] == -1).sum() == 3
    assert any("99 is read as no choice" in one for one in trials.origin["read_as"])
