"""The contract of every forecaster: nulls, models with the theory and your own.

``fit`` sees the training sessions, ``predict`` a state and the stimuli of one session.  An
open-loop forecast lets the model run by itself after training (``advance``); a closed-loop one
shows it every session once that is forecast (``update``).  Models never see known sources.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from hebbayes.core.errors import ShapeError, ValueRangeError
from hebbayes.reverse_engineering.forecasting.sessions import Session, Split, without_sources

Floats = NDArray[np.float64]
State = TypeVar("State")


class Forecaster(ABC, Generic[State]):
    """Forecasts the mean response of every unit in every trial.

    Example:
        >>> class LastSession(Forecaster[Floats]):
        ...     def fit(self, training):
        ...         return np.nanmean(training[-1].responses, axis=0)
        ...
        ...     def predict(self, state, stimuli):
        ...         return np.tile(state, (len(stimuli), 1))
        ...
        ...     def update(self, state, session):
        ...         return np.nanmean(session.responses, axis=0)
        >>> from hebbayes.data.recording import Recording
        >>> from hebbayes.reverse_engineering.forecasting.sessions import split_sessions
        >>> split = split_sessions(Recording(np.ones((3, 1)), [[1], [2], [3]], [0, 1, 2]), 1)
        >>> [float(f[0, 0]) for f in forecast_open_loop(LastSession(), split)]
        [1.0, 1.0]
        >>> [float(f[0, 0]) for f in forecast_closed_loop(LastSession(), split)]
        [1.0, 2.0]
    """

    @abstractmethod
    def fit(self, training: Sequence[Session]) -> State:
        """Return what is learnt from the training sessions."""

    @abstractmethod
    def predict(self, state: State, stimuli: Floats) -> Floats:
        """Return expected responses (trials, units) to stimuli (trials, channels)."""

    def advance(self, state: State, stimuli: Floats) -> State:
        """Return the state after a session of which only the stimuli are known."""
        return state

    def update(self, state: State, session: Session) -> State:
        """Return the state after a session that was observed."""
        return self.advance(state, session.stimuli)


class ChangeForecaster(Forecaster[State]):
    """Forecasts how much responses CHANGE since training; a null forecasts the rest.

    Same contract, but ``predict`` returns the expected response less its mean over the training
    sessions.  Such a term enters as null + g x change, with g >= 0 chosen on other data.
    """


@dataclass(frozen=True)
class Models:
    """Forecasters by role; names must differ.

    Attributes:
        nulls: Forecasters without the theory; the first is the reference of relative losses.
        theory: Forecasters with the theory, terms of change or whole forecasts.
    """

    nulls: Mapping[str, Forecaster[Any]]
    theory: Mapping[str, Forecaster[Any]]

    @property
    def all(self) -> dict[str, Forecaster[Any]]:
        """Every forecaster by name, nulls first."""
        return {**self.nulls, **self.theory}


def forecast_open_loop(model: Forecaster, split: Split) -> list[Floats]:
    """Return forecasts of every later session that use responses of the training sessions only.

    Each is (trials, units).  Raises `ShapeError` or `ValueRangeError` if the model returns
    something else, or a number that is not finite.

    Example:
        >>> from hebbayes.data.recording import Recording
        >>> from hebbayes.reverse_engineering.forecasting.sessions import split_sessions
        >>> from hebbayes.reverse_engineering.forecasting.nulls.static import Constant
        >>> split = split_sessions(Recording(np.ones((3, 1)), [[1], [3], [9]], [0, 1, 2]), 2)
        >>> forecast_open_loop(Constant(), split)[0].tolist()
        [[2.0]]
    """
    return _forecast(model, split, lambda state, session: model.advance(state, session.stimuli))


def forecast_closed_loop(model: Forecaster, split: Split) -> list[Floats]:
    """Return forecasts of every later session, each of which may use all sessions before it.

    Example:
        >>> from hebbayes.data.recording import Recording
        >>> from hebbayes.reverse_engineering.forecasting.nulls.drift import KalmanGain
        >>> from hebbayes.reverse_engineering.forecasting.sessions import split_sessions
        >>> counts = np.repeat([2, 2, 4, 4, 4], 6)[:, None]
        >>> split = split_sessions(Recording(np.ones((30, 1)), counts, counts[:, 0] * 0 +
        ...     np.repeat(np.arange(5), 6)), 3)
        >>> len(forecast_closed_loop(KalmanGain(), split))
        2
    """
    return _forecast(
        model, split, lambda state, session: model.update(state, without_sources(session))
    )


def _forecast(
    model: Forecaster, split: Split, follow: Callable[[State, Session], State]
) -> list[Floats]:
    state = model.fit([without_sources(session) for session in split.training])
    forecasts = []
    for number, session in enumerate(split.later):
        forecast = np.asarray(model.predict(state, session.stimuli), np.float64)
        _check_forecast(model, forecast, session, int(split.later_labels[number]))
        forecasts.append(forecast)
        if number + 1 < len(split.later):
            state = follow(state, session)
    return forecasts


def _check_forecast(model: Forecaster, forecast: Floats, session: Session, label: int) -> None:
    name = type(model).__name__
    if forecast.shape != session.responses.shape:
        raise ShapeError(
            f"{name} forecasts shape {forecast.shape} for session {label}; wanted (trials, units) "
            f"= {session.responses.shape}: return one row per trial, one column per unit."
        )
    if not np.isfinite(forecast).all():
        trial, unit = np.argwhere(~np.isfinite(forecast))[0]
        raise ValueRangeError(
            f"{name} forecasts {forecast[trial, unit]} for session {label}, trial {trial}, unit "
            f"{unit}; wanted a finite number: let predict cover what training does not contain."
        )
