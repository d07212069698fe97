"""What the agent of a world knows, as plain arrays: counts of decisions, of risk, and a window.

The middle layer fires one unit per group.  ``hebb[1, s, k]`` counts that decision k was taken after
state s, ``hebb[0, s, k]`` that another was; ``home`` is their sum over each group
(docs/theory.md, "Categorical groups").  ``risk_counts[:, s]`` are those of the critic: harm, none.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

BASELINES = ("state", "world", "none")
"""What an outcome is compared with: the state's own risk, one running mean, or one half."""

BEST, WORST, VARIANCE, TRACE, MEAN = range(5)
"""Entries of ``levels``: range of returns, variance of surprise, running return, mean risk."""

FILLED, STARTED = range(2)
"""Entries of ``clock``: steps that wait in the window, whether the episode has begun."""


@dataclass(frozen=True)
class LearnerSettings:
    """The one default setting.

    Attributes:
        prior_count: λ, prior count of a decision in a state; large learns slowly.
        gain: β, steepness of the modulator, 1 - 2 risk = tanh(gain surprise / its deviation).
        discount: γ, worth of a reward one step later.
        bootstrap: Share of the critic's own prediction, beside what followed, in the risk.
        horizon: Steps after which decisions are learnt from, unless the episode ends first.
        most_counts: Largest sum of a state's counts of risk: its memory in events.
        variance_rate: Rate of the running variance of surprise.
        forgetting_steps: Time constant, in steps, with which the critic's counts of every state
            return to their prior, for worlds that change; 0 never forgets.
        is_decision_prior_learnt: Whether the decision prior E counts the decisions taken.
        baseline: What the modulator compares an outcome with, one of `BASELINES`.
    """

    prior_count: float = 1.0
    gain: float = 0.05
    discount: float = 0.99
    bootstrap: float = 0.5
    horizon: int = 10
    most_counts: float = 5.0
    variance_rate: float = 0.001
    forgetting_steps: float = 0.0
    is_decision_prior_learnt: bool = False
    baseline: str = "state"


class Rates(NamedTuple):
    """`LearnerSettings` as numbers that compiled code reads.

    Attributes:
        prior_count: As in the settings.
        gain: As in the settings.
        discount: As in the settings.
        bootstrap: As in the settings.
        most_counts: As in the settings.
        variance_rate: As in the settings.
        forgetting: Share of the distance to the prior that is lost per step.
        prior_rate: 1 if the decision prior is learnt, 0 if not.
        baseline: Index into `BASELINES`.
    """

    prior_count: float
    gain: float
    discount: float
    bootstrap: float
    most_counts: float
    variance_rate: float
    forgetting: float
    prior_rate: float
    baseline: int


class Learner(NamedTuple):
    """All arrays of one agent; compiled code changes them in place.

    Attributes:
        hebb: (2, units, decisions), counts c; index 1: the decision was taken, 0: another.
        home: (2, groups, decisions), their sums over each group of units.
        fired: (2, decisions), counts e of the decision prior.
        risk_counts: (2, units), counts r of the critic; index 1: harm, 0: none.
        levels: See `BEST` and its neighbours.
        clock: See `FILLED` and its neighbour.
        window_units: (horizon + 1, groups), the units that fired at each step of the window.
        window_decisions: (horizon,), the decisions taken.
        window_rewards: (horizon,), the rewards that followed.
        odds: (decisions,), room for log odds.
    """

    hebb: Floats
    home: Floats
    fired: Floats
    risk_counts: Floats
    levels: Floats
    clock: Ints
    window_units: Ints
    window_decisions: Ints
    window_rewards: Floats
    odds: Floats


def new_learner(
    group_sizes: tuple[int, ...],
    n_decisions: int,
    settings: LearnerSettings | None = None,
    decision_prior: Floats | None = None,
) -> Learner:
    """Return an agent that knows nothing: flat counts, no risk anywhere (optimism).

    ``decision_prior`` holds probabilities of the decisions; flat if None.

    Example:
        >>> learner = new_learner((3,), 4)
        >>> learner.hebb[:, 0, 0].tolist(), learner.home[:, 0, 0].tolist()
        ([3.0, 1.0], [9.0, 3.0])
    """
    settings = settings or LearnerSettings()
    sizes = np.array(group_sizes, np.int64)
    share = np.full(n_decisions, 1 / n_decisions) if decision_prior is None else decision_prior
    count = settings.prior_count
    pair = np.array([count * (n_decisions - 1), count])
    prior = np.tile(pair[:, None, None], (1, int(sizes.sum()), n_decisions))
    risk_counts = np.zeros((2, int(sizes.sum())))
    risk_counts[0] = 1
    levels = np.zeros(5)
    levels[BEST], levels[VARIANCE] = 1.0, 0.1
    return Learner(
        prior,
        pair[:, None, None] * sizes[None, :, None] * np.ones(n_decisions),
        count * n_decisions * np.stack([1 - share, share]),
        risk_counts,
        levels,
        np.zeros(2, np.int64),
        np.zeros((settings.horizon + 1, len(sizes)), np.int64),
        np.zeros(settings.horizon, np.int64),
        np.zeros(settings.horizon),
        np.zeros(n_decisions),
    )


def rates_of(settings: LearnerSettings) -> Rates:
    """Return the settings as numbers.

    Example:
        >>> rates_of(LearnerSettings(forgetting_steps=100.0)).forgetting
        0.01
    """
    forgetting = 1 / settings.forgetting_steps if settings.forgetting_steps > 0 else 0.0
    return Rates(
        settings.prior_count,
        settings.gain,
        settings.discount,
        settings.bootstrap,
        settings.most_counts,
        settings.variance_rate,
        forgetting,
        float(settings.is_decision_prior_learnt),
        BASELINES.index(settings.baseline),
    )
