"""Subjects drawn from one population: empirical Bayes of each model's parameters.

On the scale without bounds, parameters of a subject are normal around the population's mean, with
the population's spread, independent of each other.  Mean and spread are fitted by EM to the
quadratic expansion of every subject's log likelihood; subjects are then fitted again under that
prior, and so on (Laplace-EM).  Weak priors hold mean and spread where subjects say little.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t as student

from hebbayes.reverse_engineering.behaviour.rivals.comparison import parameters_of, prior_of
from hebbayes.reverse_engineering.behaviour.rivals.evidence import LaplaceFit, NormalPrior
from hebbayes.reverse_engineering.behaviour.subjects.fits import fit_form, form_of
from hebbayes.reverse_engineering.statistics.estimate import (
    LEVEL,
    STANDARD_ERRORS,
    Estimate,
    normal_estimate,
)

if TYPE_CHECKING:
    from hebbayes.reverse_engineering.behaviour.rivals.models import Model, Parameter
    from hebbayes.reverse_engineering.behaviour.subjects.trials import SubjectTrials

Floats = NDArray[np.float64]

LEAST_SUBJECTS = 3
"""Fewer subjects say nothing of a population; each then keeps the wide prior."""

_ROUNDS = 2  # of new expansions
_EM_STEPS, _EM_TOLERANCE = 500, 1e-5
_FARTHEST = 3.0  # wide spreads from a point to the maximum of its expansion
_SPREAD_SHARE, _SPREAD_COUNT = 0.2, 1.0  # prior of the spread: a share of the wide prior's, counts


@dataclass(frozen=True, eq=False)
class Expansion:
    """Log likelihood of every subject around a point: slope and minus its curvature.

    Attributes:
        point: (subjects, parameters), on the scale without bounds.
        slope: (subjects, parameters).
        information: (subjects, parameters, parameters).
    """

    point: Floats
    slope: Floats
    information: Floats

    def __getitem__(self, rows: NDArray[np.bool_]) -> "Expansion":
        """Return some of the subjects."""
        return Expansion(self.point[rows], self.slope[rows], self.information[rows])


@dataclass(frozen=True, eq=False)
class Normal:
    """A population: independent normal parameters.

    Attributes:
        mean: (parameters,).
        spread: Standard deviations, (parameters,).
        mean_covariance: Uncertainty of the mean, (parameters, parameters).
        log_spread_error: Standard error of ln spread, (parameters,).
    """

    mean: Floats
    spread: Floats
    mean_covariance: Floats
    log_spread_error: Floats


@dataclass(frozen=True, eq=False)
class Population:
    """One model of all subjects.

    Attributes:
        model: Name of the model.
        form: Name of its form, the one that all subjects together favour.
        parameters: Their names and scales.
        normal: The population; None with fewer than 3 subjects.
        expansion: Log likelihoods around the most probable parameters.
        mean: Of each subject's posterior, (subjects, parameters).
        covariance: (subjects, parameters, parameters), the population's uncertainty included.
        log_evidence: Of each subject under the population's prior, (subjects,), nats.
    """

    model: str
    form: str
    parameters: "tuple[Parameter, ...]"
    normal: Normal | None
    expansion: Expansion
    mean: Floats
    covariance: Floats
    log_evidence: Floats

    @property
    def total_evidence(self) -> float:
        """Log evidence of all subjects, less (1/2) ln subjects per parameter of the population."""
        n_fitted = 0 if self.normal is None else 2 * len(self.parameters)
        return float(self.log_evidence.sum() - n_fitted / 2 * np.log(len(self.log_evidence)))

    def place(self, name: str) -> int:
        """Return the position of the parameter called ``name``."""
        return [one.name for one in self.parameters].index(name)

    def has(self, name: str) -> bool:
        """Return whether the model has that parameter."""
        return any(one.name == name for one in self.parameters)


def fit_population(
    model: "Model",
    form_name: str,
    subjects: Sequence["SubjectTrials"],
    starts: Floats,
    *,
    is_shared: bool = True,
) -> Population:
    """Return the population of one form of a model, from starts (subjects, parameters).

    Unless ``is_shared`` each subject keeps the wide prior.

    Example:
        >>> from hebbayes.data.behaviour import Behaviour
        >>> from hebbayes.reverse_engineering.behaviour.rivals.catalogue import MODELS
        >>> from hebbayes.reverse_engineering.behaviour.subjects.trials import ReadAs, subjects_of
        >>> rng = np.random.default_rng(0)
        >>> behaviour = Behaviour(rng.integers(0, 2, 400), np.ones((400, 1)), risk=rng.random(400),
        ...                       subject=np.repeat(np.arange(8), 50))
        >>> subjects = subjects_of(behaviour, behaviour.stimuli, ReadAs())
        >>> population = fit_population(MODELS[-2], "", subjects, np.zeros((8, 1)))
        >>> bool(abs(population.normal.mean[0]) < 0.3), population.mean.shape
        (True, (8, 1))
    """
    forms = [form_of(model, form_name, one.trials) for one in subjects]
    parameters = parameters_of(model, subjects[0].trials)
    wide = prior_of(forms[0], parameters, len(model.own(subjects[0].trials)))
    prior, normal, points = wide, None, starts
    for last in (False,) * _ROUNDS + (True,):
        fits = [
            fit_form(model, form, one.trials, prior, point[None])
            for form, one, point in zip(forms, subjects, points)
        ]
        expansion = _expansion(fits, prior, wide)
        points = expansion.point
        if last or not is_shared or len(subjects) < LEAST_SUBJECTS:
            break
        normal = fit_normal(expansion, wide)
        prior = NormalPrior(normal.mean, normal.spread)
    mean, covariance = _posterior(expansion, prior, normal)
    evidence = np.array([one.log_evidence for one in fits])
    return Population(
        model.name, form_name, parameters, normal, expansion, mean, covariance, evidence
    )


def fit_normal(expansion: Expansion, wide: NormalPrior) -> Normal:
    """Return the normal population of subjects with these log likelihoods, by EM.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> truth = rng.normal(2.0, 0.5, (4000, 1))
        >>> seen = truth + 0.3 * rng.normal(size=truth.shape)
        >>> exact = Expansion(seen, np.zeros_like(seen), np.full((4000, 1, 1), 0.3**-2))
        >>> normal = fit_normal(exact, NormalPrior(np.zeros(1), np.full(1, 3.0)))
        >>> normal.mean.round(1).tolist(), normal.spread.round(2).tolist()
        ([2.0], [0.5])
    """
    n = len(expansion.point)
    information = expansion.information
    pull = np.einsum("spq,sq->sp", information, expansion.point) + expansion.slope
    mean, spread = wide.mean, _SPREAD_SHARE * wide.spread
    least = (_SPREAD_SHARE * wide.spread) ** 2
    for _ in range(_EM_STEPS):
        precision = np.diag(spread**-2.0)
        covariance = np.linalg.inv(information + precision)
        subject = np.einsum("spq,sq->sp", covariance, pull + mean / spread**2)
        new_mean = (subject.sum(0) / spread**2 + wide.mean / wide.spread**2) / (
            n / spread**2 + wide.spread**-2.0
        )
        squares = ((subject - new_mean) ** 2 + np.diagonal(covariance, axis1=1, axis2=2)).sum(0)
        new_spread = np.sqrt((_SPREAD_COUNT * least + squares) / (_SPREAD_COUNT + n - 1))
        change = max(
            float(np.abs((new_mean - mean) / wide.spread).max()),
            float(np.abs(np.log(new_spread / spread)).max()),
        )
        mean, spread = new_mean, new_spread
        if change < _EM_TOLERANCE:
            break
    # (spread^2 + 1 / information)^-1 of every subject, without the inverse of the information
    precision = np.diag(spread**-2.0)
    inner = np.linalg.inv(information + precision)
    known = precision - precision @ inner @ precision
    mean_covariance = np.linalg.inv(known.sum(0) + np.diag(wide.spread**-2.0))
    about_variance = (np.diagonal(known, axis1=1, axis2=2) ** 2).sum(0) / 2
    error = 1 / (2 * spread**2 * np.sqrt(about_variance + _SPREAD_COUNT / (2 * spread**4)))
    return Normal(mean, spread, mean_covariance, error)


def mean_estimate(normal: Normal, n_subjects: int) -> "Estimate[Floats]":
    """Return the population's mean with its interval, Student's for few subjects, (parameters,).

    Example:
        >>> normal = Normal(np.zeros(1), np.ones(1), np.eye(1) / 10, np.ones(1))
        >>> mean_estimate(normal, 10).high.round(2).tolist()
        [0.72]
    """
    reach = STANDARD_ERRORS * np.sqrt(np.diag(interval_covariance(normal, n_subjects)))
    return Estimate(normal.mean, normal.mean - reach, normal.mean + reach)


def interval_covariance(normal: Normal, n_subjects: int) -> Floats:
    """Return the mean's uncertainty, so wide that normal intervals by it are Student's.

    For few subjects their own spread is uncertain, too: (parameters, parameters).

    Example:
        >>> normal = Normal(np.zeros(1), np.ones(1), np.eye(1), np.ones(1))
        >>> np.sqrt(interval_covariance(normal, 3)).round(2).tolist()
        [[2.2]]
    """
    wider = student.ppf(0.5 + LEVEL / 2, n_subjects - 1) / STANDARD_ERRORS
    return np.asarray(wider**2 * normal.mean_covariance)


def spread_estimate(normal: Normal) -> "Estimate[Floats]":
    """Return the population's spread with its interval, (parameters,).

    Example:
        >>> normal = Normal(np.zeros(1), np.ones(1), np.eye(1), np.full(1, 0.1))
        >>> spread_estimate(normal).high.round(2).tolist()
        [1.22]
    """
    factor = np.exp(STANDARD_ERRORS * normal.log_spread_error)
    return Estimate(normal.spread, normal.spread / factor, normal.spread * factor)


def subject_estimate(population: Population, k: int) -> "Estimate[Floats]":
    """Return subject ``k``'s parameters on the scale without bounds, (parameters,).

    Example:
        >>> nothing = Expansion(*[np.zeros((1, 1))] * 2, np.zeros((1, 1, 1)))
        >>> one = Population("a", "", (), None, nothing, np.zeros((1, 1)), np.ones((1, 1, 1)),
        ...                  np.zeros(1))
        >>> subject_estimate(one, 0).high.round(2).tolist()
        [1.96]
    """
    return normal_estimate(population.mean[k], np.sqrt(np.diag(population.covariance[k])))


def _expansion(fits: Sequence[LaplaceFit], prior: NormalPrior, wide: NormalPrior) -> Expansion:
    """At the most probable point the prior's slope and the likelihood's cancel.

    The quadratic's own maximum is kept near the point where the likelihood is nearly flat.
    """
    point = np.array([one.parameters for one in fits])
    precision = np.diag(prior.spread**-2.0)
    information = np.array([np.linalg.inv(one.covariance) - precision for one in fits])
    slope = (point - prior.mean) / prior.spread**2
    unit = wide.spread  # in which eigenvalues of different parameters can be compared
    values, vectors = np.linalg.eigh(unit[:, None] * information * unit)
    values = np.maximum(values, 0.0)
    along = np.einsum("spi,sp->si", vectors, slope * unit)
    along = np.clip(along, -_FARTHEST * values, _FARTHEST * values)
    return Expansion(
        point,
        np.einsum("spi,si->sp", vectors, along) / unit,
        np.einsum("spi,si,sqi->spq", vectors, values, vectors) / np.outer(unit, unit),
    )


def _posterior(
    expansion: Expansion, prior: NormalPrior, normal: Normal | None
) -> tuple[Floats, Floats]:
    precision = np.diag(prior.spread**-2.0)
    covariance = np.linalg.inv(expansion.information + precision)
    if normal is None:
        return expansion.point, np.asarray(covariance, float)
    pulled = covariance @ precision
    more = pulled @ normal.mean_covariance @ pulled.transpose(0, 2, 1)
    return expansion.point, np.asarray(covariance + more, float)
