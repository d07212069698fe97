"""What the processes of a study tell each other, and how it is stored.

Plain values and NumPy arrays: the parent process never imports jax for the sake of its workers.
"""

import pickle
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from hebbayes.core.errors import FormatError

Values = NDArray[Any]

TABLES = ("likelihood", "transition", "policy")
"""The counts that an agent carries from trial to trial."""


@dataclass(frozen=True)
class Life:
    """One agent in one maze.

    Attributes:
        role: Sets its random numbers apart from those of others in the same maze.
        maze: Number of the maze, from 0.
        habit: Prior probability of a first move to the right, or of each decision.
        trials: How many it goes through.
        steps: Longest duration of a trial; an unsolved one counts as this.
        is_learning: Whether its counts change.
    """

    role: int
    maze: int
    habit: float | Values
    trials: int
    steps: int
    is_learning: bool = True


@dataclass
class History:
    """What is known of a life.

    Attributes:
        durations: Decisions made and one more, per finished trial.
        free_energy: Nats, per finished trial.
        first_taken: How often each decision was taken in the first trial.
        evidence: Table to counts to go on from; empty before the first trial and after the last.
    """

    durations: list[int] = field(default_factory=list)
    free_energy: list[float] = field(default_factory=list)
    first_taken: Values = field(default_factory=lambda: np.zeros(0, np.int64))
    evidence: dict[str, Values] = field(default_factory=dict)


@dataclass(frozen=True)
class Assignment:
    """What a worker is told: whose life, from which trial on, with which counts."""

    name: str
    life: Life
    seed: int
    first_trial: int
    evidence: Mapping[str, Values]


@dataclass(frozen=True)
class Report:
    """What a worker tells: that it is ready (no name), a finished trial, or a failure."""

    name: str = ""
    duration: int = 0
    free_energy: float = 0.0
    taken: Values | None = None
    evidence: dict[str, Values] = field(default_factory=dict)
    failure: str = ""


def send(stream: IO[bytes], message: Any) -> None:
    """Write ``message`` to a pipe.

    Example:
        >>> import io
        >>> pipe = io.BytesIO()
        >>> send(pipe, Report(name="a", duration=7))
        >>> receive(io.BytesIO(pipe.getvalue())).duration
        7
    """
    pickle.dump(message, stream, protocol=pickle.HIGHEST_PROTOCOL)
    stream.flush()


def receive(stream: IO[bytes]) -> Any:
    """Return the next message of a pipe, or None where the other end is gone.

    Example:
        >>> import io
        >>> receive(io.BytesIO(b"")) is None
        True
    """
    try:
        return pickle.load(stream)
    except (EOFError, OSError, pickle.UnpicklingError):
        return None  # killed in the middle of a message


def pack(identity: str, histories: Mapping[str, History]) -> dict[str, Values]:
    """Return histories as plain arrays, the contents of a checkpoint.

    Example:
        >>> saved = pack("study 1", {"a": History([3, 4], [0.5, 0.25], np.array([2, 5]))})
        >>> unpack(saved, "study 1")["a"].durations
        [3, 4]
    """
    known = list(histories.values())
    n_trials = max((len(h.durations) for h in known), default=0)
    n_decisions = max((h.first_taken.size for h in known), default=0)
    arrays = {
        "identity": np.array(identity),
        "names": np.array(list(histories), dtype=str),
        "n_done": np.array([len(h.durations) for h in known], np.int64),
        "durations": np.zeros((len(known), n_trials), np.int64),
        "free_energy": np.zeros((len(known), n_trials)),
        "first_taken": np.zeros((len(known), n_decisions), np.int64),
    }
    for row, history in enumerate(known):
        arrays["durations"][row, : len(history.durations)] = history.durations
        arrays["free_energy"][row, : len(history.free_energy)] = history.free_energy
        arrays["first_taken"][row, : history.first_taken.size] = history.first_taken
        for table, counts in history.evidence.items():
            arrays[f"{table}_{row}"] = counts
    return arrays


def unpack(arrays: Mapping[str, Values], identity: str) -> dict[str, History]:
    """Return the histories that `pack` stored.

    Raises `FormatError` for arrays of another study or of no study.

    Example:
        >>> unpack(pack("study 1", {}), "study 2")
        Traceback (most recent call last):
            ...
        hebbayes.core.errors.FormatError: the checkpoint belongs to another study ...
    """
    try:
        if str(arrays["identity"]) != identity:
            raise FormatError(
                "the checkpoint belongs to another study (config or seed differ); give that "
                "study's options, another --out, or --force to start over."
            )
        histories = {}
        for row, name in enumerate(arrays["names"].tolist()):
            done = int(arrays["n_done"][row])
            histories[name] = History(
                arrays["durations"][row, :done].tolist(),
                arrays["free_energy"][row, :done].tolist(),
                arrays["first_taken"][row],
                {t: arrays[f"{t}_{row}"] for t in TABLES if f"{t}_{row}" in arrays},
            )
    except (KeyError, IndexError, ValueError) as error:
        if isinstance(error, FormatError):
            raise
        raise FormatError(
            f"the checkpoint is not one of a study ({error!r}); remove it to start over."
        ) from error
    return histories
