"""Many agents, each with a sequence of trials, on all cores and across interruptions.

Every worker runs one agent at a time and reports each finished trial with the counts from which
the agent continues.  Only this process writes the checkpoint, after every report.  Random keys
depend on seed, role, maze and trial alone, so results depend neither on the number or order of
workers nor on interruptions.
"""

import json
import time
from collections import deque
from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any

import numpy as np

from hebbayes.commands.mazes.agent_runs import (
    AgentRun,
    Assignment,
    History,
    TrialReport,
    pack,
    unpack,
)
from hebbayes.commands.running.worker_processes import ProcessWorkers
from hebbayes.commands.running.workers import WorkerSettings, count_workers

if TYPE_CHECKING:
    from hebbayes.commands.running.checkpoint import Checkpoint
    from hebbayes.commands.running.progress import Progress
    from hebbayes.commands.running.workers import Reply

_SETTINGS = WorkerSettings(precision=32, is_xla_pinned=True)
_REMEDY = "finished trials are saved: see its message above, then continue with --resume."
_RECENT = 10  # trials whose success the progress bar shows


class Study:
    """A study in progress; as a context manager it stops its workers on exit.

    Attributes:
        identity: Everything that determines the numbers, as JSON.
        seconds: Wall time of the trials made here.
        seconds_compile: Wall time until the first worker was ready.
    """

    def __init__(
        self,
        identity: Mapping[str, Any],
        *,
        seed: int,
        workers: int,
        progress: "Progress",
        checkpoint: "Checkpoint | None",
    ) -> None:
        """Load the checkpoint, if there is one.

        ``identity`` is everything that determines the numbers; a checkpoint with another one is
        refused.  ``workers`` 0 takes one per core.  Raises `FormatError` and `ValueRangeError`.
        """
        self.seconds = self.seconds_compile = 0.0
        self.identity = json.dumps(dict(identity), sort_keys=True)
        self._seed = seed
        # always processes of their own: trials run in float32, whatever this process does
        self._workers = ProcessWorkers(count_workers(workers), settings=_SETTINGS, remedy=_REMEDY)
        self._progress, self._checkpoint = progress, checkpoint
        saved = checkpoint.load() if checkpoint else None
        self._histories = unpack(saved, self.identity) if saved else {}
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
        """Stop the workers."""
        self._workers.stop()

    def start_progress(self, description: str, n_trials: int) -> None:
        """Start a progress bar over all trials of the study; those saved before count as done."""
        self._progress.start(description, n_trials)
        self._progress.advance(sum(len(h.durations) for h in self._histories.values()))

    def finish(self, runs: Mapping[str, AgentRun]) -> list[History]:
        """Run all trials of ``runs`` that are not finished; return the histories, in order.

        Raises what a trial raises, `WorkerError` and `OutputError`; finished trials are saved.
        """
        begun = [name for name in runs if name in self._histories]
        new = [name for name in runs if name not in self._histories]
        started = self._started = time.perf_counter()
        self._n_steps_made = 0
        compiling = self.seconds_compile
        names = {
            self._workers.submit(run_assignment, self._assignment(name, runs[name])): name
            for name in begun + new
            if self._n_left(name, runs[name])
        }
        for batch in self._workers.replies():
            self._read(batch, names, runs)
        compiling = self.seconds_compile - compiling
        self.seconds += time.perf_counter() - started - compiling
        return [self._histories[name] for name in runs]

    def _n_left(self, name: str, run: AgentRun) -> int:
        history = self._histories.get(name)
        return run.trials - len(history.durations) if history else run.trials

    def _assignment(self, name: str, run: AgentRun) -> Assignment:
        history = self._histories.get(name) or History()
        return Assignment(run, self._seed, len(history.durations), history.evidence)

    def _read(
        self, batch: "list[Reply]", names: Mapping[int, str], runs: Mapping[str, AgentRun]
    ) -> None:
        """Record and save all trials of a batch, then raise the first error in it."""
        reports = [reply for reply in batch if isinstance(reply.value, TrialReport)]
        if len(reports) < len(batch):
            self._note_ready()
        for reply in reports:
            name = names[reply.task]
            self._record(name, runs[name], reply.value)
        if self._checkpoint and reports:
            self._checkpoint.save(pack(self.identity, self._histories))
        for reply in batch:
            if reply.error is not None:
                raise reply.error

    def _note_ready(self) -> None:
        if self.seconds_compile == 0:
            self.seconds_compile = time.perf_counter() - self._started
            self._started = time.perf_counter()

    def _record(self, name: str, run: AgentRun, report: TrialReport) -> None:
        history = self._histories.setdefault(name, History())
        history.durations.append(report.duration)
        history.free_energy.append(report.free_energy)
        history.evidence = report.evidence if self._n_left(name, run) else {}
        if report.taken is not None:
            history.first_taken = report.taken
        self._recent.append(report.duration < run.steps)
        self._n_steps_made += report.duration - 1
        rate = self._n_steps_made / (time.perf_counter() - self._started)
        solved = np.mean(self._recent)
        self._progress.advance(1, f"solved {solved:.0%} of the last, {rate:,.0f} steps/s")


def run_assignment(assignment: Assignment) -> Iterator[TrialReport | None]:
    """Yield None when compiled, then a report per trial; runs in a worker, which imports JAX.

    Example:
        >>> run = AgentRun(role=1, maze=0, decision_prior=0.25, trials=1, steps=10)
        >>> ready, report = run_assignment(Assignment(run, 0, 0, {}))
        >>> ready is None, report.duration
        (True, 10)
    """
    from hebbayes.commands.mazes.trials import compile_trial, simulate_trials

    compile_trial(assignment.run.steps, assignment.run.is_learning)
    yield None
    yield from simulate_trials(assignment)
