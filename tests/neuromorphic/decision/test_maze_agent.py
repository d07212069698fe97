"""The maze agent on integers: risk, habits, and learning of a corridor."""

import numpy as np
import pytest

from hebbayes.agents.maze_agent import right_biased_prior
from hebbayes.agents.modulators import ChunkedRisk
from hebbayes.neuromorphic.decision.core import new_core
from hebbayes.neuromorphic.decision.maze_agent import World, habit_of, risk_of, run_trials
from hebbayes.neuromorphic.decision.real_agent import Simplifications, run_real_trials


@pytest.fixture
def corridor():
    """Return six sites in a row; moves go left and right, the last site is the goal."""
    n = 6
    sites = np.arange(n)
    return World(
        observations=np.eye(n, dtype=np.int64),
        next_site=np.stack([np.maximum(sites - 1, 0), np.minimum(sites + 1, n - 1)], 1),
        gain=np.stack([-(sites > 0).astype(int), (sites < n - 1).astype(int)], 1),
        is_goal=(sites == n - 1).astype(int),
        start=0,
    )


@pytest.mark.parametrize("n", [200, 37])
def test_risk_is_that_of_the_agent_in_floating_point(n):
    for progress in (-n, -1, 0, 1, 9, 10, 11, n):
        if abs(progress) > n:
            continue
        rewards = np.zeros(n)
        rewards[: abs(progress)] = np.sign(progress)
        exact = float(ChunkedRisk().risk(rewards)[0])
        assert risk_of(progress, n) / 65536 == pytest.approx(exact, abs=1e-5)


def test_habits_are_log_odds_of_the_prior():
    prior = np.asarray(right_biased_prior(0.35))
    odds = prior / (1 - prior)
    assert habit_of(prior) / 2048 == pytest.approx(np.log2(odds / odds.max()), abs=3e-4)


def test_the_integer_agent_learns_a_corridor_as_fast_as_in_real_numbers(corridor):
    prior, n_agents = 300, 12
    integer, real = [], []
    for seed in range(n_agents):
        core = new_core(np.zeros(2, np.int64), n_inputs=6, prior=prior, seed=seed + 1)
        integer.append(run_trials(core, corridor, 60, 500))
        how = Simplifications(False, False, 1.0, 128.0, float(prior))
        real.append(run_real_trials(np.zeros(2), corridor, how, (60, 500), seed))
    integer, real = np.array(integer), np.array(real)
    gap = integer[:, 40:].mean(1) - real[:, 40:].mean(1)
    spread = np.sqrt(integer[:, 40:].mean(1).var(ddof=1) + real[:, 40:].mean(1).var(ddof=1))
    assert abs(gap.mean()) < 4 * spread / np.sqrt(n_agents)
    assert integer[:, 40:].mean() < integer[:, :10].mean()
