"""Prior counts from learning rates: lambda is how insensitive a synapse is, 1 / lambda how fast.

The rate is fitted: without learning it is 0, and its interval is ordinary.
"""

import numpy as np
from numpy.typing import NDArray

from hebbayes.core.errors import ValueRangeError
from hebbayes.reverse_engineering.statistics.estimate import Estimate

Floats = NDArray[np.float64]


def prior_count_of(rate: Estimate) -> Estimate:
    """Return lambda of a learning rate 1 / lambda; infinite if no learning was observed.

    Example:
        >>> from hebbayes.reverse_engineering.statistics.estimate import normal_estimate
        >>> prior_count = prior_count_of(normal_estimate([0.01, 0.001], [0.001, 0.001]))
        >>> [end.round().tolist() for end in prior_count.as_tuple()]
        [[100.0, 1000.0], [84.0, 338.0], [124.0, inf]]
    """

    def inverse(values: Floats) -> Floats:
        positive = np.where(values > 0, values, np.where(np.isnan(values), np.nan, 0.0))
        with np.errstate(divide="ignore"):
            return np.asarray(1 / positive)

    return Estimate(inverse(rate.value), inverse(rate.high), inverse(rate.low))


def pooled_prior_count(rates: Estimate) -> Estimate:
    """Return one lambda for ensembles or cultures that share it, from their learning rates.

    Rates are averaged by their precision; unidentified rates (NaN) are ignored.  The interval
    has the level of theirs.  Raises `ValueRangeError` if no rate is identified.

    Example:
        >>> from hebbayes.reverse_engineering.statistics.estimate import normal_estimate
        >>> rates = normal_estimate([0.011, 0.009, np.nan], [0.001, 0.001, np.nan])
        >>> pooled_prior_count(rates).value.round(6).tolist()
        100.0
    """
    is_known = np.isfinite(rates.value) & (rates.high > rates.low)
    if not is_known.any():
        raise ValueRangeError("no ensemble identifies its learning rate; give prior_count.")
    precision = 1 / (rates.high - rates.low)[is_known] ** 2
    mean = np.sum(precision * rates.value[is_known]) / precision.sum()
    reach = 0.5 / np.sqrt(precision.sum())
    return prior_count_of(
        Estimate(np.asarray(mean), np.asarray(mean - reach), np.asarray(mean + reach))
    )
