"""The models of behaviour beside every subject of a table, each drawn from one population.

A subject with few choices borrows from the others: its parameters are normal around the
population's mean (`subjects.population`, empirical Bayes).  Fewer than three subjects, and each
keeps the wide prior.  Verdicts rest on each subject alone.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from hebbayes.core.errors import ValueRangeError

if TYPE_CHECKING:
    from hebbayes.reverse_engineering.behaviour.rivals.comparison import Comparison, Rival
    from hebbayes.reverse_engineering.behaviour.subjects.fits import ModelFit
    from hebbayes.reverse_engineering.behaviour.subjects.population import Population
    from hebbayes.reverse_engineering.behaviour.subjects.trials import SubjectTrials

Share: TypeAlias = Callable[[Callable[[Any], Any], Sequence[Any]], Iterable[Any]]
"""Applies a function to each task, as `map` does; several processes may share them."""


@dataclass(frozen=True, eq=False)
class SubjectFit:
    """All models beside one subject.

    Attributes:
        alone: Under the wide prior, with the verdict.
        shared: Under the population's prior, the best first.
    """

    alone: "Comparison"
    shared: "tuple[Rival, ...]"


def fit_subjects(
    subjects: "Sequence[SubjectTrials]", names: Sequence[str], share: Share = map
) -> list[SubjectFit]:
    """Return the fits of the models called ``names`` to every subject.

    Example:
        >>> from hebbayes.data.behaviour import Behaviour
        >>> from hebbayes.reverse_engineering.behaviour.subjects.trials import ReadAs, subjects_of
        >>> rng = np.random.default_rng(0)
        >>> behaviour = Behaviour(rng.integers(0, 2, 200), np.ones((200, 1)), risk=rng.random(200),
        ...                       subject=np.repeat(np.arange(4), 50))
        >>> fits = fit_subjects(subjects_of(behaviour, behaviour.stimuli, ReadAs()),
        ...                     ["canonical", "constant"])
        >>> len(fits), fits[0].alone.n_explained, len(fits[0].shared)
        (4, 50, 2)
    """
    from hebbayes.reverse_engineering.behaviour.subjects.description import (
        population_of,
        population_tasks,
    )
    from hebbayes.reverse_engineering.behaviour.subjects.tasks import (
        SubjectTask,
        run_population,
    )  # Numba

    fits = list(share(_alone, [SubjectTask(one, tuple(names)) for one in subjects]))
    together = [one for one in population_tasks(subjects, fits)[1] if not one.extra]
    populations = [
        population_of(task, one) for task, one in zip(together, share(run_population, together))
    ]
    return [
        SubjectFit(_comparison(one, fit), _shared(one, populations, k))
        for k, (one, fit) in enumerate(zip(subjects, fits))
    ]


def _alone(task: Any) -> "dict[str, ModelFit]":
    from hebbayes.reverse_engineering.behaviour.subjects.fits import fit_subject

    return fit_subject(task.subject, task.models, is_held_out=False)


def _comparison(subject: "SubjectTrials", fits: "dict[str, ModelFit]") -> "Comparison":
    from hebbayes.reverse_engineering.behaviour.rivals.comparison import (
        Comparison,
        Rival,
        judge,
        parameters_of,
    )
    from hebbayes.reverse_engineering.behaviour.subjects.fits import form_of
    from hebbayes.reverse_engineering.behaviour.subjects.tasks import model_of

    trials, rivals = subject.trials, []
    for name, fit in fits.items():
        model = model_of(name)
        best = max(fit.forms, key=lambda one: one.fit.log_evidence)
        form, parameters = form_of(model, best.name, trials), parameters_of(model, trials)
        rivals.append(Rival(model, fit.log_evidence, form, parameters, best.fit, trials.taken))
    rivals.sort(key=lambda one: -one.log_evidence)
    kinds = {one.model.name: one.model.kind for one in rivals}
    if len(set(kinds.values())) < 2:
        raise ValueRangeError("models of one class alone cannot be judged.")
    return Comparison(
        judge({one.model.name: one.log_evidence for one in rivals}, kinds),
        tuple(rivals),
        int(trials.is_used.sum()),
        int((trials.is_used & np.isnan(trials.worth)).sum()),
    )


def _shared(
    subject: "SubjectTrials", populations: "Sequence[Population]", k: int
) -> "tuple[Rival, ...]":
    from hebbayes.reverse_engineering.behaviour.rivals.comparison import Rival
    from hebbayes.reverse_engineering.behaviour.rivals.evidence import LaplaceFit
    from hebbayes.reverse_engineering.behaviour.subjects.fits import form_of
    from hebbayes.reverse_engineering.behaviour.subjects.tasks import model_of

    rivals = []
    for one in populations:
        model, evidence = model_of(one.model), float(one.log_evidence[k])
        fit = LaplaceFit(one.mean[k], one.covariance[k], float("nan"), evidence)
        form = form_of(model, one.form, subject.trials)
        rivals.append(Rival(model, evidence, form, one.parameters, fit, subject.trials.taken))
    return tuple(sorted(rivals, key=lambda one: -one.log_evidence))
