"""The published pipeline: published arrays, the theory's own functions, and its limits."""

import jax.numpy as jnp
import numpy as np
import pytest

from hebbayes.core.counts import Counts, log_ratio, without_evidence
from hebbayes.core.errors import HebbayesError, ShapeError, ValueRangeError
from hebbayes.data.formats.matlab.reading import read_mat
from hebbayes.data.recording import Recording
from hebbayes.reverse_engineering.isomura2023.pipeline import (
    Ensembles,
    describe,
    find_ensembles,
    mean_baseline,
)
from hebbayes.reverse_engineering.isomura2023.session_cost import session_cost
from hebbayes.reverse_engineering.statistics.readouts import squared_errors
from hebbayes.reverse_engineering.synapses import coincidence_counts, effective_synapses
from hebbayes.reverse_engineering.thresholds import mean_activity_threshold_factors
from hebbayes.theory.cost import Activity, cost
from hebbayes.theory.equivalence import synapses_of
from hebbayes.theory.network import Wiring, drive, firing_rate
from hebbayes.theory.synapses import strengths

from ...cultures import small_culture

BICUCULLINE_BASELINE, MIXING0_BASELINE = 2.6403707268003216, 5.890210554876248
# mean squared errors of the protocol, a constant, a static linear read-out, and its floor
PUBLISHED_ERRORS = {
    "bicuculline": (0.250, 0.108, 0.064, 0.050),
    "mixing0": (0.130, 0.133, 0.068, 0.053),
}


