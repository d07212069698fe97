"""Means by state and shares agree with counting by hand and with scipy."""

import numpy as np
import pytest
from scipy import stats

from hebbayes.reverse_engineering.statistics.descriptive import (
    blocks_of_trials,
    mean_by_state,
    share_estimate,
)


def test_means_by_state_are_those_of_each_group_with_normal_intervals() -> None:
    rng = np.random.default_rng(0)
    values, on = rng.normal(size=60), rng.integers(0, 2, 60).astype(bool)
    block = np.repeat([0, 1, 2], 20)
    values[5] = np.nan
    result = mean_by_state(values, on, block)
    for k in range(3):
        for state in (0, 1):
            own = values[(block == k) & (on == state) & np.isfinite(values)]
            half = stats.norm.ppf(0.975) * stats.sem(own)
            assert result.value[k, state] == pytest.approx(own.mean())
            assert result.high[k, state] == pytest.approx(own.mean() + half)


def test_shares_have_wilsons_intervals() -> None:
    result = share_estimate(np.array([3, 0, 0]), np.array([12, 7, 0]))
    for k, (n_of, n) in enumerate([(3, 12), (0, 7)]):
        low, high = stats.binomtest(n_of, n).proportion_ci(method="wilson")
        assert (result.low[k], result.high[k]) == pytest.approx((low, high), abs=1e-12)
    assert np.isnan(result.value[2])


@pytest.mark.parametrize(
    ("sizes", "wanted"),
    [([40], [10] * 4), ([5], [5]), ([30] * 6, [30] * 6), ([1] * 100, [4] * 25)],
)
def test_blocks_are_sessions_or_parts_of_few_of_them(sizes, wanted) -> None:
    session = np.repeat(np.arange(len(sizes)), sizes)
    assert np.bincount(blocks_of_trials(session)).tolist() == wanted
