"""Symptoms of impaired elements against the dose, with intervals."""

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from hebbayes.commands.clinic.page import NO_DEVICE, listed, page_of, section
from hebbayes.commands.running.outcome import Outcome, Table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.figure import Figure

    from hebbayes.clinic.symptoms import DoseResponse
    from hebbayes.commands.clinic.sharing import Sharing
    from hebbayes.commands.configs import ClinicConfig

N_TASKS = 40
"""Simulated tasks behind each interval of a symptom."""

_STEPS = (0.5,)  # of the largest dose on each side, beside the doses that are stated


@dataclass(frozen=True)
class DoseTask:
    """One element at several doses; picklable.

    Attributes:
        element: Its name.
        doses: In rising order.
        seed: Of everything random.
    """

    element: str
    doses: tuple[float, ...]
    seed: int


@dataclass(frozen=True, eq=False)
class Responses:
    """Symptoms of several elements.

    Attributes:
        stated: Element to the doses that were asked for.
        found: Element to its symptoms at these and at lesser doses.
    """

    stated: "Mapping[str, tuple[float, ...]]"
    found: "Mapping[str, DoseResponse]"


def run_doses(task: DoseTask) -> "DoseResponse":
    """Return the symptoms of one element.

    Example:
        >>> found = run_doses(DoseTask("phi", (3.0,), 0))
        >>> found.changes["false_percepts"].value.round(1).tolist()
        [0.3]
    """
    from hebbayes.clinic.symptoms import dose_response

    return dose_response(task.element, task.doses, n=N_TASKS, seed=task.seed)


def respond(config: "ClinicConfig", share: "Sharing") -> Responses:
    """Return the symptoms of each element of ``--impairment``, or of one patient of each class.

    Raises `ValueRangeError` for an impairment that cannot be.

    Example:
        >>> from hebbayes.commands.configs import ClinicConfig
        >>> made = respond(ClinicConfig(impairment="phi=2"), lambda f, tasks, _: map(f, tasks))
        >>> made.found["phi"].doses.tolist()
        [1.0, 2.0]
    """
    from hebbayes.clinic.impairments import Impairment, impair, parse_impairments
    from hebbayes.clinic.recovery.cohort import DEMO_DOSES
    from hebbayes.clinic.subject import Subject

    stated = [(one.element, one.dose) for one in parse_impairments(config.impairment or "")]
    doses: dict[str, tuple[float, ...]] = {}
    for element, dose in stated or DEMO_DOSES:
        impair(Subject(), [Impairment(element, dose)])  # refuses what cannot be
        doses[element] = (*doses.get(element, ()), dose)
    tasks = [DoseTask(name, _with_lesser(at), config.seed) for name, at in doses.items()]
    return Responses(doses, dict(zip(doses, share(run_doses, tasks, "elements"))))


def _with_lesser(doses: tuple[float, ...]) -> tuple[float, ...]:
    ends = (min(0.0, *doses), max(0.0, *doses))
    lesser = {end * step for end in ends for step in _STEPS if end}
    return tuple(sorted({*doses, *lesser}))


def present_symptoms(made: Responses, seconds: float) -> Outcome:
    """Return the changes of every symptom as JSON keys, a table and figures.

    Example:
        >>> present_symptoms(Responses({}, {}), 0.0).summary["symptoms"]
        []
    """
    from hebbayes.clinic.symptoms import SYMPTOMS

    entries = [_entry(name, made, dose) for name in made.found for dose in made.stated[name]]
    rows = [
        [one["element"].replace("_", " "), one["dose"],
         *(f"{one['changes'][symptom.name]['value']:+.2f}" for symptom in SYMPTOMS)]
        for one in entries
    ]  # fmt: skip
    header = ["element", "dose", *(one.name.replace("_", " ") for one in SYMPTOMS)]
    table = Table("Change of symptoms from a healthy subject in the same tasks", header, rows)
    meanings = "; ".join(f"{one.name.replace('_', ' ')}: {one.meaning}" for one in SYMPTOMS)
    notes = [_answer(entries), f"Shares from 0 to 1. {meanings}."]
    return Outcome(
        summary={
            "symptoms": entries,
            "dose_response": {name: _curves(one) for name, one in made.found.items()},
            "tasks": N_TASKS,
            "seconds": seconds,
        },
        arrays={f"{name}_doses": one.doses for name, one in made.found.items()}
        | {f"{name}_{symptom}": np.array(band.as_tuple()) for name, one in made.found.items()
           for symptom, band in one.changes.items()},
        tables=[table],
        notes=[*notes, NO_DEVICE],
        figures={"symptoms": partial(_draw, made)} if made.found else {},
        next_command="hebbayes clinic treat",
        report=page_of(
            "Symptoms of impaired elements",
            notes[0],
            [section("What does each element do?", notes, ["symptoms"], table)],
        ),
    )  # fmt: skip


def _entry(element: str, made: Responses, dose: float) -> dict[str, Any]:
    found = made.found[element]
    k = int(np.argmin(np.abs(found.doses - dose)))
    changes = {name: one[k].as_dict() for name, one in found.changes.items()}
    return {"element": element, "dose": dose, "changes": changes}


def _curves(found: "DoseResponse") -> dict[str, Any]:
    return {
        "doses": found.doses.tolist(),
        **{name: one.as_dict() for name, one in found.changes.items()},
    }


def _answer(entries: list[dict[str, Any]]) -> str:
    """Return the symptom that each element makes worse most, beyond noise."""
    from hebbayes.clinic.symptoms import SYMPTOMS

    sign = {one.name: one.is_worse_if for one in SYMPTOMS}
    worst = []
    for one in entries:
        worse = {
            name: sign[name] * change["value"]
            for name, change in one["changes"].items()
            if change["low"] > 0 or change["high"] < 0
        }
        name = max(worse, key=lambda key: worse[key], default="")
        said = name.replace("_", " ") if name and worse[name] > 0 else "nothing"
        worst.append(f"{one['element'].replace('_', ' ')} at {one['dose']:+g}, {said}")
    return f"What is worsened most: {'; '.join(worst)}." if worst else "No element was named."


def _draw(made: Responses) -> "Figure":
    from hebbayes.clinic.symptoms import SYMPTOMS
    from hebbayes.plotting.clinic.treatment import symptoms_figure

    doses, place = {}, {}
    for name, one in made.found.items():
        place[name] = int(np.searchsorted(one.doses, 0.0))
        is_stated = bool(np.isin(0.0, one.doses))
        doses[name] = one.doses if is_stated else np.insert(one.doses, place[name], 0.0)
        place[name] = -1 if is_stated else place[name]

    def band(name: str, symptom: str) -> Any:
        ends = made.found[name].changes[symptom].as_tuple()
        at = place[name]
        return tuple(ends if at < 0 else (np.insert(end, at, 0.0) for end in ends))

    return symptoms_figure(
        {one.name: {name: band(name, one.name) for name in doses} for one in SYMPTOMS},
        doses,
        caption=f"Change of each symptom, a share, from a healthy subject in the same {N_TASKS} "
        "simulated tasks, with 95 % intervals, against the dose on the element's own scale. "
        f"Elements: {listed([name.replace('_', ' ') for name in doses], 12)}.",
    )
