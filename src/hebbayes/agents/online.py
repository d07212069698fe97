"""An agent that learns at every step; a decision is learnt from once its reward is due.

Likelihood and transition learn from each observation, the policy from each reward (docs/theory.md
eq. 3).  A decision whose reward is still due waits in a queue of fixed length.
"""

import dataclasses
from typing import TYPE_CHECKING, Any

import equinox as eqx
import jax
import jax.numpy as jnp
from jax import Array
from jaxtyping import Float, Int

from hebbayes.agents.active_inference import (
    ActiveInferenceAgent,
    InferenceRecord,
    infer_and_decide,
)
from hebbayes.agents.base import AbstractAgent
from hebbayes.theory.generative_model import GenerativeModel, expected_logs
from hebbayes.theory.learning import Experience, learn, learn_policy

if TYPE_CHECKING:
    from hebbayes.agents.modulators import AbstractOnlineModulator


class OnlineState(eqx.Module):
    """What an `OnlineAgent` carries from step to step.

    Attributes:
        model: The model as learnt so far.
        states: Inferred state probabilities.
        decided_in: State probabilities that the last decision rests on.
        decision: The last decision.
        modulator_state: State of the modulator.
        waiting: Decisions whose rewards are still due, oldest first.
    """

    model: GenerativeModel
    states: Float[Array, "2 states"]
    decided_in: Float[Array, "2 states"]
    decision: Int[Array, ""]
    modulator_state: Any
    waiting: Experience


class OnlineAgent(AbstractAgent):
    """An agent that learns at every step.

    Attributes:
        initial: The agent before it learns.
        modulator: Turns rewards into risk.
        policy_floor: Smallest count of the policy after each step.
        modulation_gain: Factor of 1 - 2 risk in learning; 0 learns nothing.
        risk_sensitivity: Share m of risk in learning, 1 - 2 m risk: 1 theory, 0 plain Hebb.
        reward_delay: Steps between a decision and learning from it.
        is_likelihood_learnt: Whether the likelihood learns.
        is_transition_learnt: Whether the transition learns.
    """

    initial: ActiveInferenceAgent
    modulator: "AbstractOnlineModulator"
    policy_floor: float = 1.0
    modulation_gain: float = 1.0
    risk_sensitivity: float = 1.0
    reward_delay: int = eqx.field(static=True, default=0)
    is_likelihood_learnt: bool = eqx.field(static=True, default=True)
    is_transition_learnt: bool = eqx.field(static=True, default=True)

    def init(self) -> OnlineState:
        """Return the initial model with undecided states and nothing to wait for."""
        states, decision = self.initial.init(), jnp.array(0)
        empty = self._decided(states, states, decision, jnp.array(0.5))
        waiting = jax.tree.map(
            lambda row: jnp.zeros((self.reward_delay, *row.shape[1:]), row.dtype), empty
        )
        return OnlineState(
            self.initial.model, states, states, decision, self.modulator.init(), waiting
        )

    def step(
        self, state: OnlineState, observation: Array, *, uniform: Float[Array, ""]
    ) -> tuple[OnlineState, Int[Array, ""], InferenceRecord]:
        """Return the next state, the action and the beliefs behind it."""
        logs = expected_logs(state.model, self.initial.ratio)
        record = infer_and_decide(logs, state.states, observation, uniform)
        states = jnp.exp(record.beliefs.log_states)
        observed = observation.astype(states.dtype)
        learnt = learn(state.model, Experience(observed[None], states[None], state.states[None]))
        model = dataclasses.replace(
            state.model,
            likelihood=(learnt if self.is_likelihood_learnt else state.model).likelihood,
            transition=(learnt if self.is_transition_learnt else state.model).transition,
        )
        next_state = dataclasses.replace(
            state,
            model=model,
            states=states,
            decided_in=state.states,
            decision=record.decision,
        )
        return next_state, self.initial.action_of_decision[record.decision], record

    def receive(self, state: OnlineState, reward: Float[Array, ""]) -> OnlineState:
        """Return the state after learning from the decision whose reward is due."""
        modulator_state, risk = self.modulator.step(state.modulator_state, reward)
        made = self._decided(state.states, state.decided_in, state.decision, risk)
        queue = jax.tree.map(lambda old, new: jnp.concatenate([old, new]), state.waiting, made)
        due = jax.tree.map(lambda rows: rows[:1], queue)
        waiting = jax.tree.map(lambda rows: rows[1:], queue)
        worth = self.modulation_gain * (1 - 2 * self.risk_sensitivity * due.risk)
        weighted = dataclasses.replace(due, risk=(1 - worth) / 2)
        assert state.model.policy is not None  # `ActiveInferenceAgent` has refused models without
        policy = learn_policy(state.model.policy, weighted, None, self.policy_floor)
        model = dataclasses.replace(state.model, policy=policy)
        return dataclasses.replace(
            state, model=model, modulator_state=modulator_state, waiting=waiting
        )

    def _decided(
        self, states: Array, decided_in: Array, decision: Array, risk: Array
    ) -> Experience:
        """Return one decision as an experience of the policy; its observation plays no part."""
        model, dtype = self.initial.model, states.dtype
        return Experience(
            jnp.zeros((1, model.n_outcomes), dtype),
            states[None],
            decided_in[None],
            jax.nn.one_hot(decision, model.n_decisions, dtype=dtype)[None],
            risk.astype(dtype)[None],
        )
