"""Workers that are interpreters of their own, connected by pipes.

A new interpreter, never a fork: this process may run threads, and the user's script must not be
imported twice.  A worker ends when its input closes, so it never outlives its parent, even after
``kill -9``.  Each worker has a session of its own: Ctrl-C reaches the parent alone, which stops
its workers.
"""

import os
import pickle
import subprocess
import sys
import threading
import traceback
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from itertools import count
from queue import SimpleQueue
from typing import IO, Any

from hebbayes.commands.running.workers import (
    AbstractWorkers,
    Reply,
    WorkerError,
    WorkerSettings,
    run_task,
)
from hebbayes.core.errors import HebbayesError

_MAIN = "from hebbayes.commands.running.worker_processes import serve; serve()"
_INTERRUPTED = 130  # exit status


class ProcessWorkers(AbstractWorkers):
    """Runs tasks in worker processes, which start with the first tasks that need them."""

    def __init__(self, number: int, *, settings: WorkerSettings, remedy: str) -> None:
        """Use up to ``number`` processes; ``remedy`` ends the message of a `WorkerError`."""
        self.number = number
        self._settings, self._remedy = settings, remedy
        self._numbers = count()
        self._waiting: deque[tuple[int, Callable[[Any], Any], Any]] = deque()
        self._mailbox: SimpleQueue[tuple[_Process, bytes | None]] = SimpleQueue()
        self._processes: list[_Process] = []
        self._idle: list[_Process] = []

    def submit(self, function: Callable[[Any], Any], argument: Any) -> int:
        """Add a task and return its number."""
        number = next(self._numbers)
        self._waiting.append((number, function, argument))
        return number

    def replies(self) -> Iterator[list[Reply]]:
        """Yield replies as they arrive, in batches, until every submitted task has ended."""
        self._assign()
        while len(self._idle) < len(self._processes):
            letters = [self._mailbox.get()]
            while not self._mailbox.empty():
                letters.append(self._mailbox.get())
            batch, lost = [], None
            for process, letter in letters:
                if letter is None:
                    lost = lost or process
                    continue
                batch.append(pickle.loads(letter))
                if batch[-1].is_last:
                    self._idle.append(process)
            error = self._error(lost) if lost else None
            if batch:
                yield batch
            if error:
                raise error
            self._assign()

    def cancel(self) -> None:
        """Drop all tasks that have not started."""
        self._waiting.clear()

    def stop(self) -> None:
        """Kill all processes."""
        for process in self._processes:
            process.stop()
        self._processes, self._idle = [], []
        self.cancel()

    def _assign(self) -> None:
        while self._waiting:
            if not self._idle:
                if len(self._processes) == self.number:
                    return
                self._processes.append(_Process(self._settings, self._mailbox))
                self._idle.append(self._processes[-1])
            process = self._idle.pop()
            number, function, argument = self._waiting.popleft()
            task = pickle.dumps((function, argument), protocol=pickle.HIGHEST_PROTOCOL)
            try:
                process.send((number, task))
            except OSError as error:
                raise self._error(process) from error

    def _error(self, lost: "_Process") -> WorkerError:
        """Remove a process that has ended, and return the error that reports it."""
        status = lost.status()
        lost.stop()
        self._processes.remove(lost)
        return WorkerError(
            f"a worker process ended (status {status}) before its task; {self._remedy}"
        )


class _Process:
    """One interpreter; its replies arrive in ``mailbox`` with itself, None when it has ended."""

    def __init__(
        self, settings: WorkerSettings, mailbox: "SimpleQueue[tuple[_Process, bytes | None]]"
    ) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", _MAIN],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=settings.environment(),
            start_new_session=True,
        )
        self._listener = threading.Thread(target=self._listen, args=(mailbox,), daemon=True)
        self._listener.start()

    def send(self, message: Any) -> None:
        assert self._process.stdin is not None  # a pipe
        _send(self._process.stdin, message)

    def status(self) -> int:
        return self._process.wait()

    def stop(self) -> None:
        self._process.kill()
        self._process.wait()
        self._listener.join()  # it reads to the end of the pipe, which must not close before
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with suppress(OSError):  # unsent data has no reader
                    pipe.close()

    def _listen(self, mailbox: "SimpleQueue[tuple[_Process, bytes | None]]") -> None:
        assert self._process.stdout is not None  # a pipe
        letter: bytes | None = b""
        while letter is not None:
            letter = _receive(self._process.stdout)
            mailbox.put((self, letter))


def serve() -> None:
    """Run the tasks that arrive on standard input; replies go to standard output.

    Example:
        >>> done = subprocess.run([sys.executable, "-c", _MAIN], stdin=subprocess.DEVNULL)
        >>> done.returncode  # without a parent there is nothing to do
        0
    """
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # everything that is printed goes to standard error
    tasks: SimpleQueue[tuple[int, bytes]] = SimpleQueue()
    listener = threading.Thread(target=_listen, args=(sys.stdin.buffer, tasks), daemon=True)
    listener.start()
    try:
        while True:
            number, task = tasks.get()
            for reply in run_task(number, _run_pickled, task):
                _send(replies, _to_bytes(reply))
    except BrokenPipeError:  # the parent has ended
        pass
    except KeyboardInterrupt:  # the parent says that this worker has ended
        os._exit(_INTERRUPTED)


def _run_pickled(task: bytes) -> Any:
    function, argument = pickle.loads(task)
    return function(argument)


def _listen(stream: IO[bytes], tasks: "SimpleQueue[tuple[int, bytes]]") -> None:
    while (task := _receive(stream)) is not None:
        tasks.put(task)
    os._exit(0)


def _to_bytes(reply: Reply) -> bytes:
    """Pickle a reply.  An error keeps its traceback as a note, or becomes a `WorkerError`."""
    if reply.error is None:
        try:
            return pickle.dumps(reply)
        except Exception as error:
            reply = Reply(reply.task, error=error)
    trace = "".join(traceback.format_exception(reply.error))
    assert reply.error is not None  # a failed pickling is one
    if not isinstance(reply.error, HebbayesError):  # its message is enough
        reply.error.add_note(f"In a worker process:\n{trace}")
    try:
        message = pickle.dumps(reply)
        pickle.loads(message)  # some exceptions pickle and cannot be built again
    except Exception:
        message = pickle.dumps(replace(reply, error=WorkerError(f"a task failed: {trace}")))
    return message


def _send(stream: IO[bytes], message: Any) -> None:
    pickle.dump(message, stream, protocol=pickle.HIGHEST_PROTOCOL)
    stream.flush()


def _receive(stream: IO[bytes]) -> Any:
    """Return the next message of a pipe, or None if its other end is closed."""
    try:
        return pickle.load(stream)
    except (EOFError, OSError, pickle.UnpicklingError):
        return None  # killed in the middle of a message
