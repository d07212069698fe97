"""What an animal will do in a task that it has not seen, or when changed (docs/recordings.md)."""

from hebbayes.experiments.predict_behaviour.prediction import PredictionOfBehaviour, run
from hebbayes.experiments.predict_behaviour.telling import tell as present

__all__ = ["PredictionOfBehaviour", "present", "run"]
