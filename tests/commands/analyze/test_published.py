"""Analysis of a file: all cultures, named failures, published numbers, honest sentences."""

import json
import time
from dataclasses import replace

import numpy as np
import pytest

from hebbayes.commands.analyze import present, recovered_prior_error, run
from hebbayes.commands.configs import AnalyzeConfig
from hebbayes.commands.running.outcome import plain
from hebbayes.core.errors import FormatError, ValueRangeError

from ...cultures import small_culture, write_cultures


def silent_for_source_two() -> dict:
    culture = small_culture(5)
    return {**culture, "r": culture["r"][:, ::2]}


def with_nan() -> dict:
    culture = small_culture(6)
    responses = culture["r"].astype(float)
    responses[7, 3] = np.nan
    return {**culture, "r": responses}


@pytest.fixture(scope="module")
def config(tmp_path_factory) -> AnalyzeConfig:
    """Good cultures of several sizes at 0, 2 and 5, bad ones between."""
    cultures = [
        small_culture(0),
        with_nan(),
        small_culture(1, channels=5, units=2),
        silent_for_source_two(),
        {"s": 1, "o": 1},
        small_culture(2, sessions=10),
    ]
    path = tmp_path_factory.mktemp("analyze") / "six.mat"
    return AnalyzeConfig(
        file=write_cultures(path, cultures), session_length=32, protocol="isomura2023"
    )


@pytest.fixture(scope="module")
def analysis(config):
    return run(config)


@pytest.fixture(scope="module")
def embedded():
    return run(AnalyzeConfig(protocol="isomura2023"))


def test_a_culture_that_cannot_be_analysed_is_named_and_the_others_go_on(analysis) -> None:
    assert [culture.number for culture in analysis.cultures] == [0, 2, 5]
    assert sorted(analysis.failures) == [1, 3, 4]
    assert "got nan at trial 7 (session 0), unit 3" in analysis.failures[1]
    assert "no responsive unit prefers source 2" in analysis.failures[3]
    assert "this culture lacks r" in analysis.failures[4]
    notes = " ".join(present(analysis).notes)
    assert all(f"Culture {k} failed: {why}" in notes for k, why in analysis.failures.items())


def test_the_baseline_is_the_mean_over_the_cultures_that_can_be_analysed(analysis) -> None:
    means = []
    for culture in analysis.cultures:
        responses, session = culture.ensembles.responses, culture.recording.session
        means.append([responses[session < 10, k].mean() for k in range(2)])
    assert analysis.baseline == pytest.approx(np.mean(means))
    assert analysis.baseline_origin == "mean over 3 cultures of the file"


def test_one_culture_is_analysed_as_among_all(config, analysis) -> None:
    alone = run(replace(config, culture="2"))
    assert [culture.number for culture in alone.cultures] == [2]
    assert alone.failures == {}
    np.testing.assert_array_equal(
        alone.cultures[0].description.cost, analysis.cultures[1].description.cost
    )
    ours, theirs = alone.cultures[0].skill, analysis.cultures[1].skill
    assert {name: one.as_tuple() for name, one in ours.items()} == {
        name: one.as_tuple() for name, one in theirs.items()
    }


def test_a_given_baseline_moves_the_priors(config, analysis) -> None:
    higher = run(replace(config, baseline=2 * analysis.baseline))
    first = [r.cultures[0].description.threshold_factors[0, 0] for r in (analysis, higher)]
    assert higher.baseline_origin == "given"
    assert first[1] < first[0]


def test_the_summary_is_json_with_the_keys_of_the_contract(analysis) -> None:
    summary = json.loads(json.dumps(plain(present(analysis).summary), allow_nan=False))
    assert set(summary["failures"]) == {"1", "3", "4"}
    first = summary["cultures"][0]
    assert first["culture"] == 0
    assert first["condition"] == "small"
    assert first["units_per_ensemble"] == [4, 4]
    assert first["units"] == [[0, 2, 4, 6], [1, 3, 5, 7]]
    assert len(first["phi1"]) == len(first["phi0"]) == 2
    assert len(first["cost"]) == 12
    assert first["prediction_mse"] == pytest.approx(first["mean_squared_error"]["protocol"])
    for entry in first["skill"].values():
        assert entry["low"] <= entry["value"] <= entry["high"]


