"""Selection and verdict: by brute force on small products, and in simulated studies."""

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import nnls

from hebbayes.core.errors import ShapeError, ValueRangeError
from hebbayes.reverse_engineering.forecasting.contract import ChangeForecaster, Forecaster, Models
from hebbayes.reverse_engineering.forecasting.judging.power import smallest_detectable
from hebbayes.reverse_engineering.forecasting.judging.selection import Roles, choose, gain
from hebbayes.reverse_engineering.forecasting.judging.verdict import (
    judge,
    judge_within,
    relative_losses,
)
from hebbayes.reverse_engineering.forecasting.nulls.static import Constant, Linear, Saturated
from hebbayes.reverse_engineering.forecasting.scoring import Scores, combined_loss, score
from hebbayes.reverse_engineering.forecasting.sessions import split_sessions
from hebbayes.reverse_engineering.statistics.estimate import mean_estimate

from ..recordings import small_recording


class Term(ChangeForecaster):
    """Stands for a term of which only the products matter."""

    def fit(self, training):
        return None

    def predict(self, state, stimuli):
        raise AssertionError


MODELS = Models(
    {"saturated": Constant(), "worse": Constant(), "hebb": Term()},
    {"right": Term(), "idle": Term(), "whole": Constant()},
)
ROLES = Roles((0, 1), (2,), (3, 4), (5,))


def study(rng, *, size: float, n: int = 8, hebb: float = 0.0, sessions: int = 6) -> list[Scores]:
    """Observed = null + size x right + hebb x hebb + noise."""
    scores = []
    for _ in range(n):
        null, hebbian, right, idle = rng.normal(size=(4, sessions, 500))
        observed = null + size * right + hebb * hebbian + rng.normal(size=(sessions, 500))
        worse = null + 0.5 * rng.normal(size=(sessions, 500))
        rows = np.stack([observed, null, worse, hebbian, right, idle, worse], axis=1)
        products = rows @ rows.transpose(0, 2, 1) / 500
        names = tuple(MODELS.all)
        is_change = (False, False, True, True, True, False)
        scores.append(Scores(names, is_change, products, np.full(sessions, 500.0)))
    return scores


def test_sizes_of_null_and_theory_terms_are_those_of_nonnegative_least_squares() -> None:
    rng = np.random.default_rng(0)
    for toward in ([0.3, 0.5], [-0.3, 0.5], [0.5, -0.3]):
        terms = rng.normal(size=(2, 400))
        terms[1] += 0.7 * terms[0]
        null = rng.normal(size=400)
        rows = np.stack([null + toward @ terms + rng.normal(size=400), null, *terms])
        choice = choose([rows @ rows.T / 400] * 3, Roles((0,), (1,), (2,)))
        alone = nnls(rows[2:3].T, rows[0] - null)[0]
        both = nnls(rows[2:].T, rows[0] - null)[0]
        np.testing.assert_allclose(choice.null, [1.0, *alone, 0.0], atol=1e-8)
        if both[1] > 0:
            np.testing.assert_allclose(choice.null + choice.theory, [1.0, *both], atol=1e-8)
        else:
            assert choice.g == 0
            assert not choice.is_earned


def test_a_whole_forecast_replaces_the_null_in_part_never_more_than_whole() -> None:
    rng = np.random.default_rng(1)
    observed = rng.normal(size=300)
    null, model = rng.normal(size=300), 0.5 * observed
    rows = np.stack([observed, null, model])
    choice = choose([rows @ rows.T / 300] * 3, Roles((0,), theory_forecasts=(1,)))
    sizes = np.linspace(0, 1, 1001)
    best = sizes[np.argmin([((observed - (1 - g) * null - g * model) ** 2).mean() for g in sizes])]
    assert choice.g == pytest.approx(best, abs=1e-3)
    np.testing.assert_allclose(choice.null + choice.theory, [1 - choice.g, choice.g])


def test_a_recording_is_judged_by_a_choice_in_which_it_had_no_say() -> None:
    scores = study(np.random.default_rng(2), size=0.2)
    verdict = judge(scores, MODELS)
    k = 3
    others = [s.gram for i, s in enumerate(scores) if i != k]
    choice = choose(others, ROLES)
    assert verdict.folds[k].gain == gain(scores[k].gram, choice.null, choice.theory)
    assert verdict.folds[k].g == choice.g
    twisted = [*scores]
    shuffled = scores[k].products[:, ::-1, ::-1]
    twisted[k] = Scores(scores[k].names, scores[k].is_change, shuffled, scores[k].weights)
    assert judge(twisted, MODELS).folds[k].g == verdict.folds[k].g


