"""Synthetic cultures and animals with known truth.

Cultures, learners and groups are plain NumPy.  The animal runs on JAX, imported with its first
name.
"""

from typing import TYPE_CHECKING, Any

from hebbayes.simulators.animal_design import EXAMPLE_ANIMAL, AnimalDesign
from hebbayes.simulators.culture import SimulatedCulture, simulate_culture
from hebbayes.simulators.culture_design import EXAMPLE, EXAMPLE_NETWORK, CultureDesign
from hebbayes.simulators.learners import (
    AbstractLearner,
    ActorCritic,
    FixedReadout,
    HebbianLearner,
    RescorlaWagner,
    WinStayLoseShift,
    active_cues,
    both_cues,
)
from hebbayes.simulators.networks import Plasticity
from hebbayes.simulators.spikes import AffineReadout

if TYPE_CHECKING:
    from hebbayes.simulators.animal import SimulatedAnimal, simulate_animal
    from hebbayes.simulators.group import (
        EXAMPLE_GROUP,
        GroupDesign,
        SimulatedGroup,
        simulate_choices,
        simulate_group,
    )
    from hebbayes.simulators.learner_trials import SimulatedLearner, simulate_learner

__all__ = [
    "EXAMPLE",
    "EXAMPLE_ANIMAL",
    "EXAMPLE_GROUP",
    "EXAMPLE_NETWORK",
    "AbstractLearner",
    "ActorCritic",
    "AffineReadout",
    "AnimalDesign",
    "CultureDesign",
    "FixedReadout",
    "GroupDesign",
    "HebbianLearner",
    "Plasticity",
    "RescorlaWagner",
    "SimulatedAnimal",
    "SimulatedCulture",
    "SimulatedGroup",
    "SimulatedLearner",
    "WinStayLoseShift",
    "active_cues",
    "both_cues",
    "simulate_animal",
    "simulate_choices",
    "simulate_culture",
    "simulate_group",
    "simulate_learner",
]


_OF_GROUPS = (
    *("EXAMPLE_GROUP", "GroupDesign", "SimulatedGroup"),
    *("simulate_choices", "simulate_group"),
)


def __getattr__(name: str) -> Any:
    """Import a name of the simulated animal on first use."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    if name in _OF_GROUPS:
        from hebbayes.simulators import group

        return getattr(group, name)
    from hebbayes.simulators import animal, learner_trials

    return getattr(learner_trials if name.endswith("earner") else animal, name)
