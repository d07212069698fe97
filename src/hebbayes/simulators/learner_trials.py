"""Trials of an animal that learns in its own way (`learners`), in the world of a simulated animal.

Stimuli, hidden states, activity x and the units that read it are those of `simulate_animal`; only
decisions, rewards and risk differ.  Risk follows rewards as `RewardRisk` does.
"""

from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, softmax

from hebbayes.core.errors import ShapeError
from hebbayes.simulators.animal import SimulatedAnimal, right_decisions, simulate_animal
from hebbayes.simulators.animal_design import EXAMPLE_ANIMAL, AnimalDesign
from hebbayes.simulators.learners import Decided

if TYPE_CHECKING:
    from hebbayes.data.recording import Recording
    from hebbayes.simulators.learners import AbstractLearner

Floats = NDArray[np.float64]

_RISK_GAIN, _EXPECTATION_RATE = 2.0, 0.01  # of `RewardRisk`


@dataclass(frozen=True, eq=False)
class SimulatedLearner:
    """A recording and the truth behind it; trials first.

    Attributes:
        recording: What is recorded of it.
        design: World, middle layer and units.
        learner: How it learns.
        activity: x, (trials, states).
        probability: Of each decision, (trials, decisions).
        reward: 1 or -1; 0 in a session's first trial, (trials,).
        is_right: Whether the decision was right, before noise, (trials,).
    """

    recording: "Recording"
    design: AnimalDesign
    learner: "AbstractLearner"
    activity: Floats
    probability: Floats
    reward: Floats
    is_right: NDArray[np.bool_]


def simulate_learner(
    learner: "AbstractLearner", design: AnimalDesign | None = None, *, seed: int = 0
) -> SimulatedLearner:
    """Return an animal that learns as ``learner`` does in the world of ``design``.

    Priors of decisions and learning of ``design`` are not used, except its reward delay.  Raises
    `ShapeError` for a bias with another number of decisions.

    Example:
        >>> from hebbayes.simulators import AnimalDesign, RescorlaWagner, simulate_learner
        >>> design = AnimalDesign(n_sessions=2, n_trials=60, reversals=(), n_units=4)
        >>> animal = simulate_learner(RescorlaWagner(rate=0.2), design)
        >>> animal.recording.responses.shape, animal.probability.shape
        ((120, 4), (120, 2))
    """
    design = replace(design or EXAMPLE_ANIMAL, n_output_units=0)
    if np.size(learner.bias) not in (0, design.n_decisions):
        raise ShapeError(
            f"bias has {np.size(learner.bias)} values; this world has {design.n_decisions} "
            "decisions."
        )
    animal = simulate_animal(replace(design, rests_on_same=False), seed=seed)
    rewards = rewards_of(animal, rests_on_same=design.rests_on_same)
    rng = np.random.default_rng((seed, 1))
    session = animal.recording.session_index
    x = animal.activity
    if not design.rests_on_same:
        x = np.where((np.diff(session, prepend=-1) > 0)[:, None], 0.5, np.roll(x, 1, 0))
    taken, worth, probability = _trials(learner, x, session, rewards, design.reward_delay, rng=rng)
    right = right_decisions(design, session, _sources(animal))
    return SimulatedLearner(
        recording=replace(
            animal.recording,
            decisions=taken,
            risk=(1 - worth) / 2,
            provenance={"simulated": asdict(design), "learner": repr(learner), "seed": seed},
        ),
        design=design,
        learner=learner,
        activity=animal.activity,
        probability=probability,
        reward=rewards[np.arange(len(taken)), taken],
        is_right=right[np.arange(len(taken)), taken],
    )


def rewards_of(animal: SimulatedAnimal, *, rests_on_same: bool = False) -> Floats:
    """Return the reward that each decision would have brought, (trials, decisions).

    ``rests_on_same`` is that of the world, which the animal itself may not know.

    Example:
        >>> from hebbayes.simulators import AnimalDesign, simulate_animal
        >>> animal = simulate_animal(AnimalDesign(n_sessions=1, n_trials=9, reversals=()))
        >>> taken = rewards_of(animal)[np.arange(9), animal.recording.decisions]
        >>> bool((taken == animal.reward).all())
        True
    """
    recording = animal.recording
    design = replace(animal.design, rests_on_same=rests_on_same)
    right = right_decisions(design, recording.session_index, _sources(animal))
    is_exchanged = (animal.reward > 0) != animal.is_right
    rewarded = (animal.reward != 0)[:, None] | rests_on_same
    return np.where(right ^ is_exchanged[:, None], 1.0, -1.0) * rewarded


def _sources(animal: SimulatedAnimal) -> NDArray[np.int64]:
    return np.asarray(animal.recording.sources, np.int64)


def _trials(
    learner: "AbstractLearner",
    x: Floats,
    session: NDArray[np.int64],
    rewards: Floats,
    delay: int,
    *,
    rng: np.random.Generator,
) -> tuple[NDArray[np.int64], Floats, Floats]:
    """Decisions, their worth 1 - 2 risk, and probabilities of all decisions, trial by trial."""
    n_trials, n_decisions = rewards.shape
    bias = np.asarray(learner.bias if np.size(learner.bias) else np.zeros(n_decisions), float)
    state = learner.init(x.shape[1], n_decisions)
    taken, worth = np.empty(n_trials, np.int64), np.empty(n_trials)
    probability, expected = np.empty((n_trials, n_decisions)), 0.0
    uniforms = rng.random((n_trials,))
    for t, uniform in enumerate(uniforms):
        odds = bias + learner.log_odds(state, x[t])
        if t and session[t] == session[t - 1]:
            odds = odds + learner.stickiness * (np.arange(n_decisions) == taken[t - 1])
        probability[t] = softmax(odds)
        taken[t] = min(int(np.searchsorted(probability[t].cumsum(), uniform)), n_decisions - 1)
        surprise = rewards[t, taken[t]] - expected
        worth[t] = 1 - 2 * expit(-_RISK_GAIN * surprise)
        expected += _EXPECTATION_RATE * surprise
        if (due := t - delay) >= 0:
            learnt = float(np.sign(worth[due]) if learner.learns_outcome else worth[due])
            made = Decided(x[due], int(taken[due]), learnt, probability[due])
            state = learner.learn(state, made)
    return taken, worth, probability
