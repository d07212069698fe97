"""Log likelihoods of many sets of parameters for the same choices, compiled.

With two choices, the counts of one choice mirror those of the other as long as a false belief is
as much for one as against the other: half of them are kept, and a logistic function replaces the
softmax.  The modulator without its bias depends on outcomes alone and is computed once.  Any other
task is replayed (`simulation.replay`).
"""

from typing import TYPE_CHECKING

import numpy as np

from hebbayes.clinic.kernels.simulation import fill_states, replay
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
    MEAN_RATE,
    N_SHARED,
    PHI,
    SPEED,
    STICKY,
    compiled,
    fill_prior,
    modulation,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


@compiled
def is_paired(belief: "Floats") -> bool:
    """Return whether there are two choices, and belief in one is disbelief in the other.

    Example:
        >>> is_paired(np.array([[[1.0, -1.0]]])), is_paired(np.array([[[1.0, 0.0]]]))
        (True, False)
    """
    return belief.shape[2] == 2 and bool(np.all(belief[:, :, 0] == -belief[:, :, 1]))


@compiled
def fill_modulation(omega: "Floats", choice: "Floats", outcome: "Floats", rate: float) -> None:
    """Write the modulator of every trial without its bias; rewards' mean follows at ``rate``.

    Example:
        >>> omega = np.empty(2)
        >>> fill_modulation(omega, np.array([0, 0]), np.array([np.nan, 1.0]), 0.05)
        >>> omega.round(3).tolist()
        [0.0, 0.762]
    """
    mean = 0.0
    for t in range(len(omega)):
        omega[t] = modulation(outcome[t], mean, 0.0)
        if choice[t] >= 0 and not np.isnan(outcome[t]):
            mean += rate * (2.0 * outcome[t] - 1.0 - mean)


@compiled
def first_odds(counts: "Floats", x: "Floats", is_active_only: bool) -> float:
    """Return the log odds of the first choice, whose counts are (states, 4).

    Example:
        >>> bool(np.isclose(first_odds(np.array([[2.0, 1.0, 1.0, 2.0]]), np.ones(1), False),
        ...                 np.log(2)))
        True
    """
    total, product = 0.0, 1.0
    for j in range(x.shape[0]):
        c0, c1, c2, c3 = counts[j, 0], counts[j, 1], counts[j, 2], counts[j, 3]
        if is_active_only:
            total += x[j] * np.log(c0 / c1)
        else:
            total += x[j] * np.log(c0 * c3 / (c1 * c2))
            product *= (c1 + c3) * c2 / ((c0 + c2) * c3)
        if product > 1e100 or product < 1e-100:
            total += np.log(product)
            product = 1.0
    return total if product == 1.0 else total + np.log(product)


@compiled
def learn_first(
    counts: "Floats", start: "Floats", seen: tuple, chosen: tuple, amounts: tuple
) -> None:
    """Add the coincidences of this trial and of the one before to the first choice's counts.

    ``seen`` are x of the two trials, ``chosen`` their choices, -1 for none, ``amounts`` the
    modulator of each, and the leak.

    Example:
        >>> counts = np.full((1, 4), 5.0)
        >>> learn_first(counts, counts.copy(), (np.ones(1), np.ones(1)), (0, -1), (0.5, 0.0, 0.0))
        >>> counts[0].tolist()
        [5.5, 5.0, 5.0, 5.0]
    """
    now, before = chosen
    amount, old_amount, leak = amounts
    x, x_before = seen
    for j in range(counts.shape[0]):
        c = counts[j]
        if leak > 0.0:
            for entry in range(4):
                c[entry] += leak * (start[j, entry] - c[entry])
        c[now] += amount * x[j]
        c[2 + now] += amount * (1.0 - x[j])
        if before >= 0:
            c[before] += old_amount * x_before[j]
            c[2 + before] += old_amount * (1.0 - x_before[j])
        for entry in range(4):
            c[entry] = max(c[entry], FLOOR)


