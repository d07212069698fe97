"""What an animal will do in a task that it has not seen, or when changed (docs/recordings.md)."""

from hebbayes.commands.predict_behaviour.present import present
from hebbayes.commands.predict_behaviour.run import PredictBehaviourResult, run

__all__ = ["PredictBehaviourResult", "present", "run"]
