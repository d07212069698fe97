"""Perception is recovered with intervals that cover, causally, or refused with the reason."""

from dataclasses import fields

import numpy as np
import pytest
from scipy.special import expit

from hebbayes.core.errors import HebbayesError, ShapeError, ValueRangeError
from hebbayes.reverse_engineering.isomura2023.preference import ensemble_responses
from hebbayes.reverse_engineering.perception import (
    Options,
    Perception,
    every_session,
    fit_perception,
    no_learning,
    pooled_prior_count,
)
from hebbayes.reverse_engineering.statistics.estimate import Estimate
from hebbayes.simulators import AffineReadout, CultureDesign, Plasticity, simulate_culture
from hebbayes.simulators.networks import simulate_network

DESIGN = CultureDesign(
    n_sources=3,
    n_stimuli=12,
    n_units=24,
    n_sessions=9,
    n_trials=200,
    ragged=0.3,
    mixed=0.2,
    state_prior=(0.25, 0.35, 0.7),
    prior_count=400.0,
    tilt=0.01,
    readout=AffineReadout(0.6, 5.0, 0.3),
    fano=0.5,
    is_shuffled=True,
)
TRAIN = 8


def culture_of(seed=0, **changes):
    return simulate_culture(replaced(DESIGN, changes), seed=seed, expected_log=np.log)


def replaced(design, changes):
    return type(design)(**{**vars(design), **changes})


def ensembles_of(culture):
    return ensemble_responses(culture.recording.responses.astype(float), culture.members)


def fitted(culture, responses=None, **options) -> Perception:
    recording = culture.recording
    return fit_perception(
        ensembles_of(culture) if responses is None else responses,
        recording.stimuli,
        recording.session_index,
        Options(**{"train_sessions": TRAIN, "curvature": 0.0, "can_forget": False, **options}),
    )


def true_phi(culture):
    return culture.threshold_factors[0] - culture.threshold_factors[1]


def covers(result: Estimate, truth):
    return (result.low <= truth) & (truth <= result.high)


@pytest.fixture(scope="module")
def cultures():
    return [culture_of(seed, n_units=12 + 8 * (seed % 4)) for seed in range(24)]


@pytest.fixture(scope="module")
def fits(cultures):
    return [fitted(culture) for culture in cultures]


@pytest.mark.thorough
def test_intervals_cover_as_often_as_they_say(cultures, fits) -> None:
    phi = np.concatenate([covers(f.log_odds, true_phi(c)) for c, f in zip(cultures, fits)])
    rate = np.concatenate([covers(f.learning_rate, 1 / 400.0) for f in fits])
    for hits in (phi, rate):
        assert hits.mean() >= 0.95 - 4 * np.sqrt(0.95 * 0.05 / hits.size)
    weights = np.array(
        [covers(f.weights, c.session_weights).mean() for c, f in zip(cultures, fits)]
    )
    assert abs(weights.mean() - 0.95) <= 4 * weights.std(ddof=1) / np.sqrt(len(weights))


@pytest.mark.thorough
def test_intervals_are_as_wide_as_errors_are_large(cultures, fits) -> None:
    half = np.concatenate([f.log_odds.high - f.log_odds.value for f in fits]) / 1.96
    error = np.concatenate([f.log_odds.value - true_phi(c) for c, f in zip(cultures, fits)])
    z = error / half
    assert abs(z.mean()) <= 4 / np.sqrt(z.size)
    assert abs((z**2).mean() - 1) <= 4 * np.sqrt(2 / z.size)


def test_the_consistent_estimate_is_close_where_the_published_one_is_biased(cultures, fits) -> None:
    truth = np.concatenate([c.threshold_factors[0] for c in cultures])
    result = np.concatenate([f.threshold_factors.value[0] for f in fits])
    published = np.concatenate([f.published_factors.value[0] for f in fits])
    assert np.median(np.abs(result / truth - 1)) < 0.03
    low = truth < np.log(0.5)  # towards one half, from both sides
    assert (published[low] - truth[low]).mean() > 0.15
    assert (published[~low] - truth[~low]).mean() < -0.05


