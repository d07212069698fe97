"""Noise has the moments that it states."""

import numpy as np
import pytest

from hebbayes.simulators.spikes import noisy_rates, spike_counts

N = 40_000


@pytest.mark.parametrize("fano", [0.28, 0.5, 0.76, 1.0, 1.8])
@pytest.mark.parametrize("mean", [0.2, 1.3, 4.0, 11.0])
def test_counts_have_the_stated_mean_and_variance(fano: float, mean: float) -> None:
    counts = spike_counts(np.full(N, mean), fano, np.random.default_rng(0))
    assert counts.min() >= 0
    assert abs(counts.mean() - mean) <= 4 * counts.std() / np.sqrt(N)
    # whole numbers round the number of chances up: by less than one
    allowed = max(fano, 1 - mean / np.ceil(mean / (1 - fano))) if fano < 1 else fano
    fourth = ((counts - mean) ** 4).mean()
    error = np.sqrt((fourth - counts.var() ** 2) / N)
    assert abs(counts.var() - allowed * mean) <= 4 * error


def test_a_rate_of_zero_never_fires() -> None:
    for fano in (0.5, 1.0, 2.0):
        assert not spike_counts(np.zeros(100), fano, np.random.default_rng(0)).any()
    assert not noisy_rates(np.zeros(100), 0.5, np.random.default_rng(0)).any()


def test_noise_of_rates_is_additive() -> None:
    for mean in (1.0, 5.0):
        rates = noisy_rates(np.full(N, mean), 0.6, np.random.default_rng(0))
        assert abs(rates.mean() - mean) <= 4 * 0.6 / np.sqrt(N)
        assert rates.std() == pytest.approx(0.6, rel=0.04)
    assert (noisy_rates(np.arange(3.0), 0.0, np.random.default_rng(0)) == np.arange(3)).all()
