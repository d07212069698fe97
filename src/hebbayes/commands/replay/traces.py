"""Recorded maze trials to replay: every decision and position, sampled beliefs, final counts.

The layout is that of docs, page file formats.  A file is read whole and checked here, so that
`replay` works with plain arrays.  Any odd maze, any odd view, any depth of planning.
"""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hebbayes.agents.maze_agent import N_MOVES
from hebbayes.core.checks import check_between, check_binary, check_finite, check_shape
from hebbayes.core.errors import FormatError, ShapeError, ValueRangeError
from hebbayes.data.files import load_arrays

CHUNK_LENGTH = 200
"""Decisions that share one recorded risk."""

Values = NDArray[Any]


@dataclass(frozen=True)
class TraceTrial:
    """One recorded trial; T decisions.

    Attributes:
        decision: (T,), which decision was taken.
        position: (T + 1, 2), row and column before each decision, and at the end.
        sample: (n,), 0-based steps at which beliefs were kept.
        activity: (n, states), posterior expectation of states at these steps.
        output: (n, decisions), that of decisions, before one was drawn.
        risk: (chunks,), one per `CHUNK_LENGTH` decisions.
        free_energy: Nats, all steps but the last.
    """

    decision: Values
    position: Values
    sample: Values
    activity: Values
    output: Values
    risk: Values
    free_energy: float


@dataclass(frozen=True)
class Trace:
    """Consecutive trials of one agent in one maze.

    Attributes:
        maze: (rows, columns), 1 for a wall.
        e_right: The agent's habit.
        trials: In order; each starts from the counts that the one before left.
        counts: Tables a, b, c after the last trial, as in `GenerativeModel`.
    """

    maze: Values
    e_right: float
    trials: tuple[TraceTrial, ...]
    counts: dict[str, Values]

    @property
    def n_states(self) -> int:
        """Number of hidden states, one per cell in view."""
        return int(self.trials[0].activity.shape[1])

    @property
    def n_decisions(self) -> int:
        """Number of decisions."""
        return int(self.trials[0].output.shape[1])

    @property
    def view_size(self) -> int:
        """Cells along one side of the field of view."""
        return math.isqrt(self.n_states)

    @property
    def depth(self) -> int:
        """Moves that a decision plans."""
        return round(math.log(self.n_decisions, N_MOVES))


def read_trace(path: Path) -> Trace:
    """Return the trace in ``path``.

    Raises `FormatError` or `ShapeError` in one sentence: unreadable, keys missing, wrong shapes,
    values that are no numbers or out of range, even mazes.

    Example:
        >>> read_trace(Path("no such file.npz"))
        Traceback (most recent call last):
            ...
        hebbayes.core.errors.FormatError: cannot read no such file.npz: No such file or directory.
    """
    arrays = load_arrays(path, wanted=("maze", "e_right", "decision_0", "qa", "qb", "qc"))
    try:
        return _trace(arrays)
    except ShapeError as error:
        raise ShapeError(f"{path}: {error}") from error
    except ValueRangeError as error:
        raise FormatError(f"{path}: {error}") from error
    except KeyError as error:
        raise FormatError(f"{path} lacks {error.args[0]}; every trial needs it.") from error


def _trace(arrays: dict[str, Values]) -> Trace:
    for name, values in arrays.items():
        if not (np.issubdtype(values.dtype, np.number) or values.dtype == bool):
            raise ValueRangeError(f"{name} holds {values.dtype}; wanted numbers.")
        check_finite(name, values)
    maze = _maze(arrays["maze"])
    check_shape("e_right", arrays["e_right"], ())
    check_between("e_right", arrays["e_right"], 0.0, 0.5)
    n_trials = sum(name.startswith("decision_") for name in arrays)
    n_states, n_decisions = (_width(arrays, f"{name}_0") for name in ("qs", "qd"))
    if math.isqrt(n_states) ** 2 != n_states or n_states % 2 == 0:
        raise ShapeError(f"qs_0 has {n_states} states; wanted the cells of an odd square view.")
    if n_decisions not in [N_MOVES**depth for depth in range(1, 10)]:
        raise ShapeError(f"qd_0 has {n_decisions} decisions; wanted a power of {N_MOVES}.")
    trials = tuple(_trial(arrays, k, maze, n_states, n_decisions) for k in range(n_trials))
    sizes = {"a": (n_states, n_states), "b": (n_states, n_states), "c": (n_states, n_decisions)}
    counts = {name: _counts(arrays[f"q{name}"], name, *size) for name, size in sizes.items()}
    return Trace(maze, float(arrays["e_right"]), trials, counts)


def _maze(maze: Values) -> Values:
    check_shape("maze", maze, (None, None))
    rows, columns = maze.shape
    if min(rows, columns) < 3 or rows % 2 == 0 or columns % 2 == 0:
        raise ShapeError(f"maze is {rows} x {columns}; wanted odd sizes of at least 3.")
    check_binary("maze", maze)
    return maze.astype(int)


def _width(arrays: dict[str, Values], name: str) -> int:
    check_shape(name, arrays[name], (None, None))
    return int(arrays[name].shape[1])


def _trial(
    arrays: dict[str, Values], k: int, maze: Values, n_states: int, n_decisions: int
) -> TraceTrial:
    decision = _whole(arrays, f"decision_{k}", (None,), 0, n_decisions - 1)
    n_steps = len(decision)
    if n_steps == 0:
        raise ShapeError(f"decision_{k} is empty; wanted at least one decision.")
    position = _whole(arrays, f"position_{k}", (2, n_steps + 1), 0, max(maze.shape) - 1)
    check_between(f"rows of position_{k}", position[0], 0, maze.shape[0] - 1)
    sample = _whole(arrays, f"sample_steps_{k}", (None,), 1, n_steps) - 1
    beliefs = []
    for name, n_units in (("qs", n_states), ("qd", n_decisions)):
        check_shape(f"{name}_{k}", arrays[f"{name}_{k}"], (len(sample), n_units))
        check_between(f"{name}_{k}", arrays[f"{name}_{k}"], 0.0, 1.0)
        beliefs.append(arrays[f"{name}_{k}"].astype(float))
    check_shape(f"gamma_{k}", arrays[f"gamma_{k}"], (-(-n_steps // CHUNK_LENGTH),))
    check_between(f"gamma_{k}", arrays[f"gamma_{k}"], 0.0, 1.0)
    check_shape(f"free_energy_{k}", arrays[f"free_energy_{k}"], ())
    return TraceTrial(
        decision=decision,
        position=position.T,
        sample=sample,
        activity=beliefs[0],
        output=beliefs[1],
        risk=arrays[f"gamma_{k}"].astype(float),
        free_energy=float(arrays[f"free_energy_{k}"]),
    )


def _whole(
    arrays: dict[str, Values], name: str, shape: tuple[int | None, ...], low: int, high: int
) -> Values:
    values = arrays[name]
    check_shape(name, values, shape)
    check_between(name, values, low, high)
    if not np.array_equal(values, np.round(values)):
        raise ValueRangeError(f"{name} must hold whole numbers.")
    return values.astype(int)


def _counts(blocks: Values, name: str, n_rows: int, n_columns: int) -> Values:
    """Return [on,on | on,off ; off,on | off,off] as (2, 2, rows, columns)."""
    check_shape(f"q{name}", blocks, (2 * n_rows, 2 * n_columns))
    check_between(f"q{name}", blocks, 0.0, np.inf)
    return blocks.astype(float).reshape(2, n_rows, 2, n_columns).transpose(0, 2, 1, 3)
