"""What an animal will do in a new task, or after a change (docs/recordings.md)."""

from hebbayes.commands.predict_behaviour.present import present
from hebbayes.commands.predict_behaviour.run import PredictBehaviourResult, run

__all__ = ["PredictBehaviourResult", "present", "run"]
