"""Simulated animals hold the truth they claim: against a plain loop, and against their own rule."""

from dataclasses import replace

import numpy as np
import pytest

from hebbayes.core.errors import ValueRangeError
from hebbayes.simulators import EXAMPLE_ANIMAL, AnimalDesign, simulate_animal

LEARNER = AnimalDesign(
    n_states=2,
    n_stimuli=5,
    n_decisions=3,
    n_units=4,
    n_output_units=3,
    n_sessions=3,
    n_trials=(40, 25, 35),
    state_prior=(0.4, 0.55),
    decision_prior=(0.5, 0.2, 0.3),
    policy_prior_count=20.0,
    modulation_gain=1.5,
    risk_sensitivity=0.8,
    policy_floor=9.8,
    reward_delay=3,
    reversals=(1, 2),
    sensory_skill=0.5,
    sensory_prior_count=40.0,
    recurrent_prior_count=30.0,
)
PLAIN = AnimalDesign(
    n_stimuli=4, n_units=4, n_output_units=2, n_sessions=4, n_trials=150, reversals=(2,)
)


@pytest.fixture(scope="module")
def learner():
    return simulate_animal(LEARNER, seed=6)


@pytest.fixture(scope="module")
def plain():
    return simulate_animal(PLAIN, seed=1)


def naive_tables(animal):
    """Counts a, b, c of the newborn from the weights of its first trial."""

    def table(weights, total):
        on = 1 / (1 + np.exp(-weights.T / 2))
        return total * np.array([[on, 1 - on], [1 - on, on]])

    design = animal.design
    policy = np.full((2, 2, design.n_states, design.n_decisions), design.policy_prior_count / 2)
    return (
        table(animal.sensory_weights[0], design.sensory_prior_count),
        table(animal.recurrent_weights[0], design.recurrent_prior_count),
        policy,
    )


def log_odds(table):
    on = np.log(table[0] / table[1])
    return (on[0] - on[1]).T


def infer(tables, pairs, prior):
    """Both values' log probability: sum of ln(count / column) over all inputs, plus the prior."""
    joint = prior + 0.0
    for table, pair in zip(tables, pairs):
        joint = joint + np.einsum("vuij,vi->uj", np.log(table / table.sum(0)), pair)
    probability = np.exp(joint - joint.max(0))
    return probability / probability.sum(0)


def test_a_life_is_that_of_a_plain_loop(learner) -> None:
    """Activity, output, weights, delay, floor and the modulator, without the theory's functions."""
    design, recording = learner.design, learner.recording
    a, b, c = naive_tables(learner)
    s, expected, queue, n_floored = np.full((2, 2), 0.5), 0.0, [], 0
    for t, o in enumerate(recording.stimuli):
        if t == 0 or recording.session[t] != recording.session[t - 1]:
            s = np.full((2, 2), 0.5)
        for weights, table in zip(
            (learner.sensory_weights, learner.recurrent_weights, learner.output_weights), (a, b, c)
        ):
            np.testing.assert_allclose(weights[t], log_odds(table), rtol=1e-9, atol=1e-9)
        previous, pair = s, np.stack([o, 1 - o])
        s = infer((a, b), (pair, previous), learner.state_threshold_factors)
        y = infer((c,), (previous,), learner.decision_threshold_factors)
        np.testing.assert_allclose(learner.activity[t], s[0], rtol=1e-9)
        np.testing.assert_allclose(learner.output[t], y[0], rtol=1e-9)
        surprise = learner.reward[t] - expected
        expected += 0.01 * surprise
        risk = 1 / (1 + np.exp(2 * surprise))
        assert risk == pytest.approx(recording.risk[t], abs=1e-12)
        taken = np.eye(3)[recording.decisions[t]]
        worth = design.modulation_gain * (1 - 2 * design.risk_sensitivity * risk)
        queue.append(worth * np.einsum("vi,uj->vuij", previous, np.stack([taken, 1 - taken])))
        a = a + np.einsum("vi,uj->vuij", pair, s)
        b = b + np.einsum("vi,uj->vuij", previous, s)
        if t >= design.reward_delay:
            c = c + queue[t - design.reward_delay]
            n_floored += (c < design.policy_floor).sum()
            c = np.maximum(c, design.policy_floor)
    assert n_floored > 10  # else the floor was not put to the test


