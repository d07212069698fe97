"""Agents that infer states and decisions by a generative model, and learn from what they did.

A step (I22; docs/theory.md section 7): see o; infer states from o and the previous states; infer
decisions from the previous states; draw one with odds y / (1 - y); do its first action.
`ActiveInferenceAgent` keeps its model during a trial and learns at the end, by `learn_from`;
`OnlineAgent` learns at every step.  Planning ahead by expected free energy is left out.
"""

import dataclasses
from typing import TYPE_CHECKING, Any

import equinox as eqx
import jax
import jax.numpy as jnp
from jax import Array
from jaxtyping import Float, Int

from hebbayes.agents.base import AbstractAgent
from hebbayes.core.arrays import OFF, ON
from hebbayes.core.counts import Ratio, log_ratio
from hebbayes.core.errors import ShapeError
from hebbayes.core.sampling import ODDS_GUARD, draw_index
from hebbayes.theory.generative_model import ExpectedLogs, GenerativeModel, expected_logs
from hebbayes.theory.inference import Beliefs, infer_decisions, infer_states, undecided
from hebbayes.theory.learning import Experience, learn, learn_policy

if TYPE_CHECKING:
    from hebbayes.agents.modulators import AbstractOnlineModulator
    from hebbayes.agents.rollout import Trajectory


def decision_weights(log_decisions: Float[Array, "2 decisions"]) -> Float[Array, " decisions"]:
    """Return what decisions are drawn in proportion to, y / (1 - y + 1e-6).

    Example:
        >>> half_and_three_quarters = jnp.array([[0.5, 0.75], [0.5, 0.25]])
        >>> decision_weights(jnp.log(half_and_three_quarters)).round().tolist()
        [1.0, 3.0]
    """
    return jnp.exp(log_decisions[ON]) / (jnp.exp(log_decisions[OFF]) + ODDS_GUARD)


class Thought(eqx.Module):
    """Record of one step: beliefs, the states believed before it, and the decision taken."""

    beliefs: Beliefs
    previous_states: Float[Array, "*time 2 states"]
    decision: Int[Array, " *time"]


class ActiveInferenceAgent(AbstractAgent):
    """A generative model that acts; ``action_of_decision`` says what a decision does next.

    ``ratio`` is `log_ratio` (neural network) or `digamma_ratio` (exact variational Bayes).
    """

    model: GenerativeModel
    action_of_decision: Int[Array, " decisions"]
    ratio: Ratio = eqx.field(static=True, default=log_ratio)

    def __check_init__(self) -> None:
        """There are decisions, and every one has an action."""
        if self.model.policy is None:
            raise ShapeError("this model has no policy; an agent needs policy and decision_prior.")
        got, wanted = jnp.shape(self.action_of_decision), (self.model.n_decisions,)
        if got != wanted:
            raise ShapeError(f"action_of_decision has shape {got}; this model expects {wanted}.")

    def init(self) -> Float[Array, "2 states"]:
        """Return the undecided states; all that is carried through a trial is what is believed."""
        return undecided(self.model.n_states, self.model.state_prior.prior.dtype)

    def step(
        self, state: Float[Array, "2 states"], observation: Array, *, uniform: Float[Array, ""]
    ) -> tuple[Float[Array, "2 states"], Int[Array, ""], Thought]:
        """Return the states now believed, the action and the beliefs behind it."""
        logs = expected_logs(self.model, self.ratio)  # the compiler takes it out of the time loop
        thought = _think(logs, state, observation, uniform)
        action = self.action_of_decision[thought.decision]
        return jnp.exp(thought.beliefs.log_states), action, thought

    def receive(
        self, state: Float[Array, "2 states"], reward: Float[Array, ""]
    ) -> Float[Array, "2 states"]:
        """Change nothing: this agent learns at the end of a trial."""
        return state


def experience_of(
    trajectory: "Trajectory", risk: Float[Array, " time"], n_decisions: int
) -> Experience:
    """Return what there is to learn from a trial of an active inference agent.

    Steps after the end of the trial hold no states and so leave no evidence in likelihood,
    transition and policy.

    Example:
        >>> from hebbayes.agents.rollout import rollout
        >>> from hebbayes.environments.dog import dog_model, dog_world
        >>> world = dog_world()
        >>> dog = ActiveInferenceAgent(dog_model(world), jnp.arange(world.n_actions))
        >>> trajectory = rollout(dog, world, 7, key=jax.random.key(0))
        >>> experience = experience_of(trajectory, jnp.zeros(7), world.n_actions)
        >>> experience.states.shape, experience.decisions.shape
        ((7, 2, 1), (7, 2))
    """
    thought: Thought = trajectory.record
    dtype = thought.previous_states.dtype
    is_active = trajectory.is_active[:, None, None]
    return Experience(
        observations=trajectory.observation.astype(dtype),
        states=jnp.where(is_active, jnp.exp(thought.beliefs.log_states), 0),
        previous_states=jnp.where(is_active, thought.previous_states, 0),
        decisions=jax.nn.one_hot(thought.decision, n_decisions, dtype=dtype),
        risk=risk.astype(dtype),
    )


