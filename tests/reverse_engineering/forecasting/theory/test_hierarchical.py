"""Prior counts drawn towards a population: what is learnt of units, and of other recordings."""

import numpy as np
import pytest
from scipy.stats import norm

from hebbayes.core.errors import ValueRangeError
from hebbayes.data.recording import Recording
from hebbayes.reverse_engineering.forecasting.contract import forecast_open_loop
from hebbayes.reverse_engineering.forecasting.nulls.static import Saturated
from hebbayes.reverse_engineering.forecasting.scoring import score
from hebbayes.reverse_engineering.forecasting.sessions import split_sessions
from hebbayes.reverse_engineering.forecasting.theory.canonical import CanonicalChange
from hebbayes.reverse_engineering.forecasting.theory.hierarchical import (
    CountPopulation,
    HierarchicalCount,
    fit_population,
    learn_population,
    posterior,
)
from hebbayes.reverse_engineering.forecasting.theory.ideal_observer import (
    IdealObserver,
    belief,
    naive_counts,
)
from hebbayes.reverse_engineering.synapses import coincidence_counts

from ..recordings import small_recording

COUNTS = (150.0, 700.0, 3000.0, 100_000.0)


def two_speeds(fast: float = 150.0, slow: float = 3000.0, seed: int = 0) -> Recording:
    """Even units read the beliefs of a network that learns fast, odd ones of a slow one."""
    rng = np.random.default_rng(seed)
    own = np.arange(8) * 2 // 8
    sources = rng.integers(0, 2, (48, 2))
    swap = rng.random((48, 8)) < 0.2
    stimuli = np.where(swap, sources[:, 1 - own], sources[:, own]).astype(float)
    networks = [naive_counts(own, 2, count, 0.01) for count in (fast, slow)]
    loadings, rates = rng.uniform(2, 6, (2, 8)), []
    for _ in range(14):
        x = [belief(counts, stimuli, 0.0) for counts in networks]
        rates.append(4 + np.where(np.arange(8) % 2 == 0, *(b @ loadings for b in x)))
        networks = [c + coincidence_counts(stimuli, b) for c, b in zip(networks, x)]
    rate = np.concatenate(rates)
    noisy = np.maximum(rate + 0.4 * rng.normal(size=rate.shape), 0)
    return Recording(np.tile(stimuli, (14, 1)), noisy, np.repeat(np.arange(14), 48))


@pytest.fixture(scope="module")
def split():
    return split_sessions(two_speeds(), 7)


def test_units_of_two_speeds_are_told_apart_and_both_are_forecast(split) -> None:
    model = HierarchicalCount(prior_counts=COUNTS)
    found = model.fit(split.training).prior_count
    assert found[::2].max() < 500 < 1500 < found[1::2].min()
    models = {"saturated": Saturated(), "hierarchical": model}
    models |= {f"{c:.0f}": IdealObserver(prior_counts=(c,)) for c in COUNTS}
    gram = score(split, models).gram
    losses = [gram[0, 0] - 2 * gram[0, 1] + gram[1, 1]]
    for k in range(2, 7):
        signed = np.eye(7)[0] - np.eye(7)[1] - np.eye(7)[k]
        losses.append(signed @ gram @ signed)
    assert losses[1] < min(losses[0], *losses[2:])  # no shared prior count does as well
    assert losses[1] - 0.16 < 0.25 * (losses[0] - 0.16)  # noise has variance 0.16


def test_the_change_is_the_posterior_mean_of_what_the_networks_show(split) -> None:
    model = HierarchicalCount(prior_counts=COUNTS)
    state = model.fit(split.training)
    alone = [forecast_open_loop(IdealObserver(prior_counts=(c,)), split)[3] for c in COUNTS]
    expected = sum(w * change for w, change in zip(state.weights, alone))
    np.testing.assert_allclose(forecast_open_loop(model, split)[3], expected, atol=1e-12)
    np.testing.assert_allclose(state.weights.sum(0), 1.0)


def test_the_likelihood_is_that_of_change_beside_free_gains() -> None:
    """Second route: least squares of responses less change on the evoked forecast."""
    split = split_sessions(small_recording(sessions=4, units=2, unobserved=0.2), 3)
    model = HierarchicalCount(CanonicalChange(), prior_counts=(30.0, 300.0))
    found = model.fit(split.training).log_likelihood

    def left(change_of) -> np.ndarray:
        evoked, total = model.evoked.fit(split.training), np.zeros(2)
        for k, session in enumerate(split.training):
            f = model.evoked.predict(evoked, session.stimuli)
            for u in range(2):
                seen = session.valid[:, u]
                y = (session.responses - change_of(k))[seen, u]
                total[u] += np.linalg.lstsq(f[seen][:, [u]], y, rcond=None)[1][0]
        return total

    nothing, trials = left(lambda k: 0.0), sum(s.valid.sum(0) for s in split.training)
    for row, count in zip(found, (30.0, 300.0)):
        network = CanonicalChange(prior_count=count)
        within = network.within(network.fit(split.training), split.training)
        expected = (nothing - left(within.__getitem__)) / 2 / (nothing / trials)
        np.testing.assert_allclose(row, expected, rtol=1e-6)


def test_change_within_training_has_mean_nothing_for_every_pattern(split) -> None:
    for model in (CanonicalChange(), IdealObserver()):
        within = model.within(model.fit(split.training), split.training)
        np.testing.assert_allclose(np.mean(within, axis=0), 0.0, atol=1e-9)
        assert np.abs(within[0]).mean() > 1e-4


def test_a_unit_that_says_little_is_drawn_to_the_population_and_one_that_says_much_is_not() -> None:
    log_counts = np.log([100.0, 1000.0, 10_000.0])
    says = np.array([[3.0, 300.0], [0.0, 0.0], [0.0, 0.0]])
    weights = posterior(says, log_counts, CountPopulation(float(log_counts[1]), 0.5))
    assert weights[:, 0].argmax() == 1
    assert weights[:, 1].argmax() == 0


def test_the_population_has_the_mean_and_spread_that_units_were_drawn_from() -> None:
    rng = np.random.default_rng(0)
    log_counts = np.log(np.geomspace(100.0, 100_000.0, 15))
    true = rng.normal(7.5, 1.2, 400)
    found = fit_population(norm.logpdf(log_counts[:, None], true, 0.4), log_counts)
    assert found.mean == pytest.approx(7.5, abs=4 * 1.2 / 20 + 0.15)  # 0.15: half a step
    assert found.spread == pytest.approx(1.2, abs=0.35)


def test_a_population_may_come_from_other_recordings_and_then_decides_where_units_do_not() -> None:
    model = HierarchicalCount(prior_counts=COUNTS)
    others = [split_sessions(two_speeds(150.0, 150.0, seed), 7).training for seed in (1, 2)]
    population = learn_population(others, model)
    assert population.mean < np.log(400)
    noise = np.random.default_rng(0).poisson(4.0, (14 * 48, 8))
    silent = split_sessions(Recording(two_speeds().stimuli, noise, np.repeat(range(14), 48)), 7)
    told = HierarchicalCount(prior_counts=COUNTS, population=population).fit(silent.training)
    alone = model.fit(silent.training)
    assert told.population is population
    assert told.prior_count.mean() < alone.prior_count.mean()
    with pytest.raises(ValueRangeError, match="at least one recording"):
        learn_population([])
