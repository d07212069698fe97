"""The causal protocol: no look ahead, no labels, honest sentences, comparisons over cultures."""

import json
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from hebbayes.commands.analyze import present, run
from hebbayes.commands.analyze.culture import analyze_culture
from hebbayes.commands.analyze.notes import verdict_sentence
from hebbayes.commands.configs import AnalyzeConfig
from hebbayes.commands.running.outcome import plain
from hebbayes.core.errors import ShapeError, ValueRangeError
from hebbayes.data.formats.npz import to_npz
from hebbayes.data.recording import Recording
from hebbayes.reverse_engineering.forecasting.judging.verdict import Verdict
from hebbayes.reverse_engineering.statistics.estimate import Estimate
from hebbayes.reverse_engineering.statistics.groups import adjusted, compare
from hebbayes.simulators import CultureDesign, simulate_culture

from ...cultures import small_culture, write_cultures
from ...reverse_engineering.forecasting.recordings import small_animal

CONFIG = AnalyzeConfig(train_sessions=5, n_ensembles=2, workers=1)
DESIGN = CultureDesign(
    n_units=10, n_stimuli=16, n_sessions=8, n_trials=80, mixed=0.1, prior_count=300.0, tilt=0.05
)


@pytest.fixture(scope="module")
def recording() -> Recording:
    return simulate_culture(DESIGN, seed=3).recording


@pytest.fixture(scope="module", params=["auto", "labels"])
def pair(request, recording):
    """A culture, and the same with other later sessions (and, without labels, other labels)."""
    config = replace(CONFIG, ensembles=request.param, n_ensembles=2 * (request.param == "auto"))
    rng, later = np.random.default_rng(0), recording.session >= 5
    sources, responses = recording.sources.copy(), recording.responses.copy()
    responses[later] = rng.poisson(3, responses[later].shape)
    stimuli = recording.stimuli.copy()
    stimuli[later] = rng.integers(0, 2, stimuli[later].shape)
    sources[later if request.param == "labels" else slice(None)] ^= 1
    changed = replace(recording, stimuli=stimuli, responses=responses, sources=sources)
    return analyze_culture(config, 0, recording), analyze_culture(config, 0, changed)


def test_nothing_fitted_depends_on_later_sessions_or_without_labels_on_labels(pair) -> None:
    first, second = (culture.description for culture in pair)
    n_train = 5 * DESIGN.n_trials
    for a, b in (
        (first.population.projection.weights, second.population.projection.weights),
        (first.population.projection.offset, second.population.projection.offset),
        (first.log_odds.value, second.log_odds.value),
        (first.log_odds.low, second.log_odds.low),
        (first.assumed_log_odds.value, second.assumed_log_odds.value),
        (first.published_factors, second.published_factors),
        (first.activity[:n_train], second.activity[:n_train]),
        (first.weights[:6], second.weights[:6]),
        (first.prior_count, second.prior_count),
        (first.free_energy.total.value[:5], second.free_energy.total.value[:5]),
        (first.predicted_activity[:n_train], second.predicted_activity[:n_train]),
    ):
        assert a.tobytes() == b.tobytes()
    assert first.refusal == second.refusal
    assert first.fits_gain == second.fits_gain
    assert not np.array_equal(first.activity[n_train:], second.activity[n_train:])


def test_forecasts_do_not_see_responses_after_training(recording) -> None:
    responses = recording.responses.copy()
    responses[recording.session >= 5] += 1
    changed = analyze_culture(CONFIG, 0, replace(recording, responses=responses)).description
    result = analyze_culture(CONFIG, 0, recording).description
    assert result.predicted_activity.tobytes() == changed.predicted_activity.tobytes()
    assert result.predicted_weights.tobytes() == changed.predicted_weights.tobytes()


