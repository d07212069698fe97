"""The published protocol as a forecast: the paper's own numbers where the two must agree."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.special import expit

from hebbayes.core.arrays import OFF, ON
from hebbayes.data.recording import Recording
from hebbayes.reverse_engineering.forecasting.contract import (
    forecast_closed_loop,
    forecast_open_loop,
)
from hebbayes.reverse_engineering.forecasting.sessions import Split, split_sessions
from hebbayes.reverse_engineering.forecasting.theory.published_protocol import (
    PublishedProtocol,
    ensemble_activity,
    estimated_states,
    expected_activity,
    read_ensembles,
)
from hebbayes.reverse_engineering.isomura2023.pipeline import (
    describe,
    find_ensembles,
    mean_baseline,
)
from hebbayes.reverse_engineering.synapses import coincidence_counts, effective_synapses

from ..recordings import small_recording


def culture(sessions: int = 13) -> Recording:
    """Channels without mixing, so that estimated sources are the known ones; selectivity grows."""
    rng = np.random.default_rng(3)
    sources = rng.integers(0, 2, (sessions * 32, 2))
    sources[:4] = [[0, 0], [0, 1], [1, 0], [1, 1]]
    grows = np.repeat(np.linspace(2, 5, sessions), 32)[:, None]
    rate = 1.5 + grows * sources[:, [0, 0, 0, 1, 1]]
    return Recording(
        np.repeat(sources, 3, axis=1),
        rng.poisson(rate),
        np.repeat(np.arange(sessions), 32),
        sources=sources,
    )


@pytest.fixture(scope="module")
def split() -> Split:
    return split_sessions(culture(), 10)


def in_order(split: Split) -> list[int]:
    """Which ensemble is that of source 1: channels 0 to 2."""
    group = read_ensembles(split.training).groups[0]
    return [int(group), 1 - int(group)]


def test_activity_thresholds_and_expectations_in_training_are_the_published_ones(split) -> None:
    """The paper's own description of the first ten sessions, as if there were no others."""
    recording, order = culture().select(sessions=np.arange(10)), in_order(split)
    ensembles = find_ensembles(recording)
    found = describe(recording, ensembles, mean_baseline([(recording, ensembles)]))
    state = PublishedProtocol().fit(split.training)
    x = np.concatenate([ensemble_activity(state.reading, s) for s in split.training])[:, order]
    np.testing.assert_allclose(x, found.activity, atol=1e-12)
    np.testing.assert_allclose(state.factors[:, order], found.threshold_factors, atol=1e-12)
    expected = [
        expected_activity(effective_synapses(counts), state.factors, session.stimuli)
        for counts, session in zip(state.history, split.training)
    ]
    np.testing.assert_allclose(np.concatenate(expected)[:, order], found.predicted_activity)


def test_the_forecast_is_the_published_run_on_by_hand(split) -> None:
    model = PublishedProtocol()
    state = model.fit(split.training)
    counts, h = np.full((2, 2, 6, 2), 3000.0), state.factors

    def expected(table: np.ndarray, o: np.ndarray) -> np.ndarray:
        on, off = table
        weights, norm = np.log(on / off), np.log(off / (on + off)).sum(1) + h
        return expit(o @ (weights[ON] - weights[OFF]) + norm[ON] - norm[OFF])

    history = []
    for session in split.training:
        history.append(counts)
        x = ensemble_activity(state.reading, session)
        counts = counts + 2 * coincidence_counts(session.stimuli, x)
    forecasts = forecast_open_loop(model, split)
    for session, forecast in zip(split.later, forecasts):
        o = session.stimuli
        change = expected(counts, o) - np.mean([expected(c, o) for c in history], axis=0)
        np.testing.assert_allclose(forecast, change @ state.loadings, atol=1e-9)
        counts = counts + coincidence_counts(o, expected(counts, o))  # gain 1, as published


def test_ensembles_are_units_that_prefer_a_source_that_only_stimuli_tell(split) -> None:
    reading = read_ensembles(split.training)
    first, second = in_order(split)
    assert reading.members[:, first].tolist() == [1, 1, 1, 0, 0]
    assert reading.members[:, second].tolist() == [0, 0, 0, 1, 1]
    known = np.concatenate([s.sources for s in split.training])
    told = estimated_states(reading.groups, np.concatenate([s.stimuli for s in split.training]))
    np.testing.assert_array_equal(told, known[:, [first, second]] @ [2, 1])


def test_units_are_loaded_on_the_activity_of_their_own_ensemble(split) -> None:
    state = PublishedProtocol().fit(split.training)
    own = state.reading.members.T > 0
    assert state.loadings[own].min() > 2 * np.abs(state.loadings[~own]).max()


def test_in_closed_loop_synapses_learn_from_what_was_recorded(split) -> None:
    model = PublishedProtocol()
    state = model.update(model.fit(split.training), split.later[0])
    x = ensemble_activity(state.reading, split.later[0])
    learnt = state.counts - model.fit(split.training).counts
    np.testing.assert_allclose(learnt, 2 * coincidence_counts(split.later[0].stimuli, x))
    closed, opened = forecast_closed_loop(model, split), forecast_open_loop(model, split)
    np.testing.assert_array_equal(closed[0], opened[0])
    assert np.abs(closed[1] - opened[1]).max() > 0


def test_an_ensemble_without_units_changes_nothing_and_holds_up_nothing() -> None:
    recording = small_recording(units=4, unobserved=0.3)
    one_sided = replace(recording, responses=recording.responses[:, [0, 0, 2, 2]])
    found = PublishedProtocol().fit(split_sessions(one_sided, 4).training)
    assert sorted(found.reading.members.any(0)) == [False, True]
    assert np.isfinite(effective_synapses(found.counts).weights).all()
    empty = int(np.argmin(found.reading.members.any(0)))
    np.testing.assert_allclose(found.loadings[empty], 0.0, atol=1e-12)
