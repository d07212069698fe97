"""Configs of commands that read or write a recording.  Plain values only."""

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Literal

from hebbayes.commands.configs.behaviour import MappingConfig


@dataclass(frozen=True, kw_only=True)
class ReadingConfig:
    """How a recording file is read, for every command that takes one.

    Attributes:
        condition: Label of the experimental condition; by default the file's own.
        session_length: Trials per session, for MATLAB files that do not state it.
        window_start_s: Start of the counting window after the onset, for files of spike times.
        window_end_s: End of the counting window after the onset.
        time_unit: Unit of spike times; by default seconds, if the times are plausible as seconds.
        rate_hz: Sampling rate of spike times; required for samples.
        trials: Trials: a table (.csv, .tsv, .parquet), or in NWB files TABLE or TABLE/COLUMN.
        session_column: Column with the session; none for a single session.
        stimuli: Columns with stimuli, comma-separated; in NWB files also the name of a series or
            events table; or a table of trials with stimuli (.csv).
        columns: Roles of columns of a stimulus table, comma-separated COLUMN=ROLE; roles are
            channel, decision, risk, reward, onset_s, source and none.
        spikes: Spikes or signals, if not in the file itself: a table (.csv); or their columns or
            names in the file.
        onset: Column with the onset, or a sum of columns and seconds: "start_time + pole_in_time".
        session_trials: Trials per session, if no column says so.
        decision_column: Column with the choice.
        outcome_column: Column with what followed, from which the risk is taken.
        instructed: Column with the required choice; with outcomes that say whether it was made, the
            choice follows.
        values: Risk of each value of the outcome, comma-separated VALUE=RISK, 0 to 1; none if it
            is unknown. "correct=0,incorrect=1,ignore=none" is an example.
        coding: Codings of stimulus columns, comma-separated COLUMN=CODING; codings are binary,
            onehot, graded (0 to 1) and signed (one channel per side).
        missed: Values of the choice, comma-separated, that mean that none was made.
        sort_spikes: Sort spikes that are out of order, with a warning; otherwise they are refused.
        baseline_window_s: Seconds before the onset whose mean is subtracted from imaging signals.
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
    columns: str | None = None
    spikes: str | None = None
    onset: str | None = None
    session_trials: int | None = None
    decision_column: str | None = None
    outcome_column: str | None = None
    instructed: str | None = None
    values: str | None = None
    coding: str | None = None
    missed: str | None = None
    sort_spikes: bool = False
    baseline_window_s: float = 0.0


@dataclass(frozen=True)
class CheckConfig(ReadingConfig, MappingConfig):
    """Show how a recording or a table of trials is read: sizes, columns, what is dropped, and why.

    Attributes:
        file: Recording or behaviour; by default the embedded simulated culture.
        seed: Seed of the simulated culture.
    """

    file: Path | None = None
    seed: int = 0


@dataclass(frozen=True)
class AnalyzeConfig(ReadingConfig):
    """Reverse engineering of a recording.

    Attributes:
        file: Recording; by default the embedded simulated culture.
        culture: Number of one culture, from 0, or all.
        protocol: Causal, or exactly the published pipeline (isomura2023).
        train_sessions: Number of first sessions on which everything is fitted (causal).
        ensembles: Estimated without labels (auto), or units that prefer each known source (labels).
        n_ensembles: Number of ensembles to estimate without labels; 0 lets held-out trials choose.
        plasticity: When synapses learn: after every trial, after every session, or never.
        compare: Other files, comma-separated, whose cultures are compared with these.
        paired: Culture k is the same culture in both files, in different conditions.
        baseline: Baseline excitability (isomura2023); by default the mean over the file.
        reward_delay: Trials between a decision and learning from it, if decisions were recorded.
        decision_rests_on: The trial whose activity a decision rests on; auto scores both in
            training.
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
    decision_rests_on: Literal["auto", "same", "previous"] = "auto"
    workers: int = 0
    seed: int = 0


