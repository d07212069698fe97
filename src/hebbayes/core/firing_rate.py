"""The activation function of the theory in plain NumPy, for rooms that do not load JAX.

x = sig(W o + h) is both the firing rate of a canonical network and the posterior of its hidden
states (docs/theory.md eq. 2).  `hebbayes.theory.network` writes the same in JAX, with excitatory
and inhibitory synapses apart.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

Floats = NDArray[np.float64]


def firing_rate(inputs: Floats, weights: Floats, threshold: Floats | float) -> Floats:
    """Return x = sig(W o + h) for ``inputs`` (..., inputs) and ``weights`` (inputs, units).

    ``weights`` are effective, W1 - W0, and ``threshold`` is h1 - h0, (units,) or a number.

    Example:
        >>> firing_rate(np.array([[1.0], [0.0]]), np.array([[2.0]]), -1.0).round(3).tolist()
        [[0.731], [0.269]]
    """
    return np.asarray(expit(inputs @ weights + threshold))
