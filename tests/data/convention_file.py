"""A file in a convention that people use: how it is written, and the flags it needs."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.random import Generator


@dataclass(frozen=True)
class ConventionFile:
    """A file of one convention, for tests and for the table in the docs.

    Attributes:
        name: File name.
        convention: What it is, in a few words.
        make: Writes it to a path from a stream of random numbers; returns what it holds.
        flags: Fields of the config that have to be stated.
    """

    name: str
    convention: str
    make: Callable[[Path, Generator], Any]
    flags: dict[str, str] = field(default_factory=dict)

    def write(self, path: Path) -> Any:
        """Write the file, the same every time, and return what it holds."""
        return self.make(path, np.random.default_rng(12))
