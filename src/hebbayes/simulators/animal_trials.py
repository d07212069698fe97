"""The trials of a simulated animal: an on-line agent in a world drawn in advance, by `rollout`.

The loop over trials is the agents' own.  An animal adds to an `OnlineAgent` sessions, which start
undecided, and a record of its synapses in every trial.  A decision whose reward is still due
at the end of a session is learnt from in the next.
"""

import dataclasses
from typing import TYPE_CHECKING, Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jaxtyping import Bool, Float, Int, PRNGKeyArray

from hebbayes.agents.base import AbstractAgent
from hebbayes.agents.rollout import rollout
from hebbayes.core.arrays import OFF, ON
from hebbayes.environments.base import AbstractEnvironment
from hebbayes.theory.generative_model import expected_logs

if TYPE_CHECKING:
    from hebbayes.agents.active_inference import InferenceRecord
    from hebbayes.agents.online import OnlineAgent, OnlineState


class DrawnTrials(AbstractEnvironment):
    """A world whose stimuli and rewards were drawn in advance; its state is the trial's number.

    The last outcome is 1 in the first trial of a session.

    Attributes:
        stimuli: Stimuli of every trial.
        reward: Reward that each decision would bring.
        is_first: Trials that start a session.
    """

    stimuli: Float[Array, "trials stimuli"]
    reward: Float[Array, "trials decisions"]
    is_first: Bool[Array, " trials"]

    @property
    def n_outcomes(self) -> int:
        """Number of stimuli, and the start of a session."""
        return int(self.stimuli.shape[1]) + 1

    @property
    def n_actions(self) -> int:
        """Number of decisions."""
        return int(self.reward.shape[1])

    def init(self, *, key: PRNGKeyArray) -> Int[Array, ""]:
        """Return the first trial."""
        del key
        return jnp.array(0)

    def observe(self, state: Int[Array, ""]) -> Array:
        """Return the stimuli of a trial, and whether a session starts."""
        starts = self.is_first[state].astype(self.stimuli.dtype)
        return jnp.append(self.stimuli[state], starts)

    def step(
        self, state: Int[Array, ""], action: Int[Array, ""], *, key: PRNGKeyArray
    ) -> tuple[Int[Array, ""], Float[Array, ""], Bool[Array, ""]]:
        """Return the next trial and the reward of this one; nothing ends."""
        del key
        return state + 1, self.reward[state, action], jnp.array(False)


class TrialRecord(eqx.Module):
    """What happened and what the network was in each trial; weights are (trials, post, pre).

    Attributes:
        activity: Activity x of the middle layer.
        output: Activity y of the output layer.
        decision: Decisions taken.
        reward: Rewards received.
        risk: Risk of each decision.
        sensory_weights: W.
        recurrent_weights: K.
        output_weights: V.
    """

    activity: Any
    output: Any
    decision: Any
    reward: Any
    risk: Any
    sensory_weights: Any
    recurrent_weights: Any
    output_weights: Any


class SessionAgent(AbstractAgent):
    """An on-line agent that starts each session undecided.

    Attributes:
        agent: The agent; it does not see the last outcome, the start of a session.
    """

    agent: "OnlineAgent"

    def init(self) -> "OnlineState":
        """Return the agent's first state."""
        return self.agent.init()

    def step(
        self, state: "OnlineState", observation: Array, *, uniform: Float[Array, ""]
    ) -> tuple["OnlineState", Int[Array, ""], tuple["InferenceRecord", tuple[Array, ...]]]:
        """Return the next state, the action, and beliefs beside the synapses W, K and V."""
        undecided = self.agent.initial.init()
        states = jnp.where(observation[-1] > 0, undecided, state.states)
        logs = expected_logs(state.model, self.agent.initial.ratio)
        synapses = tuple(_weights(part) for part in (logs.likelihood, logs.transition, logs.policy))
        state = dataclasses.replace(state, states=states)
        state, action, record = self.agent.step(state, observation[:-1], uniform=uniform)
        return state, action, (record, synapses)

    def receive(self, state: "OnlineState", reward: Float[Array, ""]) -> "OnlineState":
        """Return the state after learning from the decision whose reward is due."""
        return self.agent.receive(state, reward)


def simulate_trials(
    agent: "OnlineAgent", trials: DrawnTrials, uniforms: Float[Array, " trials"]
) -> TrialRecord:
    """Return the trials of an animal; ``uniforms`` in [0, 1) are all the chance of its decisions.

    Example:
        >>> from hebbayes.agents.active_inference import ActiveInferenceAgent
        >>> from hebbayes.agents.modulators import RewardRisk
        >>> from hebbayes.agents.online import OnlineAgent
        >>> from hebbayes.theory.generative_model import flat_model
        >>> agent = ActiveInferenceAgent(flat_model(3, 1, 2), jnp.arange(2))
        >>> trials = DrawnTrials(jnp.ones((4, 3)), jnp.ones((4, 2)), jnp.arange(4) == 0)
        >>> record = simulate_trials(OnlineAgent(agent, RewardRisk()), trials, jnp.full(4, 0.2))
        >>> record.decision.tolist(), record.output_weights.shape
        ([0, 0, 0, 0], (4, 2, 1))
    """
    as_arrays = eqx.tree_at(  # so that another number does not compile again
        lambda a: (a.policy_floor, a.modulation_gain, a.risk_sensitivity),
        agent,
        replace_fn=jnp.asarray,
    )
    return jax.tree.map(np.asarray, _simulate_trials(as_arrays, trials, uniforms))


@eqx.filter_jit
def _simulate_trials(agent: "OnlineAgent", trials: DrawnTrials, uniforms: Array) -> TrialRecord:
    n_trials, key = uniforms.shape[0], jax.random.key(0)  # the world draws nothing
    trajectory = rollout(SessionAgent(agent), trials, n_trials, key=key, uniforms=uniforms)
    record, (sensory, recurrent, output) = trajectory.record
    return TrialRecord(
        activity=jnp.exp(record.beliefs.log_states[:, ON]),
        output=jnp.exp(record.beliefs.log_decisions[:, ON]),
        decision=record.decision,
        reward=trajectory.reward,
        risk=agent.modulator.risk(trajectory.reward),
        sensory_weights=sensory,
        recurrent_weights=recurrent,
        output_weights=output,
    )


def _weights(logs: Array | None) -> Array:
    """Excitation less inhibition, (post, pre), of expected logs [value, condition, pre, post]."""
    assert logs is not None  # an animal has all three tables
    odds = logs[ON] - logs[OFF]
    return (odds[ON] - odds[OFF]).T
