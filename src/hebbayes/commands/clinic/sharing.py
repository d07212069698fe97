"""Work of the clinic's command shared by processes; what a checkpoint holds is not repeated."""

from collections.abc import Callable, Sequence
from dataclasses import is_dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

from hebbayes.commands.running.saved_replies import SavedReplies

if TYPE_CHECKING:
    from hebbayes.commands.running.checkpoint import Checkpoint
    from hebbayes.commands.running.progress import Progress
    from hebbayes.commands.running.workers import AbstractWorkers

_SAVE_EVERY_S = 0.5
_RECORDS = (
    "clinic.comparison.compare",
    "clinic.comparison.leave_one_out",
    "clinic.diagnosis.diagnose",
    "clinic.diagnosis.subjects",
    "clinic.estimation.sampling",
    "clinic.symptoms",
    "clinic.treatment.advice",
    "clinic.treatment.correction",
    "clinic.treatment.rounds",
    "clinic.subject",
    "commands.clinic.treat",
    "reverse_engineering.statistics.estimate",
)


class Sharing:
    """Shares tasks among workers, reports progress, and saves every reply."""

    def __init__(
        self,
        workers: "AbstractWorkers",
        progress: "Progress",
        checkpoint: "Checkpoint | None" = None,
    ) -> None:
        """Load what the checkpoint holds."""
        kinds = kinds_of_replies() if checkpoint else []
        self._replies = SavedReplies(
            workers, progress, checkpoint, kinds=kinds, save_every_s=_SAVE_EVERY_S
        )

    def __call__(
        self, function: Callable[[Any], Any], tasks: Sequence[Any], what: str = "subjects"
    ) -> list[Any]:
        """Return the results of all tasks, in order; the same ``what`` must mean the same tasks."""
        return self._replies.map(what, function, tasks)


def kinds_of_replies() -> list[type]:
    """Return the records that replies are made of.

    Example:
        >>> {"Diagnosis", "Patient"} <= {kind.__name__ for kind in kinds_of_replies()}
        True
    """
    return [
        one
        for name in _RECORDS
        for one in vars(import_module(f"hebbayes.{name}")).values()
        if isinstance(one, type) and is_dataclass(one)
    ]
