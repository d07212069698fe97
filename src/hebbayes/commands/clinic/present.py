"""The clinic's results as JSON keys, tables and notes."""

from typing import TYPE_CHECKING, Any

import numpy as np

from hebbayes.commands.clinic.cultures import present_cultures
from hebbayes.commands.clinic.disclaimer import NO_DEVICE
from hebbayes.commands.clinic.simulated import (
    present_designs,
    present_persistence,
    present_symptoms,
)
from hebbayes.commands.clinic.treat import present_treatment
from hebbayes.commands.running.outcome import Outcome, Table

if TYPE_CHECKING:
    from hebbayes.clinic.diagnosis.diagnose import CohortDiagnosis
    from hebbayes.clinic.diagnosis.subjects import Diagnosis
    from hebbayes.clinic.recovery.recover import Recovery
    from hebbayes.clinic.tables import Reading
    from hebbayes.commands.clinic.run import ClinicResult

_UNUSUAL = 0.05  # p of a posterior predictive check


def present(result: "ClinicResult") -> Outcome:
    """Return odds and verdicts, or what a table can say, or how often verdicts are right.

    Example:
        >>> present.__name__
        'present'
    """
    if result.treatment is not None:
        return present_treatment(result.treatment, result.seconds)
    if result.shift is not None:
        return present_cultures(result.shift, result.seconds)
    if result.symptoms is not None:
        return present_symptoms(result.symptoms, result.seconds)
    if result.designs is not None:
        return present_designs(result.designs, result.config.trials, result.seconds)
    if result.persistence is not None:
        return present_persistence(result.persistence, result.seconds)
    if result.recovery is not None:
        return _recovery(result, result.recovery)
    if result.diagnosis is not None:
        return _diagnosis(result, result.diagnosis)
    assert result.reading is not None
    return _reading(result, result.reading)


def _diagnosis(result: "ClinicResult", found: "CohortDiagnosis") -> Outcome:
    truth = result.truth or {}
    shown = [one for one in found.subjects if not truth or one.group != "controls"]
    subjects = [_subject(one, result) for one in shown]
    header = ("subject", "group", "verdict", "odds", "trials")
    rows = [_row(one) for one in shown]
    tables = [Table(f"Diagnosis of {result.name}", header, rows)]
    if truth:
        hits = [(one.subject, truth[one.subject], one.verdict) for one in shown]
        tables.append(Table("Simulated truth", ("subject", "truth", "verdict"), hits))
    if found.groups:
        groups = [
            (one.group, one.n_subjects, one.likeliest, max(one.classes.values()),
             max(one.exceedance, key=lambda name: one.exceedance[name]))
            for one in found.groups
        ]  # fmt: skip
        tables.append(
            Table("Groups", ("group", "subjects", "one class for all", "odds", "commonest"), groups)
        )
    summary: dict[str, Any] = {
        "subjects": subjects,
        "groups": [_group(one) for one in found.groups],
        "controls": found.n_controls,
        "population": _population(found),
        "recalibration": vars(found.recalibration),
        "notes": list(found.notes),
        "seconds": result.seconds,
    }
    if truth:
        summary["truth"] = truth
    notes = [*found.notes, *_misfits(result), NO_DEVICE]
    return Outcome(
        summary=summary,
        tables=tables,
        notes=notes,
        next_command="hebbayes clinic diagnose choices.csv --controls HC" if truth else "",
    )


def _row(one: "Diagnosis") -> tuple[Any, ...]:
    likeliest = max(one.classes, key=lambda name: one.classes[name])
    return (
        one.subject,
        one.group,
        one.verdict,
        f"{likeliest} {one.classes[likeliest]:.2f}",
        one.n_trials,
    )


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


def _misfits(result: "ClinicResult") -> list[str]:
    odd = [
        f"{subject} ({name.replace('_', ' ')})"
        for subject, checks in (result.checks or {}).items()
        for name, values in checks.items()
        if values[3] < _UNUSUAL
    ]
    if not odd:
        return []
    n_checks = sum(len(checks) for checks in (result.checks or {}).values())
    named = ", ".join(odd[:4]) + (f" and {len(odd) - 4} more" if len(odd) > 4 else "")
    return [
        f"In {len(odd)} of {n_checks} posterior predictive checks the likeliest model does not do "
        f"what the subject did (p < {_UNUSUAL}; 1 in 20 is expected): {named}."
    ]


def _recovery(result: "ClinicResult", found: "Recovery") -> Outcome:
    kinds = list(found.confusion)
    rows = [
        (kind, *(found.confusion[kind].get(name, 0.0) for name in (kind, "healthy", "cannot tell")))
        for kind in kinds
    ]
    covered = [
        (name, found.coverage[name], found.own_coverage.get(name), found.correlation[name])
        for name in found.coverage
    ]
    accuracy = [(name.replace("_", " "), value) for name, value in found.accuracy.items()]
    return Outcome(
        summary={
            "confusion": found.confusion,
            "calibration_error": found.accuracy["calibration_error"],
            "healthy_flagged": found.accuracy["healthy_flagged"],
            "coverage": found.coverage,
            "own_coverage": found.own_coverage,
            "correlation": found.correlation,
            "accuracy": found.accuracy,
            "recalibration": vars(found.recalibration),
            "subjects": found.n_subjects,
            "seconds": result.seconds,
        },
        tables=[
            Table(f"Recovery on {result.name}", ("share", "value"), accuracy),
            Table("Verdicts by truth", ("truth", "right", "healthy", "cannot tell"), rows),
            Table(
                "95 % intervals that hold the truth in patients",
                ("element", "all patients", "where impaired", "correlation"),
                covered,
            ),
        ],
        notes=[
            f"{found.n_subjects} simulated subjects, half of them healthy; in a patient one "
            "element is moved by the wide spread of its prior.",
            NO_DEVICE,
        ],
    )


def _reading(result: "ClinicResult", reading: "Reading") -> Outcome:
    rows = []
    for one in reading.subjects:
        known = np.isfinite(one.choices.outcome)
        rows.append(
            (
                one.name,
                one.group,
                len(one.choices.choice),
                one.choices.n_made,
                float(known.mean()),
                float(one.choices.outcome[known].mean()) if known.any() else None,
            )
        )
    header = ("subject", "group", "trials", "choices", "with outcome", "mean outcome")
    keys = [name.replace(" ", "_") for name in header]
    behaviour = result.behaviour
    return Outcome(
        summary={
            "subjects": [dict(zip(keys, row)) for row in rows],
            "choices": list(reading.choice_names),
            "new_stimuli": reading.is_anew,
            "notes": list(reading.notes),
            "provenance": behaviour.provenance if behaviour else {},
            "seconds": result.seconds,
        },
        tables=[Table(f"What {result.name} can say", header, rows)],
        notes=[*reading.notes, NO_DEVICE],
        next_command=f"hebbayes clinic diagnose {result.config.file} --controls GROUP",
    )
