"""The embedded culture: estimates beside the truth, and a loud failure if they miss it."""

from dataclasses import replace

import numpy as np
import pytest

from hebbayes.commands.analyze import present, run
from hebbayes.commands.analyze.embedded import (
    EmbeddedEstimate,
    embedded_estimates,
    miss_sentences,
)
from hebbayes.commands.analyze.notes import verdict_sentence
from hebbayes.commands.configs import AnalyzeConfig
from hebbayes.reverse_engineering.forecasting.judging.verdict import Verdict
from hebbayes.reverse_engineering.statistics.estimate import Estimate


@pytest.fixture(scope="module")
def embedded():
    return run(AnalyzeConfig(n_ensembles=2, workers=1))


def test_every_unit_is_in_the_ensemble_of_its_source(embedded) -> None:
    (culture,) = embedded.cultures
    for source, k in enumerate(culture.match.ensemble):
        units = np.sort(culture.description.population.units[k])
        np.testing.assert_array_equal(units, np.arange(source, 32, 2))


def test_phi_and_lambda_stand_beside_their_truth_and_hold(embedded) -> None:
    outcome = present(embedded)
    assert outcome.holds
    table = outcome.tables[0]
    assert [row[0] for row in table.rows[:2]] == ["phi of source 0", "lambda of source 0"]
    assert [row[4] for row in table.rows[:2]] == pytest.approx([np.log(0.4 / 0.6), 500.0])
    assert {row[5] for row in table.rows} == {"yes"}
    assert outcome.summary["truth"]["missed"] is False
    assert not any("MISSED" in note for note in outcome.notes)
    (culture,) = outcome.summary["cultures"]
    assert np.isfinite(culture["phi_affine"]["value"]).all()
    assert (np.array(culture["phi_slope"]) > 0).all()


def test_a_miss_fails_loudly(embedded) -> None:
    (culture,) = embedded.cultures
    odds = culture.description.perception.log_odds
    wrong = Estimate(odds.value - 1.2, odds.low - 1.2, odds.high - 1.2)
    perception = replace(culture.description.perception, log_odds=wrong)
    description = replace(culture.description, perception=perception)
    outcome = present(replace(embedded, cultures=(replace(culture, description=description),)))
    assert not outcome.holds
    assert outcome.notes[0].startswith("MISSED: phi of source 0 is -1.")
    assert outcome.summary["truth"]["missed"] is True


def test_an_estimate_without_a_value_is_a_miss_and_chance_is_none() -> None:
    nan = float("nan")
    assert EmbeddedEstimate("phi", Estimate(nan, nan, nan), 0.4).is_missed
    near, far = (EmbeddedEstimate("phi", Estimate(0.0, -0.1, 0.3), t) for t in (-0.19, 0.61))
    assert not near.is_inside
    assert not near.is_missed
    assert far.is_missed
    (sentence,) = miss_sentences((EmbeddedEstimate("phi", Estimate(nan, nan, nan), 1.0),))
    assert "has no value" in sentence


def test_a_file_has_no_truth_to_compare_with(embedded) -> None:
    assert embedded_estimates(replace(embedded, truth=None)) == ()


def test_a_bad_forecast_within_one_culture_is_a_sentence_without_percentage() -> None:
    verdict = Verdict(Estimate(-1.888, -2.136, -1.61), False, 0.0, 0.01, 72, "sessions", ())
    sentence = verdict_sentence(verdict)
    assert sentence.startswith("the forecast by the theory is bad: its squared error is 2.89 [2.61")
    assert "%" not in sentence
    assert "%" in verdict_sentence(replace(verdict, over="recordings"))
