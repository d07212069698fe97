"""Derivatives of one trial's quantities, carried forward beside the quantities themselves.

`N_DEEP` parameters act on states or counts, of which the first `N_SEEN` act on states; the others
act on decisions alone.  Below the floor a count no longer moves: its derivatives are 0.
"""

from typing import TYPE_CHECKING

import numpy as np

from hebbayes.clinic.kernels.steps import (
    ALPHA,
    BELIEF,
    BETA,
    BIAS,
    CREDIT,
    FLOOR,
    KAPPA,
    LAPSE,
    LEAKS,
    N_SHARED,
    PHI,
    SPEED,
    STICKY,
    compiled,
    is_mirrored,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

N_SEEN, N_DEEP = 3, 8


@compiled
def fill_prior_slopes(slopes: "Floats", speed: float, tilt: float, belief: "Floats") -> None:
    """Write the derivatives (states, choices, 4, deep parameters) of the prior counts.

    Example:
        >>> slopes = np.empty((1, 1, 4, 8))
        >>> fill_prior_slopes(slopes, 10.0, 0.0, np.ones((1, 1)))
        >>> slopes[0, 0, :, 3].tolist(), slopes[0, 0, :, 4].tolist()
        ([0.5, 0.5, 0.5, 0.5], [2.0, -2.0, -2.0, 2.0])
    """
    slopes[:] = 0.0
    for j in range(slopes.shape[0]):
        for k in range(slopes.shape[1]):
            share = 1.0 / (1.0 + np.exp(-tilt * belief[j, k]))
            by_tilt = (speed - 2.0 * FLOOR) * share * (1.0 - share) * belief[j, k]
            for entry in range(4):
                is_high = entry in (0, 3)
                slopes[j, k, entry, SPEED] = share if is_high else 1.0 - share
                slopes[j, k, entry, BELIEF] = by_tilt if is_high else -by_tilt


@compiled
def fill_state_slopes(
    slopes: "Floats", old: "Floats", pair: "Floats", evidence: "Floats", gains: tuple
) -> None:
    """Write the derivatives (states, 3) of x; ``pair`` is x and x before, ``gains`` κ and stay.

    Example:
        >>> slopes = np.empty((1, 3))
        >>> fill_state_slopes(slopes, np.zeros((1, 3)), np.array([[0.5], [1.0]]),
        ...                   np.array([2.0]), (1.0, 4.0))
        >>> slopes.tolist()
        [[0.25, 1.0, 0.5]]
    """
    kappa, stay = gains
    for j in range(slopes.shape[0]):
        width = pair[0, j] * (1.0 - pair[0, j])
        for d in range(N_SEEN):
            slopes[j, d] = width * kappa * stay * 2.0 * old[j, d]
        slopes[j, PHI] += width
        slopes[j, KAPPA] += width * stay * (2.0 * pair[1, j] - 1.0)
        slopes[j, ALPHA] += width * evidence[j]


@compiled
def fill_odds_slopes(
    slopes: "Floats", counts: tuple, x: "Floats", dx: "Floats", is_active_only: bool
) -> None:
    """Write the derivatives (choices, deep) of log odds; ``counts`` are they and their slopes.

    Example:
        >>> slopes, dc = np.empty((1, 8)), np.zeros((1, 1, 4, 8))
        >>> counts = np.array([[[2.0, 1.0, 1.0, 2.0]]])
        >>> fill_odds_slopes(slopes, (counts, dc), np.ones(1), np.ones((1, 3)), False)
        >>> bool(np.isclose(slopes[0, 0], np.log(4)))
        True
    """
    c, dc = counts
    slopes[:] = 0.0
    mirrored = is_mirrored(c)
    for k in range(1 if mirrored else slopes.shape[0]):
        for j in range(x.shape[0]):
            on, off = 1.0 / (c[j, k, 0] + c[j, k, 2]), 1.0 / (c[j, k, 1] + c[j, k, 3])
            r0, r1, r2, r3 = 1.0 / c[j, k, 0], 1.0 / c[j, k, 1], 1.0 / c[j, k, 2], 1.0 / c[j, k, 3]
            for d in range(N_DEEP):
                d0, d1, d2, d3 = dc[j, k, 0, d], dc[j, k, 1, d], dc[j, k, 2, d], dc[j, k, 3, d]
                active = d0 * r0 - d1 * r1
                if is_active_only:
                    slopes[k, d] += x[j] * active
                else:
                    home = (d1 + d3) * off - (d0 + d2) * on
                    silent = d2 * r2 - d3 * r3
                    slopes[k, d] += home + x[j] * active + (1.0 - x[j]) * silent
            if is_active_only:
                change = np.log(c[j, k, 0] / c[j, k, 1])
            else:
                change = np.log(c[j, k, 0] * c[j, k, 3] / (c[j, k, 1] * c[j, k, 2]))
            for d in range(N_SEEN):
                slopes[k, d] += dx[j, d] * change
    if mirrored:
        slopes[1] = -slopes[0]


@compiled
def fill_probability_slopes(
    slopes: "Floats", p: "Floats", odds: "Floats", d_odds: "Floats", point: tuple
) -> None:
    """Write the derivatives (choices, parameters) of probabilities; point is natural and last.

    Example:
        >>> natural = np.array([0, 1, 1, 10, 0, 0, 0, 0, 1, 0, 0, 0.0])
        >>> slopes = np.empty((2, 12))
        >>> fill_probability_slopes(slopes, np.full(2, 0.5), np.zeros(2), np.zeros((2, 8)),
        ...                         (natural, -1))
        >>> slopes[:, -1].tolist()
        [0.25, -0.25]
    """
    natural, last = point
    n, beta, lapse = p.shape[0], natural[BETA], natural[LAPSE]
    slopes[:] = 0.0
    for k in range(n):  # of the drive
        for d in range(N_DEEP):
            slopes[k, d] = beta * d_odds[k, d]
        slopes[k, BETA] = odds[k]
        if k < n - 1:
            slopes[k, BETA] += natural[N_SHARED + k]
            slopes[k, N_SHARED + k] = beta
        if k == last:
            slopes[k, STICKY] = 1.0
    for d in range(slopes.shape[1]):
        if d == LAPSE:
            for k in range(n):
                slopes[k, d] = (1.0 / n - p[k]) / (1.0 - lapse)
            continue
        mean = 0.0
        for k in range(n):
            mean += (p[k] - lapse / n) / (1.0 - lapse) * slopes[k, d]
        for k in range(n):
            slopes[k, d] = (p[k] - lapse / n) * (slopes[k, d] - mean)


@compiled
def learn_slopes(tables: tuple, starts: tuple, seen: tuple, chosen: tuple, drive: tuple) -> None:
    """Change counts and their slopes by one event, above the floor.

    ``tables`` and ``starts`` are counts and slopes, ``seen`` x and its slopes for this trial and
    the one before (2, states, ...), ``chosen`` as in `learn`, ``drive`` the modulator, the share of
    misassigned credit and the leak.

    Example:
        >>> counts, slopes = np.full((1, 1, 4), 5.0), np.zeros((1, 1, 4, 8))
        >>> starts = counts.copy(), slopes.copy()
        >>> learn_slopes((counts, slopes), starts, (np.ones((2, 1)), np.zeros((2, 1, 3))),
        ...              (0, -1), (0.5, 0.0, 0.0))
        >>> counts[0, 0].tolist(), slopes[0, 0, 0, 5:7].tolist()
        ([5.5, 5.0, 5.0, 5.0], [1.0, -0.5])
    """
    counts, slopes = tables
    for j in range(counts.shape[0]):
        for k in range(counts.shape[1]):
            c, dc = counts[j, k], slopes[j, k]
            if drive[2] > 0.0:
                _leak(c, dc, starts[0][j, k], starts[1][j, k], drive[2])
            for event in range(2):
                if chosen[event] < 0:
                    continue
                share = drive[1] if event == 1 else 1.0 - drive[1]
                sign = 1.0 if event == 1 else -1.0
                amount, x = share * drive[0], seen[0][event, j]
                u = 0 if chosen[event] == k else 1
                c[u] += amount * x
                c[2 + u] += amount * (1.0 - x)
                for d in range(N_SEEN):
                    change = amount * seen[1][event, j, d]
                    dc[u, d] += change
                    dc[2 + u, d] -= change
                dc[u, BIAS] += share * x
                dc[2 + u, BIAS] += share * (1.0 - x)
                dc[u, CREDIT] += sign * drive[0] * x
                dc[2 + u, CREDIT] += sign * drive[0] * (1.0 - x)
            for entry in range(4):
                if c[entry] < FLOOR:
                    c[entry] = FLOOR
                    dc[entry, :] = 0.0


@compiled
def _leak(c: "Floats", dc: "Floats", start: "Floats", d_start: "Floats", leak: float) -> None:
    for entry in range(4):
        away = start[entry] - c[entry]
        for d in range(N_DEEP):
            dc[entry, d] += leak * (d_start[entry, d] - dc[entry, d])
        dc[entry, LEAKS] += away
        c[entry] += leak * away
