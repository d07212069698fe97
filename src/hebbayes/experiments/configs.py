"""One frozen record per command: the TOML schema, the flags, the Python argument, the provenance.

Plain values only, so that `hebbayes --help` imports neither jax nor matplotlib.  Values are
checked by `run(config)` of the experiment that a record belongs to.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from hebbayes.experiments.design_config import DesignConfig as DesignConfig
from hebbayes.experiments.recording_configs import (
    AnalyzeConfig as AnalyzeConfig,
)
from hebbayes.experiments.recording_configs import (
    CheckConfig as CheckConfig,
)
from hebbayes.experiments.recording_configs import (
    PredictBehaviourConfig as PredictBehaviourConfig,
)
from hebbayes.experiments.recording_configs import (
    ReadingConfig as ReadingConfig,
)
from hebbayes.experiments.recording_configs import (
    SimulateCultureConfig as SimulateCultureConfig,
)


@dataclass(frozen=True)
class CertifyConfig:
    """Equivalence certificate of a fresh run.

    Attributes:
        task: World that drives the network.
        steps: Time steps of each of the two trials (the second is certified, after learning).
        dtype: Precision of every array.
        expectation: E[ln parameter]: the network's own (log) or exact variational Bayes (digamma).
        perturb: Certificate row whose network quantity is damaged on purpose.
        seed: Seed of everything random.
    """

    task: Literal["maze", "sources"] = "maze"
    steps: int = 400
    dtype: Literal["float32", "float64"] = "float64"
    expectation: Literal["log", "digamma"] = "log"
    perturb: str | None = None
    seed: int = 0


@dataclass(frozen=True)
class ReplayConfig:
    """Run a recorded trace's observations and decisions through our network and compare.

    Attributes:
        trace: File in the layout of docs, page file formats.
    """

    trace: Path


@dataclass(frozen=True)
class MazeConfig:
    """Maze study of one condition.

    Attributes:
        e_right: Prior probability of a first move to the right, 0 to 0.5.
        mazes: Number of mazes, each with its own agent.
        trials: Trials per maze.
        steps: Longest duration of a trial; an unsolved one counts as this.
        workers: Processes; 0 takes one per core.
        learning: Change synapses at the end of each trial.
        seed: Seed of everything random.
    """

    e_right: float
    mazes: int = 10
    trials: int = 100
    steps: int = 20_000
    workers: int = 0
    learning: bool = True
    seed: int = 0


@dataclass(frozen=True)
class PredictMazeConfig:
    """Estimate the decision prior in the first mazes, predict as many unseen ones.

    Attributes:
        e_right: Prior probability of a first move to the right, 0 to 0.5.
        mazes: Number of mazes to estimate from, and of mazes to predict.
        trials: Trials per predicted maze.
        agents: Lives of each kind of agent per predicted maze, of which the mean is taken; the
            paper has 1.
        steps: Longest duration of a trial; an unsolved one counts as this.
        workers: Processes; 0 takes one per core.
        seed: Seed of everything random.
    """

    e_right: float
    mazes: int = 10
    trials: int = 100
    agents: int = 2
    steps: int = 20_000
    workers: int = 0
    seed: int = 0


@dataclass(frozen=True)
class MazeStudyConfig:
    """The published study: three priors, mazes to learn from and mazes to predict.

    Attributes:
        mazes: Mazes per set.
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
class SourcesConfig:
    """Blind source separation.

    Attributes:
        d1: Prior probability that a source is on, 0 to 1.
        sessions: Sessions per run.
        steps: Stimuli per session.
        runs: Independent runs.
        sweep: Also run with D1 from 0.05 to 0.95, as often each.
        seed: Seed of everything random.
    """

    d1: float = 0.5
    sessions: int = 100
    steps: int = 256
    runs: int = 1
    sweep: bool = False
    seed: int = 0


@dataclass(frozen=True)
class ReproduceConfig:
    """A published figure, ours beside the published numbers.

    Attributes:
        name: Figure to draw, or list.
        mazes: Mazes per set; the papers have 10.
        trials: Trials per maze; the papers have 100.
        steps: Longest duration of a trial; the papers have 20,000.
        runs: Networks per value of D1 that separate sources.
        files: Recordings of cultures, comma-separated; those of the reference data where none.
        latent: Also fit a latent network by gradient (what-theory-adds); minutes.
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
class DeriveConfig:
    """Symbolic reverse engineering: an equation in, the Bayesian agent that it is out.

    Attributes:
        equation: Equation, or a file that holds one; see docs, page derive.
        plasticity: Rule of synapses to judge, such as "dW/dt = x*o - x*W".
        assume: What is known of names, such as "J symmetric; o binary".
        format: How the derivation is told.
        export: File to write the network to, ready to be simulated.
        sizes: Sizes of an exported network's layers and inputs, such as "x=5, o=8".
        from_network: File of weights (npz or safetensors) to read instead of an equation.
        activation: Activation of the network in that file, where the file does not say.
        seed: Seed of the points where formulas are checked, and of exported weights.
    """

    equation: str | None = None
    plasticity: str | None = None
    assume: str | None = None
    format: Literal["text", "latex", "html", "json"] = "text"
    export: Path | None = None
    sizes: str | None = None
    from_network: Path | None = None
    activation: Literal["sig", "tanh", "softmax", "exp", "relu", "identity"] | None = None
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
        what: What is measured.
        peers: Measure other packages in the same run, where they are importable.
        seed: Seed of everything random.
    """

    what: Literal["maze", "sources", "analyze", "all"] = "maze"
    peers: bool = False
    seed: int = 0
