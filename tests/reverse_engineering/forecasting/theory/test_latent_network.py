"""A latent network fitted by gradient through its learning."""

import numpy as np
import pytest

from hebbayes.data.recording import Recording
from hebbayes.reverse_engineering.forecasting.nulls.static import Saturated
from hebbayes.reverse_engineering.forecasting.scoring import score
from hebbayes.reverse_engineering.forecasting.sessions import split_sessions
from hebbayes.reverse_engineering.forecasting.theory.ideal_observer import (
    belief,
    naive_counts,
)
from hebbayes.reverse_engineering.forecasting.theory.latent_network import LatentNetwork
from hebbayes.reverse_engineering.synapses import coincidence_counts


def learning_recording(
    prior_count: float = 1500.0, sessions: int = 16, units: int = 12, seed: int = 0
) -> Recording:
    """Units read the beliefs of a network that learns, with Gaussian noise."""
    rng = np.random.default_rng(seed)
    own = np.arange(12) * 2 // 12
    sources = rng.integers(0, 2, (96, 2))
    swap = rng.random((96, 12)) < 0.2
    stimuli = np.where(swap, sources[:, 1 - own], sources[:, own]).astype(float)
    counts, loadings = naive_counts(own, 2, prior_count, 0.01), rng.uniform(0, 6, (2, units))
    rates = []
    for _ in range(sessions):
        x = belief(counts, stimuli, 0.0)
        rates.append(4 + x @ loadings)
        counts = counts + coincidence_counts(stimuli, x)
    rate = np.concatenate(rates)
    noisy = np.maximum(rate + 0.5 * rng.normal(size=rate.shape), 0)
    return Recording(np.tile(stimuli, (sessions, 1)), noisy, np.repeat(np.arange(sessions), 96))


@pytest.fixture(scope="module")
def latent():
    split = split_sessions(learning_recording(sessions=10), 6)
    model = LatentNetwork(n_starts=2, n_steps=300)
    return model, split, model.fit(split.training)


def test_the_fitted_network_finds_the_speed_of_learning_and_says_how_it_converged(latent) -> None:
    _, _, state = latent
    assert state.prior_count == pytest.approx(1500.0, rel=0.25)
    np.testing.assert_allclose(state.factor, 0.0, atol=0.5)
    losses = [start.loss for start in state.starts]
    assert losses == sorted(losses)
    assert state.starts[0].is_converged
    assert state.starts[0].gradient < 1e-3


def test_the_fitted_network_forecasts_the_learning_to_come(latent) -> None:
    model, split, _ = latent
    gram = score(split, {"saturated": Saturated(), "latent": model}).gram
    alone, added = np.array([1.0, -1.0, 0.0]), np.array([1.0, -1.0, -1.0])
    assert added @ gram @ added - 0.25 < 0.3 * (alone @ gram @ alone - 0.25)


def test_the_gradient_through_learning_is_that_of_finite_differences() -> None:
    from hebbayes.reverse_engineering.forecasting.theory.latent_loss import loss_and_gradient

    rng = np.random.default_rng(0)
    stimuli = rng.integers(0, 2, (3, 10, 4)).astype(float)
    slope = loss_and_gradient(stimuli, rng.normal(size=(3, 10, 5)), np.ones((3, 10)), 2)
    at = rng.normal(0, 0.3, 11)
    at[0] = -5.0  # few prior counts, so that learning matters
    gradient = slope(at)[1]
    for k in range(11):
        step = 1e-5 * np.eye(11)[k]
        numeric = (slope(at + step)[0] - slope(at - step)[0]) / 2e-5
        assert gradient[k] == pytest.approx(numeric, abs=1e-7, rel=1e-5)
