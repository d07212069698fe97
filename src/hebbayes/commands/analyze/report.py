"""The page about a causal analysis: its answer, then data, questions, limits, glossary, methods."""

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import expit

from hebbayes.commands.analyze.answer import (
    answer_sentences,
    decisions_answer,
    joined_estimates,
    prior_answer,
    speed_answer,
    states_answer,
    theory_answer,
    verdicts,
)
from hebbayes.commands.analyze.causal_figures import loss_table_rows, state_labels
from hebbayes.commands.analyze.decision_forecasts import decision_notes, decision_tables
from hebbayes.commands.analyze.methods import GLOSSARY, LIMITS, methods
from hebbayes.commands.analyze.notes import (
    behaviour_sentences,
    forecast_sentences,
    network_sentences,
    state_sentences,
    trace_sentence,
    verdict_sentence,
    what_was_read,
)
from hebbayes.commands.behaviour_presentation import behaviour_tables
from hebbayes.commands.running.outcome import Table
from hebbayes.reports import Report, Section, estimate_text
from hebbayes.reverse_engineering.forecasting.labels import model_label

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hebbayes.commands.analyze.run import CausalAnalysis
    from hebbayes.commands.running.outcome import Outcome
    from hebbayes.reverse_engineering.statistics.estimate import Estimate


def causal_report(result: "CausalAnalysis", outcome: "Outcome") -> Report:
    """Return the page about an analysis; ``outcome`` has its tables and figures.

    Example:
        >>> from hebbayes.commands.analyze import present, run
        >>> from hebbayes.commands.configs import AnalyzeConfig
        >>> report = present(run(AnalyzeConfig(ensembles="labels", workers=1))).report
        >>> [section.heading for section in report.sections][:3]
        ['What was recorded', 'Which states does the population carry?', 'What does it believe before any evidence?']
    """  # noqa: E501
    figures = list(outcome.figures)
    questions = [
        _states(result),
        *([_priors(result), _speed(result)] if result.cultures else []),
        _free_energy(result),
        _theory(result),
        *_decisions(result),
        *_conditions(result, outcome),
    ]
    return Report(
        title=f"Analysis of {result.condition}",
        answer=" ".join(answer_sentences(result)),
        lead=[table for table in outcome.tables if table.title.startswith("Embedded")],
        data=Section(
            "What was recorded",
            [what_was_read(result), *_left_out(result)],
            [name for name in figures if name.startswith("recording_")],
        ),
        questions=[section for section in questions if section is not None],
        limits=LIMITS if result.cultures else (),
        glossary=GLOSSARY,
        methods=methods(result),
    )


def _left_out(result: "CausalAnalysis") -> "list[str]":
    bare = {c.number for c in result.undescribed}
    lines = [f"Culture {k} failed: {why}" for k, why in result.failures.items() if k not in bare]
    for c in result.read:
        warned = c.recording.provenance.get("warnings", ())
        lines += [str(line) for line in ([warned] if isinstance(warned, str) else warned)]
    return list(dict.fromkeys(lines))


def _states(result: "CausalAnalysis") -> Section:
    lines = [states_answer(result)]
    for c in result.read:
        lines += [f"Culture {c.number}: {line}" for line in state_sentences(c)]
    rows: list[list[Any]] = []
    for c in result.cultures:
        for k, units in enumerate(c.description.population.units):
            link = "–"
            if c.match is not None and k in c.match.ensemble.tolist():
                link = f"{c.match.correlation[c.match.ensemble.tolist().index(k)]:.2f}"
            rows.append([c.number, k, len(units), link])
    header = ["culture", "state", "units", "|correlation| with its known source"]
    tables = [Table("States", header, rows)] if rows else []
    decoded = [
        [c.number, one.of, one.n_trials, float(np.nanmax([*one.auc, -1])), one.p, one.verdict]
        for c in result.read
        for one in c.states.decodings
    ]
    if decoded:
        columns = ["culture", "decoded", "trials", "best area under ROC", "p", "verdict"]
        tables.append(Table("Cross-validated decoders", columns, decoded))
    return Section("Which states does the population carry?", lines, (), tables)


def _priors(result: "CausalAnalysis") -> Section:
    value, low, high = (expit(part) for part in joined_estimates(result, "log_odds"))
    assumed = [c.description.assumed_log_odds for c in result.cultures]
    conventional = [expit(np.concatenate([getattr(a, end) for a in assumed])) for end in _ENDS]
    published = expit(
        np.concatenate(
            [np.subtract(*c.description.published_factors[::-1]) for c in result.cultures]
        )
    )
    rows = [
        [
            label,
            estimate_text(value[k], low[k], high[k]),
            estimate_text(*(end[k] for end in conventional[:3])),
            float(published[k]),
        ]
        for k, label in enumerate(state_labels(result))
    ]
    header = ["state", "prior probability [95 %]", "by convention [95 %]", "published method"]
    lines = [prior_answer(result)]
    for c in result.cultures:
        lines += [f"Culture {c.number}: {line}" for line in network_sentences(c.description)]
    return Section(
        "What does it believe before any evidence?",
        lines,
        ["priors"],
        [Table("Prior probability that a state is on", header, rows)],
    )


