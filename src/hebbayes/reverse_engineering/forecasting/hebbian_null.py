"""Plain Hebbian learning as a null: the covariance rule, no homeostasis and no free energy."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hebbayes.core.checks import check_between
from hebbayes.reverse_engineering.forecasting.contract import ChangeForecaster, Forecaster
from hebbayes.reverse_engineering.forecasting.sessions import Session
from hebbayes.reverse_engineering.forecasting.static_nulls import Evoked

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class HebbianState:
    """Synapses and their mean over training (channels, units), mean stimulus, evoked state."""

    synapses: Floats
    reference: Floats
    mean_stimulus: Floats
    evoked: Any


@dataclass(frozen=True)
class PlainHebb(ChangeForecaster[HebbianState]):
    """Change = (w - mean w in training).(o - mean o),  w <- (1 - decay) w + cov(o, r).

    Covariances are those within one session.  In open loop evoked responses stand for those not
    seen.

    Attributes:
        decay: Share of a synapse lost per session.
        evoked: Responses of sessions that were not observed.
    """

    decay: float = 0.0
    evoked: Forecaster[Any] = field(default_factory=Evoked)

    def fit(self, training: Sequence[Session]) -> HebbianState:
        """Return the synapses after training."""
        check_between("decay", self.decay, 0.0, 1.0)
        mean = np.concatenate([session.stimuli for session in training]).mean(0)
        evoked = self.evoked.fit(training)
        synapses = np.zeros((len(mean), training[0].responses.shape[1]))
        history = []
        for session in training:
            history.append(synapses)
            synapses = self._learn(synapses, session.stimuli - mean, _centred(session))
        return HebbianState(synapses, np.mean(history, axis=0), mean, evoked)

    def predict(self, state: HebbianState, stimuli: Floats) -> Floats:
        """Return the change that the synapses make."""
        return (stimuli - state.mean_stimulus) @ (state.synapses - state.reference)

    def advance(self, state: HebbianState, stimuli: Floats) -> HebbianState:
        """Return synapses after a session in which evoked responses went with the stimuli."""
        responses = self.evoked.predict(state.evoked, stimuli)
        return self._next(state, stimuli, responses - responses.mean(0))

    def update(self, state: HebbianState, session: Session) -> HebbianState:
        """Return synapses after a session that was observed."""
        return self._next(state, session.stimuli, _centred(session))

    def _next(self, state: HebbianState, stimuli: Floats, change: Floats) -> HebbianState:
        synapses = self._learn(state.synapses, stimuli - state.mean_stimulus, change)
        return HebbianState(synapses, state.reference, state.mean_stimulus, state.evoked)

    def _learn(self, synapses: Floats, stimuli: Floats, change: Floats) -> Floats:
        return (1 - self.decay) * synapses + stimuli.T @ change / len(stimuli)


def _centred(session: Session) -> Floats:
    mean = session.observed.sum(0) / np.maximum(session.valid.sum(0), 1)
    return np.where(session.valid, session.observed - mean, 0.0)
