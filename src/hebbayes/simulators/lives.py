"""Many animals of one kind at once: through trials that happened, then through trials to come.

What happened (decisions and their worth) is the same for all animals, so each ends in the state
that its own parameters lead to; then each decides for itself and learns from what that brings.
Activity is given; `learner_trials` draws it from a simulated middle layer (docs/recordings.md).
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax

from hebbayes.core.errors import ShapeError
from hebbayes.simulators.learners import Decided

if TYPE_CHECKING:
    from hebbayes.simulators.learners import AbstractLearner

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Past:
    """Trials that happened.

    Attributes:
        x: Activity that decisions rest on, (trials, states).
        decision: (trials,), -1 if none was taken or known.
        worth: 1 - 2 risk, NaN if unknown, (trials,).
        session_index: (trials,).
        is_new: Trials at which learning begins anew, (trials,); None for the first alone.
        forgets_missed: Whether forgetting goes on in trials that teach nothing.
    """

    x: Floats
    decision: Integers
    worth: Floats
    session_index: Integers
    is_new: NDArray[np.bool_] | None = None
    forgets_missed: bool = False


@dataclass(frozen=True, eq=False)
class Future:
    """Trials to come; the first is that of a new session.

    Attributes:
        x: Activity that decisions rest on, (trials, states) or (animals, trials, states).
        chance: Probability that each decision wins, (trials, decisions) or (animals, trials,
            decisions).  With more than two worths a last axis: the probabilities that it brings at
            least the second, the third, and so on.
        session_index: (trials,).
        worth: 1 - 2 risk of what is lost and of what is won, or of more outcomes, ascending.
        is_new: Trials at which learning begins anew, (trials,); None for none.
    """

    x: Floats
    chance: Floats
    session_index: Integers
    worth: tuple[float, ...] = (-1.0, 1.0)
    is_new: NDArray[np.bool_] | None = None


@dataclass(frozen=True, eq=False)
class Lives:
    """What the animals did.

    Attributes:
        past_probability: Of each decision in the past, one trial ahead, (animals, trials,
            decisions).
        taken: Decisions to come, (animals, trials).
        worth: 1 - 2 risk of what each of them brought, (animals, trials).
    """

    past_probability: Floats
    taken: Integers
    worth: Floats


def live(
    learner: "AbstractLearner",
    n_decisions: int,
    past: Past | None,
    future: Future | None,
    *,
    rng: np.random.Generator,
    n_animals: int = 1,
    reward_delay: int = 0,
) -> Lives:
    """Return what ``n_animals`` animals of one kind did.

    Parameters of ``learner`` are numbers or (animals,); a decision is learnt from ``reward_delay``
    trials later, from the next trial on.  Raises `ShapeError` if there is neither past nor future,
    or they differ in states.

    Example:
        >>> from hebbayes.simulators import RescorlaWagner
        >>> future = Future(np.ones((50, 1)), np.tile([0.9, 0.1], (50, 1)), np.zeros(50, int))
        >>> lives = live(RescorlaWagner(rate=np.array([0.0, 0.5])), 2, None, future,
        ...              rng=np.random.default_rng(0), n_animals=2)
        >>> lives.worth.shape, bool(lives.worth[1].mean() > lives.worth[0].mean())
        ((2, 50), True)
    """
    run = _Run(learner, n_decisions, past, future, n_animals)
    n_past, n_trials = run.n_past, len(run.session)
    uniforms = rng.random((2, n_animals, n_trials - n_past))
    state, start = learner.init(run.n_states, n_decisions), 0
    for t in range(n_trials):
        if run.is_new[t]:
            state, start = learner.init(run.n_states, n_decisions), t
        run.probability[:, t] = run.shares(state, t)
        if t >= n_past:
            run.decide(t, *uniforms[:, :, t - n_past])
        if (due := t - reward_delay) >= start:
            state = run.learnt(state, due)
    return Lives(run.probability[:, :n_past], run.taken[:, n_past:], run.worth[:, n_past:])


class _Run:
    """The record of all animals while they live."""

    def __init__(
        self,
        learner: "AbstractLearner",
        n_decisions: int,
        past: Past | None,
        future: Future | None,
        n_animals: int,
    ) -> None:
        if past is None and future is None:
            raise ShapeError("there is neither past nor future; give one of them.")
        self.learner, self.past, self.future = learner, past, future
        parts = [part for part in (past, future) if part is not None]
        sizes = {part.x.shape[-1] for part in parts}
        if len(sizes) > 1:
            raise ShapeError(f"past and future have {min(sizes)} and {max(sizes)} states.")
        self.n_states, self.n_past = sizes.pop(), 0 if past is None else len(past.decision)
        starts = 0 if past is None else int(past.session_index[-1]) + 1
        self.session = np.concatenate(
            [part.session_index + (starts if part is future else 0) for part in parts]
        )
        n_trials = len(self.session)
        self.is_new = np.concatenate(
            [
                np.zeros(len(part.session_index), bool) if part.is_new is None else part.is_new
                for part in parts
            ]
        )
        self.taken = np.full((n_animals, n_trials), -1)
        self.worth = np.full((n_animals, n_trials), np.nan)
        if past is not None:
            self.taken[:, : self.n_past], self.worth[:, : self.n_past] = past.decision, past.worth
        self.probability = np.empty((n_animals, n_trials, n_decisions))
        bias = learner.bias if np.size(learner.bias) else np.zeros(n_decisions)
        self.bias = np.asarray(bias, float)
        self.stickiness = np.asarray(learner.stickiness, float)[..., None]

    def x(self, t: int) -> Floats:
        if t < self.n_past:
            assert self.past is not None
            return np.asarray(self.past.x[t])
        assert self.future is not None
        return np.asarray(self.future.x[..., t - self.n_past, :])

    def shares(self, state: object, t: int) -> Floats:
        odds = self.bias + self.learner.log_odds(state, self.x(t))
        if t and self.session[t] == self.session[t - 1]:
            decisions = np.arange(self.bias.shape[-1])
            odds = odds + self.stickiness * (decisions == self.taken[:, t - 1, None])
        return np.asarray(softmax(odds, axis=-1))

    def decide(self, t: int, of_decision: Floats, of_reward: Floats) -> None:
        assert self.future is not None
        then, below = t - self.n_past, self.probability[:, t].cumsum(1)
        last = self.probability.shape[2] - 1
        taken = np.minimum((below <= of_decision[:, None]).sum(1), last)
        worth = np.asarray(self.future.worth)
        chance = self.future.chance if worth.size > 2 else self.future.chance[..., None]
        chance = np.broadcast_to(chance[..., then, :, :], (*below.shape, worth.size - 1))
        reached = of_reward[:, None] < chance[np.arange(len(taken)), taken]
        self.taken[:, t], self.worth[:, t] = taken, worth[reached.sum(1)]

    def learnt(self, state: object, due: int) -> object:
        """The state after learning from trial ``due``; in the past, all animals know the same."""
        taken, worth = self.taken[:, due], self.worth[:, due]
        if taken[0] < 0 or (np.isnan(worth[0]) and self.learner.needs_worth):
            forgets = self.past is not None and self.past.forgets_missed
            return self.learner.forget(state) if forgets else state
        if self.learner.learns_outcome:
            worth = np.sign(worth)
        decided = Decided(self.x(due), taken, worth, self.probability[:, due])
        return self.learner.learn(state, decided)
