"""The simulated group: what is recorded agrees with the truth behind it."""

from dataclasses import replace

import numpy as np
from scipy.special import expit

from hebbayes.simulators import (
    EXAMPLE_GROUP,
    FixedReadout,
    HebbianLearner,
    simulate_choices,
    simulate_group,
)


def test_same_seed_same_choices() -> None:
    design = replace(EXAMPLE_GROUP, n_subjects=2, n_trials=20)
    first, second = (simulate_group(design, seed=3).behaviour for _ in range(2))
    np.testing.assert_array_equal(first.choice, second.choice)
    assert not np.array_equal(first.choice, simulate_group(design, seed=4).behaviour.choice)


def test_parameters_are_spread_around_the_population() -> None:
    group = simulate_group(replace(EXAMPLE_GROUP, n_subjects=400, n_sessions=1, n_trials=1))
    ratios = np.log([one.ratio for one in group.learners])
    assert abs(ratios.mean() - np.log(20)) < 4 * 0.3 / 20
    bias = np.array([one.bias[0] for one in group.learners])
    assert abs(bias[200:].mean() - bias[:200].mean() - 1.0) < 4 * 0.3 * np.sqrt(2 / 200)


def test_a_learner_without_learning_chooses_by_its_bias() -> None:
    rng = np.random.default_rng(0)
    n = 4000
    choice, _ = simulate_choices(
        FixedReadout(bias=(0.8, 0.0)), np.ones((n, 1)), np.zeros(n, int), np.ones((n, 2)), rng=rng
    )
    assert abs((choice == 0).mean() - expit(0.8)) < 4 * 0.5 / np.sqrt(n)


def test_missed_trials_have_neither_choice_nor_outcome() -> None:
    rng = np.random.default_rng(0)
    missed = rng.random(50) < 0.3
    choice, won = simulate_choices(
        HebbianLearner(leak=0.1), np.ones((50, 1)), np.zeros(50, int), np.ones((50, 2)), rng=rng,
        is_missed=missed,
    )  # fmt: skip
    np.testing.assert_array_equal(choice < 0, missed)
    np.testing.assert_array_equal(np.isnan(won), missed)


def test_what_begins_anew_is_as_naive_as_at_first() -> None:
    """After a long session of reward, the first choice of the next is at chance only if anew."""
    session = np.repeat([0, 1], [200, 1])
    worth = np.tile([1.0, -1.0], (201, 1))
    last = {
        anew: np.mean([
            simulate_choices(HebbianLearner(ratio=6.0), np.ones((201, 1)), session, worth,
                             rng=np.random.default_rng(k), begins_anew=anew)[0][-1] == 0
            for k in range(60)
        ])
        for anew in (True, False)
    }  # fmt: skip
    assert abs(last[True] - 0.5) < 4 * 0.5 / np.sqrt(60)
    assert last[False] > 0.9
