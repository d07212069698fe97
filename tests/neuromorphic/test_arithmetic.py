"""Tables over every argument, against floating point, and the register against its polynomial."""

import numpy as np
import pytest

from hebbayes.neuromorphic.arithmetic import (
    advance,
    draw_of,
    halve,
    log2_fixed,
    log2_table,
    sigmoid_index,
    sigmoid_table,
    signed_bits,
)

PERIOD = 2**32 - 1
FACTORS = (3, 5, 17, 257, 65537)


@pytest.mark.parametrize("log_bits", [1, 4, 6, 8, 11, 14])
def test_the_logarithm_lies_below_the_true_one_by_what_mitchell_and_the_cut_cost(log_bits):
    table = log2_table(12, log_bits) / 2**log_bits
    error = np.log2(np.maximum(np.arange(4096), 1)) - table
    assert error.min() >= 0
    assert error.max() < 0.0861 + 2.0**-log_bits
    assert (np.diff(table) >= 0).all()


@pytest.mark.parametrize("log_bits", [1, 6, 11])
def test_the_logarithm_is_exact_at_powers_of_two_and_linear_between(log_bits):
    assert [log2_fixed(1 << place, log_bits) for place in range(17)] == [
        place << log_bits for place in range(17)
    ]
    between = [log2_fixed(count, 11) for count in range(2048, 4097)]
    assert set(np.diff(between)) == {1}


@pytest.mark.parametrize("bits", [1, 4, 8, 16])
def test_the_sigmoid_is_within_half_an_entry_of_the_true_one(bits):
    drives = np.arange(0, 8 * 64) / 64
    entries = [sigmoid_index(int(v * 64), 6) for v in drives]
    error = sigmoid_table(bits)[entries] / 2**bits - 1 / (1 + np.exp2(-drives))
    assert np.abs(error).max() <= np.log(2) / 4 * 0.25 + 2.0**-bits
    assert (np.diff(sigmoid_table(bits)) >= 0).all()


def test_drives_of_either_sign_beyond_the_table_take_its_last_entry():
    assert [sigmoid_index(v, 1) for v in (-1000, -15, -3, 0, 3, 15, 16)] == [
        15,
        15,
        3,
        0,
        3,
        15,
        15,
    ]


def times(a, b, modulus):
    """Return a product of polynomials over two elements, modulo another."""
    product = 0
    while b:
        product ^= a * (b & 1)
        a <<= 1
        a ^= modulus * (a >> 32)
        b >>= 1
    return product


def power_of_x(exponent, modulus):
    result, base = 1, 2
    while exponent:
        result = times(result, base, modulus) if exponent & 1 else result
        base = times(base, base, modulus)
        exponent >>= 1
    return result


def test_the_register_has_the_full_period():
    taps = (1 << 32) | (1 << 30) | (1 << 26) | (1 << 25) | 1
    assert power_of_x(PERIOD, taps) == 1
    assert all(power_of_x(PERIOD // factor, taps) != 1 for factor in FACTORS)
    assert np.gcd(16, PERIOD) == 1  # moving 16 places keeps the period


def test_a_draw_is_sixteen_single_steps():
    def step(state):
        bit = (state >> 31 ^ state >> 29 ^ state >> 25 ^ state >> 24) & 1
        return (state << 1 | bit) & 0xFFFFFFFF

    state = 0xACE1
    for _ in range(1000):
        expected = state
        for _ in range(16):
            expected = step(expected)
        state = advance(state)
        assert state == expected


@pytest.mark.parametrize("bits", [1, 4, 8])
def test_draws_are_even_and_neighbours_independent(bits):
    state, draws = 1, []
    for _ in range(1 << 16):
        state = advance(state)
        draws.append(draw_of(state, bits))
    for lag in (1, 2, 3):
        pairs = (
            np.array(draws[:-lag]) >> max(0, bits - 4),
            np.array(draws[lag:]) >> max(0, bits - 4),
        )
        cells = np.histogram2d(*pairs, bins=2 ** min(bits, 4))[0]
        expected = cells.sum() / cells.size
        statistic, freedom = ((cells - expected) ** 2 / expected).sum(), cells.size - 1
        assert abs(statistic - freedom) < 4 * np.sqrt(2 * freedom)


def test_halving_keeps_the_order_of_counts_and_their_mean():
    counts = np.arange(1025)
    up, down = halve(counts, 1), halve(counts, 0)
    assert (np.diff(up) >= 0).all()
    assert (np.diff(down) >= 0).all()
    assert (up + down == counts).all()


@pytest.mark.parametrize("largest", [0, 1, 127, 128, 5000])
def test_signed_numbers_fit(largest):
    bits = signed_bits(largest)
    assert -(1 << (bits - 1)) <= -largest <= largest < 1 << (bits - 1)
