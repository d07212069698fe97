"""Many agents, each living through a sequence of trials, on all cores and across interruptions.

Every worker process follows one agent at a time and reports each finished trial with the counts
that the agent goes on from; this process alone writes the checkpoint, after every report.  Random
keys depend on seed, role, maze and trial only, so results depend neither on the number of workers,
nor on who is first, nor on interruptions.
"""

import json
import os
import queue
import time
from collections import deque
from collections.abc import Mapping
from types import TracebackType
from typing import Any

import numpy as np

from hebbayes.commands.mazes.lives.messages import Assignment, History, Life, Report, pack, unpack
from hebbayes.commands.mazes.lives.process import WorkerError, WorkerProcess
from hebbayes.commands.running.checkpoint import Checkpoint
from hebbayes.commands.running.progress import Progress
from hebbayes.core.errors import ValueRangeError

__all__ = ["History", "Life", "Study", "WorkerError"]

_RECENT = 10  # trials whose success the progress bar tells


class Study:
    """A study in progress; as a context manager it ends its workers on leaving.

    seconds, seconds_compile: wall time of the trials made here, and that until the first worker
    was ready.
    """

    def __init__(
        self,
        identity: Mapping[str, Any],
        *,
        seed: int,
        workers: int,
        progress: Progress,
        checkpoint: Checkpoint | None,
    ) -> None:
        """Take up what the checkpoint holds.

        ``identity`` is all that determines the numbers; a checkpoint of another one is refused.
        ``workers`` 0 takes one per core.  Raises `FormatError` and `ValueRangeError`.
        """
        if workers < 0:
            raise ValueRangeError(f"--workers must be at least 0 (one per core); got {workers}.")
        self.seconds = self.seconds_compile = 0.0
        self._identity = json.dumps(dict(identity), sort_keys=True)
        self._seed, self._n_workers = seed, workers or len(os.sched_getaffinity(0))
        self._progress, self._checkpoint = progress, checkpoint
        saved = checkpoint.load() if checkpoint else None
        self._histories = unpack(saved, self._identity) if saved else {}
        self._mailbox: queue.SimpleQueue[tuple[WorkerProcess, Report | None]] = queue.SimpleQueue()
        self._idle: list[WorkerProcess] = []
        self._workers: list[WorkerProcess] = []
        self._recent: deque[bool] = deque(maxlen=_RECENT)
        self._started, self._n_steps_made = 0.0, 0

    def __enter__(self) -> "Study":
        """Return the study."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the workers."""
        for worker in self._workers:
            worker.end()

    def start_progress(self, description: str, n_trials: int) -> None:
        """Begin a progress bar over all trials of the study; those saved before are done."""
        self._progress.start(description, n_trials)
        self._progress.advance(sum(len(h.durations) for h in self._histories.values()))

    def live(self, lives: Mapping[str, Life]) -> list[History]:
        """Return the histories of ``lives``, in order, when all their trials are finished.

        Raises `WorkerError` and `OutputError`; what was finished before is saved.
        """
        begun = [name for name in lives if name in self._histories]
        unborn = [name for name in lives if name not in self._histories]
        todo = deque(n for n in begun + unborn if self._n_left(n, lives[n]))
        started = self._started = time.perf_counter()
        self._n_steps_made = 0
        compiling = self.seconds_compile
        n_open = len(todo)
        while len(self._workers) < min(self._n_workers, n_open):
            self._workers.append(WorkerProcess(self._mailbox))
            self._idle.append(self._workers[-1])
        while n_open:
            while self._idle and todo:
                self._assign(self._idle.pop(), todo.popleft(), lives)
            n_open -= self._read_mail(lives)
        compiling = self.seconds_compile - compiling
        self.seconds += time.perf_counter() - started - compiling
        return [self._histories[name] for name in lives]

    def _n_left(self, name: str, life: Life) -> int:
        history = self._histories.get(name)
        return life.trials - len(history.durations) if history else life.trials

    def _assign(self, worker: WorkerProcess, name: str, lives: Mapping[str, Life]) -> None:
        history = self._histories.get(name) or History()
        done = len(history.durations)
        worker.assign(Assignment(name, lives[name], self._seed, done, history.evidence))

    def _read_mail(self, lives: Mapping[str, Life]) -> int:
        """Wait for reports, save what they bring, and return how many lives they end."""
        n_ended, failure = 0, None
        letters = [self._mailbox.get()]
        while not self._mailbox.empty():
            letters.append(self._mailbox.get())
        for worker, report in letters:
            if report is None:
                failure = failure or worker.lost()
            elif report.failure:
                failure = WorkerError(report.failure)
            elif not report.name:
                self._note_ready()
            else:
                life = lives[report.name]
                self._record(report, life)
                if not self._n_left(report.name, life):
                    self._histories[report.name].evidence = {}
                    self._idle.append(worker)
                    n_ended += 1
        if self._checkpoint and any(report and report.name for _, report in letters):
            self._checkpoint.save(pack(self._identity, self._histories))
        if failure:
            raise failure
        return n_ended

    def _note_ready(self) -> None:
        if self.seconds_compile == 0:
            self.seconds_compile = time.perf_counter() - self._started
            self._started = time.perf_counter()

    def _record(self, report: Report, life: Life) -> None:
        history = self._histories.setdefault(report.name, History())
        history.durations.append(report.duration)
        history.free_energy.append(report.free_energy)
        history.evidence = report.evidence
        if report.taken is not None:
            history.first_taken = report.taken
        self._recent.append(report.duration < life.steps)
        self._n_steps_made += report.duration - 1
        rate = self._n_steps_made / (time.perf_counter() - self._started)
        solved = np.mean(self._recent)
        self._progress.advance(1, f"solved {solved:.0%} of the last, {rate:,.0f} steps/s")
