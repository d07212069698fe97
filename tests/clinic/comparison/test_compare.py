"""Rivals beside the circuit: each wins on subjects of its own kind, and scores have two routes."""

from dataclasses import replace

import numpy as np
import pytest

from hebbayes.clinic.comparison.candidate import trials_of, with_lapse
from hebbayes.clinic.comparison.compare import (
    CIRCUIT,
    ComparisonTask,
    Standing,
    circuit_score,
    pointwise_of,
    run_comparison,
)
from hebbayes.clinic.comparison.leave_one_out import LeaveOneOut
from hebbayes.clinic.comparison.rivals import EVERYTHING, RIVAL_NAMES, RIVALS, candidates_of
from hebbayes.clinic.designs import Design, draw_task
from hebbayes.clinic.estimation.cases import example
from hebbayes.clinic.estimation.climbing import climb
from hebbayes.clinic.estimation.models import ModelFit
from hebbayes.clinic.estimation.sampling import Draws, draw_posterior
from hebbayes.clinic.task import Choices


def compared(observed, population):
    """The comparison, with draws of the healthy model alone: quick."""
    fit = ModelFit("healthy", population, (climb(observed, population, population.mean),))
    draws = draw_posterior(observed, fit, np.random.default_rng(0))
    return run_comparison(ComparisonTask(observed, draws, 0))


def rescorla_wagner(observed, rates, beta, forgetting, seed=0):
    """Choices of values that are learnt from the cues on, in plain Python."""
    rng, task = np.random.default_rng(seed), observed.task
    choice, outcome = np.zeros(task.n_trials, int), np.full(task.n_trials, np.nan)
    values = np.zeros((task.stimuli.shape[1], task.n_choices))
    for t, cues in enumerate(task.stimuli):
        if task.begins[t]:
            values[:] = 0
        odds = np.exp(beta * cues @ values)
        choice[t] = k = rng.choice(task.n_choices, p=odds / odds.sum())
        values *= 1 - forgetting
        if task.has_feedback[t]:
            outcome[t] = rng.random() < task.reward_probability[t, k]
            error = 2 * outcome[t] - 1 - cues @ values[:, k]
            values[:, k] += (rates[0] if error > 0 else rates[1]) * error * cues
    return replace(observed, choices=Choices(choice, outcome))


def test_a_subject_of_the_circuit_is_not_told_that_a_rival_is_better():
    standing = compared(*example(300))
    assert standing.better == ""
    assert standing.caution == ""
    assert set(standing.scores) == {CIRCUIT, *RIVAL_NAMES}


def test_a_subject_that_repeats_choices_is_described_better_by_a_sticky_rival():
    observed, population = example(300)
    rng = np.random.default_rng(0)
    choice = np.cumsum(rng.random(300) < 0.1) % 2
    outcome = np.where(observed.task.has_feedback, rng.integers(0, 2, 300), np.nan)
    standing = compared(replace(observed, choices=Choices(choice, outcome)), population)
    assert standing.better in ("rescorla_wagner_sticky", EVERYTHING)
    assert standing.caution.startswith("The circuit model does not describe this subject's choices")
    nats, error = standing.lead(standing.better)
    assert nats > max(4, 2 * error)


def test_forgetting_is_found_in_values_that_decay():
    observed, _ = example(500)
    changing = Design(trials=500, stay=0.7, ambiguous=0.3)  # lasting states hide forgetting
    observed = replace(observed, task=draw_task(changing, np.random.default_rng(0)))
    subject = rescorla_wagner(observed, (0.6, 0.6), 4.0, 0.2)
    trials = trials_of(subject)
    (one,) = (
        c for c in candidates_of("rescorla_wagner_forgetting", trials) if "on," in c.form.name
    )
    top = climb(one, one.prior, one.prior.mean)
    at = [parameter.name for parameter in one.parameters].index("forgetting")
    assert 1 / (1 + np.exp(-top.theta[at])) == pytest.approx(0.2, abs=0.08)


