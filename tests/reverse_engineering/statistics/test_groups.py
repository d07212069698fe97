"""Two conditions side by side, one number per culture."""

import numpy as np
import pytest
from scipy import stats

from hebbayes.core.errors import ShapeError
from hebbayes.reverse_engineering.statistics.groups import adjusted, compare

CONDITIONS = ("control", "drug")


def numbers(*values: float) -> dict[int, float]:
    return dict(enumerate(values))


def test_the_paired_test_is_that_of_the_differences() -> None:
    rng = np.random.default_rng(0)
    first, change = rng.normal(size=8), rng.normal(0.5, 0.2, 8)
    comparison = compare(
        "phi", CONDITIONS, numbers(*first), numbers(*(first + change)), is_paired=True
    )
    assert comparison.difference.value == pytest.approx(change.mean())
    assert comparison.p == pytest.approx(stats.ttest_1samp(change, 0).pvalue)
    assert comparison.n == (8, 8)


def test_exchanging_the_conditions_mirrors_the_difference() -> None:
    a, b = numbers(0.0, 0.3, 0.7), numbers(1.0, 1.4, 1.1, 0.8)
    there = compare("phi", CONDITIONS, a, b, is_paired=False)
    back = compare("phi", CONDITIONS[::-1], b, a, is_paired=False)
    assert there.difference.low == pytest.approx(-back.difference.high)
    assert (there.p, there.p_rank) == pytest.approx((back.p, back.p_rank))


def test_only_cultures_with_a_finite_number_in_both_conditions_are_paired() -> None:
    first, second = {0: 1.0, 1: 2.0, 2: np.nan, 3: 5.0}, {0: 2.0, 1: 3.5, 2: 4.0, 4: 9.0}
    comparison = compare("phi", CONDITIONS, first, second, is_paired=True)
    assert comparison.n == (2, 2)
    assert comparison.difference.value == pytest.approx(1.25)


def test_one_culture_has_no_interval_and_no_p_value() -> None:
    comparison = compare("phi", CONDITIONS, numbers(1.0), numbers(2.0, 3.0), is_paired=False)
    assert comparison.difference.value == 1.5
    assert np.isnan([comparison.difference.low, comparison.p, comparison.p_rank]).all()


def test_pairs_without_a_common_culture_are_refused() -> None:
    with pytest.raises(ShapeError, match="no culture is in both control and drug"):
        compare("phi", CONDITIONS, {0: 1.0}, {1: 1.0}, is_paired=True)


def test_holm_multiplies_the_smallest_p_most_and_keeps_the_order() -> None:
    rng = np.random.default_rng(1)
    comparisons = [
        compare(name, CONDITIONS, numbers(*rng.normal(size=5)), numbers(*x), is_paired=False)
        for name, x in (("a", rng.normal(3, 1, 5)), ("b", rng.normal(1, 1, 5)), ("c", [np.nan]))
    ]
    small, large, unknown = adjusted(comparisons)
    assert small.p == pytest.approx(2 * comparisons[0].p)  # the third has no p-value to correct
    assert large.p == pytest.approx(max(comparisons[1].p, small.p))
    assert np.isnan(unknown.p)
    assert [one.quantity for one in (small, large, unknown)] == ["a", "b", "c"]


def test_a_constant_condition_is_compared_with_a_varying_one_without_a_warning():
    one = compare("units", ("x", "y"), {0: 8.0, 1: 8.0}, {0: 6.0, 1: 7.0, 2: 8.0}, is_paired=False)
    half = stats.t.ppf(0.975, 2) / np.sqrt(3)  # the variance of the second is 1
    np.testing.assert_allclose(one.difference.as_tuple(), (-1.0, -1.0 - half, -1.0 + half))
