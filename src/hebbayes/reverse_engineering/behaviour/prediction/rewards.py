"""Which choice brings reward: the rule of a recorded task, inferred from what choices brought.

In each group of trials (same session, same stimuli) one choice is the best, rewarded with one
probability; the others share another.  Outcomes of choices that were not taken were not seen, so
the rule stays uncertain, and forecasts draw it.  A rule that changes within a group is averaged.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax

from hebbayes.core.errors import ValueRangeError

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

_STEPS, _TOLERANCE = 200, 1e-9
_PSEUDO = 0.5  # trials more of each outcome, so that no chance is exactly 0 or 1
_FEWEST = 3.0  # trials per pattern of stimuli, below which its largest channel stands for it


@dataclass(frozen=True, eq=False)
class RewardRule:
    """The best choice of each group of trials, and how often choices are rewarded.

    Attributes:
        best: Probability that a choice is the best of its group, (groups, choices).
        chance: Probability of reward for choices that are not the best, and for the best.
    """

    best: Floats
    chance: tuple[float, float]

    def drawn(self, group: Integers, n_draws: int, *, rng: np.random.Generator) -> Floats:
        """Return chances of reward (draws, trials, choices) in trials of these groups."""
        below = self.best.cumsum(1)[None]
        uniforms = rng.random((n_draws, len(self.best), 1))
        best = np.minimum((below <= uniforms).sum(2), self.best.shape[1] - 1)
        is_best = best[:, group, None] == np.arange(self.best.shape[1])
        return np.asarray(np.where(is_best, self.chance[1], self.chance[0]))


def reward_rule(decision: Integers, won: Floats, group: Integers, n_choices: int) -> RewardRule:
    """Return the rule behind what choices brought: ``won`` from 0 to 1, NaN if unknown, (trials,).

    Expectation maximisation over the two chances of reward; groups (trials,) are numbered from 0.
    Raises `ValueRangeError` if no outcome is known.

    Example:
        >>> decision, won = np.array([0, 1, 1, 0]), np.array([1.0, 0.0, 1.0, 0.0])
        >>> rule = reward_rule(decision, won, np.array([0, 0, 1, 1]), 2)
        >>> rule.best.round(2).tolist()
        [[0.93, 0.07], [0.07, 0.93]]
    """
    is_known = (decision >= 0) & np.isfinite(won)
    if not is_known.any():
        raise ValueRangeError(
            "no outcome is known, so which choice is rewarded cannot be inferred; pass the column "
            "with --outcome, --reward, --feedback or --risk, or the rewards of a task with --task."
        )
    shape = (int(group.max()) + 1, n_choices)
    wins, losses = np.zeros(shape), np.zeros(shape)
    at = (group[is_known], decision[is_known])
    np.add.at(wins, at, won[is_known])
    np.add.at(losses, at, 1 - won[is_known])
    low, high, best = 0.2, 0.8, np.full(shape, 1 / n_choices)
    for _ in range(_STEPS):
        gain = wins * np.log(high / low) + losses * np.log((1 - high) / (1 - low))
        best = softmax(gain, axis=1)
        before = low, high
        high = _share((best * wins).sum(), (best * losses).sum())
        low = _share(((1 - best) * wins).sum(), ((1 - best) * losses).sum())
        if max(abs(low - before[0]), abs(high - before[1])) < _TOLERANCE:
            break
    return RewardRule(best, (low, high))


def _share(won: float, lost: float) -> float:
    return float((won + _PSEUDO) / (won + lost + 2 * _PSEUDO))


def stimulus_groups(stimuli: Floats, session_index: Integers) -> Integers:
    """Return the group (trials,) of each trial: its session and its pattern of stimuli.

    With hardly any repeated pattern, as of graded stimuli, the largest channel stands for it, or
    the sign of a single one.

    Example:
        >>> stimuli = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 0.0]] * 3)
        >>> stimulus_groups(stimuli, np.array([0, 0, 0, 1] * 3)).tolist()[:4]
        [1, 0, 1, 2]
    """
    patterns, pattern = np.unique(stimuli, axis=0, return_inverse=True)
    pattern = pattern.ravel()
    if len(stimuli) < _FEWEST * len(patterns) * (int(session_index.max()) + 1):
        single = stimuli.shape[1] == 1
        pattern = np.asarray(stimuli[:, 0] > stimuli.mean()) if single else stimuli.argmax(1)
    both = np.stack([session_index, pattern.astype(np.int64)], axis=1)
    return np.asarray(np.unique(both, axis=0, return_inverse=True)[1]).ravel()
