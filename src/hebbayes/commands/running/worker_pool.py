"""The workers for a number of cores: this process for one, processes of their own for more."""

from typing import TYPE_CHECKING

from hebbayes.commands.running.worker_processes import ProcessWorkers
from hebbayes.commands.running.workers import InProcessWorkers, WorkerSettings, count_workers

if TYPE_CHECKING:
    from hebbayes.commands.running.workers import AbstractWorkers


def open_workers(
    number: int, *, settings: WorkerSettings | None = None, remedy: str = "run with --workers 1."
) -> "AbstractWorkers":
    """Return ``number`` workers, one per core for 0; a single one runs in this process.

    ``remedy`` ends the message of a `WorkerError`.

    Example:
        >>> with open_workers(1) as workers:
        ...     list(workers.map(abs, [-1, 2]))
        [1, 2]
    """
    number = count_workers(number)
    if number == 1:
        return InProcessWorkers()
    return ProcessWorkers(number, settings=settings or WorkerSettings(), remedy=remedy)
