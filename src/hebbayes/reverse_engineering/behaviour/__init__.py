"""From decisions and risk to psi, V, K and the modulation of learning (docs/recordings.md)."""

from hebbayes.reverse_engineering.behaviour.assumptions import Assumptions, Change
from hebbayes.reverse_engineering.behaviour.description import (
    CANNOT_TELL_APART,
    BehaviourDescription,
    describe_behaviour,
    describe_from_units,
)
from hebbayes.reverse_engineering.behaviour.prediction.curves import (
    PredictedBehaviour,
    predict_behaviour,
)
from hebbayes.reverse_engineering.statistics.estimate import Estimate

__all__ = [
    "CANNOT_TELL_APART",
    "Assumptions",
    "BehaviourDescription",
    "Change",
    "Estimate",
    "PredictedBehaviour",
    "describe_behaviour",
    "describe_from_units",
    "predict_behaviour",
]
