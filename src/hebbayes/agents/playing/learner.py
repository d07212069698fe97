"""The agent that learns a world: a canonical network with a critic, step by step.

Each group of units is a softmax unit that knows the world's state; the output layer decides; the
critic, one more canonical unit, predicts the risk of a state, and its surprise modulates Hebbian
plasticity (docs/theory.md, "A critic").  The loops are those of `agents.kernels`.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hebbayes.agents.kernels import steps
from hebbayes.agents.kernels.state import (
    BASELINES,
    Learner,
    LearnerSettings,
    Rates,
    new_learner,
    rates_of,
)
from hebbayes.core.errors import ValueRangeError

_BLOCK = 4096


@dataclass(frozen=True, repr=False)
class WorldAgent:
    """An agent that decides and learns, in place.

    Attributes:
        learner: Its counts.
        rates: Its settings as numbers.
        settings: Its settings.
        generator: Source of its chance.
    """

    learner: Learner
    rates: Rates
    settings: LearnerSettings
    generator: np.random.Generator
    _ready: list[float] = field(default_factory=list)

    def __repr__(self) -> str:
        """Return the sizes."""
        _, units, decisions = self.learner.hebb.shape
        return f"WorldAgent(units={units}, decisions={decisions})"

    def decide(self, units: NDArray[np.int64]) -> int:
        """Return a decision, drawn by its odds, after ``units`` fired."""
        return steps.decide(self.learner, units, self._uniform())

    def receive(
        self,
        reward: float,
        units: NDArray[np.int64],
        is_terminal: bool = False,
        is_over: bool = False,
    ) -> None:
        """Learn from the last decision: its reward, the units that fire next, and whether it ended.

        ``is_over`` without ``is_terminal`` means that the episode was cut short.
        """
        steps.look_ahead(self.learner, units)
        steps.receive(self.learner, self.rates, reward, is_terminal, is_terminal or is_over)

    def most_probable(self, units: NDArray[np.int64]) -> int:
        """Return the most probable decision; nothing is remembered."""
        return steps.most_probable(self.learner, units)

    def risk(self, units: NDArray[np.int64]) -> float:
        """Return the predicted risk."""
        return steps.predicted_risk(self.learner, units)

    def decision_probabilities(self, units: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the probability with which each decision is drawn."""
        steps.log_odds(self.learner, units)
        odds = np.exp(self.learner.odds - self.learner.odds.max())
        return odds / odds.sum()

    def _uniform(self) -> float:
        if not self._ready:
            self._ready.extend(self.generator.random(_BLOCK)[::-1].tolist())
        return self._ready.pop()


def world_agent(
    group_sizes: tuple[int, ...],
    n_decisions: int,
    settings: LearnerSettings | None = None,
    *,
    seed: int = 0,
    decision_prior: Any = None,
) -> WorldAgent:
    """Return an agent that knows nothing yet.

    ``decision_prior`` holds probabilities E of the decisions; flat if None.

    Example:
        >>> agent = world_agent((4,), 2, seed=1)
        >>> for _ in range(200):
        ...     decision = agent.decide(np.array([0]))
        ...     agent.receive(float(decision == 1), np.array([3]), is_terminal=True)
        >>> agent.most_probable(np.array([0])), agent
        (1, WorldAgent(units=4, decisions=2))
    """
    settings = settings or LearnerSettings()
    check_settings(settings)
    prior = None
    if decision_prior is not None:
        prior = np.asarray(decision_prior, float)
        if prior.shape != (n_decisions,) or (prior <= 0).any() or abs(prior.sum() - 1) > 1e-6:
            raise ValueRangeError(
                f"decision_prior is {prior.tolist()}; wanted {n_decisions} positive probabilities "
                "that sum to 1."
            )
    learner = new_learner(group_sizes, n_decisions, settings, prior)
    return WorldAgent(learner, rates_of(settings), settings, np.random.default_rng(seed))


def check_settings(settings: LearnerSettings) -> None:
    """Raise `ValueRangeError` for a setting that the agent cannot run with.

    Example:
        >>> check_settings(LearnerSettings(discount=1.0))
        Traceback (most recent call last):
            ...
        hebbayes.core.errors.ValueRangeError: discount is 1.0; wanted 0 or more and less than 1.
    """
    if not 0 <= settings.discount < 1:
        raise ValueRangeError(f"discount is {settings.discount}; wanted 0 or more and less than 1.")
    for name in ("prior_count", "gain", "most_counts", "variance_rate"):
        if not getattr(settings, name) > 0:
            raise ValueRangeError(f"{name} is {getattr(settings, name)}; wanted more than 0.")
    if not 0 <= settings.bootstrap <= 1:
        raise ValueRangeError(f"bootstrap is {settings.bootstrap}; wanted 0 to 1.")
    if settings.horizon < 1:
        raise ValueRangeError(f"horizon is {settings.horizon}; wanted 1 or more.")
    if settings.baseline not in BASELINES:
        raise ValueRangeError(f"baseline is {settings.baseline!r}; wanted one of {BASELINES}.")
