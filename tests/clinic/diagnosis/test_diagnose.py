"""Diagnosis of a table: bad subjects are results with limits, small groups are left out."""

import numpy as np
import pandas as pd
import pytest

from hebbayes.clinic import diagnose
from hebbayes.clinic.comparison.compare import CIRCUIT
from hebbayes.clinic.comparison.rivals import RIVAL_NAMES
from hebbayes.core.errors import HebbayesError, ValueRangeError

COLUMNS = {
    "subject": "id", "group": "group", "choice": "choice", "outcome": "reward", "stimulus": "cue",
}  # fmt: skip
GROUPS = {"a": "HC", "b": "HC", "one choice": "SZ", "missed": "SZ", "short": "SZ", "alone": "BD"}


@pytest.fixture(scope="module")
def table():
    rng = np.random.default_rng(0)
    n = 20
    frames = []
    for name, group in GROUPS.items():
        choice = np.where(rng.random(n) < 0.5, "L", "R").astype(object)
        reward = rng.integers(0, 2, n).astype(float)
        if name == "one choice":
            choice[:] = "L"
        if name == "missed":
            choice[:], reward[:] = None, np.nan
        frame = pd.DataFrame({"id": name, "group": group, "cue": rng.integers(0, 2, n)})
        frames.append(frame.assign(choice=choice, reward=reward)[: 3 if name == "short" else n])
    return pd.concat(frames, ignore_index=True)


@pytest.fixture(scope="module")
def found(table):
    return diagnose(table, controls="HC", **COLUMNS)


def test_every_subject_stands_beside_all_models(found):
    assert [one.subject for one in found.standings] == [*GROUPS]
    for one in found.standings:
        assert set(one.scores) == {CIRCUIT, *RIVAL_NAMES}
        assert one.better == ""  # so few choices are clear for no model


def test_a_subject_without_choices_has_no_winner_and_no_score(found):
    missed = {one.subject: one for one in found.standings}["missed"]
    assert missed.winner == ""
    assert np.isnan(missed.nats_per_choice[CIRCUIT])


def test_one_choice_and_three_trials_have_finite_scores(found):
    by_name = {one.subject: one for one in found.standings}
    for name, n in (("one choice", 20), ("short", 3)):
        assert len(by_name[name].scores[CIRCUIT].log_density) == n
        assert all(np.isfinite(value) for value in by_name[name].nats_per_choice.values())


def test_a_group_of_one_is_diagnosed_but_not_compared(found):
    assert {one.group for one in found.groups} == {"HC", "SZ", "BD"}
    assert {one.test.conditions for one in found.differences} == {("HC", "SZ")}
    assert {one.group: one.n_subjects for one in found.group_standings} == {
        "HC": 2, "SZ": 2, "BD": 1,
    }  # fmt: skip


def test_differences_name_every_element_and_what_needs_no_model(found):
    quantities = {(one.model, one.test.quantity) for one in found.differences}
    assert {(CIRCUIT, "phi"), (CIRCUIT, "psi"), ("choices", "mean outcome")} <= quantities
    missed = next(one for one in found.differences if one.test.quantity == "missed")
    assert missed.test.means == pytest.approx((0, 1 / 3))


@pytest.mark.parametrize(
    ("changed", "controls", "error", "message"),
    [
        ({"choice": "L"}, "HC", ValueRangeError, "only one choice"),
        ({}, "BD", ValueRangeError, "at least 2 controls; got 1"),
        ({}, "none of them", ValueRangeError, "no subject is in the group"),
        ({"choice": None, "reward": np.nan}, "HC", HebbayesError, "choice"),
        ({"reward": np.nan}, "HC", HebbayesError, "never known"),
    ],
)
def test_tables_without_a_diagnosis_are_one_sentence(table, changed, controls, error, message):
    with pytest.raises(error, match=message) as raised:
        diagnose(table.assign(**changed), controls=controls, **COLUMNS)
    assert "\n" not in str(raised.value)


def test_one_id_in_two_groups_is_one_sentence(table):
    twice = table.assign(id=table["id"].replace("b", "short"))
    with pytest.raises(HebbayesError, match="short"):
        diagnose(twice, controls="HC", **COLUMNS)


def test_a_control_group_whose_members_missed_everything_is_one_sentence(table):
    silent = table.copy()
    silent.loc[silent["group"] == "HC", ["choice", "reward"]] = [None, np.nan]
    with pytest.raises(ValueRangeError, match="at least 2 controls; got 0"):
        diagnose(silent, controls="HC", **COLUMNS)
