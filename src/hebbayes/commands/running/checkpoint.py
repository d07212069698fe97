"""Work saved while a command runs, so that an interruption loses little."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hebbayes.data.files import load_arrays, save_arrays

if TYPE_CHECKING:
    from hebbayes.commands.running.progress import Progress

Arrays = dict[str, NDArray[Any]]


class Checkpoint:
    """The file ``checkpoint.npz`` of a run folder, replaced whole at every save."""

    def __init__(self, path: Path) -> None:
        """Refer to ``path``; nothing is read or written yet."""
        self.path = path

    def load(self) -> dict[str, NDArray[Any]] | None:
        """Return the arrays last saved, or None.  Raises `FormatError` if the file is damaged."""
        return load_arrays(self.path) if self.path.exists() else None

    def save(self, arrays: Mapping[str, Any]) -> None:
        """Replace the last save.  If it raises `OutputError`, the last save stays."""
        save_arrays(self.path, arrays)


def measure_each(
    tasks: Sequence[tuple[Any, ...]],
    measure: Callable[..., Arrays],
    status: Callable[[tuple[Any, ...], Arrays], str],
    *,
    progress: "Progress",
    checkpoint: Checkpoint | None,
) -> Arrays:
    """Return ``measure(*task)`` of every task, stacked; what a checkpoint holds is not repeated.

    ``status`` describes a task and its arrays for the stage of ``progress``, which has begun.
    Raises `FormatError` if the checkpoint is damaged.

    Example:
        >>> from hebbayes.commands.running.progress import DEFAULT_PROGRESS
        >>> measure_each([(1,), (2,)], lambda n: {"square": np.array(n**2)}, lambda *_: "",
        ...              progress=DEFAULT_PROGRESS, checkpoint=None)
        {'square': array([1, 4])}
    """
    done: list[Arrays] = []
    if checkpoint and (saved := checkpoint.load()):
        n_done = len(next(iter(saved.values())))
        done = [{name: values[i] for name, values in saved.items()} for i in range(n_done)]
    progress.advance(len(done))
    for task in tasks[len(done) :]:
        done.append(measure(*task))
        if checkpoint:
            checkpoint.save(_stacked(done))
        progress.advance(1, status(task, done[-1]))
    return _stacked(done)


def _stacked(done: list[Arrays]) -> Arrays:
    return {name: np.stack([arrays[name] for arrays in done]) for name in done[0]}
