"""The closed form says what a network does trial by trial, and its derivatives are right."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.special import expit

from hebbayes.reverse_engineering.perception.evidence import (
    every_session,
    every_trial,
    no_learning,
    trial_history,
)
from hebbayes.reverse_engineering.perception.model import (
    Problem,
    naive_tables,
    predict,
    recorded_activity,
    through_evidence,
    through_evidence_adjoint,
)

T, C, S = 60, 3, 3


def problem_of(schedule=every_trial, naive=None, seed=0, retention=1.0, log_power=0.0) -> Problem:
    rng = np.random.default_rng(seed)
    stimuli, session = rng.integers(0, 2, (T, C)).astype(float), np.repeat(np.arange(S), T // S)
    return Problem(
        trials=trial_history(stimuli, schedule(session), retention),
        responses=4 * rng.random(T),
        is_observed=rng.random(T) < 0.9,
        session_index=session,
        naive=naive,
        guess=np.linspace(0.1, 0.9, T),
        log_power=log_power,
    )


PARAMETERS = np.array([0.3, 0.02, 0.5, 4.0, 0.1, -0.2, 0.3, 0.1, -0.1])


@pytest.mark.parametrize("retention", [1.0, 0.9])
@pytest.mark.parametrize("schedule", [every_trial, every_session, no_learning])
def test_the_closed_form_is_what_counting_trial_by_trial_gives(schedule, retention) -> None:
    problem = problem_of(schedule, retention=retention)
    result = predict(problem, PARAMETERS)
    p = naive_tables(problem, PARAMETERS)
    prior = np.stack([p, 1 - p]) / PARAMETERS[1]
    counts = prior.copy()
    known = schedule(problem.session_index)
    learnt = 0
    for t, is_on in enumerate(problem.trials.is_on):
        while learnt < known[t]:
            x, o = result.recorded[learnt], problem.trials.is_on[learnt]
            counts = prior + retention * (counts - prior)
            counts += np.stack([o, ~o])[:, None] * np.array([x, 1 - x])[None, :, None]
            learnt += 1
        A = counts / counts.sum(0)
        ratio = np.log(A[:, 0] / A[:, 1])
        drive = np.where(is_on, ratio[0], ratio[1]).sum() + PARAMETERS[0]
        assert result.activity[t] == pytest.approx(expit(drive), rel=1e-10)


@pytest.mark.parametrize(("retention", "log_power"), [(1.0, 0.0), (0.9, 0.0), (1.0, 0.4)])
@pytest.mark.parametrize("schedule", [every_trial, every_session])
def test_the_jacobian_is_that_of_finite_differences(schedule, retention, log_power) -> None:
    problem = problem_of(schedule, retention=retention, log_power=log_power)
    J = predict(problem, PARAMETERS).jacobian
    for k, h in enumerate(np.full(len(PARAMETERS), 1e-6)):
        step = np.where(np.arange(len(PARAMETERS)) == k, h, 0)
        up, down = predict(problem, PARAMETERS + step), predict(problem, PARAMETERS - step)
        numeric = -(up.residual - down.residual) / (2 * h)
        np.testing.assert_allclose(J[:, k], numeric, atol=1e-7)


@pytest.mark.parametrize("retention", [1.0, 0.9])
@pytest.mark.parametrize("schedule", [every_trial, every_session, no_learning])
def test_noise_reaches_later_trials_by_the_transpose(schedule, retention) -> None:
    problem, rng = problem_of(schedule, retention=retention), np.random.default_rng(1)
    result = predict(problem, PARAMETERS)
    u, w = rng.normal(size=(2, T))
    forward = w @ through_evidence(problem.trials, result, u[None])[0]
    backward = through_evidence_adjoint(problem.trials, result, w) @ u
    assert forward == pytest.approx(backward, rel=1e-10, abs=1e-12)


def test_a_curved_readout_is_straightened_about_the_guess() -> None:
    problem, affine = problem_of(log_power=np.log(1.5)), problem_of()
    p = 1.5
    exact = affine.responses.copy()
    x = np.clip((exact - PARAMETERS[2]) / PARAMETERS[3], 0.01, 0.99)
    gains = np.exp(np.array([0.0, *PARAMETERS[7:]]))[problem.session_index]
    shown = gains * (PARAMETERS[2] + PARAMETERS[3] * x**p)
    problem = replace(problem, responses=shown, guess=x, is_observed=np.ones(T, bool))
    np.testing.assert_allclose(recorded_activity(problem, PARAMETERS), x, rtol=1e-12)


def test_tables_that_are_given_replace_the_leans() -> None:
    leans = expit(PARAMETERS[4:7])
    given = predict(problem_of(naive=np.stack([leans, 1 - leans])), PARAMETERS)
    np.testing.assert_allclose(given.activity, predict(problem_of(), PARAMETERS).activity)
    assert not given.jacobian[:, 4:7].any()


def test_counts_that_would_not_be_positive_are_no_model() -> None:
    assert predict(problem_of(), np.where(np.arange(9) == 1, -0.2, PARAMETERS)) is None
