"""Processes that measure cultures, one job after the other, over a pipe.

A worker is an interpreter of its own: no fork of a process that may run threads, no second import
of the user's script.  With one worker everything happens in this process.
"""

import os
import pickle
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from queue import SimpleQueue

from hebbayes.commands.design.culture import Job, Measures, measure_culture
from hebbayes.core.errors import HebbayesError

_MAIN = "from hebbayes.commands.design.worker import main; main()"
_ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}


class WorkerError(HebbayesError, RuntimeError):
    """A worker process ended before its work; what had been finished is saved."""


class Workers:
    """Processes to measure cultures with; use as a context manager, which ends them."""

    def __init__(self, number: int = 0) -> None:
        """Take ``number`` processes, or one per core; they start with the first job."""
        self.number = number or len(os.sched_getaffinity(0))
        self._free: SimpleQueue[subprocess.Popen[bytes]] = SimpleQueue()
        self._open = ExitStack()

    def __enter__(self) -> "Workers":
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the processes."""
        self._open.close()

    def measure(self, jobs: Sequence[Job]) -> Iterator[Measures]:
        """Yield what every job measures, in order.  Raises `WorkerError` where a process ends."""
        if self.number == 1:
            yield from map(measure_culture, jobs)
            return
        if self._free.empty():
            for _ in range(self.number):
                self._free.put(self._open.enter_context(_process()))
        with ThreadPoolExecutor(self.number) as threads:
            try:
                yield from threads.map(self._ask, jobs)
            finally:
                threads.shutdown(wait=True, cancel_futures=True)

    def _ask(self, job: Job) -> Measures:
        process = self._free.get()
        try:
            assert process.stdin is not None
            assert process.stdout is not None  # both are pipes
            pickle.dump(job, process.stdin)
            process.stdin.flush()
            found: Measures = pickle.load(process.stdout)
        except (OSError, EOFError, pickle.UnpicklingError) as error:
            raise WorkerError(
                f"a worker process ended (status {process.poll()}) while it measured a culture; "
                "finished ones are saved: run the same command with --resume."
            ) from error
        finally:
            self._free.put(process)
        return found


@contextmanager
def _process() -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        [sys.executable, "-c", _MAIN],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=os.environ | _ONE_THREAD,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def main() -> None:
    """Measure the cultures that standard input asks for, until it ends."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    sys.stdout = sys.stderr  # nothing else may be written among the answers
    while True:
        try:
            job = pickle.load(sys.stdin.buffer)
        except EOFError:
            return
        try:
            pickle.dump(dict(measure_culture(job)), answers)
            answers.flush()
        except BrokenPipeError:
            return  # whoever asked has ended
