"""Cultures shared among worker processes, one linear-algebra thread each.

Small matrix products gain nothing from a second thread and lose much where threads compete, so
cultures are what is done side by side.  Results do not depend on the number of workers.
"""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from queue import SimpleQueue
from typing import Any

from threadpoolctl import threadpool_limits

from hebbayes.commands.mazes.lives.messages import receive, send
from hebbayes.commands.mazes.lives.process import WorkerError

_MAIN = "from hebbayes.commands.analyze.pool import main; main()"


def each(function: Callable[[Any], Any], tasks: Sequence[Any], workers: int) -> Iterator[Any]:
    """Yield ``function(task)`` of every task in order; ``workers`` 0 takes one per core.

    Function and tasks must pickle.  Raises what ``function`` raises where there is one worker, and
    `WorkerError` where a worker ends.

    Example:
        >>> list(each(abs, [-1, 2], workers=1))
        [1, 2]
    """
    n = min(workers or len(os.sched_getaffinity(0)), len(tasks))
    if n <= 1:
        for task in tasks:
            with threadpool_limits(1, user_api="blas"):
                result = function(task)
            yield result
        return
    free: SimpleQueue[subprocess.Popen[bytes]] = SimpleQueue()
    processes = [_start() for _ in range(n)]
    for process in processes:
        free.put(process)

    def ask(task: Any) -> Any:
        process = free.get()
        try:
            return _answer(process, (function, task))
        finally:
            free.put(process)

    try:
        with ThreadPoolExecutor(n) as threads:
            yield from threads.map(ask, tasks)
    finally:
        for process in processes:
            _end(process)


def _start() -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "-c", _MAIN],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=os.environ | {"OPENBLAS_NUM_THREADS": "1"},
    )


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            with suppress(OSError):  # what was left to send has nobody to read it
                pipe.close()


def _answer(process: "subprocess.Popen[bytes]", request: Any) -> Any:
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        send(process.stdin, request)
    except BrokenPipeError:
        raise WorkerError("a worker process ended; run with --workers 1.") from None
    reply = receive(process.stdout)
    if reply is None:
        raise WorkerError(
            f"a worker process ended with status {process.wait()}; free memory, or run with "
            "--workers 1."
        )
    error, result = reply
    if error is not None:
        raise error
    return result


def main() -> None:
    """Serve the parent process until it is done or gone."""
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever prints goes to standard error
    while (request := receive(sys.stdin.buffer)) is not None:
        function, task = request
        reply: tuple[Exception | None, Any]
        try:
            with threadpool_limits(1, user_api="blas"):
                reply = None, function(task)
        except Exception as error:
            reply = error, None
        send(replies, reply)
