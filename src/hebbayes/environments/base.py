"""What a world is: a frozen record of parameters with pure `init`, `observe` and `step`.

The contract is that of gymnax: parameters, state and step are apart, and nothing is mutated.
A world with finitely many sites and no chance in it is also a plain table, `FiniteWorld`, which
fast kernels read directly.  Termination is the world's; truncation belongs to the rollout.
"""

import abc
from typing import Any

import equinox as eqx
import jax.numpy as jnp
from jax import Array
from jaxtyping import Bool, Float, Int, PRNGKeyArray

from hebbayes.core.arrays import sizes
from hebbayes.core.errors import ShapeError


class AbstractEnvironment(eqx.Module):
    """A world with binary outcomes and numbered actions; its state is any tree of arrays."""

    @property
    @abc.abstractmethod
    def n_outcomes(self) -> int:
        """Number of binary outcomes of one observation."""

    @property
    @abc.abstractmethod
    def n_actions(self) -> int:
        """Number of actions, numbered from 0."""

    @abc.abstractmethod
    def init(self, *, key: PRNGKeyArray) -> Any:
        """Return the state in which a trial starts."""

    @abc.abstractmethod
    def observe(self, state: Any) -> Array:
        """Return the outcomes (n_outcomes,) in {0, 1} that are seen in ``state``."""

    @abc.abstractmethod
    def step(
        self, state: Any, action: Int[Array, ""], *, key: PRNGKeyArray
    ) -> tuple[Any, Float[Array, ""], Bool[Array, ""]]:
        """Return the next state, the reward of this step, and whether the trial is over."""


class FiniteWorld(eqx.Module):
    """A world of finitely many sites in which every move leads to one known site.

    Attributes:
        observations: (n_sites, n_outcomes), what is observed at each site.
        next_site: (n_sites, n_moves), the site to which each move leads.
        gain: (n_sites, n_moves), the reward of each move.
        is_goal: (n_sites,), True for sites that end a trial.
        start: The site in which a trial starts.
    """

    observations: Int[Array, "sites outcomes"]
    next_site: Int[Array, "sites moves"]
    gain: Float[Array, "sites moves"]
    is_goal: Bool[Array, " sites"]
    start: Int[Array, ""]

    def __check_init__(self) -> None:
        """The tables have one row per site; gains have the shape of moves."""
        n_sites = jnp.shape(self.observations)[0]
        moves = jnp.shape(self.next_site)
        if moves[0] != n_sites or jnp.shape(self.is_goal) != (n_sites,):
            raise ShapeError(
                f"next_site {moves} and is_goal {jnp.shape(self.is_goal)} must have one row for "
                f"each of the {n_sites} sites that have an observation."
            )
        if jnp.shape(self.gain) != moves:
            raise ShapeError(f"gain has shape {jnp.shape(self.gain)}; wanted {moves}.")

    @property
    def n_sites(self) -> int:
        """Number of sites."""
        return int(self.observations.shape[0])

    @property
    def n_outcomes(self) -> int:
        """Number of binary outcomes."""
        return int(self.observations.shape[1])

    @property
    def n_moves(self) -> int:
        """Number of moves."""
        return int(self.next_site.shape[1])

    def __repr__(self) -> str:
        """Return the sizes."""
        return sizes("FiniteWorld", observations=self.observations, next_site=self.next_site)


class FiniteEnvironment(AbstractEnvironment):
    """A `FiniteWorld` as an environment; the state is the number of the current site."""

    world: FiniteWorld

    def __repr__(self) -> str:
        """Return the sizes of the tables."""
        return f"{type(self).__name__}({self.world})"

    @property
    def n_outcomes(self) -> int:
        """Number of binary outcomes."""
        return self.world.n_outcomes

    @property
    def n_actions(self) -> int:
        """Number of moves."""
        return self.world.n_moves

    def init(self, *, key: PRNGKeyArray) -> Int[Array, ""]:
        """Return the start."""
        del key
        return jnp.asarray(self.world.start)

    def observe(self, state: Int[Array, ""]) -> Array:
        """Return what is seen at the site ``state``."""
        return self.world.observations[state]

    def step(
        self, state: Int[Array, ""], action: Int[Array, ""], *, key: PRNGKeyArray
    ) -> tuple[Int[Array, ""], Float[Array, ""], Bool[Array, ""]]:
        """Return the next site, the gain of the move and whether the site is a goal."""
        del key
        site = self.world.next_site[state, action]
        return site, self.world.gain[state, action], self.world.is_goal[site]
