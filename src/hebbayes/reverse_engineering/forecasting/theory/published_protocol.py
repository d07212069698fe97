"""The published protocol (I23; docs/theory.md section 8) as a forecast, without labels.

Its five steps are kept, each from training sessions alone.  Where the paper reads the known
sources, their estimate from the stimuli stands: channels are grouped by their correlations, and a
source is on where most of its channels are.  Baseline and scale of x, there over all sessions and
cultures of a condition, are those of training.  What x_p expects goes back to raw counts through
each unit's slope on x in training.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hebbayes.core.arrays import OFF, ON
from hebbayes.core.checks import check_binary
from hebbayes.core.firing_rate import firing_rate
from hebbayes.reverse_engineering.forecasting.contract import ChangeForecaster
from hebbayes.reverse_engineering.forecasting.nulls.ridge import fit_ridge
from hebbayes.reverse_engineering.forecasting.theory.ideal_observer import channel_groups
from hebbayes.reverse_engineering.isomura2023.pipeline import PUBLISHED, Protocol
from hebbayes.reverse_engineering.isomura2023.preference import stimulus_state
from hebbayes.reverse_engineering.synapses import (
    EffectiveSynapses,
    coincidence_counts,
    effective_synapses,
)
from hebbayes.reverse_engineering.thresholds import mean_activity_threshold_factors

if TYPE_CHECKING:
    from hebbayes.reverse_engineering.forecasting.sessions import Session

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]

N_SOURCES = 2
_LEAST_FACTOR = 1e-3  # of <x>: an ensemble that training shows at one bound may leave it later


@dataclass(frozen=True, eq=False)
class Reading:
    """How ensembles are read from any session; fitted on training.

    Attributes:
        groups: Estimated source of each channel, (channels,).
        members: (units, ensembles), 0 or 1.
        first: Mean response in the first session that shows the state, or of all training if none
            does, (states, units).
        start: Mean of the first session, to measure trends from, (units,).
        centre: Mean change in training, (ensembles,).
        spread: Standard deviation of change in training, (ensembles,).
        level: Offset of x, (ensembles,).
    """

    groups: Indices
    members: Floats
    first: Floats
    start: Floats
    centre: Floats
    spread: Floats
    level: Floats


@dataclass(frozen=True, eq=False)
class ProtocolState:
    """State of the published protocol.

    Attributes:
        reading: How ensembles are read.
        factors: phi1, phi0, (2, ensembles).
        counts: (2, 2, channels, ensembles).
        history: Counts before every training session.
        loadings: Spikes per unit of x, (ensembles, units).
    """

    reading: Reading
    factors: Floats
    counts: Floats
    history: tuple[Floats, ...]
    loadings: Floats


@dataclass(frozen=True)
class PublishedProtocol(ChangeForecaster[ProtocolState]):
    """Change = loadings . (x_p(o) - its mean over the training sessions), x_p = sig(W o + h).

    An ensemble without any unit changes nothing.

    Attributes:
        protocol: Constants; all training sessions take the part of its first sessions.
    """

    protocol: Protocol = PUBLISHED

    def fit(self, training: Sequence["Session"]) -> ProtocolState:
        """Return synapses after training.  Raises `ValueRangeError` for analog stimuli."""
        reading = read_ensembles(training, self.protocol)
        activity = [ensemble_activity(reading, session) for session in training]
        factors = threshold_factors(activity)
        counts = np.full((2, 2, len(reading.groups), N_SOURCES), self.protocol.prior_count)
        history = []
        for session, x in zip(training, activity):
            history.append(counts)
            counts = counts + self.protocol.gain * coincidence_counts(session.stimuli, x)
        changes = [_change(reading, session) for session in training]
        has_units = reading.members.sum(0) > 0
        loadings = fit_ridge(activity, changes)[1:] * has_units[:, None]
        return ProtocolState(reading, factors, counts, tuple(history), loadings)

    def predict(self, state: ProtocolState, stimuli: Floats) -> Floats:
        """Return the change since training."""
        now = expected_activity(effective_synapses(state.counts), state.factors, stimuli)
        before = [
            expected_activity(effective_synapses(counts), state.factors, stimuli)
            for counts in state.history
        ]
        return (now - np.mean(before, axis=0)) @ state.loadings

    def advance(self, state: ProtocolState, stimuli: Floats) -> ProtocolState:
        """Return synapses that learnt from what they predicted themselves."""
        x = expected_activity(effective_synapses(state.counts), state.factors, stimuli)
        learnt = self.protocol.prediction_gain * coincidence_counts(stimuli, x)
        return replace(state, counts=state.counts + learnt)

    def update(self, state: ProtocolState, session: "Session") -> ProtocolState:
        """Return synapses that learnt from a session that was observed."""
        x = ensemble_activity(state.reading, session)
        learnt = self.protocol.gain * coincidence_counts(session.stimuli, x)
        return replace(state, counts=state.counts + learnt)


def read_ensembles(training: Sequence["Session"], protocol: Protocol = PUBLISHED) -> Reading:
    """Return how to read the protocol's ensembles (steps 1 and 2), from training alone.

    Raises `ValueRangeError` for analog stimuli or fewer channels than sources.

    Example:
        >>> from hebbayes.reverse_engineering.forecasting.sessions import Session
        >>> s = np.tile([[0, 0], [0, 1], [1, 0], [1, 1]], (6, 1)).astype(float)
        >>> session = Session(np.repeat(s, 2, 1), 1 + 2 * s, np.ones(s.shape, bool))
        >>> read_ensembles([session]).members.sum(0).tolist()
        [1.0, 1.0]
    """
    for session in training:
        check_binary("stimuli of a canonical network", session.stimuli)
    groups = channel_groups(np.concatenate([s.stimuli for s in training]), N_SOURCES)
    states = [estimated_states(groups, session.stimuli) for session in training]
    first = _first_means(training, states)
    members = _members(training, states, protocol)
    nothing = np.zeros(N_SOURCES)
    start = _means(training[0].observed, training[0].valid)
    start = np.where(np.isnan(start), first.mean(0), start)
    blank = Reading(groups, members, first, start, nothing, nothing + 1, nothing)
    change = np.concatenate([_ensemble_change(blank, session) for session in training])
    is_known = np.isfinite(change)
    number = np.maximum(is_known.sum(0), 1)
    centre = np.where(is_known, change, 0.0).sum(0) / number
    square = (np.where(is_known, change - centre, 0.0) ** 2).sum(0)
    spread = np.sqrt(square / np.maximum(number - 1, 1))
    level = _level(np.stack([_session_mean(blank, session) for session in training]), members)
    return replace(blank, centre=centre, spread=spread, level=level)


def estimated_states(groups: Indices, stimuli: Floats) -> Indices:
    """Return the joint state of the estimated sources, each on where most of its channels are.

    Example:
        >>> estimated_states(np.array([0, 0, 1]), np.array([[1.0, 1.0, 0.0]])).tolist()
        [2]
    """
    share = [
        stimuli[:, groups == k].mean(1) if (groups == k).any() else np.zeros(len(stimuli))
        for k in range(N_SOURCES)
    ]
    return stimulus_state((np.stack(share, axis=1) > 0.5).astype(np.int64))


def ensemble_activity(reading: Reading, session: "Session") -> Floats:
    """Return x (trials, ensembles) in [0, 1] of one session, 1/2 + level where nothing is known.

    Example:
        >>> from hebbayes.reverse_engineering.forecasting.sessions import Session
        >>> s = np.tile([[0, 0], [0, 1], [1, 0], [1, 1]], (6, 1)).astype(float)
        >>> session = Session(np.repeat(s, 2, 1), 1 + 2 * s, np.ones(s.shape, bool))
        >>> np.unique(ensemble_activity(read_ensembles([session]), session)).tolist()
        [0.5]
    """
    change = _ensemble_change(reading, session) - reading.centre
    is_known = np.isfinite(change) & (reading.spread > 0)
    z = np.where(is_known, change, 0.0) / np.where(reading.spread > 0, reading.spread, 1.0)
    return np.asarray(np.clip(0.5 + z / 2 + reading.level, 0.0, 1.0))


def threshold_factors(activity: Sequence[Floats]) -> Floats:
    """Return phi1 and phi0 (2, ensembles), ln <x> and ln <1 - x> of training (step 3).

    Example:
        >>> np.exp(threshold_factors([np.full((2, 1), 0.25)])).ravel().tolist()
        [0.25, 0.75]
    """
    mean = np.clip(np.concatenate(activity).mean(0), _LEAST_FACTOR, 1 - _LEAST_FACTOR)
    return mean_activity_threshold_factors(mean[None])


def expected_activity(synapses: EffectiveSynapses, factors: Floats, stimuli: Floats) -> Floats:
    """Return x_p = sig(W o + h), (trials, ensembles) (step 5).

    Example:
        >>> half = effective_synapses(np.ones((2, 2, 3, 1)))
        >>> expected_activity(half, np.log(np.full((2, 1), 0.5)), np.ones((1, 3))).tolist()
        [[0.5]]
    """
    h = synapses.normalisers + factors
    return firing_rate(stimuli, synapses.difference, h[ON] - h[OFF])


def _level(means: Floats, members: Floats) -> Floats:
    """(mean of the first session - baseline) / (4 baseline), 0 for an ensemble without units."""
    has_units = members.any(0)
    baseline = max(float(means[:, has_units].mean()), 1e-9) if has_units.any() else 1.0
    return np.where(has_units, (means[0] - baseline) / (4 * baseline), 0.0)


def _members(
    training: Sequence["Session"], states: Sequence[Indices], protocol: Protocol
) -> Floats:
    """Units that the protocol's criteria take, by the estimated sources, (units, ensembles)."""
    criteria = protocol.criteria
    means = np.stack([_means(s.observed, s.valid) for s in training])
    trials = np.sum([s.valid.sum(0) for s in training], axis=0)
    rate = np.sum([s.observed.sum(0) for s in training], axis=0) / np.maximum(trials, 1)
    lowest = np.where(np.isfinite(means), means, np.inf).min(0)
    is_responsive = (rate > criteria.rate) & (lowest > criteria.session_rate)
    alone = [
        _means(s.observed[k == 0b10], s.valid[k == 0b10])
        - _means(s.observed[k == 0b01], s.valid[k == 0b01])
        for s, k in zip(training, states)
    ]
    occurs = np.isfinite(alone)
    preference = np.where(occurs, alone, 0.0).sum(0) / np.maximum(occurs.sum(0), 1)
    takes = [is_responsive & (sign * preference > criteria.preference) for sign in (1, -1)]
    return np.stack(takes, axis=1).astype(float)


