"""Fisher scoring to a mode of the posterior, with Levenberg's damping."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from hebbayes.clinic.estimation.likelihood import Observed

Floats = NDArray[np.float64]

_MOST_STEPS, _TOLERANCE = 40, 5e-3  # nats that the last step gains
_MOST_DAMPED = 1e4  # steps this short gain nothing, as at the kink where a count meets the floor
_ROUGH_TOLERANCE, _ROUGH_DAMPED = 0.05, 1e2
_MOST_MOVED = 3.0  # prior standard deviations in one step
_SAME = 0.5  # standard deviations between modes that are one


@dataclass(frozen=True, eq=False)
class Prior:
    """Independent normal parameters on the scale without bounds.

    Attributes:
        mean: (parameters,).
        spread: Standard deviations, (parameters,).
    """

    mean: Floats
    spread: Floats

    def log_density(self, theta: Floats) -> Floats:
        """Return the log density of ``theta`` (..., parameters).

        Example:
            >>> Prior(np.zeros(1), np.ones(1)).log_density(np.zeros(1)).round(3).item()
            -0.919
        """
        z = (theta - self.mean) / self.spread
        return np.asarray(-0.5 * (z**2 + np.log(2 * np.pi)).sum(-1) - np.log(self.spread).sum())


@dataclass(frozen=True, eq=False)
class Mode:
    """A local maximum of the posterior.

    Attributes:
        theta: (parameters,).
        height: Log likelihood and log prior, nats.
        log_likelihood: Nats.
        information: Fisher's and the prior's, (parameters, parameters).
    """

    theta: Floats
    height: float
    log_likelihood: float
    information: Floats

    @property
    def log_evidence(self) -> float:
        """Laplace's approximation of this mode's share of the evidence, nats."""
        n = len(self.theta)
        return float(
            self.height + n / 2 * np.log(2 * np.pi) - np.linalg.slogdet(self.information)[1] / 2
        )


def climb(observed: "Observed", prior: Prior, start: Floats, *, is_rough: bool = False) -> Mode:
    """Return the mode that scoring reaches from ``start`` (parameters,).

    A rough climb stops where a step gains less than 0.05 nats: near enough to draw around.

    Example:
        >>> from hebbayes.clinic.estimation.cases import example
        >>> one, prior = example(60)
        >>> bool(climb(one, prior, prior.mean).height >= -45)
        True
    """
    tolerance = _ROUGH_TOLERANCE if is_rough else _TOLERANCE
    most_damped = _ROUGH_DAMPED if is_rough else _MOST_DAMPED
    precision = prior.spread**-2.0
    point, slope = _at(observed, prior, start, precision)
    damping = 1e-2
    for _ in range(_MOST_STEPS):
        damped = point.information + damping * np.diag(np.diag(point.information))
        step = np.linalg.solve(damped, slope)
        step *= min(1.0, _MOST_MOVED / max(float(np.abs(step / prior.spread).max()), 1e-12))
        end, end_slope = _at(observed, prior, point.theta + step, precision)
        gain = end.height - point.height
        if gain > 0:
            point, slope, damping = end, end_slope, damping / 10
        else:
            damping *= 10
        if 0 <= gain < tolerance or damping > most_damped:
            break
    return point


def modes_from(observed: "Observed", prior: Prior, draws: Floats, count: int) -> list[Mode]:
    """Return the modes from the ``count`` best of the ``draws`` (sets, parameters).

    Example:
        >>> from hebbayes.clinic.estimation.cases import example
        >>> one, prior = example(60)
        >>> len(modes_from(one, prior, np.tile(prior.mean, (3, 1)), 2))
        2
    """
    heights = observed.log_likelihoods(draws) + prior.log_density(draws)
    best = np.argsort(-heights)[:count]
    return [climb(observed, prior, draws[k]) for k in best]


def distinct(modes: Sequence[Mode]) -> list[Mode]:
    """Return the modes that are not the same, the highest first.

    Example:
        >>> one = Mode(np.zeros(1), 0.0, 0.0, np.eye(1))
        >>> far = Mode(np.full(1, 9.0), -1.0, 0.0, np.eye(1))
        >>> [mode.height for mode in distinct([far, one, one])]
        [0.0, -1.0]
    """
    kept: list[Mode] = []
    for mode in sorted(modes, key=lambda one: -one.height):
        apart = [mode.theta - other.theta for other in kept]
        sizes = [float(np.sqrt(d @ other.information @ d)) for d, other in zip(apart, kept)]
        if not kept or min(sizes) > _SAME:
            kept.append(mode)
    return kept


def _at(
    observed: "Observed", prior: Prior, theta: Floats, precision: Floats
) -> tuple[Mode, Floats]:
    likelihood, slope, information = observed.score(theta)
    height = likelihood + float(prior.log_density(theta))
    whole = information + np.diag(precision)
    return Mode(theta, height, likelihood, whole), slope - precision * (theta - prior.mean)
