"""Change of responses as canonical synapses have it: every unit a neuron with x = sig(W o + h).

W and h are those of running counts (docs/theory.md sections 3 and 8): what is counted is recorded
activity in training and, in open loop, the forecast itself afterwards.  A unit's activity x is
its response between its weakest and its strongest evoked one.  No labels, no later session.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import logit

from hebbayes.core.arrays import OFF, ON
from hebbayes.core.checks import check_between, check_binary
from hebbayes.core.errors import ValueRangeError
from hebbayes.core.firing_rate import firing_rate
from hebbayes.reverse_engineering.forecasting.contract import ChangeForecaster, Forecaster
from hebbayes.reverse_engineering.forecasting.nulls.drift import KalmanGain
from hebbayes.reverse_engineering.forecasting.nulls.static import Evoked
from hebbayes.reverse_engineering.forecasting.sessions import (
    Patterns,
    Session,
    find_patterns,
    pattern_index,
)
from hebbayes.reverse_engineering.synapses import coincidence_counts, effective_synapses

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Drive:
    """What a stimulus does to a unit: weights (channels, units), thresholds (units,)."""

    weights: Floats
    threshold: Floats


@dataclass(frozen=True, eq=False)
class CanonicalState:
    """State of the canonical networks, one per unit.

    Attributes:
        evidence: Counts since the start, (2, 2, channels, units).
        drives: Those before every training session.
        low: Response at x = 0, (units,).
        span: Response at x = 1 less that at x = 0, (units,).
        factor: phi1 - phi0, (units,).
        scale: Spikes per unit of change in x, (units,).
        patterns: Stimuli of training.
        before: Mean x over training for each pattern, (patterns, units).
        evoked: State of the evoked forecast.
    """

    evidence: Floats
    drives: tuple[Drive, ...]
    low: Floats
    span: Floats
    factor: Floats
    scale: Floats
    patterns: Patterns
    before: Floats
    evoked: Any


@dataclass(frozen=True)
class CanonicalChange(ChangeForecaster[CanonicalState]):
    """Change = span x (sig(W(t) o + h(t)) - its mean over the training sessions).

    Attributes:
        prior_count: lambda, every entry of the count tables before the first session.
        forgetting: Share of the evidence lost per session.
        is_gain_dependent: Scale a unit's change by its present gain (Kalman filter at the end of
            training): excitable units show more of what they learn.
        evoked: Responses of sessions that were not observed, before change.
    """

    prior_count: float = 3000.0
    forgetting: float = 0.0
    is_gain_dependent: bool = False
    evoked: Forecaster[Any] = field(default_factory=Evoked)

    def fit(self, training: Sequence[Session]) -> CanonicalState:
        """Return counts and drives after training.  Raises `ValueRangeError` for analog stimuli."""
        _check(self, training)
        evoked = self.evoked.fit(training)
        responses = [self.evoked.predict(evoked, session.stimuli) for session in training]
        low, high = np.quantile(np.concatenate(responses), [0.05, 0.95], axis=0)
        span = np.maximum(high - low, 0.0)
        activity = [_activity(s, r, low, span) for s, r in zip(training, responses)]
        factor = logit(np.clip(np.concatenate(activity).mean(0), 0.01, 0.99))
        evidence = np.zeros((2, 2, training[0].stimuli.shape[1], len(low)))
        drives = []
        for session, x in zip(training, activity):
            drives.append(self._drive(evidence, factor))
            evidence = self._count(evidence, session.stimuli, x)
        scale = span * self._present_gain(training)
        patterns = find_patterns(training)
        before = _mean_rate(drives, patterns.stimuli)
        return CanonicalState(
            evidence, tuple(drives), low, span, factor, scale, patterns, before, evoked
        )

    def predict(self, state: CanonicalState, stimuli: Floats) -> Floats:
        """Return the change since training."""
        return state.scale * self._activity_change(state, stimuli)

    def advance(self, state: CanonicalState, stimuli: Floats) -> CanonicalState:
        """Return counts after a session in which the forecast itself was the activity."""
        response = self.evoked.predict(state.evoked, stimuli)
        before = _unit_interval(response, state.low, state.span)
        x = np.clip(before + self._activity_change(state, stimuli), 0.0, 1.0)
        return replace(state, evidence=self._count(state.evidence, stimuli, x))

    def update(self, state: CanonicalState, session: Session) -> CanonicalState:
        """Return counts after a session that was observed."""
        response = self.evoked.predict(state.evoked, session.stimuli)
        x = _activity(session, response, state.low, state.span)
        return replace(state, evidence=self._count(state.evidence, session.stimuli, x))

    def within(self, state: CanonicalState, training: Sequence[Session]) -> list[Floats]:
        """Return the change in each of the training sessions that were fitted."""
        changes = []
        for session, drive in zip(training, state.drives):
            before = state.before[pattern_index(state.patterns, session.stimuli)]
            changes.append(state.scale * (_rate(drive, session.stimuli) - before))
        return changes

    def _activity_change(self, state: CanonicalState, stimuli: Floats) -> Floats:
        index = pattern_index(state.patterns, stimuli)
        before = state.before[index]
        if (new := index < 0).any():
            before[new] = _mean_rate(state.drives, stimuli[new])
        return _rate(self._drive(state.evidence, state.factor), stimuli) - before

    def _present_gain(self, training: Sequence[Session]) -> Floats:
        if self.is_gain_dependent:
            return KalmanGain(self.evoked).fit(training).level.mean
        return np.ones(training[0].responses.shape[1])

    def _drive(self, evidence: Floats, factor: Floats) -> Drive:
        synapses = effective_synapses(self.prior_count + evidence)
        normaliser = synapses.normalisers[ON] - synapses.normalisers[OFF]
        return Drive(synapses.difference, normaliser + factor)

    def _count(self, evidence: Floats, stimuli: Floats, activity: Floats) -> Floats:
        return (1 - self.forgetting) * evidence + coincidence_counts(stimuli, activity)


def _rate(drive: Drive, stimuli: Floats) -> Floats:
    return firing_rate(stimuli, drive.weights, drive.threshold)


def _mean_rate(drives: Sequence[Drive], stimuli: Floats) -> Floats:
    return np.asarray(np.mean([_rate(drive, stimuli) for drive in drives], axis=0))


def _unit_interval(responses: Floats, low: Floats, span: Floats) -> Floats:
    scaled = (responses - low) / np.where(span > 0, span, 1.0)
    return np.where(span > 0, np.clip(scaled, 0.0, 1.0), 0.5)


def _activity(session: Session, evoked: Floats, low: Floats, span: Floats) -> Floats:
    """Activity in [0, 1]; unobserved responses take their evoked value."""
    return _unit_interval(np.where(session.valid, session.observed, evoked), low, span)


def _check(model: CanonicalChange, training: Sequence[Session]) -> None:
    if not 0 < model.prior_count < np.inf:
        raise ValueRangeError(f"prior_count must be above 0; got {model.prior_count}.")
    check_between("forgetting", model.forgetting, 0.0, 1.0)
    for session in training:
        check_binary("stimuli of a canonical network", session.stimuli)