def recording(culture=None, sessions: int = 12, **changes) -> Recording:
    culture = culture or small_culture(sessions=sessions)
    session = np.repeat(np.arange(sessions), len(culture["r"]) // sessions)
    parts = {"stimuli": culture["o"], "responses": culture["r"], "sources": culture["s"]}
    return Recording(session=session, **{**parts, **changes})


@pytest.fixture(scope="module", params=["bicuculline", "mixing0"])
def published(request, reference_data):
    folder = reference_data / "culture"
    held = read_mat(folder / f"{request.param}.mat").recordings
    ensembles = {k: find_ensembles(culture) for k, culture in held.items()}
    own = mean_baseline((held[k], ensembles[k]) for k in held)
    baseline = own if request.param == "mixing0" else BICUCULLINE_BASELINE
    result = {k: describe(held[k], ensembles[k], baseline) for k in held}
    with np.load(folder / f"expected_{request.param}_0.npz") as archive:
        expected = dict(archive)
    return request.param, held, result, expected, own


def test_every_published_array_is_reproduced(published) -> None:
    _, _, result, expected, _ = published
    ours, phi = result[0], result[0].threshold_factors
    for name, values in (
        ("activity", ours.activity.T),
        ("predicted_activity", ours.predicted_activity.T),
        ("weights", ours.weights.transpose(2, 1, 0)),
        ("predicted_weights", ours.predicted_weights.transpose(2, 1, 0)),
        ("phi1", phi[0][:, None]),
        ("phi0", phi[1][:, None]),
    ):
        np.testing.assert_allclose(values, expected[name], rtol=1e-5, atol=1e-9, err_msg=name)
    np.testing.assert_allclose(ours.cost, expected["cost"], rtol=1e-12)


def test_the_baseline_of_a_file_is_its_own_mean(published) -> None:
    name, *_, own = published
    if name == "mixing0":
        assert own == pytest.approx(MIXING0_BASELINE, rel=1e-14)


def test_the_protocol_loses_to_simple_nulls_as_published(published) -> None:
    name, held, result, _, _ = published
    errors = [
        squared_errors(
            result[k].activity,
            result[k].predicted_activity,
            held[k].stimuli,
            held[k].session_index,
        )
        for k in held
    ]
    means = [np.mean([e[model].mean() for e in errors]) for model in errors[0]]
    # plain least squares; the published read-outs of bicuculline are worse by 0.001
    np.testing.assert_allclose(means, PUBLISHED_ERRORS[name], atol=0.0016)
    assert means[0] > means[2]


def test_synapses_equal_those_of_the_network_with_the_same_counts() -> None:
    rng = np.random.default_rng(0)
    stimuli, activity = rng.integers(0, 2, (50, 6)).astype(float), rng.random((50, 2))
    counts = coincidence_counts(stimuli, activity)
    result = effective_synapses(30.0 + 2.0 * counts)
    table = Counts(jnp.full(counts.shape, 30.0), jnp.asarray(2.0 * counts))
    network = strengths(synapses_of(table), log_ratio)
    np.testing.assert_allclose(result.weights.swapaxes(-1, -2), network.weights, rtol=1e-12)
    np.testing.assert_allclose(result.normalisers, network.log_complement.sum(-1), rtol=1e-12)


def test_cost_without_a_floor_equals_the_cost_of_the_network() -> None:
    rng = np.random.default_rng(1)
    stimuli, activity = rng.integers(0, 2, (40, 5)).astype(float), rng.uniform(0.01, 0.99, (40, 2))
    counts = 10.0 + coincidence_counts(stimuli, activity)
    factors = mean_activity_threshold_factors(activity)
    ours = session_cost(activity, stimuli, effective_synapses(counts), factors, floor=0.0)
    wired = Wiring(
        strengths(synapses_of(without_evidence(jnp.asarray(counts))), log_ratio),
        jnp.asarray(factors),
    )
    potentials = jnp.log(activity / (1 - activity))
    theirs = cost(wired, Activity(potentials, jnp.asarray(stimuli), jnp.zeros((40, 2))))
    assert ours == pytest.approx(float(theirs.sum()), rel=1e-12)


def test_the_first_prediction_is_that_of_a_naive_network() -> None:
    culture = recording()
    result = describe(culture, find_ensembles(culture), 3.0)
    naive = strengths(synapses_of(without_evidence(jnp.full((2, 2, 6, 2), 3000.0))), log_ratio)
    wired = Wiring(naive, jnp.asarray(result.threshold_factors))
    expected = firing_rate(drive(wired, jnp.asarray(culture.stimuli[:32]), jnp.zeros((32, 2))))
    np.testing.assert_allclose(result.predicted_activity[:32], expected, rtol=1e-12)
    assert not result.weights[0].any()


def test_later_sessions_learn_from_the_prediction_and_not_from_the_data() -> None:
    culture = recording()
    ensembles = find_ensembles(culture)
    result = describe(culture, ensembles, 3.0)
    np.testing.assert_allclose(result.weights[:11], result.predicted_weights[:11], atol=1e-13)
    late = slice(10 * 32, 11 * 32)
    before = 3000.0 + 2.0 * coincidence_counts(culture.stimuli[:320], result.activity[:320])
    after = before + coincidence_counts(culture.stimuli[late], result.predicted_activity[late])
    expected = effective_synapses(after).difference
    np.testing.assert_allclose(result.predicted_weights[11], expected, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("sessions", [10, 13])
@pytest.mark.parametrize(("channels", "units"), [(2, 2), (9, 5)])
def test_any_number_of_stimuli_units_and_sessions_will_do(sessions, channels, units) -> None:
    made = small_culture(sessions=sessions, trials=24, channels=channels, units=units)
    culture = recording(made, sessions)
    result = describe(culture, find_ensembles(culture), 3.0)
    assert result.weights.shape == (sessions, channels, 2)
    assert result.cost.shape == (sessions,)
    assert np.isfinite(result.cost).all()
    assert result.predicted_activity.shape == (sessions * 24, 2)


def test_an_ensemble_of_one_unit_is_used_as_it_is() -> None:
    culture = recording(small_culture(units=2))
    ensembles = find_ensembles(culture)
    np.testing.assert_array_equal(ensembles.responses, culture.responses)


def test_sessions_of_different_lengths_are_legal() -> None:
    made, session = small_culture(), np.minimum(np.arange(384) // 33, 11)
    culture = Recording(made["o"], made["r"], session, sources=made["s"])
    result = describe(culture, find_ensembles(culture), 3.0)
    assert result.cost.shape == (12,)


@pytest.mark.parametrize(
    ("changes", "kind", "sentence"),
    [
        (
            {"sources": None},
            ShapeError,
            "the recording has 0 sources; protocol isomura2023 is defined for 2 known ones: "
            "keep two of them.",
        ),
        (
            {"sources": np.zeros((384, 3), int)},
            ShapeError,
            "the recording has 3 sources; protocol isomura2023 is defined for 2 known ones: "
            "keep two of them.",
        ),
        (
            {"stimuli": np.full((384, 6), 0.5)},
            ValueRangeError,
            "stimuli must hold only 0 and 1; got 0.5 at index (0, 0).",
        ),
        (
            {"valid": np.arange(384 * 8).reshape(384, 8) > 1},
            ValueRangeError,
            "2 responses were not observed; protocol isomura2023 needs all of them: select units "
            "and sessions without gaps.",
        ),
    ],
)
def test_what_the_protocol_is_not_defined_for_is_refused(
    changes, kind: type[HebbayesError], sentence: str
) -> None:
    with pytest.raises(kind) as caught:
        find_ensembles(recording(**changes))
    assert str(caught.value) == sentence


def test_too_few_sessions_are_refused() -> None:
    with pytest.raises(ShapeError, match="has 9 sessions; protocol isomura2023 fixes thresholds"):
        find_ensembles(recording(sessions=9))


@pytest.mark.parametrize("baseline", [0.0, -1.0, np.nan, np.inf])
def test_a_baseline_that_is_no_rate_is_refused(baseline: float) -> None:
    culture = recording()
    with pytest.raises(ValueRangeError, match="baseline must be above 0 spikes per trial; got"):
        describe(culture, find_ensembles(culture), baseline)


def test_a_baseline_that_makes_cost_infinite_is_named() -> None:
    culture = recording()
    ensembles = find_ensembles(culture)
    amplitude = np.where(np.arange(384) < 320, 0.01, 1.0)  # steady above the bound, later not
    responses = np.repeat((3 + amplitude * (-1.0) ** np.arange(384))[:, None], 2, axis=1)
    with pytest.raises(ValueRangeError, match="the cost of session 10 is not finite"):
        describe(culture, Ensembles(ensembles.members, responses), 3 / 3.4)


def test_the_mean_baseline_of_nothing_is_refused() -> None:
    with pytest.raises(ValueRangeError, match="needs at least one culture"):
        mean_baseline([])


def test_a_prior_of_exactly_zero_costs_nothing_where_nothing_happens() -> None:
    activity, stimuli = np.zeros((4, 1)), np.ones((4, 2))
    factors = mean_activity_threshold_factors(activity)
    assert factors.ravel().tolist() == [-np.inf, 0.0]
    flat = effective_synapses(np.ones((2, 2, 2, 1)))
    expected = -4 * 2 * np.log(0.5)
    assert session_cost(activity, stimuli, flat, factors, floor=0.0) == pytest.approx(expected)