def test_ensembles_found_without_labels_are_the_sources(recording) -> None:
    culture = analyze_culture(CONFIG, 0, recording)
    assert culture.match.correlation.min() > 0.9
    assert [len(units) for units in culture.description.population.units] == [5, 5]


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("causal")
    made = [simulate_culture(DESIGN, seed=k).recording for k in range(4)]
    cells = [{"s": r.sources, "o": r.stimuli, "r": r.responses} for r in made]
    bad = {**cells[0], "r": np.zeros_like(cells[0]["r"])}
    louder = [{**cell, "r": cell["r"] * 2} for cell in cells[:3]]
    return (
        write_cultures(folder / "control.mat", [*cells[:3], bad]),
        write_cultures(folder / "drug.mat", louder),
    )


@pytest.fixture(scope="module")
def compared(files):
    config = replace(CONFIG, file=files[0], session_length=80, ensembles="auto")
    return run(replace(config, compare=str(files[1]), paired=True))


def test_the_contract_of_analyze_is_kept(compared) -> None:
    outcome = present(compared)
    summary = json.loads(json.dumps(plain(outcome.summary)))
    assert {"cultures", "losses", "theory_adds", "settings_tried", "failures"} <= set(summary)
    assert {"constant", "linear", "loglinear", "saturated", "kalman_gain", "floor"} <= set(
        summary["losses"]
    )
    assert summary["losses"]["saturated"] == 1
    for culture in summary["cultures"]:
        assert {"culture", "condition", "units_per_ensemble", "phi1", "phi0", "cost"} <= set(
            culture
        )
        assert {"prediction_mse", "skill", "theory_adds"} <= set(culture)
        assert len(culture["cost"]) == DESIGN.n_sessions
    assert {f"{name}_0" for name in ("activity", "weights", "predicted_weights")} <= set(
        outcome.arrays
    )
    assert outcome.arrays["weights_0"].shape == (2, DESIGN.n_stimuli, DESIGN.n_sessions)
    for draw in outcome.figures.values():
        assert draw().axes


def test_synapses_and_free_energy_are_forecast_and_judged_over_cultures(compared) -> None:
    outcome = present(compared)
    for name in ("synapses", "free_energy"):
        target = outcome.summary["targets"][name]
        assert target["n_recordings"] == 3
        assert target["losses"]["replay"]["value"] == 1
        assert {"value", "low", "high", "adds"} <= set(target["theory_adds"])
        assert any(note.startswith(f"For {name.replace('_', ' ')}, theory adds") for note in
                   outcome.notes)  # fmt: skip


@pytest.mark.thorough
def test_decisions_and_success_are_forecast_where_they_were_recorded(tmp_path) -> None:
    recording, _ = small_animal(gain=4.0, sessions=8, trials=60)
    to_npz(recording, tmp_path / "animal.npz")
    config = AnalyzeConfig(file=tmp_path / "animal.npz", train_sessions=4, n_ensembles=1, workers=1)
    outcome = present(run(config))
    targets = outcome.summary["targets"]
    assert {"decisions", "success"} <= set(targets)
    losses = targets["decisions"]["losses"]
    assert losses["constant"]["value"] == 1
    assert losses["output_layer"]["value"] < 1
    assert targets["decisions"]["theory_adds"] is None  # one animal judges no other
    assert any(note.startswith("For decisions, ") for note in outcome.notes)
    later = present(run(replace(config, reward_delay=3))).summary["targets"]["decisions"]["losses"]
    assert later["per_stimulus"]["value"] == losses["per_stimulus"]["value"]
    assert later["output_layer"]["value"] != losses["output_layer"]["value"]


@pytest.mark.thorough
def test_results_do_not_depend_on_the_number_of_workers(files, compared) -> None:
    config = replace(CONFIG, file=files[0], session_length=80, workers=2)
    alone, shared = (present(one).arrays for one in (compared, run(config)))
    assert alone.keys() == shared.keys()
    for name, values in alone.items():
        assert values.tobytes() == shared[name].tobytes(), name


def test_a_silent_culture_is_named_and_the_others_go_on(compared) -> None:
    assert list(compared.failures) == [3]
    assert "no unit carries a signal" in compared.failures[3]
    assert [culture.number for culture in compared.cultures] == [0, 1, 2]


