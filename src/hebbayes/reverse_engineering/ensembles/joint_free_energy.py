"""The joint free energy of several ensembles, and its gradient by potentials of their activity.

Ensembles believe in states s_1..s_n independently, x_k = sig(v_k), under flat priors; stimuli
follow ONE likelihood table over the 2^n joint states (docs/theory.md section 8).  The table sits
at its optimum given x, so that only the projection is searched: the gradient passes the table by.
Separate tables of separate ensembles are left out: they send every ensemble to one minimum.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

Floats = NDArray[np.float64]


class Evidence(NamedTuple):
    """The data of a fit: readouts (trials, features) and stimuli (trials, channels)."""

    readouts: Floats
    stimuli: Floats


class Penalty(NamedTuple):
    """Precision of the normal prior of every weight, and pseudo-counts of every table entry."""

    weight_precision: float = 1.0
    prior_count: float = 1.0


def joint_states(n_ensembles: int) -> Floats:
    """Return the values of all states in each joint state, (2^n, n), the first one slowest.

    Example:
        >>> joint_states(2).tolist()
        [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]
    """
    places = np.arange(n_ensembles)[::-1]
    return ((np.arange(2**n_ensembles)[:, None] >> places) & 1).astype(float)


def joint_posterior(activity: Floats) -> Floats:
    """Return the probability of each joint state, (trials, 2^n), from (trials, n).

    Example:
        >>> joint_posterior(np.array([[0.5, 0.25]])).tolist()
        [[0.375, 0.125, 0.375, 0.125]]
    """
    joint = np.ones((1, len(activity)))
    for x in activity.T[::-1]:
        joint = np.concatenate([(1 - x) * joint, x * joint])  # long rows: several times faster
    return joint.T


def likelihood_table(joint: Floats, stimuli: Floats, prior_count: float = 1.0) -> Floats:
    """Return P(stimulus on | joint state) at its optimum, (2^n, channels).

    Example:
        >>> likelihood_table(np.eye(2), np.array([[1.0], [0.0]]), prior_count=1.0).ravel().tolist()
        [0.6666666666666666, 0.3333333333333333]
    """
    together = joint.T @ stimuli + prior_count
    return np.asarray(together / (joint.sum(0)[:, None] + 2 * prior_count))


def trial_free_energy(potentials: Floats, stimuli: Floats, table: Floats) -> Floats:
    """Return the free energy of every trial in nats, (trials,), without the table's complexity.

    F = sum_k (x; 1-x).(ln(x; 1-x) - ln 1/2) - sum_j q_j (o.ln A_j + (1-o).ln(1-A_j))

    Example:
        >>> certain = np.array([[40.0]])
        >>> trial_free_energy(certain, np.array([[1.0]]), np.array([[0.5], [1 - 1e-16]])).round(4)
        array([0.6931])
    """
    x = expit(potentials)
    on, off = np.log(table), np.log1p(-table)
    surprise = joint_posterior(x) * _evidence(stimuli, on, off)
    return np.asarray(_negative_entropy(potentials, x).sum(1) - surprise.sum(1))


def objective(
    parameters: Floats, evidence: Evidence, n_ensembles: int, penalty: Penalty
) -> tuple[float, Floats]:
    """Return the mean free energy per trial with penalties, and its gradient.

    ``parameters`` holds, per ensemble, the weight of each feature and then the offset, flat.

    Example:
        >>> evidence = Evidence(np.array([[1.0], [-1.0]]), np.array([[1.0], [0.0]]))
        >>> value, gradient = objective(np.zeros(2), evidence, 1, Penalty(0.0, 0.0))
        >>> round(value, 4), gradient.tolist()
        (0.6931, [0.0, 0.0])
    """
    z, o = evidence
    n_trials, n_features = z.shape
    mapping = parameters.reshape(n_ensembles, n_features + 1)
    M, m = mapping[:, :-1], mapping[:, -1]
    v = z @ M.T + m
    x = expit(v)
    q = joint_posterior(x)
    A = likelihood_table(q, o, penalty.prior_count)
    on, off = np.log(A), np.log1p(-A)
    surprise = -q * _evidence(o, on, off)
    per_trial = surprise.sum(1)
    value = _negative_entropy(v, x).sum() + per_trial.sum()
    value += penalty.weight_precision / 2 * (M**2).sum()
    value -= penalty.prior_count * (on + off).sum()
    # d q_j / d v_k = q_j (s_jk - x_k)
    by_potential = x * (1 - x) * v + surprise @ joint_states(n_ensembles) - x * per_trial[:, None]
    gradient = np.empty_like(mapping)
    gradient[:, :-1] = by_potential.T @ z + penalty.weight_precision * M
    gradient[:, -1] = by_potential.sum(0)
    return float(value / n_trials), gradient.ravel() / n_trials


def _evidence(stimuli: Floats, on: Floats, off: Floats) -> Floats:
    """ln P(stimuli | joint state), (trials, 2^n), laid out as the joint posterior is."""
    return np.asarray(((on - off) @ stimuli.T + off.sum(1)[:, None]).T)


def _negative_entropy(v: Floats, x: Floats) -> Floats:
    """x ln x + (1-x) ln(1-x) + ln 2, exact at both ends."""
    softplus = np.maximum(v, 0) + np.log1p(np.exp(-np.abs(v)))  # logaddexp(0, v), far faster
    return np.asarray(x * v - softplus + np.log(2))
