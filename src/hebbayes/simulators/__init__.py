"""Synthetic cultures and animals with known truth."""

from hebbayes.simulators.animal import (
    EXAMPLE_ANIMAL,
    AnimalDesign,
    SimulatedAnimal,
    simulate_animal,
)
from hebbayes.simulators.culture import EXAMPLE, CultureDesign, SimulatedCulture, simulate_culture
from hebbayes.simulators.networks import Plasticity
from hebbayes.simulators.spikes import AffineReadout

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
