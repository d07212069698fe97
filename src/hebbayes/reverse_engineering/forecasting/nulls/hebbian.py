"""Plain Hebbian learning as a null: the covariance rule, no homeostasis and no free energy."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hebbayes.core.checks import check_between
from hebbayes.reverse_engineering.forecasting.contract import ChangeForecaster, Forecaster
from hebbayes.reverse_engineering.forecasting.nulls.drift import session_residuals
from hebbayes.reverse_engineering.forecasting.nulls.static import Evoked

if TYPE_CHECKING:
    from hebbayes.reverse_engineering.forecasting.sessions import Session

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class HebbianState:
    """State of plain Hebb.

    Attributes:
        synapses: (channels, units).
        reference: Mean synapses over training, (channels, units).
        mean_stimulus: (channels,).
        decay: Share of a synapse lost per session.
        evoked: State of the evoked forecast.
    """

    synapses: Floats
    reference: Floats
    mean_stimulus: Floats
    decay: float
    evoked: Any


@dataclass(frozen=True)
class PlainHebb(ChangeForecaster[HebbianState]):
    """Change = (w - mean w in training).(o - mean o),  w <- (1 - decay) w + cov(o, r).

    Covariances are those within one session.  In open loop evoked responses stand for those not
    seen.  If several decays are given, the recording takes the one with which change within
    training is followed best, as `IdealObserver` does.

    Attributes:
        decays: Candidates of the share of a synapse lost per session.
        evoked: Responses of sessions that were not observed.
    """

    decays: tuple[float, ...] = (0.0,)
    evoked: Forecaster[Any] = field(default_factory=Evoked)

    def fit(self, training: Sequence["Session"]) -> HebbianState:
        """Return the synapses after training."""
        check_between("decays", np.array(self.decays), 0.0, 1.0)
        evoked = self.evoked.fit(training)
        fits = [_fit(training, decay, evoked) for decay in self.decays]
        if len(fits) == 1:
            return fits[0][0]
        residuals = session_residuals(training, self.evoked)
        followed = [_followed(state, past, training, residuals) for state, past in fits]
        return fits[int(np.argmax(followed))][0]

    def predict(self, state: HebbianState, stimuli: Floats) -> Floats:
        """Return the change that the synapses make."""
        return (stimuli - state.mean_stimulus) @ (state.synapses - state.reference)

    def advance(self, state: HebbianState, stimuli: Floats) -> HebbianState:
        """Return synapses after a session in which evoked responses went with the stimuli."""
        responses = self.evoked.predict(state.evoked, stimuli)
        return _next(state, stimuli, responses - responses.mean(0))

    def update(self, state: HebbianState, session: "Session") -> HebbianState:
        """Return synapses after a session that was observed."""
        return _next(state, session.stimuli, _centred(session))


def _fit(
    training: Sequence["Session"], decay: float, evoked: Any
) -> tuple[HebbianState, list[Floats]]:
    """The state after training, and the synapses before every training session."""
    mean = np.concatenate([session.stimuli for session in training]).mean(0)
    nothing = np.zeros((len(mean), training[0].responses.shape[1]))
    state, past = HebbianState(nothing, nothing, mean, decay, evoked), []
    for session in training:
        past.append(state.synapses)
        state = _next(state, session.stimuli, _centred(session))
    return replace(state, reference=np.mean(past, axis=0)), past


def _next(state: HebbianState, stimuli: Floats, change: Floats) -> HebbianState:
    covariance = (stimuli - state.mean_stimulus).T @ change / len(stimuli)
    return replace(state, synapses=(1 - state.decay) * state.synapses + covariance)


def _followed(
    state: HebbianState,
    past: Sequence[Floats],
    training: Sequence["Session"],
    residuals: Sequence[Floats],
) -> float:
    """How much of the residuals in training the change explains, at its best size above 0."""
    toward, square = 0.0, 1e-300
    for synapses, session, residual in zip(past, training, residuals):
        change = (session.stimuli - state.mean_stimulus) @ (synapses - state.reference)
        toward += float((change * residual).sum())
        square += float((np.where(session.valid, change, 0.0) ** 2).sum())
    return max(toward, 0.0) ** 2 / square


def _centred(session: "Session") -> Floats:
    mean = session.observed.sum(0) / np.maximum(session.valid.sum(0), 1)
    return np.where(session.valid, session.observed - mean, 0.0)
