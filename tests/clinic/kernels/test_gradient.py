"""The compiled replay against a plain one, and its gradient against finite differences."""

import numpy as np
import pytest

from hebbayes.clinic.designs import Design, draw_task
from hebbayes.clinic.estimation.layout import Extensions, Layout
from hebbayes.clinic.estimation.likelihood import Observed
from hebbayes.clinic.subject import Subject, simulate
from hebbayes.clinic.task import Choices

EXTENDED = Extensions(leak=True, stickiness=True, active_only=True)
ABSOLUTE = Extensions(leak=True, absolute_reward=True)


def observed(choices=2, extensions=None, seed=0, trials=150):
    rng = np.random.default_rng(seed)
    task = draw_task(Design(trials=trials, choices=choices, block=60, reversal=35), rng)
    did = simulate(Subject(phi=0.4, false_belief=0.8), task, rng).choices
    missed = rng.random(trials) < 0.1
    did = Choices(np.where(missed, -1, did.choice), np.where(missed, np.nan, did.outcome))
    return Observed(task, did, Layout(choices, extensions or Extensions()))


def point(one, seed):
    layout = one.layout
    rng = np.random.default_rng(seed)
    return layout.of("healthy") + 0.6 * rng.normal(size=len(layout.parameters))


def coincidence(n, state, taken, amount):
    """Counts [on, off][chosen, not chosen] (states, choices) that one event adds."""
    chosen = np.arange(n) == taken
    return amount * np.array(
        [[np.outer(level, one) for one in (chosen, ~chosen)] for level in (state, 1 - state)]
    )


def plain_log_likelihood(one, theta):
    """The theory's equations in words of NumPy, trial by trial; no code of the kernels."""
    task, did = one.task, one.choices
    who, n = one.layout.subject(theta), task.n_choices
    psi = np.resize([*who.psi, *np.zeros(n)], n)
    before, mean, block, total = np.full(task.n_states, 0.5), 0.0, -1, 0.0
    history = []
    for t in range(task.n_trials):
        if task.begins[t]:
            block, history = block + 1, []
            before = np.full(task.n_states, 0.5)
            tilt = who.false_belief * task.false_belief[block]
            high = 1 + (who.speed - 2) / (1 + np.exp(-tilt))
            prior = counts = np.array([[high, who.speed - high], [who.speed - high, high]])
        drive = who.reliability * ((2 * task.stimuli[t] - 1) @ task.weights)
        drive = drive + who.recurrence * task.stay * (2 * before - 1) + task.prior + who.phi
        x = 1 / (1 + np.exp(-drive))
        share = (
            counts if who.reads_active_only else counts / counts.sum(0)
        )  # C over its first index
        log = np.log(share[:, 0]) - np.log(share[:, 1])
        odds = x @ log[0] + (0.0 if who.reads_active_only else (1 - x) @ log[1])
        last = history[-1][1] if history else -1
        z = who.inverse_temperature * (odds + psi) + who.stickiness * (np.arange(n) == last)
        p = np.exp(z - z.max())
        p = (1 - who.lapse) * p / p.sum() + who.lapse / n
        choice = did.choice[t]
        if choice >= 0:
            total += np.log(p[choice])
            omega = who.modulator_bias
            if np.isfinite(did.outcome[t]):
                reward = 2 * did.outcome[t] - 1
                omega += np.tanh(reward - mean)
                mean += 0.0 if who.follows_reward else 0.05 * (reward - mean)
            counts = counts + who.leak * (prior - counts)
            events = [(x, choice, (1 - who.misassigned_credit) * omega)]
            if last >= 0:
                events.append((*history[-1], who.misassigned_credit * omega))
            counts = np.maximum(counts + sum(coincidence(n, *one) for one in events), 1.0)
        history.append((x, choice))
        before = x
    return total


CASES = [(2, None), (3, None), (2, EXTENDED), (4, EXTENDED), (2, ABSOLUTE), (3, ABSOLUTE)]


@pytest.mark.parametrize(("choices", "extensions"), CASES)
def test_the_likelihood_equals_a_plain_replay(choices, extensions):
    one = observed(choices, extensions, seed=choices)
    for seed in range(3):
        theta = point(one, seed)
        assert one.log_likelihoods(theta[None])[0] == pytest.approx(
            plain_log_likelihood(one, theta), abs=1e-9
        )


@pytest.mark.parametrize(("choices", "extensions"), CASES)
def test_the_gradient_equals_finite_differences(choices, extensions):
    one = observed(choices, extensions, seed=10 + choices)
    for seed in range(3):
        theta = point(one, seed)
        value, slope, _ = one.score(theta)
        step = 1e-6 * np.eye(theta.size)
        moved = one.log_likelihoods(theta + step) - one.log_likelihoods(theta - step)
        np.testing.assert_allclose(slope, moved / 2e-6, rtol=1e-5, atol=2e-5)
        assert value == pytest.approx(one.log_likelihoods(theta[None])[0], abs=1e-10)


def test_information_is_the_covariance_of_the_score_over_choices():
    """One trial: sum over choices of p (d ln p)(d ln p)'."""
    one = observed(3, EXTENDED, trials=1)
    theta = point(one, 0)
    expected = np.zeros((theta.size, theta.size))
    for choice in range(3):
        did = Choices(np.array([choice]), np.array([1.0]))
        value, slope, information = Observed(one.task, did, one.layout).score(theta)
        expected += np.exp(value) * np.outer(slope, slope)
    np.testing.assert_allclose(information, expected, atol=1e-12)
    assert np.trace(information) > 0.01


def test_a_subject_who_missed_everything_has_no_likelihood_to_climb():
    one = observed()
    nothing = Choices(np.full(150, -1), np.full(150, np.nan))
    value, slope, information = Observed(one.task, nothing, one.layout).score(point(one, 0))
    assert value == 0
    assert not slope.any()
    assert not information.any()
