"""How far risk modulates learning: likelihoods of three rules, and changes of V beside them.

No learning; plain Hebb, c += x (x) decision; Hebb modulated by risk, (1 - 2 risk) times that.  The
last two have one free number each (lambda, and lambda / gain), so their likelihoods compare
directly.  They describe; the verdict compares more rivals (`rivals`).  The correlation of the
changes of V with what each rule predicts needs no lambda, but is noisy: V is fitted per window.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hebbayes.reverse_engineering.statistics.bootstrap import draw_neighbours
from hebbayes.reverse_engineering.statistics.estimate import Estimate

if TYPE_CHECKING:
    from hebbayes.reverse_engineering.behaviour.choices import Choices

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Modulation:
    """Fits of three learning rules.

    Attributes:
        verdict: The verdict on behaviour that these estimates rest on.
        static: Log likelihood without learning, nats.
        unmodulated: The same of plain Hebb.
        modulated: The same of Hebb modulated by risk.
        change_correlation: Of changes of V with those predicted with risk; None with few windows.
        unmodulated_change_correlation: The same without risk.
    """

    verdict: str
    static: float
    unmodulated: float
    modulated: float
    change_correlation: Estimate | None = None
    unmodulated_change_correlation: Estimate | None = None


def signed_coincidences(choices: "Choices", weight: Floats, window: NDArray[np.bool_]) -> Floats:
    """Return the sum of weight (2 x_previous - 1) (2 decision - 1) over a window, less its mean
    over decisions, (decisions, states): the direction of small changes of V.

    Example:
        >>> from hebbayes.reverse_engineering.behaviour.choices import Choices
        >>> choices = Choices(np.array([0]), np.array([[1.0]]), None, np.zeros(1, int), 2)
        >>> signed_coincidences(choices, np.ones(1), np.ones(1, bool)).ravel().tolist()
        [1.0, -1.0]
    """
    rows = window & choices.is_used
    post = (2 * choices.one_hot[rows] - 1) * weight[rows, None]
    moved = post.T @ (2 * choices.counted_activity[rows] - 1)
    return moved - moved.mean(0)


def change_correlation(
    weights: Floats, predicted: Floats, *, rng: np.random.Generator, n_resamples: int = 1000
) -> Estimate | None:
    """Return the correlation of changes of V between windows with those predicted for each window.

    ``weights`` and ``predicted`` are (windows, decisions, states); NaN entries are left out.  The
    interval resamples windows in neighbouring pairs.  None with fewer than four changes.

    Example:
        >>> predicted = np.random.default_rng(0).normal(size=(9, 2, 1))
        >>> weights = np.cumsum(np.concatenate([np.zeros((1, 2, 1)), predicted[:-1]]), axis=0)
        >>> correlation = change_correlation(weights, predicted, rng=np.random.default_rng(0))
        >>> float(correlation.value.round(6))
        1.0
    """
    change = np.diff(weights, axis=0)
    pairs = np.stack([change, predicted[:-1]], axis=1)
    pairs = pairs[np.isfinite(pairs).any(axis=(1, 2, 3))]
    n = len(pairs)
    if n < 4:
        return None
    drawn = draw_neighbours(n, rng=rng, n_resamples=n_resamples)
    moments = _moments(pairs)
    low, high = np.nanquantile(_correlation(moments[drawn].sum(1)), [0.025, 0.975])
    return Estimate(*(np.asarray(part) for part in (_correlation(moments.sum(0)), low, high)))


def _moments(pairs: Floats) -> Floats:
    """Count, sums, squares and product of change and prediction in each pair, (pairs, 6)."""
    change, predicted = (pairs[:, k].reshape(len(pairs), -1) for k in (0, 1))
    is_known = np.isfinite(change) & np.isfinite(predicted)
    a, b = (np.where(is_known, values, 0) for values in (change, predicted))
    parts = (is_known, a, b, a * a, b * b, a * b)
    return np.stack([part.sum(1) for part in parts], axis=1)


def _correlation(moments: Floats) -> Floats:
    """Correlation from summed moments (..., 6), NaN if one side never varies."""
    n, a, b, aa, bb, ab = np.moveaxis(moments, -1, 0)
    scale = np.sqrt(np.maximum(aa - a * a / n, 0) * np.maximum(bb - b * b / n, 0))
    return np.divide(ab - a * b / n, scale, out=np.full(np.shape(n), np.nan), where=scale > 0)
