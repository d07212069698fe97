"""Benchmarks in a separate process on one core: ``hebbayes bench``.

The process has one thread for XLA and for BLAS and is pinned to one core if the system allows it.
Other packages are imported there if they are installed; ``make bench`` creates an environment
with them.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, get_args, get_type_hints

from hebbayes.commands.bench.measuring import Request, measure_on_one_core
from hebbayes.commands.bench.present import BenchResult
from hebbayes.commands.bench.workload import FULL, Workload
from hebbayes.commands.configs import BenchConfig
from hebbayes.commands.running.progress import DEFAULT_PROGRESS, Progress
from hebbayes.commands.running.worker_processes import ProcessWorkers
from hebbayes.commands.running.workers import WorkerSettings
from hebbayes.core.errors import HebbayesError, ValueRangeError

if TYPE_CHECKING:
    from hebbayes.commands.running.checkpoint import Checkpoint

TASKS = ("maze", "sources", "analyze")

_SINGLE_PRECISION = ("maze",)  # as in a maze study; the others as on the command line
_FORCED_KERNELS = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")  # would slow down a peer's products


def run(
    config: BenchConfig,
    *,
    progress: Progress = DEFAULT_PROGRESS,
    checkpoint: "Checkpoint | None" = None,
    workload: Workload = FULL,
) -> BenchResult:
    """Run the benchmarks that ``config`` selects; ``checkpoint`` is not used.

    Raises `ValueRangeError` for an unknown task, and `HebbayesError` if measuring fails.
    """
    del checkpoint
    known = get_args(get_type_hints(BenchConfig)["what"])
    if config.what not in known:
        raise ValueRangeError(f"bench measures {', '.join(known)}; got {config.what!r}.")
    tasks = TASKS if config.what == "all" else (config.what,)
    progress.start("Measuring", len(tasks))
    parts = []
    for task in tasks:
        parts.append(_measure(Request(task, workload, config.peers, config.seed)))
        progress.advance(1, task)
    return _joined(parts)


def one_core_settings(task: str) -> WorkerSettings:
    """Return the settings of a worker in which ``task`` starts no second thread.

    Example:
        >>> one_core_settings("maze").environment()["OMP_NUM_THREADS"]
        '1'
    """
    return WorkerSettings(
        precision=32 if task in _SINGLE_PRECISION else 64,
        is_xla_pinned=True,
        unset=_FORCED_KERNELS,
    )


def _measure(request: Request) -> BenchResult:
    remedy = f"free memory and repeat `hebbayes bench {request.task}`."
    settings = one_core_settings(request.task)
    with ProcessWorkers(1, settings=settings, remedy=remedy) as workers:
        try:
            (result,) = workers.map(measure_on_one_core, [request])
        except Exception as error:
            raise HebbayesError(f"measuring {request.task} stopped: {error}") from error
    return result


def _joined(parts: Sequence[BenchResult]) -> BenchResult:
    return BenchResult(
        rows=tuple(row for part in parts for row in part.rows),
        notes=tuple(dict.fromkeys(note for part in parts for note in part.notes)),
        seconds=sum(part.seconds for part in parts),
        seconds_compile=sum(part.seconds_compile for part in parts),
    )
