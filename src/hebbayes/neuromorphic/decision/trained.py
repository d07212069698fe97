"""Counts of a trained agent's policy as signed evidence of a decision core.

The core keeps the bank of decisions taken alone, beside a constant prior.  A row that does not fit
its counters is scaled toward the prior by the power of two that makes it fit; the rest is rounded.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]


class Loaded(NamedTuple):
    """Evidence of a core, and what rounding it cost.

    Attributes:
        hebb: (inputs, decisions), signed counts.
        home: (decisions,), signed counts.
        halvings: How often each row was halved to fit, (decisions,).
        largest_loss_bits: Largest change of an input's log2 ratio by rounding, halving included.
    """

    hebb: Integers
    home: Integers
    halvings: Integers
    largest_loss_bits: float


def evidence_of(on_on: Floats, off_on: Floats, *, prior: float, evidence_bits: int = 8) -> Loaded:
    """Return counts of a policy as integers; both tables are evidence, (inputs, decisions).

    ``on_on`` counts decisions taken while an input was on, ``off_on`` while it was off.

    Example:
        >>> loaded = evidence_of(np.array([[300.0, 2.0]]), np.array([[20.0, 1.0]]), prior=3000)
        >>> loaded.hebb.tolist(), loaded.home.tolist(), loaded.halvings.tolist()
        ([[75, 2]], [80, 3], [2, 0])
    """
    limit = 1 << (evidence_bits - 1)
    home = (on_on + off_on).mean(0)
    largest = np.maximum(abs(home), abs(on_on).max(0))
    with np.errstate(divide="ignore"):
        halvings = np.ceil(np.log2(np.maximum(largest, 1) / (limit - 1)))
    halvings = np.maximum(halvings, 0).astype(np.int64)
    scale = 2.0**-halvings
    hebb = np.clip(np.rint(on_on * scale), -limit, limit - 1).astype(np.int64)
    rounded = np.clip(np.rint(home * scale), -limit, limit - 1).astype(np.int64)
    exact = np.log2((prior + on_on) / (prior + off_on))
    stored = np.log2((prior + hebb) / (prior + rounded - hebb))
    return Loaded(hebb, rounded, halvings, float(abs(stored - exact).max()))
