"""Advice of a correction for every subject: from a table, or for simulated patients.

For simulated patients the truth is known, so that what the correction returns is measured on the
patient and not on its estimate.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from hebbayes.clinic.diagnosis.odds import Recalibration
    from hebbayes.clinic.estimation.climbing import Prior
    from hebbayes.clinic.estimation.likelihood import Observed
    from hebbayes.clinic.subject import Subject
    from hebbayes.clinic.tables import Reading
    from hebbayes.clinic.treatment.advice import Advice
    from hebbayes.clinic.treatment.rounds import Outlook
    from hebbayes.commands.configs import ClinicConfig

Share = Callable[[Callable[[Any], Any], Sequence[Any], str], Iterable[Any]]
"""Applies a function to all tasks, under a name for the progress bar."""


@dataclass(frozen=True, eq=False)
class PatientTask:
    """One subject to be advised; picklable.

    Attributes:
        observed: Task and choices.
        population: Of healthy subjects.
        recalibration: Of the odds; that of the embedded design if None.
        seed: Of everything random.
        truth: The simulated subject and the same one in health; None for a table.
    """

    observed: "Observed"
    population: "Prior"
    recalibration: "Recalibration | None"
    seed: int
    truth: "tuple[Subject, Subject] | None" = None


@dataclass(frozen=True, eq=False)
class Patient:
    """One subject and what is advised.

    Attributes:
        advice: The advice.
        outlook: What it changed in the simulated patient; None for a table, or without a
            correction.
        truth: Impairments of the simulated patient in words; empty for a table.
    """

    advice: "Advice"
    outlook: "Outlook | None"
    truth: str = ""


@dataclass(frozen=True, eq=False)
class Treatment:
    """Advice for several subjects.

    Attributes:
        patients: Every subject.
        notes: What was assumed.
    """

    patients: tuple[Patient, ...]
    notes: tuple[str, ...]


def advise_patient(task: PatientTask) -> Patient:
    """Return the advice for one subject, and what it changes if the truth is known.

    Example:
        >>> from hebbayes.clinic.estimation.cases import example
        >>> advise_patient(PatientTask(*example(20), None, 0)).outlook is None
        True
    """
    from hebbayes.clinic.treatment.advice import advise
    from hebbayes.clinic.treatment.correction import corrected
    from hebbayes.clinic.treatment.rounds import outlook

    advice = advise(task.observed, task.population, task.recalibration, seed=task.seed)
    found = None
    if task.truth and advice.correction and advice.correction.dose:
        patient, healthy = task.truth
        after = corrected(patient, advice.correction)
        found = outlook(healthy, patient, after, n=24, seed=task.seed + 1)
    return Patient(advice, found)


def treat_table(
    config: "ClinicConfig",
    reading: "Reading",
    recalibration: "Recalibration | None",
    share: Share,
) -> Treatment:
    """Return the advice for every subject of a table who is no control.

    Example:
        >>> from hebbayes.clinic.estimation.cases import example
        >>> from hebbayes.clinic.tables import Reading
        >>> from hebbayes.commands.configs import ClinicConfig
        >>> reading = Reading((example(20)[0],), ("0", "1"), False, ())
        >>> made = treat_table(ClinicConfig(), reading, None, lambda f, tasks, _: map(f, tasks))
        >>> len(made.patients)
        1
    """
    from hebbayes.clinic.diagnosis.diagnose import population_for

    population, _, note = population_for(reading.subjects, config.controls, config.seed)
    tasks = [
        PatientTask(one, population, recalibration, config.seed)
        for one in reading.subjects
        if config.controls is None or one.group != config.controls
    ]
    patients = tuple(share(advise_patient, tasks, "subjects"))
    return Treatment(patients, (*reading.notes, note))


def treat_simulated(config: "ClinicConfig", share: Share) -> Treatment:
    """Return the advice for simulated patients: the one that ``--impairment`` states, or a cohort.

    Raises `ValueRangeError` for an impairment that cannot be.

    Example:
        >>> from hebbayes.commands.configs import ClinicConfig
        >>> config = ClinicConfig(what="treat", impairment="psi=4", trials=300)
        >>> made = treat_simulated(config, lambda f, tasks, _: map(f, tasks))
        >>> made.patients[0].truth, made.patients[0].outlook.recovered > 0.5
        ('psi=4', True)
    """
    from hebbayes.clinic.designs import Design, draw_task
    from hebbayes.clinic.estimation.layout import Layout
    from hebbayes.clinic.estimation.likelihood import Observed
    from hebbayes.clinic.estimation.population import typical_population
    from hebbayes.clinic.impairments import impair, parse_impairments
    from hebbayes.clinic.recovery.cohort import DEMO_DOSES
    from hebbayes.clinic.subject import Subject, simulate

    stated = config.impairment or ""
    texts = [stated] if stated else [f"{name}={dose:g}" for name, dose in DEMO_DOSES]
    layout, healthy, tasks = Layout(2), Subject(), []
    for k, text in enumerate(texts):
        patient = impair(healthy, parse_impairments(text))
        rng = np.random.default_rng((config.seed, k))
        task = draw_task(Design(trials=config.trials), rng)
        did = simulate(patient, task, rng).choices
        observed = Observed(task, did, layout, f"patient {k + 1}")
        truth = (patient, healthy)
        tasks.append(PatientTask(observed, typical_population(layout), None, config.seed, truth))
    advised = share(advise_patient, tasks, "patients")
    patients = tuple(
        Patient(one.advice, one.outlook, text) for one, text in zip(advised, texts, strict=True)
    )
    note = f"Simulated patients, {config.trials} trials each; a typical healthy population."
    return Treatment(patients, (note,))