def test_the_verdict_gives_value_and_interval_of_a_term_that_is_right() -> None:
    verdict = judge(study(np.random.default_rng(3), size=0.2), MODELS)
    assert {fold.term for fold in verdict.folds} == {"right"}
    assert verdict.adds
    assert verdict.gain.low < 0.04 / 1.04 < verdict.gain.high
    gains = np.array([fold.gain for fold in verdict.folds])
    assert verdict.gain.as_tuple() == mean_estimate(gains).as_tuple()
    assert verdict.settings_tried == 2 * 2 + 2 + 1
    assert verdict.over == "recordings"


def test_nothing_is_claimed_where_there_is_nothing_to_add() -> None:
    rng = np.random.default_rng(4)
    claims = sum(judge(study(rng, size=0.0, hebb=0.3), MODELS).adds for _ in range(50))
    assert claims <= 50 * 0.025 + 4 * np.sqrt(50 * 0.025 * 0.975)


def test_hebbian_change_belongs_to_the_null() -> None:
    verdict = judge(study(np.random.default_rng(5), size=0.0, hebb=0.4), MODELS)
    assert {fold.null for fold in verdict.folds} == {"saturated + hebb"}
    assert verdict.folds[0].null_loss == pytest.approx(1.0, abs=0.1)
    assert not verdict.adds


def test_an_addition_smaller_than_nulls_can_be_wrong_by_is_not_claimed() -> None:
    scores = study(np.random.default_rng(6), size=0.2)
    assert judge(scores, MODELS, least=0.0).adds
    assert not judge(scores, MODELS, least=0.1).adds


def test_the_power_printed_is_the_power_found() -> None:
    rng = np.random.default_rng(7)
    pilot = study(rng, size=0.0)
    smallest = smallest_detectable(
        [s.gram for s in pilot], np.eye(6)[0], [np.eye(6)[3]], least=0.002
    )
    found = [judge(study(rng, size=np.sqrt(smallest)), MODELS).adds for _ in range(30)]
    assert 0.5 < np.mean(found) <= 1.0


def test_within_one_recording_training_chooses_and_sessions_give_the_interval() -> None:
    rng = np.random.default_rng(8)
    right, nothing = study(rng, size=0.3, n=2, sessions=30), study(rng, size=0.0, n=1, sessions=30)
    verdict = judge_within(right[0], right[1], MODELS, rng=rng)
    assert verdict.adds
    assert verdict.gain.low < verdict.gain.value < verdict.gain.high
    assert verdict.over == "sessions"
    unearned = judge_within(nothing[0], right[1], MODELS, rng=rng)
    assert abs(unearned.gain.value) < 0.01


def test_too_few_recordings_and_muddled_names_are_refused() -> None:
    scores = study(np.random.default_rng(9), size=0.0, n=2)
    with pytest.raises(ShapeError, match="2 recordings cannot judge each other"):
        judge(scores, MODELS)
    three = [*scores, scores[0]]
    for models, complaint in (
        (Models({"a": Constant()}, {}), "'a' was not scored"),
        (Models({"whole": Constant()}, {"whole": Constant()}), "names a null and a model"),
        (Models({"hebb": Term()}, {}), "no null forecasts"),
    ):
        with pytest.raises(ValueRangeError, match=complaint):
            judge(three, models)


def test_relative_losses_are_taken_within_recordings() -> None:
    splits = [split_sessions(small_recording(seed), 3) for seed in range(3)]
    scores = [score(s, {"saturated": Saturated(), "linear": Linear()}) for s in splits]
    ratio = [
        combined_loss(s.gram, np.array([0, 1.0])) / combined_loss(s.gram, np.array([1.0, 0]))
        for s in scores
    ]
    found = relative_losses(scores, "saturated")["linear"]
    assert found.value == pytest.approx(np.mean(ratio))
    assert found.low < found.value < found.high


def test_a_users_own_model_is_scored_and_judged_like_the_rest() -> None:
    class Cheerful(Forecaster):
        def fit(self, training):
            return Linear().fit(training)

        def predict(self, state, stimuli):
            return Linear().predict(state, stimuli) + 1.0

    models = Models({"saturated": Saturated(), "linear": Linear()}, {"mine": Cheerful()})
    scores = [score(split_sessions(small_recording(k), 3), models.all) for k in range(4)]
    assert relative_losses(scores, "saturated")["mine"].value > 1.0
    assert not judge(scores, models).adds


@pytest.fixture(scope="module")
def simulated():
    path = Path(__file__).parents[4] / "benchmarks" / "verdict.py"
    spec = importlib.util.spec_from_file_location("verdict_studies", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules[spec.name]


@pytest.mark.thorough
@pytest.mark.parametrize("scenario", ["canonical", "gain_drift", "random_walk", "hebbian"])
def test_one_simulated_study_of_each_kind_is_judged_right(simulated, scenario: str) -> None:
    design = simulated.StudyDesign()
    study = simulated.run_study((design, scenario, 0))
    assert study["adds"] == (scenario == "canonical")
