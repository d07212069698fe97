"""From a table, or from simulated patients, to diagnoses; or to how often they are right."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from hebbayes.commands.running.progress import DEFAULT_PROGRESS, Progress
from hebbayes.commands.running.result import CommandResult
from hebbayes.commands.running.worker_pool import open_workers
from hebbayes.core.errors import ValueRangeError

if TYPE_CHECKING:
    from hebbayes.clinic.cultures import CultureShift
    from hebbayes.clinic.diagnosis.diagnose import CohortDiagnosis
    from hebbayes.clinic.diagnosis.odds import Recalibration
    from hebbayes.clinic.estimation.layout import Extensions
    from hebbayes.clinic.recovery.cohort import Source
    from hebbayes.clinic.recovery.recover import Recovery
    from hebbayes.clinic.separability import Separation
    from hebbayes.clinic.symptoms import DoseResponse
    from hebbayes.clinic.tables import ReadAs, Reading
    from hebbayes.clinic.treatment.retraining import Persistence
    from hebbayes.commands.clinic.treat import Treatment
    from hebbayes.commands.configs import ClinicConfig
    from hebbayes.commands.running.checkpoint import Checkpoint
    from hebbayes.commands.running.workers import AbstractWorkers
    from hebbayes.data.behaviour import Behaviour

EXTENSIONS = ("leak", "stickiness", "active-only")
"""Names that ``--extensions`` takes."""

_MOST_SUBJECTS, _MOST_TRIALS = 100_000, 100_000
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
    symptoms: "Mapping[str, DoseResponse] | None" = None
    persistence: "Persistence | None" = None
    designs: "Mapping[str, Mapping[str, Separation]] | None" = None
    seconds: float = 0.0


def run(
    config: "ClinicConfig",
    *,
    progress: Progress = DEFAULT_PROGRESS,
    checkpoint: "Checkpoint | None" = None,
) -> ClinicResult:
    """Return what was asked for.  Too short to need a checkpoint.

    Raises `HebbayesError` if the table cannot be read or a value is out of range.
    """
    from dataclasses import replace

    del checkpoint
    started = time.perf_counter()
    _check(config)
    with open_workers(config.workers) as workers:
        result = _ACTIONS[config.what](config, Sharing(workers, progress))
    return replace(result, seconds=time.perf_counter() - started)


@dataclass(frozen=True, eq=False)
class Sharing:
    """Shares tasks among workers and reports progress.

    Attributes:
        workers: Of the command.
        progress: Of the command.
    """

    workers: "AbstractWorkers"
    progress: Progress

    def __call__(
        self, function: Callable[[Any], Any], tasks: Sequence[Any], what: str = "subjects"
    ) -> Iterable[Any]:
        """Yield the results of all tasks, in order."""
        self.progress.start(what, len(tasks))
        for result in self.workers.map(function, tasks):
            self.progress.advance()
            yield result


def _check(config: "ClinicConfig") -> None:
    if config.what in ("check", "diagnose") and config.file is None:
        raise ValueRangeError(
            f"clinic {config.what} needs a table of trials; pass it: hebbayes clinic "
            f"{config.what} FILE. `hebbayes clinic demo` runs on simulated patients."
        )
    for name, low, high in (
        ("trials", 1, _MOST_TRIALS),
        ("subjects", 8, _MOST_SUBJECTS),
        ("calibrate", 0, _MOST_SUBJECTS),
    ):
        value = getattr(config, name)
        if not low <= value <= high:
            raise ValueRangeError(f"--{name} must be from {low} to {high}; got {value}.")
    if 0 < config.calibrate < 8:
        raise ValueRangeError(
            f"--calibrate must be 0, or at least 8 simulated subjects; got {config.calibrate}."
        )
    extensions_of(config.extensions)


def extensions_of(words: str) -> "Extensions":
    """Return the extensions that a comma-separated list names.

    Raises `ValueRangeError` for an unknown one.

    Example:
        >>> extensions_of("leak").leak
        True
    """
    from hebbayes.clinic.estimation.layout import Extensions

    named = [word.strip() for word in words.split(",") if word.strip()]
    for word in named:
        if word not in EXTENSIONS:
            raise ValueRangeError(
                f"--extensions has no {word!r}; wanted a list of {', '.join(EXTENSIONS)}."
            )
    return Extensions("leak" in named, "stickiness" in named, "active-only" in named)


def _read_as(config: "ClinicConfig") -> "ReadAs":
    from hebbayes.clinic.tables import ReadAs

    return ReadAs(config.reliability, config.new_stimuli, extensions_of(config.extensions))


def _read(config: "ClinicConfig", path: Any) -> "tuple[Behaviour, Reading]":
    from hebbayes.clinic.tables import read_subjects
    from hebbayes.data.behaviour import mapping_of, read_behaviour

    behaviour = read_behaviour(path, mapping_of(config))
    return behaviour, read_subjects(behaviour, _read_as(config))


def _run_check(config: "ClinicConfig", share: Sharing) -> ClinicResult:
    assert config.file is not None
    behaviour, reading = _read(config, config.file)
    return ClinicResult(config, config.file.name, behaviour, reading)


def _run_diagnose(config: "ClinicConfig", share: Sharing) -> ClinicResult:
    from hebbayes.clinic.diagnosis.diagnose import diagnose_reading, population_for

    assert config.file is not None
    behaviour, reading = _read(config, config.file)
    recalibration = None
    if config.calibrate:
        population, _, _ = population_for(reading.subjects, config.controls, config.seed)
        recalibration = _recovered(config, reading, population, config.calibrate, share)[1]
    found = diagnose_reading(
        reading,
        controls=config.controls,
        recalibration=recalibration,
        share=share,
        seed=config.seed,
    )
    checks = _checks(found, config.seed)
    return ClinicResult(config, config.file.name, behaviour, reading, found, checks)


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
        behaviour, reading = _read(config, like)
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
    behaviour, reading = _read(config, config.file)
    made = treat_table(config, reading, None, share)
    return ClinicResult(config, config.file.name, behaviour, reading, treatment=made)


def _run_cultures(config: "ClinicConfig", share: Sharing) -> ClinicResult:
    from hebbayes.commands.clinic.cultures import compare_files

    return ClinicResult(config, "cultures", shift=compare_files(config))


def _run_symptoms(config: "ClinicConfig", share: Sharing) -> ClinicResult:
    from hebbayes.commands.clinic.simulated import respond

    return ClinicResult(config, "symptoms", symptoms=respond(config))


def _run_design(config: "ClinicConfig", share: Sharing) -> ClinicResult:
    from hebbayes.commands.clinic.simulated import separate

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
