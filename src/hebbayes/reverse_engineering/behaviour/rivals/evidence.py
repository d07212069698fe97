"""How well a model of decisions explains them: Laplace evidence at the most probable parameters.

    ln evidence = ln likelihood + ln prior + (n / 2) ln 2 pi - (1 / 2) ln det(information)

Parameters are unbounded, with independent normal priors; information is Fisher's plus the prior's
(docs/recordings.md).  Fisher scoring with Levenberg's damping; slopes by forward differences.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hebbayes.reverse_engineering.behaviour.rivals.kernels import score

Floats = NDArray[np.float64]

STEP = 1e-6
"""Of a forward difference."""

_NSTEPS = 60
_TOLERANCE = 5e-4  # nats that the last step of a fit still gains
_N_CLIMBS = 2  # starts that are followed to the top


@dataclass(frozen=True, eq=False)
class NormalPrior:
    """Independent normal priors.

    Attributes:
        mean: (parameters,).
        spread: Standard deviations, (parameters,).
    """

    mean: Floats
    spread: Floats

    def log_density(self, parameters: Floats) -> Floats:
        """Return ln prior of parameters (..., parameters)."""
        z = (parameters - self.mean) / self.spread
        return np.asarray(-0.5 * (z**2 + np.log(2 * np.pi) + 2 * np.log(self.spread)).sum(-1))


@dataclass(frozen=True, eq=False)
class LaplaceFit:
    """The most probable parameters and what the decisions say of them.

    Attributes:
        parameters: Most probable values, (parameters,).
        covariance: Of the normal approximation, (parameters, parameters).
        log_likelihood: Nats.
        log_evidence: Nats.
    """

    parameters: Floats
    covariance: Floats
    log_likelihood: float
    log_evidence: float


@dataclass(frozen=True, eq=False)
class _Point:
    """A point of the climb: height ln likelihood + ln prior, its slope and information."""

    parameters: Floats
    likelihood: float
    height: float
    slope: Floats
    information: Floats


def laplace_fit(
    log_odds: Callable[[Floats], Floats],
    decision: NDArray[np.int64],
    prior: NormalPrior,
    starts: Floats,
    tolerance: float = _TOLERANCE,
) -> LaplaceFit:
    """Return the fit of ``log_odds`` to the decisions (trials,), from the best of the starts.

    ``log_odds`` maps parameters (sets, parameters) to (sets, trials, decisions).  A climb ends when
    a step gains less than ``tolerance``, nats.

    Example:
        >>> decision = np.array([0] * 30 + [1] * 10)
        >>> prior = NormalPrior(np.zeros(1), np.full(1, 100.0))
        >>> def log_odds(p):
        ...     return np.stack([np.tile(p, (1, 40)), np.zeros((len(p), 40))], axis=2)
        >>> fit = laplace_fit(log_odds, decision, prior, np.zeros((1, 1)))
        >>> round(float(np.exp(fit.parameters[0])), 2), round(fit.log_likelihood, 2)
        (3.0, -22.49)
    """
    odds = log_odds(starts)
    heights = [score(odds[k : k + 1], decision, STEP)[0] for k in range(len(starts))]
    best = np.argsort(-(np.array(heights) + prior.log_density(starts)))[:_N_CLIMBS]
    climbs = (_climb(log_odds, decision, prior, starts[k], tolerance) for k in best)
    top = max(climbs, key=lambda point: point.height)
    n = top.parameters.size
    evidence = top.height + n / 2 * np.log(2 * np.pi) - np.linalg.slogdet(top.information)[1] / 2
    covariance = np.asarray(np.linalg.inv(top.information), float)
    return LaplaceFit(top.parameters, covariance, top.likelihood, float(evidence))


def mean_log(values: Floats) -> float:
    """Return the logarithm of the mean of exponentials.

    Example:
        >>> round(float(np.exp(mean_log(np.log([1.0, 3.0])))), 6)
        2.0
    """
    top = values.max()
    return float(top + np.log(np.exp(values - top).mean()))


def _climb(
    log_odds: Callable[[Floats], Floats],
    decision: NDArray[np.int64],
    prior: NormalPrior,
    start: Floats,
    tolerance: float,
) -> _Point:
    point, damping = _point(log_odds, decision, prior, start), 1e-3
    for _ in range(_NSTEPS):
        damped = point.information + damping * np.diag(np.diag(point.information))
        step = np.linalg.solve(damped, point.slope)
        end = _point(log_odds, decision, prior, point.parameters + step)
        gain = end.height - point.height
        if gain > 0:
            point, damping = end, damping / 10
        else:
            damping *= 10
        if abs(gain) < tolerance or damping > 1e9:
            break
    return point


def _point(
    log_odds: Callable[[Floats], Floats],
    decision: NDArray[np.int64],
    prior: NormalPrior,
    parameters: Floats,
) -> _Point:
    moved = np.vstack([parameters, parameters + STEP * np.eye(parameters.size)])
    likelihood, slope, information = score(log_odds(moved), decision, STEP)
    precision = prior.spread**-2.0
    return _Point(
        parameters,
        likelihood,
        likelihood + float(prior.log_density(parameters)),
        slope - precision * (parameters - prior.mean),
        information + np.diag(precision),
    )
