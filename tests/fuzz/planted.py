"""Readers with planted faults: prints the class that the harness gives to each.

python -m tests.fuzz.planted
"""

import json
import os
import signal
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

from hebbayes.core.errors import HebbayesError

from . import campaign
from .targets import TARGETS, Target

GOOD = bytes(range(100))


def _hang(path: Path) -> str:
    while True:
        pass


def _crash(path: Path) -> str:
    os.kill(os.getpid(), signal.SIGSEGV)
    return ""


def _refuse(path: Path) -> str:
    raise HebbayesError("damaged.")


READERS: dict[str, Callable[[Path], str]] = {
    "changed silently": lambda path: "other",
    "exit 3": lambda path: str(1 / 0),
    "hang": _hang,
    "crash": _crash,
    "memory": lambda path: str(np.ones(45_000_000).sum()),  # 360 MB
    "refused": _refuse,
    "identical": lambda path: "good",
}


def _target(read: Callable[[Path], str]) -> Target:
    def make(folder: Path) -> Path:
        (folder / "a.bin").write_bytes(GOOD)
        return folder / "a.bin"

    def read_mutant(path: Path) -> str:
        return "good" if path.read_bytes() == GOOD else read(path)

    return Target(make, read_mutant, has_checksum=True, damage=lambda content, rng: content[:-1])


def main() -> None:
    """Print, for every planted fault, the classes of two mutants."""
    campaign.SECONDS = 2
    TARGETS.clear()
    TARGETS.update({name: _target(read) for name, read in READERS.items()})
    with tempfile.TemporaryDirectory() as folder:
        report = campaign.campaign(2 * len(READERS), 0, [], Path(folder))
    print(json.dumps(report.outcomes))


if __name__ == "__main__":
    main()
