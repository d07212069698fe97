"""The page about foretold behaviour, and what it shares with that of described behaviour."""

from dataclasses import replace
from importlib.metadata import version
from platform import python_version
from typing import TYPE_CHECKING

from hebbayes.reports import Report, Section

if TYPE_CHECKING:
    from hebbayes.commands.running.outcome import Outcome

GLOSSARY = {
    "State": "What a choice rests on: a stimulus, or a hidden cause of the stimuli.",
    "psi": "How much a choice is favoured before any learning, in nats; 0 is no preference.",
    "lambda / gain (learning)": "How slowly outcomes change choices: a large ratio is slow. "
    "Choices show only the ratio of the prior count lambda to the gain of the modulator.",
    "Canonical network": "A network that infers states and learns choices by modulated Hebbian "
    "plasticity, which minimises variational free energy.",
    "Rescorla-Wagner": "Choices by values that move towards each outcome by a fixed share.",
    "Win-stay-lose-shift": "The last choice is repeated after a good outcome, changed after a bad "
    "one.",
    "Fixed policy": "Choices depend on the stimulus, but are not learnt.",
    "Log evidence": "How well a model explains the choices, its free parameters charged, in nats; "
    "a lead of 3 nats is odds of 20 to 1.",
    "95 % interval": "A range that contains the true value in 95 of 100 such experiments, if the "
    "assumptions hold.",
}

FORETOLD = ("What will they do?", "What does the forecast rest on?")
"""Headings of the first figure, and of everything else."""


def with_behaviour_report(
    outcome: "Outcome",
    *,
    title: str,
    seed: int = 0,
) -> "Outcome":
    """Return the outcome with a page: its first note is the answer.

    The note that counts trials ("Of ... trials") stands with the data; the last note is the limit.

    Example:
        >>> from hebbayes.commands.running.outcome import Outcome
        >>> outcome = Outcome({}, notes=["It learns.", "Of 9 trials, 8 are explained.", "Rivals."])
        >>> report = with_behaviour_report(outcome, title="Behaviour of a mouse").report
        >>> report.answer, report.data.sentences, report.limits
        ('It learns.', ['Of 9 trials, 8 are explained.'], ['Rivals.'])
    """
    misses = [note for note in outcome.notes if note.startswith("MISSED")]
    notes = [note for note in outcome.notes if note not in misses]
    answer, rest, limits = notes[:1], notes[1:-1], notes[1:][-1:]
    counted = [note for note in rest if note.lower().startswith("of ") and "trials" in note]
    lead = [table for table in outcome.tables if table.title.startswith("Embedded")]
    figures = list(outcome.figures)
    report = Report(
        title,
        " ".join([*misses, *answer]),
        lead,
        Section(FORETOLD[0], counted, figures[:1]),
        [
            Section(
                FORETOLD[1],
                ["", *(note for note in rest if note not in counted)],
                figures[1:],
                [table for table in outcome.tables if table not in lead],
            )
        ],
        limits,
        GLOSSARY,
        methods_paragraph(seed),
    )
    return replace(outcome, report=report)


def methods_paragraph(seed: int) -> str:
    """Return how choices are analysed, ready for a paper.

    Example:
        >>> "maximum posterior" in methods_paragraph(3)
        True
    """
    packages = ", ".join(f"{name} {version(name)}" for name in ("numpy", "scipy"))
    return (
        f"Choices were analysed with hebbayes {version('hebbayes')} (seed {seed}; Python "
        f"{python_version()}, {packages}). Every model of choices was fitted by maximum posterior "
        "and compared by its log evidence; the canonical network is that of Isomura, Shimazaki & "
        "Friston (2022, Commun. Biol. 5:55, doi 10.1038/s42003-021-02994-2). Intervals are 95 %. "
        "Settings are in config.toml, hashes of the input in provenance.json."
    )
