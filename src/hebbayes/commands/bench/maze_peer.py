"""The public implementation in the maze: the time of its step, part by part.

It receives the observations of our agent, in the same rounds, and is compared by its time to infer,
sample and learn; our step also moves and sums the free energy.
"""

import dataclasses
from collections.abc import Callable
from typing import TYPE_CHECKING

import jax
import numpy as np
from numpy.typing import NDArray

from hebbayes.commands.bench.maze_agreement import CHUNK, agreement, walk_through
from hebbayes.commands.bench.peers import PublicMaze
from hebbayes.commands.bench.timing import Candidate, Samples, row_of

if TYPE_CHECKING:
    from hebbayes.commands.bench.present import Row
    from hebbayes.environments.base import FiniteWorld
    from hebbayes.theory.generative_model import GenerativeModel

_STEP = ("infer and sample", "learn")
_FREE_ENERGY = "free energy"


class MazePeer:
    """The peer beside our step: candidates for the rounds, then the rows."""

    def __init__(self, name: str, model: "GenerativeModel", world: "FiniteWorld") -> None:
        """Call it ``name`` and give it the counts of ``model``."""
        self.name, self.model, self.world = name, model, world

    def candidates(self, n_steps: int, n_walked: int) -> tuple[Candidate, ...]:
        """Return the parts of its trial, in order, on ``n_walked`` of our steps, repeated."""
        walk = walk_through(self.model, self.world, n_walked, key=jax.random.key(0))
        observations = np.resize(walk.observations, (n_steps, self.model.n_outcomes))
        risk = np.resize(walk.risk_of_chunks, -(-n_steps // CHUNK))
        peer = PublicMaze(self.model, n_steps)
        calls: dict[str, Callable[[], object]] = {
            _STEP[0]: lambda: peer.infer(observations),
            _FREE_ENERGY: lambda: peer.free_energy(risk, CHUNK),
            _STEP[1]: lambda: peer.learn(risk, CHUNK),
        }
        return tuple(Candidate(self._what(part), call, n_steps) for part, call in calls.items())

    def rows(self, samples: Samples) -> list["Row"]:
        """Return its step, its step with its free energy, and the three parts."""
        steps = samples.row(self._what(_STEP[0])).steps
        every = (_STEP, (*_STEP, _FREE_ENERGY), _STEP[:1], _STEP[1:], (_FREE_ENERGY,))
        return [row_of(self._what(*parts), self._time(samples, *parts), steps) for parts in every]

    def compared(self, row: "Row", samples: Samples) -> "Row":
        """Return our ``row`` with the peer's time over ours, both medians."""
        ratio = float(np.median(self._time(samples, *_STEP))) / row.microseconds_per_step
        return dataclasses.replace(row, ratio_to_peer=ratio, peer=self._what(*_STEP))

    def beside(self, row: "Row", samples: Samples, n_walked: int) -> "Row":
        """Return our ``row`` with the ratio within rounds, and the largest differences."""
        return dataclasses.replace(
            self.compared(row, samples),
            ratio_to_peer=samples.ratio(self._time(samples, *_STEP), row.what),
            agreement=agreement(self.model, self.world, n_walked),
        )

    def _what(self, *parts: str) -> str:
        return f"{self.name}: {', '.join(parts)}"

    def _time(self, samples: Samples, *parts: str) -> NDArray[np.float64]:
        return np.sum([samples.of(self._what(part)) for part in parts], axis=0)
