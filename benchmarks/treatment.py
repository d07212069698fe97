"""What treatment returns: simulated patients, diagnosed, corrected, diagnosed again.

    python benchmarks/treatment.py [--patients 8] [--trials 1200] [--dose 1.5] [--out FILE.json]

The population of healthy subjects is estimated from 40 simulated controls.  Patients have one
element moved by ``--dose`` wide spreads, on each side on which it can be impaired; the other
elements vary as in healthy subjects.  What was lost and returned is measured in 40 tasks
that neither diagnosis nor advice saw, against the same subject without the impairment.  Every
patient is also treated for a wrong element, the likeliest of another class.  The persistence
experiment and the dose-response of every element are in the same file.
"""

import argparse
import json
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from hebbayes.clinic.designs import Design, draw_task
from hebbayes.clinic.elements import BY_NAME, CANNOT_TELL, HEALTHY
from hebbayes.clinic.estimation.climbing import Prior
from hebbayes.clinic.estimation.layout import Layout
from hebbayes.clinic.estimation.likelihood import Observed
from hebbayes.clinic.estimation.models import fit_models
from hebbayes.clinic.estimation.population import fit_population
from hebbayes.clinic.recovery.cohort import DIRECTIONS, Designed, draw_member
from hebbayes.clinic.subject import Subject, simulate
from hebbayes.clinic.symptoms import dose_response
from hebbayes.clinic.treatment.advice import find_impairment, finding_of
from hebbayes.clinic.treatment.correction import corrected, find_correction
from hebbayes.clinic.treatment.retraining import persistence_experiment, shares_of_return
from hebbayes.clinic.treatment.rounds import Finding, Outlook, outlook, treat_in_rounds

HERE = Path(__file__).parent
N_CONTROLS, N_ROUNDS, N_HEALTHY = 40, 2, 24


class Clinic:
    """Population, task and luck of one study."""

    def __init__(self, trials: int, dose: float, seed: int) -> None:
        self.design, self.layout, self.seed = Design(trials=trials), Layout(2), seed
        self.dose = dose
        source = Designed(self.design)
        controls = [
            draw_member(source, self.layout, np.random.default_rng([seed, 1, k])).observed
            for k in range(N_CONTROLS)
        ]
        self.population: Prior = fit_population(controls)

    def observe(self, subject: Subject, luck: list[int]) -> Observed:
        """Let a subject do a fresh task."""
        rng = np.random.default_rng([self.seed, *luck])
        task = draw_task(self.design, rng)
        return Observed(task, simulate(subject, task, rng).choices, self.layout)

    def diagnose(self, subject: Subject, luck: list[int]) -> tuple[str, Finding]:
        return find_impairment(self.observe(subject, luck), self.population)

    def wrongly(self, subject: Subject, luck: list[int], kind: str) -> Finding:
        """The likeliest element of another class than the true one, and the subject under it."""
        observed = self.observe(subject, luck)
        fits = fit_models(observed, self.population)
        evidence = {
            name: fit.log_evidence
            for name, fit in fits.items()
            if name != HEALTHY and BY_NAME[name].kind != kind
        }
        wrong = max(evidence, key=lambda name: evidence[name])
        return finding_of(fits, {}, wrong, observed, self.population)


def patient_of(clinic: Clinic, element: str, side: int, k: int) -> tuple[Subject, Subject]:
    """Return a patient and the same subject without the impairment."""
    layout = clinic.layout
    rng = np.random.default_rng([clinic.seed, 2, *element.encode(), side + 1, k])
    theta = layout.of("healthy") + layout.of("spread") * rng.normal(size=len(layout.parameters))
    ill = theta.copy()
    ill[layout.places(element)[0]] += side * clinic.dose * BY_NAME[element].wide
    return layout.subject(ill), layout.subject(theta)


def record_of(clinic: Clinic, element: str, side: int, k: int) -> dict[str, Any]:
    """Return what treatment did to one patient."""
    patient, healthy = patient_of(clinic, element, side, k)
    luck = [3, *element.encode(), side + 1, k]
    verdicts = []

    def diagnose(subject: Subject, number: int) -> Finding:
        verdict, found = clinic.diagnose(subject, [*luck, number])
        verdicts.append(verdict)
        return found

    course = treat_in_rounds(patient, diagnose, n_rounds=N_ROUNDS, seed=k)
    wrong = clinic.wrongly(patient, [*luck, 9], BY_NAME[element].kind)
    other = find_correction(wrong.patient, wrong.element, wrong.healthy, seed=k)
    first = course.subjects[min(1, len(course.corrections))]
    return {
        "element": element,
        "side": side,
        "kind": BY_NAME[element].kind,
        "verdicts": verdicts,
        "given": [[one.element, round(one.dose, 3)] for one in course.corrections],
        "ending": course.ending,
        "one_round": numbers_of(outlook(healthy, patient, first)),
        "all_rounds": numbers_of(outlook(healthy, patient, course.subjects[-1])),
        "wrong_element": wrong.element,
        "wrong": numbers_of(outlook(healthy, patient, corrected(patient, other))),
    }


def numbers_of(one: Outlook) -> dict[str, Any]:
    known = np.isfinite(one.recovered)
    return {
        "lost": round(one.lost.value, 4),
        "gained": [round(value, 4) for value in one.gained.as_tuple()],
        "recovered": round(one.recovered, 3) if known else None,
        "harmed": bool(one.is_harmed),
    }


