"""The maze study of one condition: what its numbers mean, and what the published ones are."""

import json
from dataclasses import replace

import numpy as np
import pytest

from hebbayes.commands.configs import MazeConfig
from hebbayes.commands.mazes import maze
from hebbayes.commands.mazes.maze import Condition
from hebbayes.commands.running.outcome import plain
from hebbayes.core.errors import ValueRangeError

KEYS = {
    "steps_total",
    "seconds",
    "durations",
    "success_first",
    "success_last",
    "free_energy",
    "decision_prior_estimate",
}


@pytest.fixture(scope="module")
def result():
    return maze.run(MazeConfig(e_right=0.1, mazes=2, trials=2, steps=400, workers=1))


def test_the_contract_of_the_command_is_kept(result):
    told = json.loads(json.dumps(plain(maze.present(result).summary)))
    assert set(told) >= KEYS
    assert np.shape(told["durations"]) == np.shape(told["free_energy"]) == (2, 2)
    assert np.shape(told["decision_prior_estimate"]) == (4,)
    assert told["steps_total"] == sum(d - 1 for row in told["durations"] for d in row)


def test_what_is_saved_holds_no_times(result):
    assert set(maze.present(result).arrays) == {
        "durations",
        "free_energy",
        "first_taken",
        "decision_prior_estimate",
    }


def test_the_prior_estimated_before_learning_is_the_true_one(result):
    n = result.condition.first_taken.sum()
    estimate = maze.first_moves(result.condition.decision_prior)
    # nothing is learnt in a first trial: four standard errors of independent draws
    np.testing.assert_allclose(estimate, [0.25, 0.25, 0.4, 0.1], atol=4 * 0.5 / n**0.5)


def test_first_trials_alone_make_the_estimate(result):
    first = result.condition.durations[0] - 1
    np.testing.assert_array_equal(result.condition.first_taken.sum(1), first)


def test_without_learning_only_the_first_trial_is_the_same(result):
    fixed = maze.run(replace(result.config, learning=False)).condition
    learning = result.condition
    np.testing.assert_array_equal(fixed.first_taken, learning.first_taken)
    np.testing.assert_array_equal(fixed.free_energy[0], learning.free_energy[0])
    assert (fixed.free_energy[1] != learning.free_energy[1]).all()


def test_success_is_counted_in_the_first_and_the_last_ten():
    durations = np.full((30, 2), 50)
    durations[:10, 0], durations[-10:] = 100, 100
    condition = Condition(100, durations, durations * 1.0, np.ones((2, 256)))
    assert condition.success_first == 0.5
    assert condition.success_last == 0.0


@pytest.mark.parametrize(
    ("config", "said"),
    [
        (MazeConfig(0.6), "--e-right must lie between 0.0 and 0.5; got 0.6."),
        (MazeConfig(float("nan")), "--e-right must lie"),
        (MazeConfig(0.2, mazes=0), "--mazes must be at least 1; got 0."),
        (MazeConfig(0.2, trials=0), "--trials must be at least 1; got 0."),
        (MazeConfig(0.2, steps=1), "--steps must be at least 2; got 1."),
    ],
)
def test_bad_sizes_are_refused_in_one_sentence(config, said):
    with pytest.raises(ValueRangeError, match=said):
        maze.run(config)


def within_three_errors(ours, theirs):
    """Means over mazes, each with its standard error."""
    errors = [v.std(ddof=1) / np.sqrt(len(v)) for v in (ours, theirs)]
    return abs(ours.mean() - theirs.mean()) <= 3 * np.hypot(*errors)


def comparisons(durations, published):
    return {
        (phase, kind): within_three_errors(
            measure(durations[trials]).mean(0), measure(published[trials]).mean(0)
        )
        for phase, trials in (("first", slice(10)), ("last", slice(-10, None)))
        for kind, measure in (("failure", lambda d: d == 20_000), ("duration", lambda d: d))
    }


@pytest.mark.slow
def test_learning_is_that_of_the_published_agents_and_of_nothing_less(reference_data):
    table = np.loadtxt(reference_data / "maze" / "duration_E0.25.csv", delimiter=",")
    published = table[:, :20]
    learning = maze.run(MazeConfig(e_right=0.25, mazes=40))
    assert all(comparisons(learning.condition.durations, published).values())
    fixed = maze.run(MazeConfig(e_right=0.25, mazes=40, learning=False))
    agrees = comparisons(fixed.condition.durations, published)
    assert not agrees["last", "failure"]
    assert not agrees["last", "duration"]
