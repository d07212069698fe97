"""Work that processes share: a subject beside all models or delays, one model of all subjects.

Tasks name models, whose functions cannot be sent to another process.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hebbayes.reverse_engineering.behaviour.rivals.catalogue import MODELS
from hebbayes.reverse_engineering.behaviour.subjects.delays import (
    DelayPosterior,
    delay_evidence,
    delay_posterior,
)
from hebbayes.reverse_engineering.behaviour.subjects.elements import extended
from hebbayes.reverse_engineering.behaviour.subjects.extras import ExtraFit, fit_extra
from hebbayes.reverse_engineering.behaviour.subjects.fits import ModelFit, fit_subject
from hebbayes.reverse_engineering.behaviour.subjects.population import (
    Expansion,
    Normal,
    fit_population,
)

if TYPE_CHECKING:
    from hebbayes.reverse_engineering.behaviour.rivals.models import Model, Trials
    from hebbayes.reverse_engineering.behaviour.subjects.trials import SubjectTrials

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class SubjectTask:
    """One subject and the names of models.

    Attributes:
        subject: Its trials.
        models: Names.
    """

    subject: "SubjectTrials"
    models: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class PopulationTask:
    """One form of a model and all subjects.

    Attributes:
        model: Name of the model.
        extra: Name of the parameter that is freed as well; empty for none.
        form: Name of the form.
        subjects: Trials of all subjects.
        starts: (subjects, parameters).
    """

    model: str
    extra: str
    form: str
    subjects: "tuple[SubjectTrials, ...]"
    starts: Floats

    @property
    def name(self) -> str:
        """Name of the model, with the parameter that is freed."""
        return f"{self.model}: {self.extra}" if self.extra else self.model


@dataclass(frozen=True, eq=False)
class DelayTask:
    """One subject, one form of a model, and delays.

    Attributes:
        model: Name of the model.
        form: Name of the form.
        trials: Of the subject.
        start: Where fits start, (parameters,).
        delays: In trials.
    """

    model: str
    form: str
    trials: "Trials"
    start: Floats
    delays: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Fitted:
    """What a `PopulationTask` returns, without the model's functions.

    Attributes:
        normal: The population; None with too few subjects.
        expansion: Log likelihoods around the most probable parameters.
        mean: (subjects, parameters).
        covariance: (subjects, parameters, parameters).
        log_evidence: (subjects,).
    """

    normal: Normal | None
    expansion: Expansion
    mean: Floats
    covariance: Floats
    log_evidence: Floats


def run_subject(task: SubjectTask) -> Mapping[str, ModelFit]:
    """Return the fits of one subject by model.

    Example:
        >>> from hebbayes.data.behaviour import Behaviour
        >>> from hebbayes.reverse_engineering.behaviour.subjects.trials import ReadAs, subjects_of
        >>> behaviour = Behaviour([0, 1] * 10, np.ones((20, 1)), risk=[0.0, 1.0] * 10)
        >>> subject = subjects_of(behaviour, behaviour.stimuli, ReadAs())[0]
        >>> list(run_subject(SubjectTask(subject, ("constant",))))
        ['constant']
    """
    return fit_subject(task.subject, task.models)


def run_population(task: PopulationTask) -> "Fitted | ExtraFit":
    """Return the population of one form of a model, or an extra parameter subject by subject.

    Example:
        >>> from hebbayes.data.behaviour import Behaviour
        >>> from hebbayes.reverse_engineering.behaviour.subjects.trials import ReadAs, subjects_of
        >>> behaviour = Behaviour([0, 1] * 10, np.ones((20, 1)), risk=[0.0, 1.0] * 10)
        >>> subjects = tuple(subjects_of(behaviour, behaviour.stimuli, ReadAs()))
        >>> run_population(PopulationTask("constant", "", "", subjects, np.zeros((1, 1)))).normal
    """
    model = model_of(task.model, task.extra)
    if task.extra:
        n_own = len(model.own(task.subjects[0].trials))
        return fit_extra(model, task.subjects, task.starts, n_own)
    one = fit_population(model, task.form, task.subjects, task.starts)
    return Fitted(one.normal, one.expansion, one.mean, one.covariance, one.log_evidence)


def run_delay(task: DelayTask) -> DelayPosterior:
    """Return the posterior over delays of one subject.

    Example:
        >>> from hebbayes.data.behaviour import Behaviour
        >>> from hebbayes.reverse_engineering.behaviour.subjects.trials import ReadAs, subjects_of
        >>> behaviour = Behaviour([0, 1] * 20, np.ones((40, 1)), risk=[0.0, 1.0] * 20)
        >>> trials = subjects_of(behaviour, behaviour.stimuli, ReadAs())[0].trials
        >>> task = DelayTask("canonical", "", trials, np.array([4.0, 0.0, 0.0]), (0, 1))
        >>> sorted(run_delay(task).probability)
        [0, 1]
    """
    model = model_of(task.model)
    return delay_posterior(delay_evidence(model, task.form, task.trials, task.start, task.delays))


def model_of(name: str, extra: str = "") -> "Model":
    """Return the model called ``name``, with one more free parameter if ``extra`` names it.

    Example:
        >>> model_of("leaky", "precision").name
        'leaky with precision'
    """
    model = next(one for one in MODELS if one.name == name)
    return extended(model)[extra] if extra else model
