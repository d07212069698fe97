"""How often diagnosis is right on simulated subjects whose truth is known."""

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from hebbayes.commands.clinic.page import NO_DEVICE, page_of, section
from hebbayes.commands.running.outcome import Outcome, Table

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from hebbayes.clinic.recovery.recover import Recovery
    from hebbayes.commands.clinic.run import ClinicResult


def present_recovery(result: "ClinicResult", found: "Recovery") -> Outcome:
    """Return the confusion of verdicts, calibration, and coverage of intervals.

    Example:
        >>> present_recovery.__name__
        'present_recovery'
    """
    tables = _tables(result, found)
    answer = _answer(found)
    basis = (
        f"{found.n_subjects} simulated subjects, half of them healthy; in a patient one "
        "element is moved by the wide spread of its prior."
    )
    name = f"Recovery on {result.name}"
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
        arrays=_arrays(found),
        tables=tables,
        notes=[answer, basis, NO_DEVICE],
        figures={
            "confusion": partial(_draw_confusion, found),
            "coverage": partial(_draw_coverage, found),
        },
        report=page_of(
            name,
            answer,
            [
                section("How often is a verdict right?", [answer, basis], ["confusion"],
                        tables[1], tables[0]),
                section("Do intervals hold the truth?", [_coverage_answer(found)], ["coverage"],
                        tables[2]),
            ],
        ),
    )  # fmt: skip


def _answer(found: "Recovery") -> str:
    accuracy = found.accuracy
    return (
        f"The right class is flagged in {accuracy['right_of_all']:.0%} of the patients; "
        f"{accuracy['healthy_flagged']:.0%} of the healthy subjects are flagged; odds miss the "
        f"truth by {accuracy['calibration_error']:.2f} on average."
    )


def _coverage_answer(found: "Recovery") -> str:
    values = list(found.coverage.values())
    return (
        f"95 % intervals hold the truth in {min(values):.0%} to {max(values):.0%} of patients, "
        "depending on the element."
    )


def _tables(result: "ClinicResult", found: "Recovery") -> list[Table]:
    rows = [
        (kind, *(one.get(name, 0.0) for name in (kind, "healthy", "cannot tell")))
        for kind, one in found.confusion.items()
    ]
    covered = [
        (name, found.coverage[name], found.own_coverage.get(name), found.correlation[name])
        for name in found.coverage
    ]
    accuracy = [(name.replace("_", " "), value) for name, value in found.accuracy.items()]
    return [
        Table(f"Recovery on {result.name}", ("share", "value"), accuracy),
        Table("Verdicts by truth", ("truth", "right", "healthy", "cannot tell"), _spelt(rows)),
        Table(
            "95 % intervals that hold the truth in patients",
            ("element", "all patients", "where impaired", "correlation"),
            _spelt(covered),
        ),
    ]


def _spelt(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    return [(name.replace("_", " "), *rest) for name, *rest in rows]


def _confusion(found: "Recovery") -> tuple[Any, list[str], list[str]]:
    from hebbayes.clinic.elements import CANNOT_TELL, CLASSES, HEALTHY

    reports = [HEALTHY, *CLASSES, CANNOT_TELL]
    truths = [name for name in reports if name in found.confusion]
    shares = [[found.confusion[t].get(r, 0.0) for r in reports] for t in truths]
    return np.array(shares), truths, reports


def _arrays(found: "Recovery") -> dict[str, Any]:
    shares, truths, reports = _confusion(found)
    names = list(found.coverage)
    return {
        "confusion": shares,
        "truth": np.array(truths),
        "reported": np.array(reports),
        "element": np.array(names),
        "coverage": np.array([found.coverage[name] for name in names]),
    }


def _draw_confusion(found: "Recovery") -> "Figure":
    from hebbayes.plotting.clinic.recovery import confusion_figure

    shares, truths, reports = _confusion(found)
    return confusion_figure(
        shares, truths, reports,
        caption=f"What {found.n_subjects} simulated subjects were said to have (columns) by what "
        "they have (rows). Each row sums to 1.",
    )  # fmt: skip


def _draw_coverage(found: "Recovery") -> "Figure":
    from hebbayes.plotting.clinic.recovery import coverage_figure

    return coverage_figure(
        found.coverage, found.own_coverage,
        caption="95 % intervals that hold the truth in simulated patients. Grey: 0.90 to 0.98.",
    )  # fmt: skip
