"""The config record of `design`.

Plain values only.  None means "measured on the recording given as ``like``, else the default in
brackets".
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal


@dataclass(frozen=True)
class DesignConfig:
    """Simulate an experiment and report whether it can identify priors and learning.

    Sizes and rates that are not given are measured on ``--like``, or else take the value in
    brackets.

    Attributes:
        like: Recording that provides sizes, rates, noise and gain drift.
        cultures: Cultures per study, or per group in comparisons of groups [6].
        sources: Hidden sources, one ensemble each [2].
        stimuli: Stimulus channels [16].
        units: Responsive units [24].
        sessions: Sessions [30].
        trials: Trials per session [80].
        train_sessions: First sessions, on which all models are fitted [10, but at most a third].
        mixed: Probability that a stimulus copies a source other than its own [0.25].
        d1: The networks' prior probability that a source is on [0.3].
        prior_count: Total prior count of a synapse (lambda); larger is slower to learn [3000].
        tilt: Initial preference of the naive network for each source's own stimuli [0.01].
        learnt_trials: Trials of learning before the first session [0].
        rest: Spikes per trial and unit at x = 0 [0.5].
        evoked: Spikes per trial and unit that x = 1 adds [5].
        spread: Standard deviation among units of the logarithms of rest and evoked [0.3].
        fano: Variance / mean of counts, as close as integers allow [0.5].
        noise: Record rates with this standard deviation instead of counts.
        gain_drift: Step per session of the random walk of each unit's log gain [0.04].
        stimulation: The same block of stimuli in every session, in the same or in shuffled order,
            or fresh stimuli [repeated].
        phi_spread: Standard deviation of the true phi among cultures.
        lambda_spread: Standard deviation of the true ln lambda among cultures.
        fit_gain: Also fit a gain for every session; analyze does not.
        studies: Simulated studies per kind of learning; more reduce standard errors.
        suggest: Search for the cheapest change of design that reaches 80 % power.
        unit_cost: Exponent k of the cost: cultures x sessions x trials x units ** k.
        condition: Label of the experimental condition in the file given as like.
        session_length: Trials per session of that file, if it is a MATLAB file that does not say.
        workers: Processes; 0 starts one per core.
        seed: Seed of everything random.
    """

    like: Path | None = None
    cultures: int | None = None
    sources: int | None = None
    stimuli: int | None = None
    units: int | None = None
    sessions: int | None = None
    trials: int | None = None
    train_sessions: int | None = None
    mixed: float | None = None
    d1: float = 0.3
    prior_count: float = 3000.0
    tilt: float = 0.01
    learnt_trials: int = 0
    rest: float | None = None
    evoked: float | None = None
    spread: float | None = None
    fano: float | None = None
    noise: float | None = None
    gain_drift: float | None = None
    stimulation: Literal["repeated", "shuffled", "fresh"] | None = None
    phi_spread: float = 0.0
    lambda_spread: float = 0.0
    fit_gain: bool = False
    studies: int = 24
    suggest: bool = True
    unit_cost: float = 0.0
    condition: str | None = None
    session_length: int = 256
    workers: int = 0
    seed: int = 0
