"""Means with errors, correlations and agreement, against NumPy and by hand."""

import numpy as np

from hebbayes.reverse_engineering.statistics.summaries import (
    correlations,
    is_consistent,
    mean_and_error,
)


def test_correlations_agree_with_numpy() -> None:
    first, second = np.random.default_rng(1).random((2, 30, 3))
    expected = np.corrcoef(first.T, second.T)[:3, 3:]
    np.testing.assert_allclose(correlations(first, second), expected, rtol=1e-12)


def test_a_constant_has_no_correlation() -> None:
    first = np.array([[0.0, 1.0], [1.0, 1.0]])
    np.testing.assert_array_equal(correlations(first, first), [[1.0, np.nan], [np.nan, np.nan]])


def test_one_value_has_a_mean_and_no_error() -> None:
    mean, error = mean_and_error(np.array([[0.5], [0.7]]))
    assert mean.tolist() == [0.5, 0.7]
    assert np.isnan(error).all()


def test_agreement_is_within_joint_standard_errors() -> None:
    assert is_consistent(1.0, 1.9, 0.3)
    assert not is_consistent(1.0, 1.91, 0.3)
    assert is_consistent(1.0, 2.49, 0.3, 0.4)
