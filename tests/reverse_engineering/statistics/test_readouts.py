"""Nulls of prediction, by a second route; intervals that cover."""

import numpy as np
import pytest

from hebbayes.core.errors import ShapeError
from hebbayes.reverse_engineering.statistics.readouts import linear_readout, skill, squared_errors


def data(seed: int = 0, sessions: int = 30, trials: int = 20):
    rng = np.random.default_rng(seed)
    stimuli = rng.integers(0, 2, (sessions * trials, 4)).astype(float)
    activity = stimuli @ rng.normal(size=(4, 2)) + 0.1 * rng.normal(size=(len(stimuli), 2)) + 3
    return stimuli, activity, np.repeat(np.arange(sessions), trials)


def test_the_readout_is_least_squares_also_where_channels_repeat() -> None:
    stimuli, activity, _ = data()
    design = np.column_stack([np.ones(len(stimuli)), stimuli])
    expected = np.linalg.lstsq(design, activity)[0]
    np.testing.assert_allclose(linear_readout(stimuli, activity), expected, rtol=1e-9)
    doubled = np.tile(stimuli, 2)
    again = np.column_stack([np.ones(len(stimuli)), doubled]) @ linear_readout(doubled, activity)
    np.testing.assert_allclose(again, design @ expected, rtol=1e-8)


def test_nulls_are_fitted_on_the_first_and_scored_on_the_last_sessions() -> None:
    stimuli, activity, session = data()
    errors = squared_errors(activity, activity - 0.5, stimuli, session)
    first, last = session < 10, session >= 20
    constant = ((activity[last] - activity[first].mean(0)) ** 2).mean()
    assert {len(values) for values in errors.values()} == {10}
    np.testing.assert_allclose(errors["protocol"], 0.25)
    assert errors["constant"].mean() == pytest.approx(constant)
    assert errors["floor"].mean() <= errors["linear"].mean() < errors["constant"].mean()


def test_sessions_in_which_nulls_are_fitted_are_never_scored() -> None:
    stimuli, activity, session = data(sessions=13)
    assert len(squared_errors(activity, activity, stimuli, session)["linear"]) == 3
    with pytest.raises(ShapeError, match="10 sessions leave none to score after the first 10"):
        squared_errors(activity, activity, stimuli, np.minimum(session, 9))


def test_intervals_of_skill_cover_as_often_as_they_say() -> None:
    rng = np.random.default_rng(5)
    covered = 0
    for _ in range(200):
        reference = rng.gamma(20.0, size=40)
        errors = 0.6 * rng.gamma(20.0, size=40)
        interval = skill(errors, reference, rng=rng, n_resamples=400)
        covered += interval.low <= 0.4 <= interval.high
    assert 0.95 - 4 * np.sqrt(0.95 * 0.05 / 200) - 0.03 <= covered / 200 <= 1
