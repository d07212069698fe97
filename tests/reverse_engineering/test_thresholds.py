"""Threshold factors on a known scale: equations solved, priors of 0 and 1, intervals."""

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.special import expit

from hebbayes.core.errors import ShapeError, ValueRangeError
from hebbayes.reverse_engineering.thresholds import (
    consistent_log_odds,
    mean_activity_threshold_factors,
    published_threshold_factors,
)


def test_the_consistent_estimate_solves_its_equation() -> None:
    rng = np.random.default_rng(0)
    drive, x = rng.normal(size=(300, 2)), rng.random((300, 2))
    result = consistent_log_odds(x, drive).value
    for k in range(2):
        root = brentq(lambda phi, k=k: np.mean(x[:, k] - expit(drive[:, k] + phi)), -20, 20)
        assert result[k] == pytest.approx(root, abs=1e-9)


def test_without_information_both_estimates_agree() -> None:
    x = np.random.default_rng(0).random((500, 3))
    published, consistent = published_threshold_factors(x), consistent_log_odds(x, 0 * x)
    np.testing.assert_allclose(published.value, mean_activity_threshold_factors(x))
    np.testing.assert_allclose(published.value[0] - published.value[1], consistent.value)


def test_intervals_cover_also_noise_of_neighbouring_trials() -> None:
    rng = np.random.default_rng(1)
    hits = []
    for _ in range(200):
        drive = 2 * rng.normal(size=(400, 1))
        noise = np.repeat(rng.normal(size=(100, 1)), 4, axis=0)
        result = consistent_log_odds(expit(drive - 1) + 0.2 * noise, drive)
        hits.append(bool((result.low <= -1) & (result.high >= -1)))
    assert abs(np.mean(hits) - 0.95) <= 4 * np.sqrt(0.95 * 0.05 / 200)


@pytest.mark.parametrize(("level", "end"), [(0.0, -np.inf), (1.0, np.inf)])
def test_a_prior_of_exactly_zero_or_one_is_legal_and_bounded_on_one_side(level, end) -> None:
    result = consistent_log_odds(np.full((300, 1), level), np.zeros((300, 1)))
    inner = result.high if end < 0 else result.low
    outer = result.low if end < 0 else result.high
    assert result.value[0] == outer[0] == end
    assert expit(-abs(inner[0])) == pytest.approx(3 / 300)
    published = published_threshold_factors(np.full((300, 1), level)).value[:, 0]
    assert sorted(published) == [-np.inf, 0.0]


def test_trials_that_were_not_observed_have_no_say() -> None:
    rng = np.random.default_rng(2)
    x, drive = rng.random((100, 1)), rng.normal(size=(100, 1))
    gone = np.where(np.arange(100)[:, None] < 40, np.nan, x)
    np.testing.assert_allclose(
        consistent_log_odds(gone, drive).value, consistent_log_odds(x[40:], drive[40:]).value
    )
    np.testing.assert_allclose(
        published_threshold_factors(gone).value, published_threshold_factors(x[40:]).value
    )


def test_activity_on_another_scale_is_refused() -> None:
    with pytest.raises(ValueRangeError, match="ensemble 1 has a mean activity of 3, wanted 0 to 1"):
        consistent_log_odds(np.tile([0.5, 3.0], (50, 1)), np.zeros((50, 2)))
    with pytest.raises(ShapeError, match="drive has shape"):
        consistent_log_odds(np.ones((5, 1)), np.ones((5, 2)))
