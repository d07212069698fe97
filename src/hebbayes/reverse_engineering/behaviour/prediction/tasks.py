"""The trials that await a subject: recorded ones, more of the same, or those of a stated task."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hebbayes.core.errors import ShapeError, ValueRangeError
from hebbayes.reverse_engineering.behaviour.prediction.rewards import (
    RewardRule,
    reward_rule,
    stimulus_groups,
)
from hebbayes.simulators.lives import Future

if TYPE_CHECKING:
    from hebbayes.reverse_engineering.behaviour.choices import Choices

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class StatedTask:
    """A task in words of stimuli and rewards.

    Attributes:
        activity: What each pattern of stimuli is to the subject, (patterns, states).
        frequency: How often each pattern occurs, (patterns,).
        reward: Probability of reward of each choice, (patterns, choices).
        n_sessions: Number of sessions.
        n_trials: Trials per session.
        reversals: Sessions, from 0, at whose start the most and the least rewarded choices change
            places.
    """

    activity: Floats
    frequency: Floats
    reward: Floats
    n_sessions: int
    n_trials: int
    reversals: tuple[int, ...] = ()

    def future(
        self, n_animals: int, *, rng: np.random.Generator, rests_on_previous: bool = False
    ) -> Future:
        """Return trials of this task, drawn anew for each animal."""
        n, session = self.n_sessions * self.n_trials, self.session_index
        pattern = rng.choice(len(self.frequency), (n_animals, n), p=self.frequency)
        x = self.activity[pattern]
        if rests_on_previous:
            x = np.roll(x, 1, axis=1)
            x[:, np.diff(session, prepend=-1) != 0] = 0.5
            pattern = np.roll(pattern, 1, axis=1)  # the reward is for what the choice rests on
        chance = self.reward[pattern]
        return Future(x, np.where(self.is_reversed[:, None], _reversed(chance), chance), session)

    @property
    def session_index(self) -> Integers:
        """Session of each trial."""
        return np.repeat(np.arange(self.n_sessions), self.n_trials)

    @property
    def is_reversed(self) -> NDArray[np.bool_]:
        """Trials after an odd number of reversals."""
        return reversed_sessions(self.session_index, self.reversals)


def reversed_sessions(session: Integers, reversals: tuple[int, ...]) -> NDArray[np.bool_]:
    """Return the trials after an odd number of reversals.

    Example:
        >>> reversed_sessions(np.arange(4), (1, 3)).tolist()
        [False, True, True, False]
    """
    return np.asarray(np.searchsorted(np.sort(reversals), session, side="right") % 2 == 1)


def _reversed(chance: Floats, axis: int = -1) -> Floats:
    """Chances (any, choices, any) whose ends of the axis of choices change places."""
    return np.asarray(chance.max(axis, keepdims=True) + chance.min(axis, keepdims=True) - chance)


@dataclass(frozen=True, eq=False)
class RecordedTask:
    """Sessions as they were recorded, with the rule behind their rewards.

    Attributes:
        choices: The choices of the subject in these sessions.
        group: Same session and same stimuli, (trials,).
        rule: Which choice is the best in each group, and what choices bring.
    """

    choices: "Choices"
    group: Integers
    rule: RewardRule

    @property
    def worth(self) -> tuple[float, ...]:
        """1 - 2 risk of each outcome, ascending."""
        return tuple((2 * self.rule.rewards - 1).tolist())

    def held_out(
        self, is_held: NDArray[np.bool_], n_animals: int, rng: np.random.Generator
    ) -> Future:
        """Return the very trials (trials,) that are held out and were answered."""
        rows = np.flatnonzero(is_held & self.choices.is_used)
        chance = self.rule.drawn(self.group[rows], n_animals, rng=rng)
        _, session = np.unique(self.choices.session_index[rows], return_inverse=True)
        return Future(self.choices.activity[rows], chance, session.ravel(), self.worth)

    def more(
        self,
        n_sessions: int,
        n_trials: int,
        n_animals: int,
        *,
        rng: np.random.Generator,
        reversals: tuple[int, ...] = (),
    ) -> Future:
        """Return sessions with stimuli as recorded and rewards as in the last one."""
        rows = np.flatnonzero(self.choices.is_used)
        begin = rng.integers(len(rows), size=(n_animals, n_sessions, 1))
        drawn = rows[(begin + np.arange(n_trials)) % len(rows)].reshape(n_animals, -1)
        session = np.repeat(np.arange(n_sessions), n_trials)
        last = self._last_groups()[drawn]
        # one rule for all trials of an animal
        chance = np.stack([self.rule.drawn(one, 1, rng=rng)[0] for one in last])
        is_reversed = reversed_sessions(session, reversals)
        chance[:, is_reversed] = _reversed(chance[:, is_reversed], 2)
        return Future(self.choices.activity[drawn], chance, session, self.worth)

    def _last_groups(self) -> Integers:
        """The last group with the stimuli of each trial, (trials,)."""
        _, pattern = np.unique(self.choices.activity, axis=0, return_inverse=True)
        pattern = pattern.ravel()
        last = np.zeros(int(pattern.max()) + 1, np.int64)
        last[pattern] = self.group  # later trials overwrite
        return np.asarray(last[pattern])


def recorded_task(choices: "Choices", stimuli: Floats) -> RecordedTask:
    """Return the task behind recorded choices; ``stimuli`` (trials, channels) that they rest on.

    Raises `ValueRangeError` if no outcome is known.

    Example:
        >>> from hebbayes.reverse_engineering.behaviour.choices import Choices
        >>> stimuli = np.tile([[1.0], [0.0]], (10, 1))
        >>> taken = np.tile([0, 1], 10)
        >>> choices = Choices(taken, stimuli, np.zeros(20), np.zeros(20, int), 2)
        >>> recorded_task(choices, stimuli).rule.best.round().tolist()
        [[0.0, 1.0], [1.0, 0.0]]
    """
    risk = np.full(len(choices.decision), np.nan) if choices.risk is None else choices.risk
    group = stimulus_groups(stimuli, choices.session_index)
    rule = reward_rule(choices.decision, 1 - risk, group, choices.n_decisions)
    return RecordedTask(choices, group, rule)


def stated_task(
    activity: Floats,
    reward: Floats,
    *,
    n_sessions: int,
    n_trials: int,
    frequency: Floats | None = None,
    reversals: tuple[int, ...] = (),
) -> StatedTask:
    """Return a stated task, checked.

    Raises `ShapeError` if patterns, frequencies and rewards differ in number, `ValueRangeError` if
    a reward is no probability.

    Example:
        >>> task = stated_task(np.eye(2), np.array([[0.9, 0.1], [0.1, 0.9]]), n_sessions=2,
        ...                    n_trials=5, reversals=(1,))
        >>> task.future(3, rng=np.random.default_rng(0)).chance.shape
        (3, 10, 2)
    """
    n = len(activity)
    share = np.full(n, 1 / n) if frequency is None else np.asarray(frequency, float)
    if len(reward) != n or share.shape != (n,):
        raise ShapeError(
            f"the task has {n} patterns of stimuli, {len(reward)} rows of rewards and "
            f"{share.size} frequencies; give as many of each."
        )
    if not ((reward >= 0) & (reward <= 1)).all():
        raise ValueRangeError("rewards of a task are probabilities from 0 to 1.")
    if not (share >= 0).all() or not share.sum() > 0:
        raise ValueRangeError("frequencies of a task must be at least 0, not all of them 0.")
    return StatedTask(activity, share / share.sum(), reward, n_sessions, n_trials, reversals)
