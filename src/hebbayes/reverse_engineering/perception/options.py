"""Options and result of a fit of perception."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hebbayes.reverse_engineering.perception.curvature import SPREAD
from hebbayes.reverse_engineering.perception.evidence import Schedule, every_trial
from hebbayes.reverse_engineering.statistics.estimate import LEVEL, Estimate

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Options:
    """How perception is fitted.

    Attributes:
        train_sessions: Number of first sessions to fit; None for all.
        schedule: When synapses learn: `every_trial`, `every_session` or `no_learning`.
        rest: Response at x = 0, one or one per ensemble; fitted if None.
        evoked: What x = 1 adds to it, likewise.
        prior_count: Total prior count lambda of a synapse, likewise.
        naive: P(stimulus on | unit on, off) before learning, (2, channels, ensembles); fitted if
            None, as adding to 1.
        has_gain_drift: Fit a gain for every session.
        curvature: Standard deviation of ln p in a read-out x^p, which widens the intervals of phi
            and lambda; 0 if the read-out is known to be affine, as it is if rest and evoked are
            both given.
        can_forget: Whether synapses may forget; if known scales (rest and evoked) are given, they
            do not.
        block_length: Neighbouring trials whose noise may be related.
        level: Coverage of intervals.
    """

    train_sessions: int | None = None
    schedule: Schedule = every_trial
    rest: ArrayLike | None = None
    evoked: ArrayLike | None = None
    prior_count: ArrayLike | None = None
    naive: Floats | None = None
    has_gain_drift: bool = False
    curvature: float = SPREAD
    can_forget: bool = True
    block_length: int = 4
    level: float = LEVEL


@dataclass(frozen=True, eq=False)
class Perception:
    """Perception of a culture; NaN marks what cannot be identified or what the model excludes.

    Attributes:
        activity: (trials, ensembles), calibrated, not bounded to [0, 1].
        expected: (trials, ensembles), activity according to the model.
        log_odds: (ensembles,), phi = phi1 - phi0, over read-outs x^p.
        affine_log_odds: (ensembles,), phi given an affine read-out.
        log_odds_slope: (ensembles,), derivative of phi by ln p.
        threshold_factors: (2, ensembles), phi1 and phi0, consistent.
        published_factors: (2, ensembles), ln <x> and ln <1 - x> over the training sessions.
        learning_rate: (ensembles,), 1 / lambda.
        prior_count: (ensembles,), lambda.
        memory: (ensembles,), trials by which evidence fades to 1/e; infinite if synapses need not
            forget.
        rest: (ensembles,), response at x = 0.
        evoked: (ensembles,), increase of the response at x = 1.
        gain: (sessions, ensembles).
        weights: (sessions, channels, ensembles), W1 - W0 before each session.
        tables: (2, 2, sessions, channels, ensembles), counts over lambda by stimulus and unit
            value; NaN, like the weights, if activity far outside [0, 1] makes counts negative.
        undetermined: Per ensemble, classes of parameters that the recording cannot separate.
        lack_of_fit: (ensembles,), p-values; small ones reject the model.
    """

    activity: Floats
    expected: Floats
    log_odds: Estimate
    affine_log_odds: Estimate
    log_odds_slope: Floats
    threshold_factors: Estimate
    published_factors: Estimate
    learning_rate: Estimate
    prior_count: Estimate
    memory: Floats
    rest: Estimate
    evoked: Estimate
    gain: Floats
    weights: Estimate
    tables: Floats
    undetermined: tuple[tuple[tuple[str, ...], ...], ...]
    lack_of_fit: Floats
