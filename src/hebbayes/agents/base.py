"""What an agent is: a frozen record of parameters with pure `init`, `step` and `receive`.

All chance in a step arrives as one uniform number, drawn outside the time loop, so that two
implementations of one agent can be compared decision by decision.
"""

import abc
from typing import Any

import equinox as eqx
from jax import Array
from jaxtyping import Float, Int


class AbstractAgent(eqx.Module):
    """Something that observes, acts and receives rewards; its state is any tree of arrays."""

    @abc.abstractmethod
    def init(self) -> Any:
        """Return the state in which a trial starts."""

    @abc.abstractmethod
    def step(
        self, state: Any, observation: Array, *, uniform: Float[Array, ""]
    ) -> tuple[Any, Int[Array, ""], Any]:
        """Return the next state, the action, and a record of this step (or None).

        ``uniform`` in [0, 1) is the only chance of the step.
        """

    @abc.abstractmethod
    def receive(self, state: Any, reward: Float[Array, ""]) -> Any:
        """Return the state after the reward of the last action."""
