"""Logistic regression against a general optimiser, its errors against their known size."""

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import log_softmax

from hebbayes.core.errors import ValueRangeError
from hebbayes.reverse_engineering.behaviour.regression import fit_choices, predicted_shares
from hebbayes.reverse_engineering.statistics.blocks import blocks
from hebbayes.reverse_engineering.statistics.bootstrap import bootstrap_steps, resampled_estimate


@pytest.fixture
def problem(rng):
    design = np.column_stack([np.ones(300), rng.normal(size=(300, 2))])
    offset = rng.normal(size=(300, 3))
    target = np.eye(3)[(offset + rng.gumbel(size=(300, 3)) + design[:, 1:2]).argmax(1)]
    return design, target, offset


def test_newton_finds_what_a_general_optimiser_finds(problem) -> None:
    design, target, offset = problem

    def loss(flat):
        coefficients = np.pad(flat.reshape(3, 2), ((0, 0), (0, 1)))
        logs = log_softmax(design @ coefficients + offset, axis=1)
        return -(target * logs).sum() + 0.05 * (flat**2).sum()

    other = minimize(loss, np.zeros(6), tol=1e-10)
    fit = fit_choices(design, target, offset=offset, ridge=0.1)
    np.testing.assert_allclose(fit.coefficients.ravel(), other.x, atol=1e-4)
    assert -fit.log_likelihood + 0.05 * (other.x**2).sum() == pytest.approx(other.fun, abs=1e-6)
    shares = predicted_shares(design, fit.coefficients, offset)
    np.testing.assert_allclose(shares.sum(1), 1)


def test_scores_and_information_are_derivatives_of_the_likelihood(problem) -> None:
    design, target, offset = problem
    fit = fit_choices(design, target, offset=offset)
    np.testing.assert_allclose(fit.scores.sum(0), 0, atol=1e-4)
    # the information equality, by the scores of a model that is right
    ratio = np.diag(fit.scores.T @ fit.scores) / np.diag(fit.information)
    assert (np.abs(ratio - 1) < 4 * np.sqrt(2 / 300) * 2).all()


def test_bootstrapped_errors_are_those_of_theory_and_grow_with_dependence(rng) -> None:
    independent = rng.normal(size=(900, 1))
    repeated = np.repeat(independent[:300], 3, axis=0)
    block = blocks(np.repeat([0, 1], 450), 3)
    assert np.bincount(block).tolist() == [3] * 300
    spread = [
        bootstrap_steps(scores, np.array([[900.0]]), block, rng=rng).std()
        for scores in (independent, repeated)
    ]
    assert spread[0] == pytest.approx(1 / 30, rel=0.15)
    assert spread[1] == pytest.approx(np.sqrt(3) / 30, rel=0.2)
    found = resampled_estimate(np.array(1.0), np.linspace(-0.1, 0.1, 1001))
    assert (found.low, found.high) == (pytest.approx(0.905), pytest.approx(1.095))


def test_what_cannot_be_fitted_is_refused() -> None:
    x = np.r_[np.zeros(5), np.ones(5)]
    design, target = np.column_stack([np.ones(10), x]), np.column_stack([x, 1 - x])
    with pytest.raises(ValueRangeError, match="no finite coefficients"):
        fit_choices(design, target)
    assert np.isfinite(fit_choices(design, target, ridge=0.04).coefficients).all()
    with pytest.raises(ValueRangeError, match=r"input 2 of the regression \(0 is the constant\)"):
        fit_choices(np.column_stack([design, x]), target)
    with pytest.raises(ValueRangeError, match="no trial is left"):
        fit_choices(design[:0], target[:0])