@compiled
def paired_log_likelihood(
    natural: "Floats", task: tuple, did: tuple, room: tuple, is_active_only: bool
) -> float:
    """Return the log likelihood of one set of parameters.

    ``did`` are choices and the modulator without bias; ``room`` is for counts and their start,
    (states, 2, 4) and twice (states, 4), and for x, (2, states).

    Example:
        >>> one = np.ones((1, 1))
        >>> task = (one, np.zeros(1), 0.0, np.ones(1, bool), np.ones(1, bool),
        ...         np.zeros((1, 1, 2)), np.ones((1, 2)))
        >>> natural = np.array([0, 1, 1, 10.0, 0, 0, 0, 0, 1, 0, 0, 0])
        >>> did = np.zeros(1, np.int64), np.ones(1)
        >>> room = np.empty((1, 2, 4)), np.empty((1, 4)), np.empty((1, 4)), np.empty((2, 1))
        >>> round(paired_log_likelihood(natural, task, did, room, False), 4)
        -0.6931
    """
    evidence, prior, stay, begins, _, belief, _ = task
    choice, omega = did
    both, start, counts, x = room
    gains = (natural[ALPHA], natural[KAPPA] * stay, natural[PHI])
    beta, psi, lapse, share = natural[BETA], natural[N_SHARED], natural[LAPSE], natural[CREDIT]
    value, product, block, first, now = 0.0, 1.0, -1, 0, 0
    for t in range(len(evidence)):
        if begins[t]:
            block, first = block + 1, t
            fill_prior(both, natural[SPEED], natural[BELIEF], belief[block])
            start[:] = both[:, 0]
            counts[:] = start
            x[1 - now] = 0.5
        fill_states(x[now], x[1 - now], evidence[t], prior, gains)
        before = choice[t - 1] if t > first else -1
        if choice[t] >= 0:
            drive = beta * (2.0 * first_odds(counts, x[now], is_active_only) + psi)
            if before >= 0:
                drive += natural[STICKY] * (1.0 - 2.0 * before)
            if choice[t] == 1:
                drive = -drive
            product *= (1.0 - lapse) / (1.0 + np.exp(-drive)) + lapse / 2.0
            if product < 1e-100:
                value += np.log(product)
                product = 1.0
            modulator = omega[t] + natural[BIAS]
            amounts = ((1.0 - share) * modulator, share * modulator, natural[LEAKS])
            learn_first(counts, start, (x[now], x[1 - now]), (choice[t], before), amounts)
        now = 1 - now
    return value + np.log(product)


@compiled
def log_likelihoods(natural: "Floats", task: tuple, did: tuple, rules: tuple) -> "Floats":
    """Return the log likelihood (sets,) of natural parameters (sets, parameters).

    ``rules`` are whether the active cue alone is read, and whether the modulator follows the reward
    itself.

    Example:
        >>> one = np.ones((1, 1))
        >>> task = (one, np.zeros(1), 0.0, np.ones(1, bool), np.ones(1, bool),
        ...         np.zeros((1, 1, 2)), np.ones((1, 2)))
        >>> natural = np.array([[0, 1, 1, 10.0, 0, 0, 0, 0, 1, 0, 0, 0]])
        >>> did = np.zeros(1, np.int64), np.ones(1)
        >>> log_likelihoods(natural, task, did, (False, False)).round(4)
        array([-0.6931])
    """
    values, n_states = np.empty(len(natural)), task[0].shape[1]
    is_active_only, is_absolute = rules
    if is_paired(task[5]):
        omega = np.empty(len(task[0]))
        fill_modulation(omega, did[0], did[1], 0.0 if is_absolute else MEAN_RATE)
        ends = (np.empty((n_states, 4)), np.empty((n_states, 4)), np.empty((2, n_states)))
        room = (np.empty((n_states, 2, 4)), *ends)
        for s in range(len(natural)):
            values[s] = paired_log_likelihood(
                natural[s], task, (did[0], omega), room, is_active_only
            )
        return values
    none, states = np.empty((0, 2)), np.empty(task[0].shape)
    probabilities = np.empty((len(task[0]), task[5].shape[2]))
    for s in range(len(natural)):
        whole = (did[0], did[1], states, probabilities)
        values[s] = replay(natural[s], task, whole, none, (0, *rules))
    return values
