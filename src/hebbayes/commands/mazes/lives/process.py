"""The parent's end of a worker process of a study.

A worker is an interpreter of its own: no fork of a process that may run threads, no second import
of the user's script.  It keeps to one thread and to float32, whatever its parent does.  Ctrl-C
reaches the parent alone, which ends it.
"""

import contextlib
import os
import queue
import subprocess
import sys
import threading

from hebbayes.commands.mazes.lives.messages import Assignment, Report, receive, send
from hebbayes.core.errors import HebbayesError

_ONE_THREAD = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
_MAIN = "from hebbayes.commands.mazes.lives.worker import main; main()"


class WorkerError(HebbayesError, RuntimeError):
    """A worker process failed or ended; what it had finished is saved."""


class WorkerProcess:
    """One worker.  Its reports arrive in ``mailbox`` beside itself, None when it has ended."""

    def __init__(self, mailbox: "queue.SimpleQueue[tuple[WorkerProcess, Report | None]]") -> None:
        """Start the process."""
        settings = {
            "XLA_FLAGS": f"{os.environ.get('XLA_FLAGS', '')} {_ONE_THREAD}".strip(),
            "JAX_ENABLE_X64": "0",
            "JAX_PLATFORMS": "cpu",
        }
        self.name = ""
        self._process = subprocess.Popen(
            [sys.executable, "-c", _MAIN],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=os.environ | settings,
            start_new_session=True,
        )
        self._listener = threading.Thread(target=self._listen, args=(mailbox,), daemon=True)
        self._listener.start()

    def assign(self, assignment: Assignment) -> None:
        """Give the worker a life to follow.  Raises `WorkerError` where it has ended."""
        self.name = assignment.name
        assert self._process.stdin is not None  # a pipe
        try:
            send(self._process.stdin, assignment)
        except OSError as error:
            raise self.lost() from error

    def lost(self) -> WorkerError:
        """Return the error that says that the worker has ended before its work."""
        status = self._process.wait()
        return WorkerError(
            f"a worker process ended (status {status}) while it followed {self.name}; finished "
            "trials are saved: see its message above, then go on with --resume."
        )

    def end(self) -> None:
        """End the process at once."""
        self._process.kill()
        self._process.wait()
        self._listener.join()  # it has met the end of the pipe, which must not close under it
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):  # what was unsent has no reader any more
                    pipe.close()

    def _listen(self, mailbox: "queue.SimpleQueue[tuple[WorkerProcess, Report | None]]") -> None:
        assert self._process.stdout is not None  # a pipe
        report: Report | None = Report()
        while report is not None:
            report = receive(self._process.stdout)
            mailbox.put((self, report))
