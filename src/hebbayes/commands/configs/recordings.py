"""The config records of commands that read or write a recording, apart from the others for length.

Plain values only.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal


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


@dataclass(frozen=True, kw_only=True)
class PredictBehaviourConfig(ReadingConfig):
    """Predict what an animal will do in a task that it has not seen, or when changed.

    Attributes:
        file: Recording with decisions; the embedded simulated animal where none is given.
        culture: 0-based number of the animal in a file of several.
        reward_delay: Trials from a decision to learning from it; 0 for files where not given.
        task_sessions: Sessions of the new task. Decision k is right where state k // 2 of the trial
            before was on (k even) or off (k odd), until a reversal.
        task_trials: Trials per session.
        task_states: Hidden states of its world.
        task_stimuli: Stimulus channels.
        reliability: Probability that a stimulus is as its state.
        stay: Probability that a state persists to the next trial.
        coupling: Standard deviation of the animal's recurrent weights between different units.
        reversals: Sessions, from 0, at whose start right and wrong change places, comma-separated;
            once, half-way, where not given, and never for "".
        reward_noise: Probability that reward and punishment are exchanged.
        threshold: Added to psi of each decision, comma-separated; --threshold=-1,1 where the
            first is negative.
        prior_count_factor: What lambda of the output synapses is multiplied by.
        gain_factor: What the gain of the modulator is multiplied by; with 0 nothing is learnt.
        draws: Animals drawn within what the estimates leave open, 20 or more.
        lives: Lives that each of them leads.
        seed: Seed of everything random.
    """

    file: Path | None = None
    culture: int = 0
    reward_delay: int | None = None
    task_sessions: int = 12
    task_trials: int = 100
    task_states: int = 2
    task_stimuli: int = 8
    reliability: float = 0.8
    stay: float = 0.7
    coupling: float = 0.7
    reversals: str | None = None
    reward_noise: float = 0.1
    threshold: str | None = None
    prior_count_factor: float = 1.0
    gain_factor: float = 1.0
    draws: int = 100
    lives: int = 5
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
