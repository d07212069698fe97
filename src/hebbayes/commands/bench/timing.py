"""Alternating measurements: candidates run one after another, round by round, in one process.

Another program on the same core then slows all candidates of a round alike, so the ratio of two of
them within a round remains valid.  Every candidate runs once before the timing starts.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hebbayes.commands.bench.present import Row


@dataclass(frozen=True)
class Candidate:
    """Something to time.

    Attributes:
        what: Name of its row.
        call: Does ``steps`` steps and returns when they are done.
        steps: Steps per call.
    """

    what: str
    call: Callable[[], object]
    steps: int


@dataclass(frozen=True)
class Samples:
    """Times of all candidates.

    Attributes:
        candidates: The columns of ``microseconds``.
        microseconds: (rounds, candidates), per step.
        warm_up_seconds: Time of the first call of each candidate, before the timing started.
    """

    candidates: tuple[Candidate, ...]
    microseconds: NDArray[np.float64]
    warm_up_seconds: float

    def of(self, what: str) -> NDArray[np.float64]:
        """Return the microseconds per step of one candidate, one per round."""
        names = [candidate.what for candidate in self.candidates]
        return self.microseconds[:, names.index(what)]

    def row(self, what: str, **more: object) -> Row:
        """Return the row of one candidate; ``more`` are further fields of `Row`."""
        steps = next(c.steps for c in self.candidates if c.what == what)
        return row_of(what, self.of(what), steps, **more)

    def ratio(self, slow: NDArray[np.float64], what: str) -> float:
        """Return the median over rounds of ``slow`` over the time of ``what``."""
        return float(np.median(slow / self.of(what)))


def alternate(candidates: Sequence[Candidate], rounds: int) -> Samples:
    """Return the samples of ``rounds`` rounds, after each candidate has run once.

    Example:
        >>> samples = alternate([Candidate("nothing", lambda: None, 1)], rounds=3)
        >>> samples.microseconds.shape, bool(samples.row("nothing").fastest > 0)
        ((3, 1), True)
    """
    begin = time.perf_counter()
    for candidate in candidates:
        candidate.call()
    warm_up = time.perf_counter() - begin
    microseconds = np.array([[_microseconds(c) for c in candidates] for _ in range(rounds)])
    return Samples(tuple(candidates), microseconds, warm_up)


def row_of(what: str, microseconds: NDArray[np.float64], steps: int, **more: object) -> Row:
    """Return a row from microseconds per step, one per round.

    Example:
        >>> row_of("step", np.array([3.0, 1.0, 9.0]), 10).microseconds_per_step
        3.0
    """
    times = float(np.median(microseconds)), float(microseconds.min()), float(microseconds.max())
    return Row(what, *times, steps, **more)  # type: ignore[arg-type]


def repeated(call: Callable[[], object], times: int) -> Callable[[], None]:
    """Return a function that calls ``call`` that many times, for calls of microseconds.

    Example:
        >>> calls = []
        >>> repeated(lambda: calls.append(1), 3)()
        >>> len(calls)
        3
    """

    def run() -> None:
        for _ in range(times):
            call()

    return run


def _microseconds(candidate: Candidate) -> float:
    begin = time.perf_counter()
    candidate.call()
    return (time.perf_counter() - begin) / candidate.steps * 1e6
