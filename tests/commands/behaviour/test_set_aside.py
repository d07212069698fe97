"""Subjects that cannot be described are reported and counted; both commands go on without them."""

import numpy as np
import pandas
import pytest

import hebbayes as h
from hebbayes.commands.behaviour import present, run
from hebbayes.commands.behaviour.tables import elements_with_tests
from hebbayes.commands.predict_behaviour import present as present_forecast
from hebbayes.commands.predict_behaviour import run as run_forecast

COLUMNS = {"subject": "sub", "choice": "choice", "outcome": "outcome", "stimulus": "none"}


@pytest.fixture(scope="module")
def mixed(tmp_path_factory):
    rng = np.random.default_rng(3)
    choice = np.concatenate([rng.integers(0, 2, 40), [0], [1] * 20])
    frame = pandas.DataFrame(
        {
            "sub": ["good"] * 40 + ["once"] + ["same"] * 20,
            "choice": choice,
            "outcome": rng.integers(0, 2, choice.size),
        }
    )
    path = tmp_path_factory.mktemp("mixed") / "mixed.csv"
    frame.to_csv(path, index=False)
    return path


def test_behaviour_describes_the_others(mixed) -> None:
    result = run(h.BehaviourConfig(file=mixed, workers=1, **COLUMNS))
    shown = present(result)
    assert [one["subject"] for one in shown.summary["subjects"]] == ["good"]
    assert [
        (one["subject"], one["trials"], one["reason"]) for one in shown.summary["set_aside"]
    ] == [
        ("once", 1, "too few trials"),
        ("same", 20, "one choice only: nothing can be told"),
    ]
    assert any(note.startswith("Left out, 2 subjects: once (too few") for note in shown.notes)
    assert [row[0] for row in shown.tables[-1].rows] == ["good", "once", "same"]


def test_a_forecast_names_why_a_subject_has_none(mixed) -> None:
    result = run_forecast(h.PredictBehaviourConfig(file=mixed, draws=30, **COLUMNS))
    assert [one.subject for one in result.subjects] == ["good"]
    assert present_forecast(result).summary["failures"] == {
        "once": "too few trials",
        "same": "one choice only: nothing can be told",
    }


class _Groups:
    choice_labels = ("ab", "a")
    groups = dict.fromkeys(["psi: ab", "psi: a", "learning", "psi: ab: y - x", "psi: a: y - x"])


def test_psi_of_two_choices_is_one_test() -> None:
    assert elements_with_tests(_Groups()) == ["psi: ab", "learning", "psi: ab: y - x"]
    three = type("Three", (_Groups,), {"choice_labels": ("ab", "a", "c")})
    assert len(elements_with_tests(three())) == 5
