"""From rewards to risk: the neuromodulator (I22, risk Gamma) that gates learning of the policy.

Plasticity is scaled by 1 - 2 risk: risk 0 reinforces a decision, 1 undoes it, 1/2 changes nothing.
A modulator turns the rewards of a trial into one risk per decision; an on-line one does so step by
step.
"""

import abc
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
from jax import Array
from jaxtyping import Bool, Float

from hebbayes.core.checks import check_finite, check_shape
from hebbayes.core.scan import scan_time


class AbstractModulator(eqx.Module):
    """Rewards of a finished trial to the risk of each decision."""

    @abc.abstractmethod
    def risk(
        self, reward: Float[Array, " time"], is_active: Bool[Array, " time"] | None = None
    ) -> Float[Array, " time"]:
        """Return the risk in [0, 1] of every decision.

        Steps with ``is_active`` False come after the end of the trial and change nothing.
        """


def _check_rewards(reward: Array, is_active: Array | None) -> None:
    check_shape("reward", reward, ("time",))
    check_finite("reward", reward)
    if is_active is not None:
        check_shape("is_active", is_active, jnp.shape(reward))


class AbstractOnlineModulator(AbstractModulator):
    """A modulator that knows the risk of a decision as soon as its reward."""

    @abc.abstractmethod
    def init(self) -> Any:
        """Return the state before the first reward."""

    @abc.abstractmethod
    def step(self, state: Any, reward: Float[Array, ""]) -> tuple[Any, Float[Array, ""]]:
        """Return the next state and the risk of the decision that brought ``reward``."""

    def risk(
        self, reward: Float[Array, " time"], is_active: Bool[Array, " time"] | None = None
    ) -> Float[Array, " time"]:
        """Return the risk of every decision, by one step per reward."""
        _check_rewards(reward, is_active)
        return scan_time(self.step, self.init(), reward)[1]


class ChunkedRisk(AbstractModulator):
    """One risk per chunk of decisions, from the chunk's mean reward (I22, maze study).

    A chunk's progress is ``chunk_length`` times its mean reward, also in a last, partial chunk.

    Attributes:
        chunk_length: Decisions per chunk.
        poor: Risk of progress up to ``poor_up_to``.
        fair: Risk of progress in between.
        good: Risk of progress from ``good_from`` on.
        poor_up_to: Highest progress that counts as poor.
        good_from: Lowest progress that counts as good.
        tolerance: Of both comparisons.
    """

    chunk_length: int = eqx.field(static=True, default=200)
    poor: float = 0.55
    fair: float = 0.45
    good: float = 0.0
    poor_up_to: float = 0.0
    good_from: float = 10.0
    tolerance: float = 1e-9

    def risk(
        self, reward: Float[Array, " time"], is_active: Bool[Array, " time"] | None = None
    ) -> Float[Array, " time"]:
        """Return every decision's risk, that of its chunk."""
        _check_rewards(reward, is_active)
        n_steps = reward.shape[0]
        mask = jnp.ones(n_steps, bool) if is_active is None else is_active
        n_chunks = -(-n_steps // self.chunk_length)

        def sum_of_chunks(values: Array) -> Array:
            padded = jnp.pad(values, (0, n_chunks * self.chunk_length - n_steps))
            return padded.reshape(n_chunks, self.chunk_length).sum(1)

        size = jnp.maximum(sum_of_chunks(mask.astype(reward.dtype)), 1)
        # the product before the quotient: exact if progress is a whole number
        progress = self.chunk_length * sum_of_chunks(jnp.where(mask, reward, 0)) / size
        not_good = jnp.where(progress <= self.poor_up_to + self.tolerance, self.poor, self.fair)
        level = jnp.where(progress >= self.good_from - self.tolerance, self.good, not_good)
        return jnp.repeat(level.astype(reward.dtype), self.chunk_length)[:n_steps]


class RewardRisk(AbstractOnlineModulator):
    """Risk falls with reward above expectation: risk = sig(-gain (reward - expected)).

    1 - 2 risk = tanh(gain (reward - expected) / 2), a bounded reward prediction error.  The
    expectation is a running average, expected += rate (reward - expected).

    Attributes:
        gain: Steepness.
        rate: Of the running average; 0 keeps the expectation.
        expected: Reward expected before the first step.
    """

    gain: float = 2.0
    rate: float = 0.01
    expected: float = 0.0

    def init(self) -> Float[Array, ""]:
        """Return the reward expected before the first step."""
        return jnp.asarray(self.expected, float)

    def step(
        self, state: Float[Array, ""], reward: Float[Array, ""]
    ) -> tuple[Float[Array, ""], Float[Array, ""]]:
        """Return the new expectation and the risk measured against the old one."""
        surprise = reward - state
        return state + self.rate * surprise, jax.nn.sigmoid(-self.gain * surprise)
