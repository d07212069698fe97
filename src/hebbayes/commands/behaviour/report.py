"""The page about described behaviour: the answer, the data, one section per question."""

from typing import TYPE_CHECKING

from hebbayes.commands.analyze.embedded import embedded_table, miss_sentences
from hebbayes.commands.behaviour import sentences, tables
from hebbayes.commands.behaviour.beliefs import prior_sentences, prior_table, speed_sentences
from hebbayes.commands.behaviour.embedded import embedded_estimates
from hebbayes.commands.behaviour.synapses import held_sentences, synapses_table
from hebbayes.commands.behaviour_report import GLOSSARY, methods_paragraph
from hebbayes.reports import Report, Section

if TYPE_CHECKING:
    from hebbayes.commands.behaviour.run import BehaviourResult

_GLOSSARY = {
    "Prior E": "What the network expects of a choice before learning; psi is ln E - ln(1 - E).",
    "V": "Synapses that decide: log odds of each choice in a state, learnt from outcomes; psi is "
    "not part of it.",
    "Typical subject": "One at the mean of the population from which the subjects come.",
    "Stickiness": "Log odds of repeating the last choice.",
}


def report_of(result: "BehaviourResult") -> Report:
    """Return the page for readers.

    Example:
        >>> report_of.__name__
        'report_of'
    """
    embedded = embedded_estimates(result)
    answer = [*miss_sentences(embedded), sentences.answer(result)]
    questions = [_belief(result), _speed(result), _held(result), _theory(result), *_groups(result)]
    return Report(
        f"Behaviour of {result.name}",
        " ".join(answer),
        [embedded_table(embedded, "group")] if embedded else [],
        Section("What was recorded?", sentences.data_sentences(result), ["population"]),
        [
            *(one for one in questions if one.sentences or one.tables),
            Section("Subject by subject", ["Verdicts rest on each subject's own decisions."],
                    ["subjects"], [tables.subjects_table(result)]),
        ],
        [sentences.limit(result), *_assumptions(result)],
        GLOSSARY | _GLOSSARY,
        methods_paragraph(result.config.seed),
    )  # fmt: skip


def _belief(result: "BehaviourResult") -> Section:
    said = prior_sentences(result)
    return Section("What do they favour before they learn?", said, tables=prior_table(result))


def _speed(result: "BehaviourResult") -> Section:
    if not result.population.base:
        return Section("")
    shown = [tables.elements_table(result)] if result.population.elements else []
    said = [*speed_sentences(result), *sentences.cannot_tell_sentences(result)]
    return Section("How fast do they learn?", said, tables=shown)


def _held(result: "BehaviourResult") -> Section:
    figures = ["states"] if result.population.base else []
    said, shown = held_sentences(result), synapses_table(result)
    return Section("What have they learnt about each state?", said, figures, shown)


def _theory(result: "BehaviourResult") -> Section:
    said = [*sentences.policy_sentences(result), *sentences.theory_sentences(result)]
    shown = [tables.models_table(result), tables.verdicts_table(result)]
    if result.population.best != result.population.base:
        shown.append(tables.winner_table(result))
    return Section("What does the theory add beside its rivals?", said, tables=shown)


def _groups(result: "BehaviourResult") -> list[Section]:
    if not result.groups:
        return []
    tested = tables.elements_with_tests(result)
    found = [
        tables.element_in_words(name, result.population.best)
        for name in tested
        if result.groups[name].p < 0.05
    ]
    n = len(tested)
    said = (
        f"{len(found)} of {n} elements differ{'s' * (len(found) == 1)} at the 5 % level after "
        f"Holm's correction: {'; '.join(found)}."
        if found
        else f"None of {n} elements differs at the 5 % level after Holm's correction."
    )
    rests = (
        "Each group is a population of its own, so that the difference does not shrink; single "
        "subjects, precision and modulator bias shrink to one mean of all subjects or to the "
        "theory's value, so that the differences in the last two are too small if anything."
    )
    shown = [tables.groups_table(result)]
    return [Section("Do the groups differ?", [said, rests], tables=shown)]


def _assumptions(result: "BehaviourResult") -> list[str]:
    notes = ["Parameters are assumed to stay the same over all trials of a subject."]
    if result.population.psi is not None:
        notes.append(
            "Subjects are assumed to come from one population with normal parameters; their "
            "intervals shrink to its mean as far as their own trials leave them open."
        )
    return notes
