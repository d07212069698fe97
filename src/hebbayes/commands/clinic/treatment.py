"""Advice as it is shown: which correction, what it returns, what it makes worse."""

import shlex
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from hebbayes.commands.clinic.page import (
    MOST_ROWS,
    NO_DEVICE,
    count_of,
    page_of,
    section,
)
from hebbayes.commands.clinic.reading import command_words
from hebbayes.commands.running.outcome import Outcome, Table

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from hebbayes.commands.clinic.run import ClinicResult
    from hebbayes.commands.clinic.treat import Patient, Treatment


def present_treatment(result: "ClinicResult", made: "Treatment") -> Outcome:
    """Return the advice as JSON keys, a table, notes and figures.

    Example:
        >>> present_treatment.__name__
        'present_treatment'
    """
    table = _table(made)
    notes = [_answer(made), *made.notes, *_notes(made)]
    given = _given(made)
    return Outcome(
        summary=_summary(made, result.seconds),
        arrays=_arrays(made),
        tables=[table],
        notes=[*notes, NO_DEVICE],
        figures={"treatment": partial(_draw, made)} if given else {},
        next_command=_next_command(result),
        report=page_of(
            f"Corrections for {result.name}",
            notes[0],
            [section("What is advised?", notes, ["treatment"] if given else [], table)],
            _LIMITS,
        ),
    )


_LIMITS = (
    "Everything is simulated on the subject as estimated; nothing was tried on a person.",
    "A correction rests on its diagnosis: after it, let the subject do the task again and diagnose "
    "again.",
)


def _next_command(result: "ClinicResult") -> str:
    if result.config.file is None:
        return "hebbayes clinic check choices.csv"
    return shlex.join(command_words(result, "diagnose"))


def _given(made: "Treatment") -> "list[Patient]":
    """Those for whom a correction is advised."""
    return [one for one in made.patients if one.advice.correction and one.advice.correction.dose]


def _answer(made: "Treatment") -> str:
    given = _given(made)
    n = len(made.patients)
    said = f"A correction is advised for {len(given)} of {count_of(n, 'subject')}"
    if given:
        said += f"; it returns {np.median([_returned(one) for one in given]):.0%} of the lost "
        said += "success (median)"
    verdicts = [one.advice.verdict for one in made.patients]
    without = [
        f"{verdicts.count(name)} {word}"
        for name, word in (("healthy", "like healthy subjects"), ("cannot tell", "not told"))
        if name in verdicts
    ]
    return f"{said}. Without advice: {', '.join(without)}." if without else f"{said}."


def _summary(made: "Treatment", seconds: float) -> dict[str, Any]:
    subjects = [_subject(one) for one in made.patients]
    returned = [
        one["recovered_fraction"] for one in subjects if one["recovered_fraction"] is not None
    ]
    worse: dict[str, list[str]] = {}
    for one in subjects:
        for name in one["side_effects"]:
            worse.setdefault(name, []).append(one["subject"])
    return {
        "subjects": subjects,
        "correction": [
            {"subject": one["subject"], **one["correction"]}
            for one in subjects
            if one["correction"]
        ],
        "recovered_fraction": float(np.median(returned)) if returned else None,
        "side_effects": worse,
        "seconds": seconds,
    }


def _table(made: "Treatment") -> Table:
    has_truth = any(one.truth for one in made.patients)
    columns = ("subject", "truth", "verdict", "correction", "returns", "makes worse")
    shown = [k for k, name in enumerate(columns) if has_truth or name != "truth"]
    rows = [[_row(one)[k] for k in shown] for one in made.patients]
    header = [columns[k] for k in shown]
    return Table("Corrections, simulated before they are advised", header, rows)


def _subject(one: "Patient") -> dict[str, Any]:
    advice, correction = one.advice, one.advice.correction
    known = correction is not None and correction.dose != 0
    made: dict[str, Any] = {
        "subject": advice.subject,
        "group": advice.group,
        "truth": one.truth,
        "verdict": advice.verdict,
        "odds": dict(advice.finding.odds),
        "success": _success(one),
        "correction": None,
        "recovered_fraction": None,
        "side_effects": {},
        "if_other": {name: value.as_dict() for name, value in advice.if_other.items()},
    }
    if correction is None or not known:
        return made
    made["correction"] = {
        "element": correction.element,
        "dose": correction.dose,
        "whole_dose": correction.whole_dose,
        "lost": correction.lost.as_dict(),
        "expected": correction.recovered.as_dict(),
    }
    made["recovered_fraction"] = float(_returned(one))
    made["side_effects"] = {
        name: value.as_dict() for name, value in correction.side_effects.items()
    }
    return made


