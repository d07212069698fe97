"""What an animal will do in a task it has not seen, or after a change to it.

Simulates many animals from the estimates of the model that won the verdict: each draws its
parameters within their intervals and acts by its own chance.  An `AnimalDesign` sets the task, its
rewards and the inference of states (docs/recordings.md).
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hebbayes.core.checks import check_at_least
from hebbayes.core.errors import ShapeError, ValueRangeError
from hebbayes.reverse_engineering.behaviour.assumptions import Change
from hebbayes.reverse_engineering.behaviour.prediction.drawn_animal import drawn_animal
from hebbayes.reverse_engineering.statistics.estimate import LEVEL, Estimate, normal_estimate

if TYPE_CHECKING:
    from hebbayes.reverse_engineering.behaviour.description import BehaviourDescription
    from hebbayes.simulators import AnimalDesign, SimulatedAnimal, SimulatedLearner

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class PredictedBehaviour:
    """Curves over sessions, with intervals for ONE animal, its chance included.

    Attributes:
        success: Share of right decisions, (sessions,).
        taken: How often each decision is taken, (sessions, decisions).
        expected_success: Share of right decisions with the interval that the estimates alone
            leave, averaged over the chance of such animals.
    """

    success: Estimate
    taken: Estimate
    expected_success: Estimate


def predict_behaviour(
    behaviour: "BehaviourDescription",
    task: "AnimalDesign",
    change: Change | None = None,
    *,
    seed: int = 0,
    n_draws: int = 100,
    n_lives: int = 5,
) -> PredictedBehaviour:
    """Return the learning curve of the described animal in ``task``, after ``change``.

    The model that won the verdict forecasts: its parameters are drawn ``n_draws`` times from their
    estimates, and ``n_lives`` animals are simulated with each; the assumed delay and floor stay.
    Raises `ValueRangeError` if no model won or ``change`` changes what it does not have,
    `ShapeError` if the task has another number of decisions.

    Example:
        >>> import hebbayes.reverse_engineering.behaviour as behaviour
        >>> from hebbayes.simulators import AnimalDesign, simulate_animal
        >>> design = AnimalDesign(n_sessions=4, n_trials=100, reversals=(), n_units=1)
        >>> animal = simulate_animal(design, seed=1)
        >>> description = behaviour.describe_behaviour(
        ...     animal.recording, rng=np.random.default_rng(0), activity=animal.activity,
        ...     assumptions=behaviour.Assumptions(reward_delay=2))
        >>> change = Change(gain_factor=0.0)
        >>> curves = predict_behaviour(description, design, change, n_draws=4, n_lives=2)
        >>> curves.success.value.shape, bool((curves.success.low <= curves.success.value).all())
        ((4,), True)
    """
    change = change or Change()
    _check(behaviour, task, change)
    check_at_least("n_draws", n_draws, 2)
    check_at_least("n_lives", n_lives, 1)
    rng = np.random.default_rng(seed)
    curves, shares = [], []
    for _ in range(n_draws):
        one = drawn_animal(behaviour, task, change, rng)
        animals = [one(int(rng.integers(2**32))) for _ in range(n_lives)]
        curves.append([success_of(animal) for animal in animals])
        shares.append([taken_of(animal) for animal in animals])
    success, taken = np.array(curves), np.array(shares)
    return PredictedBehaviour(
        _between(success.reshape(-1, success.shape[-1])),
        _between(taken.reshape(-1, *taken.shape[2:])),
        _spread(success),
    )


def success_of(animal: "SimulatedAnimal | SimulatedLearner") -> Floats:
    """Return the share of right decisions in every session but for its first trial, (sessions,).

    Example:
        >>> from hebbayes.simulators import AnimalDesign, simulate_animal
        >>> design = AnimalDesign(n_sessions=3, n_trials=10, reversals=(), n_units=1)
        >>> success_of(simulate_animal(design)).shape
        (3,)
    """
    session = animal.recording.session_index
    is_first = np.diff(session, prepend=-1) > 0
    n = np.bincount(session[~is_first], minlength=session[-1] + 1)
    right = np.bincount(session[~is_first], animal.is_right[~is_first], minlength=len(n))
    return np.asarray(right / np.maximum(n, 1))


def taken_of(animal: "SimulatedAnimal | SimulatedLearner") -> Floats:
    """Return how often each decision was taken in every session, (sessions, decisions).

    Example:
        >>> from hebbayes.simulators import AnimalDesign, simulate_animal
        >>> design = AnimalDesign(n_sessions=3, n_trials=10, reversals=(), n_units=1)
        >>> taken_of(simulate_animal(design)).sum(1).tolist()
        [1.0, 1.0, 1.0]
    """
    session, decision = animal.recording.session_index, animal.recording.decisions
    assert decision is not None  # a simulated animal decides
    counts = np.zeros((session[-1] + 1, animal.design.n_decisions))
    np.add.at(counts, (session, decision), 1.0)
    return counts / counts.sum(1, keepdims=True)


def _check(behaviour: "BehaviourDescription", task: "AnimalDesign", change: Change) -> None:
    if task.n_decisions != behaviour.n_decisions:
        raise ShapeError(
            f"the task has {task.n_decisions} decisions and the animal was described with "
            f"{behaviour.n_decisions}; give a task with as many."
        )
    if np.size(change.threshold) not in (1, task.n_decisions):
        raise ShapeError(
            f"threshold has {np.size(change.threshold)} values; give one, or one for each of the "
            f"{task.n_decisions} decisions."
        )
    if not np.isfinite(change.threshold).all():
        raise ValueRangeError(f"threshold must be finite; got {change.threshold}.")
    if not 0 < change.prior_count_factor < np.inf:
        raise ValueRangeError(
            f"prior_count_factor must be above 0; got {change.prior_count_factor}."
        )
    check_at_least("gain_factor", change.gain_factor, 0.0)


def _between(curves: Floats) -> Estimate:
    tail = (1 - LEVEL) / 2
    return Estimate(curves.mean(0), *np.quantile(curves, [tail, 1 - tail], axis=0))


def _spread(curves: Floats) -> Estimate:
    """Mean curve with the interval of what differs between draws (draws, lives, sessions)."""
    means = curves.mean(1)
    chance = curves.var(1, ddof=1).mean(0) / curves.shape[1] if curves.shape[1] > 1 else 0.0
    error = np.sqrt(np.maximum(means.var(0, ddof=1) - chance, 0.0))
    return normal_estimate(means.mean(0), error)
