"""Gain and shape that wander: small cases with a known answer."""

import numpy as np
import pytest

from hebbayes.reverse_engineering.forecasting.nulls.drift import KalmanGain
from hebbayes.reverse_engineering.forecasting.nulls.smoothing import SLOPES, STEPS, SmoothedGain
from hebbayes.reverse_engineering.forecasting.sessions import split_sessions

from ..recordings import small_recording

TREND = SmoothedGain(slopes=SLOPES, damping=0.5)


def test_without_steps_and_trends_only_the_gain_changes() -> None:
    split = split_sessions(small_recording(), 5)
    still, gain = SmoothedGain(steps=(0.0,)), KalmanGain()
    stimuli = split.later[0].stimuli
    np.testing.assert_allclose(
        still.predict(still.fit(split.training), stimuli),
        gain.predict(gain.fit(split.training), stimuli),
    )


def test_weights_of_candidates_are_a_distribution_for_every_unit() -> None:
    split = split_sessions(small_recording(), 5)
    state = TREND.fit(split.training)
    assert len(state.weights) == len(STEPS) * len(SLOPES)
    np.testing.assert_allclose(state.weights.sum(0), 1)


@pytest.mark.parametrize(("damping", "reach"), [(0.0, 0.0), (0.5, 0.5 + 0.25 + 0.125), (1.0, 3.0)])
def test_a_trend_reaches_the_sum_of_its_damped_steps(damping: float, reach: float) -> None:
    split = split_sessions(small_recording(), 5)
    stimuli = split.later[0].stimuli
    model, still, one = (SmoothedGain(slopes=SLOPES, damping=d) for d in (damping, 0.0, 1.0))
    state = model.fit(split.training)
    late = model.advance(model.advance(state, stimuli), stimuli)
    level = still.predict(state, stimuli)
    step = one.predict(state, stimuli) - level  # damping 1, one session: the slope itself
    np.testing.assert_allclose(model.predict(late, stimuli), level + reach * step)


def test_an_observed_session_starts_the_trend_anew() -> None:
    split = split_sessions(small_recording(), 5)
    state = TREND.fit(split.training)
    late = TREND.advance(state, split.later[0].stimuli)
    assert (late.horizon, TREND.update(late, split.later[1]).horizon) == (2, 1)


def test_a_unit_that_is_not_observed_keeps_its_shape() -> None:
    split = split_sessions(small_recording(unobserved=0.0), 5)
    model, session = SmoothedGain(), split.later[0]
    valid = session.valid.copy()
    valid[:, 0] = False
    hidden = type(session)(session.stimuli, np.where(valid, session.responses, np.nan), valid)
    state = model.fit(split.training)
    before, after = (
        model.predict(s, session.stimuli) for s in (state, model.update(state, hidden))
    )
    np.testing.assert_allclose(after[:, 0], before[:, 0])
    assert not np.allclose(after[:, 1], before[:, 1])
