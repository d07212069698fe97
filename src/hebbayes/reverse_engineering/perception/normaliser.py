"""What weights do not identify: the same W with other tables, normaliser and prior.

W1 = W/2 + c and W0 = c - W/2 act alike for every c, with threshold factors that differ
(docs/theory.md section 5).  Two choices of c are natural: tables that add to 1, those of a network
that has seen nothing, and tables whose mean is that of the stimuli, those of one that has learnt.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, log_expit

Floats = NDArray[np.float64]


def normaliser_range(weights: Floats) -> tuple[float, float]:
    """Return the lowest and highest normaliser over all tables with these W = W1 - W0, (channels,).

    Over c that of a channel runs from 0 to -W.

    Example:
        >>> normaliser_range(np.array([2.0, -1.0]))
        (-2.0, 1.0)
    """
    return -float(np.maximum(weights, 0).sum()), float(np.maximum(-weights, 0).sum())


def shift_if_learnt(weights: Floats, activity_mean: float) -> float:
    """Return by how much phi differs, in nats, if tables are those of a network that has learnt.

    Such a network knows that stimuli are on half of the time: its tables obey
    A11 <x> + A10 <1 - x> = 1/2.  The difference to tables that add to 1 is about W squared times
    (1 - 2 <x>) / 8 for each channel: nothing while synapses are naive.  Infinite for a mean
    activity outside (0, 1).

    Example:
        >>> naive, learnt = (np.full(10, w) for w in (0.05, 1.5))
        >>> [round(shift_if_learnt(w, 0.3), 3) for w in (naive, learnt)]
        [0.001, 1.15]
    """
    if not 0 < activity_mean < 1:
        return np.inf
    low, high = np.full(weights.shape, -60.0), np.full(weights.shape, 60.0)
    for _ in range(60):  # log odds of A10 at which the mean is right
        a = (low + high) / 2
        mean = activity_mean * expit(a + weights) + (1 - activity_mean) * expit(a)
        low, high = np.where(mean < 0.5, a, low), np.where(mean < 0.5, high, a)
    learnt = log_expit(-a - weights) - log_expit(-a)
    return -float(np.sum(learnt + weights / 2))
