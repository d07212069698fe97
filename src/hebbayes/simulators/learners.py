"""Ways to learn from risk: the theory's, its variants and its rivals, one trial at a time.

Each learner reads the activity x of the trial before and gives log odds of the decisions; later it
learns from the decision and its worth, 1 - 2 risk.  `simulate_learner` puts one into the world and
the middle layer of a simulated animal, so that a verdict on behaviour can be tested on animals of
known kind (docs/recordings.md).  Plain NumPy, written for reading, not for speed.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hebbayes.core.arrays import OFF, ON

Floats = NDArray[np.float64]


def both_cues(x: Floats) -> Floats:
    """Return states that are on and states that are off as cues, (2 states,).

    Their squares sum to at most 1, so that a rate of 1 learns in one trial.

    Example:
        >>> both_cues(np.array([1.0, 0.0])).round(3).tolist()
        [0.707, 0.0, 0.0, 0.707]
    """
    return np.concatenate([x, 1 - x]) / np.sqrt(x.size)


def active_cues(x: Floats) -> Floats:
    """Return states that are on as cues, (states,).

    Example:
        >>> active_cues(np.array([0.9, 0.1])).tolist()
        [0.9, 0.1]
    """
    return x


@dataclass(frozen=True, eq=False)
class Decided:
    """A decision to learn from.

    Attributes:
        x: Activity it was made in, (states,).
        decision: The decision.
        worth: 1 - 2 risk that followed.
        probability: Of each decision then, (decisions,).
    """

    x: Floats
    decision: int
    worth: float
    probability: Floats

    @property
    def is_taken(self) -> NDArray[np.bool_]:
        """The decision as a mask, (decisions,)."""
        return np.arange(self.probability.size) == self.decision


@dataclass(frozen=True)
class AbstractLearner(ABC):
    """What all learners share.

    Attributes:
        bias: Added to the log odds of each decision, psi; empty for none.
        stickiness: Added to the log odds of the last decision.
        learns_outcome: Learn from the sign of 1 - 2 risk alone, won or lost.
    """

    bias: tuple[float, ...] = ()
    stickiness: float = 0.0
    learns_outcome: bool = False

    @abstractmethod
    def init(self, n_states: int, n_decisions: int) -> Any:
        """Return the state before the first trial."""

    @abstractmethod
    def log_odds(self, state: Any, x: Floats) -> Floats:
        """Return the log odds of decisions (decisions,), without bias and stickiness."""

    def learn(self, state: Any, trial: "Decided") -> Any:
        """Return the state after learning from a trial."""
        del trial
        return state


@dataclass(frozen=True)
class HebbianLearner(AbstractLearner):
    """Counts of what was decided in which activity, c += worth x (x) decision (eq. 3).

    Attributes:
        ratio: Total prior count of a synapse over the gain, lambda / gain.
        leak: Share of the evidence that is lost per trial.
        reads_active_only: Read only states that are on, as one group of cues.
        is_modulated: Whether risk modulates learning; otherwise worth is 1.
        floor: The smallest count.
    """

    ratio: float = 40.0
    leak: float = 0.0
    reads_active_only: bool = False
    is_modulated: bool = True
    floor: float = 1.0

    def init(self, n_states: int, n_decisions: int) -> Floats:
        """Return naive counts [state value, decision value, state, decision]."""
        return np.full((2, 2, n_states, n_decisions), self.ratio / 2)

    def log_odds(self, state: Floats, x: Floats) -> Floats:
        """Return V x plus the normaliser."""
        home = state[ON] + state[OFF]
        table = np.log(state[:, ON] / state[:, OFF]) - np.log(home[ON] / home[OFF])
        off = np.zeros_like(x) if self.reads_active_only else 1 - x
        return np.asarray(x @ table[ON] + off @ table[OFF])

    def learn(self, state: Floats, trial: "Decided") -> Floats:
        """Return the counts after one decision."""
        taken, x = trial.is_taken, trial.x
        gained = np.einsum("vj,uk->vujk", np.stack([x, 1 - x]), np.stack([taken, ~taken]))
        kept = state + self.leak * (self.ratio / 2 - state)
        return np.maximum(kept + (trial.worth if self.is_modulated else 1.0) * gained, self.floor)


@dataclass(frozen=True)
class RescorlaWagner(AbstractLearner):
    """Values of decisions learnt from prediction errors, Q += rate (worth - Q), softmax choice.

    Attributes:
        rate: Learning rate of positive errors.
        rate_of_losses: Learning rate of negative errors; None for the same.
        inverse_temperature: Factor of values in the log odds.
        initial_value: Value of every decision before learning.
        cues: From activity to cues.
    """

    rate: float = 0.1
    rate_of_losses: float | None = None
    inverse_temperature: float = 3.0
    initial_value: float = 0.0
    cues: Callable[[Floats], Floats] = both_cues

    def init(self, n_states: int, n_decisions: int) -> Floats:
        """Return weights (cues, decisions) of no value."""
        return np.zeros((self.cues(np.zeros(n_states)).size, n_decisions))

    def log_odds(self, state: Floats, x: Floats) -> Floats:
        """Return values times the inverse temperature."""
        return self.inverse_temperature * (self.initial_value + self.cues(x) @ state)

    def learn(self, state: Floats, trial: "Decided") -> Floats:
        """Return the weights after one decision."""
        cue = self.cues(trial.x)
        error = trial.worth - self.initial_value - cue @ state[:, trial.decision]
        rate = self.rate
        if error < 0 and self.rate_of_losses is not None:
            rate = self.rate_of_losses
        return state + rate * error * np.outer(cue, trial.is_taken)


@dataclass(frozen=True)
class ActorCritic(AbstractLearner):
    """A critic predicts worth from cues; its error teaches preferences for decisions.

    Attributes:
        actor_rate: Step of preferences, in log odds.
        critic_rate: Learning rate of the prediction.
        is_gradient: Whether learning also weakens the decisions not taken.
        cues: From activity to cues.
    """

    actor_rate: float = 0.3
    critic_rate: float = 0.1
    is_gradient: bool = False
    cues: Callable[[Floats], Floats] = both_cues

    def init(self, n_states: int, n_decisions: int) -> tuple[Floats, Floats]:
        """Return preferences (cues, decisions) and predictions (cues,) of 0."""
        n = self.cues(np.zeros(n_states)).size
        return np.zeros((n, n_decisions)), np.zeros(n)

    def log_odds(self, state: tuple[Floats, Floats], x: Floats) -> Floats:
        """Return preferences."""
        return np.asarray(self.cues(x) @ state[0])

    def learn(self, state: tuple[Floats, Floats], trial: "Decided") -> tuple[Floats, Floats]:
        """Return preferences and predictions after one decision."""
        actor, critic = state
        cue = self.cues(trial.x)
        error = trial.worth - cue @ critic
        taken = trial.is_taken - trial.probability * self.is_gradient
        return (
            actor + self.actor_rate * error * np.outer(cue, taken),
            critic + self.critic_rate * error * cue,
        )


@dataclass(frozen=True)
class WinStayLoseShift(AbstractLearner):
    """Repeats the last decision that won, leaves the one that lost.

    Attributes:
        win: Added to the log odds of the last decision after a worth of 1.
        lose: Subtracted after a worth of -1.
    """

    win: float = 2.0
    lose: float = 2.0

    def init(self, n_states: int, n_decisions: int) -> Floats:
        """Return no preference."""
        del n_states
        return np.zeros(n_decisions)

    def log_odds(self, state: Floats, x: Floats) -> Floats:
        """Return the preference that the last outcome left."""
        del x
        return state

    def learn(self, state: Floats, trial: "Decided") -> Floats:
        """Return the preference after one outcome."""
        del state
        size = self.win if trial.worth > 0 else self.lose
        return np.asarray(size * trial.worth * trial.is_taken, float)


@dataclass(frozen=True)
class FixedReadout(AbstractLearner):
    """Does not learn: an expert with weights, a random animal without.

    Attributes:
        weights: (decisions, states), read from 2 x - 1; empty for none.
    """

    weights: tuple[tuple[float, ...], ...] = ()

    def init(self, n_states: int, n_decisions: int) -> Floats:
        """Return the weights (decisions, states)."""
        return np.asarray(self.weights or np.zeros((n_decisions, n_states)), float)

    def log_odds(self, state: Floats, x: Floats) -> Floats:
        """Return the read-out of x."""
        return np.asarray(state @ (2 * x - 1))