def test_twenty_cultures_tell_how_fast_they_learn(fits) -> None:
    rates = [f.learning_rate for f in fits[:20]]
    parts = (np.concatenate([getattr(r, n) for r in rates]) for n in ("value", "low", "high"))
    pooled = pooled_prior_count(Estimate(*parts))
    assert pooled.value == pytest.approx(400, rel=0.05)
    assert abs(pooled.value - 400) <= 4 * (pooled.high - pooled.low) / (2 * 1.96)


def test_activity_is_calibrated_on_training_sessions(cultures, fits) -> None:
    for culture, result in zip(cultures[:4], fits):
        late = culture.recording.session_index >= TRAIN
        slope = [
            np.polyfit(culture.posterior[late, k], result.activity[late, k], 1)[0] for k in range(3)
        ]
        np.testing.assert_allclose(slope, 1, atol=0.15)


def test_what_is_fitted_owes_nothing_to_later_sessions_or_labels() -> None:
    culture, changed = culture_of(3), culture_of(3)
    later = culture.recording.session_index >= TRAIN
    responses = ensembles_of(culture)
    shuffled = responses.copy()
    shuffled[later] = np.random.default_rng(0).permutation(shuffled[later]) + 1
    first, second = fitted(culture, responses), fitted(changed, shuffled)
    for field in fields(Perception):
        a, b = getattr(first, field.name), getattr(second, field.name)
        if isinstance(a, Estimate):
            parts = [(getattr(a, n), getattr(b, n)) for n in ("value", "low", "high")]
        else:
            parts = [(a, b)]
        for x, y in parts:
            if field.name in ("activity", "expected"):
                x, y = x[~later], y[~later]
            np.testing.assert_array_equal(x, y)


def test_the_error_falls_as_the_root_of_the_trials() -> None:
    """Synapses given and learnt, so that every trial tells alike."""
    rows = []
    for seed in range(6):
        culture = culture_of(
            seed,
            n_sessions=32,
            n_trials=50,
            learnt_trials=1000,
            plasticity=Plasticity.NONE,
            state_prior=0.3,
        )
        for n in (2, 8, 32):
            result = fitted(
                culture,
                train_sessions=n,
                schedule=no_learning,
                naive=culture.naive,
                rest=0.6,
                evoked=5.0,
                block_length=1,
            )
            rows.append((n, *(result.log_odds.high - result.log_odds.low)))
    rows = np.array(rows)
    widths = [np.median(rows[rows[:, 0] == n, 1:]) for n in (2, 8, 32)]
    exponent = np.polyfit(np.log([2, 8, 32]), np.log(widths), 1)[0]
    assert exponent == pytest.approx(-0.5, abs=0.1)


def test_missing_responses_change_precision_and_not_the_estimate() -> None:
    culture = culture_of(1)
    responses = ensembles_of(culture)
    gone = np.random.default_rng(0).random(responses.shape) < 0.3
    result, whole = fitted(culture, np.where(gone, np.nan, responses)), fitted(culture)
    width, whole_width = (f.log_odds.high - f.log_odds.low for f in (result, whole))
    assert (np.abs(result.log_odds.value - true_phi(culture)) <= 4 * width / (2 * 1.96)).all()
    assert (width > whole_width).all()
    assert np.isfinite(result.activity).all()  # the model stands in where nothing was observed


def test_gains_of_sessions_are_found_where_asked() -> None:
    culture = culture_of(2)
    gain = np.exp(0.3 * np.random.default_rng(0).normal(size=9))
    gain[0] = 1
    responses = gain[culture.recording.session_index][:, None] * ensembles_of(culture)
    result = fitted(culture, responses, has_gain_drift=True)
    np.testing.assert_allclose(result.gain, np.tile(gain[:, None], 3), rtol=0.06)
    assert (np.abs(result.log_odds.value - true_phi(culture)) < 0.25).all()
    late = culture.recording.session_index >= TRAIN
    np.testing.assert_allclose(
        result.activity[late].mean(0), culture.posterior[late].mean(0), atol=0.03
    )
    blind = fitted(culture, responses)
    assert (blind.lack_of_fit < 0.01).all()
    assert (result.lack_of_fit > 0.001).all()


