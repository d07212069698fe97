"""Precision and the modulator's bias of each subject, which the theory fixes at 1 and 0.

Each lies on a curved ridge with lambda / gain and leak, along which a normal approximation is
wrong.  So the parameter is held at values of a grid, finer near the best, all others are fitted and
integrated at each (Laplace), and the evidence along the grid is the posterior.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import PchipInterpolator

from hebbayes.reverse_engineering.behaviour.rivals.comparison import (
    parameters_of,
    prior_of,
    unbounded_log_odds,
)
from hebbayes.reverse_engineering.behaviour.rivals.evidence import (
    LaplaceFit,
    NormalPrior,
    laplace_fit,
)
from hebbayes.reverse_engineering.statistics.estimate import LEVEL

if TYPE_CHECKING:
    from hebbayes.reverse_engineering.behaviour.rivals.models import Model
    from hebbayes.reverse_engineering.behaviour.subjects.trials import SubjectTrials

Floats = NDArray[np.float64]

_REACH, _N_HALVINGS = 3, 4  # prior spreads on both sides, one point each; halvings near the best
_HOPELESS = 30.0  # nats below the best, beyond which nothing is looked for
_N_FINE = 2001  # points of the interpolation
_TOLERANCE = 0.02  # nats


@dataclass(frozen=True, eq=False)
class ExtraFit:
    """One more parameter of every subject, on the scale without bounds.

    Attributes:
        value: Posterior mean, (subjects,).
        low: Lower end of the interval, (subjects,).
        high: Upper end, (subjects,).
        share: Posterior standard deviation, as a share of the prior's, (subjects,).
        log_evidence: With the parameter free, (subjects,), nats.
    """

    value: Floats
    low: Floats
    high: Floats
    share: Floats
    log_evidence: Floats


def fit_extra(
    model: "Model", subjects: Sequence["SubjectTrials"], starts: Floats, n_own: int
) -> ExtraFit:
    """Return the last of the ``n_own`` own parameters of ``model``, subject by subject.

    ``starts`` (subjects, parameters) are of the model without it.

    Example:
        >>> from hebbayes.data.behaviour import Behaviour
        >>> from hebbayes.reverse_engineering.behaviour.rivals.catalogue import MODELS
        >>> from hebbayes.reverse_engineering.behaviour.subjects.elements import extended
        >>> from hebbayes.reverse_engineering.behaviour.subjects.trials import ReadAs, subjects_of
        >>> behaviour = Behaviour([0, 1] * 4, np.ones((8, 1)), risk=[0.0, 1.0] * 4)
        >>> subjects = subjects_of(behaviour, behaviour.stimuli, ReadAs())
        >>> precision = extended(MODELS[0])["precision"]
        >>> fit = fit_extra(precision, subjects, np.array([[4.0, 0.0, 0.0]]), 2)
        >>> bool(fit.low[0] < fit.value[0] < fit.high[0]), bool(fit.share[0] > 0.8)
        (True, True)
    """
    rows = [_posterior(model, one, start, n_own - 1) for one, start in zip(subjects, starts)]
    return ExtraFit(*np.array(rows).T)


def _posterior(
    model: "Model", subject: "SubjectTrials", start: Floats, place: int
) -> tuple[float, float, float, float, float]:
    trials = subject.trials
    (form,) = model.forms(trials)
    parameters, used = parameters_of(model, trials), trials.is_used
    whole = prior_of(form, parameters, place + 1)
    others = NormalPrior(np.delete(whole.mean, place), np.delete(whole.spread, place))

    def fit(value: float, point: Floats) -> LaplaceFit:
        return laplace_fit(
            lambda values: unbounded_log_odds(
                form, parameters, np.insert(values, place, value, axis=1)
            )[:, used],
            trials.decision[used],
            others,
            point[None],
            _TOLERANCE,
        )

    grid, evidence = _along(fit, start, float(whole.mean[place]), float(whole.spread[place]))
    return posterior_on_grid(grid, evidence, float(whole.mean[place]), float(whole.spread[place]))


def _along(
    fit: Callable[[float, Floats], LaplaceFit], start: Floats, centre: float, spread: float
) -> tuple[Floats, Floats]:
    """Values and the evidence at each: a coarse grid, then halves of what is around the best."""
    fits = {centre: fit(centre, start)}
    for sign in (1.0, -1.0):
        point = fits[centre].parameters
        for step in range(1, _REACH + 1):
            value = centre + sign * step * spread
            fits[value] = fit(value, point)
            point = fits[value].parameters
            if fits[value].log_evidence < _best(fits)[1].log_evidence - _HOPELESS:
                break
    for _ in range(_N_HALVINGS):
        grid = sorted(fits)
        value, best = _best(fits)
        k = grid.index(value)
        for other in grid[max(k - 1, 0) : k] + grid[k + 1 : k + 2]:
            fits[(value + other) / 2] = fit((value + other) / 2, best.parameters)
    grid = sorted(fits)
    return np.array(grid), np.array([fits[value].log_evidence for value in grid])


def _best(fits: Mapping[float, LaplaceFit]) -> tuple[float, LaplaceFit]:
    return max(fits.items(), key=lambda one: one[1].log_evidence)


def posterior_on_grid(
    grid: Floats, evidence: Floats, centre: float, spread: float
) -> tuple[float, float, float, float, float]:
    """Return mean, ends, share of the prior's spread, and log evidence of a posterior on a grid.

    The prior is normal.

    Example:
        >>> mean, *_ = posterior_on_grid(np.linspace(-2, 2, 9), np.zeros(9), 0.0, 0.5)
        >>> abs(round(mean, 6))
        0.0
    """
    fine = np.linspace(grid[0], grid[-1], _N_FINE)
    prior = -0.5 * ((fine - centre) / spread) ** 2 - np.log(spread * np.sqrt(2 * np.pi))
    height = PchipInterpolator(grid, evidence)(fine) + prior
    weight = np.exp(height - height.max())
    total = float(height.max() + np.log(weight.sum() * (fine[1] - fine[0])))
    weight /= weight.sum()
    mean = float(weight @ fine)
    tail = (1 - LEVEL) / 2
    low, high = np.interp([tail, 1 - tail], weight.cumsum(), fine)
    sd = float(np.sqrt(weight @ (fine - mean) ** 2))
    return mean, float(low), float(high), sd / spread, total
