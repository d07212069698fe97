"""Groups side by side: effect sizes against t tests, corrected p, agreement of models."""

import numpy as np
import pytest
from scipy import stats
from scipy.special import gammaln

from hebbayes.clinic.comparison.compare import CIRCUIT, Standing
from hebbayes.clinic.comparison.differences import (
    agreements,
    compare_groups,
    group_standing,
    hedges_g,
)
from hebbayes.clinic.comparison.leave_one_out import LeaveOneOut
from hebbayes.clinic.comparison.rivals import EVERYTHING


def numbers_of(values, key=("choices", "missed")):
    return [{key: float(value)} for value in values]


def test_the_effect_is_that_of_the_t_test():
    rng = np.random.default_rng(0)
    first, second = rng.normal(size=12), rng.normal(1.0, 1.5, size=20)
    t = stats.ttest_ind(second, first).statistic
    exact = np.exp(gammaln(15) - gammaln(14.5)) / np.sqrt(15)  # of 30 degrees of freedom
    expected = exact * t * np.sqrt(1 / 12 + 1 / 20)
    assert hedges_g(first, second).value == pytest.approx(expected, rel=1e-3)


def test_intervals_of_effects_hold_the_truth():
    rng = np.random.default_rng(0)
    hits = 0
    for _ in range(600):
        effect = hedges_g(rng.normal(size=15), rng.normal(0.8, 1.0, size=25))
        hits += effect.low < 0.8 < effect.high
    assert hits / 600 == pytest.approx(0.95, abs=0.036)


def test_p_values_are_adjusted_over_all_quantities_and_groups():
    rng = np.random.default_rng(0)
    groups = ["HC"] * 9 + ["SZ"] * 9 + ["BD"] * 9
    numbers = [
        {("choices", "a"): rng.normal(), ("choices", "b"): rng.normal() + (g == "SZ")}
        for g in groups
    ]
    found = compare_groups(groups, numbers, "HC")
    raw = []
    for one in found:
        a, b = (
            [n["choices", one.test.quantity] for g, n in zip(groups, numbers) if g == name]
            for name in one.test.conditions
        )
        raw.append(stats.ttest_ind(b, a, equal_var=False).pvalue)
    order = np.argsort(raw)
    holm = np.maximum.accumulate(np.minimum(1, (4 - np.arange(4)) * np.array(raw)[order]))
    np.testing.assert_allclose(np.array([one.test.p for one in found])[order], holm)


def test_controls_come_first_wherever_they_stand():
    groups = ["SZ"] * 3 + ["HC"] * 3
    found = compare_groups(groups, numbers_of([5, 6, 7, 1, 2, 3]), "HC")
    assert found[0].test.conditions == ("HC", "SZ")
    assert found[0].test.difference.value == pytest.approx(4)


@pytest.mark.parametrize(
    ("groups", "n_tests"),
    [
        (["", "", ""], 0),  # no groups
        (["HC", "HC", "SZ"], 0),  # a group of one
        (["HC", "HC", "HC"], 0),
        (["HC", "HC", "SZ", "SZ", "BD"], 1),
    ],
)
def test_groups_too_small_are_left_out(groups, n_tests):
    assert len(compare_groups(groups, numbers_of(range(len(groups))), "HC")) == n_tests


def test_numbers_without_spread_or_unknown_have_no_effect():
    groups = ["a"] * 3 + ["b"] * 3
    (same,) = compare_groups(groups, numbers_of([1] * 6))
    (unknown,) = compare_groups(groups, numbers_of([1, 2, 3] + [np.nan] * 3))
    assert np.isnan([same.effect.value, unknown.effect.value]).all()
    assert not same.is_found
    assert not unknown.is_found


def test_models_agree_where_both_find_a_difference_of_the_right_sign():
    rng = np.random.default_rng(0)
    groups = ["HC"] * 20 + ["SZ"] * 20
    shift = np.repeat([0.0, 5.0], 20)
    numbers = [
        {
            (CIRCUIT, "speed"): a + s, (EVERYTHING, "rate of wins"): b - s,
            (CIRCUIT, "lapse"): c + s, (EVERYTHING, "lapse"): d - s,
            (CIRCUIT, "leak"): e + s, (EVERYTHING, "forgetting"): k % 2,
        }
        for k, (s, (a, b, c, d, e)) in enumerate(zip(shift, rng.normal(size=(40, 5))))
    ]  # fmt: skip
    found = {one.element: one.verdict for one in agreements(compare_groups(groups, numbers))}
    assert found == {"speed": "agree", "lapse": "opposite", "leak": "circuit only"}


def test_a_group_without_choices_has_no_standing():
    none = LeaveOneOut(np.empty(0), np.empty(0))
    some = LeaveOneOut(np.full(10, -0.5), np.zeros(10))
    better = LeaveOneOut(np.full(10, -0.4), np.zeros(10))
    silent = Standing("a", "g", {CIRCUIT: none, "constant": none}, {})
    spoke = Standing("b", "g", {CIRCUIT: some, "constant": better}, {})
    assert group_standing("g", [silent]).n_subjects == 0
    found = group_standing("g", [silent, spoke, spoke])
    assert found.n_subjects == 2
    assert found.lead["constant"].value == pytest.approx(1.0)