def test_ten_sessions_are_described_and_not_scored(analysis) -> None:
    last = present(analysis).summary["cultures"][2]
    assert len(last["cost"]) == 10
    assert last["prediction_mse"] is None
    assert last["skill"] == {}


def test_arrays_come_ensemble_first_as_the_published_ones(analysis) -> None:
    arrays = present(analysis).arrays
    shapes = {name: arrays[name].shape for name in arrays if name.endswith("_2")}
    assert shapes == {
        "activity_2": (2, 384),
        "predicted_activity_2": (2, 384),
        "weights_2": (2, 5, 12),
        "predicted_weights_2": (2, 5, 12),
        "phi1_2": (2, 1),
        "phi0_2": (2, 1),
        "cost_2": (12,),
    }


def test_the_notes_say_that_the_protocol_leaks_and_where_it_loses(analysis) -> None:
    notes = " ".join(present(analysis).notes)
    assert "this protocol leaks" in notes
    scored = [culture.errors for culture in analysis.cultures[:2]]
    lost = sum(e["protocol"].mean() > e["constant"].mean() for e in scored)
    assert f"worse than a constant in {lost} and worse" in notes
    assert "of 2 cultures" in notes


@pytest.mark.parametrize("culture", ["all", "0"])
def test_figures_draw_without_a_warning(config, culture: str) -> None:
    figures = present(run(replace(config, culture=culture))).figures
    assert list(figures) == ["cultures" if culture == "all" else "culture_0"]
    for draw in figures.values():
        draw().draw_without_rendering()


def test_the_embedded_culture_gives_back_its_priors(embedded) -> None:
    outcome = present(embedded)
    assert recovered_prior_error(embedded) < 0.05
    assert outcome.summary["recovered_prior_error"] == recovered_prior_error(embedded)
    assert outcome.summary["baseline_origin"] == "known from the simulation"
    assert outcome.holds


def test_a_recorded_file_has_no_truth(analysis) -> None:
    assert recovered_prior_error(analysis) is None
    assert "recovered_prior_error" not in present(analysis).summary


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"culture": "6"}, "--culture must be all or a number from 0 to 5; got 6."),
        ({"culture": "-1"}, "--culture must be all or a number from 0; got -1."),
        ({"baseline": -2.0}, "--baseline must be above 0; got -2.0."),
        ({"session_length": 0}, "--session-length must be at least 1; got 0."),
    ],
)
def test_a_flag_out_of_range_is_named(config, changes, sentence: str) -> None:
    with pytest.raises(ValueRangeError) as caught:
        run(replace(config, **changes))
    assert str(caught.value) == sentence


def test_a_single_culture_that_fails_is_an_error(config) -> None:
    with pytest.raises(
        ValueRangeError, match="none of the selected cultures can be analysed; culture 4: "
    ):
        run(replace(config, culture="4"))


def test_a_wrong_session_length_is_told_with_its_flag(config) -> None:
    with pytest.raises(ValueRangeError, match=r"384 trials are not a whole number.*session_length"):
        run(replace(config, session_length=256))


def test_an_absent_file_is_an_error(tmp_path) -> None:
    with pytest.raises(FormatError, match="No such file"):
        run(AnalyzeConfig(file=tmp_path / "absent.mat"))


@pytest.mark.parametrize(
    ("name", "baseline"), [("bicuculline", 2.6403707268003216), ("mixing0", None)]
)
def test_a_published_file_is_reproduced_in_seconds(reference_data, name: str, baseline) -> None:
    folder = reference_data / "culture"
    started = time.process_time()
    result = run(
        AnalyzeConfig(file=folder / f"{name}.mat", baseline=baseline, protocol="isomura2023")
    )
    assert time.process_time() - started < 5
    assert result.failures == {}
    arrays = present(result).arrays
    with np.load(folder / f"expected_{name}_0.npz") as expected:
        for key in set(expected) - {"culture"}:
            tolerance = 1e-9 if key == "cost" else 1e-5
            np.testing.assert_allclose(
                arrays[f"{key}_0"], expected[key], rtol=tolerance, atol=1e-9, err_msg=key
            )
