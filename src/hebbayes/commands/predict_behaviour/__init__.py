"""What animals and subjects will do in unseen sessions and tasks (docs/recordings.md)."""

from typing import TYPE_CHECKING

from hebbayes.commands.predict_behaviour.present import present as present_animal
from hebbayes.commands.predict_behaviour.result import PredictBehaviourResult
from hebbayes.commands.predict_behaviour.run import AnimalPrediction, run
from hebbayes.commands.predict_behaviour.tables import TablePrediction
from hebbayes.commands.predict_behaviour.tables_present import present_table

if TYPE_CHECKING:
    from hebbayes.commands.running.outcome import Outcome

__all__ = ["AnimalPrediction", "PredictBehaviourResult", "TablePrediction", "present", "run"]


def present(result: PredictBehaviourResult) -> "Outcome":
    """Return tables, notes, arrays and figures of a prediction, for an animal or for a table."""
    if isinstance(result, TablePrediction):
        return present_table(result)
    assert isinstance(result, AnimalPrediction)
    return present_animal(result)
