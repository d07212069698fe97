"""Random integers of the decision core: a shift register and Gumbel noise from a small table.

A decision is the largest of drive + Gumbel noise, found in one pass, so that nothing is
normalised.  The noise of a draw v of 16 bits is read from a table over its leading one and the
bits that follow: fine where noise is large, since the largest of many decides.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from hebbayes.neuromorphic.arithmetic import DRAW_BITS, advance

Integers = NDArray[np.int64]

OCTAVES = 8
"""Rows of the table of noise: leading zeros of a draw, the last row for all that have more."""

MANTISSA_BITS = 7
"""Bits of a draw that follow its leading one and choose the entry in the row."""


next_register = njit(cache=True)(advance)


@njit(cache=True)
def leading_zeros(draw: int) -> int:
    """Return how many of the 16 bits stand before the leading one; 15 for 0.

    Example:
        >>> leading_zeros(1 << 15), leading_zeros(1), leading_zeros(0)
        (0, 15, 15)
    """
    zeros = 0
    while zeros < DRAW_BITS - 1 and not (draw >> (DRAW_BITS - 1 - zeros)) & 1:
        zeros += 1
    return zeros


@njit(cache=True)
def noise_of(draw: int, table: Integers, log_bits: int) -> int:
    """Return the Gumbel noise of a draw, in units of 2^-log_bits.

    Example:
        >>> table = noise_table(11)
        >>> [round(noise_of(draw, table, 11) / 2048, 2) for draw in (0xFFFF, 0x8000, 1)]
        [-2.64, 0.52, 15.99]
    """
    zeros = leading_zeros(draw)
    after = (draw << zeros) >> (DRAW_BITS - 1 - MANTISSA_BITS)
    mantissa = after & ((1 << MANTISSA_BITS) - 1)
    row = min(zeros, OCTAVES - 1)
    return table[(row << MANTISSA_BITS) | mantissa] + ((zeros - row) << log_bits)


@njit(cache=True)
def widened(draw: int, draw_bits: int) -> int:
    """Return the lowest ``draw_bits`` of a draw as 16 bits: the middle of their cell.

    Example:
        >>> widened(0xF123, 16), widened(0xF123, 12)
        (61731, 4664)
    """
    beyond = DRAW_BITS - draw_bits
    return ((draw & ((1 << draw_bits) - 1)) << beyond) | ((1 << beyond) >> 1)


def noise_table(log_bits: int) -> Integers:
    """Return Gumbel noise -log2(-ln(1 - v)) in the middle of every cell, as integers.

    Example:
        >>> noise_table(11).size
        1024
    """
    row, mantissa = np.divmod(np.arange(OCTAVES << MANTISSA_BITS), 1 << MANTISSA_BITS)
    v = (1 + (mantissa + 0.5) / 2**MANTISSA_BITS) * 2.0 ** (-1.0 - row)
    return np.rint(-np.log2(-np.log1p(-v)) * 2**log_bits).astype(np.int64)


def noise_distribution(
    log_bits: int, draw_bits: int = DRAW_BITS
) -> tuple[Integers, NDArray[np.float64]]:
    """Return the values that noise takes, ascending, and their probabilities.

    Example:
        >>> values, probability = noise_distribution(11)
        >>> float(probability.sum()), bool((np.diff(values) > 0).all())
        (1.0, True)
    """
    table = noise_table(log_bits)
    draws = [widened(draw, draw_bits) for draw in range(1 << draw_bits)]
    noise = np.array([noise_of(draw, table, log_bits) for draw in draws])
    values, counts = np.unique(noise, return_counts=True)
    return values, counts / counts.sum()


def winning_probability(
    drive: Integers, log_bits: int, draw_bits: int = DRAW_BITS
) -> NDArray[np.float64]:
    """Return the exact probability of each decision, given independent draws.

    Ties go to the decision scanned first; the direction of the scan alternates.

    Example:
        >>> winning_probability(np.zeros(4, np.int64), 11).round(3).tolist()
        [0.25, 0.25, 0.25, 0.25]
    """
    values, probability = noise_distribution(log_bits, draw_bits)
    at = np.zeros(values[-1] - values[0] + 1)
    at[values - values[0]] = probability
    cumulative = np.concatenate([[0.0], np.cumsum(at)])
    chance = np.zeros(drive.size)
    reached = np.arange(drive.max() + values[0], drive.max() + values[-1] + 1)
    for part in np.array_split(reached, -(-reached.size // 2048)):  # what the winner reaches
        cell = part - drive[:, None] - values[0]
        mass = np.where((cell >= 0) & (cell < at.size), at[np.clip(cell, 0, at.size - 1)], 0)
        at_most = cumulative[np.clip(cell + 1, 0, at.size)]
        below = cumulative[np.clip(cell, 0, at.size)]
        ascending = _products_before(below) * _products_before(at_most[::-1])[::-1]
        descending = _products_before(at_most) * _products_before(below[::-1])[::-1]
        chance += (mass * (ascending + descending)).sum(1) / 2
    return chance


def _products_before(factors: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.vstack([np.ones((1, factors.shape[1])), np.cumprod(factors, 0)[:-1]])
