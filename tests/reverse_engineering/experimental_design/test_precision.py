"""Precision and detectable differences against closed forms and simulated numbers."""

import numpy as np
import pytest
from scipy.stats import ttest_ind

from hebbayes.reverse_engineering.experimental_design.precision import (
    detectable_difference,
    detection_rate,
    precision_of,
    proportion,
    refined_difference,
    smallest_difference,
)


def estimates(n, spread, *, error=None, seed=0, shift=0.0):
    """A pool whose estimates scatter by ``spread`` and report an error of ``error``."""
    rng = np.random.default_rng(seed)
    value = shift + spread * rng.normal(size=(n, 2))
    reach = 1.96 * (spread if error is None else error)
    return {"phi": np.stack([value, value - reach, value + reach, np.full((n, 2), shift)], axis=1)}


def test_right_intervals_cover_and_narrow_ones_do_not() -> None:
    right, narrow = (precision_of(estimates(800, 0.3, error=e), "phi") for e in (0.3, 0.15))
    assert abs(right.coverage.value - 0.95) < 4 * right.coverage.error
    assert abs(narrow.coverage.value - 0.673) < 4 * narrow.coverage.error
    assert abs(right.recovery_error.value - 0.3) < 4 * right.recovery_error.error
    assert abs(right.bias.value) < 4 * right.bias.error


def test_the_errors_of_a_simulation_are_those_of_its_repetition() -> None:
    repeated = [precision_of(estimates(60, 0.3, seed=s), "phi") for s in range(200)]
    for part in ("recovery_error", "bias", "coverage"):
        values = np.array([getattr(one, part).value for one in repeated])
        claimed = np.mean([getattr(one, part).error for one in repeated])
        assert claimed == pytest.approx(values.std(ddof=1), rel=0.25), part


def test_unidentified_values_are_excluded_and_counted() -> None:
    pool = estimates(10, 0.1)
    pool["phi"][:5] = np.nan
    pool["phi"][5, 0, 0] = np.inf  # an unbounded estimate has no error
    recovery = precision_of(pool, "phi")
    assert recovery.identified.value == pytest.approx(9 / 20)
    assert np.isfinite(recovery.recovery_error.value)


@pytest.mark.parametrize("n", [3, 8])
def test_two_groups_with_the_smallest_difference_are_detected_in_80_percent(n) -> None:
    size = detectable_difference(1.0, n)
    rng = np.random.default_rng(n)
    a, b = rng.normal(size=(2, n, 4000))
    power = np.mean(ttest_ind(a + size, b).pvalue < 0.05)
    assert abs(power - 0.8) < 4 * np.sqrt(0.16 / 4000)


def test_groups_with_the_smallest_difference_are_detected_in_80_percent() -> None:
    pool = estimates(1200, 0.5)
    size = smallest_difference(pool, "phi", 6)
    assert size.value == pytest.approx(detectable_difference(0.5 / np.sqrt(2), 6), rel=0.05)
    rate = detection_rate(pool, estimates(1200, 0.5, seed=1, shift=size.value), "phi", 6)
    assert abs(rate.value - 0.8) < 4 * rate.error
    null = detection_rate(pool, estimates(1200, 0.5, seed=2), "phi", 6)
    assert abs(null.value - 0.05) < 4 * null.error
    assert np.isinf(smallest_difference(pool, "phi", 1).value)


def test_estimates_that_follow_the_truth_by_half_need_twice_the_difference() -> None:
    pool, other = estimates(600, 0.5), estimates(600, 0.5, seed=1, shift=0.4)
    size = refined_difference(pool, other, "phi", 6, 0.8)
    expected = 2 * smallest_difference(pool, "phi", 6).value
    assert size.value == pytest.approx(expected, rel=0.1)
    assert size.error < 0.1 * size.value
    assert np.isinf(refined_difference(pool, pool, "phi", 6, 0.8).value)


def test_a_share_of_all_or_none_has_an_error_too() -> None:
    errors = [proportion(np.full(20, is_detected)).error for is_detected in (True, False)]
    assert errors[0] == pytest.approx(errors[1])
    assert errors[0] > 0.03