@dataclass(frozen=True, kw_only=True)
class PredictBehaviourConfig(ReadingConfig, MappingConfig):
    """Predict what animals or subjects will do in unseen sessions, in a new task, after a change.

    Attributes:
        file: Recording with decisions, or table of trials; by default the embedded animal.
        culture: Number of the animal, from 0, in a file with several.
        reward_delay: Trials between a decision and learning from it; by default 0 for files.
        decision_rests_on: The trial whose activity a decision rests on; auto scores both.
        hold_out: Last sessions of every subject of a table to hold out and compare with their
            forecast; by default a quarter, 0 for none.
        new_stimuli: Stimuli of a table are new in every session, so that learning begins anew.
        task: TOML file with another task for a table: stimuli, reward and frequency of each.
        rewards: Probability of reward of each choice in such a task, one row for each stimulus,
            "0.8,0.2;0.2,0.8"; by default sessions to come are like the recorded ones.
        task_sessions: Sessions of the new task, by default 12; of a table, by default 3. Until a
            reversal, decision k of an animal is correct if state k // 2 of the trial that it rests
            on was on (k even) or off (k odd).
        task_trials: Trials per session, by default 100; of a table, by default as recorded.
        task_states: Hidden states of its world.
        task_stimuli: Stimulus channels.
        reliability: Probability that a stimulus equals its state.
        stay: Probability that a state persists to the next trial.
        coupling: Standard deviation of the animal's recurrent weights between different units.
        reversals: Sessions, from 0, comma-separated, that start with a reversal of correct and
            wrong decisions; by default one reversal half-way, of a table none; "" for none.
        reward_noise: Probability that reward and punishment are exchanged.
        threshold: Numbers added to psi, one per decision, comma-separated; write --threshold=-1,1
            if the first is negative.
        prior_count_factor: Factor on lambda of the output synapses.
        gain_factor: Factor on the gain of the modulator; with 0 nothing is learnt.
        draws: Number of animals drawn from the uncertainty of the estimates, 20 or more; by
            default 100, of every subject of a table 400.
        lives: Number of simulated lives of each drawn animal.
        seed: Seed of everything random.
    """

    file: Path | None = None
    culture: int = 0
    reward_delay: int | None = None
    decision_rests_on: Literal["auto", "same", "previous"] = "auto"
    hold_out: int | None = None
    new_stimuli: Literal["auto", "yes", "no"] = "auto"
    task: Path | None = None
    rewards: str | None = None
    task_sessions: int | None = None
    task_trials: int | None = None
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
    draws: int | None = None
    lives: int = 5
    seed: int = 0


@dataclass(frozen=True)
class SimulateCultureConfig:
    """Write a synthetic recording with known truth.

    Attributes:
        file: File to write; the true parameters go to NAME.truth.npz beside it.
        format: Layout of the file.
        sources: Hidden sources, one ensemble each.
        stimuli: Stimulus channels.
        units: Units; unit u follows source u modulo the number of sources.
        silent: Number of units that never fire; the last ones.
        dead: Number of units that are never observed; those before the silent ones.
        sessions: Sessions.
        trials: Trials per session; the mean if sessions are ragged.
        ragged: Largest deviation of a session's length from the mean, as a fraction.
        mixed: Probability that a stimulus copies a source that is not its own.
        d1: The network's prior probability that a source is on, 0 to 1.
        prior_count: Total prior count of a synapse; a large count slows learning.
        tilt: How much the naive network already prefers a source's own stimuli.
        plasticity: How synapses change during the recording.
        learnt_trials: Trials of learning before the first session.
        rest: Spikes per trial and unit at x = 0.
        evoked: Spikes per trial and unit that x = 1 adds.
        spread: Standard deviation of the logarithms of both among units.
        fano: Variance / mean of counts, as closely as whole numbers allow.
        noise: Write rates with this standard deviation instead of counts.
        gain_drift: Standard deviation per session of the random walk of each unit's log gain.
        missing: Probability that a response is not observed.
        repeated: Repeat the same block of stimuli in every session.
        shuffled: Shuffle the order of the block in every session.
        expectation: E[ln parameter]: the network's own (log) or exact variational Bayes (digamma).
        seed: Seed of everything random.
    """

    OUTPUTS: ClassVar = ("file",)

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
