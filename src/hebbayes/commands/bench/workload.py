"""Sizes and repeats of all benchmarks."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Workload:
    """Sizes and repeats of all measurements.

    Attributes:
        rounds: Rounds; each candidate runs once in every round.
        maze_steps: Decisions of the maze trial that is timed; the published longest.
        maze_trials: Such trials per round; a peer makes one.
        studies: Runs of the command `maze`, each with new random numbers.
        study_trials: Trials of each of them.
        agreement_steps: Decisions of each of two maze trials that compare a peer's numbers.
        sources_steps: Stimuli of the sources run that is timed.
        products: Bare products and reads per round.
    """

    rounds: int = 5
    maze_steps: int = 19_999
    maze_trials: int = 5
    studies: int = 3
    study_trials: int = 10
    agreement_steps: int = 4_000
    sources_steps: int = 25_600
    products: int = 20_000


FULL = Workload()
