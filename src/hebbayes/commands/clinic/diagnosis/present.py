"""Diagnoses of subjects and groups: the verdicts first, then odds, then estimates."""

import shlex
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from hebbayes.commands.clinic.diagnosis.comparison import (
    comparison_notes,
    comparison_summary,
    comparison_tables,
    standing_summary,
)
from hebbayes.commands.clinic.diagnosis.figures import draw_estimates, draw_odds
from hebbayes.commands.clinic.page import NO_DEVICE, count_of, listed, page_of, section
from hebbayes.commands.clinic.reading import command_words
from hebbayes.commands.running.outcome import Outcome, Table

if TYPE_CHECKING:
    from hebbayes.clinic.diagnosis.diagnose import CohortDiagnosis
    from hebbayes.clinic.diagnosis.subjects import Diagnosis
    from hebbayes.commands.clinic.run import ClinicResult
    from hebbayes.reports import Report

_UNUSUAL = 0.05  # p of a posterior predictive check


def present_diagnosis(result: "ClinicResult", found: "CohortDiagnosis") -> Outcome:
    """Return odds, verdicts and estimates of every subject, and of groups.

    Example:
        >>> present_diagnosis.__name__
        'present_diagnosis'
    """
    truth = result.truth or {}
    shown = [one for one in found.subjects if not truth or one.group != "controls"]
    tables = _tables(result, found, shown)
    notes = [answer_of(result, shown), *comparison_notes(found), *found.notes, *_misfits(result)]
    return Outcome(
        summary=_summary(result, found, shown),
        arrays=_arrays(shown),
        tables=tables,
        notes=[*notes, NO_DEVICE],
        figures={
            "odds": partial(draw_odds, shown),
            "estimates": partial(draw_estimates, found, shown),
        },
        next_command=_next_command(result),
        report=_page(result, shown, tables, notes),
    )


def answer_of(result: "ClinicResult", shown: "list[Diagnosis]") -> str:
    """Return how many subjects have which verdict, and who.

    Example:
        >>> from types import SimpleNamespace as Made
        >>> one = Made(subject="S1", group="SZ", verdict="phi")
        >>> answer_of(Made(config=Made(controls=None)), [one])
        'Of 1 subject, 0 are like healthy ones; 0 cannot be told; 1 has a verdict: phi (S1).'
    """
    controls = result.config.controls
    asked = [one for one in shown if one.group != controls] or shown
    by_verdict: dict[str, list[str]] = {}
    for one in asked:
        by_verdict.setdefault(one.verdict, []).append(one.subject)
    healthy, unsure = (len(by_verdict.pop(name, [])) for name in ("healthy", "cannot tell"))
    n = len(asked) - healthy - unsure
    named = "; ".join(
        f"{verdict.replace('_', ' ')} ({listed(names)})" for verdict, names in by_verdict.items()
    )
    who = "" if len(asked) == len(shown) else " who are no controls"
    said = (
        f"Of {count_of(len(asked), 'subject')}{who}, {healthy} {_are(healthy)} like healthy ones; "
        f"{unsure} cannot be told; {n} {'has' if n == 1 else 'have'} a verdict"
    )
    return f"{said}: {named}." if n else f"{said}."


def _are(n: int) -> str:
    return "is" if n == 1 else "are"


def _page(
    result: "ClinicResult", shown: "list[Diagnosis]", tables: list[Table], notes: list[str]
) -> "Report":
    answer, *basis = notes
    listed_all = [_estimate_table(shown)] if len(shown) <= _MOST_LISTED else []
    estimates = (
        "Each interval holds 95 % of what the choices leave open; the grey band holds 95 % of "
        "healthy subjects."
    )
    sections = [
        section("What does each subject have?", [answer, *basis], ["odds"], tables[0]),
        section("How far is each element from healthy?", [estimates], ["estimates"],
                *listed_all),
        *(section(table.title, [], [], table) for table in tables[1:]),
    ]  # fmt: skip
    return page_of(f"Diagnosis of {result.name}", answer, sections, _LIMITS)


_MOST_LISTED = 100
_LIMITS = (
    "Working memory, mood, motivation and medication are not in the model; what they do to choices "
    "is blamed on the elements listed.",
    "Speed of learning and the modulator's gain leave the same traces and are one class.",
)


def _estimate_table(shown: "list[Diagnosis]") -> Table:
    names = list(shown[0].estimates)
    rows = [[one.subject, *(_interval(one.estimates[name]) for name in names)] for one in shown]
    header = ["subject", *(name.replace("_", " ") for name in names)]
    return Table("Estimates with 95 % intervals", header, rows)


def _interval(estimate: Any) -> str:
    value, low, high = (float(np.atleast_1d(end)[0]) for end in estimate.as_tuple())
    return f"{value:.2f} [{low:.2f}, {high:.2f}]"


