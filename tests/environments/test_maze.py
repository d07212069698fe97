"""The maze against hand-made cases, the published moves, and its own table of sites."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hebbayes.core.errors import ShapeError, ValueRangeError
from hebbayes.environments.base import FiniteEnvironment, FiniteWorld
from hebbayes.environments.maze import (
    DOWN,
    LEFT,
    RIGHT,
    UP,
    Maze,
    check_maze,
    exit_row,
    maze_sites,
    maze_world,
    move,
    random_maze,
    site_at,
    view,
)

KEY = jax.random.key(3)
HAND_MADE = np.array(
    [
        [1, 1, 1, 1, 1, 1, 1],
        [1, 0, 0, 0, 1, 0, 0],  # exit at (1, 6)
        [1, 0, 1, 0, 1, 0, 1],
        [1, 0, 1, 0, 0, 0, 1],
        [1, 1, 1, 1, 1, 1, 1],
    ]
)
SMALL_MAZES = jax.vmap(lambda key: random_maze(9, 13, key=key))(jax.random.split(KEY, 20))


@jax.jit
def small_world(maze: jax.Array) -> FiniteWorld:
    return maze_world(maze, view_size=5)


def reachable_sites(world: FiniteWorld) -> set[int]:
    moves = np.asarray(world.next_site)
    seen, frontier = set(), {int(world.start)}
    while frontier:
        seen |= frontier
        frontier = {int(s) for site in frontier for s in moves[site]} - seen
    return seen


@pytest.mark.parametrize(
    ("place", "action", "after"),
    [
        ((1, 1), UP, (1, 1)),
        ((1, 1), DOWN, (3, 1)),
        ((1, 1), RIGHT, (1, 3)),
        ((1, 3), RIGHT, (1, 3)),
        ((1, 3), LEFT, (1, 1)),
        ((3, 3), UP, (1, 3)),
        ((1, 5), RIGHT, (1, 6)),  # two cells would leave the map
        ((1, 6), LEFT, (1, 6)),  # nobody leaves the exit
    ],
)
def test_a_move_takes_two_cells_when_the_adjacent_one_is_free(place, action, after):
    assert tuple(int(i) for i in move(jnp.asarray(HAND_MADE), *place, action)) == after


def test_the_way_out_earns_the_change_of_column_and_ends_at_the_exit():
    maze = Maze(jnp.asarray(HAND_MADE), view_size=3)
    state, rewards, is_over = maze.init(key=KEY), [], []
    for action in (RIGHT, LEFT, RIGHT, UP, DOWN, RIGHT, UP, RIGHT):
        state, reward, is_terminated = maze.step(state, jnp.array(action), key=KEY)
        rewards.append(float(reward))
        is_over.append(bool(is_terminated))
    assert rewards == [1, -1, 1, 0, 0, 1, 0, 1]
    assert is_over == [False] * 7 + [True]


def test_a_view_lists_columns_from_the_left_and_shows_wall_outside():
    assert view(jnp.asarray(HAND_MADE), 1, 5, 3).tolist() == [1, 1, 1, 1, 0, 0, 1, 0, 1]
    wide = np.asarray(view(jnp.asarray(HAND_MADE), 1, 1, 7)).reshape(7, 7).T
    assert (wide[2:, 2:] == HAND_MADE[:5, :5]).all()
    assert (wide[:2] == 1).all()
    assert (wide[:, :2] == 1).all()


@settings(max_examples=5)
@given(st.integers(1, 8), st.integers(1, 12), st.integers(0, 2**31 - 1))
def test_a_random_maze_of_any_odd_size_is_legal_and_can_be_left(half_rows, half_columns, seed):
    rows, columns = 2 * half_rows + 1, 2 * half_columns + 1
    maze = jax.jit(lambda key: random_maze(rows, columns, key=key))(jax.random.key(seed))
    check_maze(maze)
    n_pillars = (half_rows - 1) * (half_columns - 1)
    assert int(maze.sum()) == 2 * (rows + columns) - 4 - 1 + 2 * n_pillars
    assert (np.asarray(maze)[2:-1:2, 2:-1:2] == 1).all()
    world = small_world(maze)
    assert world.n_sites - 1 in reachable_sites(world)


def test_the_exit_of_every_random_maze_can_be_reached():
    for maze in SMALL_MAZES:
        assert maze_sites(9, 13).shape[0] - 1 in reachable_sites(small_world(maze))


def test_every_pillar_grows_into_each_free_neighbour_alike():
    mazes = jax.vmap(lambda key: random_maze(5, 5, key=key))(jax.random.split(KEY, 4000))
    shares = np.asarray(mazes)[:, [1, 3, 2, 2], [2, 2, 1, 3]].mean(0)  # around the one pillar
    assert shares.sum() == 1
    assert np.abs(shares - 0.25).max() < 4 * np.sqrt(0.25 * 0.75 / 4000)


def test_a_pillar_never_grows_where_its_neighbour_already_has():
    mazes = jax.vmap(lambda key: random_maze(5, 7, key=key))(jax.random.split(KEY, 4000))
    between = np.asarray(mazes)[:, 2, 3].mean()  # 1/4 from the left pillar, else 1/4 from the right
    assert np.abs(between - 7 / 16) < 4 * np.sqrt(7 / 16 * 9 / 16 / 4000)


def test_sites_are_the_odd_cells_and_the_exit():
    row, column = maze_sites(9, 13).T
    assert ((row[:-1] % 2 == 1) & (column[:-1] % 2 == 1)).all()
    assert (int(row[-1]), int(column[-1])) == (exit_row(9), 12)
    assert (site_at(9, 13, row, column) == np.arange(len(row))).all()


def test_the_table_of_sites_agrees_with_the_rules_everywhere():
    for maze in SMALL_MAZES[:3]:
        world = small_world(maze)
        for site, (row, column) in enumerate(maze_sites(9, 13)):
            assert (world.observations[site] == view(maze, row, column, 5)).all()
            for action in range(4):
                after = move(maze, row, column, action)
                assert int(world.next_site[site, action]) == int(site_at(9, 13, *after))
                assert float(world.gain[site, action]) == np.sign(int(after[1]) - column)
        assert np.flatnonzero(world.is_goal).tolist() == [world.n_sites - 1]
        assert int(world.start) == int(site_at(9, 13, exit_row(9), 1))


def test_worlds_of_many_mazes_equal_the_worlds_one_by_one():
    many = jax.jit(jax.vmap(lambda maze: maze_world(maze, 3)))(SMALL_MAZES)
    for i in (0, 19):
        one = maze_world(SMALL_MAZES[i], 3)
        pairs = zip(jax.tree.leaves(many), jax.tree.leaves(one), strict=True)
        assert all((np.asarray(a[i]) == np.asarray(b)).all() for a, b in pairs)


def test_published_moves_are_ours(reference_data):
    trace = np.load(reference_data / "maze" / "reference_trace_E0.25.npz")
    check_maze(trace["maze"])
    world = maze_world(jnp.asarray(trace["maze"]))
    for trial in range(3):
        site = site_at(19, 99, *trace[f"position_{trial}"])
        moved = world.next_site[site[:-1], trace[f"decision_{trial}"] // 64]
        assert int((moved != site[1:]).sum()) == 0
        seen = world.observations[site[trace[f"sample_steps_{trial}"] - 1]]
        assert np.abs(np.asarray(seen) - trace[f"qs_{trial}"]).max() < 0.02  # the eye is 0.99 sure


def changed(row: int, column: int, value: int) -> np.ndarray:
    maze = HAND_MADE.copy()
    maze[row, column] = value
    return maze


@pytest.mark.parametrize(
    ("maze", "sentence"),
    [
        (HAND_MADE[:4], "a maze must have odd sizes of at least 3; got 4 rows and 7 columns."),
        (np.ones((1, 1)), "a maze must have odd sizes of at least 3; got 1 rows and 1 columns."),
        (changed(2, 2, 3), "maze must hold only 0 and 1; got 3 at index (2, 2)."),
        (HAND_MADE + np.nan, "maze must hold only 0 and 1; got nan at index (0, 0)."),
        (changed(1, 6, 1), "maze has no exit; open the wall at row 1 of the last column (6)."),
        (
            changed(3, 0, 0),
            "maze has a gap in its border at row 3, column 0; only the exit may be open.",
        ),
        (changed(3, 5, 1), "maze has a wall at row 3, column 5; odd cells must be free."),
    ],
)
def test_an_illegal_maze_is_refused_in_one_sentence(maze, sentence):
    with pytest.raises(ValueRangeError) as caught:
        check_maze(maze)
    assert str(caught.value) == sentence


def test_sizes_are_refused_wherever_a_maze_is_made():
    with pytest.raises(ShapeError, match="maze has shape"):
        check_maze(np.ones(5))
    with pytest.raises(ValueRangeError, match="18 rows and 99 columns"):
        random_maze(18, 99, key=KEY)
    with pytest.raises(ValueRangeError, match="view_size must be odd, at least 1; got 4"):
        Maze(jnp.asarray(HAND_MADE), view_size=4)
    with pytest.raises(ValueRangeError, match="view_size must be odd, at least 1; got -1"):
        maze_world(jnp.asarray(HAND_MADE), view_size=-1)


def test_a_finite_world_refuses_tables_that_do_not_fit():
    world = FiniteEnvironment(maze_world(jnp.asarray(HAND_MADE), 3)).world
    rest = (world.is_goal, world.start)
    with pytest.raises(ShapeError, match="one row for each of the 7 sites"):
        FiniteWorld(world.observations, world.next_site[:3], world.gain, *rest)
    with pytest.raises(ShapeError, match=r"gain has shape \(7, 3\); wanted \(7, 4\)"):
        FiniteWorld(world.observations, world.next_site, world.gain[:, :3], *rest)
