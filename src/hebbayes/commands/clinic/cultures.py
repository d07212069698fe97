"""Cultures of two conditions compared: where the shift is, and what else differs."""

from typing import TYPE_CHECKING, Any

from hebbayes.commands.clinic.disclaimer import NO_DEVICE
from hebbayes.commands.running.outcome import Outcome, Table
from hebbayes.core.errors import ValueRangeError

if TYPE_CHECKING:
    from pathlib import Path

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
    """Return the comparison as JSON keys, a table and sentences.

    Example:
        >>> present_cultures.__name__
        'present_cultures'
    """
    header = ("quantity", "n", *shift.conditions, "difference", "low", "high", "p")
    rows = [
        (one.quantity, "/".join(map(str, one.n)), *one.means, *one.difference.as_tuple(), one.p)
        for one in shift.comparisons
    ]
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
        tables=[Table("Cultures compared; p adjusted over all quantities", header, rows)],
        notes=[
            *shift.sentences,
            *(f"{name}, culture {k}: {why}" for (name, k), why in shift.failures.items()),
            NO_DEVICE,
        ],
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