def _tables(
    result: "ClinicResult", found: "CohortDiagnosis", shown: "list[Diagnosis]"
) -> list[Table]:
    header = ("subject", "group", "verdict", "odds", "trials")
    tables = [Table(f"Diagnosis of {result.name}", header, [_row(one) for one in shown])]
    if truth := result.truth:
        hits = [(one.subject, _spelt(truth[one.subject]), _spelt(one.verdict)) for one in shown]
        tables.append(Table("Simulated truth", ("subject", "truth", "verdict"), hits))
    if found.groups:
        groups = [
            (one.group, one.n_subjects, _spelt(one.likeliest), max(one.classes.values()),
             _spelt(max(one.exceedance, key=lambda name: one.exceedance[name])))
            for one in found.groups
        ]  # fmt: skip
        columns = ("group", "subjects", "one class for all", "odds", "commonest")
        tables.append(Table("Groups", columns, groups))
    return tables + comparison_tables(found)


def _spelt(name: str) -> str:
    return name.replace("_", " ")


def _row(one: "Diagnosis") -> tuple[Any, ...]:
    likeliest = max(one.classes, key=lambda name: one.classes[name])
    odds = f"{_spelt(likeliest)} {one.classes[likeliest]:.2f}"
    return one.subject, one.group, _spelt(one.verdict), odds, one.n_trials


def _next_command(result: "ClinicResult") -> str:
    if result.truth:
        return "hebbayes clinic check choices.csv"
    return shlex.join(command_words(result, "treat"))


def _summary(
    result: "ClinicResult", found: "CohortDiagnosis", shown: "list[Diagnosis]"
) -> dict[str, Any]:
    standings = {id(one): standing for one, standing in zip(found.subjects, found.standings)}
    return {
        "subjects": [_subject(one, result) | standing_summary(standings[id(one)]) for one in shown],
        "groups": [_group(one) for one in found.groups],
        **comparison_summary(found),
        "controls": found.n_controls,
        "population": _population(found),
        "recalibration": vars(found.recalibration),
        "notes": list(found.notes),
        "seconds": result.seconds,
        **({"truth": result.truth} if result.truth else {}),
    }


def _subject(one: "Diagnosis", result: "ClinicResult") -> dict[str, Any]:
    checks = (result.checks or {}).get(one.subject, {})
    return {
        "subject": one.subject,
        "group": one.group,
        "odds": one.odds,
        "classes": one.classes,
        "verdict": one.verdict,
        "estimates": {
            name: {key: _plain(value) for key, value in estimate.as_dict().items()}
            for name, estimate in one.estimates.items()
        },
        "effective_draws": one.effective_draws,
        "trials": one.n_trials,
        "limit": one.limit,
        "checks": {
            name: dict(zip(("value", "low", "high", "p"), values))
            for name, values in checks.items()
        },
    }


def _plain(values: Any) -> Any:
    array = np.atleast_1d(values)
    return float(array[0]) if array.size == 1 else array.tolist()


def _group(one: Any) -> dict[str, Any]:
    return {
        "group": one.group,
        "subjects": one.n_subjects,
        "classes": one.classes,
        "likeliest": one.likeliest,
        "shares": one.shares,
        "exceedance": one.exceedance,
    }


def _population(found: "CohortDiagnosis") -> dict[str, Any]:
    names = found.reading.subjects[0].layout.parameters
    pairs = zip(names, found.population.mean.tolist(), found.population.spread.tolist())
    population: dict[str, Any] = {}
    for name, mean, spread in pairs:
        population.setdefault(name, []).append({"mean": mean, "spread": spread})
    return population


def _arrays(shown: "list[Diagnosis]") -> dict[str, Any]:
    first = shown[0]
    arrays = {
        "subject": np.array([one.subject for one in shown]),
        "verdict": np.array([one.verdict for one in shown]),
        "element": np.array(list(first.odds)),
        "odds": np.array([list(one.odds.values()) for one in shown]),
        "class": np.array(list(first.classes)),
        "classes": np.array([list(one.classes.values()) for one in shown]),
    }
    for name in first.estimates:
        ends = [np.array(one.estimates[name].as_tuple()) for one in shown]
        arrays[f"estimate_{name}"] = np.array(ends)  # (subjects, value low high, parameters)
    return arrays


def _misfits(result: "ClinicResult") -> list[str]:
    odd = [
        f"{subject} ({_spelt(name)})"
        for subject, checks in (result.checks or {}).items()
        for name, values in checks.items()
        if values[3] < _UNUSUAL
    ]
    if not odd:
        return []
    n_checks = sum(len(checks) for checks in (result.checks or {}).values())
    return [
        f"In {len(odd)} of {n_checks} posterior predictive checks the likeliest model does not do "
        f"what the subject did (p < {_UNUSUAL}; 1 in 20 is expected): {listed(odd, 4)}."
    ]
