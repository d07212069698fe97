"""Pools of simulated cultures: measured once, saved as they grow, shared by all results.

A study is a run of consecutive cultures of its pool.  The same seed makes the same cultures, for
any number of workers and interruptions.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hebbayes.reverse_engineering.experimental_design.culture import (
    CultureTask,
    Measures,
    measure_culture,
)

if TYPE_CHECKING:
    from hebbayes.commands.running.checkpoint import Checkpoint
    from hebbayes.commands.running.progress import Progress
    from hebbayes.commands.running.workers import AbstractWorkers
    from hebbayes.reverse_engineering.experimental_design.plan import Plan
    from hebbayes.reverse_engineering.experimental_design.precision import Pool

Floats = NDArray[np.float64]


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
        """Load the cultures that a checkpoint holds."""
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
    ) -> "Pool":
        """Return the first ``n`` cultures of a pool; simulate and measure those still missing.

        All calls with one name must pass the same plan.
        """
        known = self.done.setdefault(name, [])
        entropy = (self.seed, *name.encode())
        tasks = [
            CultureTask(plan, (*entropy, k), is_perceived, is_forecast)
            for k in range(len(known), n)
        ]  # the name, and so the pool, is part of the seed
        self.progress.start(f"cultures ({name})", n)
        self.progress.advance(min(len(known), n))
        for measures in self._saved_in_batches(tasks, known):
            known.append(measures)
            self.progress.advance()
        return {key: np.stack([one[key] for one in known[:n]]) for key in known[0]}

    def _saved_in_batches(
        self, tasks: list[CultureTask], known: list[Measures]
    ) -> Iterator[Measures]:
        size = 8 * self.workers.number
        for start in range(0, len(tasks), size):
            yield from self.workers.map(measure_culture, tasks[start : start + size])
            if self.checkpoint:
                self.checkpoint.save(self._arrays())

    def _arrays(self) -> dict[str, Floats]:
        return {
            f"{name}/{key}": np.stack([one[key] for one in rows])
            for name, rows in self.done.items()
            if rows
            for key in rows[0]
        }
