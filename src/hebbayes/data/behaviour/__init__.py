"""Behaviour of subjects without recordings: choices, stimuli and outcomes, from any lab's table."""

from hebbayes.data.behaviour.container import MISSED, Behaviour
from hebbayes.data.behaviour.mapping import Mapping

__all__ = ["MISSED", "Behaviour", "Mapping"]
