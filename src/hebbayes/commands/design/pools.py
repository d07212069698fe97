"""Pools of simulated cultures, measured once, saved as they grow, drawn from by all questions.

A study is a run of consecutive cultures of its pool.  The same seed makes the same cultures,
whoever measured them and however often the work was interrupted.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hebbayes.commands.design.culture import Job, Measures, measure_culture

if TYPE_CHECKING:
    from hebbayes.commands.design.plan import Plan
    from hebbayes.commands.running.checkpoint import Checkpoint
    from hebbayes.commands.running.progress import Progress
    from hebbayes.commands.running.workers import AbstractWorkers

Floats = NDArray[np.float64]
Pool = dict[str, Floats]
"""What all cultures of a pool measured, stacked along the first axis."""


@dataclass
class Pools:
    """All pools of one run of `design`, by name.

    Attributes:
        seed: What all randomness comes from.
        workers: Measure the cultures.
        progress: Progress bar.
        checkpoint: Stores measured cultures, if there is one.
        done: Cultures measured so far, by pool.
    """

    seed: int
    workers: "AbstractWorkers"
    progress: "Progress"
    checkpoint: "Checkpoint | None" = None
    done: dict[str, list[Measures]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Take up what a checkpoint holds."""
        saved = self.checkpoint.load() if self.checkpoint else None
        for key, values in (saved or {}).items():
            name, measure = key.rsplit("/", 1)
            rows = self.done.setdefault(name, [{} for _ in values])
            self.done[name] = [{**row, measure: value} for row, value in zip(rows, values)]

    def take(
        self,
        name: str,
        plan: "Plan",
        n: int,
        *,
        is_perceived: bool = True,
        is_forecast: bool = True,
    ) -> Pool:
        """Return the first ``n`` cultures of a pool, measured now where they are not known yet.

        Whoever takes from a pool again must ask for the same plan.
        """
        known = self.done.setdefault(name, [])
        entropy = (self.seed, *name.encode())
        jobs = [
            Job(plan, (*entropy, k), is_perceived, is_forecast) for k in range(len(known), n)
        ]  # the name, and so the pool, is part of the seed
        self.progress.start(f"cultures ({name})", n)
        self.progress.advance(min(len(known), n))
        for measures in self._saved_in_batches(jobs, known):
            known.append(measures)
            self.progress.advance()
        return {key: np.stack([one[key] for one in known[:n]]) for key in known[0]}

    def _saved_in_batches(self, jobs: list[Job], known: list[Measures]) -> Iterator[Measures]:
        size = 8 * self.workers.number
        for start in range(0, len(jobs), size):
            yield from self.workers.map(measure_culture, jobs[start : start + size])
            if self.checkpoint:
                self.checkpoint.save(self._arrays())

    def _arrays(self) -> dict[str, Floats]:
        return {
            f"{name}/{key}": np.stack([one[key] for one in rows])
            for name, rows in self.done.items()
            if rows
            for key in rows[0]
        }
