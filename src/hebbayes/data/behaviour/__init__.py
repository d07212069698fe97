"""Behaviour of subjects without recordings: choices, stimuli and outcomes, from any lab's table."""

from hebbayes.data.behaviour.container import MISSED, Behaviour
from hebbayes.data.behaviour.mapping import Mapping, mapping_of
from hebbayes.data.behaviour.reading import read_behaviour

__all__ = ["MISSED", "Behaviour", "Mapping", "mapping_of", "read_behaviour"]
