"""A group of subjects with known truth: their choices, outcomes and parameters, without neurons.

Each subject is a canonical learner (`HebbianLearner`) whose parameters are drawn from a population;
the second of two groups has another inclination to the first choice.  Plain NumPy.
"""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, softmax

from hebbayes.data.behaviour import Behaviour
from hebbayes.simulators.learners import Decided, HebbianLearner

if TYPE_CHECKING:
    from hebbayes.simulators.learners import AbstractLearner

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

GROUPS = ("control", "inclined")
CHOICES = ("left", "right")


@dataclass(frozen=True)
class GroupDesign:
    """Task and population of a simulated group; spreads are on the scale without bounds.

    Attributes:
        n_subjects: Subjects, half of them in each group.
        n_sessions: Sessions of each.
        n_trials: Trials of a session.
        n_stimuli: Stimuli, one per trial; even ones ask for the first choice, odd ones the second.
        reward_noise: Probability that reward and punishment are exchanged.
        missed: Probability that a trial is missed.
        ratio: lambda / gain of the typical subject.
        ratio_spread: Standard deviation of its logarithm.
        leak: Share of the evidence that the typical subject loses per trial.
        leak_spread: Standard deviation of its log odds.
        stickiness: Of the typical subject, log odds.
        stickiness_spread: Standard deviation.
        bias: Log odds of the first choice before learning, typical of each group.
        bias_spread: Standard deviation.
    """

    n_subjects: int = 24
    n_sessions: int = 4
    n_trials: int = 100
    n_stimuli: int = 2
    reward_noise: float = 0.15
    missed: float = 0.02
    ratio: float = 20.0
    ratio_spread: float = 0.3
    leak: float = 0.02
    leak_spread: float = 0.3
    stickiness: float = 0.4
    stickiness_spread: float = 0.2
    bias: tuple[float, float] = (0.0, 1.0)
    bias_spread: float = 0.3


EXAMPLE_GROUP = GroupDesign()
"""The group that `hebbayes behaviour` describes without a file."""


@dataclass(frozen=True, eq=False)
class SimulatedGroup:
    """Choices of a group and the truth behind them.

    Attributes:
        behaviour: What is recorded.
        design: Task and population.
        learners: Each subject's own parameters.
    """

    behaviour: Behaviour
    design: GroupDesign
    learners: tuple[HebbianLearner, ...]


def simulate_group(design: GroupDesign = EXAMPLE_GROUP, *, seed: int = 0) -> SimulatedGroup:
    """Return the choices of a group; right and wrong change places half-way through each subject.

    Example:
        >>> group = simulate_group(GroupDesign(n_subjects=4, n_sessions=2, n_trials=20))
        >>> group.behaviour.n_trials, group.behaviour.group.tolist()
        (160, ['control', 'control', 'inclined', 'inclined'])
    """
    rng = np.random.default_rng(seed)
    n = design.n_sessions * design.n_trials
    session = np.repeat(np.arange(design.n_sessions), design.n_trials)
    group = np.arange(design.n_subjects) >= (design.n_subjects + 1) // 2
    learners, parts = [], []
    for k in range(design.n_subjects):
        learner = _drawn(design, design.bias[int(group[k])], rng)
        stimulus = rng.integers(design.n_stimuli, size=n)
        right = (stimulus + (session >= design.n_sessions // 2)) % 2
        right = np.where(rng.random(n) < design.reward_noise, 1 - right, right)
        worth = np.where(right[:, None] == np.arange(2), 1.0, -1.0)
        x = np.eye(design.n_stimuli)[stimulus]
        missed = rng.random(n) < design.missed
        choice, won = simulate_choices(learner, x, session, worth, rng=rng, is_missed=missed)
        learners.append(learner)
        parts.append((choice, x, won))
    choice, x, won = (np.concatenate(one) for one in zip(*parts))
    behaviour = Behaviour(
        choice=choice,
        stimuli=x,
        outcome=won,
        risk=(1 - won) / 2,
        subject=np.repeat(np.arange(design.n_subjects), n),
        session=np.tile(session, design.n_subjects),
        choice_ids=np.array(CHOICES),
        channel_ids=np.array([f"stimulus {j}" for j in range(design.n_stimuli)]),
        group=np.array(GROUPS)[group.astype(int)],
        provenance={"simulated": repr(design), "seed": seed},
    )
    return SimulatedGroup(behaviour, design, tuple(learners))


def simulate_choices(
    learner: "AbstractLearner",
    x: Floats,
    session_index: Integers,
    worth: Floats,
    *,
    rng: np.random.Generator,
    is_missed: NDArray[np.bool_] | None = None,
    begins_anew: bool = False,
    reward_delay: int = 0,
) -> tuple[Integers, Floats]:
    """Return the choices of a learner, -1 where missed, and what each was worth, NaN there.

    ``x`` (trials, states) is what decisions rest on, ``worth`` (trials, choices) what each choice
    would bring, 1 - 2 risk; NaN teaches nothing.  With ``begins_anew`` nothing is kept between
    sessions.  Forgetting goes on in trials that are missed.

    Example:
        >>> x, session = np.ones((50, 1)), np.zeros(50, int)
        >>> rng = np.random.default_rng(0)
        >>> worth = np.tile([1.0, -1.0], (50, 1))
        >>> choice, won = simulate_choices(HebbianLearner(ratio=4.0), x, session, worth, rng=rng)
        >>> bool((choice[-20:] == 0).mean() > 0.8)
        True
    """
    n, n_choices = worth.shape
    bias = np.asarray(learner.bias or np.zeros(n_choices), float)
    choice, won = np.full(n, -1), np.full(n, np.nan)
    probability = np.empty((n, n_choices))
    state, start = learner.init(x.shape[1], n_choices), 0
    uniforms = rng.random((n,))
    for t in range(n):
        is_first = t == 0 or session_index[t] != session_index[t - 1]
        if is_first and begins_anew:
            state, start = learner.init(x.shape[1], n_choices), t
        odds = bias + learner.log_odds(state, x[t])
        if not is_first and choice[t - 1] >= 0:
            odds = odds + learner.stickiness * (np.arange(n_choices) == choice[t - 1])
        probability[t] = softmax(odds)
        if is_missed is None or not is_missed[t]:
            drawn = int(np.searchsorted(probability[t].cumsum(), uniforms[t]))
            choice[t] = min(drawn, n_choices - 1)
            won[t] = worth[t, choice[t]]
        if (due := t - reward_delay) >= start:
            made = Decided(x[due], int(choice[due]), float(won[due]), probability[due])
            state = _learnt(learner, state, made)
    return choice, won


def _learnt(learner: "AbstractLearner", state: Any, made: Decided) -> Any:
    if np.isfinite(made.worth):
        size = float(np.sign(made.worth)) if learner.learns_outcome else made.worth
        return learner.learn(state, replace(made, worth=size))
    if isinstance(learner, HebbianLearner) and learner.is_modulated:
        return learner.learn(state, replace(made, worth=0.0))  # forgets, learns nothing
    return state


def _drawn(design: GroupDesign, bias: float, rng: np.random.Generator) -> HebbianLearner:
    z = rng.normal(size=(4,))
    leak = np.log(design.leak / (1 - design.leak)) + design.leak_spread * z[1]
    base = HebbianLearner(
        ratio=float(design.ratio * np.exp(design.ratio_spread * z[0])), leak=float(expit(leak))
    )
    return replace(
        base,
        stickiness=float(design.stickiness + design.stickiness_spread * z[2]),
        bias=(float(bias + design.bias_spread * z[3]), 0.0),
    )
