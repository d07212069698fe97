"""Plain Hebbian learning as a null."""

import numpy as np

from hebbayes.reverse_engineering.forecasting.contract import (
    forecast_open_loop,
)
from hebbayes.reverse_engineering.forecasting.nulls.hebbian import PlainHebb
from hebbayes.reverse_engineering.forecasting.sessions import split_sessions

from ..recordings import small_recording


def test_plain_hebb_sums_covariances_and_forgets() -> None:
    split = split_sessions(small_recording(sessions=4, units=2), 3)
    mean = np.concatenate([s.stimuli for s in split.training]).mean(0)
    w, past = np.zeros((6, 2)), []
    for session in split.training:
        past.append(w)
        w = 0.7 * w + np.cov(session.stimuli.T, session.responses.T, bias=True)[:6, 6:]
    expected = (split.later[0].stimuli - mean) @ (w - np.mean(past, axis=0))
    found = forecast_open_loop(PlainHebb(decays=(0.3,)), split)[0]
    np.testing.assert_allclose(found, expected, atol=1e-9)
