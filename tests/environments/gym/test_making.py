"""Worlds by name, their actions and tables, and the sentences of those that cannot be played."""

import numpy as np
import pytest

gymnasium = pytest.importorskip("gymnasium")
from gymnasium.spaces import Box, MultiBinary, MultiDiscrete  # noqa: E402

from hebbayes.core.errors import FormatError  # noqa: E402
from hebbayes.environments.gym.encoders import encoder_for  # noqa: E402
from hebbayes.environments.gym.making import actions_of, gym_world, make_env  # noqa: E402
from hebbayes.environments.gym.tables import transitions_of  # noqa: E402


@pytest.mark.parametrize("env_id", ["FrozenLake-v1", "CliffWalking-v1", "Taxi-v4"])
def test_tables_hold_what_the_world_does(env_id):
    env = make_env(env_id)
    tables = transitions_of(env, encoder_for(env.observation_space))
    chance = np.diff(tables.cumulated, axis=-1, prepend=0)
    np.testing.assert_allclose(chance.sum(-1), 1)
    assert (chance > -1e-12).all()
    env.reset(seed=0)
    env.action_space.seed(0)
    for _ in range(200):
        site, action = env.unwrapped.s, env.action_space.sample()
        following, reward, is_terminal, is_cut, _ = env.step(action)
        row = tables.next_site[site, action] == following
        row &= (tables.reward[site, action] == reward) & (chance[site, action] > 0)
        row &= tables.is_terminal[site, action] == is_terminal
        assert row.any()
        if is_terminal or is_cut:
            env.reset()


def test_a_world_seen_through_a_wrapper_has_no_tables():
    env = gymnasium.wrappers.TransformReward(make_env("FrozenLake-v1"), lambda r: 2 * r)
    assert transitions_of(env, encoder_for(env.observation_space)) is None


def test_actions_of_several_parts_are_enumerated():
    assert [a.tolist() for a in actions_of(MultiDiscrete([2, 2], start=[1, 0]))] == [
        [1, 0], [1, 1], [2, 0], [2, 1],
    ]  # fmt: skip
    assert len(actions_of(MultiBinary(3))) == 8


@pytest.mark.parametrize(
    ("space", "words"), [(Box(-1, 1, (1,)), "finitely many"), (MultiDiscrete([99, 99]), "at most")]
)
def test_actions_that_cannot_be_listed_are_refused(space, words):
    with pytest.raises(FormatError, match=words):
        actions_of(space)


@pytest.mark.parametrize(
    ("name", "options", "words"),
    [
        ("Nowhere-v0", "", "there is no world"),
        ("Taxi-v99", "", "there is no world"),
        ("no_such_module:World-v0", "", "there is no world"),
        ("FrozenLake-v1", "slippery=True", "does not start with the options"),
        ("FrozenLake-v1", "map_name", "name=value"),
    ],
)
def test_a_world_that_does_not_start_is_a_sentence(name, options, words):
    with pytest.raises(FormatError, match=words):
        make_env(name, options)


def test_random_play_shows_the_range_of_numbers_without_bounds():
    world = gym_world(make_env("CartPole-v1"), seed=3, n_random=5)
    assert world.encoder.group_sizes == (8**4,)
    assert len(world.random_returns) == 5
    assert world.limit == 500
    assert world.transitions is None
