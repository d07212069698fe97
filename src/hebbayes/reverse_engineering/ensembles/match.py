"""Ensembles matched to known sources, FOR SCORING ONLY: nothing here may feed a fit.

Without labels, the order and the sign of sources cannot be identified; scores use the matching
with the largest sum of absolute correlations.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from hebbayes.core.checks import check_shape
from hebbayes.core.errors import ShapeError

Floats = NDArray[np.float64]


class Match(NamedTuple):
    """The ensemble matched to each source.

    Attributes:
        ensemble: (sources,), index; -1 if unmatched.
        sign: (sources,), +1 or -1; 0 if unmatched.
        correlation: (sources,), absolute; 0 if unmatched.
        unmatched: Ensembles that match no source.
        across: (ensembles, sources), all signed correlations; 0 if one of the two is constant.
    """

    ensemble: NDArray[np.int64]
    sign: NDArray[np.int64]
    correlation: Floats
    unmatched: NDArray[np.int64]
    across: Floats


def match_to_labels(activity: Floats, sources: NDArray) -> Match:
    """Return how ensembles (trials, ensembles) line up with known sources (trials, sources).

    Trials with NaN activity are left out.  Raises `ShapeError` for arrays that do not fit or
    fewer than two trials.

    Example:
        >>> s = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
        >>> match = match_to_labels(np.column_stack([1.0 - s[:, 1], s[:, 0]]), s)
        >>> match.ensemble.tolist(), match.sign.tolist(), match.correlation.round(6).tolist()
        ([1, 0], [1, -1], [1.0, 1.0])
    """
    check_shape("activity", activity, (None, None))
    check_shape("sources", sources, (len(activity), None))
    known = np.isfinite(activity).all(1)
    if known.sum() < 2:
        raise ShapeError("matching needs at least 2 trials with known activity; read more trials.")
    across = cross_correlation(activity[known], np.asarray(sources, float)[known])
    rows, columns = linear_sum_assignment(-np.abs(across))
    n_sources = across.shape[1]
    ensemble = np.full(n_sources, -1)
    ensemble[columns] = rows
    own = np.where(ensemble >= 0, across[ensemble, np.arange(n_sources)], 0.0)
    sign = np.where(ensemble >= 0, np.where(own < 0, -1, 1), 0)
    unmatched = np.setdiff1d(np.arange(len(across)), rows)
    return Match(ensemble, sign, np.abs(own), unmatched, across)


def cross_correlation(left: Floats, right: Floats) -> Floats:
    """Return the correlation of every column of one array with every column of another.

    A constant column correlates 0 with everything.

    Example:
        >>> x = np.array([[0.0, 1.0], [1.0, 1.0]])
        >>> cross_correlation(x, np.array([[2.0], [1.0]])).round(6).tolist()
        [[-1.0], [0.0]]
    """
    centred = [values - values.mean(0) for values in (left, right)]
    norms = [np.sqrt((values**2).sum(0)) for values in centred]
    product = centred[0].T @ centred[1]
    scale = norms[0][:, None] * norms[1]
    safe = scale > 1e-12
    return np.asarray(np.where(safe, product / np.where(safe, scale, 1), 0.0))
