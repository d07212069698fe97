"""Synthetic cultures and animals with known truth.

Cultures are plain NumPy.  The animal runs on JAX, which is imported with the first of its names.
"""

from typing import TYPE_CHECKING, Any

from hebbayes.simulators.culture import SimulatedCulture, simulate_culture
from hebbayes.simulators.culture_design import EXAMPLE, CultureDesign
from hebbayes.simulators.networks import Plasticity
from hebbayes.simulators.spikes import AffineReadout

if TYPE_CHECKING:
    from hebbayes.simulators.animal import (
        EXAMPLE_ANIMAL,
        AnimalDesign,
        SimulatedAnimal,
        simulate_animal,
    )

__all__ = [
    "EXAMPLE",
    "EXAMPLE_ANIMAL",
    "AffineReadout",
    "AnimalDesign",
    "CultureDesign",
    "Plasticity",
    "SimulatedAnimal",
    "SimulatedCulture",
    "simulate_animal",
    "simulate_culture",
]


def __getattr__(name: str) -> Any:
    """Import a name of the simulated animal on first use."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from hebbayes.simulators import animal

    return getattr(animal, name)
