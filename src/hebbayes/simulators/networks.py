"""Networks that observe stimuli trial by trial, infer, and learn by one of three rules.

In plain NumPy: a step of a small network takes microseconds, less than compiling it for every
size takes in seconds.  Counts are (2, 2, stimuli, sources), by stimulus value and source value.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from hebbayes.core.arrays import OFF, ON
from hebbayes.core.firing_rate import firing_rate

Floats = NDArray[np.float64]

ExpectedLog: TypeAlias = Callable[[Floats], Floats]
"""Expected logarithm of a count: `numpy.log` is the network's own, `digamma` is exact
variational Bayes (docs/theory.md section 2)."""


class Plasticity(StrEnum):
    """How synapses change.

    CANONICAL: counts of what went together (docs/theory.md eq. 3 and 6).  HEBBIAN: the covariance
    of unit and stimulus, without homeostasis.  NONE: not at all.
    """

    CANONICAL = "canonical"
    HEBBIAN = "hebbian"
    NONE = "none"


@dataclass(frozen=True, eq=False)
class NetworkTrials:
    """Simulated trials of a network.

    Attributes:
        posterior: (trials, sources).
        weights: W1 - W0 before each session and after the last, (sessions + 1, stimuli, sources).
        counts: Counts at the end.
    """

    posterior: Floats
    weights: Floats
    counts: Floats


def simulate_network(
    sessions: Sequence[Floats],
    counts: Floats,
    log_odds: Floats,
    plasticity: Plasticity = Plasticity.CANONICAL,
    expected_log: ExpectedLog = np.log,
    *,
    forgetting: float = 0.0,
) -> NetworkTrials:
    """Return the trials of a network with these prior counts and log odds phi (sources,).

    ``sessions`` holds stimuli (trials, stimuli), one array per session.  ``forgetting`` is the
    fraction of their evidence that canonical synapses lose at every trial.

    Example:
        >>> trials = simulate_network([np.ones((2, 1))], np.full((2, 2, 1, 1), 1.0), np.zeros(1))
        >>> trials.posterior.ravel().tolist(), trials.weights.shape
        ([0.5, 0.5], (2, 1, 1))
    """
    if plasticity == Plasticity.CANONICAL:
        return _canonical(sessions, counts, log_odds, expected_log, forgetting=forgetting)
    rule = _hebbian if plasticity == Plasticity.HEBBIAN else _fixed
    return rule(sessions, counts, log_odds, expected_log)


def _log_likelihood_ratio(counts: Floats, expected_log: ExpectedLog) -> Floats:
    """Return lnA given on less lnA given off, (2, stimuli, sources) by stimulus value."""
    logs = expected_log(counts) - expected_log(counts.sum(0))
    return np.asarray(logs[:, ON] - logs[:, OFF])


def _posterior(stimuli: Floats, ratio: Floats, log_odds: Floats) -> Floats:
    return firing_rate(stimuli, ratio[ON] - ratio[OFF], ratio[OFF].sum(0) + log_odds)


def _canonical(
    sessions: Sequence[Floats],
    prior: Floats,
    log_odds: Floats,
    expected_log: ExpectedLog,
    *,
    forgetting: float,
) -> NetworkTrials:
    counts, posterior, weights = prior.copy(), [], []
    for stimuli in sessions:
        ratio = _log_likelihood_ratio(counts, expected_log)
        weights.append(ratio[ON] - ratio[OFF])
        for o in stimuli:
            ratio = _log_likelihood_ratio(counts, expected_log)
            x = _posterior(o, ratio, log_odds)
            on, off = o[:, None] * x, o[:, None] * (1 - x)
            if forgetting:
                counts -= forgetting * (counts - prior)
            counts += [[on, off], [x - on, 1 - x - off]]
            posterior.append(x)
    ratio = _log_likelihood_ratio(counts, expected_log)
    return NetworkTrials(np.array(posterior), np.array([*weights, ratio[ON] - ratio[OFF]]), counts)


def _fixed(
    sessions: Sequence[Floats], counts: Floats, log_odds: Floats, expected_log: ExpectedLog
) -> NetworkTrials:
    ratio = _log_likelihood_ratio(counts, expected_log)
    stimuli = np.concatenate(sessions)
    x = _posterior(stimuli, ratio, log_odds)
    weights = np.broadcast_to(ratio[ON] - ratio[OFF], (len(sessions) + 1, *ratio.shape[1:]))
    return NetworkTrials(x, weights, counts)


def _hebbian(
    sessions: Sequence[Floats], counts: Floats, log_odds: Floats, expected_log: ExpectedLog
) -> NetworkTrials:
    """Add 8 / lambda times the covariance: what the canonical rule does while W is near 0.

    The threshold stays; means are those of all trials so far, behind a prior as heavy as lambda.
    """
    ratio = _log_likelihood_ratio(counts, expected_log)
    W, threshold = ratio[ON] - ratio[OFF], ratio[OFF].sum(0) + log_odds
    prior_count = counts.sum(0).mean()
    mean_x, mean_o = expit(log_odds), np.full(len(W), 0.5)
    posterior, weights, n = [], [], prior_count
    for stimuli in sessions:
        weights.append(W.copy())
        for o in stimuli:
            x = firing_rate(o, W, threshold)
            W += 8 / prior_count * np.outer(o - mean_o, x - mean_x)
            n += 1
            mean_x = mean_x + (x - mean_x) / n
            mean_o = mean_o + (o - mean_o) / n
            posterior.append(x)
    return NetworkTrials(np.array(posterior), np.array([*weights, W]), counts)
