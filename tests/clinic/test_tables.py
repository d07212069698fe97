"""Tables of any kind, the bad ones among them."""

import numpy as np
import pandas as pd
import pytest

from hebbayes.clinic import ReadAs, diagnose
from hebbayes.clinic.tables import read_subjects
from hebbayes.core.errors import HebbayesError, ValueRangeError
from hebbayes.data.behaviour import read_behaviour

COLUMNS = {"subject": "id", "choice": "choice", "outcome": "reward", "stimulus": "cue"}


def frame(n=30, ids=("a", "b", "c"), seed=0):
    rng = np.random.default_rng(seed)
    rows = [
        (name, "HC" if k else "SZ", rng.integers(0, 2), rng.choice(["L", "R"]), rng.integers(0, 2))
        for k, name in enumerate(ids)
        for _ in range(n)
    ]
    return pd.DataFrame(rows, columns=["id", "group", "cue", "choice", "reward"])


def read(table, **more):
    return read_subjects(read_behaviour(table, **COLUMNS, **more))


def test_a_table_becomes_tasks_and_choices():
    table = frame()
    reading = read(table, group="group")
    assert [one.name for one in reading.subjects] == ["a", "b", "c"]
    assert [one.group for one in reading.subjects] == ["SZ", "HC", "HC"]
    one = reading.subjects[0]
    expected = (table.choice[:30] == reading.choice_names[1]).to_numpy().astype(int)
    np.testing.assert_array_equal(one.choices.choice, expected)
    np.testing.assert_array_equal(one.choices.outcome, table.reward[:30])


def test_outcomes_say_what_is_right():
    rows = [("a", cue, "LR"[side], int(side == cue)) for cue in (0, 1) for side in (0, 1, 0, 1)]
    table = pd.DataFrame(rows, columns=["id", "cue", "choice", "reward"])
    task = read(table).subjects[0].task
    np.testing.assert_array_equal(task.right, table.cue)


def test_one_choice_in_the_whole_table_is_an_error_with_a_remedy():
    table = frame().assign(choice="L")
    with pytest.raises(ValueRangeError, match="only one choice; diagnosis needs at least two"):
        read(table)


def test_outcomes_without_variance_are_a_stated_limit():
    notes = read(frame().assign(reward=1)).notes
    assert any("Every outcome is the same" in note for note in notes)


def test_outcomes_that_are_never_known_are_refused_with_a_remedy():
    with pytest.raises(HebbayesError, match=r"never known.*--outcome none"):
        read(frame().assign(reward=np.nan))


def test_few_trials_missed_trials_and_one_choice_are_results_with_limits():
    table = frame(n=30)
    table.loc[table.id == "a", "choice"] = "L"
    table.loc[table.id == "b", ["choice", "reward"]] = [None, np.nan]
    table = table[(table.id != "c") | (table.groupby("id").cumcount() < 3)]
    table = pd.concat([table, frame(30, ids=("z",), seed=1)])
    found = diagnose(table, **COLUMNS)
    by_name = {one.subject: one for one in found.subjects}
    assert by_name["b"].limit.startswith("No choice was made")
    assert by_name["b"].verdict == "cannot tell"
    assert by_name["c"].limit.startswith("Only 3 choices")
    assert all(np.isfinite(list(one.odds.values())).all() for one in found.subjects)
    assert any("Too few choices" in note for note in found.notes)


def test_controls_that_are_absent_or_single_are_named():
    with pytest.raises(ValueRangeError, match=r"no subject is in the group 'X'.*HC, SZ"):
        diagnose(frame(), controls="X", group="group", **COLUMNS)
    with pytest.raises(ValueRangeError, match="at least 2 controls; got 1"):
        diagnose(frame(), controls="SZ", group="group", **COLUMNS)


def test_one_id_in_two_groups_is_an_error():
    table = frame(ids=("a", "a", "b"))
    with pytest.raises(HebbayesError, match="a"):
        diagnose(table, group="group", **COLUMNS)


def test_reliability_is_checked():
    with pytest.raises(ValueRangeError, match=r"--reliability must be above 0\.5"):
        read_subjects(read_behaviour(frame(), **COLUMNS), ReadAs(reliability=0.5))
