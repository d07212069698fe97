"""Diagnosis of every subject and group of a table.

from hebbayes.clinic import diagnose
diagnose(frame, controls="HC", subject="id", choice="choice", outcome="reward")
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hebbayes.clinic.comparison.compare import ComparisonTask, Standing, run_comparison
from hebbayes.clinic.comparison.differences import (
    Agreement,
    Difference,
    GroupStanding,
    agreements,
    compare_groups,
    group_standing,
    quantities_of,
)
from hebbayes.clinic.diagnosis.groups import GroupDiagnosis, diagnose_group
from hebbayes.clinic.diagnosis.odds import EMBEDDED, Recalibration
from hebbayes.clinic.diagnosis.subjects import Diagnosis, diagnose_subject
from hebbayes.clinic.estimation.population import fit_population, typical_population
from hebbayes.clinic.tables import ReadAs, Reading, read_subjects
from hebbayes.core.errors import ValueRangeError
from hebbayes.data.behaviour import Behaviour, read_behaviour

if TYPE_CHECKING:
    from hebbayes.clinic.estimation.climbing import Prior
    from hebbayes.clinic.estimation.likelihood import Observed

Share = Callable[[Callable[[Any], Any], Sequence[Any], str], Iterable[Any]]
"""Applies a function to all tasks of that name, in order; processes may share them."""


@dataclass(frozen=True, eq=False)
class CohortDiagnosis:
    """Diagnoses of a table.

    Attributes:
        subjects: Of every subject, in the order of the table.
        groups: Of every group.
        standings: The circuit model beside its rivals, of every subject.
        group_standings: The same of every group.
        differences: Between the controls, or the first group, and each other group.
        agreements: Where two models agree on a difference.
        population: Of healthy subjects.
        n_controls: Subjects that the population rests on; 0 if a typical one is assumed.
        recalibration: Of the odds.
        reading: How the table was read.
        notes: What was assumed and what limits the result.
    """

    subjects: tuple[Diagnosis, ...]
    groups: tuple[GroupDiagnosis, ...]
    standings: tuple[Standing, ...]
    group_standings: tuple[GroupStanding, ...]
    differences: tuple[Difference, ...]
    agreements: tuple[Agreement, ...]
    population: "Prior"
    n_controls: int
    recalibration: Recalibration
    reading: Reading
    notes: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class SubjectTask:
    """One subject to be diagnosed; picklable.

    Attributes:
        observed: Task and choices.
        population: Of healthy subjects.
        recalibration: Of the odds.
        seed: Of everything random.
    """

    observed: "Observed"
    population: "Prior"
    recalibration: Recalibration
    seed: int


def run_subject(task: SubjectTask) -> Diagnosis:
    """Return the diagnosis that the task asks for.

    Example:
        >>> from hebbayes.clinic.estimation.cases import example
        >>> run_subject(SubjectTask(*example(20), Recalibration(), 0)).limit[:15]
        'Only 20 choices'
    """
    return diagnose_subject(task.observed, task.population, task.recalibration, task.seed)


def in_turn(function: Callable[[Any], Any], tasks: Sequence[Any], what: str = "") -> Iterable[Any]:
    """Return results of all tasks, computed one after the other.

    Example:
        >>> list(in_turn(abs, [-1]))
        [1]
    """
    del what
    return map(function, tasks)


def diagnose(
    source: Any,
    *,
    controls: str | None = None,
    read_as: ReadAs | None = None,
    recalibration: Recalibration | None = None,
    share: Share = in_turn,
    seed: int = 0,
    **columns: Any,
) -> CohortDiagnosis:
    """Return the diagnosis of every subject of a table.

    Args:
        source: DataFrame, file, or `Behaviour`.
        controls: Group of healthy subjects; by default a typical population is assumed.
        read_as: How the table is read.
        recalibration: Of the odds; that of the embedded design by default.
        share: Applies a function to many tasks.
        seed: Of everything random.
        **columns: Column by role, as in `read_behaviour`.

    Raises `HebbayesError` if the table cannot be read or there are fewer than two controls.

    Example:
        >>> import numpy as np
        >>> rng = np.random.default_rng(0)
        >>> table = Behaviour(rng.integers(0, 2, 40), np.ones((40, 1)), risk=rng.random(40))
        >>> diagnose(table).subjects[0].limit[:15]
        'Only 40 choices'
    """
    behaviour = source if isinstance(source, Behaviour) else read_behaviour(source, **columns)
    reading = read_subjects(behaviour, read_as)
    return diagnose_reading(
        reading, controls=controls, recalibration=recalibration, share=share, seed=seed
    )


def diagnose_reading(
    reading: Reading,
    *,
    controls: str | None = None,
    recalibration: Recalibration | None = None,
    share: Share = in_turn,
    seed: int = 0,
) -> CohortDiagnosis:
    """Return the diagnosis of every subject that was read.

    Raises `ValueRangeError` for fewer than two controls.

    Example:
        >>> from hebbayes.clinic.estimation.cases import example
        >>> reading = Reading((example(20)[0],), ("0", "1"), False, ())
        >>> diagnose_reading(reading).n_controls
        0
    """
    population, n_controls, note = population_for(reading.subjects, controls, seed)
    recalibration = recalibration or EMBEDDED
    tasks = [SubjectTask(one, population, recalibration, seed) for one in reading.subjects]
    subjects = tuple(share(run_subject, tasks, "subjects"))
    names = dict.fromkeys(one.group for one in subjects if one.group)
    groups = [
        diagnose_group([one for one in subjects if one.group == name], recalibration, name)
        for name in names
    ]
    standings = compare_subjects(reading.subjects, subjects, share=share, seed=seed)
    differences = tuple(_differences(reading, subjects, standings, controls))
    return CohortDiagnosis(
        subjects=subjects,
        groups=tuple(groups),
        standings=standings,
        group_standings=tuple(
            group_standing(name, [one for one in standings if one.group == name]) for name in names
        ),
        differences=differences,
        agreements=tuple(agreements(differences)),
        population=population,
        n_controls=n_controls,
        recalibration=recalibration,
        reading=reading,
        notes=(*reading.notes, note, *_few(subjects)),
    )


def compare_subjects(
    observed: "Sequence[Observed]",
    found: Sequence[Diagnosis],
    *,
    share: Share = in_turn,
    seed: int = 0,
) -> tuple[Standing, ...]:
    """Return the circuit model of every subject beside its rivals.

    Example:
        >>> from hebbayes.clinic.estimation.cases import example
        >>> one, population = example(20)
        >>> compare_subjects([one], [diagnose_subject(one, population)])[0].better
        ''
    """
    tasks = [
        ComparisonTask(one, diagnosis.draws, seed, likeliest(diagnosis.odds) == "false_belief")
        for one, diagnosis in zip(observed, found)
    ]
    return tuple(share(run_comparison, tasks, "models"))


def likeliest(odds: Mapping[str, float]) -> str:
    """Return the model with the highest odds.

    Example:
        >>> likeliest({"healthy": 0.4, "phi": 0.6})
        'phi'
    """
    return max(odds, key=odds.__getitem__)


def _differences(
    reading: Reading,
    found: Sequence[Diagnosis],
    standings: Sequence[Standing],
    controls: str | None,
) -> list[Difference]:
    numbers = [quantities_of(*one) for one in zip(reading.subjects, found, standings)]
    return compare_groups([one.group for one in found], numbers, controls or "")


def _few(subjects: Sequence[Diagnosis]) -> list[str]:
    few = [one.subject for one in subjects if one.limit]
    if not few:
        return []
    named = ", ".join(few[:5]) + (f" and {len(few) - 5} more" if len(few) > 5 else "")
    return [f"Too few choices, odds are mostly those of the prior: {named}."]


def population_for(
    subjects: "Sequence[Observed]", controls: str | None, seed: int
) -> "tuple[Prior, int, str]":
    """Return the population of healthy subjects, the number of controls, and what it rests on.

    Example:
        >>> from hebbayes.clinic.estimation.cases import example
        >>> population_for([example(20)[0]], None, 0)[1]
        0
    """
    if controls is None:
        return (
            typical_population(subjects[0].layout),
            0,
            "Without --controls a typical healthy population is assumed: odds say how a subject "
            "differs from that of simulated subjects.",
        )
    healthy = [one for one in subjects if one.group == controls]
    if not healthy:
        known = ", ".join(sorted({one.group for one in subjects if one.group})) or "none"
        raise ValueRangeError(
            f"no subject is in the group {controls!r} of --controls; groups are: {known}. State "
            "the column of groups with --group."
        )
    usable = [one for one in healthy if one.choices.n_made > 0]
    if len(usable) < len(healthy):
        note = f"{len(healthy) - len(usable)} controls made no choice and were left out."
    else:
        note = ""
    start = f"The healthy population is that of {len(usable)} controls ({controls})."
    return fit_population(usable, seed), len(usable), f"{start} {note}".strip()
