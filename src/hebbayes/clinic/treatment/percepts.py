"""A network that learns to perceive one state under any prior, and what it then believes is there.

x = sig(W o + h) with synapses that count, after every trial, what went together (docs/theory.md
eq. 2-3, "log" mode), many networks at once.  A life is a course of phases: the threshold factor φ,
how reliable stimuli are, how often the state is on.  Plain NumPy.
"""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from hebbayes.core.arrays import OFF, ON

Floats = NDArray[np.float64]

REPORTED = 0.5
"""Posterior above which a network reports the state."""


@dataclass(frozen=True)
class PerceptDesign:
    """Networks before they learn, and the world.

    Attributes:
        n_stimuli: Stimulus channels.
        reliability: Probability that a stimulus agrees with the state.
        prevalence: Probability that the state is on.
        prior_count: λ, the mean prior count of a synapse given a state value.
        tilt: How much a naive synapse already prefers the state: P(on | on) is 1/2 + tilt.
        impaired_phi: φ under which synapses are learnt at first.
        learning_trials: Trials of that learning.
        retraining_trials: Trials after φ was mended.
    """

    n_stimuli: int = 12
    reliability: float = 0.75
    prevalence: float = 0.5
    prior_count: float = 100.0
    tilt: float = 0.1
    impaired_phi: float = 4.0
    learning_trials: int = 800
    retraining_trials: int = 1600


@dataclass(frozen=True)
class Phase:
    """Some trials of a life.

    Attributes:
        trials: Their number.
        phi: φ while they last.
        reliability: Of stimuli; None for the world's own.
        prevalence: Of the state; None for the world's own.
    """

    trials: int
    phi: float = 0.0
    reliability: float | None = None
    prevalence: float | None = None


@dataclass(frozen=True)
class Percepts:
    """What networks report, each (networks,), a share from 0 to 1.

    Attributes:
        false_percepts: The state, of stimuli that say nothing (each on with probability 1/2).
        misses: No state, while it is on.
        false_alarms: The state, while it is off.
    """

    false_percepts: Floats
    misses: Floats
    false_alarms: Floats


def naive_synapses(design: PerceptDesign, n: int, rng: np.random.Generator) -> Floats:
    """Return prior counts (2, 2, n, stimuli), by stimulus value and state value.

    Example:
        >>> naive_synapses(PerceptDesign(), 3, np.random.default_rng(0)).shape
        (2, 2, 3, 12)
    """
    weight = design.prior_count * rng.uniform(0.67, 1.33, (2, n, design.n_stimuli))
    given = np.array([0.5 + design.tilt, 0.5 - design.tilt])[:, None, None]
    return np.stack([weight * given, weight * (1 - given)])


def posterior(counts: Floats, stimuli: Floats, phi: "float | Floats") -> Floats:
    """Return x of every network for stimuli (..., networks, channels).

    Example:
        >>> counts = naive_synapses(PerceptDesign(tilt=0.0), 1, np.random.default_rng(0))
        >>> posterior(counts, np.ones((1, 12)), 0.0).round(6).tolist()
        [0.5]
    """
    logs = np.log(counts) - np.log(counts.sum(0))
    ratio = logs[:, ON] - logs[:, OFF]
    drive = (stimuli * (ratio[ON] - ratio[OFF])).sum(-1) + ratio[OFF].sum(-1)
    return np.asarray(expit(drive + phi))


def live(
    counts: Floats,
    lives: Sequence[Sequence[Phase]],
    design: PerceptDesign,
    rng: np.random.Generator,
) -> Floats:
    """Return the counts after each of several lives, (lives, 2, 2, networks, stimuli).

    All lives have as many trials, and network k meets the same luck in each.

    Example:
        >>> rng, design = np.random.default_rng(0), PerceptDesign()
        >>> counts = naive_synapses(design, 4, rng)
        >>> after = live(counts, [[Phase(50)], [Phase(20, phi=2.0), Phase(30)]], design, rng)
        >>> after.shape, round(float((after[0] - counts).sum() / (4 * 12)))
        ((2, 2, 2, 4, 12), 50)
    """
    whole = sum(phase.trials for phase in lives[0])
    return next(follow(counts, lives, design, rng, [whole]))


def follow(
    counts: Floats,
    lives: Sequence[Sequence[Phase]],
    design: PerceptDesign,
    rng: np.random.Generator,
    stops: Sequence[int],
) -> Iterator[Floats]:
    """Yield the counts of `live` after each number of trials in ``stops``, which rise.

    Example:
        >>> rng, design = np.random.default_rng(0), PerceptDesign()
        >>> counts = naive_synapses(design, 4, rng)
        >>> [c.shape for c in follow(counts, [[Phase(50)]], design, rng, [0, 20])]
        [(1, 2, 2, 4, 12), (1, 2, 2, 4, 12)]
    """
    n, n_stimuli = counts.shape[2:]
    course = np.array([course_of(phases, design) for phases in lives]).transpose(1, 2, 0)
    phi, reliability, prevalence = course[..., None]  # (trials, lives, 1)
    now = np.repeat(counts[:, :, None], len(lives), axis=2)  # (2, 2, lives, networks, stimuli)
    for start, stop in itertools.pairwise([0, *stops]):
        for t in range(start, stop):
            is_on = (rng.random(n) < prevalence[t])[..., None]
            agrees = rng.random((n, n_stimuli)) < reliability[t][..., None]
            seen = np.where(agrees, is_on, ~is_on).astype(float)
            x = posterior(now, seen, phi[t])[..., None]
            both, alone = seen * x, (1 - seen) * x
            now[ON, ON] += both
            now[ON, OFF] += seen - both
            now[OFF, ON] += alone
            now[OFF, OFF] += (1 - seen) - alone
        yield np.moveaxis(now, 2, 0).copy()


def course_of(phases: Sequence[Phase], design: PerceptDesign) -> Floats:
    """Return φ, reliability and prevalence of every trial, (3, trials).

    Example:
        >>> course_of([Phase(2, phi=1.0)], PerceptDesign()).tolist()
        [[1.0, 1.0], [0.75, 0.75], [0.5, 0.5]]
    """
    rows = [
        (
            one.phi,
            design.reliability if one.reliability is None else one.reliability,
            design.prevalence if one.prevalence is None else one.prevalence,
        )
        for one in phases
        for _ in range(one.trials)
    ]
    return np.array(rows).reshape(-1, 3).T


def percepts(
    counts: Floats, phi: float, design: PerceptDesign, *, n: int = 400, seed: int = 0
) -> Percepts:
    """Return what networks with these counts (2, 2, networks, stimuli) report, without learning.

    Example:
        >>> naive = naive_synapses(PerceptDesign(), 5, np.random.default_rng(0))
        >>> shown = percepts(naive, 9.0, PerceptDesign())
        >>> shown.false_percepts.tolist(), shown.misses.tolist()
        ([1.0, 1.0, 1.0, 1.0, 1.0], [0.0, 0.0, 0.0, 0.0, 0.0])
    """
    rng = np.random.default_rng((seed, 77))
    shape = (n, 1, counts.shape[-1])
    blank = (rng.random(shape) < 0.5).astype(float)
    shown = (rng.random(shape) < design.reliability).astype(float)

    def reports(stimuli: Floats) -> Floats:
        return np.asarray((posterior(counts, stimuli, phi) > REPORTED).mean(0))

    return Percepts(reports(blank), 1 - reports(shown), reports(1 - shown))
