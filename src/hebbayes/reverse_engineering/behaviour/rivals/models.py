"""What a model of decisions is, and the trials it reads (docs/recordings.md).

A model has a few forms that make the same claim (which cues a value is read from, how wide the
prior of a read-out is); its evidence is the mean over them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from hebbayes.reverse_engineering.behaviour.choices import Choices
    from hebbayes.simulators import AbstractLearner

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

AS_THEORY, OTHERWISE, NO_LEARNING = "as the theory says", "learns otherwise", "does not learn"
"""Classes of models; the verdict names one of them, or `CANNOT_TELL`."""

CANNOT_TELL = "cannot tell"

MARGIN_NATS = 2.0
"""Evidence above every other class that learning of either kind needs."""


@dataclass(frozen=True, eq=False)
class Trials:
    """Decisions among those ever taken, and what they may rest on; trials first.

    Attributes:
        x: Activity that decisions rest on, 1/2 where unknown, (trials, states).
        counted: The same for counts, with noise around the truth.
        decision: Place among the decisions taken, -1 if unknown, (trials,).
        previous: Decision of the trial before in the session, -1 for none, (trials,).
        worth: 1 - 2 risk, NaN if unknown, (trials,).
        taken: The decisions ever taken, (decisions taken,).
        delay: Trials from a decision to learning from it.
        floor: The smallest count of a synapse, in units of the gain.
        start: Last trial up to each at which learning began anew, (trials,); None for the first.
        forgets_missed: Whether forgetting goes on in trials that teach nothing.
        scored: Trials whose decision is to be explained, (trials,); None for all.
    """

    x: Floats
    counted: Floats
    decision: Integers
    previous: Integers
    worth: Floats
    taken: Integers
    delay: int
    floor: float
    start: Integers | None = None
    forgets_missed: bool = False
    scored: NDArray[np.bool_] | None = None

    @property
    def n_decisions(self) -> int:
        """How many decisions were ever taken."""
        return len(self.taken)

    @property
    def arrays(self) -> tuple[Any, ...]:
        """What the kernels read."""
        return (self.x, self.decision, self.previous, self.worth, self.delay, self.n_decisions,
                self.floor, self.starts, self.forgets_missed)  # fmt: skip

    @property
    def starts(self) -> Integers:
        """Last trial up to each at which learning began anew, (trials,)."""
        return np.zeros(len(self.decision), np.int64) if self.start is None else self.start

    @property
    def is_used(self) -> NDArray[np.bool_]:
        """Trials whose decision is known and to be explained."""
        known = self.decision >= 0
        return known if self.scored is None else known & self.scored


def trials_of(choices: "Choices", reward_delay: int, floor: float) -> Trials:
    """Return the trials of ``choices`` as models read them.

    Example:
        >>> from hebbayes.reverse_engineering.behaviour.choices import Choices
        >>> choices = Choices(np.array([2, 0]), np.ones((2, 1)), None, np.zeros(2, int), 3)
        >>> trials = trials_of(choices, 0, 1.0)
        >>> trials.decision.tolist(), trials.previous.tolist(), trials.n_decisions
        ([1, 0], [-1, 1], 2)
    """
    used = choices.is_used
    place = np.full(choices.n_decisions + 1, -1)  # the last stands for none
    taken = np.unique(choices.decision[used])
    place[taken] = np.arange(taken.size)
    known, session = place[choices.decision], choices.session_index
    is_first = np.diff(session, prepend=-1) != 0
    risk = np.full(len(known), np.nan) if choices.risk is None else choices.risk
    return Trials(
        x=np.where(used[:, None], choices.activity, 0.5),
        counted=np.where(used[:, None], choices.counted_activity, 0.5),
        decision=np.where(used, known, -1),
        previous=np.where(is_first, -1, np.roll(known, 1)),
        worth=1 - 2 * risk,
        delay=min(reward_delay, len(known)),
        taken=taken,
        floor=floor,
    )


@dataclass(frozen=True)
class Parameter:
    """A parameter with a normal prior on a scale without bounds.

    Attributes:
        name: In words.
        mean: Of the prior, on that scale.
        spread: Standard deviation of the prior.
        natural: From that scale to the natural one.
        starts: Where fits start.
    """

    name: str
    mean: float
    spread: float
    natural: Callable[[Floats], Floats]
    starts: tuple[float, ...]


LogOdds: TypeAlias = Callable[[Floats], Floats]
"""From natural parameters (sets, parameters) to log odds (sets, trials, decisions)."""


@dataclass(frozen=True, eq=False)
class Form:
    """One form of a model, on given trials.

    Attributes:
        name: In words; empty if the model has one form.
        log_odds: Of natural parameters.
        learner: From the model's own natural parameters (..., parameters) to an animal, or as many
            animals, that learn so, without bias.
        spread: Factor of the prior's spread of the model's own parameters.
    """

    name: str
    log_odds: LogOdds
    learner: Callable[[Floats], "AbstractLearner"]
    spread: float = 1.0


@dataclass(frozen=True, eq=False)
class Model:
    """One explanation of decisions.

    Attributes:
        name: Key.
        kind: `AS_THEORY`, `OTHERWISE` or `NO_LEARNING`.
        description: In words.
        own: Parameters before stickiness and bias.
        forms: The same claim in different forms, on given trials.
        is_sticky: Whether it may repeat decisions.
    """

    name: str
    kind: str
    description: str
    own: Callable[[Trials], tuple[Parameter, ...]]
    forms: Callable[[Trials], Sequence[Form]]
    is_sticky: bool = True