def _speed(result: "CausalAnalysis") -> Section:
    value, low, high = joined_estimates(result, "prior_count")
    used = np.concatenate([c.description.prior_count for c in result.cultures])
    rows = [
        [label, estimate_text(value[k], low[k], high[k]), float(used[k])]
        for k, label in enumerate(state_labels(result))
    ]
    header = ["state", "prior count lambda, trials [95 %]", "used for synapses"]
    table = Table("How many trials the first beliefs are worth", header, rows)
    return Section("How fast does it learn?", [speed_answer(result)], ["learning"], [table])


def _free_energy(result: "CausalAnalysis") -> Section | None:
    cultures = [c for c in result.cultures if c.recording.n_sessions > 1]
    if not cultures:  # one session shows no change
        return None
    lines = [f"Culture {c.number}: {trace_sentence(c)}" for c in cultures]
    first = (
        "A fall beyond that of both surrogates speaks for learning; a fall alone does not."
        if len(lines) > 1
        else lines.pop().partition(": ")[2]
    )
    rows = []
    for c in cultures:
        total = c.description.free_energy.total.value
        start, drift = total[0], c.description.gain_only
        rows.append(
            [
                c.number,
                float(total[-1] - start),
                _change(c.description.replayed, start),
                _change(drift, start),
            ]
        )
    header = ["culture", "change of F (nats)", "replayed [95 %]", "gain drift only [95 %]"]
    figures = [f"free_energy_{c.number}" for c in cultures]
    table = Table("Free energy, last session less the first", header, rows)
    return Section(
        "Does free energy fall because it learns?", [_capital(first), *lines], figures, [table]
    )


def _change(surrogate: "Estimate", start: float) -> str:
    return estimate_text(*(float(end[-1] - start) for end in surrogate.as_tuple()))


def _theory(result: "CausalAnalysis") -> Section | None:
    rows = [
        [model_label(row.name), row.role, estimate_text(*row.loss.as_tuple())]
        for row in loss_table_rows(result)
    ]
    if not rows:
        return None
    assert result.forecasts is not None
    reference = model_label(result.forecasts.reference)
    tables = [
        Table(
            f"Squared error of later responses relative to: {reference}",
            ["forecast", "kind", "loss [95 %]"],
            rows,
        )
    ]
    others = {k: one for k, one in result.forecasts.targets.items() if k in _OF_NETWORK}
    for name, target in others.items():
        title = f"Forecasts of {name.replace('_', ' ')}, relative to: "
        tables.append(
            Table(
                title + model_label(target.reference),
                ["forecast", "loss [95 %]"],
                [[model_label(k), estimate_text(*v.as_tuple())] for k, v in target.losses.items()],
            )
        )
    answer = theory_answer(result)[0]
    if len(found := verdicts(result)) == 1:
        answer += f" {_capital(verdict_sentence(found[0]))}"
    lines = [answer, *forecast_sentences(result.forecasts)]
    return Section("What does the theory add?", lines, ["losses"], tables)


def _decisions(result: "CausalAnalysis") -> "list[Section]":
    shown = [c for c in result.read if c.recording.decisions is not None]
    if not shown:
        return []
    lines, tables = decisions_answer(result) or ["The decisions could not be analysed."], []
    for c in shown:
        lines += [f"Culture {c.number}: {line}" for line in behaviour_sentences(c)]
        if c.behaviour is not None:
            tables += behaviour_tables(c.behaviour, f"Culture {c.number}")
    lines += decision_notes(result)
    tables += decision_tables(result)
    figures = [f"choices_{c.number}" for c in shown]
    return [Section("What do the decisions say?", lines, figures, tables)]


def _conditions(result: "CausalAnalysis", outcome: "Outcome") -> "list[Section]":
    tables: Sequence[Table] = [t for t in outcome.tables if t.title.startswith("Conditions")]
    if "conditions" not in outcome.figures:
        return []
    heading = "Do the conditions differ?" if result.others else "How do the cultures differ?"
    return [Section(heading, (), ["conditions"], tables)]


def _capital(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]


_OF_NETWORK = ("synapses", "free_energy")
_ENDS = ("value", "low", "high")