def _first_means(training: Sequence["Session"], states: Sequence[Indices]) -> Floats:
    """Mean response (states, units) in the first session with the state; else of all training."""
    overall = _means(
        np.concatenate([s.observed for s in training]), np.concatenate([s.valid for s in training])
    )
    first = np.full((2**N_SOURCES, len(overall)), np.nan)
    for session, state in zip(training, states):
        for k in range(len(first)):
            mean = _means(session.observed[state == k], session.valid[state == k])
            first[k] = np.where(np.isnan(first[k]), mean, first[k])
    return np.where(np.isnan(first), overall, first)


def _change(reading: Reading, session: "Session") -> "Session":
    """Every unit's change since the first session, less the session's trend, as responses."""
    state = estimated_states(reading.groups, session.stimuli)
    trend = _means(session.observed, session.valid) - reading.start
    change = session.observed - reading.first[state] - trend
    return replace(session, responses=np.where(session.valid, change, np.nan))


def _ensemble_change(reading: Reading, session: "Session") -> Floats:
    """Mean change of each ensemble's observed units (trials, ensembles), NaN without any."""
    change = _change(reading, session)
    number = session.valid @ reading.members
    return np.where(number > 0, (change.observed @ reading.members) / np.maximum(number, 1), np.nan)


def _session_mean(reading: Reading, session: "Session") -> Floats:
    number = (session.valid @ reading.members).sum(0)
    return np.asarray((session.observed @ reading.members).sum(0) / np.maximum(number, 1))


def _means(observed: Floats, valid: NDArray[np.bool_]) -> Floats:
    """Mean over observed trials (units,), NaN without one."""
    number = valid.sum(0)
    return np.where(number > 0, observed.sum(0) / np.maximum(number, 1), np.nan)
