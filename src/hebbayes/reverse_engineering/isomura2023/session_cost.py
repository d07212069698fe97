"""The cost of recorded activity, session by session: free energy as the synapses hold it."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hebbayes.core.arrays import OFF, ON

if TYPE_CHECKING:
    from hebbayes.reverse_engineering.synapses import EffectiveSynapses

Floats = NDArray[np.float64]


def session_cost(
    activity: Floats,
    stimuli: Floats,
    synapses: "EffectiveSynapses",
    threshold_factors: Floats,
    floor: float = 1e-6,
) -> float:
    """Return L of one session in nats, summed over trials and ensembles.

        L = sum (x; 1-x).(ln(x; 1-x) - (W1; W0) o - (h1; h0)),    h = normaliser + phi

    (I23; docs/theory.md eq. 5 without memory or output).  Recorded activity reaches 0 and 1
    exactly, so the published pipeline adds ``floor`` inside the logarithms.

    Example:
        >>> from hebbayes.reverse_engineering.synapses import effective_synapses
        >>> half = effective_synapses(np.full((2, 2, 1, 1), 1.0))
        >>> x, o = np.array([[0.5]]), np.array([[1.0]])
        >>> bool(np.isclose(session_cost(x, o, half, np.log([[0.5], [0.5]]), 0.0), np.log(2)))
        True
    """
    h = synapses.normalisers + threshold_factors
    total = 0.0
    for u, x in ((ON, activity), (OFF, 1 - activity)):
        happens = x > 0  # a prior of exactly 0 is legal: what never happens costs nothing
        gain = stimuli @ synapses.weights[u] + h[u]
        surprise = np.log(np.where(happens, x, 1) + floor) - np.where(happens, gain, 0)
        total += float((x * surprise).sum())
    return total
