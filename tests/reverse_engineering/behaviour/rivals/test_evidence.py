"""Laplace evidence against integration on a grid, and against exact normal algebra."""

import numpy as np
import pytest
from scipy.special import softmax

from hebbayes.reverse_engineering.behaviour.rivals.evidence import (
    NormalPrior,
    laplace_fit,
    mean_log,
)


def test_evidence_is_the_integral_of_likelihood_times_prior(rng) -> None:
    decision = rng.integers(0, 2, 200)
    design = rng.normal(size=200)
    prior = NormalPrior(np.array([0.2, -0.1]), np.array([1.5, 0.8]))

    def log_odds(parameters):
        on = parameters[:, :1] + parameters[:, 1:] * design
        return np.stack([on, np.zeros_like(on)], axis=2)

    fit = laplace_fit(log_odds, decision, prior, np.zeros((1, 2)))
    axes = [np.linspace(v - 6 * s, v + 6 * s, 161)
            for v, s in zip(fit.parameters, np.sqrt(np.diag(fit.covariance)))]  # fmt: skip
    grid = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, 2)
    shares = softmax(log_odds(grid), axis=2)[:, np.arange(200), decision]
    heights = np.log(shares).sum(1) + prior.log_density(grid)
    cell = (axes[0][1] - axes[0][0]) * (axes[1][1] - axes[1][0])
    exact = heights.max() + np.log(np.exp(heights - heights.max()).sum() * cell)
    assert fit.log_evidence == pytest.approx(exact, abs=0.02)


def test_the_best_of_several_starts_is_found() -> None:
    """Log odds 3 sin(z) fit best at pi / 2 and one turn on, where the prior is."""
    decision = np.array([0] * 95 + [1] * 5)
    prior = NormalPrior(np.array([2 * np.pi + 1.5]), np.array([0.5]))

    def log_odds(parameters):
        on = np.tile(3 * np.sin(parameters), (1, 100))
        return np.stack([on, np.zeros_like(on)], axis=2)

    fit = laplace_fit(log_odds, decision, prior, np.array([[1.4], [2 * np.pi + 1.4]]))
    assert fit.parameters[0] > 2 * np.pi


def test_forms_of_a_model_share_its_evidence() -> None:
    assert mean_log(np.array([-1000.0, -1000.0])) == pytest.approx(-1000.0)
    assert mean_log(np.array([0.0, -800.0])) == pytest.approx(-np.log(2))
