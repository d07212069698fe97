"""False percepts that outlast their cause: courses of treatment, followed and compared."""

from dataclasses import asdict
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from hebbayes.commands.clinic.page import NO_DEVICE, page_of, section
from hebbayes.commands.running.outcome import Outcome, Table

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from hebbayes.clinic.treatment.retraining import Persistence


def present_persistence(found: "Persistence", seconds: float) -> Outcome:
    """Return what every course ends in, how it gets there, and the plan that the search found.

    Example:
        >>> present_persistence.__name__
        'present_persistence'
    """
    from hebbayes.clinic.treatment.retraining import KINDS, shares_of_return

    endings: dict[str, Any] = {
        course: {kind: getattr(one, kind).as_dict() for kind in KINDS}
        for course, one in found.endings.items()
    }
    rows = [
        [course, *(f"{one[kind]['value']:.2f}" for kind in KINDS)]
        for course, one in endings.items()
    ]
    header = ["course", *(kind.replace("_", " ") for kind in KINDS)]
    table = Table("Reports at the end of each course", header, rows)
    notes = [_answer(endings), *_basis(found)]
    curves = {
        course: {kind: band.as_dict() for kind, band in one.items()}
        for course, one in found.curves.items()
    }
    return Outcome(
        summary={
            "endings": endings,
            "curves": {"trials": found.trials, **curves},
            "plan": asdict(found.plan),
            "plans_tried": found.n_plans,
            "networks": found.n_networks,
            "recovered_fraction": shares_of_return(found),
            "worst_misses": found.worst_misses.as_dict(),
            "seconds": seconds,
        },
        arrays={"trials": found.trials, **_arrays(found)},
        tables=[table],
        notes=[*notes, NO_DEVICE],
        figures={"persistence": partial(_draw, found)},
        report=page_of(
            "What stays after the cause is mended",
            notes[0],
            [section("Which course brings percepts back?", notes, ["persistence"], table)],
        ),
    )


def _answer(endings: dict[str, Any]) -> str:
    value = {course: one["false_percepts"]["value"] for course, one in endings.items()}
    return (
        "After the cause is mended and ordinary stimuli are seen again, "
        f"{value['mended, ordinary stimuli']:.2f} of meaningless stimuli make a percept, against "
        f"{value['healthy']:.2f} in health; the plan that the search found leaves "
        f"{value['plan found']:.2f}."
    )


def _basis(found: "Persistence") -> list[str]:
    plan, design = found.plan, found.design
    return [
        f"Synapses were learnt for {design.learning_trials} trials at phi = "
        f"{design.impaired_phi:g}; then phi was mended, for {design.retraining_trials} trials.",
        f"Plan found among {found.n_plans}: phi = {plan.phi:.1f} for {plan.trials} trials, "
        f"stimuli of reliability {plan.reliability:.2f}, the state on in a share of "
        f"{plan.prevalence:.2f}; then healthy. While it lasts, "
        f"{found.worst_misses.value:.2f} of the states that are on are missed.",
        f"{found.n_networks} networks; others chose the plan.",
    ]


def _arrays(found: "Persistence") -> dict[str, Any]:
    return {
        f"{course}: {kind}".replace(" ", "_"): np.array(band.as_tuple())
        for course, one in found.curves.items()
        for kind, band in one.items()
    }


def _draw(found: "Persistence") -> "Figure":
    from hebbayes.plotting.clinic.treatment import persistence_figure

    shown: dict[str, Any] = {}
    for kind in ("false_percepts", "misses"):
        healthy = getattr(found.endings["healthy"], kind).as_tuple()
        flat = tuple(np.full(len(found.trials), end) for end in healthy)
        shown[kind] = {
            **{course: one[kind].as_tuple() for course, one in found.curves.items()},
            "healthy all along": flat,
        }
    return persistence_figure(
        found.trials,
        shown,
        caption="Reports of simulated networks while they are retrained, with 95 % intervals over "
        f"{found.n_networks} networks, under the phi in force at the time. (a) The state reported "
        "from stimuli that say nothing. (b) States that are on and missed.",
    )
