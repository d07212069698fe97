"""A task: what a subject sees in each trial, what is right, and what follows.

Stimuli inform states: channel i speaks for state j with `weights[i, j]`, the log odds
ln P(o=1|s=1) - ln P(o=1|s=0) of a symmetric likelihood, so that W o + h is (2 o - 1) weights + φ
(docs/theory.md eq. 4).  Recurrent synapses carry the log odds of staying in a state.
"""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from hebbayes.core.errors import ShapeError, ValueRangeError

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Booleans = NDArray[np.bool_]

UNKNOWN = -1
"""Code of a trial of which the right choice is unknown."""


@dataclass(frozen=True, eq=False)
class Task:
    """Trials of one subject, apart from what the subject does.

    Attributes:
        stimuli: (trials, channels), 0 to 1.
        weights: (channels, states), log odds with which a channel speaks for a state.
        reward_probability: (trials, choices), of outcome 1 rather than 0.
        has_feedback: (trials,), whether the outcome is shown.
        right: (trials,), the right choice, -1 if unknown.
        begins: (trials,), whether learning begins anew, as with new stimuli.
        false_belief: (blocks, states, choices), +1 for a wrong mapping from a state that is on,
            -1 for the right one, 0 for neither; a block ends where learning begins anew.
        stay: Log odds with which a state lasts to the next trial.
        prior: (states,), log prior odds of states that healthy subjects hold.
        hidden: (trials, states), true states, if known.
    """

    stimuli: Floats
    weights: Floats
    reward_probability: Floats
    has_feedback: Booleans
    right: Integers
    begins: Booleans
    false_belief: Floats
    stay: float
    prior: Floats
    hidden: Floats | None = field(default=None)

    def __post_init__(self) -> None:
        """Check that sizes agree."""
        n = len(self.stimuli)
        sizes = {
            name: len(getattr(self, name))
            for name in ("reward_probability", "has_feedback", "right", "begins")
        }
        for name, size in sizes.items():
            if size != n:
                raise ShapeError(f"{name} has {size} trials; stimuli have {n}.")
        if self.weights.shape[0] != self.stimuli.shape[1]:
            raise ShapeError(
                f"weights have {self.weights.shape[0]} channels; stimuli have "
                f"{self.stimuli.shape[1]}."
            )
        if n == 0 or not self.begins[0]:
            raise ValueRangeError("a task needs a first trial, and learning begins in it.")
        wanted = (int(self.begins.sum()), self.n_states, self.n_choices)
        if self.false_belief.shape != wanted:
            raise ShapeError(f"false_belief has shape {self.false_belief.shape}; wanted {wanted}.")

    @property
    def n_trials(self) -> int:
        """Number of trials."""
        return len(self.stimuli)

    @property
    def n_states(self) -> int:
        """Number of states."""
        return int(self.weights.shape[1])

    @property
    def n_choices(self) -> int:
        """Number of choices."""
        return int(self.reward_probability.shape[1])

    @cached_property
    def evidence(self) -> Floats:
        """What stimuli say of states, log odds (trials, states)."""
        return self.evidence_of(self.stimuli, self.weights)

    @staticmethod
    def evidence_of(stimuli: Floats, weights: Floats) -> Floats:
        """Return the log odds (trials, states) that stimuli give.

        Example:
            >>> Task.evidence_of(np.array([[1.0, 0.0]]), np.array([[2.0], [0.5]]))
            array([[1.5]])
        """
        return np.ascontiguousarray((2 * stimuli - 1) @ weights)

    @cached_property
    def block(self) -> Integers:
        """Block of each trial, (trials,)."""
        return np.asarray(np.cumsum(self.begins) - 1, np.int64)


@dataclass(frozen=True, eq=False)
class Choices:
    """What one subject did.

    Attributes:
        choice: (trials,), -1 if missed.
        outcome: (trials,), 0 (worst) to 1 (best); NaN if unknown or not shown.
    """

    choice: Integers
    outcome: Floats

    @property
    def n_made(self) -> int:
        """Number of trials that were not missed."""
        return int((self.choice >= 0).sum())
