"""Prediction of unseen mazes, and the published study that is made of such predictions."""

import json

import numpy as np
import pytest

from hebbayes.commands.configs import MazeConfig, MazeStudyConfig, PredictMazeConfig
from hebbayes.commands.mazes import maze_study, predict_maze
from hebbayes.commands.mazes.maze import Condition
from hebbayes.commands.mazes.maze import run as run_maze
from hebbayes.commands.mazes.predict_maze import Prediction
from hebbayes.commands.running.outcome import plain
from hebbayes.core.errors import ValueRangeError

SMALL = {"mazes": 2, "trials": 2, "steps": 250}


@pytest.fixture(scope="module")
def prediction():
    return predict_maze.run(PredictMazeConfig(e_right=0.35, agents=2, workers=1, **SMALL))


@pytest.fixture(scope="module")
def study():
    return maze_study.run(MazeStudyConfig(workers=2, **SMALL))


def told(outcome):
    return json.loads(json.dumps(plain(outcome.summary)))


def test_the_contract_of_predict_maze_is_kept(prediction):
    summary = told(predict_maze.present(prediction))
    assert set(summary) >= {"correlation", "true", "predicted", "flat", "decision_prior_error"}
    assert [len(summary[name]) for name in ("true", "predicted", "flat")] == [2, 2, 2]


def test_the_estimate_is_that_of_first_trials_in_the_first_mazes(prediction):
    firsts = run_maze(MazeConfig(e_right=0.35, mazes=2, trials=1, steps=250, workers=1))
    np.testing.assert_array_equal(prediction.prediction.estimate, firsts.condition.decision_prior)


def test_agents_of_one_maze_have_seeds_of_their_own(prediction):
    p = prediction.prediction
    for one, other in ((p.true, p.flat), (p.true, p.predicted), (p.predicted, p.flat)):
        assert not np.array_equal(one.first_taken, other.first_taken)


@pytest.mark.thorough
def test_the_study_contains_each_command_of_one_prior(study, prediction):
    part = study.predictions[0.35]
    for name in ("true", "predicted", "flat"):  # the study has one agent of each kind
        durations = getattr(prediction.prediction, name).durations
        np.testing.assert_array_equal(getattr(part, name).durations, durations[:, :2])
    summary = told(maze_study.present(study))
    assert set(summary["priors"]) == {"0.15", "0.25", "0.35"}
    for entry in summary["priors"].values():
        assert set(entry) >= {"durations", "success_first", "correlation", "flat", "true"}
        assert np.shape(entry["durations"]) == (2, 4)


@pytest.mark.thorough
def test_the_steps_of_the_study_count_the_flat_agents_once(study):
    mazes = [c.durations for c in study.conditions.values()]
    mazes += [p.predicted.durations for p in study.predictions.values()]
    mazes.append(study.predictions[0.15].flat.durations)
    assert study.n_steps == sum(int((d - 1).sum()) for d in mazes)


def test_figures_and_arrays_of_both_are_made(study, prediction):
    for outcome in (maze_study.present(study), predict_maze.present(prediction)):
        assert all(draw() is not None for draw in outcome.figures.values())
        assert all(isinstance(values, np.ndarray) for values in outcome.arrays.values())


def condition(means):
    durations = np.array([means, means])
    return Condition(100, durations, durations * 1.0, np.ones((len(means), 256)))


def test_correlation_and_distance_are_over_mazes():
    chance = np.random.default_rng(0)
    true, near, far = (condition(chance.integers(1, 99, 7)) for _ in range(3))
    p = Prediction(0.25, np.full(256, 1 / 256), true, near, far)
    means = [c.durations[0] for c in (true, near, far)]
    assert p.correlation == pytest.approx(np.corrcoef(means[0], means[1])[0, 1])
    assert p.distance(far) == pytest.approx(np.abs(means[0] - means[2]).mean())
    assert p.decision_prior_error == 0


def test_the_prediction_of_a_maze_is_the_mean_of_its_agents():
    true, twice = condition([10, 10, 60, 10, 30, 60]), condition([8, 30, 70, 16, 10, 70])
    p = Prediction(0.25, np.full(256, 1 / 256), true, twice, true, n_agents=2)
    assert p.per_maze(true).tolist() == [10, 20, 60]
    assert p.per_maze(twice).tolist() == [12, 20, 70]
    assert p.correlation == pytest.approx(np.corrcoef([10, 20, 60], [12, 20, 70])[0, 1])
    assert p.distance(twice) == pytest.approx((2 + 0 + 10) / 3)


def test_further_agents_have_seeds_of_their_own(prediction):
    taken = prediction.prediction.predicted.first_taken
    assert taken.shape[0] == 4
    assert not np.array_equal(taken[:2], taken[2:])


def test_mazes_of_equal_duration_correlate_with_nothing():
    flat = condition([100, 100])
    assert np.isnan(Prediction(0.2, np.full(256, 1 / 256), flat, flat, flat).correlation)


def test_bad_sizes_are_refused():
    with pytest.raises(ValueRangeError, match="--e-right"):
        predict_maze.run(PredictMazeConfig(e_right=-0.1))
    with pytest.raises(ValueRangeError, match="--mazes must be at least 1; got 0"):
        maze_study.run(MazeStudyConfig(mazes=0))
    with pytest.raises(ValueRangeError, match="--agents must be at least 1; got 0"):
        predict_maze.run(PredictMazeConfig(e_right=0.2, agents=0))


@pytest.mark.slow
def test_the_published_claims_hold():
    study = maze_study.run(MazeStudyConfig())
    unbiased = study.predictions[0.25]
    assert unbiased.correlation >= 0.9
    for e in (0.15, 0.35):
        biased = study.predictions[e]
        assert biased.distance(biased.predicted) < biased.distance(biased.flat)
    assert max(p.decision_prior_error for p in study.predictions.values()) <= 3e-3
    pessimistic, learner, optimistic = (study.conditions[e] for e in maze_study.PRIORS)
    assert pessimistic.success_first < learner.success_first < optimistic.success_first
    gain = [c.success_last - c.success_first for c in (pessimistic, learner, optimistic)]
    assert gain[1] == max(gain)
    assert pessimistic.success_last < learner.success_last
