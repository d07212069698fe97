"""The maze of I22 (Figs. 4-5), of any odd size and any odd view; docs/theory.md section 7.

Walls are 1, corridors 0.  Cells at odd (row, column) are the places to stand; a move takes two
cells if the adjacent cell is free.  The exit is a gap in the last column, in the middle row
(the odd row next above it if the middle row is even).  Everything but `check_maze` is pure
JAX: mazes, worlds and moves can be mapped and compiled.  Diagonal moves and exits elsewhere are
left out.
"""

from typing import TYPE_CHECKING, Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jaxtyping import Bool, Float, Int, PRNGKeyArray
from numpy.typing import NDArray

from hebbayes.core.checks import check_binary, check_shape
from hebbayes.core.errors import ValueRangeError
from hebbayes.core.sampling import draw_index
from hebbayes.core.scan import scan_time
from hebbayes.environments.base import AbstractEnvironment, FiniteWorld

if TYPE_CHECKING:
    from hebbayes.core.arrays import ArrayLike

UP, DOWN, LEFT, RIGHT = 0, 1, 2, 3
DIRECTIONS = np.array([(-1, 0), (1, 0), (0, -1), (0, 1)], dtype=np.int32)


def random_maze(rows: int = 19, columns: int = 99, *, key: PRNGKeyArray) -> Int[Array, "r c"]:
    """Return a random maze: from every pillar one wall grows into a random free neighbour.

    Pillars stand at even interior (row, column) and grow one after the other, row by row.  The
    exit can always be reached: the walls connected to the border form a tree.
    Raises `ValueRangeError` for even sizes and sizes below 3.

    Example:
        >>> maze = random_maze(5, 7, key=jax.random.key(0))
        >>> maze.shape, int(maze.sum())  # border 20 less the exit, 2 pillars, 2 grown walls
        ((5, 7), 23)
    """
    _check_size(rows, columns)
    blank = np.zeros((rows, columns), np.int32)
    blank[[0, -1], :] = blank[:, [0, -1]] = 1
    blank[exit_row(rows), -1] = 0
    pillars = np.argwhere(np.ones((rows // 2 - 1, columns // 2 - 1))) * 2 + 2
    blank[tuple(pillars.T)] = 1

    def grow(maze: Array, draw: tuple[Array, Array]) -> tuple[Array, None]:
        pillar, uniform = draw
        neighbours = pillar + DIRECTIONS
        is_free = maze[neighbours[:, 0], neighbours[:, 1]] == 0
        row, column = neighbours[draw_index(is_free.astype(uniform.dtype), uniform)]
        return maze.at[row, column].set(1), None

    uniforms = jax.random.uniform(key, (len(pillars),))
    return scan_time(grow, jnp.asarray(blank), (jnp.asarray(pillars), uniforms))[0]


def check_maze(maze: Any) -> None:
    """Raise `ShapeError` or `ValueRangeError` unless moves of two cells make sense in ``maze``.

    Wanted: odd sizes, only 0 and 1, walls all around but for the exit, and no wall in a cell of
    odd row and column.

    Example:
        >>> check_maze(np.zeros((4, 7)))
        Traceback (most recent call last):
            ...
        hebbayes.core.errors.ValueRangeError: a maze must have odd sizes of at least 3; got 4 rows
        and 7 columns.
    """
    cells = np.asarray(maze)
    check_shape("maze", cells, (None, None))
    rows, columns = cells.shape
    _check_size(rows, columns)
    check_binary("maze", cells)
    row = exit_row(rows)
    if cells[row, -1]:
        raise ValueRangeError(
            f"maze has no exit; open the wall at row {row} of the last column ({columns - 1})."
        )
    border = cells.copy()
    border[1:-1, 1:-1] = border[row, -1] = 1
    _check_cells(border == 1, "maze has a gap in its border at {}; only the exit may be open.")
    _check_cells(cells[1::2, 1::2] == 0, "maze has a wall at {}; odd cells must be free.", 2, 1)


def exit_row(rows: int) -> int:
    """Return the row of the exit and of the start: the middle, or the odd row next above it.

    Example:
        >>> exit_row(19), exit_row(17)
        (9, 7)
    """
    return (rows // 2 - 1) | 1


def view(
    maze: Int[Array, "r c"], row: "ArrayLike", column: "ArrayLike", size: int = 11
) -> Int[Array, " size*size"]:
    """Return the ``size`` x ``size`` cells around a cell, column by column; outside is wall.

    Example:
        >>> maze = jnp.ones((3, 3), int).at[1, 1:].set(0)
        >>> view(maze, 1, 1, size=3).tolist()
        [1, 1, 1, 1, 0, 1, 1, 0, 1]
    """
    _check_view(size)
    padded = jnp.pad(maze, size // 2, constant_values=1)
    return jax.lax.dynamic_slice(padded, (row, column), (size, size)).T.ravel()


def move(
    maze: Int[Array, "r c"], row: "ArrayLike", column: "ArrayLike", action: "ArrayLike"
) -> tuple[Int[Array, ""], Int[Array, ""]]:
    """Return the row and column after ``action`` (up, down, left, right = 0, 1, 2, 3).

    Two cells if the adjacent one is free, the column clipped to the last; else no move.  The exit
    is never left.

    Example:
        >>> maze = jnp.ones((3, 5), int).at[1, 1:].set(0)
        >>> [tuple(int(i) for i in move(maze, 1, column, RIGHT)) for column in (1, 3)]
        [(1, 3), (1, 4)]
    """
    last = maze.shape[1] - 1
    down, right = jnp.asarray(DIRECTIONS)[action]
    is_moving = (maze[row + down, column + right] == 0) & (column < last)
    next_row = jnp.where(is_moving, row + 2 * down, row)
    return next_row, jnp.minimum(jnp.where(is_moving, column + 2 * right, column), last)


def maze_sites(rows: int, columns: int) -> NDArray[np.int32]:
    """Return the (row, column) of every site: the odd cells row by row, then the exit.

    Example:
        >>> maze_sites(5, 5).tolist()
        [[1, 1], [1, 3], [3, 1], [3, 3], [1, 4]]
    """
    _check_size(rows, columns)
    odd = np.argwhere(np.ones((rows // 2, columns // 2))) * 2 + 1
    return np.vstack([odd, [exit_row(rows), columns - 1]]).astype(np.int32)


def site_at(rows: int, columns: int, row: "ArrayLike", column: "ArrayLike") -> Int[Array, "..."]:
    """Return the number of the site at (row, column), as listed by `maze_sites`.

    Example:
        >>> [int(site_at(5, 5, row, column)) for row, column in maze_sites(5, 5)]
        [0, 1, 2, 3, 4]
    """
    n_odd = (rows // 2) * (columns // 2)
    odd = (jnp.asarray(row) // 2) * (columns // 2) + jnp.asarray(column) // 2
    return jnp.where(jnp.asarray(column) == columns - 1, n_odd, odd)


def maze_world(maze: Int[Array, "r c"], view_size: int = 11) -> FiniteWorld:
    """Return ``maze`` as a table of sites; `maze_sites` lists their places.

    Enclosed cells stay in the table, so that all mazes of one size have one shape.  Gain is +1
    for a move that raises the column, -1 for one that lowers it, else 0.

    Example:
        >>> world = maze_world(random_maze(key=jax.random.key(0)))
        >>> world.n_sites, world.n_outcomes, world.n_moves
        (442, 121, 4)
    """
    rows, columns = maze.shape
    _check_size(rows, columns)
    row, column = jnp.asarray(maze_sites(rows, columns)).T
    actions = jnp.arange(len(DIRECTIONS))
    over_actions = jax.vmap(lambda r, c, a: move(maze, r, c, a), (None, None, 0))
    next_row, next_column = jax.vmap(over_actions, (0, 0, None))(row, column, actions)
    return FiniteWorld(
        observations=jax.vmap(lambda r, c: view(maze, r, c, view_size))(row, column),
        next_site=site_at(rows, columns, next_row, next_column),
        gain=jnp.sign(next_column - column[:, None]).astype(float),
        is_goal=column == columns - 1,
        start=site_at(rows, columns, exit_row(rows), 1),
    )


class MazePosition(eqx.Module):
    """A position in a maze."""

    row: Int[Array, ""]
    column: Int[Array, ""]


class Maze(AbstractEnvironment):
    """A maze to walk from its left end to the exit; a move to the right earns 1, to the left -1."""

    maze: Int[Array, "rows columns"]
    view_size: int = eqx.field(static=True, default=11)

    def __check_init__(self) -> None:
        """Sizes are odd."""
        _check_size(*self.maze.shape)
        _check_view(self.view_size)

    @property
    def n_outcomes(self) -> int:
        """Number of cells in view."""
        return self.view_size**2

    @property
    def n_actions(self) -> int:
        """Up, down, left, right."""
        return len(DIRECTIONS)

    def init(self, *, key: PRNGKeyArray) -> MazePosition:
        """Return the start, column 1 in the row of the exit."""
        del key
        return MazePosition(jnp.asarray(exit_row(self.maze.shape[0])), jnp.asarray(1))

    def observe(self, state: MazePosition) -> Array:
        """Return the cells in view, 1 for a wall."""
        return view(self.maze, state.row, state.column, self.view_size)

    def step(
        self, state: MazePosition, action: Int[Array, ""], *, key: PRNGKeyArray
    ) -> tuple[MazePosition, Float[Array, ""], Bool[Array, ""]]:
        """Return the next position, the change of column as -1, 0 or 1, and whether it is out."""
        del key
        row, column = move(self.maze, state.row, state.column, action)
        gain = jnp.sign(column - state.column).astype(float)
        return MazePosition(row, column), gain, column == self.maze.shape[1] - 1


def _check_size(rows: int, columns: int) -> None:
    if rows < 3 or columns < 3 or rows % 2 == 0 or columns % 2 == 0:
        raise ValueRangeError(
            f"a maze must have odd sizes of at least 3; got {rows} rows and {columns} columns."
        )


def _check_view(size: int) -> None:
    if size < 1 or size % 2 == 0:
        raise ValueRangeError(f"view_size must be odd, at least 1; got {size}.")


def _check_cells(
    is_right: NDArray[np.bool_], sentence: str, stride: int = 1, first: int = 0
) -> None:
    wrong = np.argwhere(~is_right)
    if len(wrong):
        row, column = wrong[0] * stride + first
        raise ValueRangeError(sentence.format(f"row {row}, column {column}"))
