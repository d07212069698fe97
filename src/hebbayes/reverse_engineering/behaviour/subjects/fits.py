"""Every model beside the decisions of one subject, and how it predicts decisions held out.

A fit without a fold starts from the fit of all trials and takes one step of Fisher scoring; where
that step is not to be trusted the fold is fitted anew.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hebbayes.core.errors import ValueRangeError
from hebbayes.reverse_engineering.behaviour.rivals.catalogue import MODELS
from hebbayes.reverse_engineering.behaviour.rivals.comparison import (
    parameters_of,
    prior_of,
    start_values,
    unbounded_log_odds,
)
from hebbayes.reverse_engineering.behaviour.rivals.evidence import (
    STEP,
    LaplaceFit,
    NormalPrior,
    laplace_fit,
    mean_log,
)
from hebbayes.reverse_engineering.behaviour.rivals.kernels import score

if TYPE_CHECKING:
    from hebbayes.reverse_engineering.behaviour.rivals.models import Form, Model, Trials
    from hebbayes.reverse_engineering.behaviour.subjects.trials import SubjectTrials

Floats = NDArray[np.float64]

MOST_DECISIONS, MOST_WEIGHTS = 64, 300

_HOPELESS = 6.0  # nats by which a form is worse than another: no fold favours it
_FOLD_TOLERANCE = 0.003  # nats that the last step of a fold's fit still gains
_TRUSTED = 0.1  # nats that a step may gain, or miss of what its slope promised


@dataclass(frozen=True, eq=False)
class FormFit:
    """One form of a model beside one subject; picklable.

    Attributes:
        name: Of the form.
        fit: Most probable parameters under the wide prior, given all trials.
        held_out: Log likelihood of the decisions of each fold, fitted without it, (folds,), nats.
        trained: Log evidence of the other decisions, (folds,); minus infinity, as ``held_out``, if
            another form is far better.
    """

    name: str
    fit: LaplaceFit
    held_out: Floats
    trained: Floats


@dataclass(frozen=True, eq=False)
class ModelFit:
    """A model beside one subject.

    Attributes:
        forms: Its forms.
        log_evidence: The mean over them, nats.
        log_loss: Of held-out decisions, nats per trial, each fold by the form that its training
            trials favour.
    """

    forms: tuple[FormFit, ...]
    log_evidence: float
    log_loss: float


def fit_subject(
    subject: "SubjectTrials", names: Sequence[str], *, is_held_out: bool = True
) -> dict[str, ModelFit]:
    """Return the fits of the models called ``names`` by name.

    Raises `ValueRangeError` with more than 64 choices, or too many weights of a fixed policy.

    Example:
        >>> from hebbayes.data.behaviour import Behaviour
        >>> from hebbayes.reverse_engineering.behaviour.subjects.trials import ReadAs, subjects_of
        >>> rng = np.random.default_rng(0)
        >>> behaviour = Behaviour(rng.integers(0, 2, 200), np.ones((200, 1)), risk=rng.random(200))
        >>> subject = subjects_of(behaviour, behaviour.stimuli, ReadAs())[0]
        >>> round(fit_subject(subject, ["constant"])["constant"].log_loss, 1)
        0.7
    """
    trials = subject.trials
    n, n_states = trials.n_decisions, trials.x.shape[1]
    if n > MOST_DECISIONS or n_states * (n - 1) > MOST_WEIGHTS:
        raise ValueRangeError(
            f"{n} choices read from {n_states} states are too many to compare models: at most "
            f"{MOST_DECISIONS} choices and {MOST_WEIGHTS} weights; merge rare choices or stimuli."
        )
    return {
        one.name: _fitted(one, subject, is_held_out=is_held_out)
        for one in MODELS
        if one.name in names
    }


def form_of(model: "Model", name: str, trials: "Trials") -> "Form":
    """Return the form of that name on these trials.

    Example:
        >>> from hebbayes.data.behaviour import Behaviour
        >>> from hebbayes.reverse_engineering.behaviour.subjects.trials import ReadAs, subjects_of
        >>> behaviour = Behaviour([0, 1], np.ones((2, 1)), risk=[0.0, 1.0])
        >>> trials = subjects_of(behaviour, behaviour.stimuli, ReadAs())[0].trials
        >>> form_of(MODELS[-1], "prior spread 4", trials).spread
        4.0
    """
    return next(form for form in model.forms(trials) if form.name == name)


def fit_form(
    model: "Model",
    form: "Form",
    trials: "Trials",
    prior: NormalPrior | None = None,
    starts: Floats | None = None,
) -> LaplaceFit:
    """Return the most probable parameters of a form, by default under its wide prior.

    Example:
        >>> from hebbayes.data.behaviour import Behaviour
        >>> from hebbayes.reverse_engineering.behaviour.subjects.trials import ReadAs, subjects_of
        >>> behaviour = Behaviour([0, 1], np.ones((2, 1)), risk=[0.0, 1.0])
        >>> trials = subjects_of(behaviour, behaviour.stimuli, ReadAs())[0].trials
        >>> constant = MODELS[-2]
        >>> fit_form(constant, constant.forms(trials)[0], trials).parameters.tolist()
        [0.0]
    """
    parameters = parameters_of(model, trials)
    if prior is None:
        prior = prior_of(form, parameters, len(model.own(trials)))
    used = trials.is_used
    return laplace_fit(
        lambda values: unbounded_log_odds(form, parameters, values)[:, used],
        trials.decision[used],
        prior,
        start_values(parameters) if starts is None else starts,
    )


def _fitted(model: "Model", subject: "SubjectTrials", *, is_held_out: bool) -> ModelFit:
    fits = [(form, fit_form(model, form, subject.trials)) for form in model.forms(subject.trials)]
    best = max(fit.log_evidence for _, fit in fits)
    forms = []
    for form, fit in fits:
        held = trained = np.full(subject.n_folds, -np.inf)
        if is_held_out and best - fit.log_evidence < _HOPELESS:
            held, trained = _held_out(model, form, subject, fit)
        forms.append(FormFit(form.name, fit, held, trained))
    evidence = mean_log(np.array([one.fit.log_evidence for one in forms]))
    return ModelFit(tuple(forms), evidence, _log_loss(forms, subject) if is_held_out else np.nan)


def _log_loss(forms: Sequence[FormFit], subject: "SubjectTrials") -> float:
    n = int((subject.trials.is_used & (subject.fold >= 0)).sum())
    best = np.argmax([one.trained for one in forms], axis=0)  # in each fold
    total = sum(float(forms[k].held_out[fold]) for fold, k in enumerate(best))
    return -total / n if n else float("nan")


def _held_out(
    model: "Model", form: "Form", subject: "SubjectTrials", fit: LaplaceFit
) -> tuple[Floats, Floats]:
    """Log likelihood of each fold, and log evidence of the rest."""
    trials = subject.trials
    used = trials.is_used
    parameters = parameters_of(model, trials)
    prior = prior_of(form, parameters, len(model.own(trials)))
    decision, fold = trials.decision[used], subject.fold[used]

    def log_odds(values: Floats) -> Floats:
        return unbounded_log_odds(form, parameters, values)[:, used]

    def height(point: Floats, rest: NDArray[np.bool_]) -> tuple[float, float]:
        odds = log_odds(point[None])
        inside, outside = (score(odds[:, part], decision[part], STEP)[0] for part in (rest, ~rest))
        return inside + float(prior.log_density(point)), outside

    n = fit.parameters.size
    moved = log_odds(np.vstack([fit.parameters, fit.parameters + STEP * np.eye(n)]))
    held, trained = np.zeros(subject.n_folds), np.zeros(subject.n_folds)
    for k in np.unique(fold[fold >= 0]):
        rest = fold != k
        likelihood, slope, information = score(moved[:, rest], decision[rest], STEP)
        slope = slope - (fit.parameters - prior.mean) / prior.spread**2
        information = information + np.diag(prior.spread**-2.0)
        step = np.linalg.solve(information, slope)
        promised = float(slope @ step) / 2
        point = fit.parameters + step
        inside, outside = height(point, rest)
        gain = inside - likelihood - float(prior.log_density(fit.parameters))
        evidence = inside + n / 2 * np.log(2 * np.pi) - np.linalg.slogdet(information)[1] / 2
        if max(promised, abs(gain - promised)) > _TRUSTED:
            again = laplace_fit(
                lambda values, rest=rest: log_odds(values)[:, rest],
                decision[rest],
                prior,
                (point if gain > 0 else fit.parameters)[None],
                _FOLD_TOLERANCE,
            )
            evidence, outside = again.log_evidence, height(again.parameters, rest)[1]
        held[k], trained[k] = outside, evidence
    return held, trained


def total_evidence(fits: Sequence[Mapping[str, ModelFit]]) -> dict[str, float]:
    """Return the log evidence of every model, summed over subjects.

    Example:
        >>> total_evidence([{"a": ModelFit((), -3.0, 0.5)}, {"a": ModelFit((), -4.0, 0.5)}])
        {'a': -7.0}
    """
    return {name: sum(one[name].log_evidence for one in fits) for name in fits[0]}
