"""Gumbel-max in one pass draws what the odds say; the shift register has its full period."""

import numpy as np

from hebbayes.neuromorphic.decision.draws import (
    next_register,
    noise_of,
    noise_table,
)

LOG_BITS = 11


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
