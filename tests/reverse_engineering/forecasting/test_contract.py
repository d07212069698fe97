"""What every forecaster must provide and return."""

import numpy as np
import pytest

from hebbayes.core.errors import ShapeError, ValueRangeError
from hebbayes.reverse_engineering.forecasting.contract import (
    Forecaster,
    forecast_open_loop,
)
from hebbayes.reverse_engineering.forecasting.nulls.static import Constant
from hebbayes.reverse_engineering.forecasting.sessions import split_sessions

from .recordings import small_recording


def test_a_forecast_of_the_wrong_shape_or_not_finite_is_named() -> None:
    class Wrong(Constant):
        def predict(self, state, stimuli):
            return state

    class Infinite(Constant):
        def predict(self, state, stimuli):
            return np.tile(state, (len(stimuli), 1)) * np.inf

    split = split_sessions(small_recording(), 3)
    with pytest.raises(ShapeError, match=r"Wrong forecasts shape \(5,\) for session 3"):
        forecast_open_loop(Wrong(), split)
    with pytest.raises(ValueRangeError, match="Infinite forecasts inf for session 3, trial 0"):
        forecast_open_loop(Infinite(), split)


def test_a_forecaster_must_say_how_to_fit_and_predict() -> None:
    with pytest.raises(TypeError, match="abstract"):
        Forecaster()
