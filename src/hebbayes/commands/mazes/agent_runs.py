"""Records of the agents in a maze study: what each is to do, and what it has done so far.

Plain values and NumPy arrays, so that the parent process does not import JAX for its workers.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hebbayes.core.errors import FormatError

Values = NDArray[Any]

TABLES = ("likelihood", "transition", "policy")
"""The counts that an agent carries from trial to trial."""


@dataclass(frozen=True)
class AgentRun:
    """The trials of one agent in one maze.

    Attributes:
        role: Separates the agent's random numbers from those of others in the same maze.
        maze: Number of the maze, from 0.
        decision_prior: Prior probability of a first move to the right, or of each decision.
        trials: Number of trials.
        steps: Longest duration of a trial; an unsolved one counts as this.
        is_learning: Whether the agent's counts change.
    """

    role: int
    maze: int
    decision_prior: float | Values
    trials: int
    steps: int
    is_learning: bool = True


@dataclass
class History:
    """Finished trials of an agent.

    Attributes:
        durations: Number of decisions plus one, per trial.
        free_energy: Nats, per trial.
        first_taken: How often the agent took each decision in the first trial.
        evidence: Counts by table from which the next trial starts; empty before the first trial
            and after the last.
    """

    durations: list[int] = field(default_factory=list)
    free_energy: list[float] = field(default_factory=list)
    first_taken: Values = field(default_factory=lambda: np.zeros(0, np.int64))
    evidence: dict[str, Values] = field(default_factory=dict)


@dataclass(frozen=True)
class Assignment:
    """What a worker needs to continue an agent's run.

    Attributes:
        run: The run.
        seed: Seed of the study.
        first_trial: Trial to continue with.
        evidence: Counts by table from which that trial starts.
    """

    run: AgentRun
    seed: int
    first_trial: int
    evidence: Mapping[str, Values]


@dataclass(frozen=True)
class TrialReport:
    """One finished trial.

    Attributes:
        duration: Number of decisions plus one.
        free_energy: Nats.
        taken: How often the agent took each decision; first trial only.
        evidence: Counts by table from which the next trial starts.
    """

    duration: int
    free_energy: float
    taken: Values | None
    evidence: dict[str, Values]


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
                "the checkpoint belongs to another study (config or seed differ); pass that "
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
