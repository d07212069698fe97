"""What a curved read-out x^p does to phi and lambda: the uncertainty that an affine fit leaves out.

The drive's offset and a curved read-out act nearly alike, and residuals hardly show it.  The fit is
repeated for several ln p and mixed with the weights SSR^(-n/2) N(ln p; 0, spread^2).  Learning
identifies p, since evidence is counted in x (docs/recordings.md).  A read-out that saturates is no
power of x: phi stays wrong.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline
from scipy.stats import norm

from hebbayes.reverse_engineering.perception.least_squares import log_likelihood, refit
from hebbayes.reverse_engineering.perception.model import FACTOR, RATE
from hebbayes.reverse_engineering.statistics.estimate import LEVEL, Estimate

if TYPE_CHECKING:
    from hebbayes.reverse_engineering.perception.least_squares import Solution

Floats = NDArray[np.float64]

SPREAD = 0.4
"""Standard deviation of ln p before the recording is seen: p from 0.46 to 2.2 in 95 % of cases."""

_STEP, _REACH = 0.2, 2.5  # of ln p; number of standard deviations of the prior
_NEGLIGIBLE = 6.0  # drop of the log posterior beyond which no further ln p is tried


@dataclass(frozen=True, eq=False)
class Curvature:
    """Fits of one ensemble under read-outs x^p, and their weights.

    Attributes:
        log_power: (points,), ln p.
        weight: (points,), posterior weights, sum 1.
        factor: (points,), phi.
        rate: (points,), 1 / lambda.
        slope: Derivative of phi by ln p, at p = 1.
        best: Fit with the best p.
    """

    log_power: Floats
    weight: Floats
    factor: Floats
    rate: Floats
    slope: float
    best: "Solution"


def mixture(values: Floats, weight: Floats, error: float, level: float = LEVEL) -> Estimate:
    """Return the mean and the interval of weighted ``values`` with a normal ``error`` each.

    Example:
        >>> ends = mixture(np.array([0.0, 2.0]), np.full(2, 0.5), 0.1).as_tuple()
        >>> [round(end, 2) for end in ends]
        [1.0, -0.16, 2.16]
    """
    error = max(error, 1e-6 * float(np.abs(values).max()), 1e-12)
    ends = np.linspace(values.min() - 5 * error, values.max() + 5 * error, 601)
    below = norm.cdf((ends[:, None] - values) / error) @ weight
    low, high = np.interp([0.5 - level / 2, 0.5 + level / 2], below, ends)
    return Estimate(float(weight @ values), float(low), float(high))


def curvature(solution: "Solution", spread: float = SPREAD) -> Curvature:
    """Return fits under read-outs x^p around the affine ``solution``.

    ``spread`` is the standard deviation of ln p; 0 keeps the affine read-out.

    Example:
        >>> from hebbayes.reverse_engineering.perception.evidence import every_trial, trial_history
        >>> from hebbayes.reverse_engineering.perception.least_squares import fit_least_squares
        >>> from hebbayes.reverse_engineering.perception.model import Problem
        >>> o = np.tile([[1.0], [0.0]], (8, 1))
        >>> trials = trial_history(o, every_trial(np.zeros(16, int)))
        >>> problem = Problem(trials, 1 + 4 * (0.25 + 0.5 * o[:, 0]),
        ...                   np.ones(16, bool), np.zeros(16, int), None, np.full(16, 0.5))
        >>> fixed = np.array([np.nan, 0.0, 1.0, 4.0, np.nan])
        >>> curvature(fit_least_squares(problem, fixed, np.isnan(fixed)), 0.0).weight.tolist()
        [1.0]
    """
    centre = log_likelihood(solution)
    at, fits = {0.0: 0.0}, {0.0: solution}
    for sign in (1, -1) if spread else ():
        for log_power, fit in _walk(solution, sign, _REACH * spread):
            value = log_likelihood(fit) - centre - (log_power / spread) ** 2 / 2
            at[log_power], fits[log_power] = value, fit
            if value < max(at.values()) - _NEGLIGIBLE:
                break
    places = np.array(sorted(at))
    values = np.array([at[place] for place in places])
    factor, rate = np.array([fits[place].parameters[[FACTOR, RATE]] for place in places]).T
    best = fits[max(at, key=lambda place: at[place])]
    if len(places) < 3:  # nothing to interpolate: no other read-out fits at all
        weight = np.exp(values - values.max())
        return Curvature(places, weight / weight.sum(), factor, rate, float("nan"), best)
    fine = np.linspace(places[0], places[-1], 101)
    values, factors, rates = (CubicSpline(places, v)(fine) for v in (values, factor, rate))
    weight = np.exp(values - values.max())
    slope = float(CubicSpline(places, factor)(0.0, 1))
    best = refit(best, float(fine[np.argmax(weight)])) or best
    return Curvature(fine, weight / weight.sum(), factors, rates, slope, best)


def _walk(solution: "Solution", sign: int, reach: float) -> Iterator[tuple[float, "Solution"]]:
    """Yield ln p and its fit, one step after the other, until no fit has positive counts."""
    for k in range(1, int(np.ceil(reach / _STEP)) + 1):
        log_power = sign * k * _STEP
        there = refit(solution, log_power)
        if there is None:
            return
        solution = there
        yield log_power, solution
