"""From a table, or from simulated patients, to diagnoses; or to how often they are right."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from hebbayes.commands.clinic.request import check_request, extensions_of, read_table
from hebbayes.commands.clinic.sharing import Sharing
from hebbayes.commands.running.progress import DEFAULT_PROGRESS, Progress
from hebbayes.commands.running.result import CommandResult
from hebbayes.commands.running.worker_pool import open_workers

if TYPE_CHECKING:
    from hebbayes.clinic.cultures import CultureShift
    from hebbayes.clinic.diagnosis.diagnose import CohortDiagnosis
    from hebbayes.clinic.diagnosis.odds import Recalibration
    from hebbayes.clinic.recovery.cohort import Source
    from hebbayes.clinic.recovery.recover import Recovery
    from hebbayes.clinic.separability import Separation
    from hebbayes.clinic.tables import Reading
    from hebbayes.clinic.treatment.retraining import Persistence
    from hebbayes.commands.clinic.symptoms import Responses
    from hebbayes.commands.clinic.treat import Treatment
    from hebbayes.commands.configs import ClinicConfig
    from hebbayes.commands.running.checkpoint import Checkpoint
    from hebbayes.data.behaviour import Behaviour

_N_DEMO_CONTROLS = 20


@dataclass(frozen=True, eq=False)
class ClinicResult(CommandResult):
    """What the clinic found.

    Attributes:
        config: Options of the command.
        name: The table, for titles.
        behaviour: The choices; None for simulated subjects.
        reading: How the table was read; None for simulated subjects.
        diagnosis: Of every subject; None for check and recover.
        checks: Posterior predictive checks by subject.
        truth: Class of every simulated subject of the demo by name; empty for a table.
        recovery: How often diagnosis is right; None unless asked for.
        treatment: Advice for every subject; None unless asked for.
        shift: Cultures of two recordings compared; None unless asked for.
        symptoms: Of each impaired element; None unless asked for.
        persistence: What stays after treatment; None unless asked for.
        designs: What candidate tasks say of each element; None unless asked for.
        seconds: Wall time.
    """

    config: "ClinicConfig"
    name: str
    behaviour: "Behaviour | None" = None
    reading: "Reading | None" = None
    diagnosis: "CohortDiagnosis | None" = None
    checks: Mapping[str, Mapping[str, tuple[float, ...]]] | None = None
    truth: Mapping[str, str] | None = None
    recovery: "Recovery | None" = None
    treatment: "Treatment | None" = None
    shift: "CultureShift | None" = None
    symptoms: "Responses | None" = None
    persistence: "Persistence | None" = None
    designs: "Mapping[str, Mapping[str, Separation]] | None" = None
    seconds: float = 0.0


def run(
    config: "ClinicConfig",
    *,
    progress: Progress = DEFAULT_PROGRESS,
    checkpoint: "Checkpoint | None" = None,
) -> ClinicResult:
    """Return what was asked for; subjects that a checkpoint holds are not run again.

    Raises `HebbayesError` if the table cannot be read or a value is out of range.
    """
    started = time.perf_counter()
    check_request(config)
    with open_workers(config.workers) as workers:
        result = _ACTIONS[config.what](config, Sharing(workers, progress, checkpoint))
    return replace(result, seconds=time.perf_counter() - started)


def _run_check(config: "ClinicConfig", share: Sharing) -> ClinicResult:
    assert config.file is not None
    behaviour, reading = read_table(config, config.file)
    return ClinicResult(config, config.file.name, behaviour, reading)


def _run_diagnose(config: "ClinicConfig", share: Sharing) -> ClinicResult:
    from hebbayes.clinic.diagnosis.diagnose import diagnose_reading

    assert config.file is not None
    behaviour, reading = read_table(config, config.file)
    found = diagnose_reading(
        reading,
        controls=config.controls,
        recalibration=_recalibration(config, reading, share),
        share=share,
        seed=config.seed,
    )
    checks = _checks(found, config.seed)
    return ClinicResult(config, config.file.name, behaviour, reading, found, checks)


def _recalibration(
    config: "ClinicConfig", reading: "Reading", share: Sharing
) -> "Recalibration | None":
    """Numbers of the table's own task, if asked for."""
    from hebbayes.clinic.diagnosis.diagnose import population_for

    if not config.calibrate:
        return None
    population, _, _ = population_for(reading.subjects, config.controls, config.seed)
    return _recovered(config, reading, population, config.calibrate, share)[1]


