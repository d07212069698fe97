"""The compiled agent beside a plain one: decision for decision, count for count."""

import numpy as np
import pytest

from hebbayes.agents.kernels.state import BEST, WORST, LearnerSettings, new_learner, rates_of
from hebbayes.agents.kernels.steps import decide, look_ahead, predicted_risk, receive, set_range

from .reference import Reference


def both_play(sizes, settings, n_steps, seed=0):
    """A random walk over random units with random rewards; return both agents and decisions."""
    world = np.random.default_rng(seed)
    learner, rates = new_learner(sizes, 3, settings), rates_of(settings)
    reference, first = Reference(sizes, 3, settings), np.cumsum([0, *sizes[:-1]])
    units = first + world.integers(sizes)
    pairs = []
    for _ in range(n_steps):
        uniform = world.random()
        pair = decide(learner, units, uniform), reference.decide(units, uniform)
        pairs.append(pair)
        following = first + world.integers(sizes)
        reward = world.normal() + 2 * (pair[0] == units[0] % 3)
        is_terminal, is_cut = world.random(2) < (0.08, 0.04)
        look_ahead(learner, following)
        receive(learner, rates, reward, is_terminal, is_terminal or is_cut)
        reference.receive(units, pair[1], reward, following, is_terminal, is_terminal or is_cut)
        units = following
    return learner, reference, np.array(pairs)


@pytest.mark.parametrize("sizes", [(5,), (2, 3, 4)])
@pytest.mark.parametrize(
    "settings",
    [LearnerSettings(), LearnerSettings(3.0, 0.4, 0.8, 0.2, 4, 9.0, 0.01)],
    ids=["default", "other"],
)
def test_compiled_and_plain_agent_agree(sizes, settings):
    learner, reference, pairs = both_play(sizes, settings, 600)
    assert (pairs[:, 0] == pairs[:, 1]).all()
    assert len(set(pairs[:, 0])) == 3
    np.testing.assert_allclose(learner.hebb, reference.c, rtol=1e-9)
    np.testing.assert_allclose(learner.risk_counts, reference.r, rtol=1e-9, atol=1e-12)
    groups = np.split(learner.hebb, np.cumsum(sizes)[:-1], axis=1)
    np.testing.assert_allclose(learner.home, np.stack([g.sum(1) for g in groups], 1), rtol=1e-9)
    assert learner.levels[BEST] == pytest.approx(reference.hi)
    assert learner.levels[WORST] == pytest.approx(reference.lo)


def test_a_new_range_keeps_the_value_of_every_state():
    learner = new_learner((4,), 2)
    learner.risk_counts[:] = [[1.0, 2.0, 0.5, 1.0], [1.0, 1.0, 2.0, 0.0]]
    before = 1 - np.array([predicted_risk(learner, np.array([s])) for s in range(4)])
    set_range(learner, 4.0, -6.0)
    after = 4 - 10 * np.array([predicted_risk(learner, np.array([s])) for s in range(4)])
    np.testing.assert_allclose(after[:3], before[:3])
    assert after[3] == 4.0  # never harmed: as good as the best


def test_expected_learning_is_a_policy_gradient():
    """sum_k pi_k of the change of log odds = gain x pi_k x advantage_k (1/c1 + 1/c0)."""
    settings = LearnerSettings(gain=1e-4, horizon=1, discount=0.5)
    worth = np.array([0.9, 0.4, 0.1])
    changes, policy = np.zeros(3), np.full(3, 1 / 3)
    for decision in range(3):
        learner = new_learner((1,), 3, settings)
        learner.risk_counts[:, 0] = worth.mean() * 4, (1 - worth.mean()) * 4
        decide(learner, np.array([0]), (decision + 0.5) / 3)
        look_ahead(learner, np.array([0]))
        variance = 0.1 + 0.001 * ((worth[decision] - worth.mean()) ** 2 - 0.1)
        before = np.log(learner.hebb[1, 0] / learner.hebb[0, 0])
        receive(learner, rates_of(settings), worth[decision] - 0.0, True, True)
        change = np.log(learner.hebb[1, 0] / learner.hebb[0, 0]) - before
        changes += policy[decision] * change * np.sqrt(variance)
    expected = 1e-4 * policy * (worth - worth.mean()) * (1 / 1.0 + 1 / 2.0)
    np.testing.assert_allclose(changes, expected, rtol=2e-3)


def test_forgetting_makes_the_critic_hopeful_again():
    settings = LearnerSettings(forgetting_steps=50.0)
    learner, rates = new_learner((2,), 2, settings), rates_of(settings)
    learner.risk_counts[:, 1] = 1.0, 4.0
    for _ in range(500):
        decide(learner, np.array([0]), 0.3)
        look_ahead(learner, np.array([0]))
        receive(learner, rates, 0.0, False, False)
    np.testing.assert_allclose(learner.risk_counts[:, 1], [1.0, 0.0], atol=1e-3)
