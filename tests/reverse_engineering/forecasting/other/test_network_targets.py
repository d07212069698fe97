"""Forecasts of synapses and free energy: counted by hand, blind to what is later, able to win."""

from dataclasses import replace

import numpy as np
import pytest

from hebbayes.core.arrays import OFF, ON
from hebbayes.core.errors import ShapeError
from hebbayes.data.recording import Recording
from hebbayes.reverse_engineering.forecasting.judging.verdict import judge, named_roles
from hebbayes.reverse_engineering.forecasting.other.network_targets import (
    FREE_ENERGY_NULLS,
    FREE_ENERGY_THEORY,
    SYNAPSE_NULLS,
    SYNAPSE_THEORY,
    forecast_network,
    score_network,
)
from hebbayes.reverse_engineering.forecasting.scoring import losses
from hebbayes.reverse_engineering.forecasting.sessions import Split, split_sessions
from hebbayes.reverse_engineering.forecasting.theory.published_protocol import (
    PublishedProtocol,
    ensemble_activity,
)
from hebbayes.reverse_engineering.synapses import coincidence_counts, effective_synapses

from ..recordings import small_recording
from ..test_leakage import replaced

N = 4


def split_of(recording: Recording) -> Split:
    return split_sessions(recording, N)


def forecasts_of(recording: Recording) -> dict[str, np.ndarray]:
    split = split_of(recording)
    found = forecast_network(split.training, [s.stimuli for s in split.later])
    free = {f"free energy, {name}": values for name, values in found.free_energy.items()}
    return {**found.synapses, **free}


@pytest.fixture(scope="module", params=["repeated", "fresh"])
def recording(request) -> Recording:
    return small_recording(is_repeated=request.param == "repeated", is_ragged=True, unobserved=0.1)


@pytest.mark.parametrize("how", ["permuted", "replaced"])
def test_what_follows_training_does_not_reach_forecasts_of_the_next_session(recording, how) -> None:
    first, second = forecasts_of(recording), forecasts_of(replaced(recording, N - 1, how))
    for name, values in first.items():
        assert values[0].tobytes() == second[name][0].tobytes(), name


def test_forecasts_of_all_sessions_use_no_later_response(recording) -> None:
    later = recording.session[:, None] >= N
    other = replace(recording, responses=np.where(later, 7, recording.responses))
    first, second = forecasts_of(recording), forecasts_of(other)
    assert {k: v.tobytes() for k, v in first.items()} == {k: v.tobytes() for k, v in second.items()}
    scores = [score_network(split_of(r))["synapses"].products for r in (recording, other)]
    assert np.abs(scores[0] - scores[1]).max() > 0  # what is scored did change


def test_synapses_are_those_of_counts_by_hand() -> None:
    split = split_of(small_recording())
    state = PublishedProtocol().fit(split.training)
    x = [ensemble_activity(state.reading, s) for s in (*split.training, *split.later)]
    o = [s.stimuli for s in (*split.training, *split.later)]

    def weights(order: list[int]) -> np.ndarray:
        table = 3000.0 + 2 * sum(coincidence_counts(o[k], x[k]) for k in order)
        odds = np.log(table[ON] / table[OFF])
        return odds[ON] - odds[OFF]

    found = forecast_network(split.training, [s.stimuli for s in split.later]).synapses
    np.testing.assert_allclose(found["unchanged"][3], weights([0, 1, 2, 3]), atol=1e-12)
    np.testing.assert_allclose(found["replay"][2], weights([0, 1, 2, 3, 0, 1]), atol=1e-12)
    slope = [
        np.polyfit(
            np.arange(5), [weights(list(range(k)))[c, e] if k else 0.0 for k in range(5)], 1
        )[0]
        for c in (0, 3)
        for e in (0, 1)
    ]
    moved = (found["trend"][2] - found["trend"][1])[[0, 3]].ravel()
    np.testing.assert_allclose(moved, slope, atol=1e-10)
    gram = score_network(split)["synapses"]
    expected = np.mean(
        [
            (weights(list(range(N + k))) - found["unchanged"][k]) ** 2
            for k in range(len(split.later))
        ]
    )
    assert losses(gram)["unchanged"] == pytest.approx(expected)


def test_free_energy_is_the_cost_of_activity_under_its_synapses_by_hand() -> None:
    split = split_of(small_recording())
    state = PublishedProtocol().fit(split.training)
    found = forecast_network(split.training, [s.stimuli for s in split.later]).free_energy
    counts = state.counts  # the first later session replays the first of training
    x, o = ensemble_activity(state.reading, split.training[0]), split.training[0].stimuli
    held = effective_synapses(counts)
    total = 0.0
    for t in range(len(x)):
        for e in range(2):
            for u, p in ((ON, x[t, e]), (OFF, 1 - x[t, e])):
                drive = o[t] @ held.weights[u, :, e] + held.normalisers[u, e] + state.factors[u, e]
                total += p * (np.log(p + 1e-6) - drive) if p > 0 else 0.0
    assert found["replay"][0] == pytest.approx(total / len(x))
    np.testing.assert_allclose(np.diff(found["trend"], 2), 0.0, atol=1e-9)
    np.testing.assert_allclose(found["change_fall"], -1.0)
    run = found["own_expectation"]
    np.testing.assert_allclose(np.diff(found["change_expected"]), np.diff(run), atol=1e-9)


def test_every_forecast_is_scored_and_plays_its_part() -> None:
    found = score_network(split_of(small_recording()))
    roles = named_roles(found["free_energy"], FREE_ENERGY_NULLS, FREE_ENERGY_THEORY)
    names = found["free_energy"].names
    assert [names[i] for i in roles.theory_terms] == ["change_expected", "change_expected_full"]
    assert [names[i] for i in roles.null_terms] == ["change_fall"]
    assert roles.n_settings == 4 * 2 + 4
    assert set(found["synapses"].names) == {*SYNAPSE_NULLS, *SYNAPSE_THEORY}


def growing(seed: int) -> Recording:
    """A culture that grows more selective in every session, so that x goes to its bounds."""
    rng = np.random.default_rng(seed)
    sources = np.tile(rng.integers(0, 2, (40, 2)), (9, 1))
    session = np.repeat(np.arange(9), 40)
    grows = 0.8 * session[:, None] * (2 * sources - 1)
    noise = rng.normal(size=(360, 6))
    unit = [0, 0, 0, 1, 1, 1]
    learnt = np.maximum(9 + (3 * sources + grows)[:, unit] + noise, 0)
    return Recording(np.repeat(sources, 4, axis=1), learnt, session, sources=sources)


def test_where_activity_goes_the_way_the_network_does_the_theory_is_found_to_add() -> None:
    """A replay of training cannot know that activity sharpens; the network's own run does."""
    from hebbayes.reverse_engineering.isomura2023.pipeline import Protocol

    fast = Protocol(prior_count=30.0)
    scores = [score_network(split_of(growing(k)), fast)["synapses"] for k in range(5)]
    verdict = judge(scores, named_roles(scores[0], SYNAPSE_NULLS, SYNAPSE_THEORY))
    assert verdict.adds
    assert verdict.gain.value > 0.3


def test_a_single_later_session_is_refused() -> None:
    with pytest.raises(ShapeError, match="need at least 2"):
        score_network(split_sessions(small_recording(), 7))
