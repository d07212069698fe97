"""Change as theory has it: canonical synapses, ideal observer, latent network, plain Hebb."""

import numpy as np
import pytest

from hebbayes.core.errors import ValueRangeError
from hebbayes.data.recording import Recording
from hebbayes.reverse_engineering.forecasting.contract import (
    forecast_closed_loop,
)
from hebbayes.reverse_engineering.forecasting.nulls.hebbian import PlainHebb
from hebbayes.reverse_engineering.forecasting.sessions import split_sessions
from hebbayes.reverse_engineering.forecasting.theory.canonical import CanonicalChange
from hebbayes.reverse_engineering.forecasting.theory.hierarchical import HierarchicalCount
from hebbayes.reverse_engineering.forecasting.theory.ideal_observer import (
    IdealObserver,
    belief,
    naive_counts,
)
from hebbayes.reverse_engineering.forecasting.theory.latent_network import LatentNetwork
from hebbayes.reverse_engineering.forecasting.theory.published_protocol import PublishedProtocol
from hebbayes.reverse_engineering.synapses import coincidence_counts

from .recordings import small_recording


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


@pytest.mark.parametrize("model", [CanonicalChange(), IdealObserver(), PlainHebb()])
def test_mean_change_over_training_is_nothing(model) -> None:
    """The reference of change is training itself: fitted again on more, it starts from there."""
    split = split_sessions(learning_recording(), 6)
    change = forecast_closed_loop(model, split)
    sizes = [np.abs(c).mean() for c in change]
    assert sizes[0] > 0
    assert sizes[-1] > sizes[0]  # learning goes on


@pytest.mark.parametrize(
    ("model", "complaint"),
    [
        (CanonicalChange(prior_count=0.0), "prior_count must be above 0"),
        (CanonicalChange(forgetting=1.5), "forgetting must lie between"),
        (IdealObserver(prior_counts=(-1.0,)), "prior_counts must be above 0"),
        (IdealObserver(state_prior=1.0), "state_prior must lie inside"),
        (IdealObserver(n_sources=9), "n_sources must lie between"),
        (HierarchicalCount(prior_counts=()), "number of prior_counts must be"),
        (HierarchicalCount(prior_counts=(0.0,)), "prior_counts must be above 0"),
        (PlainHebb(decays=(2.0,)), "decays must lie between"),
    ],
)
def test_settings_out_of_range_are_named(model, complaint: str) -> None:
    with pytest.raises(ValueRangeError, match=complaint):
        model.fit(split_sessions(small_recording(), 3).training)


@pytest.mark.parametrize(
    "model",
    [
        CanonicalChange(),
        HierarchicalCount(),
        IdealObserver(),
        LatentNetwork(),
        PublishedProtocol(),
    ],
)
def test_a_canonical_network_wants_binary_stimuli(model) -> None:
    analog = Recording(np.full((4, 2), 0.5), np.ones((4, 1)), [0, 0, 1, 1])
    with pytest.raises(ValueRangeError, match="must hold only 0 and 1"):
        model.fit(split_sessions(analog, 1).training)
