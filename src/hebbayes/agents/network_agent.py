"""An agent that is a canonical network of two layers (I22; docs/theory.md eqs. 4 and 6).

It acts by its firing rates and learns by Hebbian plasticity, without a generative model, and does
what `ActiveInferenceAgent` does with the model that the network is.
"""

import dataclasses
from typing import TYPE_CHECKING

import equinox as eqx
import jax
import jax.numpy as jnp
from jax import Array
from jaxtyping import Float, Int

from hebbayes.agents.active_inference import decision_weights
from hebbayes.agents.base import AbstractAgent
from hebbayes.core.checks import check_between, check_shape
from hebbayes.core.counts import Ratio, log_ratio
from hebbayes.core.errors import ShapeError
from hebbayes.core.numerics import log_sigmoid
from hebbayes.core.sampling import draw_index
from hebbayes.theory.equivalence import network_of
from hebbayes.theory.network import Network, drive, firing_rate, output_drive, wiring
from hebbayes.theory.plasticity import Firing, adapt

if TYPE_CHECKING:
    from hebbayes.agents.rollout import Trajectory
    from hebbayes.theory.generative_model import GenerativeModel


class NetworkActivity(eqx.Module):
    """Record of one step of a network.

    Attributes:
        rates: Firing rates x of the middle layer.
        previous_rates: Those of the step before, which the output layer reads.
        output_rates: Firing rates y of the output layer.
        decision: The output unit that fires.
    """

    rates: Float[Array, "*time units"]
    previous_rates: Float[Array, "*time units"]
    output_rates: Float[Array, "*time outputs"]
    decision: Int[Array, " *time"]


class NetworkAgent(AbstractAgent):
    """A canonical network that acts.

    Attributes:
        network: The network, with an output layer.
        action_of_decision: Action of each output unit.
        ratio: `log_ratio` (neural network) or `digamma_ratio` (exact variational Bayes).
    """

    network: Network
    action_of_decision: Int[Array, " decisions"]
    ratio: Ratio = eqx.field(static=True, default=log_ratio)

    def __check_init__(self) -> None:
        """There are output units, and every one has an action."""
        if self.network.output is None:
            raise ShapeError("this network has no output layer; an agent needs one to decide.")
        check_shape("action_of_decision", self.action_of_decision, (self.network.n_outputs,))

    def __repr__(self) -> str:
        """Return the sizes of the network."""
        return f"NetworkAgent({self.network})"

    def init(self) -> Float[Array, " units"]:
        """Return firing rates of 1/2."""
        return jnp.full(self.network.n_units, 0.5, self.network.state_firing.prior.dtype)

    def step(
        self, state: Float[Array, " units"], observation: Array, *, uniform: Float[Array, ""]
    ) -> tuple[Float[Array, " units"], Int[Array, ""], NetworkActivity]:
        """Return the next firing rates, the action and the activity of both layers."""
        wired = wiring(self.network, self.ratio)  # the compiler takes it out of the time loop
        x = firing_rate(drive(wired, observation.astype(state.dtype), state))
        u = output_drive(wired, state)
        odds = decision_weights(jnp.stack([log_sigmoid(u), log_sigmoid(-u)]))
        decision = draw_index(odds, uniform)
        activity = NetworkActivity(x, state, firing_rate(u), decision)
        return x, self.action_of_decision[decision], activity

    def receive(
        self, state: Float[Array, " units"], reward: Float[Array, ""]
    ) -> Float[Array, " units"]:
        """Change nothing: synapses change at the end of a trial."""
        return state


def network_agent(
    model: "GenerativeModel", action_of_decision: Int[Array, " decisions"], ratio: Ratio = log_ratio
) -> NetworkAgent:
    """Return the network that ``model`` is, as an agent.

    Example:
        >>> from hebbayes.environments.dog import dog_model, dog_world
        >>> network_agent(dog_model(dog_world()), jnp.arange(2)).network.n_outputs
        2
    """
    return NetworkAgent(network_of(model), action_of_decision, ratio)


def adapt_to(
    agent: NetworkAgent,
    trajectory: "Trajectory",
    risk: Float[Array, " time"],
    *,
    chunk_length: int | None = None,
    output_floor: float = 1.0,
) -> NetworkAgent:
    """Return ``agent`` after plasticity of a trial; ``risk`` is one number per decision.

    The output layer's counts are floored after every ``chunk_length`` steps (default: once).

    Example:
        >>> from hebbayes.agents.rollout import rollout
        >>> from hebbayes.environments.dog import dog_model, dog_world
        >>> agent = network_agent(dog_model(dog_world()), jnp.arange(2))
        >>> trajectory = rollout(agent, dog_world(), 10, key=jax.random.key(0))
        >>> wiser = adapt_to(agent, trajectory, jnp.zeros(10))
        >>> round(float(wiser.network.sensory.home.evidence[:, 0, 0].sum()))
        10
    """
    check_shape("risk", risk, jnp.shape(trajectory.is_active))
    check_between("risk", risk, 0, 1)
    n_made = int(trajectory.n_actions_made)
    record: NetworkActivity = jax.tree.map(lambda rows: rows[:n_made], trajectory.record)
    dtype = record.rates.dtype
    firing = Firing(
        inputs=trajectory.observation[:n_made].astype(dtype),
        rates=record.rates,
        previous_rates=record.previous_rates,
        decisions=jax.nn.one_hot(record.decision, agent.network.n_outputs, dtype=dtype),
        risk=risk[:n_made].astype(dtype),
    )
    network = adapt(agent.network, firing, chunk_length=chunk_length, output_floor=output_floor)
    return dataclasses.replace(agent, network=network)
