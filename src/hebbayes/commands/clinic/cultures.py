"""Cultures of two conditions compared: where the shift is, and what else differs."""

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from hebbayes.commands.clinic.page import NO_DEVICE, page_of, section
from hebbayes.commands.running.outcome import Outcome, Table
from hebbayes.core.errors import ValueRangeError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from matplotlib.figure import Figure

    from hebbayes.clinic.cultures import CultureShift
    from hebbayes.commands.configs import ClinicConfig
    from hebbayes.data.recording import Cultures


def compare_files(config: "ClinicConfig") -> "CultureShift":
    """Return how the cultures of ``--compare`` differ from those of the file.

    Raises `HebbayesError` if a file is missing or cannot be read.

    Example:
        >>> from hebbayes.commands.configs import ClinicConfig
        >>> compare_files(ClinicConfig(what="cultures"))
        Traceback (most recent call last):
            ...
        hebbayes.core.errors.ValueRangeError: clinic cultures compares two recordings; pass both:
        hebbayes clinic cultures CONTROL --compare DRUG.
    """
    from hebbayes.clinic.cultures import compare_cultures

    if config.file is None or config.compare is None:
        raise ValueRangeError(
            "clinic cultures compares two recordings; pass both: hebbayes clinic cultures CONTROL "
            "--compare DRUG."
        )
    first, second = (_read(path) for path in (config.file, config.compare))
    names = [config.file.stem, config.compare.stem]
    if names[0] == names[1]:
        names[1] += " (2)"
    return compare_cultures(
        (names[0], first.recordings),
        (names[1], second.recordings),
        is_paired=config.paired,
        seed=config.seed,
    )


def _read(path: "Path") -> "Cultures":
    from hebbayes.data.reading import read_recording

    return read_recording(path)


def present_cultures(shift: "CultureShift", seconds: float) -> Outcome:
    """Return the comparison as JSON keys, a table, sentences and a figure.

    Example:
        >>> present_cultures.__name__
        'present_cultures'
    """
    header = ("quantity", "n", *shift.conditions, "difference", "low", "high", "p")
    rows = [
        (one.quantity, "/".join(map(str, one.n)), *one.means, *one.difference.as_tuple(), one.p)
        for one in shift.comparisons
    ]
    table = Table("Cultures compared; p adjusted over all quantities", header, rows)
    failed = [f"{name}, culture {k}: {why}" for (name, k), why in shift.failures.items()]
    notes = [*shift.sentences, *failed]
    return Outcome(
        summary={
            "conditions": list(shift.conditions),
            "comparisons": [_entry(one) for one in shift.comparisons],
            "values": {name: [dict(part) for part in both] for name, both in shift.values.items()},
            "baseline": shift.baseline,
            "failures": {f"{name} {k}": why for (name, k), why in shift.failures.items()},
            "sentences": list(shift.sentences),
            "seconds": seconds,
        },
        arrays={
            f"{name}: {condition}".replace(" ", "_"): _of_cultures(part)
            for name, both in shift.values.items()
            for condition, part in zip(("first", "second"), both)
        },
        tables=[table],
        notes=[*notes, NO_DEVICE],
        figures={"cultures": partial(_draw, shift)},
        report=page_of(
            f"{shift.conditions[1]} against {shift.conditions[0]}",
            notes[0],
            [section("Where is the shift, and what else differs?", notes, ["cultures"], table)],
        ),
    )


def _of_cultures(part: "Mapping[int, float]") -> Any:
    return np.array(list(part.values()), float)


def _draw(shift: "CultureShift") -> "Figure":
    from hebbayes.plotting.clinic.cultures import cultures_figure

    return cultures_figure(
        {name: (_of_cultures(a), _of_cultures(b)) for name, (a, b) in shift.values.items()},
        shift.conditions,
        {one.quantity: one.p for one in shift.comparisons},
        caption="Each mark is a culture, each line the mean of its condition; p-values are "
        "adjusted over all quantities.",
    )


def _entry(one: Any) -> dict[str, Any]:
    return {
        "quantity": one.quantity,
        "n": list(one.n),
        "means": list(one.means),
        **dict(zip(("difference", "low", "high"), one.difference.as_tuple())),
        "p_adjusted": one.p,
        "p_rank": one.p_rank,
    }
