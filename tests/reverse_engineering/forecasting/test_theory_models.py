"""Change as theory has it: canonical synapses, ideal observer, latent network, plain Hebb."""

import numpy as np
import pytest
from scipy.special import expit, logit

from hebbayes.core.errors import ValueRangeError
from hebbayes.data.recording import Recording
from hebbayes.reverse_engineering.forecasting.contract import (
    forecast_closed_loop,
    forecast_open_loop,
)
from hebbayes.reverse_engineering.forecasting.nulls.hebbian import PlainHebb
from hebbayes.reverse_engineering.forecasting.nulls.static import Saturated
from hebbayes.reverse_engineering.forecasting.scoring import score
from hebbayes.reverse_engineering.forecasting.sessions import split_sessions
from hebbayes.reverse_engineering.forecasting.theory.canonical import CanonicalChange
from hebbayes.reverse_engineering.forecasting.theory.hierarchical import HierarchicalCount
from hebbayes.reverse_engineering.forecasting.theory.ideal_observer import (
    IdealObserver,
    belief,
    channel_groups,
    naive_counts,
)
from hebbayes.reverse_engineering.forecasting.theory.latent_network import LatentNetwork
from hebbayes.reverse_engineering.forecasting.theory.published_protocol import PublishedProtocol
from hebbayes.reverse_engineering.synapses import coincidence_counts

from .recordings import small_recording


def test_channels_that_show_fewer_sources_than_asked_for_leave_groups_empty() -> None:
    groups = channel_groups(np.ones((40, 6)), 2)
    assert set(groups) == {0}


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


def unit_tables(stimuli: np.ndarray, activity: np.ndarray, prior: float) -> np.ndarray:
    tables = np.full((2, 2, stimuli.shape[1]), prior)
    for o, x in zip(stimuli, activity):
        for value in (0, 1):
            on = o if value == 0 else 1 - o
            tables[value, 0] += on * x
            tables[value, 1] += on * (1 - x)
    return tables


def test_canonical_change_is_that_of_one_unit_counted_by_hand() -> None:
    split = split_sessions(small_recording(units=1, sessions=3), 2)
    stimuli = [s.stimuli for s in split.training]
    evoked = Saturated(is_shrunk=True)
    fitted = np.concatenate([evoked.predict(evoked.fit(split.training), o) for o in stimuli])[:, 0]
    low, high = np.quantile(fitted, [0.05, 0.95])
    x = [np.clip((s.responses[:, 0] - low) / (high - low), 0, 1) for s in split.training]
    factor = logit(np.concatenate(x).mean())

    def rate(tables, o):
        p = tables / tables.sum(0)  # P(stimulus value | activity value)
        log_odds = factor + sum(
            np.where(o[:, i] == 1, *np.log(p[:, 0, i] / p[:, 1, i])) for i in range(o.shape[1])
        )
        return expit(log_odds)

    now = unit_tables(np.concatenate(stimuli), np.concatenate(x), 50.0)
    before = [np.full(now.shape, 50.0), unit_tables(stimuli[0], x[0], 50.0)]
    o = split.later[0].stimuli
    expected = (high - low) * (rate(now, o) - np.mean([rate(b, o) for b in before], axis=0))
    found = forecast_open_loop(CanonicalChange(prior_count=50.0), split)[0][:, 0]
    np.testing.assert_allclose(found, expected, atol=1e-9)


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


def test_plain_hebb_sums_covariances_and_forgets() -> None:
    split = split_sessions(small_recording(sessions=4, units=2), 3)
    mean = np.concatenate([s.stimuli for s in split.training]).mean(0)
    w, past = np.zeros((6, 2)), []
    for session in split.training:
        past.append(w)
        w = 0.7 * w + np.cov(session.stimuli.T, session.responses.T, bias=True)[:6, 6:]
    expected = (split.later[0].stimuli - mean) @ (w - np.mean(past, axis=0))
    found = forecast_open_loop(PlainHebb(decays=(0.3,)), split)[0]
    np.testing.assert_allclose(found, expected, atol=1e-9)


@pytest.mark.parametrize("model", [CanonicalChange(), IdealObserver(), PlainHebb()])
def test_mean_change_over_training_is_nothing(model) -> None:
    """The reference of change is training itself: fitted again on more, it starts from there."""
    split = split_sessions(learning_recording(), 6)
    change = forecast_closed_loop(model, split)
    sizes = [np.abs(c).mean() for c in change]
    assert sizes[0] > 0
    assert sizes[-1] > sizes[0]  # learning goes on


def test_forgetting_and_present_gain_matter() -> None:
    split = split_sessions(small_recording(gain_step=0.3), 4)
    plain = forecast_open_loop(CanonicalChange(), split)[2]
    forgetting = forecast_open_loop(CanonicalChange(forgetting=0.3), split)[2]
    scaled = forecast_open_loop(CanonicalChange(is_gain_dependent=True), split)[2]
    assert np.abs(forgetting).mean() < 0.8 * np.abs(plain).mean()
    ratio = scaled / plain
    np.testing.assert_allclose(ratio, np.broadcast_to(ratio[:1], ratio.shape))
    assert np.ptp(ratio[0]) > 0.1


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
