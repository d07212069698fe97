"""The demo: every criterion can fail, and the story holds together."""

import copy

import numpy as np
import pytest

from hebbayes.commands.demo import CRITERIA, DemoResult, present
from hebbayes.commands.running.outcome import Outcome, Table, plain

GOOD = {
    "certificate": {"rows": [{"discrepancy": 1e-15}, {"discrepancy": 2e-13}]},
    "maze": {"success_first": 0.4, "success_last": 0.7},
    "sources": {"correlation": np.array([[0.89, 0.92]])},
    "culture": {"cultures": [{"cost": [11_365.0, 10_232.0]}], "recovered_prior_error": 0.031},
}


def entries(summaries) -> Outcome:
    chapters = {
        name: Outcome(
            summary=summary,
            arrays={"values": np.arange(3)},
            tables=[Table(name, ["a"], [[1]])],
            notes=[f"about {name}"],
            figures={"drawing": lambda: None},
        )
        for name, summary in summaries.items()
    }
    return present(DemoResult(chapters, seconds=1.0, seconds_compile=2.0))


def test_a_good_story_holds_and_keeps_every_chapter() -> None:
    outcome = entries(GOOD)
    assert outcome.holds
    assert outcome.summary["checks"] == {criterion.name: True for criterion in CRITERIA}
    assert outcome.summary["certificate_worst"] == 2e-13
    assert set(outcome.arrays) == {f"{name}_values" for name in GOOD}
    assert set(outcome.figures) == {f"{name}_drawing" for name in GOOD}
    assert [table.title for table in outcome.tables[1:]] == list(GOOD)
    assert len(outcome.notes) == len(GOOD)


def test_the_summary_has_the_keys_of_the_contract() -> None:
    keys = {
        "seconds",
        "checks",
        "certificate_worst",
        "maze_success_first",
        "maze_success_last",
        "recovered_prior_error",
    }
    assert keys <= plain(entries(GOOD).summary).keys()


@pytest.mark.parametrize(
    ("chapter", "changes", "broken"),
    [
        ("certificate", {"rows": [{"discrepancy": 2e-10}]}, "certificate_holds"),
        (
            "certificate",
            {"rows": [{"discrepancy": 1e-15}, {"discrepancy": np.nan}]},
            "certificate_holds",
        ),
        ("maze", {"success_last": 0.45}, "maze_is_learnt"),
        ("sources", {"correlation": np.array([[0.9, 0.7]])}, "sources_are_found"),
        ("sources", {"correlation": np.array([[0.9, np.nan]])}, "sources_are_found"),
        ("culture", {"recovered_prior_error": 0.06}, "prior_is_recovered"),
        ("culture", {"cultures": [{"cost": [1.0, 2.0]}]}, "free_energy_falls"),
    ],
)
def test_a_criterion_fails_where_it_should(chapter, changes, broken) -> None:
    summaries = copy.deepcopy(GOOD)
    summaries[chapter] |= changes
    outcome = entries(summaries)
    assert not outcome.holds
    assert [name for name, holds in outcome.summary["checks"].items() if not holds] == [broken]