def test_responses_of_a_louder_condition_are_found_to_differ_in_pairs(compared) -> None:
    result = {one["quantity"]: one for one in present(compared).summary["comparisons"]}
    rates = result["responses per trial and unit"]
    assert rates["is_paired"]
    assert rates["n"] == (3, 3)
    assert rates["difference"] == pytest.approx(rates["means"][0])
    # activity is on a scale of its own: twice as many spikes are the same activity
    assert result["published phi"]["difference"] == pytest.approx(0, abs=1e-3)


def test_the_report_says_what_surrogates_show_and_how_it_was_done(compared) -> None:
    notes = " ".join(present(compared).notes)
    for said in (
        "re-encode the stimuli",
        "surrogates",
        "Methods.",
        "settings tried",
        "shows no states",
    ):
        assert said in notes


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [(-0.3, -0.1, "forecasts worse"), (-0.1, 0.1, "from nothing"), (0.1, 0.3, "error;")],
)
def test_a_verdict_says_help_harm_or_neither(low: float, high: float, said: str) -> None:
    verdict = Verdict(Estimate((low + high) / 2, low, high), low > 0, 0.0, 0.01, 60, "sessions", ())
    assert said in verdict_sentence(verdict)


def test_a_p_value_is_that_of_scipy_adjusted_by_holm() -> None:
    x, y = np.random.default_rng(0).normal(size=(2, 6))
    one = compare("phi", ("a", "b"), dict(enumerate(x)), dict(enumerate(y)), is_paired=False)
    assert one.p == pytest.approx(stats.ttest_ind(y, x, equal_var=False).pvalue)
    pair = compare("phi", ("a", "b"), dict(enumerate(x)), dict(enumerate(y)), is_paired=True)
    assert pair.p == pytest.approx(stats.ttest_rel(y, x).pvalue)
    p = [replace(one, p=value).p for value in (0.01, 0.04, 0.03)]
    result = adjusted([replace(one, p=value) for value in p])
    np.testing.assert_allclose([each.p for each in result], [0.03, 0.06, 0.06])


def test_cultures_that_lack_a_number_are_left_out_of_its_test() -> None:
    one = compare("phi", ("a", "b"), {0: np.nan, 1: 1.0}, {0: 1.0, 1: 2.0}, is_paired=True)
    assert one.n == (1, 1)
    assert np.isnan(one.p)
    with pytest.raises(ShapeError, match="leave out --paired"):
        compare("phi", ("a", "b"), {0: 1.0}, {1: 1.0}, is_paired=True)


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"train_sessions": 0}, "--train-sessions must be at least 1"),
        ({"n_ensembles": -1}, "--n-ensembles must be at least 0"),
        ({"baseline": 2.0}, "--baseline belongs to"),
        ({"paired": True}, "--paired needs a comparison"),
        ({"compare": "other.mat"}, "--compare needs a recording"),
        ({"ensembles": "labels", "n_ensembles": 2}, "--n-ensembles belongs to"),
    ],
)
def test_an_option_that_would_do_nothing_is_refused(wrong, named) -> None:
    with pytest.raises(ValueRangeError, match=named):
        run(replace(AnalyzeConfig(), **wrong))


def test_more_training_sessions_than_there_are_are_refused(files) -> None:
    with pytest.raises(ValueRangeError, match="train_sessions must lie between 1 and"):
        run(replace(CONFIG, file=files[1], session_length=80, train_sessions=20))


def test_ensembles_of_a_single_faint_unit_decode_their_sources(tmp_path) -> None:
    path = write_cultures(tmp_path / "one.mat", [small_culture(1, channels=5, units=2)])
    result = run(
        AnalyzeConfig(file=path, session_length=32, train_sessions=6, ensembles="labels", workers=1)
    )
    (culture,) = result.cultures
    assert "decodes the known sources" in culture.description.population.cautions[1]
    x, r = culture.description.activity, culture.recording
    train = r.session < 6
    for k in range(2):  # a calibrated read-out: of trials with x about p a share of p is on
        order = np.argsort(x[train, k])
        for part in np.array_split(order, 3):
            error = x[train, k][part].mean() - r.sources[train, k][part].mean()
            assert abs(error) < 4 * 0.5 / np.sqrt(part.size)
