"""Switches of probability are found where they are, and seldom elsewhere."""

from itertools import combinations

import numpy as np

from hebbayes.reverse_engineering.ensembles.slow_component import changes_seldom, switches


def _twice_log_likelihood(part) -> float:
    on, n = int(part.sum()), len(part)
    return sum(2 * k * np.log(k / n) for k in (on, n - on) if k)


def test_the_partition_is_the_best_of_all() -> None:
    rng = np.random.default_rng(0)
    for _ in range(6):
        state = rng.random(14) < np.repeat([0.95, 0.05], 7)
        gains = {
            sum(_twice_log_likelihood(part) for part in np.split(state, cuts))
            - 5 * np.log(14) * len(cuts): list(cuts)
            for n_cuts in range(4)
            for cuts in combinations(range(1, 14), n_cuts)
        }
        assert switches(state) == gains[max(gains)]


def test_independent_trials_seldom_seem_to_switch() -> None:
    rng, session = np.random.default_rng(0), np.repeat(np.arange(3), 80)
    seldom = [changes_seldom((rng.random(240) < 0.3).astype(float), session) for _ in range(60)]
    assert sum(seldom) <= 4


def test_blocks_without_noise_are_left_to_permuted_runs_but_graded_ones_are_not() -> None:
    block, session = np.repeat([0.0, 1.0, 0.0], 40), np.zeros(120, int)
    assert not changes_seldom(block, session)
    graded = block + 0.1 * np.random.default_rng(0).random(120)
    assert changes_seldom(graded, session)
