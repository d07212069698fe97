"""The smallest addition that a study could detect: printed beside every verdict.

If a term of theory were right at size g, recording j would gain 2 g b_j - g^2 G_j, where b_j holds
what nulls leave in the direction of the term and G_j its size.  The spread of b_j about g G_j is
measured; the result is the smallest g whose interval of the mean gain would exclude zero.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t as student

from hebbayes.reverse_engineering.forecasting.scoring import combined_loss

Floats = NDArray[np.float64]


def smallest_detectable(
    grams: Sequence[Floats],
    null: Floats,
    terms: Sequence[Floats],
    *,
    least: float = 0.0,
    level: float = 0.95,
) -> float:
    """Return the addition, as a share of the null's loss, detected in 80 % of cases.

    Its expected interval lies above ``least`` with that power.  The result is that of the
    ``terms`` (coefficients of forecasters) that the study estimates best; infinite if recordings
    differ too much to detect any size, or if there is no term.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> rows = rng.normal(size=(20, 3, 1000))
        >>> grams = [r @ r.T / 1000 for r in rows]
        >>> units = np.eye(2)
        >>> 0 < smallest_detectable(grams, 0 * units[0], [units[1]]) < 0.01
        True
    """
    if not terms:
        return float("inf")
    n = len(grams)
    reach = float(student.ppf(0.5 + level / 2, n - 1) + student.ppf(0.8, n - 1)) / np.sqrt(n)
    loss = [combined_loss(gram, null) for gram in grams]
    detectable = []
    for term in terms:
        square = np.array([float(term @ m[1:, 1:] @ term) / a for m, a in zip(grams, loss)])
        toward = np.array(
            [float(term @ (m[0, 1:] - m[1:, 1:] @ null)) / a for m, a in zip(grams, loss)]
        )
        detectable.append(_least_gain(toward, square, reach, least))
    return min(detectable)


def _least_gain(toward: Floats, square: Floats, reach: float, least: float) -> float:
    if not square.mean() > 0:
        return float("inf")
    chance = toward - square * toward.mean() / square.mean()
    for addition in np.geomspace(1e-6, 1.0, 400):
        g = np.sqrt(addition / square.mean())
        spread = float(np.std(2 * g * chance + g**2 * square, ddof=1))
        if addition - least >= reach * spread:
            return float(addition)
    return float("inf")
