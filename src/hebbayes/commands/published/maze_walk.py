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
from jaxtyping import Float, Int, PRNGKeyArray
from numpy.typing import NDArray

from hebbayes.agents.active_inference import decision_weights
from hebbayes.agents.base import AbstractAgent
from hebbayes.agents.finite_trial import finite_trial
from hebbayes.agents.maze_agent import first_move_of_decision, maze_agent_model
from hebbayes.agents.rollout import Trajectory, rollout
from hebbayes.core.arrays import OFF, ON
from hebbayes.core.counts import log_ratio
from hebbayes.core.numerics import log_sigmoid
from hebbayes.core.sampling import draw_index
from hebbayes.environments.base import FiniteEnvironment, FiniteWorld
from hebbayes.environments.maze import maze_sites, maze_world, random_maze
from hebbayes.theory.equivalence import network_of
from hebbayes.theory.generative_model import GenerativeModel
from hebbayes.theory.network import (
    Strengths,
    Wiring,
    firing_rate,
    output_thresholds,
    thresholds,
    wiring,
)


@dataclass(frozen=True)
class Walk:
    """One network in one maze.

    walls: (rows, columns), 1 = wall.  positions: trial (from 0) to (time + 1, 2), row and column.
    observation, activity: (cells,) at ``step`` of the last trial shown; output: (decisions,) there.
    """

    walls: NDArray[Any]
    positions: Mapping[int, NDArray[Any]]
    observation: NDArray[Any]
    activity: NDArray[Any]
    output: NDArray[Any]
    step: int


class NetworkAgent(AbstractAgent):
    """A canonical network of two layers at its fixed points, without memory or policy of zeros.

    It does what `ActiveInferenceAgent` does, without its care for probabilities of exactly 0.
    sensory, recurrent, output: W, K, V.  threshold, output_threshold: h, m.
    """

    sensory: Float[Array, "units inputs"]
    recurrent: Float[Array, "units units"]
    output: Float[Array, "decisions units"]
    threshold: Float[Array, " units"]
    output_threshold: Float[Array, " decisions"]
    action_of_decision: Int[Array, " decisions"]

    def init(self) -> Float[Array, " units"]:
        """Return firing rates of 1/2."""
        return jnp.full_like(self.threshold, 0.5)

    def step(
        self, state: Array, observation: Array, *, uniform: Float[Array, ""]
    ) -> tuple[Array, Array, tuple[Array, Array]]:
        """Return the next firing rates, the action, and the activity of both layers."""
        o = observation.astype(state.dtype)
        x = firing_rate(self.sensory @ o + self.recurrent @ state + self.threshold)
        u = self.output @ state + self.output_threshold  # I22 eq. 1; docs/theory.md eq. 4
        weights = decision_weights(jnp.stack([log_sigmoid(u), log_sigmoid(-u)]))
        decision = draw_index(weights, uniform)
        return x, self.action_of_decision[decision], (x, firing_rate(u))

    def receive(self, state: Array, reward: Float[Array, ""]) -> Array:
        """Change nothing: synapses change at the end of a trial."""
        return state


def network_agent(
    model: GenerativeModel, action_of_decision: Int[Array, " decisions"]
) -> NetworkAgent:
    """Return the network that ``model`` is, with a recurrent and an output layer.

    Example:
        >>> agent = network_agent(maze_agent_model(0.25), first_move_of_decision())
        >>> agent.sensory.shape, agent.output.shape
        ((121, 121), (256, 121))
    """
    wired: Wiring = wiring(network_of(model), log_ratio)
    h, m = thresholds(wired), output_thresholds(wired)

    def net(synapses: Strengths | None) -> Array:
        assert synapses is not None
        return synapses.weights[ON] - synapses.weights[OFF]

    return NetworkAgent(
        net(wired.sensory),
        net(wired.recurrent),
        net(wired.output),
        h[ON] - h[OFF],
        m[ON] - m[OFF],
        action_of_decision,
    )


def walk(e_right: float, *, shown: Sequence[int], n_steps: int, key: PRNGKeyArray) -> Walk:
    """Return the ways of a learning network in the trials ``shown``, rising numbers from 0.

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
    activity, output = seen.record
    return Walk(
        walls=np.asarray(walls),
        positions=positions,
        observation=np.asarray(seen.observation[step]),
        activity=np.asarray(activity[step]),
        output=np.asarray(output[step]),
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
