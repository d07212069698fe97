"""The page about behaviour keeps every note, table and figure of its outcome."""

from hebbayes.commands.behaviour_report import FORETOLD, with_behaviour_report
from hebbayes.commands.running.outcome import Outcome, Table

NOTES = ["MISSED: phi.", "It learns.", "Of 9 trials, 8 are explained.", "States are stimuli.",
         "Relative to rivals."]  # fmt: skip
OUTCOME = Outcome(
    {},
    tables=[Table("Embedded group: truth", ["a"], [[1]]), Table("Subjects", ["a"], [[1]])],
    notes=NOTES,
    figures={"population": lambda: None, "subjects": lambda: None},
)


def test_nothing_of_an_outcome_is_lost() -> None:
    report = with_behaviour_report(OUTCOME, title="Behaviour", seed=3).report
    said = [report.answer, *report.limits, *(n for s in report.sections for n in s.sentences)]
    assert all(any(note in one for one in said) for note in NOTES)
    assert [t.title for t in report.lead] == ["Embedded group: truth"]
    assert [t.title for s in report.sections for t in s.tables] == ["Subjects"]
    assert [f for s in report.sections for f in s.figures] == ["population", "subjects"]
    assert "seed 3" in report.methods


def test_a_miss_is_the_first_thing_said() -> None:
    report = with_behaviour_report(OUTCOME, title="Forecast").report
    assert report.answer == "MISSED: phi. It learns."
    assert report.sections[0].heading == FORETOLD[0]
    assert report.sections[0].sentences == ["Of 9 trials, 8 are explained."]
