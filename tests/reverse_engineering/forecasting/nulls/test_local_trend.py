"""A level about a trend, filtered: beside the posterior solved at once, and in its likelihood."""

import numpy as np
import pytest

from hebbayes.reverse_engineering.forecasting.nulls.local_trend import (
    follow_trend,
    log_likelihood,
    posterior,
)

N = 7


def model_of(step: float, slope: float, variances: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Covariance of level (sessions) and slope, and of the observed, about a free first level."""
    time = np.arange(N)
    walk = step * np.minimum.outer(time, time) + slope * np.outer(time, time)
    joint = np.block([[walk, slope * time[:, None]], [slope * time[None], np.full((1, 1), slope)]])
    return joint, walk + np.diag(variances)


@pytest.mark.parametrize(("step", "slope"), [(0.0, 0.0), (0.3, 0.0), (0.0, 0.2), (0.3, 0.2)])
@pytest.mark.parametrize("missing", [False, True])
def test_the_filter_is_the_posterior_solved_at_once(step, slope, missing) -> None:
    rng = np.random.default_rng(0)
    values, variances = rng.normal(size=N), rng.uniform(0.5, 2, N)
    seen = np.arange(N) != (3 if missing else -1)
    joint, observed = model_of(step, slope, variances)
    observed = observed[np.ix_(seen, seen)] + 1e7  # a first level that may be anything
    cross = joint[:, :N][:, seen] + np.append(np.full(N, 1e7), 0.0)[:, None]
    mean = cross @ np.linalg.solve(observed, values[seen])
    covariance = joint + np.outer(*[np.append(np.full(N, 1e7**0.5), 0.0)] * 2)
    covariance = covariance - cross @ np.linalg.solve(observed, cross.T)
    given = np.where(seen, variances, np.inf)
    found = follow_trend(values[:, None], given[:, None], np.full(1, step), np.full(1, slope))
    np.testing.assert_allclose(found.level, mean[N - 1], rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(found.slope, mean[N], rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(found.level_variance, covariance[N - 1, N - 1], rtol=1e-4)
    np.testing.assert_allclose(found.covariance, covariance[N - 1, N], rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(found.slope_variance, covariance[N, N], rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("missing", [[], [3], [0], [0, 1, 5]])
def test_likelihood_is_that_of_differences_whatever_the_unit_of_responses(missing) -> None:
    rng = np.random.default_rng(1)
    seen = np.setdiff1d(np.arange(N), missing)
    step, slope = np.array([0.1, 0.5])[:, None, None], np.array([0.2, 0.0])[:, None, None]
    values, variances = rng.normal(size=(N, 1, 3, 2)), rng.uniform(0.5, 2, (N, 1, 3, 2))
    given = variances.copy()
    given[missing] = np.inf
    found = log_likelihood(values, given, step, slope)
    np.testing.assert_allclose(
        np.diff(log_likelihood(10 * values, given, step, slope), axis=0), np.diff(found, axis=0)
    )
    differences = np.diff(np.eye(N)[seen], axis=0)
    for unit in range(2):
        expected = []
        for q, s in ((0.1, 0.2), (0.5, 0.0)):
            logs, square = 0.0, 0.0
            for series in range(3):
                covariance = model_of(q, s, variances[:, 0, series, unit])[1]
                covariance = differences @ covariance @ differences.T
                d = differences @ values[:, 0, series, unit]
                logs += np.linalg.slogdet(covariance)[1]
                square += d @ np.linalg.solve(covariance, d)
            expected.append(-0.5 * (logs + 3 * len(differences) * np.log(square)))
        assert found[1, unit] - found[0, unit] == pytest.approx(expected[1] - expected[0], rel=1e-4)


def test_units_share_what_they_say_of_steps() -> None:
    sure = np.array([[0.0, 0.0, 0.0, 0.0], [30.0, 30.0, 30.0, 0.0]])
    weights = posterior(sure)
    np.testing.assert_allclose(weights.sum(0), 1.0)
    assert weights[1, 3] > 0.9  # undecided by itself, it follows the others
