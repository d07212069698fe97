"""One task of the benchmark, measured in a worker process on one core."""

import importlib
import io
import os
import time
from contextlib import redirect_stderr
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hebbayes.commands.bench.present import BenchResult

if TYPE_CHECKING:
    from hebbayes.commands.bench.present import Measurement
    from hebbayes.commands.bench.workload import Workload


@dataclass(frozen=True)
class Request:
    """A task to measure.

    Attributes:
        task: Module of this package that measures it.
        workload: Sizes and repeats.
        has_peers: Whether to measure other packages too.
        seed: Seed of everything random.
    """

    task: str
    workload: "Workload"
    has_peers: bool
    seed: int


def measure(request: Request) -> BenchResult:
    """Return rows, notes and seconds of the requested task.

    Example:
        >>> from hebbayes.commands.bench.workload import Workload
        >>> measure(Request("nothing", Workload(), has_peers=False, seed=0))
        Traceback (most recent call last):
            ...
        ModuleNotFoundError: No module named 'hebbayes.commands.bench.nothing'
    """
    begin = time.perf_counter()
    task = importlib.import_module(f"hebbayes.commands.bench.{request.task}")
    imported = time.perf_counter() - begin
    measured: Measurement = task.measure(
        request.workload, has_peers=request.has_peers, seed=request.seed
    )
    warm_up = imported + measured.warm_up_seconds
    return BenchResult(
        rows=measured.rows,
        notes=measured.notes,
        seconds=time.perf_counter() - begin - warm_up,
        seconds_compile=warm_up,
    )


def measure_on_one_core(request: Request) -> BenchResult:
    """Return `measure` of ``request`` on one core, without the warnings of other packages.

    Example:
        >>> from hebbayes.commands.bench.workload import Workload
        >>> cores = os.sched_getaffinity(0)
        >>> try:
        ...     measure_on_one_core(Request("nothing", Workload(), has_peers=False, seed=0))
        ... except ModuleNotFoundError:
        ...     len(os.sched_getaffinity(0))
        ... finally:
        ...     os.sched_setaffinity(0, cores)
        1
    """
    if hasattr(os, "sched_setaffinity"):  # Linux
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    with redirect_stderr(io.StringIO()):
        return measure(request)
