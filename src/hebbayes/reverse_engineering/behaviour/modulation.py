"""Whether risk modulates learning, by which of three lives makes the decisions most likely.

No learning; plain Hebb, c += x (x) decision; Hebb modulated by risk, (1 - 2 risk) times that.  The
last two have one free number each (lambda, and lambda / gain), so their likelihoods compare as they
are.  The correlation of the changes of V with what each predicts is given beside: it needs no
lambda, and it is noisy, because V is fitted anew in every window.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hebbayes.reverse_engineering.behaviour.choices import Choices
from hebbayes.reverse_engineering.behaviour.estimate import LOG_LIKELIHOOD_DROP, Estimate

Floats = NDArray[np.float64]

MARGIN_NATS = 2.0
"""Plain and modulated Hebb are told apart where their log likelihoods differ by more."""


@dataclass(frozen=True)
class Modulation:
    """What the decisions say about learning.

    ``verdict`` is ``modulated``, ``unmodulated``, ``no learning seen`` or ``cannot tell``.  Log
    likelihoods in nats; correlations are None where there are too few windows.
    """

    verdict: str
    static: float
    unmodulated: float
    modulated: float
    change_correlation: Estimate | None = None
    unmodulated_change_correlation: Estimate | None = None


def judge(static: float, unmodulated: float, modulated: float) -> str:
    """Return the verdict from three log likelihoods.

    Example:
        >>> judge(-100.0, -90.0, -70.0), judge(-100.0, -99.9, -99.0), judge(-100.0, -70.0, -69.0)
        ('modulated', 'no learning seen', 'cannot tell')
    """
    if max(unmodulated, modulated) - static < LOG_LIKELIHOOD_DROP:
        return "no learning seen"
    if abs(modulated - unmodulated) < MARGIN_NATS:
        return "cannot tell"
    return "modulated" if modulated > unmodulated else "unmodulated"


def signed_coincidences(choices: Choices, weight: Floats, window: NDArray[np.bool_]) -> Floats:
    """Return the sum of weight (2 x_previous - 1) (2 decision - 1) over a window, less its mean
    over decisions, (decisions, states): where small learning steps take V.

    Example:
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
    """Return how changes of V from window to window go with what is predicted for each window.

    ``weights`` and ``predicted`` are (windows, decisions, states); NaN entries are left out.  The
    interval resamples windows in neighbouring pairs.  None with fewer than four changes.

    Example:
        >>> predicted = np.random.default_rng(0).normal(size=(9, 2, 1))
        >>> weights = np.cumsum(np.concatenate([np.zeros((1, 2, 1)), predicted[:-1]]), axis=0)
        >>> change_correlation(weights, predicted, rng=np.random.default_rng(0)).value.round(6)
        np.float64(1.0)
    """
    change = np.diff(weights, axis=0)
    pairs = np.stack([change, predicted[:-1]], axis=1)
    pairs = pairs[np.isfinite(pairs).any(axis=(1, 2, 3))]
    n = len(pairs)
    if n < 4:
        return None
    starts = rng.integers(n, size=(n_resamples, -(-n // 2)))
    drawn = (starts[..., None] + np.arange(2)).reshape(n_resamples, -1)[:, :n] % n
    found = np.array([_correlation(pairs[rows]) for rows in drawn])
    low, high = np.nanquantile(found, [0.025, 0.975])
    return Estimate(_correlation(pairs), low, high)


def _correlation(pairs: Floats) -> float:
    change, predicted = pairs[:, 0].ravel(), pairs[:, 1].ravel()
    is_known = np.isfinite(change) & np.isfinite(predicted)
    a, b = (v[is_known] - v[is_known].mean() for v in (change, predicted))
    scale = np.sqrt((a @ a) * (b @ b))
    return a @ b / scale if scale > 0 else np.nan
