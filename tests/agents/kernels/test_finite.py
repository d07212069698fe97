"""A run inside the compiled loop is the run step by step."""

import numpy as np
import pytest

from hebbayes.agents.kernels.finite import at_the_start, run_finite
from hebbayes.agents.kernels.state import LearnerSettings, new_learner, rates_of
from hebbayes.environments.gym.tables import Transitions

from .reference import Reference


@pytest.fixture
def world():
    """Five sites in a row, two actions; the right end pays, the left end costs."""
    chance = np.random.default_rng(1)
    first = chance.uniform(0.2, 0.8, (5, 2, 1))
    next_site = chance.integers(0, 5, (5, 2, 2))
    reward, over = (next_site == 4) - 0.5 * (next_site == 0), next_site == 4
    cumulated = np.concatenate([first, np.ones_like(first)], 2)
    start = np.array([0.1, 0.6, 0.8, 1.0, 1.0])
    return Transitions(cumulated, next_site, reward, over, start, np.arange(5)[:, None])


def test_the_loop_repeats_the_plain_agent(world):
    uniforms, settings = np.random.default_rng(2).random((900, 3)), LearnerSettings()
    learner, returns = new_learner((5,), 2, settings), np.zeros(0)
    progression, rates = at_the_start(900, limit=7), rates_of(settings)
    for part in np.split(uniforms, [250, 251]):  # in pieces: nothing is lost between them
        assert run_finite(learner, rates, world, progression, part) == len(part)
        returns = np.append(returns, progression.returns[: progression.place[2]])
    plain, expected = Reference((5,), 2, settings), []
    site, length, total = None, 0, 0.0
    for decides, moves, begins in uniforms:
        if site is None:
            site, length, total = int(np.searchsorted(world.start, begins, "right")), 0, 0.0
        a = plain.decide([site], decides)
        m = int(moves >= world.cumulated[site, a, 0])
        length, reward = length + 1, world.reward[site, a, m]
        is_terminal = bool(world.is_terminal[site, a, m])
        is_over = is_terminal or length == 7
        following = world.next_site[site, a, m]
        plain.receive([site], a, reward, [following], is_terminal, is_over)
        total += reward
        site = None if is_over else following
        expected += [total] if is_over else []
    np.testing.assert_allclose(returns, expected)
    np.testing.assert_allclose(learner.hebb, plain.c, rtol=1e-9)
    np.testing.assert_allclose(learner.risk_counts, plain.r, rtol=1e-9, atol=1e-12)


def test_a_run_stops_after_the_episodes_it_has_room_for(world):
    learner, rates = new_learner((5,), 2), rates_of(LearnerSettings())
    progression = at_the_start(4, limit=7)
    uniforms = np.random.default_rng(3).random((900, 3))
    steps = run_finite(learner, rates, world, progression, uniforms)
    assert progression.place[2] == 4
    assert 4 <= steps <= 28
