"""An ideal observer that learns from the stimuli."""

import numpy as np

from hebbayes.data.recording import Recording
from hebbayes.reverse_engineering.forecasting.nulls.static import Saturated
from hebbayes.reverse_engineering.forecasting.scoring import score
from hebbayes.reverse_engineering.forecasting.sessions import split_sessions
from hebbayes.reverse_engineering.forecasting.theory.ideal_observer import (
    IdealObserver,
    belief,
    channel_groups,
    naive_counts,
)
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


def test_channels_that_show_fewer_sources_than_asked_for_leave_groups_empty() -> None:
    groups = channel_groups(np.ones((40, 6)), 2)
    assert set(groups) == {0}


def test_channels_of_one_source_are_found_together() -> None:
    rng = np.random.default_rng(0)
    for n_sources in (2, 3, 4):
        own = np.arange(24) * n_sources // 24
        sources = rng.integers(0, 2, (2000, n_sources))
        stimuli = np.where(
            rng.random((2000, 24)) < 0.25, rng.integers(0, 2, (2000, 24)), sources[:, own]
        )
        groups = channel_groups(stimuli.astype(float), n_sources)
        assert len(set(zip(groups, own))) == n_sources


def test_an_observer_that_learns_at_the_right_speed_forecasts_what_units_learn() -> None:
    split = split_sessions(learning_recording(), 6)
    models = {
        "saturated": Saturated(),
        "right": IdealObserver(prior_counts=(1500.0,)),
        "slow": IdealObserver(prior_counts=(50_000.0,)),
        "fitted": IdealObserver(prior_counts=(300.0, 1500.0, 6000.0, 50_000.0)),
    }
    gram = score(split, models).gram
    left = gram[0, 0] - 2 * gram[0, 1] + gram[1, 1]
    for k in (2, 4):
        signed = np.zeros(5)
        signed[0], signed[1], signed[k] = 1, -1, -1
        assert signed @ gram @ signed - 0.25 < 0.2 * (left - 0.25)  # noise has variance 0.25
    np.testing.assert_array_equal(gram[4], gram[2])  # the fitted one took the right speed
