"""What one learning network did in one maze: its way in some trials, and its activity midway.

The study keeps no positions.  Here the shown trials are run a second time, with the same draws, by
the canonical network of eq. 4 (docs/theory.md), whose weights are read once per trial.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jaxtyping import PRNGKeyArray
from numpy.typing import NDArray

from hebbayes.agents.finite_trial import finite_trial
from hebbayes.agents.maze_agent import first_move_of_decision, maze_agent_model
from hebbayes.agents.network_agent import NetworkAgent, network_agent
from hebbayes.agents.rollout import Trajectory, rollout
from hebbayes.environments.base import FiniteEnvironment, FiniteWorld
from hebbayes.environments.maze import maze_sites, maze_world, random_maze


@dataclass(frozen=True)
class Walk:
    """One network in one maze.

    Attributes:
        walls: (rows, columns), 1 = wall.
        positions: Trial (from 0) to (time + 1, 2), row and column.
        observation: (cells,), at ``step`` of the last trial shown.
        activity: (cells,), there.
        output: (decisions,), there.
        step: Number of decisions before.
    """

    walls: NDArray[Any]
    positions: Mapping[int, NDArray[Any]]
    observation: NDArray[Any]
    activity: NDArray[Any]
    output: NDArray[Any]
    step: int


def walk(e_right: float, *, shown: Sequence[int], n_steps: int, key: PRNGKeyArray) -> Walk:
    """Return the paths of a learning network in the trials ``shown``, increasing numbers from 0.

    ``n_steps`` is the largest number of decisions in a trial.

    Example:
        >>> way = walk(0.25, shown=[0, 1], n_steps=20, key=jax.random.key(0))
        >>> way.positions[0].shape, way.positions[1][0].tolist()
        ((21, 2), [9, 1])
    """
    maze_key, trial_key = jax.random.split(key)
    walls, moves = random_maze(key=maze_key), first_move_of_decision()
    world, model = maze_world(walls), maze_agent_model(e_right, dtype=jnp.float32)
    positions = {}
    for trial in range(shown[-1] + 1):
        draws = jax.random.uniform(jax.random.fold_in(trial_key, trial), (n_steps,), jnp.float32)
        if trial in shown:
            seen = _seen(network_agent(model, moves), world, draws)
            positions[trial] = _positions(seen, walls.shape)
        model, _ = finite_trial(model, world, moves, n_steps=n_steps, key=trial_key, uniforms=draws)
    step = (len(positions[shown[-1]]) - 1) // 2
    return Walk(
        walls=np.asarray(walls),
        positions=positions,
        observation=np.asarray(seen.observation[step]),
        activity=np.asarray(seen.record.rates[step]),
        output=np.asarray(seen.record.output_rates[step]),
        step=step,
    )


@eqx.filter_jit
def _seen(agent: NetworkAgent, world: FiniteWorld, draws: Array) -> Trajectory:
    unused = jax.random.key(0)  # neither the agent nor the maze draws
    return rollout(agent, FiniteEnvironment(world), len(draws), key=unused, uniforms=draws)


def _positions(seen: Trajectory, shape: tuple[int, ...]) -> NDArray[Any]:
    n_made = int(seen.n_actions_made)
    sites = [*np.asarray(seen.environment_state)[:n_made], int(seen.final_environment_state)]
    return maze_sites(*shape)[sites]