def test_one_unit_per_ensemble_is_enough() -> None:
    result = [fitted(c) for c in (culture_of(seed, n_units=3) for seed in range(4))]
    hits = np.concatenate(
        [covers(f.log_odds, true_phi(culture_of(s, n_units=3))) for s, f in enumerate(result)]
    )
    assert hits.mean() > 0.7


def test_channels_that_say_nothing_or_the_same_do_no_harm() -> None:
    rng = np.random.default_rng(0)
    session = np.repeat(np.arange(9), 200)
    sources = rng.integers(0, 2, (1800, 1))
    o = np.where(rng.random((1800, 6)) < 0.8, sources, 1 - sources).astype(float)
    o = np.column_stack([o, np.zeros(1800), o[:, 0]])  # never on; the same as another
    naive = np.array([0.52, 0.48])[:, None, None]
    counts = 300 * np.stack([naive, 1 - naive]) * np.ones((2, 2, 8, 1))
    trials = simulate_network(np.split(o, 9), counts, np.array([-0.8]))
    responses = 1 + 4 * trials.posterior + 0.5 * rng.normal(size=(1800, 1))
    result = fit_perception(responses, o, session, Options(TRAIN))
    assert covers(result.log_odds, -0.8).all()
    assert covers(result.learning_rate, 1 / 300).all()
    assert covers(result.weights, trials.weights[:-1]).mean() > 0.8
    np.testing.assert_array_equal(result.weights.value[:, 0], result.weights.value[:, -1])


def test_fixed_synapses_that_may_be_learnt_ones_leave_phi_in_a_range() -> None:
    culture = culture_of(0, plasticity=Plasticity.NONE, learnt_trials=1600)
    for result in (fitted(culture), fitted(culture, schedule=no_learning)):
        for classes in result.undetermined:
            assert ("phi", "normaliser") in classes
        assert np.isnan(result.log_odds.value).all()
        assert covers(result.log_odds, true_phi(culture)).all()
    known = fitted(culture, schedule=no_learning, naive=culture.naive)
    assert covers(known.log_odds, true_phi(culture)).all()
    assert np.isnan(known.prior_count.value).all()


@pytest.mark.parametrize(("learnt_trials", "has_value"), [(300, True), (4000, False)])
def test_a_culture_that_had_learnt_before_and_learns_on_has_phi_within_what_it_may_be(
    learnt_trials: int, has_value: bool
) -> None:
    culture = culture_of(1, learnt_trials=learnt_trials)
    result = fitted(culture)
    assert covers(result.log_odds, true_phi(culture)).all()
    assert (np.isfinite(result.log_odds.value) == has_value).all()
    for classes in result.undetermined:
        assert (("phi", "normaliser") in classes) != has_value


def test_the_interval_of_phi_holds_naive_and_learnt_synapses() -> None:
    known = culture_of(1, learnt_trials=1500)
    result = fitted(known)
    k = int(np.flatnonzero(np.isfinite(result.log_odds.value))[0])
    given = fitted(known, naive=known.naive)  # what those synapses are, not only W1 - W0
    width = float(np.diff([result.log_odds.low[k], result.log_odds.high[k]])[0])
    assert width > 2 * float(given.log_odds.high[k] - given.log_odds.low[k])
    assert result.log_odds.low[k] <= true_phi(known)[k] <= result.log_odds.high[k]


def test_plain_hebb_is_told_from_the_canonical_rule() -> None:
    result = fitted(culture_of(0, plasticity=Plasticity.HEBBIAN))
    assert (result.lack_of_fit < 0.01).all()


