"""Ways to learn from risk: the theory's, its variants and its rivals, one trial at a time.

Each learner reads the activity x of the trial before and gives log odds of the decisions; later it
learns from the decision and its worth, 1 - 2 risk.  `simulate_learner` puts one into the world and
the middle layer of a simulated animal, so that a verdict on behaviour can be tested on animals of
known kind (docs/recordings.md); `live` runs many animals of one kind at once.  Parameters may be
arrays (animals,): states, log odds and decisions then lead with that axis.  Plain NumPy.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from hebbayes.core.arrays import OFF, ON

Floats = NDArray[np.float64]
Number: TypeAlias = float | NDArray[np.float64]
"""One for all animals, or (animals,)."""


def both_cues(x: Floats) -> Floats:
    """Return states that are on and states that are off as cues, (2 states,).

    Their squares sum to at most 1, so that a rate of 1 learns in one trial.

    Example:
        >>> both_cues(np.array([1.0, 0.0])).round(3).tolist()
        [0.707, 0.0, 0.0, 0.707]
    """
    return np.concatenate([x, 1 - x], axis=-1) / np.sqrt(x.shape[-1])


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
        x: Activity it was made in, (..., states).
        decision: The decision, (...).
        worth: 1 - 2 risk that followed, (...).
        probability: Of each decision then, (..., decisions).
    """

    x: Floats
    decision: "int | NDArray[np.int64]"
    worth: Number
    probability: Floats

    @property
    def is_taken(self) -> NDArray[np.bool_]:
        """The decision as a mask, (..., decisions)."""
        return np.arange(self.probability.shape[-1]) == np.asarray(self.decision)[..., None]


@dataclass(frozen=True)
class AbstractLearner(ABC):
    """What all learners share.

    Attributes:
        bias: Added to the log odds of each decision, psi, (..., decisions); empty for none.
        stickiness: Added to the log odds of the last decision.
        learns_outcome: Learn from the sign of 1 - 2 risk alone, won or lost.
    """

    bias: "tuple[float, ...] | Floats" = ()
    stickiness: Number = 0.0
    learns_outcome: bool = False

    @property
    def needs_worth(self) -> bool:
        """Whether nothing is learnt from decisions of unknown risk."""
        return True

    @abstractmethod
    def init(self, n_states: int, n_decisions: int) -> Any:
        """Return the state before the first trial."""

    @abstractmethod
    def log_odds(self, state: Any, x: Floats) -> Floats:
        """Return the log odds of decisions (..., decisions), without bias and stickiness."""

    def learn(self, state: Any, trial: "Decided") -> Any:
        """Return the state after learning from a trial."""
        del trial
        return state

    def forget(self, state: Any) -> Any:
        """Return the state after a trial that teaches nothing."""
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

    ratio: Number = 40.0
    leak: Number = 0.0
    reads_active_only: bool = False
    is_modulated: bool = True
    floor: float = 1.0

    @property
    def needs_worth(self) -> bool:
        """Whether risk modulates learning."""
        return self.is_modulated

    def init(self, n_states: int, n_decisions: int) -> Floats:
        """Return naive counts [..., state value, decision value, state, decision]."""
        return _along(self.ratio, 4) / 2 * np.ones((2, 2, n_states, n_decisions))

    def log_odds(self, state: Floats, x: Floats) -> Floats:
        """Return V x plus the normaliser."""
        home = state[..., ON, :, :, :] + state[..., OFF, :, :, :]
        table = np.log(state[..., ON, :, :] / state[..., OFF, :, :])
        table = table - np.log(home[..., ON, :, :] / home[..., OFF, :, :])[..., None, :, :]
        off = np.zeros_like(x) if self.reads_active_only else 1 - x
        return _read(x, table[..., ON, :, :]) + _read(off, table[..., OFF, :, :])

    def learn(self, state: Floats, trial: "Decided") -> Floats:
        """Return the counts after one decision."""
        pre = np.stack([trial.x, 1 - trial.x], axis=-2)
        post = np.stack([trial.is_taken, ~trial.is_taken], axis=-2)
        gained = np.einsum("...vj,...uk->...vujk", pre, post)
        worth = _along(trial.worth, 4) if self.is_modulated else 1.0
        return np.asarray(np.maximum(self.forget(state) + worth * gained, self.floor))

    def forget(self, state: Floats) -> Floats:
        """Return the counts after a trial that teaches nothing: nearer to the naive ones."""
        return np.asarray(state + _along(self.leak, 4) * (_along(self.ratio, 4) / 2 - state))


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

    rate: Number = 0.1
    rate_of_losses: Number | None = None
    inverse_temperature: Number = 3.0
    initial_value: Number = 0.0
    cues: Callable[[Floats], Floats] = both_cues

    def init(self, n_states: int, n_decisions: int) -> Floats:
        """Return weights (cues, decisions) of no value."""
        return np.zeros((self.cues(np.zeros(n_states)).size, n_decisions))

    def log_odds(self, state: Floats, x: Floats) -> Floats:
        """Return values times the inverse temperature."""
        value = _along(self.initial_value, 1) + _read(self.cues(x), state)
        return np.asarray(_along(self.inverse_temperature, 1) * value)

    def learn(self, state: Floats, trial: "Decided") -> Floats:
        """Return the weights after one decision."""
        cue, taken = self.cues(trial.x), trial.is_taken
        error = trial.worth - self.initial_value - (_read(cue, state) * taken).sum(-1)
        losses = self.rate if self.rate_of_losses is None else self.rate_of_losses
        step = np.where(error < 0, losses, self.rate) * error
        return np.asarray(state + _along(step, 2) * cue[..., :, None] * taken[..., None, :])