def test_decisions_follow_the_odds_of_the_output(plain) -> None:
    odds = plain.output / (1 - plain.output)
    share = odds[:, 0] / odds.sum(1)
    went = plain.recording.decisions == 0
    assert abs(went.sum() - share.sum()) <= 4 * np.sqrt((share * (1 - share)).sum())


def test_right_is_what_the_previous_state_says_and_reversal_turns_it_round(plain) -> None:
    recording = plain.recording
    told = np.roll(recording.sources[:, 0], 1) == 1
    went = recording.decisions == 0
    is_right = (went == told) ^ (recording.session >= 2)
    is_right[np.diff(recording.session, prepend=-1) > 0] = False
    np.testing.assert_array_equal(plain.is_right, is_right)
    is_exchanged = (plain.reward > 0) != is_right
    share = is_exchanged[plain.reward != 0].mean()
    assert abs(share - 0.1) <= 4 * np.sqrt(0.09 / 596)


def test_the_same_seed_gives_the_same_numbers_and_another_does_not(plain) -> None:
    again, other = simulate_animal(PLAIN, seed=1), simulate_animal(PLAIN, seed=2)
    np.testing.assert_array_equal(again.recording.responses, plain.recording.responses)
    assert (other.recording.decisions != plain.recording.decisions).any()


def test_units_read_out_x_and_y_affinely(plain) -> None:
    read = np.column_stack([plain.activity[:, [0, 1, 0, 1]], plain.output])
    rate = PLAIN.baseline + PLAIN.modulation * read
    counts = plain.recording.responses
    for weight in (np.ones_like(rate), rate):
        surplus = (weight * (counts - rate)).sum(0)
        assert (np.abs(surplus) <= 4 * np.sqrt((weight**2 * rate).sum(0))).all()


def test_lambda_and_gain_live_the_same_life_where_their_ratio_is_the_same(plain) -> None:
    """The reason why they are reported as one class."""
    larger = replace(PLAIN, policy_prior_count=300.0, modulation_gain=3.0, policy_floor=3.0)
    twin = simulate_animal(larger, seed=1)
    np.testing.assert_array_equal(twin.recording.decisions, plain.recording.decisions)
    np.testing.assert_allclose(twin.output_weights, plain.output_weights, atol=1e-9)


def test_without_gain_nothing_is_learnt(plain) -> None:
    assert not simulate_animal(replace(PLAIN, modulation_gain=0.0)).output_weights.any()
    assert plain.output_weights[-1].any()


def test_a_prior_of_exactly_zero_is_never_chosen() -> None:
    never = simulate_animal(replace(PLAIN, decision_prior=(0.0, 1.0)))
    assert (never.recording.decisions == 1).all()
    assert never.decision_threshold_factors.tolist() == [[-np.inf, 0.0], [0.0, -np.inf]]


def test_the_example_learns_its_task_and_then_the_reverse() -> None:
    animal = simulate_animal(EXAMPLE_ANIMAL, seed=0)
    share = [animal.is_right[animal.recording.session == k].mean() for k in range(20)]
    assert np.mean(share[7:10]) > 0.7
    assert np.mean(share[10:12]) < 0.4
    assert np.mean(share[18:]) > np.mean(share[10:12]) + 0.05


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"n_decisions": 0}, "n_decisions must be at least 1; got 0."),
        ({"reward_delay": -1}, "reward_delay must be at least 0; got -1."),
        ({"stay": 1.0}, "stay must lie between 0.01 and 0.99; got 1.0."),
        ({"n_trials": (10, 20)}, "n_trials has 2 values; give one, or 20."),
        ({"policy_prior_count": np.inf}, "policy_prior_count must be above 0; got inf."),
        (
            {"decision_prior": (0.5, 0.6)},
            "decision_prior must be 2 probabilities whose sum is 1; got [0.5, 0.6].",
        ),
    ],
)
def test_an_impossible_design_is_refused(changes, sentence: str) -> None:
    with pytest.raises(ValueRangeError) as caught:
        simulate_animal(AnimalDesign(**changes))
    assert str(caught.value) == sentence
