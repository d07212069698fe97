"""Replies of workers that a checkpoint keeps, so that an interrupted command repeats few of them.

Records of arrays, numbers, text, mappings and tuples become JSON, whose numbers are read back
exactly.  Only the kinds of record that the command names are made again.
"""

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hebbayes.core.errors import FormatError

if TYPE_CHECKING:
    from hebbayes.commands.running.checkpoint import Checkpoint
    from hebbayes.commands.running.progress import Progress
    from hebbayes.commands.running.workers import AbstractWorkers

_SAVE_EVERY_S = 3.0


class SavedReplies:
    """What workers returned so far, by the name of the work and the place of the task."""

    def __init__(
        self,
        workers: "AbstractWorkers",
        progress: "Progress",
        checkpoint: "Checkpoint | None" = None,
        *,
        kinds: Sequence[type] = (),
        save_every_s: float = _SAVE_EVERY_S,
    ) -> None:
        """Load what the checkpoint holds; replies are records of these ``kinds``."""
        self._workers, self._progress, self._checkpoint = workers, progress, checkpoint
        self._kinds = {kind.__name__: kind for kind in kinds}
        self._every_s, self._saved_at = save_every_s, time.monotonic()
        self._known = dict((checkpoint.load() if checkpoint else None) or {})

    def map(self, what: str, function: Callable[[Any], Any], tasks: Sequence[Any]) -> "list[Any]":
        """Return ``function`` of every task, in order; those already known are not run again.

        The same ``what`` must mean the same tasks.

        Example:
            >>> from hebbayes.commands.running.progress import DEFAULT_PROGRESS
            >>> from hebbayes.commands.running.worker_pool import open_workers
            >>> with open_workers(1) as workers:
            ...     SavedReplies(workers, DEFAULT_PROGRESS).map("squares", abs, [-1, 2])
            [1, 2]
        """
        if not tasks:
            return []
        keys = [f"{what}/{k}" for k in range(len(tasks))]
        replies = {
            key: decoded(self._known[key], self._kinds) for key in keys if key in self._known
        }
        self._progress.start(what, len(tasks))
        self._progress.advance(len(replies))
        missing = [key for key in keys if key not in replies]
        left = [task for key, task in zip(keys, tasks) if key not in replies]
        try:
            for key, reply in zip(missing, self._workers.map(function, left)):
                replies[key] = reply
                if self._checkpoint:
                    self._known[key] = encoded(reply)
                    self._save(self._every_s)
                self._progress.advance()
        finally:  # an interrupt, too, loses nothing that was returned
            if missing:
                self._save(0.0)
        return [replies[key] for key in keys]

    def _save(self, after_s: float) -> None:
        is_due = time.monotonic() - self._saved_at >= after_s
        if self._checkpoint and self._known and is_due:
            self._checkpoint.save(self._known)
            self._saved_at = time.monotonic()


def encoded(value: Any) -> NDArray[np.uint8]:
    """Return a record as an array of bytes, (bytes,).

    Example:
        >>> decoded(encoded({"a": (1, np.array([0.1]))}), {})
        {'a': (1, array([0.1]))}
    """
    return np.frombuffer(json.dumps(_packed(value)).encode(), np.uint8)


def decoded(data: NDArray[Any], kinds: Mapping[str, type]) -> Any:
    """Return the record that `encoded` was given, made of these kinds.

    Raises `FormatError` if it is damaged.

    Example:
        >>> decoded(np.zeros(1, np.uint8), {})
        Traceback (most recent call last):
            ...
        hebbayes.core.errors.FormatError: the checkpoint is damaged; run again with --force.
    """
    try:
        return _unpacked(json.loads(data.astype(np.uint8).tobytes()), kinds)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise FormatError("the checkpoint is damaged; run again with --force.") from error


def _packed(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        parts = {field.name: _packed(getattr(value, field.name)) for field in fields(value)}
        return {"kind": type(value).__name__, "fields": parts}
    if isinstance(value, np.ndarray):
        return {"array": value.ravel().tolist(), "shape": value.shape, "type": value.dtype.str}
    if isinstance(value, Mapping):
        return {"mapping": [[_packed(key), _packed(entry)] for key, entry in value.items()]}
    if isinstance(value, (tuple, list)):
        return {type(value).__name__: [_packed(entry) for entry in value]}
    return value.item() if isinstance(value, np.generic) else value


def _unpacked(value: Any, kinds: Mapping[str, type]) -> Any:
    if not isinstance(value, dict):
        return value
    if "kind" in value:
        parts = {name: _unpacked(part, kinds) for name, part in value["fields"].items()}
        return kinds[value["kind"]](**parts)
    if "array" in value:
        return np.array(value["array"], np.dtype(value["type"])).reshape(value["shape"])
    if "mapping" in value:
        return {_unpacked(key, kinds): _unpacked(part, kinds) for key, part in value["mapping"]}
    of = list if "list" in value else tuple
    return of(_unpacked(part, kinds) for part in value[of.__name__])
