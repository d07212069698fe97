"""Log likelihood of one subject's choices with its exact gradient and Fisher's information.

Information is expected over each trial's choice given the trials before: sum over trials and
choices of dp dp / p, by which Fisher scoring climbs.
"""

from typing import TYPE_CHECKING

import numpy as np

from hebbayes.clinic.kernels.likelihood import is_paired
from hebbayes.clinic.kernels.simulation import fill_states
from hebbayes.clinic.kernels.slopes import (
    N_DEEP,
    N_SEEN,
    fill_odds_slopes,
    fill_prior_slopes,
    fill_probability_slopes,
    fill_state_slopes,
    learn_slopes,
)
from hebbayes.clinic.kernels.steps import (
    ALPHA,
    BELIEF,
    BIAS,
    CREDIT,
    KAPPA,
    LEAKS,
    MEAN_RATE,
    PHI,
    SPEED,
    compiled,
    fill_log_odds,
    fill_prior,
    fill_probabilities,
    modulation,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


@compiled
def add_score(
    slope: "Floats", information: "Floats", p: "Floats", dp: "Floats", taken: int
) -> None:
    """Add one trial's score and information.

    Example:
        >>> slope, information = np.zeros(1), np.zeros((1, 1))
        >>> add_score(slope, information, np.full(2, 0.5), np.array([[0.25], [-0.25]]), 0)
        >>> slope.tolist(), information.tolist()
        ([0.5], [[0.25]])
    """
    n = slope.shape[0]
    for d in range(n):
        slope[d] += dp[taken, d] / p[taken]
    for k in range(p.shape[0]):
        for d in range(n):
            scaled = dp[k, d] / p[k]
            if scaled != 0.0:
                for e in range(d + 1):
                    information[d, e] += scaled * dp[k, e]


@compiled
def learn_trial(natural: "Floats", did: tuple, t: int, state: tuple, is_first: bool) -> float:
    """Learn from trial ``t`` with slopes; return the running mean of rewards.

    ``state`` is the running mean, counts with slopes, their start, and x with slopes.

    Example:
        >>> learn_trial.py_func(np.zeros(12), (np.array([-1]), None), 0, (0.5, 0, 0, 0), True)
        0.5
    """
    choice, outcome = did
    mean, tables, starts, seen = state
    if choice[t] < 0:
        return mean
    omega = modulation(outcome[t], mean, natural[BIAS])
    if not np.isnan(outcome[t]):
        mean += MEAN_RATE * (2.0 * outcome[t] - 1.0 - mean)
    before = -1 if is_first else choice[t - 1]
    drive = (omega, natural[CREDIT], natural[LEAKS])
    learn_slopes(tables, starts, seen, (choice[t], before), drive)
    return mean


@compiled
def score(
    natural: "Floats", task: tuple, did: tuple, rules: tuple
) -> tuple[float, "Floats", "Floats"]:
    """Return log likelihood, gradient (parameters,) and information, by natural parameters.

    ``rules`` as in `log_likelihoods`.

    Example:
        >>> one = np.ones((1, 1))
        >>> task = (one, np.zeros(1), 0.0, np.ones(1, bool), np.ones(1, bool),
        ...         np.zeros((1, 1, 2)), np.ones((1, 2)))
        >>> natural = np.array([0, 1, 1, 10.0, 0, 0, 0, 0, 1, 0, 0, 0])
        >>> value, slope, information = score(natural, task, (np.zeros(1, np.int64), np.ones(1)),
        ...                                   (False, False))
        >>> round(value, 4), slope[-1].item(), information[-1, -1].item()
        (-0.6931, 0.5, 0.25)
    """
    evidence, prior, stay, begins, _, belief, _ = task
    choice = did[0]
    is_active_only, is_absolute = rules
    n_states, n_choices, n = evidence.shape[1], belief.shape[2], len(natural)
    kept = 1 if is_paired(belief) else n_choices  # one of two is the other's mirror image
    tables = (np.empty((n_states, kept, 4)), np.empty((n_states, kept, 4, N_DEEP)))
    starts = (np.empty((n_states, kept, 4)), np.empty((n_states, kept, 4, N_DEEP)))
    seen = (np.empty((2, n_states)), np.empty((2, n_states, N_SEEN)))
    p, odds = np.empty(n_choices), np.empty(n_choices)
    d_odds, dp = np.empty((n_choices, N_DEEP)), np.empty((n_choices, n))
    gains = (natural[ALPHA], natural[KAPPA] * stay, natural[PHI])
    value, slope, information = 0.0, np.zeros(n), np.zeros((n, n))
    mean, block, first = 0.0, -1, 0
    for t in range(len(evidence)):
        if begins[t]:
            block, first = block + 1, t
            fill_prior(starts[0], natural[SPEED], natural[BELIEF], belief[block])
            fill_prior_slopes(starts[1], natural[SPEED], natural[BELIEF], belief[block])
            tables[0][:], tables[1][:] = starts[0], starts[1]
            seen[0][0], seen[1][0] = 0.5, 0.0
        seen[0][1], seen[1][1] = seen[0][0], seen[1][0]
        fill_states(seen[0][0], seen[0][1], evidence[t], prior, gains)
        fill_state_slopes(seen[1][0], seen[1][1], seen[0], evidence[t], (natural[KAPPA], stay))
        if choice[t] >= 0:
            last = choice[t - 1] if t > first else -1
            fill_log_odds(odds[:kept], tables[0], seen[0][0], is_active_only)
            fill_odds_slopes(d_odds[:kept], tables, seen[0][0], seen[1][0], is_active_only)
            if kept < n_choices:
                odds[1], d_odds[1] = -odds[0], -d_odds[0]
            fill_probabilities(p, odds, natural, last)
            fill_probability_slopes(dp, p, odds, d_odds, (natural, last))
            value += np.log(p[choice[t]])
            add_score(slope, information, p, dp, choice[t])
        mean = learn_trial(natural, did, t, (mean, tables, starts, seen), t == first)
        if is_absolute:
            mean = 0.0
    for d in range(n):
        information[:d, d] = information[d, :d]
    return value, slope, information
