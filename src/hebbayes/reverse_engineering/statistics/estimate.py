"""`Estimate`, a value with its interval: the only type in the library that has one."""

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import chi2, norm
from scipy.stats import t as student

Floats = NDArray[np.float64]
Values = TypeVar("Values")

LEVEL = 0.95
"""Default coverage of an interval."""

STANDARD_ERRORS = float(norm.ppf(0.5 + LEVEL / 2))
"""Half-width of a normal interval, in standard errors."""

LOG_LIKELIHOOD_DROP = float(chi2.ppf(LEVEL, 1)) / 2
"""Drop of the log likelihood of one parameter from its maximum to the end of the interval, nats."""


@dataclass(frozen=True, eq=False)
class Estimate(Generic[Values]):
    """A value and the ends of its interval: three numbers, or three arrays of one shape.

    NaN marks what the data cannot identify; an infinite end, a side they do not bound.

    Attributes:
        value: The point estimate.
        low: Lower end of the interval.
        high: Upper end of the interval.
    """

    value: Values
    low: Values
    high: Values

    def __getitem__(self: "Estimate[Floats]", place: Any) -> "Estimate[Floats]":
        """Return the part of all three arrays at ``place``."""
        return Estimate(self.value[place], self.low[place], self.high[place])

    def as_tuple(self) -> tuple[Values, Values, Values]:
        """Return value, low and high."""
        return self.value, self.low, self.high

    def as_dict(self) -> dict[str, Values]:
        """Return value, low and high by name."""
        return {"value": self.value, "low": self.low, "high": self.high}


def stack(estimates: list["Estimate[Floats]"], axis: int = 0) -> "Estimate[Floats]":
    """Return estimates of one shape stacked along a new axis.

    Example:
        >>> stack([normal_estimate(0.0, 1.0), normal_estimate(2.0, 1.0)]).value.tolist()
        [0.0, 2.0]
    """
    parts = zip(*(estimate.as_tuple() for estimate in estimates))
    return Estimate(*(np.stack(values, axis=axis) for values in parts))


def normal_estimate(value: ArrayLike, error: ArrayLike, level: float = LEVEL) -> "Estimate[Floats]":
    """Return an estimate with the normal interval of a standard error.

    Example:
        >>> estimate = normal_estimate(1.0, 0.5)
        >>> estimate.low.round(2).tolist(), estimate.high.round(2).tolist()
        (0.02, 1.98)
    """
    centre = np.asarray(value, float)
    reach = norm.ppf(0.5 + level / 2) * np.asarray(error, float)
    return Estimate(centre, centre - reach, centre + reach)


def mean_estimate(values: Floats, level: float = LEVEL) -> "Estimate[float]":
    """Return the mean of independent values with Student's interval; NaN ends for one value.

    Example:
        >>> mean_estimate(np.array([1.0, 1.0]))
        Estimate(value=1.0, low=1.0, high=1.0)
    """
    n, mean = len(values), float(values.mean())
    if n < 2:
        return Estimate(mean, float("nan"), float("nan"))
    half = float(student.ppf(0.5 + level / 2, n - 1) * values.std(ddof=1) / np.sqrt(n))
    return Estimate(mean, mean - half, mean + half)


def widened(estimate: "Estimate[Floats]", error: ArrayLike) -> "Estimate[Floats]":
    """Return an estimate whose interval also covers an independent normal error.

    ``error`` is its standard error; the two half-widths add in quadrature.  Infinite ends stay
    infinite.

    Example:
        >>> wide = widened(Estimate(*map(np.array, (0.0, -3.0, np.inf))), 4 / STANDARD_ERRORS)
        >>> wide.low.round(6).tolist(), wide.high.tolist()
        (-5.0, inf)
    """
    more = STANDARD_ERRORS * np.asarray(error, float)
    low = estimate.value - np.hypot(estimate.value - estimate.low, more)
    high = estimate.value + np.hypot(estimate.high - estimate.value, more)
    return Estimate(estimate.value, low, high)
