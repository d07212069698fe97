"""Precision, power and suggestion against closed forms and simulated numbers."""

import numpy as np
import pytest
from scipy.stats import t as student
from scipy.stats import ttest_ind

from hebbayes.commands.configs.design import DesignConfig
from hebbayes.commands.design.plan import plan_of, size_of
from hebbayes.commands.design.power import Claims, effect_of, power_of_effect
from hebbayes.commands.design.precision import (
    Measured,
    difference_found,
    precision_of,
    refined_difference,
    share,
    share_found,
    smallest_difference,
)
from hebbayes.commands.design.suggestion import suggest
from hebbayes.reverse_engineering.forecasting.judging.verdict import LEAST


def estimates(n, spread, *, error=None, seed=0, shift=0.0):
    """A pool whose estimates scatter by ``spread`` and claim to be sure to ``error``."""
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


def test_what_cannot_be_told_is_left_out_and_counted() -> None:
    pool = estimates(10, 0.1)
    pool["phi"][:5] = np.nan
    pool["phi"][5, 0, 0] = np.inf  # an unbounded estimate has no error
    found = precision_of(pool, "phi")
    assert found.told.value == pytest.approx(9 / 20)
    assert np.isfinite(found.recovery_error.value)


@pytest.mark.parametrize("n", [3, 8])
def test_two_groups_with_the_smallest_difference_are_told_apart_in_80_percent(n) -> None:
    size = difference_found(1.0, n)
    rng = np.random.default_rng(n)
    a, b = rng.normal(size=(2, n, 4000))
    power = np.mean(ttest_ind(a + size, b).pvalue < 0.05)
    assert abs(power - 0.8) < 4 * np.sqrt(0.16 / 4000)


def test_the_smallest_difference_is_found_by_the_groups_it_is_for() -> None:
    pool = estimates(1200, 0.5)
    size = smallest_difference(pool, "phi", 6)
    assert size.value == pytest.approx(difference_found(0.5 / np.sqrt(2), 6), rel=0.05)
    found = share_found(pool, estimates(1200, 0.5, seed=1, shift=size.value), "phi", 6)
    assert abs(found.value - 0.8) < 4 * found.error
    nothing = share_found(pool, estimates(1200, 0.5, seed=2), "phi", 6)
    assert abs(nothing.value - 0.05) < 4 * nothing.error
    assert np.isinf(smallest_difference(pool, "phi", 1).value)


def test_estimates_that_follow_the_truth_by_half_need_twice_the_difference() -> None:
    pool, other = estimates(600, 0.5), estimates(600, 0.5, seed=1, shift=0.4)
    size = refined_difference(pool, other, "phi", 6, 0.8)
    expected = 2 * smallest_difference(pool, "phi", 6).value
    assert size.value == pytest.approx(expected, rel=0.1)
    assert size.error < 0.1 * size.value
    assert np.isinf(refined_difference(pool, pool, "phi", 6, 0.8).value)


def test_a_share_of_all_or_none_has_an_error_too() -> None:
    errors = [share(np.full(20, found)).error for found in (True, False)]
    assert errors[0] == pytest.approx(errors[1])
    assert errors[0] > 0.03


def test_power_of_an_effect_is_that_of_simulated_intervals() -> None:
    rng = np.random.default_rng(0)
    for effect, n in ((0.9, 6), (1.5, 4)):
        gains = LEAST + 0.01 * (effect + rng.normal(size=(20_000, n)))
        half = student.ppf(0.975, n - 1) * gains.std(1, ddof=1) / np.sqrt(n)
        assert power_of_effect(effect, n) == pytest.approx(
            np.mean(gains.mean(1) - half > LEAST), abs=0.015
        )
        assert effect_of(gains.ravel()) == pytest.approx(effect, abs=0.03)


def invented(monkeypatch, exponents, base):
    """Replace simulation by a law that the suggestion does not know."""
    plan, tried = plan_of(DesignConfig(), {}), []

    def told(lever, size):
        cultures = size if lever == "cultures" else plan.cultures
        effect = base * (size / size_of(plan, lever)) ** exponents[lever]
        one = Measured(power_of_effect(effect, cultures), 0.01)
        return Claims(one, one, one, effect)

    def trial(pools, plan, lever, size, studies):
        tried.append((lever, size))
        return told(lever, size)

    monkeypatch.setattr("hebbayes.commands.design.suggestion._tried", trial)
    return plan, told("cultures", plan.cultures), tried


def test_the_cheapest_change_that_reaches_is_suggested(monkeypatch) -> None:
    exponents = {"cultures": 0.0, "sessions": 0.5, "trials": 1.5, "units": 0.1}
    plan, claims, _ = invented(monkeypatch, exponents, 0.6)
    assert claims.share.value < 0.5
    found = suggest(None, plan, claims, studies=8, unit_cost=1.0)
    assert found.best.lever == "trials"  # a steeper gain for the same cost
    assert found.best.power.value >= 0.8
    smaller = found.best.size / size_of(plan, "trials") * 0.9
    assert power_of_effect(0.6 * smaller**1.5, plan.cultures) < 0.8
    assert found.exponents == pytest.approx(exponents)
    units = suggest(None, plan, claims, studies=8, unit_cost=0.0)
    assert units.best.lever == "trials"  # units would cost nothing, but eightfold is not enough


def test_a_design_that_does_is_left_alone_and_a_hopeless_one_says_so(monkeypatch) -> None:
    plan, claims, tried = invented(monkeypatch, dict.fromkeys(
        ("cultures", "sessions", "trials", "units"), 0.0), 2.0)  # fmt: skip
    assert suggest(None, plan, claims, studies=8, unit_cost=0.0).is_reached
    assert tried == []
    plan, claims, _ = invented(monkeypatch, dict.fromkeys(
        ("cultures", "sessions", "trials", "units"), 0.0), -0.2)  # fmt: skip
    found = suggest(None, plan, claims, studies=8, unit_cost=0.0)
    assert not found.is_reached
    assert found.best is None
    assert len(found.options) == 4
