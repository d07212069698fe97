"""From decisions and risk to psi, V, K and the modulation of learning (docs/recordings.md)."""

from hebbayes.reverse_engineering.behaviour.description import (
    CANNOT_TELL_APART,
    Assumptions,
    Behaviour,
    describe_behaviour,
)
from hebbayes.reverse_engineering.behaviour.estimate import Estimate

__all__ = ["CANNOT_TELL_APART", "Assumptions", "Behaviour", "Estimate", "describe_behaviour"]
