"""Cultures of two conditions side by side: is a threshold, a prior count or a slope different?

One number per culture and quantity, so that the culture is the unit of every test.  Welch's or the
paired t test, with the rank test beside it; p-values are adjusted by Holm's method over the
quantities and conditions compared.
"""

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from hebbayes.core.errors import ShapeError
from hebbayes.reverse_engineering.statistics.estimate import Estimate

Floats = NDArray[np.float64]

_NAN = float("nan")


@dataclass(frozen=True)
class Comparison:
    """One quantity in two conditions: the second less the first, with a 95 % interval.

    Attributes:
        quantity: What is compared.
        conditions: First and second condition.
        n: Number of cultures with a finite number, per condition.
        means: Mean of each condition.
        difference: Second less first.
        p: p-value of the t test, adjusted by `adjusted`.
        p_rank: p-value of the rank test, not adjusted.
        is_paired: Whether cultures are paired.
    """

    quantity: str
    conditions: tuple[str, str]
    n: tuple[int, int]
    means: tuple[float, float]
    difference: Estimate[float]
    p: float
    p_rank: float
    is_paired: bool


def compare(
    quantity: str,
    conditions: tuple[str, str],
    first: Mapping[int, float],
    second: Mapping[int, float],
    *,
    is_paired: bool,
) -> Comparison:
    """Return how a quantity differs; NaN p-values if a condition has fewer than two cultures.

    Raises `ShapeError` if the test is paired and no culture is in both.

    Example:
        >>> comparison = compare("phi", ("control", "drug"), {0: 1.0, 1: 2.0, 2: 3.0},
        ...                 {0: 2.1, 1: 3.0, 2: 3.9}, is_paired=True)
        >>> round(comparison.difference.value, 3), comparison.p < 0.01
        (1.0, True)
    """
    if is_paired and not first.keys() & second.keys():
        raise ShapeError(
            f"no culture is in both {conditions[0]} and {conditions[1]}; leave out --paired."
        )
    a, b = ({k: v for k, v in values.items() if np.isfinite(v)} for values in (first, second))
    if is_paired:
        both = sorted(a.keys() & b.keys())
        a, b = ({k: values[k] for k in both} for values in (a, b))
    x, y = np.array(list(a.values())), np.array(list(b.values()))
    difference, p, p_rank = (_paired if is_paired else _unpaired)(x, y)
    means = (_mean(x), _mean(y))
    return Comparison(
        quantity, conditions, (len(x), len(y)), means, difference, p, p_rank, is_paired
    )


def adjusted(comparisons: Sequence[Comparison]) -> list[Comparison]:
    """Return comparisons with the p-values of their t tests adjusted by Holm's method.

    Example:
        >>> one = compare("a", ("x", "y"), {0: 0.0, 1: 0.1}, {0: 1.0, 1: 1.1}, is_paired=False)
        >>> two = adjusted([one, one])
        >>> round(two[0].p / one.p, 6)
        2.0
    """
    known = [k for k, one in enumerate(comparisons) if np.isfinite(one.p)]
    order = sorted(known, key=lambda k: comparisons[k].p)
    result, largest = list(comparisons), 0.0
    for rank, k in enumerate(order):
        largest = max(largest, min(1.0, (len(order) - rank) * comparisons[k].p))
        result[k] = replace(comparisons[k], p=largest)
    return result


def _mean(values: Floats) -> float:
    return float(values.mean()) if values.size else float("nan")


def _unpaired(x: Floats, y: Floats) -> tuple[Estimate[float], float, float]:
    difference = _mean(y) - _mean(x)
    if min(len(x), len(y)) < 2 or (x.std() == 0 and y.std() == 0):
        return Estimate(difference, _NAN, _NAN), _NAN, _NAN
    with warnings.catch_warnings():  # one of the two may be constant: its variance is 0
        warnings.filterwarnings("ignore", "Precision loss", RuntimeWarning)
        test = stats.ttest_ind(y, x, equal_var=False)
    return _tested(difference, test, stats.mannwhitneyu(y, x).pvalue)


def _paired(x: Floats, y: Floats) -> tuple[Estimate[float], float, float]:
    difference = _mean(y - x)
    if len(x) < 2 or (y - x).std() == 0:
        return Estimate(difference, _NAN, _NAN), _NAN, _NAN
    return _tested(difference, stats.ttest_rel(y, x), stats.wilcoxon(y - x).pvalue)


def _tested(difference: float, test: Any, rank_p: float) -> tuple[Estimate[float], float, float]:
    interval = test.confidence_interval()
    estimate = Estimate(difference, float(interval.low), float(interval.high))
    return estimate, float(test.pvalue), float(rank_p)
