"""Configs of the commands that run agents in worlds.  Plain values only."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal


@dataclass(frozen=True)
class CertifyConfig:
    """Equivalence certificate of a fresh run.

    Attributes:
        task: World that drives the network: maze, sources, dog, or one registered by an installed
            package.
        steps: Time steps of each of the two trials (the second is certified, after learning).
        dtype: Precision of every array.
        expectation: E[ln parameter]: the network's own (log) or exact variational Bayes (digamma).
        perturb: Row of the certificate whose network quantity is deliberately perturbed.
        delay: Steps of delay of recurrent and output synapses.
        learn_priors: Learn the priors of states and decisions too, the threshold factors.
        seed: Seed of everything random.
    """

    task: str = "maze"
    steps: int = 400
    dtype: Literal["float32", "float64"] = "float64"
    expectation: Literal["log", "digamma"] = "log"
    perturb: str | None = None
    delay: int = 1
    learn_priors: bool = False
    seed: int = 0


@dataclass(frozen=True)
class ReplayConfig:
    """Run the observations and decisions of a recorded trace through our network and compare.

    Attributes:
        trace: File in the layout described in docs/file-formats.md.
    """

    trace: Path


@dataclass(frozen=True, kw_only=True)
class MazeStudyConfig:
    """The published study: three priors, mazes to learn from and mazes to predict.

    Attributes:
        mazes: Number of mazes of a set, each with its own agent.
        trials: Trials per maze.
        steps: Longest duration of a trial; an unsolved one counts as this.
        workers: Processes; 0 takes one per core.
        seed: Seed of everything random.
    """

    mazes: int = 10
    trials: int = 100
    steps: int = 20_000
    workers: int = 0
    seed: int = 0


@dataclass(frozen=True)
class MazeConfig(MazeStudyConfig):
    """Maze study of one condition.

    Attributes:
        e_right: Prior probability of a first move to the right, 0 to 0.5.
        learning: Change synapses at the end of each trial.
    """

    e_right: float
    learning: bool = field(default=True, kw_only=True)


@dataclass(frozen=True)
class PredictMazeConfig(MazeStudyConfig):
    """Estimate the decision prior in the first mazes, predict as many unseen ones.

    Attributes:
        e_right: Prior probability of a first move to the right, 0 to 0.5.
        agents: Agents of each kind per predicted maze, averaged; the paper has 1.
    """

    e_right: float
    agents: int = field(default=2, kw_only=True)


@dataclass(frozen=True)
class PlayConfig:
    """The default agent learns a Gymnasium world, then acts by its most probable decision.

    Attributes:
        env_id: Name of the world in Gymnasium, such as FrozenLake-v1; MiniGrid's are known too.
        episodes: Training episodes; 0 for as many as --steps hold.
        steps: Training steps; 0 for 200,000, or as many as --episodes take.
        options: Options of the world, "name=value,name=value", such as is_slippery=False.
        seed: Seed of everything random.
    """

    env_id: str
    episodes: int = 0
    steps: int = 0
    options: str = ""
    seed: int = 0


@dataclass(frozen=True)
class SourcesConfig:
    """Blind source separation.

    Attributes:
        d1: Prior probability that a source is on, 0 to 1.
        sessions: Sessions per run.
        steps: Stimuli per session.
        runs: Independent runs.
        sweep: Also run with D1 from 0.05 to 0.95, with as many runs each.
        seed: Seed of everything random.
    """

    d1: float = 0.5
    sessions: int = 100
    steps: int = 256
    runs: int = 1
    sweep: bool = False
    seed: int = 0
