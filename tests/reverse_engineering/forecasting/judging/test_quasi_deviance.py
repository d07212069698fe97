"""Dispersion of counts, and their quasi-deviance."""

import numpy as np
import pytest

from hebbayes.data.recording import Recording
from hebbayes.reverse_engineering.forecasting.judging.quasi_deviance import (
    dispersion,
    quasi_deviance,
)
from hebbayes.reverse_engineering.forecasting.sessions import split_sessions


def test_dispersion_finds_how_regular_counts_are() -> None:
    rng = np.random.default_rng(1)
    counts = np.column_stack(
        [rng.poisson(6.0, (2000, 10)), rng.binomial(12, 0.5, (2000, 10))]
    )  # variance over mean 1 and 1/2
    split = split_sessions(
        Recording(np.tile(np.eye(4), (500, 1)), counts, np.repeat([0, 1], 1000)), 1
    )
    found = dispersion(split).reshape(2, 10).mean(1)
    np.testing.assert_allclose(found, [1.0, 0.5], rtol=4 * np.sqrt(2 / 10_000))


def test_quasi_deviance_is_near_its_degrees_of_freedom_for_the_true_mean() -> None:
    rng = np.random.default_rng(2)
    counts = rng.binomial(40, 0.5, (4000, 5))  # dispersion 1/2, and far from zero
    split = split_sessions(Recording(np.ones((4000, 1)), counts, np.repeat([0, 1], 2000)), 1)
    true = quasi_deviance(split, [np.full((2000, 5), 20.0)])
    assert true == pytest.approx(1.0, abs=0.1)
    assert quasi_deviance(split, [np.full((2000, 5), 15.0)]) > 2 * true
