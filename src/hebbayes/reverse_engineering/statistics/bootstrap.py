"""The block bootstrap: the only place that draws resamples of trials, sessions or windows.

Neighbours stay together.  Sessions and windows are drawn in circular runs of neighbours
(`draw_neighbours`); trials in blocks that never cross a session (`block_draws`).  A fitted
coefficient moves by one Newton step per resample: exact to first order, without a refit.
"""

import numpy as np
from numpy.typing import NDArray

from hebbayes.reverse_engineering.statistics.blocks import block_sums
from hebbayes.reverse_engineering.statistics.estimate import LEVEL, Estimate

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]


def draw_neighbours(
    n: int, *, rng: np.random.Generator, n_resamples: int = 2000, length: int = 2
) -> Indices:
    """Return resamples of n positions in runs of ``length`` neighbours, (resamples, n).

    The last position is followed by the first (circular block bootstrap).

    Example:
        >>> drawn = draw_neighbours(4, rng=np.random.default_rng(0), n_resamples=3)
        >>> ((drawn[:, 1::2] - drawn[:, ::2]) % 4).tolist()
        [[1, 1], [1, 1], [1, 1]]
    """
    starts = rng.integers(n, size=(n_resamples, -(-n // length)))
    return (starts[..., None] + np.arange(length)).reshape(n_resamples, -1)[:, :n] % n


def block_draws(
    n_blocks: int, *, rng: np.random.Generator, n_resamples: int = 1, has_fixed_total: bool = False
) -> Indices:
    """Return how often each block is drawn, (resamples, blocks).

    Draws are Poisson and independent, or multinomial with ``n_blocks`` in all if the total is
    fixed.

    Example:
        >>> draws = block_draws(4, rng=np.random.default_rng(0), has_fixed_total=True)
        >>> draws.shape, draws.sum().item()
        ((1, 4), 4)
    """
    if not has_fixed_total:
        return rng.poisson(1.0, (n_resamples, n_blocks))
    return rng.multinomial(n_blocks, np.full(n_blocks, 1 / n_blocks), size=n_resamples)


def resampled_gains(
    losses: Floats, reference: Floats, *, rng: np.random.Generator, n_resamples: int = 2000
) -> Floats:
    """Return 1 - loss / reference loss in resamples of neighbouring pairs of sessions.

    Example:
        >>> resampled_gains(np.ones(4), np.full(4, 2.0), rng=np.random.default_rng(0)).max()
        np.float64(0.5)
    """
    drawn = draw_neighbours(len(losses), rng=rng, n_resamples=n_resamples)
    return np.asarray(1 - losses[drawn].sum(1) / reference[drawn].sum(1))


def bootstrap_steps(
    scores: Floats,
    information: Floats,
    block: Indices,
    *,
    rng: np.random.Generator,
    n_resamples: int = 1000,
) -> Floats:
    """Return how coefficients move when blocks of trials are resampled, (resamples, coefficients).

    ``scores`` (trials, coefficients) are the gradients of each trial's log likelihood at the fit;
    ``information`` is minus the second derivative of their sum.

    Example:
        >>> scores = np.random.default_rng(1).normal(size=(400, 1))
        >>> steps = bootstrap_steps(scores, np.array([[400.0]]), np.arange(400),
        ...                         rng=np.random.default_rng(0))
        >>> bool(abs(steps.std() - 0.05) < 0.005)
        True
    """
    totals = block_sums(scores, block)
    drawn = block_draws(len(totals), rng=rng, n_resamples=n_resamples)
    return np.asarray(np.linalg.solve(information, ((drawn - 1) @ totals).T).T)


def resampled_estimate(value: Floats, steps: Floats) -> Estimate[Floats]:
    """Return ``value`` with the middle 95 % of ``value + steps``, resamples first.

    Example:
        >>> resampled_estimate(np.array(2.0), np.linspace(-1, 1, 101)).low.round(6)
        np.float64(1.05)
    """
    tail = (1 - LEVEL) / 2
    low, high = np.quantile(steps, [tail, 1 - tail], axis=0)
    return Estimate(value, value + low, value + high)
