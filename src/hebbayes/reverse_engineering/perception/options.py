"""What may be asked of a fit of perception, and what it gives back."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hebbayes.reverse_engineering.perception.evidence import Schedule, every_trial
from hebbayes.reverse_engineering.statistics.estimate import LEVEL, Estimate

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Options:
    """How perception is fitted.

    Attributes:
        train_sessions: Fit on this many first sessions; on all where None.
        schedule: When synapses learn: `every_trial`, `every_session` or `no_learning`.
        rest: Response at x = 0, one or one per ensemble; fitted where None.
        evoked: What x = 1 adds to it, likewise.
        prior_count: Total prior count lambda of a synapse, likewise.
        naive: P(stimulus on | unit on, off) before learning, (2, channels, ensembles); fitted where
            None, as adding to 1.
        has_gain_drift: Fit a gain for every session.
        block_length: Neighbouring trials whose noise may be related.
        level: How often intervals are to cover.
    """

    train_sessions: int | None = None
    schedule: Schedule = every_trial
    rest: ArrayLike | None = None
    evoked: ArrayLike | None = None
    prior_count: ArrayLike | None = None
    naive: Floats | None = None
    has_gain_drift: bool = False
    block_length: int = 4
    level: float = LEVEL


@dataclass(frozen=True, eq=False)
class Perception:
    """A culture's perception; NaN stands for what cannot be told, or what the model excludes.

    activity: (trials, ensembles), calibrated, in no way bounded.  expected: the same by the model.
    log_odds: (ensembles,), phi = phi1 - phi0.  threshold_factors: (2, ensembles), phi1 and phi0,
    consistent.  published_factors: ln <x>, ln <1 - x> over the training sessions.
    learning_rate, prior_count: (ensembles,), 1 / lambda and lambda.  rest, evoked: (ensembles,).
    gain: (sessions, ensembles).  weights: (sessions, channels, ensembles), W1 - W0 before each.
    tables: (2, 2, sessions, channels, ensembles), counts over lambda by stimulus and unit value;
    with them weights are NaN where recorded activity far outside [0, 1] makes counts negative.
    undetermined: per ensemble, classes of parameters that the recording cannot tell apart.
    lack_of_fit: (ensembles,), p-values; small ones say that the model does not hold.
    """

    activity: Floats
    expected: Floats
    log_odds: Estimate
    threshold_factors: Estimate
    published_factors: Estimate
    learning_rate: Estimate
    prior_count: Estimate
    rest: Estimate
    evoked: Estimate
    gain: Floats
    weights: Estimate
    tables: Floats
    undetermined: tuple[tuple[tuple[str, ...], ...], ...]
    lack_of_fit: Floats
