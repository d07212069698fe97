"""Threshold factors from activity: the prior beliefs about sources that a network acts on."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def mean_activity_threshold_factors(activity: Floats) -> Floats:
    """Return phi1, phi0 = ln <x>, ln <1 - x> of every ensemble, (2, ensembles).

    The published estimate (I23): it equals ln D1, ln D0 only while stimuli carry no information,
    before synapses have learnt.  An ensemble that never (always) fires has a factor of minus
    infinity, a prior of exactly 0 (1).

    Example:
        >>> mean_activity_threshold_factors(np.array([[0.2], [0.3]])).round(3).tolist()
        [[-1.386], [-0.288]]
    """
    mean = activity.mean(0)
    with np.errstate(divide="ignore"):
        return np.log(np.stack([mean, (1 - activity).mean(0)]))
