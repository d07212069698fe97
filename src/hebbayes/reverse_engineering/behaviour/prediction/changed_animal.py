"""A simulated animal of known design in another task, after a change: the truth of a prediction."""

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hebbayes.reverse_engineering.behaviour.decision_prior import prior_of_odds
from hebbayes.reverse_engineering.behaviour.prediction.curves import success_of

if TYPE_CHECKING:
    from hebbayes.reverse_engineering.behaviour.assumptions import Change
    from hebbayes.simulators import AnimalDesign

Floats = NDArray[np.float64]


def changed_animal(
    animal: "AnimalDesign", task: "AnimalDesign", change: "Change"
) -> "AnimalDesign":
    """Return ``task`` with the priors and the learning of ``animal``, changed.

    Example:
        >>> from hebbayes.reverse_engineering.behaviour import Change
        >>> from hebbayes.simulators import EXAMPLE_ANIMAL, AnimalDesign
        >>> changed_animal(EXAMPLE_ANIMAL, AnimalDesign(), Change(gain_factor=0.5)).modulation_gain
        0.5
    """
    prior = np.asarray(animal.decision_prior)
    odds = prior / (1 - prior) * np.exp(change.threshold)
    return replace(
        task,
        decision_prior=tuple(prior_of_odds(odds)),
        policy_prior_count=max(
            animal.policy_prior_count * change.prior_count_factor, 2 * animal.policy_floor
        ),
        modulation_gain=animal.modulation_gain * change.gain_factor,
        policy_floor=animal.policy_floor,
        reward_delay=animal.reward_delay,
    )


def simulated_success(
    animal: "AnimalDesign",
    task: "AnimalDesign",
    change: "Change",
    *,
    seed: int = 0,
    n_animals: int = 20,
) -> Floats:
    """Return the share of right decisions of ``animal`` itself in ``task``, (animals, sessions).

    Example:
        >>> from hebbayes.reverse_engineering.behaviour import Change
        >>> from hebbayes.simulators import EXAMPLE_ANIMAL, AnimalDesign
        >>> task = AnimalDesign(n_sessions=2, n_trials=10, reversals=(), n_units=1)
        >>> simulated_success(EXAMPLE_ANIMAL, task, Change(), n_animals=3).shape
        (3, 2)
    """
    from hebbayes.simulators import simulate_animal  # loads JAX

    design = changed_animal(animal, task, change)
    rng = np.random.default_rng((seed, 1))
    seeds = [int(rng.integers(2**32)) for _ in range(n_animals)]
    return np.stack([success_of(simulate_animal(design, seed=each)) for each in seeds])