def learn_from(
    agent: ActiveInferenceAgent,
    trajectory: "Trajectory",
    risk: Float[Array, " time"],
    *,
    chunk_length: int | None = None,
    policy_floor: float = 1.0,
) -> ActiveInferenceAgent:
    """Return ``agent`` after learning from a trial; ``risk`` is one number per decision.

    The policy's counts are floored after every ``chunk_length`` steps (default: once).

    Example:
        >>> from hebbayes.agents.modulators import RewardRisk
        >>> from hebbayes.agents.rollout import rollout
        >>> from hebbayes.environments.dog import dog_model, dog_world
        >>> world = dog_world()
        >>> dog = ActiveInferenceAgent(dog_model(world), jnp.arange(world.n_actions))
        >>> trajectory = rollout(dog, world, 100, key=jax.random.key(0))
        >>> wiser = learn_from(dog, trajectory, RewardRisk().risk(trajectory.reward))
        >>> round(float(wiser.model.transition.evidence.sum()))
        100
    """
    experience = experience_of(trajectory, risk, agent.model.n_decisions)
    model = learn(agent.model, experience, chunk_length=chunk_length, policy_floor=policy_floor)
    return dataclasses.replace(agent, model=model)


class OnlineState(eqx.Module):
    """What an `OnlineAgent` carries: its changing model, and the last decision with the states
    that it was made in."""

    model: GenerativeModel
    states: Float[Array, "2 states"]
    decided_in: Float[Array, "2 states"]
    decision: Int[Array, ""]
    modulator_state: Any


class OnlineAgent(AbstractAgent):
    """An agent that learns at every step.

    Likelihood and transition learn from each observation, the policy as soon as the reward of a
    decision is known; the policy's counts are floored at ``policy_floor`` each time.
    """

    newborn: ActiveInferenceAgent
    modulator: "AbstractOnlineModulator"
    policy_floor: float = 1.0

    def init(self) -> OnlineState:
        """Return the newborn's model and an undecided state of mind."""
        states = self.newborn.init()
        return OnlineState(self.newborn.model, states, states, jnp.array(0), self.modulator.init())

    def step(
        self, state: OnlineState, observation: Array, *, uniform: Float[Array, ""]
    ) -> tuple[OnlineState, Int[Array, ""], Thought]:
        """Return the next state of mind, the action and the beliefs behind it."""
        logs = expected_logs(state.model, self.newborn.ratio)
        thought = _think(logs, state.states, observation, uniform)
        states = jnp.exp(thought.beliefs.log_states)
        seen = Experience(observation.astype(states.dtype)[None], states[None], state.states[None])
        next_state = OnlineState(
            learn(state.model, seen), states, state.states, thought.decision, state.modulator_state
        )
        return next_state, self.newborn.action_of_decision[thought.decision], thought

    def receive(self, state: OnlineState, reward: Float[Array, ""]) -> OnlineState:
        """Return the state of mind after learning what the last decision was worth."""
        modulator_state, risk = self.modulator.step(state.modulator_state, reward)
        dtype, n_decisions = state.states.dtype, state.model.n_decisions
        made = Experience(
            jnp.zeros((1, state.model.n_outcomes), dtype),
            state.states[None],
            state.decided_in[None],
            jax.nn.one_hot(state.decision, n_decisions, dtype=dtype)[None],
            risk.astype(dtype)[None],
        )
        assert state.model.policy is not None  # the newborn was refused without one
        policy = learn_policy(state.model.policy, made, None, self.policy_floor)
        model = dataclasses.replace(state.model, policy=policy)
        return dataclasses.replace(state, model=model, modulator_state=modulator_state)


def _think(
    logs: ExpectedLogs, previous_states: Array, observation: Array, uniform: Array
) -> Thought:
    log_states = infer_states(logs, observation.astype(previous_states.dtype), previous_states)
    log_decisions = infer_decisions(logs, previous_states)
    decision = draw_index(decision_weights(log_decisions), uniform)
    return Thought(Beliefs(log_states, log_decisions), previous_states, decision)
