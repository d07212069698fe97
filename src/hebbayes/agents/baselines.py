"""Agents that infer nothing: the least that an active inference agent has to beat."""

import math

import equinox as eqx
import jax.numpy as jnp
from jax import Array
from jaxtyping import Float, Int

from hebbayes.agents.base import AbstractAgent
from hebbayes.core.checks import check_at_least
from hebbayes.core.errors import ShapeError
from hebbayes.core.sampling import draw_index
from hebbayes.environments.maze import DIRECTIONS, RIGHT


class RandomAgent(AbstractAgent):
    """Takes every action with the same probability."""

    n_actions: int = eqx.field(static=True)

    def __check_init__(self) -> None:
        """There is an action to take."""
        check_at_least("n_actions", self.n_actions, 1)

    def init(self) -> None:
        """Return nothing: this agent has no state."""

    def step(
        self, state: None, observation: Array, *, uniform: Float[Array, ""]
    ) -> tuple[None, Int[Array, ""], None]:
        """Return a random action."""
        return None, draw_index(jnp.ones(self.n_actions, uniform.dtype), uniform), None

    def receive(self, state: None, reward: Float[Array, ""]) -> None:
        """Forget the reward."""


class GreedyRightAgent(AbstractAgent):
    """In a maze: goes right if the cell to the right is free, else in a random free direction."""

    def init(self) -> None:
        """Return nothing: this agent has no state."""

    def step(
        self, state: None, observation: Array, *, uniform: Float[Array, ""]
    ) -> tuple[None, Int[Array, ""], None]:
        """Return the action; needs a view of at least 3 x 3."""
        size = math.isqrt(observation.size)
        if size < 3 or size % 2 == 0 or observation.shape != (size * size,):
            raise ShapeError(
                f"observation has shape {observation.shape}; wanted the cells of a square view of "
                "odd size, at least 3 x 3."
            )
        cells = observation.reshape(size, size).T  # (row, column); a view is column by column
        here = size // 2
        adjacent = [cells[here + down, here + right] for down, right in DIRECTIONS]
        is_free = jnp.stack(adjacent) == 0
        drawn = draw_index(is_free.astype(uniform.dtype), uniform)
        return None, jnp.where(is_free[RIGHT], RIGHT, drawn), None

    def receive(self, state: None, reward: Float[Array, ""]) -> None:
        """Forget the reward."""
