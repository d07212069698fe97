"""Sharing tasks among workers: the one way in which commands use several cores.

`AbstractWorkers` is the interface: submit tasks, then iterate over what they send back.  A task is
a picklable function and its argument.  A function that yields sends one reply per item; any other
sends one reply.  Results never depend on the number of workers.

Two implementations: `InProcessWorkers` here, and `ProcessWorkers` in `worker_processes`.
`open_workers` in `worker_pool` chooses between them.
"""

import os
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from types import GeneratorType
from typing import Any, Self

from threadpoolctl import threadpool_limits

from hebbayes.core.errors import HebbayesError, ValueRangeError, interrupt_behind

_ONE_BLAS_THREAD = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "VECLIB_MAXIMUM_THREADS": "1",
}
_ONE_XLA_THREAD = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"


class WorkerError(HebbayesError, RuntimeError):
    """A worker process ended before its task; finished results are kept."""


@dataclass(frozen=True)
class WorkerSettings:
    """Environment of a worker process: one thread for linear algebra, and the following.

    Attributes:
        precision: Bits of JAX's floats, 32 or 64; None keeps the environment of this process.
        is_xla_pinned: Run JAX on the CPU with one thread.
        unset: Environment variables that a worker does not inherit.
    """

    precision: int | None = None
    is_xla_pinned: bool = False
    unset: tuple[str, ...] = ()

    def environment(self) -> dict[str, str]:
        """Return the environment variables of a worker.

        Example:
            >>> WorkerSettings(precision=32).environment()["JAX_ENABLE_X64"]
            '0'
        """
        kept = {name: value for name, value in os.environ.items() if name not in self.unset}
        settings = dict(_ONE_BLAS_THREAD)
        if self.precision is not None:
            settings["JAX_ENABLE_X64"] = "1" if self.precision == 64 else "0"
        if self.is_xla_pinned:
            flags = f"{kept.get('XLA_FLAGS', '')} {_ONE_XLA_THREAD}".strip()
            settings |= {"XLA_FLAGS": flags, "JAX_PLATFORMS": "cpu"}
        return kept | settings


@dataclass(frozen=True)
class Reply:
    """One message from a task.

    Attributes:
        task: Number of the task, as returned by `AbstractWorkers.submit`.
        value: The function's result, or an item that it yielded.
        error: What the function raised; the task has then ended.
        is_last: Whether the task has ended.
    """

    task: int
    value: Any = None
    error: Exception | None = None
    is_last: bool = True


class AbstractWorkers(ABC):
    """Runs tasks.  As a context manager it stops its workers on exit."""

    number: int
    """Tasks that run side by side."""

    @abstractmethod
    def submit(self, function: Callable[[Any], Any], argument: Any) -> int:
        """Add the task ``function(argument)`` and return its number."""

    @abstractmethod
    def replies(self) -> Iterator[list[Reply]]:
        """Yield replies as they arrive, in batches, until every submitted task has ended.

        A batch holds all replies that are waiting, so that a caller can save them together.
        Raises `WorkerError` if a worker ends, after the replies that arrived before.
        """

    @abstractmethod
    def cancel(self) -> None:
        """Drop all tasks that have not started."""

    @abstractmethod
    def stop(self) -> None:
        """Stop all workers at once."""

    def map(self, function: Callable[[Any], Any], arguments: Sequence[Any]) -> Iterator[Any]:
        """Yield ``function(argument)`` for every argument, in order.

        Raises what the function raises, and `WorkerError` if a worker ends.
        """
        wanted = deque(self.submit(function, argument) for argument in arguments)
        finished: dict[int, Reply] = {}
        try:
            for batch in self.replies():
                finished |= {reply.task: reply for reply in batch if reply.is_last}
                while wanted and wanted[0] in finished:
                    reply = finished.pop(wanted.popleft())
                    if reply.error is not None:
                        raise reply.error
                    yield reply.value
        finally:
            self.cancel()

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Stop the workers."""
        self.stop()


class InProcessWorkers(AbstractWorkers):
    """Runs one task after another in this process, with one thread for linear algebra."""

    def __init__(self) -> None:
        """Start without tasks."""
        self.number = 1
        self._numbers = count()
        self._waiting: deque[tuple[int, Callable[[Any], Any], Any]] = deque()

    def submit(self, function: Callable[[Any], Any], argument: Any) -> int:
        """Add a task and return its number; it runs when its replies are asked for."""
        number = next(self._numbers)
        self._waiting.append((number, function, argument))
        return number

    def replies(self) -> Iterator[list[Reply]]:
        """Run the tasks in order; yield each reply in a batch of its own."""
        while self._waiting:
            replies = run_task(*self._waiting.popleft())
            while (reply := _next_with_one_thread(replies)) is not None:
                yield [reply]

    def cancel(self) -> None:
        """Drop all tasks that have not started."""
        self._waiting.clear()

    def stop(self) -> None:
        """Drop all tasks."""
        self.cancel()


def run_task(number: int, function: Callable[[Any], Any], argument: Any) -> Iterator[Reply]:
    """Yield the replies of one task; an exception becomes its last reply, an interrupt is raised.

    Example:
        >>> [reply.value for reply in run_task(0, abs, -2)]
        [2]
    """
    try:
        result = function(argument)
        if isinstance(result, GeneratorType):
            for item in result:
                yield Reply(number, item, is_last=False)
            result = None
    except Exception as error:
        interrupt = interrupt_behind(error)
        if interrupt is not None:
            raise interrupt from None
        yield Reply(number, error=error)
    else:
        yield Reply(number, result)


def _next_with_one_thread(replies: Iterator[Reply]) -> Reply | None:
    with threadpool_limits(1, user_api="blas"):
        return next(replies, None)


def count_workers(number: int) -> int:
    """Return ``number``, or the number of usable cores for 0.  Raises `ValueRangeError` below 0.

    Example:
        >>> count_workers(3)
        3
    """
    if number < 0:
        raise ValueRangeError(f"--workers must be at least 0 (one per core); got {number}.")
    return number or len(os.sched_getaffinity(0))
