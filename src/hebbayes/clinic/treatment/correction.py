"""The correction of least dose that brings performance back, simulated before it is advised.

A correction moves one element back towards healthy.  Its dose is the least whose simulated success
returns what was lost; side effects are symptoms that it makes worse than in illness and in health.
What it would change if another element were the impaired one says how robust the advice is.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hebbayes.clinic.designs import Design, draw_task
from hebbayes.clinic.elements import BY_NAME, Element
from hebbayes.clinic.impairments import OTHERS, Impairment, impair
from hebbayes.clinic.subject import Subject, simulate
from hebbayes.clinic.symptoms import HEALTHY_SUBJECT, SYMPTOMS, symptoms_of
from hebbayes.core.errors import ValueRangeError
from hebbayes.reverse_engineering.statistics.estimate import Estimate, mean_estimate

Floats = NDArray[np.float64]

TREATMENT_TASK = Design(
    trials=600,
    states=2,
    channels=3,
    reliability=0.85,
    ambiguous=0.2,
    stay=0.7,
    block=150,
    reversal=0,
    silent=0.1,
    reward=0.9,
)
"""Performance is success here: new stimuli every 150 trials, no reversal."""

ENOUGH = 0.95
"""Share of the lost performance that the least dose returns in simulation."""

_STEPS = 8
"""Doses tried, from none to the whole way back."""


@dataclass(frozen=True, eq=False)
class Correction:
    """A correction, and what its simulation shows.

    Attributes:
        element: The element that it moves.
        dose: By how much, on the element's scale without bounds; 0 if nothing is lost.
        whole_dose: The dose that makes the element wholly healthy.
        lost: Success lost by the impairment, a share of trials.
        recovered: Share of it that the correction returns; NaN if nothing is lost.
        side_effects: Symptom to how much worse the correction makes it than the impairment did, a
            share from 0 to 1; only those beyond noise and worse than in health.
        doses: Doses tried.
        recovered_by_dose: Share that each returns.
        success: Share of right choices: "healthy", "impaired", and "corrected" unless nothing is
            lost.
    """

    element: str
    dose: float
    whole_dose: float
    lost: Estimate[float]
    recovered: Estimate[float]
    side_effects: Mapping[str, Estimate[float]]
    doses: Floats
    recovered_by_dose: Floats
    success: Mapping[str, Estimate[float]]


def success_of(
    subjects: Sequence[Subject], *, n: int, seed: int = 0, design: Design = TREATMENT_TASK
) -> Floats:
    """Return the share of right choices, (subjects, tasks); task k and its luck are common to all.

    Example:
        >>> bool(np.diff(success_of([Subject(lapse=0.9), Subject()], n=3).mean(1)) > 0.1)
        True
    """
    found = np.empty((len(subjects), n))
    for k in range(n):
        task = draw_task(design, np.random.default_rng((seed, k, 2)))
        for i, subject in enumerate(subjects):
            did = simulate(subject, task, np.random.default_rng((seed, k, 3)))
            found[i, k] = (did.choices.choice == task.right).mean()
    return found


def distance_from_healthy(
    patient: Subject, element: str, healthy: Subject = HEALTHY_SUBJECT
) -> float:
    """Return the dose that moves an element of the patient to its healthy value.

    Raises `ValueRangeError` for an unknown element.

    Example:
        >>> distance_from_healthy(Subject(phi=1.5), "phi")
        -1.5
    """
    if element in (*OTHERS, "sensory_noise"):
        return float(getattr(healthy, element) - getattr(patient, element))
    if element not in BY_NAME:
        raise ValueRangeError(
            f"no element {element!r}; it must be one of {', '.join([*BY_NAME, *OTHERS])}."
        )
    return _position(healthy, BY_NAME[element]) - _position(patient, BY_NAME[element])


def _position(subject: Subject, element: Element) -> float:
    value = subject.psi[0] if element.name == "psi" else getattr(subject, element.name)
    return float(element.scale.unbounded(np.asarray(value, float)))


def corrected(patient: Subject, correction: "Correction | None") -> Subject:
    """Return the patient under a correction; the patient itself under none.

    Example:
        >>> corrected(Subject(phi=1.0), None).phi
        1.0
    """
    if correction is None:
        return patient
    return impair(patient, [Impairment(correction.element, correction.dose)])


def find_correction(
    patient: Subject,
    element: str,
    healthy: Subject = HEALTHY_SUBJECT,
    *,
    n: int = 16,
    seed: int = 0,
) -> Correction:
    """Return the least dose on one element that returns what ``patient`` lost against ``healthy``.

    The dose is 0 if nothing is lost beyond noise.  If no dose returns `ENOUGH`, it is the one that
    returns most.  Raises `ValueRangeError` for an unknown element.

    Example:
        >>> correction = find_correction(Subject(phi=4.0), "phi", n=6)
        >>> correction.whole_dose, correction.recovered.value > 0.8
        (-4.0, True)
        >>> -4 <= correction.dose < 0
        True
    """
    whole = distance_from_healthy(patient, element, healthy)
    doses = whole * np.arange(1, _STEPS + 1) / _STEPS
    if element == "latency":
        doses = np.round(doses)
    treated = [impair(patient, [Impairment(element, float(dose))]) for dose in doses]
    success = success_of([healthy, patient, *treated], n=n, seed=seed)
    lost = mean_estimate(success[0] - success[1])
    shown = {"healthy": mean_estimate(success[0]), "impaired": mean_estimate(success[1])}
    if not lost.low > 0:
        nothing = Estimate(float("nan"), float("nan"), float("nan"))
        none = np.full(len(doses), np.nan)
        return Correction(element, 0.0, whole, lost, nothing, {}, doses, none, shown)
    returned = (success[2:] - success[1]) / lost.value
    mean = returned.mean(1)
    enough = np.flatnonzero(mean >= ENOUGH)
    best = int(enough[0]) if enough.size else int(np.argmax(mean))
    return Correction(
        element,
        float(doses[best]) if mean[best] > 0 else 0.0,
        whole,
        lost,
        mean_estimate(returned[best]),
        side_effects(patient, treated[best], healthy, n=n, seed=seed),
        doses,
        mean,
        {**shown, "corrected": mean_estimate(success[2 + best])},
    )


def side_effects(
    patient: Subject,
    treated: Subject,
    healthy: Subject = HEALTHY_SUBJECT,
    *,
    n: int,
    seed: int = 0,
) -> dict[str, Estimate[float]]:
    """Return the symptoms that a treatment makes worse, beyond noise and beyond healthy.

    A symptom that only comes back to its healthy value is no side effect.

    Example:
        >>> list(side_effects(Subject(), Subject(phi=4.0), n=6))[:2]
        ['false_percepts', 'miscalibration']
    """
    found = symptoms_of([patient, treated, healthy], n=n, seed=seed)
    made = {}
    for k, symptom in enumerate(SYMPTOMS):
        before, after, usual = symptom.is_worse_if * found[:, :, k]
        known = np.isfinite(before + after + usual)
        worse = mean_estimate((after - before)[known])
        if worse.low > 0 and mean_estimate((after - usual)[known]).low > 0:
            made[symptom.name] = worse
    return made


def robustness(
    correction: Correction,
    patients: Mapping[str, Subject],
    *,
    n: int = 16,
    seed: int = 0,
) -> dict[str, Estimate[float]]:
    """Return what the correction changes if another element were the impaired one.

    ``patients`` holds, for each possible impaired element, the patient as it would then be.  The
    values are changes of success, a share of trials.

    Example:
        >>> correction = find_correction(Subject(phi=4.0), "phi", n=4)
        >>> patients = {"phi": Subject(phi=4.0), "lapse": Subject(lapse=0.6)}
        >>> changes = robustness(correction, patients, n=4)
        >>> changes["phi"].value > 0.05 > changes["lapse"].value
        True
    """
    pairs = [s for one in patients.values() for s in (one, corrected(one, correction))]
    success = success_of(pairs, n=n, seed=seed).reshape(len(patients), 2, n)
    return {name: mean_estimate(after - before) for name, (before, after) in zip(patients, success)}
