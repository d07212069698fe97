"""Compiled replay without derivatives: what a subject does, and the likelihood of what one did."""

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
def replay(
    natural: "Floats", task: tuple, did: tuple, draws: "Floats", options: tuple, record: tuple
) -> float:
    """Return the log likelihood of ``did``, or make the choices and outcomes from ``draws``.

    ``task`` is `kernel_arrays` of a task, ``did`` choice and outcome (written to if there are
    ``draws`` (trials, 2)), ``options`` the modulator's latency in trials and whether the active cue
    alone is read, ``record`` states (trials, states), probabilities (trials, choices).

    Example:
        >>> from hebbayes.clinic.kernels.steps import N_SHARED
        >>> one = np.ones((1, 1))
        >>> task = (one, np.zeros(1), 0.0, np.ones(1, bool), np.ones(1, bool),
        ...         np.zeros((1, 1, 2)), np.ones((1, 2)))
        >>> natural = np.array([0, 1, 1, 10.0, 0, 0, 0, 0, 1, 0, 0, 0])
        >>> did = np.zeros(1, np.int64), np.ones(1)
        >>> round(replay(natural, task, did, np.empty((0, 2)), (0, False),
        ...              (np.empty((1, 1)), np.empty((1, 2)))), 4)
        -0.6931
    """
    evidence, prior, stay, begins, has_feedback, belief, reward = task
    choice, outcome = did
    states, probabilities = record
    latency, is_active_only = options
    n_trials, n_states = evidence.shape
    n_choices = belief.shape[2]
    start = np.empty((n_states, n_choices, 4))
    counts = np.empty((n_states, n_choices, 4))
    odds, half = np.empty(n_choices), np.full(n_states, 0.5)
    pair = np.empty((2, n_states))
    gains = (natural[ALPHA], natural[KAPPA] * stay, natural[PHI])
    log_likelihood, mean, block, first = 0.0, 0.5, -1, 0
    for t in range(n_trials):
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
            total, taken = 0.0, n_choices - 1
            for k in range(n_choices):
                total += probabilities[t, k]
                if draws[t, 0] < total:
                    taken = k
                    break
            choice[t] = taken
            outcome[t] = np.nan
            if has_feedback[t]:
                outcome[t] = 1.0 if draws[t, 1] < reward[t, taken] else 0.0
        if choice[t] >= 0:
            log_likelihood += np.log(probabilities[t, choice[t]])
        due = t - latency
        if due < first or choice[due] < 0:
            continue
        omega = modulation(outcome[due], mean, natural[BIAS])
        if not np.isnan(outcome[due]):
            mean += MEAN_RATE * (outcome[due] - mean)
        has_before = due > first and choice[due - 1] >= 0
        pair[0] = states[due]
        if has_before:
            pair[1] = states[due - 1]
        share = natural[CREDIT]
        amounts = ((1.0 - share) * omega, share * omega, natural[LEAKS])
        learn(counts, start, pair, (choice[due], choice[due - 1] if has_before else -1), amounts)
    return log_likelihood


@compiled
def log_likelihoods(natural: "Floats", task: tuple, did: tuple, is_active_only: bool) -> "Floats":
    """Return the log likelihood (sets,) of natural parameters (sets, parameters).

    Example:
        >>> one = np.ones((1, 1))
        >>> task = (one, np.zeros(1), 0.0, np.ones(1, bool), np.ones(1, bool),
        ...         np.zeros((1, 1, 2)), np.ones((1, 2)))
        >>> natural = np.array([[0, 1, 1, 10.0, 0, 0, 0, 0, 1, 0, 0, 0]])
        >>> log_likelihoods(natural, task, (np.zeros(1, np.int64), np.ones(1)), False).round(4)
        array([-0.6931])
    """
    values = np.empty(len(natural))
    record = (np.empty(task[0].shape), np.empty((len(task[0]), task[5].shape[2])))
    none = np.empty((0, 2))
    for s in range(len(natural)):
        values[s] = replay(natural[s], task, did, none, (0, is_active_only), record)
    return values
