"""Trials in a row: an agent acts, and learns after every trial.  Compiled once."""

from typing import TYPE_CHECKING

import equinox as eqx
import jax
from jax import Array
from jaxtyping import Float, PRNGKeyArray

from hebbayes.agents.active_inference import ActiveInferenceAgent, learn_from
from hebbayes.agents.modulators import AbstractModulator, ChunkedRisk
from hebbayes.agents.rollout import Trajectory, rollout
from hebbayes.core.checks import check_at_least
from hebbayes.core.scan import scan_time

if TYPE_CHECKING:
    from hebbayes.environments.base import AbstractEnvironment


class Practice(eqx.Module):
    """Trials of an agent, in order.

    Attributes:
        agent: The agent after the last trial.
        last_agent: The agent during the last trial.
        trials: All trials, with a leading axis over trials.
        risk: (n_trials, n_steps), risk of every decision.
    """

    agent: ActiveInferenceAgent
    last_agent: ActiveInferenceAgent
    trials: Trajectory
    risk: Float[Array, "trials time"]

    @property
    def reward(self) -> Float[Array, " trials"]:
        """Total reward of every trial."""
        return self.trials.reward.sum(-1)

    def __repr__(self) -> str:
        """Return the sizes."""
        n_trials, n_steps = self.risk.shape
        return f"Practice({n_trials} trials of at most {n_steps} steps)"


@eqx.filter_jit
def practise(
    agent: ActiveInferenceAgent,
    world: "AbstractEnvironment",
    n_trials: int,
    n_steps: int,
    *,
    key: PRNGKeyArray,
    modulator: AbstractModulator,
) -> Practice:
    """Return ``n_trials`` trials of at most ``n_steps``; the agent learns after each.

    ``modulator`` turns the rewards of a trial into the risk of its decisions.

    Example:
        >>> import jax.numpy as jnp
        >>> from hebbayes.agents.modulators import RewardRisk
        >>> from hebbayes.environments.dog import dog_model, dog_world
        >>> world = dog_world()
        >>> dog = ActiveInferenceAgent(dog_model(world), jnp.arange(world.n_actions))
        >>> practise(dog, world, 3, 20, key=jax.random.key(0), modulator=RewardRisk())
        Practice(3 trials of at most 20 steps)
    """
    check_at_least("n_trials", n_trials, 1)
    check_at_least("n_steps", n_steps, 1)
    chunk_length = modulator.chunk_length if isinstance(modulator, ChunkedRisk) else None

    def step(
        agents: tuple[ActiveInferenceAgent, ActiveInferenceAgent], trial_key: Array
    ) -> tuple[tuple[ActiveInferenceAgent, ActiveInferenceAgent], tuple[Trajectory, Array]]:
        now = agents[1]
        trial = rollout(now, world, n_steps, key=trial_key)
        risk = modulator.risk(trial.reward, trial.is_active)
        return (now, learn_from(now, trial, risk, chunk_length=chunk_length)), (trial, risk)

    keys = jax.random.split(key, n_trials)
    (last, after), (trials, risk) = scan_time(step, (agent, agent), keys)
    return Practice(after, last, trials, risk)
