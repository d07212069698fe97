"""Simulated cultures hold the truth they claim."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.special import digamma

from hebbayes.core.counts import digamma_ratio, log_ratio, without_evidence
from hebbayes.core.errors import ValueRangeError
from hebbayes.core.scan import scan_time
from hebbayes.reverse_engineering.isomura2023 import describe, find_ensembles
from hebbayes.simulators import (
    EXAMPLE,
    CultureDesign,
    simulate_culture,
)
from hebbayes.theory.generative_model import GenerativeModel, expected_logs, prior_counts
from hebbayes.theory.inference import infer_states, undecided
from hebbayes.theory.learning import Experience, learn

SMALL = CultureDesign(n_stimuli=6, n_units=6, n_sessions=3, n_trials=40)


@pytest.fixture(scope="module")
def small():
    return simulate_culture(SMALL, seed=4)


@pytest.fixture(scope="module")
def example():
    return simulate_culture(EXAMPLE, seed=0)


@pytest.mark.parametrize("mode", ["digamma", "log"])
def test_the_posterior_is_that_of_the_theory(mode: str) -> None:
    """By the functions of the theory, in JAX: infer, then learn, trial by trial."""
    ratio = {"digamma": digamma_ratio, "log": log_ratio}[mode]
    expected_log = {"digamma": digamma, "log": np.log}[mode]
    made = simulate_culture(SMALL, seed=4, expected_log=expected_log)
    own = np.arange(6)[:, None] * 2 // 6 == np.arange(2)
    lean = np.where(own, 2 * SMALL.tilt, SMALL.tilt)
    given = np.stack([0.5 + lean, 0.5 - lean])
    prior = jnp.asarray(SMALL.prior_count * np.stack([given, 1 - given]))
    nothing = undecided(2, prior.dtype)

    def step(model, stimulus):
        states = jnp.exp(infer_states(expected_logs(model, ratio), stimulus, nothing))
        learnt = learn(model, Experience(stimulus[None], states[None], nothing[None]))
        return learnt, states[0]

    naive = GenerativeModel(without_evidence(prior), prior_counts(jnp.full(2, 0.5)))
    last, believed = jax.jit(partial(scan_time, step))(naive, jnp.asarray(made.recording.stimuli))
    logs = expected_logs(last, ratio).likelihood
    weights = (logs[0] - logs[1])[0] - (logs[0] - logs[1])[1]
    np.testing.assert_allclose(made.posterior, believed, rtol=1e-9)
    np.testing.assert_allclose(made.weights, weights, rtol=1e-7)


def test_the_same_seed_gives_the_same_numbers_and_another_does_not(small) -> None:
    again, other = simulate_culture(SMALL, seed=4), simulate_culture(SMALL, seed=5)
    np.testing.assert_array_equal(again.recording.responses, small.recording.responses)
    assert (other.recording.responses != small.recording.responses).any()


def test_the_block_of_stimuli_repeats_only_where_asked() -> None:
    for is_repeated in (True, False):
        design = CultureDesign(n_units=4, n_sessions=3, n_trials=40, is_repeated=is_repeated)
        stimuli = simulate_culture(design).recording.as_sessions().stimuli
        assert (stimuli[0] == stimuli[2]).all() == is_repeated


def test_counts_have_the_stated_rate(example) -> None:
    design, rate = example.design, example.design.baseline * (4 * example.posterior - 1).clip(0)
    units = design.n_units // 2
    total = example.recording.responses[:, example.preferred_source == 1].sum()
    expected = units * rate[:, 1].sum()
    assert abs(total - expected) <= 4 * np.sqrt(expected)


def test_gains_drift_as_a_random_walk_and_silent_units_never_fire() -> None:
    design = CultureDesign(
        n_units=400, n_silent=8, n_stimuli=4, n_sessions=9, n_trials=4, gain_drift=0.1
    )
    made = simulate_culture(design)
    assert not made.recording.responses[:, -8:].any()
    assert (made.preferred_source[-8:] == -1).all()
    assert (made.gain[0, :-8] == 1).all()
    spread = np.log(made.gain[8, :-8]).std(ddof=1)
    expected = 0.1 * np.sqrt(8)
    assert abs(spread - expected) <= 4 * expected / np.sqrt(2 * 391)


def test_the_network_learns_its_sources_also_three_of_them(example) -> None:
    design = CultureDesign(
        n_sources=3, n_stimuli=30, n_units=9, mixed=0.0, tilt=0.02, prior_count=1000.0
    )
    three = simulate_culture(design, seed=1)
    for culture in (example, three):
        posterior, sources = culture.posterior, culture.recording.sources
        n = sources.shape[1]
        late = slice(-2560, None)
        across = np.corrcoef(posterior[late].T, sources[late].T)[:n, n:]
        assert np.diag(across).min() > 0.5
        assert (across.argmax(1) == np.arange(n)).all()


@pytest.mark.parametrize("seed", [0, 1, 2, 3])
def test_the_pipeline_recovers_priors_and_weights(seed: int) -> None:
    example = simulate_culture(EXAMPLE, seed=seed)
    ensembles = find_ensembles(example.recording)
    found = describe(example.recording, ensembles, example.design.baseline)
    for k, units in enumerate(ensembles.members):
        assert (example.preferred_source[units] == k).all()
    # <x> is a shade nearer 1/2 than D1 = 0.4, 0.6: stimuli carry a little information
    recovered = np.exp(found.threshold_factors[0])
    np.testing.assert_allclose(recovered, [0.4, 0.6], atol=0.05)
    assert np.corrcoef(found.weights[-1].ravel(), example.weights.ravel())[0, 1] > 0.9
    assert found.cost[-1] < found.cost[0] - 500


def test_a_prior_of_exactly_zero_stays() -> None:
    made = simulate_culture(
        CultureDesign(n_stimuli=6, n_units=6, n_sessions=3, n_trials=40, state_prior=(0.0, 1.0))
    )
    assert (made.posterior == [0.0, 1.0]).all()
    assert made.threshold_factors.tolist() == [[-np.inf, 0.0], [0.0, -np.inf]]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"n_sessions": 0}, "n_sessions must be at least 1; got 0."),
        ({"state_prior": 1.5}, "state_prior must lie between 0.0 and 1.0; got 1.5."),
        ({"n_silent": 65}, "n_silent must lie between 0 and 64; got 65."),
        ({"gain_drift": -1.0}, "gain_drift must be at least 0.0; got -1.0."),
        ({"baseline": 0.0}, "baseline must be above 0; got 0.0."),
        ({"prior_count": float("nan")}, "prior_count must be above 0; got nan."),
        (
            {"state_prior": (0.1, 0.2, 0.3)},
            "state_prior has 3 values; give one, or one for each of the 2 sources.",
        ),
    ],
)
def test_an_impossible_design_is_refused(changes, sentence: str) -> None:
    with pytest.raises(ValueRangeError) as caught:
        simulate_culture(CultureDesign(**changes))
    assert str(caught.value) == sentence
