"""The joint free energy is what enumeration says, and its gradient what differences say."""

import itertools

import numpy as np
import pytest
from scipy.special import expit

from hebbayes.reverse_engineering.ensembles.joint_free_energy import (
    Evidence,
    Penalty,
    joint_posterior,
    likelihood_table,
    objective,
    trial_free_energy,
)

N = 3


@pytest.fixture(scope="module")
def problem():
    rng = np.random.default_rng(0)
    evidence = Evidence(rng.normal(size=(25, 4)), rng.integers(0, 2, (25, 6)).astype(float))
    return evidence, rng.normal(size=N * 5)


def written_out(parameters, evidence, penalty):
    """The formula of docs/theory.md section 8, by loops over trials, joint states and channels."""
    mapping = parameters.reshape(N, -1)
    x = expit(evidence.readouts @ mapping[:, :-1].T + mapping[:, -1])
    states = list(itertools.product([0, 1], repeat=N))
    q = [
        [np.prod([xk if s else 1 - xk for xk, s in zip(row, state)]) for state in states]
        for row in x
    ]
    total = penalty.weight_precision / 2 * (mapping[:, :-1] ** 2).sum()
    for row in x:
        total += sum(xk * np.log(2 * xk) + (1 - xk) * np.log(2 * (1 - xk)) for xk in row)
    for j in range(len(states)):
        weight = sum(row[j] for row in q)
        for i in range(evidence.stimuli.shape[1]):
            on = sum(row[j] * o[i] for row, o in zip(q, evidence.stimuli))
            p = (on + penalty.prior_count) / (weight + 2 * penalty.prior_count)
            on, off = on + penalty.prior_count, weight - on + penalty.prior_count
            total -= on * np.log(p) + off * np.log(1 - p)
    return total / len(x)


@pytest.mark.parametrize("penalty", [Penalty(), Penalty(0.3, 2.5)])
def test_the_objective_equals_enumeration(problem, penalty) -> None:
    evidence, parameters = problem
    value, _ = objective(parameters, evidence, N, penalty)
    np.testing.assert_allclose(value, written_out(parameters, evidence, penalty), rtol=1e-12)


def test_the_gradient_equals_differences_of_the_value(problem) -> None:
    evidence, parameters = problem
    _, gradient = objective(parameters, evidence, N, Penalty())
    for place, step in enumerate(1e-6 * np.eye(len(parameters))):
        up, down = (objective(parameters + d, evidence, N, Penalty())[0] for d in (step, -step))
        np.testing.assert_allclose(gradient[place], (up - down) / 2e-6, atol=1e-8)


def test_neither_order_nor_sign_of_ensembles_matters(problem) -> None:
    evidence, parameters = problem
    mapping = parameters.reshape(N, -1)
    other = (mapping[[2, 0, 1]] * np.array([[1], [-1], [-1]])).ravel()
    value, moved = (objective(p, evidence, N, Penalty())[0] for p in (parameters, other))
    np.testing.assert_allclose(moved, value, rtol=1e-12)


def test_free_energy_bounds_surprise_and_reaches_it_at_the_exact_posterior(problem) -> None:
    stimuli = problem[0].stimuli
    table = np.random.default_rng(1).uniform(0.1, 0.9, (2, 6))
    log_joint = stimuli @ np.log(table).T + (1 - stimuli) @ np.log(1 - table).T + np.log(0.5)
    surprise = -np.logaddexp(*log_joint.T)
    exact = (log_joint[:, 1] - log_joint[:, 0])[:, None]
    np.testing.assert_allclose(trial_free_energy(exact, stimuli, table), surprise, rtol=1e-12)
    assert (trial_free_energy(exact + 0.5, stimuli, table) > surprise).all()


def test_certain_activity_has_finite_free_energy_and_gradient(problem) -> None:
    evidence, parameters = problem
    value, gradient = objective(1e3 * parameters, evidence, N, Penalty(0.0, 1.0))
    assert np.isfinite(value)
    assert np.isfinite(gradient).all()


def test_the_table_is_the_best_one(problem) -> None:
    evidence, parameters = problem
    v = evidence.readouts @ parameters.reshape(N, -1)[:, :-1].T
    table = likelihood_table(joint_posterior(expit(v)), evidence.stimuli, 0.0)
    best = trial_free_energy(v, evidence.stimuli, table).sum()
    for change in (0.99, 1.01):
        near = np.clip(table * change, 1e-9, 1 - 1e-9)
        assert trial_free_energy(v, evidence.stimuli, near).sum() > best
