"""Gumbel-max in one pass draws what the odds say; the shift register has its full period."""

import numpy as np
import pytest

from hebbayes.neuromorphic.decision.core import decide, new_core
from hebbayes.neuromorphic.decision.draws import (
    next_register,
    noise_distribution,
    noise_of,
    noise_table,
    winning_probability,
)

LOG_BITS = 11


def total_variation(p, q):
    return abs(p - q).sum() / 2


@pytest.fixture(scope="module")
def drives():
    """Return drives of 256 decisions in octaves, from level to strongly preferring a few."""
    rng = np.random.default_rng(0)
    return [np.rint(rng.normal(0, sd, 256) * 2**LOG_BITS).astype(int) for sd in (0.0, 0.5, 1.5, 4)]


def test_the_shift_register_has_period_2_to_the_32_minus_1():
    step = np.array([[(next_register(1 << b) >> r) & 1 for b in range(32)] for r in range(32)])

    def power(n):
        result, factor = np.eye(32, dtype=int), step
        while n:
            if n & 1:
                result = result @ factor % 2
            factor = factor @ factor % 2
            n >>= 1
        return result

    period = 2**32 - 1
    assert (power(period) == np.eye(32)).all()
    for prime in (3, 5, 17, 257, 65537):
        assert (power(period // prime) != np.eye(32)).any()


def test_noise_of_every_draw_is_gumbel_noise_within_a_cell():
    draws = np.arange(1, 2**16)
    table = noise_table(LOG_BITS)
    noise = np.array([noise_of(draw, table, LOG_BITS) for draw in draws]) / 2**LOG_BITS
    exact = -np.log2(-np.log1p(-(draws + 0.5) / 2**16))
    sure = (draws > 64) & (draws < 0.9 * 2**16)  # below, v is coarse; above, noise is steep
    assert abs(noise - exact)[sure].max() < 0.02
    assert (np.diff(noise) <= 0).all()  # falls with the draw


def test_decisions_are_drawn_by_their_odds_to_one_percent(drives):
    for drive in drives:
        odds = 2.0 ** (drive / 2**LOG_BITS)
        exact = odds / odds.sum()
        drawn = winning_probability(drive, LOG_BITS)
        assert drawn.sum() == pytest.approx(1)
        assert total_variation(drawn, exact) <= 0.01
        first_moves = (drawn - exact).reshape(4, -1).sum(1)
        assert abs(first_moves).max() <= 0.01


def test_few_random_bits_bias_the_draw(drives):
    odds = 2.0 ** (drives[2] / 2**LOG_BITS)
    distance = [
        total_variation(winning_probability(drives[2], LOG_BITS, bits), odds / odds.sum())
        for bits in (8, 12, 16)
    ]
    assert distance[0] > 0.03 > 0.01 > distance[1] > distance[2]


def test_probabilities_are_those_of_enumeration():
    drive = np.array([0, 700, -300])
    values, probability = noise_distribution(4, 5)
    drawn = winning_probability(drive // 128, 4, 5)
    count = np.zeros(3)
    for descending in (False, True):
        order = [2, 1, 0] if descending else [0, 1, 2]
        for g in np.ndindex(*(values.size,) * 3):
            reached = drive // 128 + values[list(g)]
            winner = max(order, key=lambda k, reached=reached: reached[k])  # first of equals
            count[winner] += probability[list(g)].prod() / 2
    assert drawn == pytest.approx(count, abs=1e-12)


def test_a_run_of_the_core_draws_with_those_probabilities(drives):
    drive = drives[2]
    core = new_core(drive, n_inputs=1, seed=99)
    n_draws = 20_000
    counts = np.bincount([decide(core) for _ in range(n_draws)], minlength=256)
    expected = n_draws * winning_probability(drive, LOG_BITS)
    common = expected > 5
    chi2 = ((counts - expected)[common] ** 2 / expected[common]).sum()
    n = common.sum()
    assert abs(chi2 - n) < 4 * np.sqrt(2 * n)
    moves = counts.reshape(4, -1).sum(1) / n_draws - expected.reshape(4, -1).sum(1) / n_draws
    assert abs(moves).max() < 0.01 + 4 * np.sqrt(0.25 / n_draws)
