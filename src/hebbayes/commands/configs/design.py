"""The config record of `design`, apart from the others for its length.

Plain values only.  None stands for "measured on the recording to be like, else as in brackets".
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal


@dataclass(frozen=True)
class DesignConfig:
    """Can this experiment identify priors and learning?  Simulates it and says how well.

    What is not given is measured on the recording to be like, or else takes the value in brackets.

    Attributes:
        like: Recording whose sizes, rates, noise and gain drift the experiment has.
        cultures: Cultures per study, or per group where groups are compared [6].
        sources: Hidden sources, one ensemble each [2].
        stimuli: Stimulus channels [16].
        units: Units that respond [24].
        sessions: Sessions [30].
        trials: Trials per session [80].
        train_sessions: First sessions, on which everything is fitted [10, or a third of few].
        mixed: Probability that a stimulus copies a source that is not its own [0.25].
        d1: The networks' prior probability that a source is on [0.3].
        prior_count: Total prior count of a synapse (lambda): large is slow to learn [3000].
        tilt: How much the naive network already prefers a source's own stimuli [0.01].
        learnt_trials: Trials learnt from before the first session [0].
        rest: Spikes per trial and unit at x = 0 [0.5].
        evoked: Spikes per trial and unit that x = 1 adds [5].
        spread: Standard deviation of the logarithms of both among units [0.3].
        fano: Variance / mean of counts, as far as whole numbers can [0.5].
        noise: Record rates with this standard deviation instead of counts.
        gain_drift: Standard deviation per session of the walk of each unit's log gain [0.04].
        stimulation: The same block of stimuli in every session, in the same or another order, or
            fresh stimuli [repeated].
        phi_spread: Standard deviation of the true phi among cultures.
        lambda_spread: Standard deviation of the true ln lambda among cultures.
        fit_gain: Fit a gain for every session beside; analyze does not.
        studies: Simulated studies per kind of learning: more make the figures surer.
        suggest: Look for the cheapest change of design that reaches 80 %.
        unit_cost: Costs are cultures x sessions x trials x units to this power.
        condition: Label of the experimental condition in the file to be like.
        session_length: Trials per session of that file, in MATLAB files that do not say so.
        workers: Processes; 0 takes one per core.
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