def test_values_agree_with_a_plain_loop():
    observed, _ = example(60)
    subject = rescorla_wagner(observed, (0.5, 0.2), 2.0, 0.1)
    trials = trials_of(subject)
    (one,) = (
        c for c in candidates_of("rescorla_wagner_forgetting", trials) if "on," in c.form.name
    )
    natural = np.array([0.5, 0.2, 2.0, 0.0, 0.1, 0.0])
    odds = one.form.log_odds(natural[None])[0]
    task, did = subject.task, subject.choices
    scale = np.sqrt((task.stimuli**2).sum(1).max())
    values = np.zeros((task.stimuli.shape[1], 2))
    for t, cues in enumerate(task.stimuli / scale):
        if task.begins[t]:
            values[:] = 0
        np.testing.assert_allclose(odds[t], 2.0 * cues @ values, atol=1e-12)
        values *= 0.9
        if np.isfinite(did.outcome[t]):
            k = did.choice[t]
            error = 2 * did.outcome[t] - 1 - cues @ values[:, k]
            values[:, k] += (0.5 if error > 0 else 0.2) * error * cues


def test_a_lapse_mixes_with_chance():
    odds = with_lapse(lambda natural: natural[:, None], 2)(np.array([[1.0, 0.0, 0.3]]))[0, 0]
    share = np.exp(odds) / np.exp(odds).sum()
    expected = 0.7 * np.array([np.e, 1]) / (np.e + 1) + 0.15
    np.testing.assert_allclose(share, expected)


@pytest.mark.parametrize("name", [one.name for one in RIVALS if one.learns])
def test_slopes_are_those_of_the_likelihood(name):
    one = candidates_of(name, trials_of(example(80)[0]))[0]
    theta = one.prior.mean + 0.3
    step = 1e-4 * np.eye(theta.size)
    by_differences = (one.log_likelihoods(theta + step) - one.log_likelihoods(theta - step)) / 2e-4
    np.testing.assert_allclose(one.score(theta)[1], by_differences, atol=2e-3)


def test_the_circuit_is_scored_choice_by_choice():
    observed, prior = example(50)
    thetas = prior.mean + prior.spread * np.random.default_rng(0).normal(size=(3, 10))
    np.testing.assert_allclose(
        pointwise_of(observed, thetas).sum(1), observed.log_likelihoods(thetas)
    )


def test_the_circuit_does_not_look_ahead_by_false_beliefs():
    """Draws that know the right mapping score well only if they may."""
    observed, prior = example(60)
    theta = np.tile(prior.mean, (100, 1)) + 0.01 * np.random.default_rng(0).normal(size=(100, 10))
    place = observed.layout.places("false_belief")
    theta[:, place] = -4.0
    choice = np.where(observed.task.right >= 0, observed.task.right, 0)
    knowing = replace(observed, choices=Choices(choice, np.ones(60)))
    draws = Draws(theta, np.full(100, 0.01), 0.0)
    seeing = circuit_score(knowing, draws, is_blind=False).nats_per_choice
    assert circuit_score(knowing, draws).nats_per_choice < seeing - 0.002


@pytest.mark.parametrize("made", [0, 1, 3])
def test_hardly_a_choice_is_a_result(made):
    observed, population = example(20)
    choice = np.where(np.arange(20) < made, observed.choices.choice, -1)
    outcome = np.where(choice >= 0, observed.choices.outcome, np.nan)
    standing = compared(replace(observed, choices=Choices(choice, outcome)), population)
    assert standing.better == ""
    assert (standing.winner == "") == (made == 0)


def test_one_choice_alone_and_outcomes_never_known_are_results():
    observed, population = example(60)
    did = Choices(np.zeros(60, int), np.full(60, np.nan))
    standing = compared(replace(observed, choices=did), population)
    assert all(np.isfinite(value) for value in standing.nats_per_choice.values())


def test_a_lead_within_its_error_is_not_clear():
    rng = np.random.default_rng(0)
    zero = LeaveOneOut(np.zeros(100), np.zeros(100))

    def standing(gain, spread):
        rival = LeaveOneOut(gain + spread * rng.normal(size=100), np.zeros(100))
        return Standing("", "", {CIRCUIT: zero, "constant": rival}, {})

    assert standing(0.03, 0.0).better == ""  # 3 nats
    assert standing(0.05, 0.0).better == "constant"  # 5 nats
    assert standing(0.05, 1.0).better == ""  # 5 nats and an error of 10
