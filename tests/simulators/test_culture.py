"""Simulated cultures hold the truth they claim."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.special import digamma, expit

from hebbayes.core.counts import digamma_ratio, log_ratio, without_evidence
from hebbayes.core.errors import ValueRangeError
from hebbayes.core.scan import scan_time
from hebbayes.reverse_engineering.isomura2023.pipeline import describe, find_ensembles
from hebbayes.simulators import (
    EXAMPLE,
    AffineReadout,
    CultureDesign,
    Plasticity,
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
    result = describe(example.recording, ensembles, example.design.baseline)
    for k, units in enumerate(ensembles.members):
        assert (example.preferred_source[units] == k).all()
    # <x> is a shade nearer 1/2 than D1 = 0.4, 0.6: stimuli carry a little information
    recovered = np.exp(result.threshold_factors[0])
    np.testing.assert_allclose(recovered, [0.4, 0.6], atol=0.05)
    assert np.corrcoef(result.weights[-1].ravel(), example.weights.ravel())[0, 1] > 0.9
    assert result.cost[-1] < result.cost[0] - 500


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


AFFINE = CultureDesign(
    n_sources=3,
    n_stimuli=12,
    n_units=30,
    n_silent=2,
    n_dead=3,
    n_sessions=5,
    n_trials=60,
    state_prior=(0.2, 0.5, 0.7),
    prior_count=(200.0, 400.0, 800.0),
    readout=AffineReadout(0.5, 6.0, 0.3),
)


def test_rates_of_the_affine_readout_are_affine_in_the_posterior() -> None:
    made = simulate_culture(
        CultureDesign(**{**vars(AFFINE), "noise": 1e-9, "gain_drift": 0.2}), seed=1
    )
    x = made.posterior[:, made.preferred_source]
    rate = made.gain[made.recording.session] * (made.rest + made.evoked * x)
    live = np.concatenate(made.members)
    np.testing.assert_allclose(made.recording.responses[:, live], rate[:, live], rtol=1e-6)
    assert 0 < np.log(made.evoked).std() < 0.6


def test_dead_units_are_unobserved_and_silent_ones_observed() -> None:
    made = simulate_culture(AFFINE)
    valid = made.recording.valid
    assert np.flatnonzero(~valid.all(0)).tolist() == [25, 26, 27]
    assert not valid[:, made.is_dead].any()
    assert not made.recording.responses[:, 28:].any()
    assert not set(np.concatenate(made.members)) & {25, 26, 27, 28, 29}


def test_a_part_of_the_responses_is_missing_where_asked() -> None:
    made = simulate_culture(CultureDesign(**{**vars(AFFINE), "n_dead": 0, "missing": 0.2}))
    valid = made.recording.valid
    assert abs(valid.mean() - 0.8) <= 4 * np.sqrt(0.2 * 0.8 / valid.size)


def test_sessions_differ_in_length_and_order_where_asked() -> None:
    design = CultureDesign(**{**vars(AFFINE), "ragged": 0.4, "is_shuffled": True})
    recording = simulate_culture(design, seed=2).recording
    lengths = np.bincount(recording.session)
    assert len(set(lengths)) > 1
    assert 36 <= lengths.min() <= lengths.max() <= 84
    blocks = [recording.stimuli[recording.session == s] for s in range(5)]
    longest = {tuple(row) for row in blocks[int(lengths.argmax())]}
    for block in blocks:
        assert {tuple(row) for row in block} <= longest
    assert (blocks[0][:36] != blocks[1][:36]).any()


def test_weights_are_those_of_counts_whatever_the_prior_count() -> None:
    made = simulate_culture(AFFINE, seed=3, expected_log=np.log)
    recording = made.recording
    for s in range(5):
        before = recording.session < s
        x, o = made.posterior[before], recording.stimuli[before]
        on = made.prior_count * made.naive[0] + o.T @ x
        off = made.prior_count * made.naive[1] + o.T @ (1 - x)
        total_on, total_off = made.prior_count + x.sum(0), made.prior_count + (1 - x).sum(0)
        W = np.log(on / (total_on - on)) - np.log(off / (total_off - off))
        np.testing.assert_allclose(made.session_weights[s], W, rtol=1e-9)


def test_fixed_synapses_stay_as_they_were_learnt() -> None:
    design = CultureDesign(**{**vars(AFFINE), "plasticity": Plasticity.NONE, "learnt_trials": 500})
    made = simulate_culture(design, expected_log=np.log)
    assert (made.session_weights == made.weights).all()
    A = made.naive
    ratio = np.log(A / (1 - A))
    np.testing.assert_allclose(made.weights, ratio[0] - ratio[1], rtol=1e-9)
    assert np.abs(made.weights).max() > 0.2


def test_plain_hebb_adds_covariances_and_has_no_homeostasis() -> None:
    design = CultureDesign(
        n_sources=1,
        n_stimuli=2,
        n_units=1,
        n_sessions=2,
        n_trials=3,
        mixed=0.0,
        prior_count=50.0,
        tilt=0.1,
        plasticity=Plasticity.HEBBIAN,
        state_prior=0.3,
    )
    made = simulate_culture(design, expected_log=np.log)
    A = made.naive[:, :, 0]
    W = np.log(A[0] / (1 - A[0])) - np.log(A[1] / (1 - A[1]))
    h = np.log((1 - A[0]) / (1 - A[1])).sum() + np.log(0.3 / 0.7)
    mean_x, mean_o, n = 0.3, np.full(2, 0.5), 50.0
    for o, x in zip(made.recording.stimuli, made.posterior[:, 0]):
        assert x == pytest.approx(expit(o @ W + h))
        W = W + 8 / 50 * (o - mean_o) * (x - mean_x)
        n += 1
        mean_x, mean_o = mean_x + (x - mean_x) / n, mean_o + (o - mean_o) / n
    np.testing.assert_allclose(made.weights[:, 0], W)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"n_dead": 29}, "n_dead must lie between 0 and 28; got 29."),
        ({"fano": 0.0}, "fano must be above 0; got 0.0."),
        ({"ragged": 1.5}, "ragged must lie between 0.0 and 1.0; got 1.5."),
        ({"missing": 1.0}, "missing must lie between 0.0 and 0.99; got 1.0."),
        ({"readout": AffineReadout(evoked=0.0)}, "readout.evoked must be above 0; got 0.0."),
        (
            {"prior_count": (1.0, 2.0)},
            "prior_count has 2 values; give one, or one for each of the 3 sources.",
        ),
        (
            {"is_repeated": False, "is_shuffled": True},
            "is_shuffled needs is_repeated: fresh stimuli have no order to change; leave one out.",
        ),
    ],
)
def test_a_foreign_design_that_cannot_be_is_refused(changes, sentence: str) -> None:
    with pytest.raises(ValueRangeError) as caught:
        simulate_culture(CultureDesign(**{**vars(AFFINE), **changes}))
    assert str(caught.value) == sentence
