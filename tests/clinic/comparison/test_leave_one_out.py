"""PSIS-LOO: against the exact answer of a conjugate model, and the Pareto fit against its truth."""

import numpy as np
import pytest
from scipy import stats

from hebbayes.clinic.comparison.leave_one_out import RELIABLE, leave_one_out, pareto_fit, smooth


def normal_model(n=30, n_draws=4000, seed=0):
    """Values of a normal: pointwise at draws of its mean, exact densities, draws, values."""
    rng = np.random.default_rng(seed)
    y = rng.normal(size=n)
    precision = n + 0.01  # prior N(0, 100)
    draws = rng.normal(y.sum() / precision, precision**-0.5, n_draws)
    pointwise = stats.norm.logpdf(y[None], draws[:, None], 1.0)
    rest = precision - 1
    exact = stats.norm.logpdf(y, (y.sum() - y) / rest, np.sqrt(1 + 1 / rest))
    return pointwise, exact, draws, y


def test_agrees_with_the_exact_answer():
    pointwise, exact, _, _ = normal_model()
    found = leave_one_out(pointwise, np.zeros(len(pointwise)))
    np.testing.assert_allclose(found.log_density, exact, atol=0.02)
    assert found.unreliable == 0


def test_draws_of_a_wider_proposal_give_the_same():
    _, exact, _, y = normal_model()
    rng = np.random.default_rng(1)
    precision = len(y) + 0.01
    centre, spread = y.sum() / precision, precision**-0.5
    draws = stats.t.rvs(5, centre, 1.2 * spread, size=4000, random_state=rng)
    weight = stats.norm.logpdf(draws, centre, spread)
    weight -= stats.t.logpdf(draws, 5, centre, 1.2 * spread)
    pointwise = stats.norm.logpdf(y[None], draws[:, None], 1.0)
    np.testing.assert_allclose(leave_one_out(pointwise, weight).log_density, exact, atol=0.02)


def test_a_choice_left_out_is_less_probable_than_one_fitted_to():
    pointwise, _, _, _ = normal_model()
    found = leave_one_out(pointwise, np.zeros(len(pointwise)))
    fitted = np.log(np.exp(pointwise).mean(0))
    assert (found.log_density < fitted).all()


@pytest.mark.parametrize("shape", [-0.3, 0.2, 0.7, 1.2])
def test_pareto_fit_finds_the_shape_and_scale(shape):
    rng = np.random.default_rng(0)
    values = np.sort(stats.genpareto.rvs(shape, scale=2.0, size=(20_000, 4), random_state=rng), 0)
    found, scale = pareto_fit(values)
    np.testing.assert_allclose(found, shape, atol=0.06)
    np.testing.assert_allclose(scale, 2.0, rtol=0.06)


def test_heavy_weights_are_found_unreliable_and_their_largest_is_tamed():
    rng = np.random.default_rng(0)
    log_ratio = np.log(stats.pareto.rvs(0.8, size=(1000, 1), random_state=rng))
    smoothed, shape = smooth(log_ratio)
    raw = log_ratio - np.log(np.exp(log_ratio).sum(0))
    assert shape[0] > RELIABLE
    assert smoothed.max() <= raw.max() + 0.5
    assert np.exp(smoothed).sum() == pytest.approx(1.0)


def test_order_of_draws_does_not_matter():
    pointwise, _, _, _ = normal_model(n_draws=200)
    order = np.random.default_rng(0).permutation(200)
    first, second = (leave_one_out(p, np.zeros(200)) for p in (pointwise, pointwise[order]))
    np.testing.assert_allclose(first.log_density, second.log_density)


@pytest.mark.parametrize("n_draws", [1, 10])
def test_too_few_draws_are_said_to_be_unreliable(n_draws):
    found = leave_one_out(np.full((n_draws, 3), -1.0), np.zeros(n_draws))
    assert found.unreliable == 1
    np.testing.assert_allclose(found.log_density, -1)


def test_no_choice_has_no_score():
    found = leave_one_out(np.empty((100, 0)), np.zeros(100))
    assert np.isnan(found.nats_per_choice)
    assert found.unreliable == 0
