"""Simulations alone: symptoms of impaired elements, beliefs that persist, tasks that separate."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from hebbayes.commands.clinic.disclaimer import NO_DEVICE
from hebbayes.commands.running.outcome import Outcome, Table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hebbayes.clinic.separability import Separation
    from hebbayes.clinic.symptoms import DoseResponse
    from hebbayes.clinic.treatment.retraining import Persistence
    from hebbayes.commands.configs import ClinicConfig

N_TASKS = 40
"""Simulated tasks behind each interval of a symptom."""


def respond(config: "ClinicConfig") -> "Mapping[str, DoseResponse]":
    """Return the symptoms of each element of ``--impairment``, or of one patient of each class.

    Raises `ValueRangeError` for an impairment that cannot be.

    Example:
        >>> from hebbayes.commands.configs import ClinicConfig
        >>> found = respond(ClinicConfig(what="symptoms", impairment="phi=3"))
        >>> found["phi"].changes["false_percepts"].value.round(1).tolist()
        [0.3]
    """
    from hebbayes.clinic.impairments import parse_impairments
    from hebbayes.clinic.recovery.cohort import DEMO_DOSES
    from hebbayes.clinic.symptoms import dose_response

    stated = [(one.element, one.dose) for one in parse_impairments(config.impairment or "")]
    doses: dict[str, list[float]] = {}
    for element, dose in stated or DEMO_DOSES:
        doses.setdefault(element, []).append(dose)
    return {
        element: dose_response(element, at, n=N_TASKS, seed=config.seed)
        for element, at in doses.items()
    }


def present_symptoms(found: "Mapping[str, DoseResponse]", seconds: float) -> Outcome:
    """Return the changes of every symptom as JSON keys and a table.

    Example:
        >>> present_symptoms({}, 0.0).summary["symptoms"]
        []
    """
    from hebbayes.clinic.symptoms import SYMPTOMS

    entries, rows = [], []
    for element, response in found.items():
        for k, dose in enumerate(response.doses):
            changes = {name: one[k].as_dict() for name, one in response.changes.items()}
            entries.append({"element": element, "dose": dose, "changes": changes})
            cells = [f"{changes[one.name]['value']:+.2f}" for one in SYMPTOMS]
            rows.append([element.replace("_", " "), dose, *cells])
    header = ["element", "dose", *(one.name.replace("_", " ") for one in SYMPTOMS)]
    meanings = "; ".join(f"{one.name.replace('_', ' ')}: {one.meaning}" for one in SYMPTOMS)
    return Outcome(
        summary={"symptoms": entries, "tasks": N_TASKS, "seconds": seconds},
        tables=[Table("Change of symptoms from a healthy subject in the same tasks", header, rows)],
        notes=[f"Shares from 0 to 1. {meanings}.", NO_DEVICE],
        next_command="hebbayes clinic treat",
    )


def present_persistence(found: "Persistence", seconds: float) -> Outcome:
    """Return what every course ends in, and the plan that the search found.

    Example:
        >>> present_persistence.__name__
        'present_persistence'
    """
    from hebbayes.clinic.treatment.retraining import shares_of_return

    names = ("false_percepts", "misses", "false_alarms")
    endings: dict[str, Any] = {
        course: {name: getattr(one, name).as_dict() for name in names}
        for course, one in found.endings.items()
    }
    rows = [
        [course, *(f"{one[name]['value']:.2f}" for name in names)]
        for course, one in endings.items()
    ]
    header = ["course", *(name.replace("_", " ") for name in names)]
    plan, design = found.plan, found.design
    return Outcome(
        summary={
            "endings": endings,
            "plan": asdict(plan),
            "plans_tried": found.n_plans,
            "networks": found.n_networks,
            "recovered_fraction": shares_of_return(found),
            "worst_misses": found.worst_misses.as_dict(),
            "seconds": seconds,
        },
        tables=[Table("Reports at the end of each course", header, rows)],
        notes=[
            f"Synapses were learnt for {design.learning_trials} trials at phi = "
            f"{design.impaired_phi:g}; then phi was mended, for {design.retraining_trials} trials.",
            f"Plan found among {found.n_plans}: phi = {plan.phi:.1f} for {plan.trials} trials, "
            f"stimuli of reliability {plan.reliability:.2f}, the state on in a share of "
            f"{plan.prevalence:.2f}; then healthy. While it lasts, "
            f"{found.worst_misses.value:.2f} of the states that are on are missed.",
            f"{found.n_networks} networks; others chose the plan.",
            NO_DEVICE,
        ],
    )


def separate(config: "ClinicConfig") -> "Mapping[str, Mapping[str, Separation]]":
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


def present_designs(
    found: "Mapping[str, Mapping[str, Separation]]", trials: int, seconds: float
) -> Outcome:
    """Return the evidence of every task for every element, and the best task of each.

    Example:
        >>> present_designs.__name__
        'present_designs'
    """
    from hebbayes.clinic.separability import TOLD

    elements = list(next(iter(found.values())))
    best = {e: max(found, key=lambda task: found[task][e].evidence) for e in elements}
    entries = [
        {"design": task, "elements": {e: {**asdict(x), "told": x.is_told} for e, x in one.items()}}
        for task, one in found.items()
    ]
    header = ["task", *(name.replace("_", " ") for name in elements)]
    rows = [[task, *(f"{one[e].evidence:.1f}" for e in elements)] for task, one in found.items()]
    advice = [_best_task(e, best[e], found[best[e]][e]) for e in elements]
    return Outcome(
        summary={"designs": entries, "best": best, "trials": trials, "seconds": seconds},
        tables=[
            Table(
                f"The best task for each element, {trials} trials",
                ("element", "task", "evidence", "told", "best rival"),
                advice,
            ),
            Table("Evidence over the best rival of another class, nats", header, rows),
        ],
        notes=[
            f"Above {TOLD:.1f} nats odds reach 0.8. Each element is moved by its wide spread. To "
            "first order around a typical healthy subject: for misassigned credit and lapses, "
            "which begin near 0, it understates what large doses show.",
            "Speed of learning and the modulator's gain are one element: no task separates them.",
            NO_DEVICE,
        ],
        next_command=f"hebbayes clinic recover --trials {trials}",
    )


def _best_task(element: str, task: str, one: "Separation") -> tuple[str, ...]:
    told = "yes" if one.is_told else "no"
    words = (element, task, f"{one.evidence:.1f}", told, one.rival)
    return tuple(word.replace("_", " ") for word in words)
