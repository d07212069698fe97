"""Synthetic cultures and animals with known truth."""

from hebbayes.simulators.animal import (
    EXAMPLE_ANIMAL,
    AnimalDesign,
    SimulatedAnimal,
    simulate_animal,
)
from hebbayes.simulators.culture import EXAMPLE, CultureDesign, SimulatedCulture, simulate_culture

__all__ = [
    "EXAMPLE",
    "EXAMPLE_ANIMAL",
    "AnimalDesign",
    "CultureDesign",
    "SimulatedAnimal",
    "SimulatedCulture",
    "simulate_animal",
    "simulate_culture",
]
