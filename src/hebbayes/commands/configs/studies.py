"""Configs of published figures, the demonstration and measurements.  Plain values only."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class ReproduceConfig:
    """Reproduce a published figure beside the published numbers.

    Attributes:
        name: Figure to reproduce, or list.
        mazes: Mazes per set; the papers have 10.
        trials: Trials per maze; the papers have 100.
        steps: Longest duration of a trial; the papers have 20,000.
        runs: Networks per value of D1 that separate sources.
        files: Recordings of cultures, comma-separated; by default those of the reference data.
        latent: Also fit a latent network by gradient (what-theory-adds); takes minutes.
        workers: Processes; 0 takes one per core.
        seed: Seed of everything random.
    """

    name: str = "list"
    mazes: int = 4
    trials: int = 40
    steps: int = 20_000
    runs: int = 3
    files: str | None = None
    latent: bool = False
    workers: int = 0
    seed: int = 0


@dataclass(frozen=True)
class DemoConfig:
    """The whole story on embedded data.

    Attributes:
        seed: Seed of everything random.
    """

    seed: int = 0


@dataclass(frozen=True)
class BenchConfig:
    """Measurements on this machine.

    Attributes:
        what: What to measure.
        peers: Also measure other packages in the same run, if they are importable.
        seed: Seed of everything random.
    """

    what: Literal["maze", "sources", "analyze", "all"] = "maze"
    peers: bool = False
    seed: int = 0