def test_learning_is_not_seen_where_there_is_none() -> None:
    rates = [
        fitted(culture_of(s, plasticity=Plasticity.NONE, learnt_trials=800)).learning_rate
        for s in range(8)
    ]
    seen = np.concatenate([r.low > 0 for r in rates])
    assert seen.mean() <= 0.025 + 4 * np.sqrt(0.025 * 0.975 / seen.size)


def test_a_network_that_learns_between_sessions_is_read_by_its_own_schedule() -> None:
    rng = np.random.default_rng(0)
    session = np.repeat(np.arange(8), 200)
    o = rng.integers(0, 2, (1600, 6)).astype(float)
    p = np.stack([np.full(6, 0.55), np.full(6, 0.45)])
    counts, x = 300 * np.stack([p, 1 - p]), np.empty(1600)
    for s in range(8):
        here = session == s
        ratio = np.log(counts[:, 0] / counts[:, 1]) - np.log(counts.sum(0)[0] / counts.sum(0)[1])
        x[here] = expit(o[here] @ ratio[0] + (1 - o[here]) @ ratio[1] - 0.8)
        on_and_off = np.stack([o[here].T, 1 - o[here].T])
        counts += np.swapaxes(on_and_off @ np.stack([x[here], 1 - x[here]], 1), 1, 2)
    r = (1 + 4 * x + 0.3 * rng.normal(size=1600))[:, None]
    result = fit_perception(r, o, session, Options(schedule=every_session, prior_count=300.0))
    assert covers(result.log_odds, -0.8).all()


def test_scale_that_cannot_be_told_is_a_class_and_no_number() -> None:
    """Synapses so weak that activity is linear in the stimuli: phi, rest and evoked act alike."""
    rng = np.random.default_rng(0)
    o = rng.integers(0, 2, (800, 2)).astype(float)
    x = expit((o - 0.5) @ [0.2, 0.1] + 0.7)
    r = (1 + 4 * x + 0.5 * rng.normal(size=800))[:, None]
    naive = np.stack([expit([0.1, 0.05]), expit([-0.1, -0.05])])[..., None]
    result = fit_perception(r, o, np.zeros(800, int), Options(schedule=no_learning, naive=naive))
    assert {"phi", "rest", "evoked"} & {name for group in result.undetermined[0] for name in group}
    assert np.isnan(result.activity).all()
    given = fit_perception(
        r, o, np.zeros(800, int), Options(schedule=no_learning, naive=naive, rest=1.0, evoked=4.0)
    )
    assert covers(given.log_odds, 0.7).all()


@pytest.mark.parametrize(
    ("change", "options", "error", "sentence"),
    [
        ({"responses": np.ones((40, 1))}, {}, ValueRangeError, "ensemble 0: it responds alike"),
        ({"responses": np.full((40, 1), np.nan)}, {}, ValueRangeError, "no observed response"),
        ({"responses": np.full((40, 1), np.inf)}, {}, ValueRangeError, "must be finite, or NaN"),
        ({"stimuli": np.full((40, 2), 0.5)}, {}, ValueRangeError, "only 0 and 1"),
        ({"stimuli": np.ones((39, 2))}, {}, ShapeError, r"wanted \(40, any\)"),
        ({"session": np.arange(40)[::-1]}, {}, ValueRangeError, "count the sessions 0, 1"),
        ({}, {"evoked": 0.0}, ValueRangeError, "ensemble 0: evoked must be above 0; got 0.0"),
        ({}, {"naive": np.ones((2, 2, 1))}, ValueRangeError, "above 0 and below 1"),
        ({}, {"train_sessions": 0}, ValueRangeError, "train_sessions must be at least 1"),
    ],
)
def test_what_cannot_be_fitted_is_refused_with_the_reason(change, options, error, sentence) -> None:
    rng = np.random.default_rng(0)
    held = {
        "responses": rng.random((40, 1)),
        "stimuli": rng.integers(0, 2, (40, 2)).astype(float),
        "session": np.zeros(40, int),
    } | change
    with pytest.raises(HebbayesError, match=sentence) as caught:
        fit_perception(held["responses"], held["stimuli"], held["session"], Options(**options))
    assert isinstance(caught.value, error)