def _success(one: "Patient") -> dict[str, Any]:
    """Success in health, impaired and corrected: measured if the truth is known, else simulated."""
    source = one.outlook or one.advice.correction
    return {name: value.as_dict() for name, value in source.success.items()} if source else {}


def _returned(one: "Patient") -> float:
    """Share returned: measured if the truth is known, else expected from the simulation."""
    assert one.advice.correction is not None
    return one.outlook.recovered if one.outlook else one.advice.correction.recovered.value


def _row(one: "Patient") -> tuple[Any, ...]:
    advice, correction = one.advice, one.advice.correction
    given, returned, worse = "none", "", ""
    if correction is not None and correction.dose != 0:
        given = f"{correction.element.replace('_', ' ')} {correction.dose:+.2f}"
        returned = f"{_returned(one):.2f}"
        if not one.outlook:
            returned += f" [{correction.recovered.low:.2f}, {correction.recovered.high:.2f}]"
        worse = ", ".join(name.replace("_", " ") for name in correction.side_effects) or "none"
    elif correction is not None:
        given = "none: nothing lost"
    truth = one.truth.replace("_", " ")
    return advice.subject, truth, advice.verdict.replace("_", " "), given, returned, worse


def _notes(made: "Treatment") -> list[str]:
    from hebbayes.clinic.impairments import hypothesis_of

    given = [one.advice.correction for one in made.patients if one.advice.correction]
    elements = dict.fromkeys(one.element for one in given if one.dose)
    fragile = [
        f"{one.advice.subject}: if {name.replace('_', ' ')} were the impaired element, this "
        f"correction would change success by {value.value:+.2f} "
        f"[{value.low:+.2f}, {value.high:+.2f}]."
        for one in made.patients
        for name, value in one.advice.if_other.items()
    ]
    scale = (
        "A dose is a step on the element's scale without bounds (log odds or logarithm); "
        "'returns' is the share of lost success that comes back; its interval holds the luck of "
        "tasks alone, no doubt about the diagnosis or the estimates."
    )
    hypotheses = [
        f"{name.replace('_', ' ')}: {hypothesis_of(name)}"
        for name in elements
        if hypothesis_of(name)
    ]
    is_simulated = any(one.truth for one in made.patients)
    caution = (
        []
        if is_simulated
        else [
            "Corrections are those of a model of these choices; none was tried on a person, and a "
            "cause outside the model (working memory, medication) looks like one inside it."
        ]
    )
    return [scale, *fragile, *hypotheses, *caution]


def _arrays(made: "Treatment") -> dict[str, Any]:
    given = _given(made)
    corrections = [one.advice.correction for one in given if one.advice.correction]
    return {
        "subject": np.array([one.advice.subject for one in made.patients]),
        "verdict": np.array([one.advice.verdict for one in made.patients]),
        "corrected": np.array([one.advice.subject for one in given]),
        "element": np.array([one.element for one in corrections]),
        "dose": np.array([one.dose for one in corrections]),
        "recovered": np.array([_returned(one) for one in given]),
    }


def _draw(made: "Treatment") -> "Figure":
    from hebbayes.plotting.clinic.treatment import treatment_figure

    given = _given(made)[:MOST_ROWS]
    ends = {
        name: np.array([list(_success(one)[name].values())[:3] for one in given]).T
        for name in ("healthy", "impaired", "corrected")
    }
    returned = {}
    for one in given:
        correction = one.advice.correction
        assert correction is not None  # by `_given`
        whole = correction.whole_dose
        returned[one.advice.subject] = (
            correction.doses / whole, correction.recovered_by_dose, correction.dose / whole
        )  # fmt: skip
    names = [f"{one.advice.subject}: {_row(one)[3]}" for one in given]
    measured = "measured on the simulated patient" if made.patients[0].truth else "simulated"
    return treatment_figure(
        {name: (rows[0], rows[1], rows[2]) for name, rows in ends.items()},
        names,
        returned,
        caption=f"(a) Success, {measured}: in health, impaired, and under the advised correction, "
        "with 95 % intervals. (b) Share of the lost success that each dose returns in the "
        f"simulation that chose it; the mark is the advised dose. {len(given)} of "
        f"{count_of(len(made.patients), 'subject')} with advice.",
    )
