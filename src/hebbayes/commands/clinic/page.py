"""What stands on every page of the clinic: the verdict first, then figures, then numbers."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from hebbayes.reports import Report, Section

if TYPE_CHECKING:
    from hebbayes.commands.running.outcome import Table

NO_DEVICE = "Research software, no medical device."

MOST_ROWS = 40
"""Subjects that one figure names at most."""

GLOSSARY = {
    "Element": "A part of the model circuit that carries a belief, such as a firing threshold.",
    "Class": "Elements that leave the same traces in choices and are named together.",
    "Odds": "Probability, given the choices, that a class explains how a subject differs.",
    "Cannot tell": "No class reaches the odds that a verdict needs, and health does not either.",
    "Healthy band": "Where 95 % of healthy subjects lie, as controls or a typical population say.",
    "Dose": "A step on an element's scale without bounds: log odds, a logarithm, or the value.",
}


def page_of(
    title: str, answer: str, sections: Sequence[Section], limits: Sequence[str] = ()
) -> Report:
    """Return a page for readers; each of its sections has an answer, then figures, then tables.

    Example:
        >>> page_of("Diagnosis", "One of 2 subjects has a verdict.", []).answer
        'Research software, no medical device. One of 2 subjects has a verdict.'
    """
    shown = [one for one in sections if one.sentences or one.figures or one.tables]
    return Report(
        title,
        f"{NO_DEVICE} {answer}",
        questions=[
            replace(one, sentences=["", *one.sentences[1:]])
            if list(one.sentences[:1]) == [answer]
            else one
            for one in shown  # the answer of the page is not repeated
        ],
        limits=[*limits, NO_DEVICE],
        glossary=GLOSSARY,
    )


def section(
    heading: str, sentences: Sequence[str], figures: Sequence[str], *tables: "Table"
) -> Section:
    """Return a section: its first sentence, figures, tables, and what it rests on.

    Example:
        >>> section("What follows?", ["Nothing."], []).heading
        'What follows?'
    """
    return Section(heading, sentences, figures, tables)


def count_of(n: int, noun: str) -> str:
    """Return a number with its noun.

    Example:
        >>> count_of(1, "subject"), count_of(2, "subject")
        ('1 subject', '2 subjects')
    """
    return f"{n} {noun}{'s' * (n != 1)}"


def listed(names: Sequence[str], most: int = 5) -> str:
    """Return names in a sentence, the first few if they are many.

    Example:
        >>> listed(["a", "b", "c"], most=2)
        'a, b and 1 more'
    """
    rest = len(names) - most
    return ", ".join(names[:most]) + (f" and {rest} more" if rest > 0 else "")
