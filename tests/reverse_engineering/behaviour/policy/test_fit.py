"""V by counts and the likelihood of a life: by enumeration, against the animal's own weights."""

import itertools
import math
from dataclasses import replace

import numpy as np
import pytest
from scipy.special import expit, log_softmax

from hebbayes.reverse_engineering.behaviour.choices import Choices, choices_of
from hebbayes.reverse_engineering.behaviour.policy.fit import fit_policy, fit_static, psi_covariance
from hebbayes.reverse_engineering.behaviour.policy.forward import (
    PolicyEvidence,
    modulation_weight,
    policy_counts,
    policy_drive,
    policy_evidence,
    policy_weights,
)
from hebbayes.reverse_engineering.behaviour.policy.output_layer import describe_output_layer
from hebbayes.reverse_engineering.behaviour.readout import centred, readout_weights
from hebbayes.reverse_engineering.behaviour.rivals.comparison import compare_rivals
from hebbayes.simulators import simulate_animal

X = [0.5, 0.9, 0.2, 0.7, 0.4]
PRIOR = (0.7, 0.3)
LAMBDA, GAIN, FLOOR, DELAY = 6.0, 2.0, 1.0, 1


def risk_of(x, decision):
    """Going (0) is good when the state is on, staying (1) when it is off."""
    return 0.1 if (x > 0.5) == (decision == 0) else 0.8


def chances_by_hand(decisions):
    """Probability of each decision of a life of one state and two decisions, count by count."""
    counts = dict.fromkeys(itertools.product("sn", "dn", (0, 1)), LAMBDA / 2)
    waiting, chances = [], []
    for x, taken in zip(X, decisions):
        odds = []
        for k in (0, 1):
            log = {}
            for value in "dn":  # decision k taken, not taken
                on, off = counts["s", value, k], counts["n", value, k]
                log[value] = x * math.log(on / (on + off)) + (1 - x) * math.log(off / (on + off))
            y = 1 / (1 + math.exp(log["n"] - log["d"]) * (1 - PRIOR[k]) / PRIOR[k])
            odds.append(y / (1 - y))
        chances.append(odds[taken] / sum(odds))
        waiting.append((x, taken, GAIN * (1 - 2 * risk_of(x, taken))))
        if len(waiting) > DELAY:
            x_then, then, weight = waiting[-1 - DELAY]
            for (state, value, k), count in counts.items():
                share = x_then if state == "s" else 1 - x_then
                is_met = (k == then) == (value == "d")
                counts[state, value, k] = max(count + weight * share * is_met, FLOOR)
    return chances


def test_the_canonical_life_by_enumeration_of_all_its_decisions() -> None:
    """All 32 lives of five decisions: probabilities sum to 1 and are those counted by hand."""
    total = 0.0
    psi = np.log(np.array(PRIOR) / (1 - np.array(PRIOR)))
    for decisions in itertools.product((0, 1), repeat=len(X)):
        risk = np.array([risk_of(x, k) for x, k in zip(X, decisions)])
        choices = Choices(np.array(decisions), np.array(X)[:, None], risk, np.zeros(5, int), 2)
        evidence = policy_evidence(choices, modulation_weight(risk), DELAY)
        counts = policy_counts(evidence, LAMBDA / GAIN, FLOOR / GAIN)
        logs = log_softmax(policy_drive(counts, choices.activity) + psi, axis=1)
        found = np.exp(logs[np.arange(5), list(decisions)])
        by_hand = chances_by_hand(decisions)
        np.testing.assert_allclose(found, by_hand, rtol=1e-12)
        total += math.prod(by_hand)
    assert total == pytest.approx(1, abs=1e-12)


def test_counts_at_the_true_ratio_are_the_animals_own_weights(animal, choices) -> None:
    evidence = policy_evidence(choices, modulation_weight(choices.risk), 2)
    counts = policy_counts(evidence, animal.design.policy_prior_count, 1.0)
    np.testing.assert_allclose(policy_weights(counts), animal.output_weights, atol=1e-10)
    psi = animal.decision_threshold_factors
    np.testing.assert_allclose(
        expit(policy_drive(counts, choices.activity) + psi[0] - psi[1]),
        animal.output,
        atol=1e-10,
    )


def test_reflected_sums_are_those_of_flooring_step_by_step(rng) -> None:
    steps = rng.normal(size=(200, 2, 2, 2, 3)) * 3
    before = np.concatenate([np.zeros_like(steps[:1]), np.cumsum(steps, 0)[:-1]])
    found = policy_counts(PolicyEvidence(before, 1.0), 12.0, 1.5)
    count = np.full(steps.shape[1:], 6.0)
    for step, at in zip(steps, found):
        np.testing.assert_allclose(at, count, atol=1e-9)
        count = np.maximum(count + step, 1.5)


