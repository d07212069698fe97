"""A number that was estimated, and how far it may be off."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import chi2, norm

Floats = NDArray[np.float64]

LEVEL = 0.95
"""How often an interval is to cover the truth, unless asked otherwise."""

STANDARD_ERRORS = float(norm.ppf(0.5 + LEVEL / 2))
"""How many of them a normal interval reaches to each side."""

LOG_LIKELIHOOD_DROP = float(chi2.ppf(LEVEL, 1)) / 2
"""How far the log likelihood of one number falls, in nats, from its top to the interval's end."""


@dataclass(frozen=True, eq=False)
class Estimate:
    """Values with the ends of their intervals, three arrays of one shape.

    NaN stands for what the data cannot tell; an infinite end for a side that they leave open.
    """

    value: Floats
    low: Floats
    high: Floats

    def __getitem__(self, place: Any) -> "Estimate":
        """Return the part of all three arrays at ``place``."""
        return Estimate(self.value[place], self.low[place], self.high[place])


def stack(estimates: list[Estimate], axis: int = 0) -> Estimate:
    """Return estimates of one shape on a new axis.

    Example:
        >>> stack([normal_estimate(0.0, 1.0), normal_estimate(2.0, 1.0)]).value.tolist()
        [0.0, 2.0]
    """
    parts = ([getattr(e, name) for e in estimates] for name in ("value", "low", "high"))
    return Estimate(*(np.stack(values, axis=axis) for values in parts))


def normal_estimate(value: ArrayLike, error: ArrayLike, level: float = LEVEL) -> Estimate:
    """Return an estimate whose interval is normal with that standard error.

    Example:
        >>> found = normal_estimate(1.0, 0.5)
        >>> found.low.round(2).tolist(), found.high.round(2).tolist()
        (0.02, 1.98)
    """
    centre = np.asarray(value, float)
    reach = norm.ppf(0.5 + level / 2) * np.asarray(error, float)
    return Estimate(centre, centre - reach, centre + reach)


def widened(estimate: Estimate, error: ArrayLike) -> Estimate:
    """Return an estimate with an independent normal error of that standard error on top.

    Both sides reach as far as the two together; what was open stays open.

    Example:
        >>> found = widened(Estimate(*map(np.array, (0.0, -3.0, np.inf))), 4 / STANDARD_ERRORS)
        >>> found.low.round(6).tolist(), found.high.tolist()
        (-5.0, inf)
    """
    more = STANDARD_ERRORS * np.asarray(error, float)
    low = estimate.value - np.hypot(estimate.value - estimate.low, more)
    high = estimate.value + np.hypot(estimate.high - estimate.value, more)
    return Estimate(estimate.value, low, high)
