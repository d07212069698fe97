"""An agent in an environment, from the start of a trial to its end.

Any agent, any environment; arrays are time-first and of fixed length.  A rollout is compiled once
per shape of agent, environment and trial, and can be mapped.
Termination (the world ended the trial) and truncation (the steps ran out) are apart.
"""

from typing import TYPE_CHECKING, Any

import equinox as eqx
import jax
import jax.numpy as jnp
from jax import Array
from jaxtyping import Bool, Float, Int, PRNGKeyArray

from hebbayes.core.arrays import sizes
from hebbayes.core.checks import check_at_least, check_between, check_defined, check_shape
from hebbayes.core.scan import scan_time

if TYPE_CHECKING:
    from hebbayes.agents.base import AbstractAgent
    from hebbayes.environments.base import AbstractEnvironment


class Trajectory(eqx.Module):
    """A trial of an agent in a world, time-first.

    Rows after the end have ``is_active`` False and reward 0; their other entries mean nothing.

    Attributes:
        environment_state: State of the world before each action.
        observation: (time, n_outcomes), what the agent observes before each action.
        action: (time,), the actions.
        reward: (time,), what each action brings.
        record: The agent's own record of each step.
        is_active: (time,), False after the end of the trial.
        is_terminated: True if the world ended the trial.
        final_environment_state: State of the world after the last active step.
        final_agent_state: State of the agent after the last active step.
    """

    environment_state: Any
    observation: Array
    action: Int[Array, " time"]
    reward: Float[Array, " time"]
    record: Any
    is_active: Bool[Array, " time"]
    is_terminated: Bool[Array, ""]
    final_environment_state: Any
    final_agent_state: Any

    @property
    def n_actions_made(self) -> Int[Array, ""]:
        """Number of active steps."""
        return self.is_active.sum()

    @property
    def is_truncated(self) -> Bool[Array, ""]:
        """Whether the steps ran out before the world ended the trial."""
        return ~self.is_terminated

    def __repr__(self) -> str:
        """Return the sizes."""
        shapes = {"observation": self.observation, "action": self.action, "reward": self.reward}
        return sizes("Trajectory", **shapes)


def rollout(
    agent: "AbstractAgent",
    environment: "AbstractEnvironment",
    n_steps: int,
    *,
    key: PRNGKeyArray,
    uniforms: Float[Array, " time"] | None = None,
) -> Trajectory:
    """Return what happens when ``agent`` acts in ``environment`` for at most ``n_steps``.

    ``uniforms``, one number in [0, 1) per step, replaces the agent's own draws.
    Raises `ShapeError` if their number is not ``n_steps``, `ValueRangeError` with the place if a
    belief, an activity or a reward is not a number.

    Example:
        >>> from hebbayes.agents.baselines import RandomAgent
        >>> from hebbayes.environments.dog import dog_world
        >>> world = dog_world()
        >>> trajectory = rollout(RandomAgent(world.n_actions), world, 5, key=jax.random.key(0))
        >>> trajectory.observation.shape, bool(trajectory.is_truncated)
        ((5, 2), True)
    """
    check_at_least("n_steps", n_steps, 0)
    start_key, step_key, agent_key = jax.random.split(key, 3)
    if uniforms is None:
        uniforms = jax.random.uniform(agent_key, (n_steps,))
    check_shape("uniforms", uniforms, (n_steps,))
    check_between("uniforms", uniforms, 0, 1)
    trajectory = _trial(agent, environment, (start_key, step_key), uniforms)
    _check_defined({"reward": trajectory.reward, "record": trajectory.record})
    return trajectory


def _check_defined(parts: dict[str, Any]) -> None:
    """Raise `ValueRangeError` at the first NaN; an array that is traced has none yet."""
    for path, leaf in jax.tree_util.tree_leaves_with_path(parts):
        if isinstance(leaf, Array) and jnp.issubdtype(leaf.dtype, jnp.floating):
            name = jax.tree_util.keystr(path, simple=True, separator=".")
            check_defined(name, leaf, "observations and priors exclude every value there")


@eqx.filter_jit
def _trial(
    agent: "AbstractAgent",
    environment: "AbstractEnvironment",
    keys: tuple[PRNGKeyArray, PRNGKeyArray],
    uniforms: Float[Array, " time"],
) -> Trajectory:
    def step(carry: tuple[Any, Any, Array], draw: tuple[Array, Array]) -> tuple[Any, Any]:
        world, mind, is_over = carry
        uniform, world_key = draw
        observation = environment.observe(world)
        next_mind, action, record = agent.step(mind, observation, uniform=uniform)
        next_world, reward, is_terminated = environment.step(world, action, key=world_key)
        next_mind = agent.receive(next_mind, reward)
        kept = jax.tree.map(
            lambda old, new: jnp.where(is_over, old, new), (world, mind), (next_world, next_mind)
        )
        reward = jnp.where(is_over, 0, reward)
        row = {
            "environment_state": world,
            "observation": observation,
            "action": action,
            "reward": reward,
            "record": record,
            "is_active": ~is_over,
        }
        return (*kept, is_over | is_terminated), row

    start = (environment.init(key=keys[0]), agent.init(), jnp.array(False))
    draws = (uniforms, jax.random.split(keys[1], uniforms.shape[0]))
    (world, mind, is_over), rows = scan_time(step, start, draws)
    return Trajectory(
        **rows,
        is_terminated=is_over,
        final_environment_state=world,
        final_agent_state=mind,
    )
