"""Ridge regression with a penalty chosen among training sessions."""

import numpy as np
import pytest

from hebbayes.reverse_engineering.forecasting.nulls.ridge import fit_ridge, with_constant
from hebbayes.reverse_engineering.forecasting.sessions import Session


def sessions_of(n: int, slope: float = 2.0, noise: float = 0.5, units: int = 3) -> list[Session]:
    rng = np.random.default_rng(0)
    sessions = []
    for _ in range(n):
        stimuli = rng.normal(size=(30, 4))
        responses = 5 + slope * stimuli[:, :1] + noise * rng.normal(size=(30, units))
        sessions.append(Session(stimuli, responses, np.ones(responses.shape, bool)))
    return sessions


def stimuli_of(sessions: list[Session]) -> list[np.ndarray]:
    return [session.stimuli for session in sessions]


def test_a_small_penalty_is_ordinary_least_squares() -> None:
    sessions = sessions_of(3)
    x = np.concatenate(stimuli_of(sessions))
    y = np.concatenate([session.responses for session in sessions])
    expected = np.linalg.lstsq(with_constant(x), y, rcond=None)[0]
    np.testing.assert_allclose(fit_ridge(stimuli_of(sessions), sessions, [1e-9]), expected)


def test_a_large_penalty_leaves_the_constant_alone() -> None:
    sessions = sessions_of(3)
    y = np.concatenate([session.responses for session in sessions])
    coefficients = fit_ridge(stimuli_of(sessions), sessions, [1e12])
    np.testing.assert_allclose(coefficients[0], y.mean(0))
    np.testing.assert_allclose(coefficients[1:], 0, atol=1e-8)


@pytest.mark.parametrize(("slope", "best"), [(2.0, 0.1), (0.0, 1e6)])
def test_the_penalty_is_large_only_if_features_say_nothing(slope: float, best: float) -> None:
    sessions = sessions_of(4, slope)
    features = stimuli_of(sessions)
    np.testing.assert_array_equal(
        fit_ridge(features, sessions, [0.1, 1e6]), fit_ridge(features, sessions, [best])
    )


def test_each_unit_is_fitted_on_its_own_observed_trials() -> None:
    (session,) = sessions_of(1)
    valid = np.random.default_rng(1).random(session.valid.shape) < 0.7
    hidden = Session(session.stimuli, np.where(valid, session.responses, np.nan), valid)
    coefficients = fit_ridge([session.stimuli], [hidden], [1.0])
    for unit in range(3):
        rows = valid[:, unit]
        alone = Session(
            session.stimuli[rows],
            session.responses[rows][:, [unit]],
            np.ones((rows.sum(), 1), bool),
        )
        expected = fit_ridge([alone.stimuli], [alone], [1.0])[:, 0]
        np.testing.assert_allclose(coefficients[:, unit], expected)
