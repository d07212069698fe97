"""What a table of trials can say, subject by subject, and the command that diagnoses it."""

import shlex
from dataclasses import fields
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from hebbayes.commands.check.behaviour import behaviour_command
from hebbayes.commands.clinic.page import NO_DEVICE, count_of, listed, page_of, section
from hebbayes.commands.running.outcome import Outcome, Table

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from hebbayes.clinic.tables import Reading
    from hebbayes.commands.clinic.run import ClinicResult

_NAMES_OF_CONTROLS = (
    *("hc", "nc", "ctrl", "con", "cont", "control", "controls", "healthy", "healthy control"),
    *("healthy controls", "comparison", "kontrolle", "kontrollen", "kontrollgruppe", "gesund"),
)
_KEPT = ("reliability", "new_stimuli", "extensions", "calibrate", "seed")
FEW_CHOICES = 100
"""With fewer, the prior speaks and not the subject."""


def present_reading(result: "ClinicResult", reading: "Reading") -> Outcome:
    """Return what every subject did, and the command that comes next.

    Example:
        >>> present_reading.__name__
        'present_reading'
    """
    rows = [_row(one) for one in reading.subjects]
    header = ("subject", "group", "trials", "choices", "with outcome", "mean outcome")
    keys = [name.replace(" ", "_") for name in header]
    table = Table(f"What {result.name} can say", header, rows)
    command = command_words(result, "diagnose")
    answer = _answer(reading)
    behaviour = result.behaviour
    return Outcome(
        summary={
            "subjects": [dict(zip(keys, row)) for row in rows],
            "choices": list(reading.choice_names),
            "new_stimuli": reading.is_anew,
            "notes": list(reading.notes),
            "next_command": command,
            "provenance": behaviour.provenance if behaviour else {},
            "seconds": result.seconds,
        },
        arrays={
            "subject": np.array([one.name for one in reading.subjects]),
            "choices": np.array([one.choices.n_made for one in reading.subjects]),
        },
        tables=[table],
        notes=[answer, *reading.notes, *_about_controls(result), NO_DEVICE],
        figures={"table": partial(_draw, reading)},
        next_command=shlex.join(command),
        report=page_of(
            f"What {result.name} can say",
            answer,
            [section("Is there enough to diagnose?", [answer, *reading.notes], ["table"], table)],
        ),
    )


def _row(one: Any) -> tuple[Any, ...]:
    known = np.isfinite(one.choices.outcome)
    mean = float(one.choices.outcome[known].mean()) if known.any() else None
    n = len(one.choices.choice)
    return one.name, one.group, n, one.choices.n_made, float(known.mean()), mean


def _answer(reading: "Reading") -> str:
    few = [one.name for one in reading.subjects if one.choices.n_made < FEW_CHOICES]
    n, choices = len(reading.subjects), len(reading.choice_names)
    said = f"{count_of(n, 'subject')} and {choices} choices can be read."
    if not few:
        return f"{said} Every subject made at least {FEW_CHOICES} choices."
    return f"{said} {len(few)} made fewer than {FEW_CHOICES}, too few to say much: {listed(few)}."


def _about_controls(result: "ClinicResult") -> list[str]:
    groups = _groups(result)
    unused = result.behaviour.provenance.get("not_used", []) if result.behaviour else []
    if not groups and unused:
        return [
            f"No column of groups is read; not used: {listed(unused, 10)}. If one of them says who "
            "is a healthy control, name it with --group."
        ]
    if len(groups) < 2 or _controls(result):
        return []
    return [f"Name the group of healthy subjects with --controls; groups are {', '.join(groups)}."]


def command_words(result: "ClinicResult", what: str) -> list[str]:
    """Return the words of the clinic's command ``what`` on the same table, every flag filled in.

    Example:
        >>> from types import SimpleNamespace as Made
        >>> command_words(Made(config=Made(file=None), behaviour=None), "diagnose")
        []
    """
    config, behaviour = result.config, result.behaviour
    if config.file is None or behaviour is None:
        return []
    _, _, file, *mapping = behaviour_command(config.file, behaviour)
    words = ["hebbayes", "clinic", what, file, *mapping]
    if controls := _controls(result):
        words += ["--controls", controls]
    for field in fields(config):
        value = getattr(config, field.name)
        if field.name in _KEPT and value != field.default:
            words += [f"--{field.name.replace('_', '-')}", str(value)]
    return words


def _groups(result: "ClinicResult") -> list[str]:
    subjects = result.reading.subjects if result.reading else ()
    return sorted({one.group for one in subjects if one.group})


def _controls(result: "ClinicResult") -> str:
    """The group of controls: the one stated, else the one whose name says so."""
    if result.config.controls:
        return result.config.controls
    groups = _groups(result)
    likely = [one for one in groups if one.strip().lower().replace("_", " ") in _NAMES_OF_CONTROLS]
    return likely[0] if len(likely) == 1 and len(groups) > 1 else ""


def _draw(reading: "Reading") -> "Figure":
    from hebbayes.plotting.clinic.subjects import table_figure

    names = sorted({one.group for one in reading.subjects})
    members = {name: [one for one in reading.subjects if one.group == name] for name in names}
    rows = {name: [_row(one) for one in part] for name, part in members.items()}
    return table_figure(
        {name: np.array([row[3] for row in part], float) for name, part in rows.items()},
        {name: np.array([row[5] for row in part], float) for name, part in rows.items()},
        caption="Choices that each subject made, and their mean outcome from 0 (worst) to 1. "
        "A dot is a subject, a line the mean of its group.",
    )
