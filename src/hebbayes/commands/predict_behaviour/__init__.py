"""What animals and subjects will do in unseen sessions and tasks (docs/recordings.md)."""

from typing import TYPE_CHECKING

from hebbayes.commands.predict_behaviour.present import present as present_animal
from hebbayes.commands.predict_behaviour.run import PredictBehaviourResult, run
from hebbayes.commands.predict_behaviour.tables import TableResult
from hebbayes.commands.predict_behaviour.tables_present import present_table

if TYPE_CHECKING:
    from hebbayes.commands.running.outcome import Outcome

__all__ = ["PredictBehaviourResult", "TableResult", "present", "run"]


def present(result: PredictBehaviourResult | TableResult) -> "Outcome":
    """Return tables, notes, arrays and figures of a prediction, for an animal or for a table."""
    if isinstance(result, TableResult):
        return present_table(result)
    return present_animal(result)
