"""Surrogates in which only gains change."""

import numpy as np

from hebbayes.data.recording import Recording
from hebbayes.reverse_engineering.forecasting.contract import forecast_closed_loop
from hebbayes.reverse_engineering.forecasting.nulls.drift import session_residuals
from hebbayes.reverse_engineering.forecasting.nulls.gain_surrogate import gain_only_surrogate
from hebbayes.reverse_engineering.forecasting.nulls.static import Saturated
from hebbayes.reverse_engineering.forecasting.sessions import split_sessions

from ..recordings import small_recording


def test_a_surrogate_keeps_training_stimuli_and_gains_and_nothing_else() -> None:
    recording = small_recording(3, sessions=30, trials=200, units=6, gain_step=0.15)
    surrogate = gain_only_surrogate(recording, 10, rng=np.random.default_rng(0))
    first = recording.session < 10
    np.testing.assert_array_equal(surrogate.responses[first], recording.responses[first])
    np.testing.assert_array_equal(surrogate.stimuli, recording.stimuli)
    for k in (12, 20, 29):
        rows = recording.session == k
        found, wanted = (r.responses[rows].mean(0) for r in (surrogate, recording))
        assert (np.abs(found - wanted) < 4 * np.sqrt(2 * wanted / 200)).all()


def test_a_surrogate_has_no_change_of_shape() -> None:
    rng = np.random.default_rng(1)
    stimuli = np.tile(np.eye(4), (25, 1))
    mean = np.array([[8.0, 2.0, 4.0, 6.0], [3.0, 9.0, 5.0, 5.0]]).T
    turned = mean[::-1]  # selectivity turns over in the later sessions
    rate = [np.tile(mean if k < 5 else turned, (25, 1)) for k in range(10)]
    recording = Recording(
        np.tile(stimuli, (10, 1)), rng.poisson(np.concatenate(rate)), np.repeat(np.arange(10), 100)
    )
    surrogate = gain_only_surrogate(recording, 5, rng=rng)
    shape = {}
    for name, one in (("recorded", recording), ("surrogate", surrogate)):
        left = session_residuals(split_sessions(one, 9).training, Saturated())[-1]
        shape[name] = np.abs(left.reshape(25, 4, 2).mean(0)).max()
    assert shape["surrogate"] < 0.5 * shape["recorded"]


def test_surrogates_keep_silent_units_and_can_be_forecast() -> None:
    recording = small_recording(unobserved=0.2, is_ragged=True)
    counts = recording.responses.copy()
    counts[:, 0] = 0
    silent = Recording(recording.stimuli, counts, recording.session, valid=recording.valid)
    surrogate = gain_only_surrogate(silent, 4, rng=np.random.default_rng(2))
    assert (surrogate.responses[:, 0] == 0).all()
    assert np.isfinite(forecast_closed_loop(Saturated(), split_sessions(surrogate, 4))[0]).all()
