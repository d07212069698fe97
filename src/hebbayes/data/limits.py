"""Limits on what a file may claim: regular files, memory in proportion to their size, shallow JSON.

A file states the sizes of its arrays, and a damaged or hostile one may state anything.  Readers ask
a `MemoryBudget` before they allocate.  Arrays count at least 8 bytes per number, since recordings
hold int64 and float64.
"""

from __future__ import annotations

import json
import math
import stat
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hebbayes.core.errors import FormatError, shown_text

EXPANSION = 8
"""Bytes of arrays allowed per byte of a file, besides `ALLOWANCE`."""

ALLOWANCE = 128 * 2**20
"""Bytes of arrays that every file may hold."""

LONGEST_JSON = 2**24
"""Characters of a JSON text; parsed, it may take 30 times as many bytes."""

_LONGEST_TOML = 2**20


@dataclass
class MemoryBudget:
    """Memory that the arrays of one file may still take.

    Attributes:
        source: File or folder, for messages.
        left: Bytes left.
    """

    source: str
    left: int

    def take(self, shape: Sequence[int], bytes_each: int, place: str) -> None:
        """Reserve memory for an array of ``shape``.  Raises `FormatError` if too little is left.

        Example:
            >>> MemoryBudget("a.mat", 2**20).take((2**40, 2), 1, "r")
            Traceback (most recent call last):
                ...
            hebbayes.core.errors.FormatError: a.mat states that r has shape (1099511627776, 2), more
            than 8 times the file's size and 128 MiB; it is damaged, or compressed too far: save it
            again without compression.
        """
        shape = tuple(int(n) for n in shape)
        wanted = math.prod(shape) * max(int(bytes_each), 8)
        if wanted > self.left:
            raise FormatError(
                f"{self.source} states that {place} has shape {shape}, more than {EXPANSION} times "
                f"the file's size and {ALLOWANCE >> 20} MiB; it is damaged, or compressed too far: "
                "save it again without compression."
            )
        self.left -= wanted


def memory_budget(path: Path) -> MemoryBudget:
    """Return the memory that the arrays of a file or folder may take.

    Example:
        >>> memory_budget(Path(__file__)).left >= ALLOWANCE
        True
    """
    files = path.rglob("*") if path.is_dir() else (path,)
    size = sum(file.stat().st_size for file in files if file.is_file())
    return MemoryBudget(str(path), EXPANSION * size + ALLOWANCE)


def check_regular(path: Path) -> None:
    """Raise `FormatError` if a path is a pipe, a socket or a device; reading it might never end.

    Example:
        >>> check_regular(Path("/dev/zero"))
        Traceback (most recent call last):
            ...
        hebbayes.core.errors.FormatError: /dev/zero is not a regular file; copy its content
        into one.
    """
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError):
        return  # opening it will say why
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
        raise FormatError(f"{path} is not a regular file; copy its content into one.")


def parse_json(text: str | bytes, place: str) -> Any:
    """Return what JSON text states.  Raises `FormatError` if it is malformed or nested too deeply.

    Example:
        >>> parse_json("[" * 100_000, "provenance")
        Traceback (most recent call last):
            ...
        hebbayes.core.errors.FormatError: provenance must be JSON text; got '[[...', nested
        too deeply.
    """
    if len(text) > LONGEST_JSON:
        raise FormatError(f"{place} is {len(text)} characters long; wanted {LONGEST_JSON} at most.")
    try:
        return json.loads(text)
    except ValueError as error:
        reason = ""
        cause: Exception = error
    except RecursionError as error:
        reason, cause = ", nested too deeply", error
    raise FormatError(f"{place} must be JSON text; got {str(text)[:40]!r}{reason}.") from cause


def read_toml(path: Path, holds: str) -> dict[str, Any]:
    """Return the keys of a small TOML file; ``holds`` says for a message why it is small.

    Raises `FormatError`.

    Example:
        >>> read_toml(Path("absent.toml"), "a task has a few stimuli")
        Traceback (most recent call last):
            ...
        hebbayes.core.errors.FormatError: cannot read absent.toml: No such file or directory.
    """
    check_regular(path)
    try:
        if path.stat().st_size > _LONGEST_TOML:
            raise FormatError(f"{path} is larger than 1 MiB; {holds}.")
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise FormatError(f"cannot read {path}: {error.strerror or error}.") from error
    except (ValueError, RecursionError) as error:
        if isinstance(error, FormatError):
            raise
        raise FormatError(f"{path} is not TOML: {shown_text(error)}.") from error
