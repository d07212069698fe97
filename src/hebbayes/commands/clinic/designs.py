"""Which task separates which element: evidence in closed form, before anybody does the task."""

from dataclasses import asdict
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from hebbayes.commands.clinic.page import NO_DEVICE, listed, page_of, section
from hebbayes.commands.running.outcome import Outcome, Table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.figure import Figure

    from hebbayes.clinic.separability import Separation
    from hebbayes.commands.configs import ClinicConfig

    Found = Mapping[str, Mapping[str, Separation]]


def separate(config: "ClinicConfig") -> "Found":
    """Return what each candidate task says of each element, moved by its wide spread.

    Example:
        >>> from hebbayes.commands.configs import ClinicConfig
        >>> found = separate(ClinicConfig(what="design", trials=60))
        >>> sorted(found["no reversals"])[:2]
        ['false_belief', 'inverse_temperature']
    """
    from hebbayes.clinic.elements import BY_NAME
    from hebbayes.clinic.separability import candidate_designs, separability

    doses = {name: one.wide for name, one in BY_NAME.items()}
    designs = candidate_designs(config.trials)
    return {name: separability(one, doses, seed=config.seed) for name, one in designs.items()}


def present_designs(found: "Found", trials: int, seconds: float) -> Outcome:
    """Return the evidence of every task for every element, and the best task of each.

    Example:
        >>> present_designs.__name__
        'present_designs'
    """
    elements = list(next(iter(found.values())))
    best = {e: max(found, key=lambda task: found[task][e].evidence) for e in elements}
    tables = _tables(found, best, trials)
    notes = [_answer(found, best), *_basis()]
    entries = [
        {"design": task, "elements": {e: {**asdict(x), "told": x.is_told} for e, x in one.items()}}
        for task, one in found.items()
    ]
    return Outcome(
        summary={"designs": entries, "best": best, "trials": trials, "seconds": seconds},
        arrays={
            "evidence": _evidence(found),
            "task": np.array(list(found)),
            "element": np.array(elements),
        },
        tables=tables,
        notes=[*notes, NO_DEVICE],
        figures={"design": partial(_draw, found, trials)},
        next_command=f"hebbayes clinic recover --trials {trials}",
        report=page_of(
            "Which task separates which element",
            notes[0],
            [section("Which task is best?", notes, ["design"], *tables)],
        ),
    )


def _answer(found: "Found", best: dict[str, str]) -> str:
    told = [e.replace("_", " ") for e, task in best.items() if found[task][e].is_told]
    never = [e.replace("_", " ") for e, task in best.items() if not found[task][e].is_told]
    said = f"{len(told)} of {len(best)} elements can be told by at least one task"
    return f"{said}; no task tells {listed(never, 12)}." if never else f"{said}."


def _basis() -> list[str]:
    from hebbayes.clinic.separability import TOLD

    return [
        f"Above {TOLD:.1f} nats odds reach 0.8. Each element is moved by its wide spread. To "
        "first order around a typical healthy subject: for misassigned credit and lapses, "
        "which begin near 0, it understates what large doses show.",
        "Speed of learning and the modulator's gain are one element: no task separates them.",
    ]


def _tables(found: "Found", best: dict[str, str], trials: int) -> list[Table]:
    header = ("task", *(name.replace("_", " ") for name in best))
    rows = [[task, *(f"{one[e].evidence:.1f}" for e in best)] for task, one in found.items()]
    advice = [_best_task(e, task, found[task][e]) for e, task in best.items()]
    return [
        Table(
            f"The best task for each element, {trials} trials",
            ("element", "task", "evidence", "told", "best rival"),
            advice,
        ),
        Table("Evidence over the best rival of another class, nats", header, rows),
    ]


def _best_task(element: str, task: str, one: "Separation") -> tuple[str, ...]:
    told = "yes" if one.is_told else "no"
    words = (element, task, f"{one.evidence:.1f}", told, one.rival)
    return tuple(word.replace("_", " ") for word in words)


def _evidence(found: "Found") -> Any:
    return np.array([[x.evidence for x in one.values()] for one in found.values()])


def _draw(found: "Found", trials: int) -> "Figure":
    from hebbayes.clinic.separability import TOLD
    from hebbayes.plotting.clinic.recovery import design_figure

    return design_figure(
        _evidence(found),
        list(found),
        list(next(iter(found.values()))),
        told=TOLD,
        caption=f"Expected evidence of {trials} trials of each task for the impaired element over "
        f"its best rival of another class. Bold: above {TOLD:.1f} nats, where odds reach 0.8. "
        "Shades end at 10 nats.",
    )
