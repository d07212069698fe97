"""Compiled replay without derivatives: what a subject does, and the likelihood of what it did."""

from typing import TYPE_CHECKING

import numpy as np

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
    learn,
    modulation,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


@compiled
def fill_states(
    x: "Floats", before: "Floats", evidence: "Floats", prior: "Floats", gains: tuple
) -> None:
    """Write x = sig(α evidence + κ stay (2 x_before - 1) + prior + φ); gains are α, κ stay, φ.

    Example:
        >>> x = np.empty(1)
        >>> fill_states(x, np.array([0.5]), np.zeros(1), np.zeros(1), (1.0, 1.0, 0.0))
        >>> x.tolist()
        [0.5]
    """
    alpha, keeps, phi = gains
    for j in range(x.shape[0]):
        drive = alpha * evidence[j] + keeps * (2.0 * before[j] - 1.0) + prior[j] + phi
        x[j] = 1.0 / (1.0 + np.exp(-drive))


@compiled
def decide(task: tuple, did: tuple, t: int, draw: "Floats") -> None:
    """Write the choice of trial ``t`` and what follows it, from two uniform draws.

    Example:
        >>> task = (None, None, 0.0, None, np.ones(1, bool), None, np.ones((1, 2)))
        >>> did = np.zeros(1, np.int64), np.zeros(1), None, np.array([[0.4, 0.6]])
        >>> decide.py_func(task, did, 0, np.array([0.5, 0.5]))
        >>> did[0].tolist(), did[1].tolist()
        ([1], [1.0])
    """
    has_feedback, reward = task[4], task[6]
    choice, outcome, _, probabilities = did
    n_choices = probabilities.shape[1]
    total, taken = 0.0, n_choices - 1
    for k in range(n_choices):
        total += probabilities[t, k]
        if draw[0] < total:
            taken = k
            break
    choice[t], outcome[t] = taken, np.nan
    if has_feedback[t]:
        outcome[t] = 1.0 if draw[1] < reward[t, taken] else 0.0


@compiled
def learn_from(natural: "Floats", did: tuple, span: tuple, mean: float, tables: tuple) -> float:
    """Learn from trial ``due`` of the block that began in ``first``; return the running mean.

    ``span`` is due and first, ``tables`` the counts, their start, and room for two states.

    Example:
        >>> learn_from.py_func(np.zeros(12), (np.array([-1]), None, None, None), (0, 0), 0.5, ())
        0.5
    """
    due, first = span
    choice, outcome, states, _ = did
    if due < first or choice[due] < 0:
        return mean
    counts, start, pair = tables
    omega = modulation(outcome[due], mean, natural[BIAS])
    if not np.isnan(outcome[due]):
        mean += MEAN_RATE * (2.0 * outcome[due] - 1.0 - mean)
    before = -1
    pair[0] = states[due]
    if due > first and choice[due - 1] >= 0:
        before = choice[due - 1]
        pair[1] = states[due - 1]
    share = natural[CREDIT]
    amounts = ((1.0 - share) * omega, share * omega, natural[LEAKS])
    learn(counts, start, pair, (choice[due], before), amounts)
    return mean


@compiled
def replay(natural: "Floats", task: tuple, did: tuple, draws: "Floats", options: tuple) -> float:
    """Return the log likelihood of ``did``, or make the choices and outcomes from ``draws``.

    ``task`` is `kernel_arrays` of a task; ``did`` are choice, outcome, states (trials, states) and
    probabilities (trials, choices), of which the last two are written, and the first two as well if
    there are ``draws`` (trials, 2); ``options`` are the modulator's latency in trials, whether the
    active cue alone is read, and whether the modulator follows the reward itself.

    Example:
        >>> one = np.ones((1, 1))
        >>> task = (one, np.zeros(1), 0.0, np.ones(1, bool), np.ones(1, bool),
        ...         np.zeros((1, 1, 2)), np.ones((1, 2)))
        >>> natural = np.array([0, 1, 1, 10.0, 0, 0, 0, 0, 1, 0, 0, 0])
        >>> did = np.zeros(1, np.int64), np.ones(1), np.empty((1, 1)), np.empty((1, 2))
        >>> round(replay(natural, task, did, np.empty((0, 2)), (0, False, False)), 4)
        -0.6931
    """
    evidence, prior, stay, begins, _, belief, _ = task
    choice, _, states, probabilities = did
    latency, is_active_only, is_absolute = options
    n_states, n_choices = evidence.shape[1], belief.shape[2]
    start = np.empty((n_states, n_choices, 4))
    counts = np.empty((n_states, n_choices, 4))
    odds, half = np.empty(n_choices), np.full(n_states, 0.5)
    tables = (counts, start, np.empty((2, n_states)))
    gains = (natural[ALPHA], natural[KAPPA] * stay, natural[PHI])
    log_likelihood, mean, block, first = 0.0, 0.0, -1, 0
    for t in range(len(evidence)):
        if begins[t]:
            block, first = block + 1, t
            fill_prior(start, natural[SPEED], natural[BELIEF], belief[block])
            counts[:] = start
        before = half if t == first else states[t - 1]
        fill_states(states[t], before, evidence[t], prior, gains)
        fill_log_odds(odds, counts, states[t], is_active_only)
        last = choice[t - 1] if t > first else -1
        fill_probabilities(probabilities[t], odds, natural, last)
        if len(draws) > 0:
            decide(task, did, t, draws[t])
        if choice[t] >= 0:
            log_likelihood += np.log(probabilities[t, choice[t]])
        mean = learn_from(natural, did, (t - latency, first), mean, tables)
        if is_absolute:
            mean = 0.0
    return log_likelihood
