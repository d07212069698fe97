"""An animal drawn from the estimates of the model that won the verdict, for another task.

The canonical animal is the simulated one, two layers and all; any other learns as `learners` do.
Only Hebbian learners have a lambda and a gain that can be changed.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hebbayes.core.errors import ShapeError, ValueRangeError
from hebbayes.reverse_engineering.behaviour.decision_basis import SAME
from hebbayes.reverse_engineering.behaviour.decision_prior import prior_of_odds
from hebbayes.reverse_engineering.behaviour.prediction.draws import learner_of
from hebbayes.reverse_engineering.behaviour.rivals.models import CANNOT_TELL
from hebbayes.reverse_engineering.statistics.estimate import STANDARD_ERRORS, Estimate
from hebbayes.simulators.learners import AbstractLearner, FixedReadout, HebbianLearner

if TYPE_CHECKING:
    from hebbayes.reverse_engineering.behaviour.assumptions import Change
    from hebbayes.reverse_engineering.behaviour.description import BehaviourDescription
    from hebbayes.reverse_engineering.behaviour.policy.output_layer import OutputLayer
    from hebbayes.reverse_engineering.behaviour.rivals.comparison import Rival
    from hebbayes.simulators import AnimalDesign, SimulatedAnimal, SimulatedLearner

Floats = NDArray[np.float64]

_NEVER = 1e12  # lambda / gain that learns nothing


def drawn_animal(
    behaviour: "BehaviourDescription",
    task: "AnimalDesign",
    change: "Change",
    rng: np.random.Generator,
) -> "Callable[[int], SimulatedAnimal | SimulatedLearner]":
    """Return a function from a seed to an animal in ``task``, its parameters drawn by ``rng``.

    Raises `ValueRangeError` if no model won the verdict, or ``change`` changes lambda or the gain
    of an animal that has none; `ShapeError` if a fixed read-out has other states.

    Example:
        >>> from types import SimpleNamespace as Some
        >>> behaviour = Some(rivals=None, left_out={"rivals": "no risk."}, output_layer=None)
        >>> drawn_animal(behaviour, None, None, np.random.default_rng(0))
        Traceback (most recent call last):
            ...
        hebbayes.core.errors.ValueRangeError: behaviour cannot be predicted: no risk.
    """
    from hebbayes.simulators import simulate_animal, simulate_learner  # loads JAX

    rivals = behaviour.rivals
    if rivals is None:
        reason = behaviour.left_out.get("rivals", "rules of learning were not compared.")
        raise ValueRangeError(f"behaviour cannot be predicted: {reason}")
    winner = rivals.winner
    if winner is None:
        raise ValueRangeError(
            f"behaviour cannot be predicted: the verdict is {CANNOT_TELL!r}, so no model wins; "
            "record more trials, or give the true reward delay."
        )
    layer, is_same = behaviour.output_layer, behaviour.rests_on == SAME
    if layer is not None and rivals.stickiness == 0 and not is_same:
        if not np.isfinite(layer.ratio.high):
            raise ValueRangeError(
                "the ratio lambda / gain has no upper bound, so the speed of learning is not "
                "identified; record more trials."
            )
        design = _canonical_design(behaviour, layer, task, change, rng)
        return lambda seed: simulate_animal(design, seed=seed)
    learner = _drawn_learner(behaviour, winner, change, rng)
    n_read = np.shape(learner.weights)[-1] if isinstance(learner, FixedReadout) else 0
    if n_read not in (0, task.n_states):
        raise ShapeError(
            f"the task has {task.n_states} states and the animal reads {n_read} without learning; "
            "give a task with as many."
        )
    delay = behaviour.assumptions.reward_delay
    world = replace(task, reward_delay=delay, rests_on_same=is_same)
    return lambda seed: simulate_learner(learner, world, seed=seed)


def _drawn_learner(
    behaviour: "BehaviourDescription", winner: "Rival", change: "Change", rng: np.random.Generator
) -> AbstractLearner:
    values = rng.multivariate_normal(winner.fit.parameters, winner.fit.covariance)
    learner = learner_of(winner, values, behaviour.n_decisions)
    bias = np.asarray(learner.bias) + np.asarray(change.threshold)
    return replace(_changed(learner, winner, change), bias=tuple(bias.tolist()))


def _changed(learner: AbstractLearner, winner: "Rival", change: "Change") -> AbstractLearner:
    factor = change.prior_count_factor
    if factor == 1 and change.gain_factor == 1:
        return learner
    if not isinstance(learner, HebbianLearner):
        raise ValueRangeError(
            f"the best model is {winner.model.description!r}, which has no lambda and no gain; "
            "change the threshold only."
        )
    if change.gain_factor == 0:
        return replace(learner, ratio=_NEVER)
    floor = learner.floor / change.gain_factor  # the counts' floor stays, in units of the new gain
    ratio = learner.ratio * factor / change.gain_factor
    return replace(learner, ratio=max(ratio, 2 * floor), floor=floor)


def _canonical_design(
    behaviour: "BehaviourDescription",
    layer: "OutputLayer",
    task: "AnimalDesign",
    change: "Change",
    rng: np.random.Generator,
) -> "AnimalDesign":
    """The task with an animal drawn from the estimates; counts in units of the gain it had."""
    psi = _psi(layer.decision_prior.threshold_factor, rng) + np.asarray(change.threshold)
    prior = prior_of_odds(np.exp(psi - psi.max()))
    floor = behaviour.assumptions.policy_floor
    ratio = _ratio(layer.ratio, rng)
    return replace(
        task,
        decision_prior=tuple((prior / prior.sum()).tolist()),
        policy_prior_count=max(ratio * change.prior_count_factor, 2 * floor),
        policy_floor=floor,
        modulation_gain=change.gain_factor,
        risk_sensitivity=1.0,
        reward_delay=behaviour.assumptions.reward_delay,
    )


def _psi(factor: Estimate, rng: np.random.Generator) -> Floats:
    """psi of all decisions; what one gains the others lose, as priors sum to 1."""
    value = np.asarray(factor.value, float)
    error = (np.asarray(factor.high) - np.asarray(factor.low)) / (2 * STANDARD_ERRORS)
    error = np.where(np.isfinite(error), error, 0.0)  # never taken: psi is minus infinity
    z = rng.normal(size=value.size)
    if value.size > 1:
        z = (z - z.mean()) * np.sqrt(value.size / (value.size - 1))
    return value + error * z


def _ratio(ratio: Estimate, rng: np.random.Generator) -> float:
    """lambda / gain: its logarithm is normal, with an error of its own on each side."""
    z = float(rng.normal())
    end = ratio.high if z > 0 else ratio.low
    reach = np.log(end / ratio.value) if end > 0 else -np.inf
    if not np.isfinite(reach):
        return float(ratio.value)
    return float(ratio.value * np.exp(abs(z) / STANDARD_ERRORS * reach))
