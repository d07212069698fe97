"""Effective synapses: the weights that stimuli and ensemble activity imply, session by session.

The rule is the network's own, running counts of what went together (I23; docs/theory.md
sections 3 and 8), here over recorded activity in double precision.  Indices of a count table
are [stimulus value, activity value, channel, ensemble] with ON, OFF = 0, 1.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hebbayes.core.arrays import OFF, ON

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class EffectiveSynapses:
    """Weights W1, W0 (..., 2, channels, ensembles), normalisers (..., 2, ensembles).

    A normaliser is the sum over channels of ln(1 - W^), what synapses add to a threshold.
    """

    weights: Floats
    normalisers: Floats

    @property
    def difference(self) -> Floats:
        """W1 - W0, (..., channels, ensembles)."""
        return self.weights[..., ON, :, :] - self.weights[..., OFF, :, :]


def coincidence_counts(stimuli: Floats, activity: Floats) -> Floats:
    """Return how often each stimulus value went with each activity value.

    Takes (trials, channels) and (trials, ensembles), returns (2, 2, channels, ensembles).

    Example:
        >>> counts = coincidence_counts(np.array([[1.0], [1.0]]), np.array([[1.0], [0.25]]))
        >>> counts[:, :, 0, 0].tolist()
        [[1.25, 0.75], [0.0, 0.0]]
    """
    on_and_off = np.stack([stimuli.T, 1 - stimuli.T])
    return on_and_off[:, None] @ np.stack([activity, 1 - activity])


def session_counts(stimuli: Floats, activity: Floats, starts: NDArray[np.int64]) -> Floats:
    """Return the coincidence counts of every session, (sessions, 2, 2, channels, ensembles).

    ``starts`` holds the first trial of every session.

    Example:
        >>> session_counts(np.ones((3, 4)), np.ones((3, 2)), np.array([0, 1])).shape
        (2, 2, 2, 4, 2)
    """
    parts = zip(np.split(stimuli, starts[1:]), np.split(activity, starts[1:]))
    return np.stack([coincidence_counts(o, x) for o, x in parts])


def counts_before(counts: Floats, prior: float, gain: float) -> Floats:
    """Return the counts before each session: ``prior`` plus ``gain`` times earlier ones.

    Example:
        >>> counts_before(np.array([1.0, 2.0, 5.0]), prior=10.0, gain=2.0).tolist()
        [10.0, 12.0, 16.0]
    """
    earlier = np.zeros(counts.shape)
    np.cumsum(
        counts[:-1], axis=0, out=earlier[1:]
    )  # later sessions leave no trace, not in rounding
    return prior + gain * earlier


def effective_synapses(counts: Floats) -> EffectiveSynapses:
    """Return the synapses that hold count tables (..., 2, 2, channels, ensembles).

    Example:
        >>> half = effective_synapses(np.full((2, 2, 3, 1), 3000.0))
        >>> half.weights[0, :, 0].tolist(), half.normalisers[0].round(4).tolist()
        ([0.0, 0.0, 0.0], [-2.0794])
    """
    on, off = counts[..., ON, :, :, :], counts[..., OFF, :, :, :]
    return EffectiveSynapses(np.log(on / off), np.log(off / (on + off)).sum(-2))
