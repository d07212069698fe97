"""The built-in tasks, and every task by its name: maze, hidden sources, dog, and plug-ins.

Each built-in task is also an entry point of the group ``hebbayes.worlds``, as an example for other
packages; `environments.registry` holds the contract.
"""

from __future__ import annotations

import jax.numpy as jnp

from hebbayes.agents.maze_agent import first_move_of_decision, maze_agent_model
from hebbayes.agents.modulators import ChunkedRisk, RewardRisk
from hebbayes.core.errors import ValueRangeError
from hebbayes.environments.dog import dog_model, dog_world
from hebbayes.environments.hidden_sources import (
    block_mixing,
    draw_mixtures,
    hidden_sources,
    naive_model,
)
from hebbayes.environments.maze import Maze, random_maze
from hebbayes.environments.registry import Task, plug_in_names, plug_in_task

MAZE = Task(
    "maze",
    world=lambda key: Maze(random_maze(key=key)),
    model=lambda world, key: maze_agent_model(0.25, world.n_outcomes),
    actions=lambda world: first_move_of_decision(),
    modulator=ChunkedRisk,
)
"""The maze of I22 and its unbiased agent."""

SOURCES = Task(
    "sources",
    world=lambda key: hidden_sources(block_mixing()),
    model=lambda world, key: naive_model(world.n_outcomes, jnp.full(2, 0.5), key=key),
    observations=lambda world, n_steps, key: draw_mixtures(world, n_steps, key=key).stimuli,
)
"""Blind source separation with two sources, a model that only observes."""

DOG = Task(
    "dog",
    world=lambda key: dog_world(),
    model=lambda world, key: dog_model(world),
    modulator=RewardRisk,
)
"""The dog and its owner, the smallest world with decisions."""

_BUILT_IN = {task.name: task for task in (MAZE, SOURCES, DOG)}


def task_names() -> tuple[str, ...]:
    """Return the names of all tasks, the built-in ones first.

    Example:
        >>> task_names()[:3]
        ('maze', 'sources', 'dog')
    """
    return (*_BUILT_IN, *(name for name in plug_in_names() if name not in _BUILT_IN))


def find_task(name: str) -> Task:
    """Return the task ``name``; a built-in one wins over a plug-in of the same name.

    Raises `ValueRangeError` with the known names if there is no such task.

    Example:
        >>> find_task("dog").world(None).n_actions
        2
    """
    if name in _BUILT_IN:
        return _BUILT_IN[name]
    if name in plug_in_names():
        return plug_in_task(name)
    raise ValueRangeError(
        f"there is no task {name}; choose from {', '.join(task_names())}, or install a package "
        "that registers it."
    )
