"""What choices say of every subject and of the population: the pieces put together.

Fits come from `tasks`, so that processes can share them; nothing is fitted here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hebbayes.reverse_engineering.behaviour.rivals.catalogue import MODELS
from hebbayes.reverse_engineering.behaviour.rivals.comparison import (
    judge,
    parameters_of,
    prior_of,
)
from hebbayes.reverse_engineering.behaviour.subjects.elements import (
    ELEMENT_NAMES,
    Element,
    elements_of,
    extra_element,
    natural,
    psi_estimate,
    theory_models,
)
from hebbayes.reverse_engineering.behaviour.subjects.extras import ExtraFit
from hebbayes.reverse_engineering.behaviour.subjects.fits import form_of, total_evidence
from hebbayes.reverse_engineering.behaviour.subjects.population import (
    Population,
    interval_covariance,
    mean_estimate,
    spread_estimate,
    subject_estimate,
)
from hebbayes.reverse_engineering.behaviour.subjects.synapses import (
    read_synapses,
    start_probability,
)
from hebbayes.reverse_engineering.behaviour.subjects.tasks import (
    DelayTask,
    Fitted,
    PopulationTask,
    model_of,
)
from hebbayes.reverse_engineering.statistics.estimate import Estimate

if TYPE_CHECKING:
    from hebbayes.data.behaviour import Behaviour
    from hebbayes.reverse_engineering.behaviour.rivals.evidence import NormalPrior
    from hebbayes.reverse_engineering.behaviour.subjects.delays import DelayPosterior
    from hebbayes.reverse_engineering.behaviour.subjects.fits import ModelFit
    from hebbayes.reverse_engineering.behaviour.subjects.synapses import DecisionSynapses
    from hebbayes.reverse_engineering.behaviour.subjects.trials import SubjectTrials

Floats = NDArray[np.float64]
Fits = Sequence[Mapping[str, "ModelFit"]]

EXTRAS = ("precision", "modulator bias")
WITHOUT_OUTCOMES = ("unmodulated", "constant", "readout")
"""Models that can be judged where no outcome is known."""

_KINDS = {model.name: model.kind for model in MODELS}


@dataclass(frozen=True, eq=False)
class SubjectDescription:
    """What choices say of one subject.

    Attributes:
        name: Of the subject.
        group: Its group, or None.
        n_trials: Trials of the subject.
        n_used: Decisions that are explained.
        n_missed: Trials without a choice.
        n_without_outcome: Decisions whose outcome is unknown; they teach nothing.
        success: Mean of 1 - risk over known outcomes.
        verdict: Class of models that explains the decisions.
        log_evidence: Of each model, nats.
        log_loss: Of each model on held-out decisions, nats per trial.
        psi: Of each choice, (choices ever made,), under the theory.
        elements: Other elements, by name, under the theory.
        winner: Natural parameters of the population's best model, by name.
        synapses: What decision synapses hold under the theory; None without outcomes.
        delay: Posterior over the trials until an outcome is learnt from; None if not asked.
    """

    name: Any
    group: Any
    n_trials: int
    n_used: int
    n_missed: int
    n_without_outcome: int
    success: float
    verdict: str
    log_evidence: Mapping[str, float]
    log_loss: Mapping[str, float]
    psi: Estimate
    elements: Mapping[str, Element]
    winner: Mapping[str, Estimate]
    synapses: "DecisionSynapses | None" = None
    delay: "DelayPosterior | None" = None


@dataclass(frozen=True, eq=False)
class PopulationDescription:
    """What the choices of all subjects say together.

    Attributes:
        verdict: Class of models that explains all subjects best, each as a population.
        base: Name of the theory's model that elements are read from.
        best: Name of the best model.
        log_evidence: Of each model, nats: of the population, or of the few subjects one by one.
        models: Every model of all subjects.
        extras: The theory's model with one more free parameter, by that parameter.
        psi: Of the typical subject, (choices,); None with too few subjects.
        elements: Typical value of each element, natural units; empty with too few subjects.
        spreads: Spread of each on the scale without bounds.
        start: Probability of each choice before learning, of the typical subject, (choices,).
    """

    verdict: str
    base: str
    best: str
    log_evidence: Mapping[str, float]
    models: Mapping[str, Population]
    extras: Mapping[str, ExtraFit]
    psi: Estimate | None
    elements: Mapping[str, Estimate]
    spreads: Mapping[str, Estimate]
    start: Estimate | None = None


def models_for(behaviour: "Behaviour") -> tuple[str, ...]:
    """Return the names of the models that these outcomes allow.

    Example:
        >>> from hebbayes.data.behaviour import Behaviour
        >>> models_for(Behaviour([0, 1], np.eye(2)))
        ('unmodulated', 'constant', 'readout')
    """
    risk = np.zeros(0) if behaviour.risk is None else behaviour.risk
    known = risk[np.isfinite(risk)]
    if known.size == 0 or np.ptp(known) < 1e-3:
        return WITHOUT_OUTCOMES
    return tuple(model.name for model in MODELS)


def population_tasks(
    subjects: Sequence["SubjectTrials"], fits: Fits
) -> tuple[str, list[PopulationTask]]:
    """Return the theory's best model (or "") and one task per model, then one per extra parameter.

    Each model takes the form that all subjects together favour.

    Example:
        >>> from hebbayes.data.behaviour import Behaviour
        >>> from hebbayes.reverse_engineering.behaviour.subjects.fits import fit_subject
        >>> from hebbayes.reverse_engineering.behaviour.subjects.trials import ReadAs, subjects_of
        >>> behaviour = Behaviour([0, 1] * 10, np.ones((20, 1)), risk=[0.0, 1.0] * 10)
        >>> subjects = subjects_of(behaviour, behaviour.stimuli, ReadAs())
        >>> base, tasks = population_tasks(subjects, [fit_subject(subjects[0], ["canonical"])])
        >>> base, [task.extra for task in tasks]
        ('canonical', ['', 'precision', 'modulator bias'])
    """
    tasks, totals = [], {}
    for name in fits[0]:
        forms = [
            sum(one[name].forms[k].fit.log_evidence for one in fits)
            for k in range(len(fits[0][name].forms))
        ]
        k = int(np.argmax(forms))
        totals[name] = forms[k]
        starts = np.array([one[name].forms[k].fit.parameters for one in fits])
        tasks.append(PopulationTask(name, "", fits[0][name].forms[k].name, tuple(subjects), starts))
    theory = [model.name for model in theory_models() if model.name in totals]
    if not theory:
        return "", tasks
    base = max(theory, key=totals.__getitem__)
    task = next(one for one in tasks if one.model == base)
    more = [
        PopulationTask(base, extra, task.form, tuple(subjects), task.starts) for extra in EXTRAS
    ]
    return base, tasks + more


def delay_tasks(
    subjects: Sequence["SubjectTrials"], population: PopulationDescription, delays: tuple[int, ...]
) -> list[DelayTask]:
    """Return one task per subject: the theory's model with each of these delays.

    Example:
        >>> delay_tasks  # doctest: +ELLIPSIS
        <function delay_tasks at ...>
    """
    if not (population.base and delays):
        return []
    base = population.models[population.base]
    return [
        DelayTask(base.model, base.form, one.trials, start, delays)
        for one, start in zip(subjects, base.mean)
    ]


def population_of(task: PopulationTask, fitted: Fitted) -> Population:
    """Return what a task returned, with the names and scales of its parameters.

    Example:
        >>> from hebbayes.data.behaviour import Behaviour
        >>> from hebbayes.reverse_engineering.behaviour.subjects.tasks import run_population
        >>> from hebbayes.reverse_engineering.behaviour.subjects.trials import ReadAs, subjects_of
        >>> behaviour = Behaviour([0, 1] * 10, np.ones((20, 1)), risk=[0.0, 1.0] * 10)
        >>> subjects = tuple(subjects_of(behaviour, behaviour.stimuli, ReadAs()))
        >>> task = PopulationTask("constant", "", "", subjects, np.zeros((1, 1)))
        >>> population_of(task, run_population(task)).parameters[0].name
        'bias of decision 0'
    """
    model = model_of(task.model)
    return Population(
        model.name,
        task.form,
        parameters_of(model, task.subjects[0].trials),
        fitted.normal,
        fitted.expansion,
        fitted.mean,
        fitted.covariance,
        fitted.log_evidence,
    )


def wide_prior(population: Population, subject: "SubjectTrials") -> "NormalPrior":
    """Return the wide prior of a population's parameters.

    Example:
        >>> wide_prior  # doctest: +ELLIPSIS
        <function wide_prior at ...>
    """
    model = model_of(population.model)
    form = form_of(model, population.form, subject.trials)
    return prior_of(form, population.parameters, len(model.own(subject.trials)))


def describe_population(
    base: str,
    fitted: Sequence[tuple[PopulationTask, Fitted | ExtraFit]],
    n_choices: int,
    fits: Fits,
) -> PopulationDescription:
    """Return the verdict on all subjects, and the typical subject's elements.

    Example:
        >>> describe_population  # doctest: +ELLIPSIS
        <function describe_population at ...>
    """
    populations = {t.name: population_of(t, one) for t, one in fitted if isinstance(one, Fitted)}
    extras = {t.extra: one for t, one in fitted if isinstance(one, ExtraFit)}
    is_population = next(iter(populations.values())).normal is not None
    evidence = total_evidence(fits)
    if is_population:
        evidence = {name: populations[name].total_evidence for name in evidence}
    best = max(evidence, key=evidence.__getitem__)
    psi, start, elements, spreads = None, None, {}, {}
    if base and (normal := populations[base].normal) is not None:
        n = len(populations[base].mean)
        covariance = interval_covariance(normal, n)
        psi = psi_estimate(normal.mean, covariance, n_choices)
        start = start_probability(normal.mean, covariance, n_choices)
        typical, spread = mean_estimate(normal, n), spread_estimate(normal)
        for place, parameter in enumerate(populations[base].parameters):
            if key := ELEMENT_NAMES.get(parameter.name):
                elements[key] = natural(parameter, typical, place)
                spreads[key] = Estimate(*(float(e[place]) for e in spread.as_tuple()))
    return PopulationDescription(
        judge(evidence, _KINDS),
        base,
        best,
        evidence,
        populations,
        extras,
        psi,
        elements,
        spreads,
        start,
    )


def describe_subjects(
    behaviour: "Behaviour",
    subjects: Sequence["SubjectTrials"],
    fits: Fits,
    population: PopulationDescription,
    delays: Sequence["DelayPosterior"] = (),
) -> list[SubjectDescription]:
    """Return what choices say of every subject; ``delays`` are theirs, or none.

    Example:
        >>> describe_subjects  # doctest: +ELLIPSIS
        <function describe_subjects at ...>
    """
    described = []
    group = behaviour.group
    for k, (subject, fit) in enumerate(zip(subjects, fits)):
        trials, evidence = subject.trials, {name: one.log_evidence for name, one in fit.items()}
        unknown = np.isnan(trials.worth)
        psi, elements = _elements(population, subject, k)
        best = population.models[population.best]
        estimate = subject_estimate(best, k)
        described.append(
            SubjectDescription(
                name=behaviour.subject_ids[k],
                group=None if group is None else group[k],
                n_trials=len(trials.decision),
                n_used=int(trials.is_used.sum()),
                n_missed=int((trials.decision < 0).sum()),
                n_without_outcome=int((trials.is_used & unknown).sum()),
                success=float(np.mean((1 + trials.worth[~unknown]) / 2))
                if (~unknown).any()
                else np.nan,
                verdict=verdict_on(fit),
                log_evidence=evidence,
                log_loss={name: one.log_loss for name, one in fit.items()},
                psi=psi,
                elements=elements,
                winner={
                    one.name: natural(one, estimate, place)
                    for place, one in enumerate(best.parameters)
                },
                synapses=read_synapses(population.models[population.base], trials, k)
                if population.base
                else None,
                delay=delays[k] if delays else None,
            )
        )
    return described


def verdict_on(fits: "Mapping[str, ModelFit]") -> str:
    """Return the class of models that explains one subject's decisions.

    Example:
        >>> from hebbayes.reverse_engineering.behaviour.subjects.fits import ModelFit
        >>> verdict_on({"canonical": ModelFit((), -9.0, 0.6), "constant": ModelFit((), -8.0, 0.6)})
        'does not learn'
    """
    return judge({name: one.log_evidence for name, one in fits.items()}, _KINDS)


def _elements(
    population: PopulationDescription, subject: "SubjectTrials", k: int
) -> tuple[Estimate, dict[str, Element]]:
    n_choices = subject.trials.n_decisions
    if not population.base:
        one = population.models[population.best]
        return psi_estimate(one.mean[k], one.covariance[k], n_choices), {}
    base = population.models[population.base]
    wide = wide_prior(base, subject)
    spread = dict(zip((p.name for p in base.parameters), wide.spread.tolist()))
    elements = elements_of(base, k, spread)
    for extra, fit in population.extras.items():
        elements |= extra_element(extra, fit, k)
    return psi_estimate(base.mean[k], base.covariance[k], n_choices), elements