def healthy_of(clinic: Clinic, k: int) -> dict[str, Any]:
    """Return what a healthy subject would be given, and what it would do to it."""
    subject = patient_of(clinic, "phi", 0, k)[1]
    verdict, found = clinic.diagnose(subject, [4, k])
    if not found.element:
        return {"verdict": verdict, "gained": None, "harmed": False}
    given = find_correction(found.patient, found.element, found.healthy)
    after = outlook(subject, subject, corrected(subject, given))
    return {"verdict": verdict, "gained": round(after.gained.value, 4), "harmed": after.is_harmed}


def summary_of(records: list[dict[str, Any]], healthy: list[dict[str, Any]]) -> dict[str, Any]:
    """Return medians and shares; those who lost nothing beyond noise have no share to return."""
    losers = [one for one in records if one["all_rounds"]["recovered"] is not None]
    told = [one for one in losers if one["verdicts"][0] not in (HEALTHY, CANNOT_TELL)]
    right = [one for one in told if one["verdicts"][0] == one["kind"]]
    wrong = [one for one in told if one["verdicts"][0] != one["kind"]]
    treated = [one for one in records if one["given"]]

    def middle(ones: list[dict[str, Any]], of: str) -> float | None:
        values = [one[of]["recovered"] for one in ones]
        return round(float(np.median(values)), 3) if values else None

    def harmed(ones: list[dict[str, Any]], of: str) -> float | None:
        return round(float(np.mean([one[of]["harmed"] for one in ones])), 3) if ones else None

    return {
        "patients": len(records),
        "lost_performance": len(losers),
        "advised": len(told),
        "median_recovered_as_advised": middle(told, "all_rounds"),
        "median_recovered_after_one_round": middle(told, "one_round"),
        "median_recovered_of_all_who_lost": middle(losers, "all_rounds"),
        "diagnosis_right": len(right),
        "median_recovered_if_right": middle(right, "all_rounds"),
        "diagnosis_wrong": len(wrong),
        "median_recovered_if_wrong_after_one_round": middle(wrong, "one_round"),
        "median_recovered_if_wrong": middle(wrong, "all_rounds"),
        "median_recovered_if_wrong_on_purpose": middle(losers, "wrong"),
        "harmed_of_treated": harmed(treated, "all_rounds"),
        "harmed_if_wrong_on_purpose": harmed(losers, "wrong"),
        "healthy": len(healthy),
        "healthy_treated": sum(one["gained"] is not None for one in healthy),
        "healthy_harmed": sum(one["harmed"] for one in healthy),
    }


def persistence() -> dict[str, Any]:
    """Return the persistence experiment and the plan that its search found."""
    found = persistence_experiment(n_networks=40, n_plans=64)
    names = ("false_percepts", "misses", "false_alarms")
    return {
        "design": asdict(found.design),
        "plan": asdict(found.plan),
        "plans_tried": found.n_plans,
        "networks": found.n_networks,
        "misses_at_the_end_of_over_correction": list(found.worst_misses.as_tuple()),
        "endings": {
            course: {name: list(getattr(one, name).as_tuple()) for name in names}
            for course, one in found.endings.items()
        },
        "share_of_return": shares_of_return(found),
    }


def doses() -> dict[str, Any]:
    """Return every symptom against the dose of every element, with intervals over 40 tasks."""
    steps = (-2.0, -1.0, -0.5, 0.5, 1.0, 2.0)
    grid = {name: [step * one.wide for step in steps] for name, one in BY_NAME.items() if one.wide}
    grid |= {"sensory_noise": [0.1, 0.2, 0.4], "silent": [0.2, 0.4, 0.8], "latency": [1, 3, 10]}
    made: dict[str, Any] = {}
    for element, at in grid.items():
        response = dose_response(element, at, n=40)
        made[element] = {
            "doses": at,
            **{
                name: np.round(np.array(one.as_tuple()).T, 4).tolist()
                for name, one in response.changes.items()
            },
        }
    return made


def save(result: dict[str, Any], path: Path) -> None:
    """Write a line for each patient and for each entry of the rest."""
    rest = {name: value for name, value in result.items() if name != "patients"}
    rows = ",\n".join(json.dumps(row) for row in result["patients"])
    lines = [f"{json.dumps(name)}: {json.dumps(value)}" for name, value in rest.items()]
    text = ",\n".join([*lines, f'"patients": [\n{rows}\n]'])
    path.write_text("{\n" + text + "\n}\n", encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--patients", type=int, default=8, help="of each element and side")
    parser.add_argument("--trials", type=int, default=1200)
    parser.add_argument("--dose", type=float, default=1.5, help="in wide spreads of the element")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=HERE / "results" / "treatment.json")
    options = parser.parse_args()
    started = time.perf_counter()
    result: dict[str, Any] = {"trials": options.trials, "seed": options.seed, "dose": options.dose}
    result |= {"persistence": persistence(), "dose_response": doses()}
    clinic = Clinic(options.trials, options.dose, options.seed)
    healthy = [healthy_of(clinic, k) for k in range(N_HEALTHY)]
    records: list[dict[str, Any]] = []
    for k in range(options.patients):
        records += [record_of(clinic, element, side, k) for element, side in DIRECTIONS]
        result |= {"treatment": summary_of(records, healthy), "patients": records}
        result["seconds"] = round(time.perf_counter() - started, 1)
        save(result, options.out)
        print(k, result["seconds"], result["treatment"], flush=True)


if __name__ == "__main__":
    main()
