"""Which choice brings what: the rule of a recorded task, inferred from what choices brought.

In each group of trials (same session, same stimuli) one choice is the best and draws its rewards
from one distribution; the others share another.  Rewards of choices that were not taken were not
seen, so the rule stays uncertain, and forecasts draw it.  Where choices differ by more than that,
as decks of cards do, each has a distribution of its own in each group, scattered around these two
(Dirichlet).  A rule that changes within a group is averaged.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln, logsumexp, softmax

from hebbayes.core.errors import ValueRangeError

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

_STEPS, _TOLERANCE = 200, 1e-9
_PSEUDO = 1.0  # trial more, spread over all rewards, so that no chance is exactly 0 or 1
_START = np.log(4.0)  # log odds of the largest against the least reward, of the best at first
_MOST_REWARDS = 12  # different ones; more are binned, equally many trials to each
_CONCENTRATIONS = (100.0, 30.0, 10.0, 3.0, 1.0)  # of distributions around the two, in trials
_MARGIN = 2.0  # nats by which distributions of their own must explain rewards better
_FEWEST = 3.0  # trials per pattern of stimuli, below which its largest channel stands for it


@dataclass(frozen=True, eq=False)
class RewardRule:
    """The best choice of each group of trials, and how rewards are distributed.

    Attributes:
        best: Probability that a choice is the best of its group, (groups, choices).
        share: Share of each reward for choices that are not the best, and for the best, (2,
            rewards).
        rewards: The rewards, 1 - risk, ascending, (rewards,).
        counts: How often each choice brought each reward, (groups, choices, rewards).
        concentration: How closely the choices of a group keep to the two distributions, in trials;
            infinite if they share them.
    """

    best: Floats
    share: Floats
    rewards: Floats
    counts: Floats
    concentration: float = np.inf

    @property
    def mean(self) -> Floats:
        """Expected reward of each choice in each group, (groups, choices)."""
        n, k = self.counts.sum(-1), self.concentration
        own = self.counts @ self.rewards
        expected = [
            shared if np.isinf(k) else (own + k * shared) / (n + k)
            for shared in self.share @ self.rewards
        ]
        return np.asarray(expected[0] + self.best * (expected[1] - expected[0]))

    def drawn(self, group: Integers, n_draws: int, *, rng: np.random.Generator) -> Floats:
        """Return chances of reward (draws, trials, choices) in trials of these groups.

        With more than two rewards a last axis: of at least the second, the third, and so on.
        """
        below = self.best.cumsum(1)[None]
        uniforms = rng.random((n_draws, len(self.best), 1))
        best = np.minimum((below <= uniforms).sum(2), self.best.shape[1] - 1)
        is_best = best[:, :, None] == np.arange(self.best.shape[1])
        share = self.share[is_best.astype(int)]
        if np.isfinite(self.concentration):
            share = rng.standard_gamma(self.concentration * share + self.counts)
            share = share / share.sum(-1, keepdims=True)
        chance = share[..., ::-1].cumsum(-1)[..., -2::-1]
        return np.asarray((chance if self.rewards.size > 2 else chance[..., 0])[:, group])


def reward_rule(decision: Integers, reward: Floats, group: Integers, n_choices: int) -> RewardRule:
    """Return the rule behind what choices brought, ``reward`` (1 - risk, NaN if unknown).

    Expectation maximisation over the two distributions; groups (trials,) are numbered from 0.
    Raises `ValueRangeError` if no outcome is known.

    Example:
        >>> decision, won = np.array([0, 1, 1, 0]), np.array([1.0, 0.0, 1.0, 0.0])
        >>> rule = reward_rule(decision, won, np.array([0, 0, 1, 1]), 2)
        >>> rule.best.round(2).tolist()
        [[0.93, 0.07], [0.07, 0.93]]
    """
    is_known = (decision >= 0) & np.isfinite(reward)
    if not is_known.any():
        raise ValueRangeError(
            "no outcome is known, so which choice is rewarded cannot be inferred; pass the column "
            "with --outcome, --reward, --feedback or --risk, or the rewards of a task with --task."
        )
    rewards, place = levels_of(reward[is_known])
    counts = np.zeros((int(group.max()) + 1, n_choices, rewards.size))
    np.add.at(counts, (group[is_known], decision[is_known], place), 1.0)
    tilt = _START * np.interp(rewards, rewards[[0, -1]], [0.0, 1.0])
    starts = np.zeros(rewards.size), np.log(_shares(counts.sum((0, 1))))
    found = [
        _fitted(counts, softmax([one - tilt, one + tilt], axis=1))
        for one in starts  # expectation maximisation ends at the nearest mode
    ]
    best, share = max(found, key=lambda one: float(_evidence(counts, one[1], np.inf).sum()))
    scores = [_evidence(counts, share, k).sum() for k in _CONCENTRATIONS]
    if max(scores) - _evidence(counts, share, np.inf).sum() > _MARGIN:
        concentration = _CONCENTRATIONS[int(np.argmax(scores))]
        gain = _cell_evidence(counts, share[1], concentration)
        best = softmax(gain - _cell_evidence(counts, share[0], concentration), axis=1)
        return RewardRule(best, share, rewards, counts, concentration)
    return RewardRule(best, share, rewards, counts)


def levels_of(reward: Floats) -> tuple[Floats, Integers]:
    """Return the different rewards, ascending, and which of them each trial (trials,) brought.

    More than a dozen are binned, and each bin is worth its mean.  A single one gets the opposite
    end as a second, which never was.

    Example:
        >>> rewards, place = levels_of(np.array([0.25, 1.0, 0.25]))
        >>> rewards.tolist(), place.tolist()
        ([0.25, 1.0], [0, 1, 0])
        >>> levels_of(np.ones(2))[0].tolist(), levels_of(np.arange(100) / 99)[0].size
        ([0.0, 1.0], 12)
    """
    rewards, place, n = np.unique(reward, return_inverse=True, return_counts=True)
    place = place.ravel()
    if rewards.size > _MOST_REWARDS:
        middle = (n.cumsum() - n / 2) / n.sum()
        _, bin_of = np.unique((middle * _MOST_REWARDS).astype(int), return_inverse=True)
        place = bin_of.ravel()[place]
        rewards = np.bincount(place, reward) / np.bincount(place)
    if rewards.size == 1:
        is_high = rewards[0] >= 0.5
        rewards = np.array([0.0, rewards[0]] if is_high else [rewards[0], 1.0])
        place = place + int(is_high)
    return rewards, place


def _fitted(counts: Floats, share: Floats) -> tuple[Floats, Floats]:
    """Probability of the best choice, and the two distributions, from these on."""
    best = np.zeros(counts.shape[:2])
    for _ in range(_STEPS):
        best = softmax(counts @ np.log(share[1] / share[0]), axis=1)
        before, of_best = share, np.tensordot(best, counts, 2)
        share = _shares(np.stack([counts.sum((0, 1)) - of_best, of_best]))
        if np.abs(share - before).max() < _TOLERANCE:
            break
    return best, share


def _evidence(counts: Floats, share: Floats, concentration: float) -> Floats:
    """Log probability of the rewards of each group, any choice as likely the best, (groups,)."""
    other, best = (_cell_evidence(counts, one, concentration) for one in share)
    gain = logsumexp(best - other, axis=1) - np.log(counts.shape[1])
    return np.asarray(other.sum(1) + gain)


def _cell_evidence(counts: Floats, share: Floats, concentration: float) -> Floats:
    """Log probability of the rewards of each choice, its own shares Dirichlet around ``share``."""
    if np.isinf(concentration):
        return np.asarray(counts @ np.log(share))
    prior = concentration * share
    own = gammaln(counts + prior) - gammaln(prior)
    n = counts.sum(-1)
    return np.asarray(own.sum(-1) + gammaln(concentration) - gammaln(n + concentration))


def _shares(counts: Floats) -> Floats:
    more = counts + _PSEUDO / counts.shape[-1]
    return np.asarray(more / more.sum(-1, keepdims=True))


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
