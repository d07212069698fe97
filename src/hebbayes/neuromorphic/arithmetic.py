"""Integer arithmetic that the integer models, the C and the Verilog share, bit for bit.

A logarithm to base 2 by the position of the leading one, linear between powers of two (Mitchell
1962): no multiplier.  A sigmoid from a table of 16 entries.  Random bits from a linear feedback
shift register of 32 bits that moves 16 places per draw.  Halving of counts with a rounding bit that
the counts of one neuron share, which keeps Hebb <= Home.

The functions take and return integers and hold no NumPy calls where numba compiles them.
"""

import numpy as np
from numpy.typing import NDArray

LFSR_BITS = 32
"""Length of the shift register; its period is 2^32 - 1."""

DRAW_BITS = 16
"""Places that the register moves per draw, hence the most random bits of one draw."""

SIGMOID_ENTRIES = 16
"""Entries of the sigmoid's table, one for each half unit (a factor of sqrt 2) of log2 odds."""


def log2_fixed(count: int, log_bits: int) -> int:
    """Return log2 of a count in units of 2^-``log_bits``; counts below 1 are taken as 1.

    The leading one gives the integer part, the bits below it the fraction, cut to ``log_bits``:
    exact at powers of two, elsewhere at most 0.0861 too low, apart from the cut.

    Example:
        >>> [log2_fixed(count, 4) for count in (0, 1, 2, 3, 1023)]
        [0, 0, 16, 24, 159]
    """
    if count < 1:
        return 0
    place = 0
    while count >> (place + 1):
        place += 1
    fraction = count - (1 << place)
    if place > log_bits:
        fraction >>= place - log_bits
    else:
        fraction <<= log_bits - place
    return (place << log_bits) + fraction


def log2_table(counter_bits: int, log_bits: int) -> NDArray[np.int64]:
    """Return `log2_fixed` of every count that ``counter_bits`` can hold.

    Example:
        >>> log2_table(3, 2).tolist()
        [0, 0, 4, 6, 8, 9, 10, 11]
    """
    return np.array([log2_fixed(count, log_bits) for count in range(1 << counter_bits)])


def sigmoid_table(sigmoid_bits: int) -> NDArray[np.int64]:
    """Return sig(v ln 2) = 1 / (1 + 2^-v) at v = 0.25, 0.75, ..., 7.75 in units of 2^-bits.

    Example:
        >>> sigmoid_table(8)[[0, 1, 15]].tolist()
        [139, 161, 255]
    """
    middle = np.arange(SIGMOID_ENTRIES) / 2 + 0.25
    return np.rint((1 << sigmoid_bits) / (1 + np.exp2(-middle))).astype(np.int64)


def sigmoid_index(drive: int, log_bits: int) -> int:
    """Return the entry of the table for the size of a drive; beyond the table the last one.

    Example:
        >>> [sigmoid_index(drive, 4) for drive in (0, -8, 20, 1000)]
        [0, 1, 2, 15]
    """
    return min(abs(drive) >> (log_bits - 1), SIGMOID_ENTRIES - 1)


def advance(state: int) -> int:
    """Return the shift register 16 places on (taps 32, 30, 26, 25; never 0 unless it was).

    The lowest 16 bits of the result are new: `draw_of` reads them.

    Example:
        >>> hex(advance(0x12345678)), advance(0)
        ('0x5678cddb', 0)
    """
    new = (state >> 16) ^ (state >> 14) ^ (state >> 10) ^ (state >> 9)
    return ((state << 16) | (new & 0xFFFF)) & 0xFFFFFFFF


def draw_of(state: int, bits: int) -> int:
    """Return the random number of ``bits`` bits, 16 at most, that a register holds.

    Example:
        >>> draw_of(0x5678CDDB, 8)
        219
    """
    return state & ((1 << bits) - 1)


def halve(count: int, rounding: int) -> int:
    """Return half of a count; an odd one is rounded up if ``rounding`` is 1, down if it is 0.

    The same bit for every count of a neuron keeps their order, hence Hebb <= Home.

    Example:
        >>> halve(7, 0), halve(7, 1), halve(6, 1), halve(0, 1)
        (3, 4, 3, 0)
    """
    return (count + rounding) >> 1


def signed_bits(largest: int) -> int:
    """Return the bits of a two's complement number that holds -``largest`` to ``largest``.

    Example:
        >>> signed_bits(127), signed_bits(128)
        (8, 9)
    """
    return int(largest).bit_length() + 1
