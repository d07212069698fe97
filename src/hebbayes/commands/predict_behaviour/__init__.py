"""What an animal will do in a task that it has not seen, or when changed (docs/recordings.md)."""

from hebbayes.commands.predict_behaviour.present import tell as present
from hebbayes.commands.predict_behaviour.run import PredictionOfBehaviour, run

__all__ = ["PredictionOfBehaviour", "present", "run"]