def test_ratio_psi_and_weights_are_recovered(animal, choices) -> None:
    evidence = policy_evidence(choices, modulation_weight(choices.risk), 2)
    fit = fit_policy(choices, evidence, 1.0)
    assert fit.ratio.low <= 100 <= fit.ratio.high
    assert abs(fit.ratio.value / 100 - 1) < 0.1
    psi = animal.decision_threshold_factors[0] - animal.decision_threshold_factors[1]
    error = (fit.decision_prior.threshold_factor.high - psi) / 1.96
    assert (np.abs(fit.decision_prior.threshold_factor.value - psi) < 4 * np.abs(error)).all()


def test_only_the_ratio_of_lambda_to_gain_matters(choices) -> None:
    weight = modulation_weight(choices.risk)
    one, two = (
        fit_policy(choices, policy_evidence(choices, gain * weight, 2), gain) for gain in (1.0, 2.0)
    )
    assert two.log_likelihood == pytest.approx(one.log_likelihood, abs=1e-4)
    assert two.ratio.value == pytest.approx(2 * one.ratio.value, rel=1e-3)


def test_errors_of_psi_allow_for_the_doubt_of_the_ratio(rng) -> None:
    """Against the inverse of the whole information, ratio included."""
    shares, slope = rng.dirichlet(np.ones(3), 400), rng.normal((1, 0, 0), size=(400, 3))
    moves = np.stack([np.broadcast_to(np.eye(3)[k], (400, 3)) for k in (0, 1)] + [slope], axis=1)
    spread = np.eye(3) * shares[:, None] - shares[:, :, None] * shares[:, None]
    whole = np.einsum("tak,tkl,tbl->ab", moves, spread, moves)
    found = psi_covariance(shares, slope)
    np.testing.assert_allclose(found, np.linalg.inv(whole)[:2, :2], rtol=1e-9)
    assert (np.diag(found) > 1.01 * np.diag(np.linalg.inv(whole[:2, :2]))).any()


def test_static_likelihood_is_that_of_frequencies() -> None:
    choices = Choices(np.array([0, 0, 1, -1]), np.full((4, 1), 0.5), None, np.zeros(4, int), 3)
    assert fit_static(choices) == pytest.approx(2 * np.log(2 / 3) + np.log(1 / 3))


@pytest.mark.parametrize(
    ("changes", "verdicts", "best"),
    [
        ({}, ["as the theory says", "cannot tell"], ["canonical"]),
        (  # plain Hebb soon decides alike for ever, as a read-out does
            {"risk_sensitivity": 0.0, "policy_prior_count": 20.0, "decision_prior": (0.5, 0.5)},
            ["learns otherwise", "does not learn"],
            ["unmodulated", "readout"],
        ),
        ({"modulation_gain": 0.0}, ["does not learn"], ["constant"]),
    ],
)
def test_whole_networks_that_learn_in_three_ways_are_told_apart(
    animal, changes, verdicts, best, rng
) -> None:
    other = simulate_animal(replace(animal.design, **changes), seed=6)
    choices = choices_of(other.recording, other.activity, 2)
    comparison = compare_rivals(choices, 2)
    assert comparison.verdict in verdicts
    assert comparison.rivals[0].model.name in best
    layer = describe_output_layer(choices, [np.ones(800, bool)], None, 2, 1.0, rng=rng)
    largest = max(layer.modulation.unmodulated, layer.modulation.modulated)
    assert layer.modulation.static <= largest + 0.01  # no learning is the limit of slow learning


def test_regression_finds_the_same_weights_without_a_rule(animal, choices) -> None:
    windows = [animal.recording.session == k for k in range(8)]
    found = readout_weights(choices, windows)
    true = np.stack([centred(animal.output_weights[w].mean(0)) for w in windows])
    assert np.corrcoef(found.value.ravel(), true.ravel())[0, 1] > 0.9
    inside = (found.low <= true) & (true <= found.high)
    assert inside[:, 0].mean() > 0.75  # 16 intervals at 95 %, the other decision mirrors them


def test_windows_with_too_little_or_one_decision_are_not_told() -> None:
    choices = Choices(
        np.r_[np.zeros(30, int), [0, 1]], np.full((32, 1), 0.5), None, np.repeat([0, 1], [30, 2]), 2
    )
    found = readout_weights(choices, [choices.session_index == k for k in (0, 1)])
    assert np.isnan(found.value).all()
