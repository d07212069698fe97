"""The rollout against a plain loop, and under compilation and mapping."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from hebbayes.agents.active_inference import ActiveInferenceAgent
from hebbayes.agents.baselines import GreedyRightAgent, RandomAgent
from hebbayes.agents.maze_agent import first_move_of_decision, maze_agent_model
from hebbayes.agents.rollout import rollout
from hebbayes.core.errors import ShapeError
from hebbayes.environments.base import FiniteEnvironment, FiniteWorld
from hebbayes.environments.dog import dog_world
from hebbayes.environments.maze import UP, Maze, maze_world, random_maze

KEY = jax.random.key(5)
N_STEPS = 120
UNIFORMS = jax.random.uniform(jax.random.key(1), (3, N_STEPS))
MAZE = Maze(random_maze(5, 7, key=KEY), view_size=3)
AGENTS = [
    RandomAgent(4),
    GreedyRightAgent(),
    ActiveInferenceAgent(maze_agent_model(0.35, 9, depth=2), first_move_of_decision(2)),
]
compiled = eqx.filter_jit(rollout)


def assert_same(first, second):
    leaves = zip(jax.tree.leaves(first), jax.tree.leaves(second), strict=True)
    for a, b in leaves:
        np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-300)


@pytest.mark.parametrize("agent", AGENTS, ids=lambda agent: type(agent).__name__)
def test_a_rollout_is_what_a_plain_loop_does(agent):
    trajectory = compiled(agent, MAZE, N_STEPS, key=KEY, uniforms=UNIFORMS[0])
    world, mind, is_over = MAZE.init(key=KEY), agent.init(), False
    for t in range(25):
        assert bool(trajectory.is_active[t]) != is_over
        if is_over:
            break
        seen = MAZE.observe(world)
        mind, action, _ = agent.step(mind, seen, uniform=UNIFORMS[0, t])
        world, reward, over = MAZE.step(world, action, key=KEY)
        mind, is_over = agent.receive(mind, reward), bool(over)
        assert (trajectory.observation[t] == seen).all()
        assert int(trajectory.action[t]) == int(action)
        assert float(trajectory.reward[t]) == float(reward)


@pytest.mark.parametrize("agent", AGENTS, ids=lambda agent: type(agent).__name__)
def test_mapped_rollouts_are_those_one_by_one(agent):
    mapped = eqx.filter_vmap(lambda u: rollout(agent, MAZE, N_STEPS, key=KEY, uniforms=u))(UNIFORMS)
    for i, uniforms in enumerate(UNIFORMS):
        one = compiled(agent, MAZE, N_STEPS, key=KEY, uniforms=uniforms)
        assert_same([leaf[i] for leaf in jax.tree.leaves(mapped)], one)


def test_a_rollout_needs_no_compilation():
    plain = rollout(RandomAgent(4), MAZE, N_STEPS, key=KEY)
    assert_same(plain, compiled(RandomAgent(4), MAZE, N_STEPS, key=KEY))


def test_a_maze_and_its_table_of_sites_give_one_trajectory():
    table = FiniteEnvironment(maze_world(MAZE.maze, view_size=3))
    walked = compiled(GreedyRightAgent(), MAZE, N_STEPS, key=KEY)
    looked_up = compiled(GreedyRightAgent(), table, N_STEPS, key=KEY)
    for name in ("observation", "action", "reward", "record", "is_active", "is_terminated"):
        assert_same(getattr(walked, name), getattr(looked_up, name))


def test_a_trial_ends_at_the_exit_and_nothing_counts_afterwards():
    trajectory = compiled(RandomAgent(4), MAZE, N_STEPS, key=KEY)
    n_made = int(trajectory.n_actions_made)
    assert 1 < n_made < N_STEPS  # the seed's walk finds the exit in time
    assert bool(trajectory.is_terminated)
    assert not bool(trajectory.is_truncated)
    assert trajectory.is_active.tolist() == [True] * n_made + [False] * (N_STEPS - n_made)
    assert (trajectory.reward[n_made:] == 0).all()
    assert int(trajectory.final_environment_state.column) == 6
    assert float(trajectory.reward.sum()) == 3  # columns 1, 3, 5, 6


def test_a_trial_that_is_over_stays_over_where_the_goal_could_be_left():
    world = FiniteWorld(
        observations=jnp.array([[0], [1]]),
        next_site=jnp.array([[1], [0]]),
        gain=jnp.array([[1.0], [5.0]]),
        is_goal=jnp.array([False, True]),
        start=jnp.array(0),
    )
    trajectory = rollout(RandomAgent(1), FiniteEnvironment(world), 4, key=KEY)
    assert trajectory.reward.tolist() == [1, 0, 0, 0]
    assert trajectory.is_active.tolist() == [True, False, False, False]
    assert bool(trajectory.is_terminated)
    assert int(trajectory.final_environment_state) == 1


def test_steps_that_run_out_are_a_truncation_not_a_termination():
    trajectory = compiled(RandomAgent(4), MAZE, 2, key=KEY)
    assert bool(trajectory.is_truncated)
    assert not bool(trajectory.is_terminated)
    assert bool(trajectory.is_active.all())


def test_a_random_agent_takes_every_action_alike():
    world = dog_world()
    trajectory = compiled(RandomAgent(world.n_actions), world, 4000, key=KEY)
    assert abs(float(trajectory.action.mean()) - 0.5) < 4 * np.sqrt(0.25 / 4000)


def test_the_greedy_agent_goes_right_where_it_can_and_never_into_a_wall():
    agent = GreedyRightAgent()
    corridor = jnp.array([1, 1, 1, 1, 0, 1, 1, 0, 1])  # 3 x 3 view: free to the right only
    shaft = jnp.array([1, 1, 1, 0, 0, 1, 1, 1, 1])  # free above only
    assert {int(agent.step(None, corridor, uniform=jnp.array(u))[1]) for u in (0.0, 0.9)} == {3}
    assert {int(agent.step(None, shaft, uniform=jnp.array(u))[1]) for u in (0.0, 0.9)} == {UP}


def test_precomputed_draws_must_be_one_per_step():
    with pytest.raises(ShapeError, match=r"uniforms has shape \(3,\); wanted \(4\)"):
        rollout(RandomAgent(4), MAZE, 4, key=KEY, uniforms=jnp.zeros(3))


def test_a_second_rollout_is_not_compiled_again():
    traces = []

    class Counted(RandomAgent):
        def receive(self, state, reward):
            traces.append(reward)

    for seed in range(3):
        rollout(Counted(2), dog_world(), 7, key=jax.random.key(seed))
    assert len(traces) == 1
