"""One frozen record per command: the TOML schema, the flags, the Python argument, the provenance.

Plain values only, so that `hebbayes --help` imports neither jax nor matplotlib.  Values are
checked by `run(config)` of the experiment that a record belongs to.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from hebbayes.experiments.design_config import DesignConfig as DesignConfig


@dataclass(frozen=True, kw_only=True)
class ReadingConfig:
    """How a recording file is read, for every command that takes one.

    Attributes:
        condition: Label of the experimental condition; the file's own where none is given.
        session_length: Trials per session, in MATLAB files that do not say so.
        window_start_s: Start of the counting window after the onset, for files of spike times.
        window_end_s: End of the counting window.
        time_unit: Unit of spike times; seconds where none is given, if they look like it.
        rate_hz: Sampling rate of spike times; needed for samples.
        trials: Table of trials in NWB files, TABLE or TABLE/COLUMN with the onsets.
        session_column: Column with the session in NWB files; none for a single session.
        stimuli: What holds the stimuli in NWB files, or a stimulus table (.csv).
    """

    condition: str | None = None
    session_length: int = 256
    window_start_s: float = 0.010
    window_end_s: float = 0.030
    time_unit: Literal["s", "ms", "samples"] | None = None
    rate_hz: float | None = None
    trials: str = "trials"
    session_column: str = "session"
    stimuli: str | None = None


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
class CheckConfig(ReadingConfig):
    """What a reader makes of a recording: what was read, what was dropped and why.

    Attributes:
        file: Recording; the embedded simulated culture where none is given.
        seed: Seed of the simulated culture.
    """

    file: Path | None = None
    seed: int = 0


@dataclass(frozen=True)
class AnalyzeConfig(ReadingConfig):
    """Reverse engineering of a recording.

    Attributes:
        file: Recording; the embedded simulated culture where none is given.
        culture: 0-based number of one culture, or all.
        protocol: Causal, or the published pipeline exactly.
        train_sessions: First sessions, on which everything is fitted (causal).
        ensembles: Found without labels (auto), or units that prefer each known source (labels).
        n_ensembles: How many to find without labels; 0 lets held-out trials choose.
        plasticity: When synapses learn: after every trial, after every session, or never.
        compare: Further files, comma-separated, whose cultures are compared with these.
        paired: Culture k of one file is culture k of the other, in another condition.
        baseline: Baseline excitability (isomura2023); the file's own mean where none is given.
        reward_delay: Trials from a decision to learning from it, where decisions were recorded.
        workers: Processes that share the cultures (causal); 0 takes one per core.
        seed: Seed of everything random.
    """

    file: Path | None = None
    culture: str = "all"
    protocol: Literal["causal", "isomura2023"] = "causal"
    train_sessions: int = 10
    ensembles: Literal["auto", "labels"] = "auto"
    n_ensembles: int = 0
    plasticity: Literal["online", "per-session", "static"] = "online"
    compare: str | None = None
    paired: bool = False
    baseline: float | None = None
    reward_delay: int = 0
    workers: int = 0
    seed: int = 0


@dataclass(frozen=True)
class SimulateCultureConfig:
    """Write a synthetic recording with known truth.

    Attributes:
        file: File to write; the truth goes beside it, to NAME.truth.npz.
        format: Layout of the file.
        sources: Hidden sources, one ensemble each.
        stimuli: Stimulus channels.
        units: Units; unit u follows source u modulo the number of sources.
        silent: Units, the last ones, that never fire.
        dead: Units before those that are never observed.
        sessions: Sessions.
        trials: Trials per session; their mean where sessions are ragged.
        ragged: How far, as a fraction, sessions may differ from that.
        mixed: Probability that a stimulus copies a source that is not its own.
        d1: The network's prior probability that a source is on, 0 to 1.
        prior_count: Total prior count of a synapse: large is slow to learn.
        tilt: How much the naive network already prefers a source's own stimuli.
        plasticity: How synapses change while recorded.
        learnt_trials: Trials learnt from before the first session.
        rest: Spikes per trial and unit at x = 0.
        evoked: Spikes per trial and unit that x = 1 adds.
        spread: Standard deviation of the logarithms of both among units.
        fano: Variance / mean of counts, as far as whole numbers can.
        noise: Write rates with this standard deviation instead of counts.
        gain_drift: Standard deviation per session of the random walk of each unit's log gain.
        missing: Probability that a response is not observed.
        repeated: Give the same block of stimuli in every session.
        shuffled: Give it in another order every session.
        expectation: E[ln parameter]: the network's own (log) or exact variational Bayes (digamma).
        seed: Seed of everything random.
    """

    file: Path
    format: Literal["npz", "mat", "nwb"] = "npz"
    sources: int = 2
    stimuli: int = 32
    units: int = 64
    silent: int = 0
    dead: int = 0
    sessions: int = 100
    trials: int = 256
    ragged: float = 0.0
    mixed: float = 0.25
    d1: float = 0.3
    prior_count: float = 600.0
    tilt: float = 0.01
    plasticity: Literal["canonical", "hebbian", "none"] = "canonical"
    learnt_trials: int = 0
    rest: float = 0.5
    evoked: float = 5.0
    spread: float = 0.3
    fano: float = 0.5
    noise: float | None = None
    gain_drift: float = 0.0
    missing: float = 0.0
    repeated: bool = True
    shuffled: bool = False
    expectation: Literal["log", "digamma"] = "log"
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
