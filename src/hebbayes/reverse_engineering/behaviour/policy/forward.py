"""Output synapses V over time, from counts of what was decided in which activity.

    c += weight  x_previous (x) decision,    V1 = ln c[1,1] - ln c[0,1],    V = V1 - V0

(docs/theory.md eq. 3), where weight is 1 - 2 risk if risk modulates learning and 1 if it does not.
Only the ratio of the prior count lambda to the modulator's gain matters: counts are in units of the
gain here.  Tables are [previous state value, decision value, state, decision], ON, OFF = 0, 1.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hebbayes.core.arrays import OFF, ON

if TYPE_CHECKING:
    from hebbayes.reverse_engineering.behaviour.choices import Choices

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class PolicyEvidence:
    """What had been learnt from before each trial, (trials, 2, 2, states, decisions).

    ``amount`` is the sum of all absolute weights, the scale of what can be learnt.
    """

    before: Floats
    amount: float


def modulation_weight(risk: Floats) -> Floats:
    """Return 1 - 2 risk, and 0 where the risk is not known (NaN).

    Example:
        >>> modulation_weight(np.array([0.0, 0.75, np.nan])).tolist()
        [1.0, -0.5, 0.0]
    """
    return np.where(np.isnan(risk), 0.0, 1 - 2 * risk)


def policy_evidence(choices: "Choices", weight: Floats, reward_delay: int) -> PolicyEvidence:
    """Return the evidence that counted when each decision was made.

    A decision is learnt from ``reward_delay`` trials after it, from the next trial on (0: at once).
    Trials that are not used leave nothing.

    Example:
        >>> from hebbayes.reverse_engineering.behaviour.choices import Choices
        >>> choices = Choices(np.array([0, 0]), np.array([[1.0], [1.0]]), None, np.zeros(2, int), 2)
        >>> policy_evidence(choices, np.ones(2), 0).before[:, 0, 0, 0].tolist()
        [[0.0, 0.0], [1.0, 0.0]]
    """
    used = np.where(choices.is_used, weight, 0.0)
    x = np.where(choices.is_used[:, None], choices.counted_activity, 0.5)
    pre = np.stack([x, 1 - x], axis=1) * used[:, None, None]
    post = np.stack([choices.one_hot, 1 - choices.one_hot], axis=1)
    gained = np.einsum("tvj,tuk->tvujk", pre, post)
    shift = min(1 + reward_delay, len(gained))
    before = np.zeros_like(gained)
    before[shift:] = np.cumsum(gained[: len(gained) - shift], axis=0)
    return PolicyEvidence(before, float(np.abs(used).sum()))


def policy_counts(evidence: PolicyEvidence, ratio: float, floor: float) -> Floats:
    """Return the counts behind each decision, in units of the gain.

    A naive synapse holds ``ratio`` / 2 on every entry, and no entry falls below ``floor``: what is
    lost there is not remembered (the running sum is reflected).

    Example:
        >>> falling = PolicyEvidence(-np.arange(4.0).reshape(4, 1, 1, 1, 1) * 3, 9.0)
        >>> policy_counts(falling, 10.0, 1.0).ravel().tolist()
        [5.0, 2.0, 1.0, 1.0]
    """
    free = ratio / 2 + evidence.before
    return free + np.maximum(0, np.maximum.accumulate(floor - free, axis=0))


def policy_weights(counts: Floats) -> Floats:
    """Return V = V1 - V0, (trials, decisions, states).

    Example:
        >>> policy_weights(np.full((1, 2, 2, 3, 4), 7.0)).shape
        (1, 4, 3)
    """
    logs = np.log(counts)
    odds = logs[:, ON] - logs[:, OFF]
    return np.swapaxes(odds[:, ON] - odds[:, OFF], 1, 2)


def policy_drive(counts: Floats, activity: Floats) -> Floats:
    """Return V x_previous plus the normaliser, (trials, decisions): log odds without psi.

    Example:
        >>> policy_drive(np.full((1, 2, 2, 3, 4), 7.0), np.full((1, 3), 0.2)).tolist()
        [[0.0, 0.0, 0.0, 0.0]]
    """
    home = counts[:, ON] + counts[:, OFF]
    log_odds = np.log(counts[:, :, ON] / counts[:, :, OFF])
    log_odds = log_odds - np.log(home[:, ON] / home[:, OFF])[:, None]
    x = activity
    return np.einsum("tvj,tvjk->tk", np.stack([x, 1 - x], axis=1), log_odds)