@dataclass(frozen=True)
class ActorCritic(AbstractLearner):
    """A critic predicts worth from cues; its error teaches preferences for decisions.

    Attributes:
        actor_rate: Step of preferences, in log odds.
        critic_rate: Learning rate of the prediction.
        is_gradient: Whether learning also weakens the decisions not taken.
        cues: From activity to cues.
    """

    actor_rate: Number = 0.3
    critic_rate: Number = 0.1
    is_gradient: bool = False
    cues: Callable[[Floats], Floats] = both_cues

    def init(self, n_states: int, n_decisions: int) -> tuple[Floats, Floats]:
        """Return preferences (cues, decisions) and predictions (cues,) of 0."""
        n = self.cues(np.zeros(n_states)).size
        return np.zeros((n, n_decisions)), np.zeros(n)

    def log_odds(self, state: tuple[Floats, Floats], x: Floats) -> Floats:
        """Return preferences."""
        return _read(self.cues(x), state[0])

    def learn(self, state: tuple[Floats, Floats], trial: "Decided") -> tuple[Floats, Floats]:
        """Return preferences and predictions after one decision."""
        actor, critic = state
        cue = self.cues(trial.x)
        error = trial.worth - (cue * critic).sum(-1)
        taken = trial.is_taken - trial.probability * self.is_gradient
        moved = _along(self.actor_rate * error, 2) * cue[..., :, None] * taken[..., None, :]
        return actor + moved, critic + _along(self.critic_rate * error, 1) * cue


@dataclass(frozen=True)
class WinStayLoseShift(AbstractLearner):
    """Repeats the last decision that won, leaves the one that lost.

    Attributes:
        win: Added to the log odds of the last decision after a worth of 1.
        lose: Subtracted after a worth of -1.
    """

    win: Number = 2.0
    lose: Number = 2.0

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
        size = np.where(np.asarray(trial.worth) > 0, self.win, self.lose)
        return np.asarray(_along(size * trial.worth, 1) * trial.is_taken, float)


@dataclass(frozen=True)
class FixedReadout(AbstractLearner):
    """Does not learn: an expert with weights, a random animal without.

    Attributes:
        weights: (..., decisions, states), read from 2 x - 1; empty for none.
    """

    weights: "tuple[tuple[float, ...], ...] | Floats" = ()

    def init(self, n_states: int, n_decisions: int) -> Floats:
        """Return the weights (..., decisions, states)."""
        empty = np.size(self.weights) == 0
        return np.asarray(np.zeros((n_decisions, n_states)) if empty else self.weights, float)

    def log_odds(self, state: Floats, x: Floats) -> Floats:
        """Return the read-out of x."""
        return _read(2 * x - 1, np.swapaxes(state, -1, -2))


def _read(x: Floats, weights: Floats) -> Floats:
    """Sum over the states (or cues) of x (..., states) times weights (..., states, decisions)."""
    return np.asarray(np.einsum("...j,...jk->...k", x, weights))


def _along(value: Number, n: int) -> Floats:
    """A number, or one of each animal, with n more axes."""
    array = np.asarray(value, float)
    return array.reshape(*array.shape, *(1,) * n)