def _checks(found: "CohortDiagnosis", seed: int) -> dict[str, Mapping[str, tuple[float, ...]]]:
    from hebbayes.clinic.diagnosis.predictive import predictive_checks

    pairs = zip(found.reading.subjects, found.subjects)
    return {one.subject: predictive_checks(observed, one, seed) for observed, one in pairs}


def _recovered(
    config: "ClinicConfig", reading: "Reading", population: Any, count: int, share: Sharing
) -> "tuple[Recovery, Recalibration]":
    from hebbayes.clinic.recovery.cohort import Copied
    from hebbayes.clinic.recovery.recover import cases_for, recover

    source = Copied(tuple(one.task for one in reading.subjects))
    layout = reading.subjects[0].layout
    cases = cases_for(source, layout, population, count, config.seed)
    found = recover(cases, lambda function, tasks: share(function, tasks, "simulated subjects"))
    return found, found.recalibration


def _run_recover(config: "ClinicConfig", share: Sharing) -> ClinicResult:
    from hebbayes.clinic.designs import Design
    from hebbayes.clinic.diagnosis.diagnose import population_for
    from hebbayes.clinic.estimation.layout import Layout
    from hebbayes.clinic.estimation.population import typical_population
    from hebbayes.clinic.recovery.cohort import Designed
    from hebbayes.clinic.recovery.recover import cases_for, recover

    like = config.like or config.file
    if like is not None:
        behaviour, reading = read_table(config, like)
        population, _, _ = population_for(reading.subjects, config.controls, config.seed)
        found, _ = _recovered(config, reading, population, config.subjects, share)
        return ClinicResult(config, like.name, behaviour, reading, recovery=found)
    source: Source = Designed(Design(trials=config.trials))
    layout = Layout(2, extensions_of(config.extensions))
    cases = cases_for(source, layout, typical_population(layout), config.subjects, config.seed)
    found = recover(cases, share)
    return ClinicResult(config, f"{config.trials} trials of the embedded task", recovery=found)


def _run_demo(config: "ClinicConfig", share: Sharing) -> ClinicResult:
    from hebbayes.clinic.designs import Design
    from hebbayes.clinic.diagnosis.diagnose import diagnose_reading
    from hebbayes.clinic.estimation.layout import Layout
    from hebbayes.clinic.recovery.cohort import Designed, demo_cohort
    from hebbayes.clinic.tables import Reading

    source, layout = Designed(Design(trials=config.trials)), Layout(2)
    rng = np.random.default_rng(config.seed)
    members, truth = demo_cohort(source, layout, _N_DEMO_CONTROLS, rng)
    reading = Reading(tuple(members), ("0", "1"), True, ())
    found = diagnose_reading(reading, controls="controls", share=share, seed=config.seed)
    return ClinicResult(config, "simulated patients", diagnosis=found, truth=truth)


def _run_treat(config: "ClinicConfig", share: Sharing) -> ClinicResult:
    from hebbayes.commands.clinic.treat import treat_simulated, treat_table

    if config.file is None:
        made = treat_simulated(config, share)
        return ClinicResult(config, "simulated patients", treatment=made)
    behaviour, reading = read_table(config, config.file)
    made = treat_table(config, reading, _recalibration(config, reading, share), share)
    return ClinicResult(config, config.file.name, behaviour, reading, treatment=made)


def _run_cultures(config: "ClinicConfig", share: Sharing) -> ClinicResult:
    from hebbayes.commands.clinic.cultures import compare_files

    return ClinicResult(config, "cultures", shift=compare_files(config))


def _run_symptoms(config: "ClinicConfig", share: Sharing) -> ClinicResult:
    from hebbayes.commands.clinic.symptoms import respond

    return ClinicResult(config, "symptoms", symptoms=respond(config, share))


def _run_design(config: "ClinicConfig", share: Sharing) -> ClinicResult:
    from hebbayes.commands.clinic.designs import separate

    return ClinicResult(config, "design", designs=separate(config))


def _run_persistence(config: "ClinicConfig", share: Sharing) -> ClinicResult:
    from hebbayes.clinic.treatment.retraining import persistence_experiment

    return ClinicResult(config, "persistence", persistence=persistence_experiment(seed=config.seed))


_ACTIONS: dict[str, Callable[["ClinicConfig", Sharing], ClinicResult]] = {
    "check": _run_check,
    "demo": _run_demo,
    "diagnose": _run_diagnose,
    "recover": _run_recover,
    "treat": _run_treat,
    "cultures": _run_cultures,
    "symptoms": _run_symptoms,
    "persistence": _run_persistence,
    "design": _run_design,
}
