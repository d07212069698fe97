"""Synthetic recordings with known truth."""

from hebbayes.simulators.culture import EXAMPLE as EXAMPLE
from hebbayes.simulators.culture import CultureDesign as CultureDesign
from hebbayes.simulators.culture import SimulatedCulture as SimulatedCulture
from hebbayes.simulators.culture import simulate_culture as simulate_culture
from hebbayes.simulators.networks import Plasticity as Plasticity
from hebbayes.simulators.spikes import AffineReadout as AffineReadout
