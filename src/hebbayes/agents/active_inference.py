"""An agent that infers states and decisions by a generative model, and learns after each trial.

A step (I22; docs/theory.md section 7): observe o; infer states from o and the previous states;
infer decisions from the previous states; draw one with odds y / (1 - y); do its first action.
`ActiveInferenceAgent` keeps its model during a trial and learns at the end, by `learn_from`;
`online.OnlineAgent` learns at every step.  Planning ahead by expected free energy is left out.
"""

import dataclasses
from typing import TYPE_CHECKING

import equinox as eqx
import jax
import jax.numpy as jnp
from jax import Array
from jaxtyping import Float, Int

from hebbayes.agents.base import AbstractAgent
from hebbayes.core.arrays import OFF, ON
from hebbayes.core.checks import check_between, check_shape
from hebbayes.core.counts import Ratio, log_ratio
from hebbayes.core.errors import ShapeError
from hebbayes.core.sampling import ODDS_GUARD, draw_index
from hebbayes.theory.generative_model import ExpectedLogs, GenerativeModel, expected_logs
from hebbayes.theory.inference import Beliefs, infer_decisions, infer_states, undecided
from hebbayes.theory.learning import Experience, learn

if TYPE_CHECKING:
    from hebbayes.agents.rollout import Trajectory


def decision_weights(log_decisions: Float[Array, "2 decisions"]) -> Float[Array, " decisions"]:
    """Return the weights by which decisions are drawn, y / (1 - y + 1e-6).

    Example:
        >>> half_and_three_quarters = jnp.array([[0.5, 0.75], [0.5, 0.25]])
        >>> decision_weights(jnp.log(half_and_three_quarters)).round().tolist()
        [1.0, 3.0]
    """
    check_shape("log_decisions", log_decisions, (2, "decisions"))
    return jnp.exp(log_decisions[ON]) / (jnp.exp(log_decisions[OFF]) + ODDS_GUARD)


class InferenceRecord(eqx.Module):
    """Record of one step of an agent that infers.

    Attributes:
        beliefs: Log probabilities of states and decisions.
        previous_states: State probabilities of the step before, which decisions rest on.
        decision: The decision taken.
    """

    beliefs: Beliefs
    previous_states: Float[Array, "*time 2 states"]
    decision: Int[Array, " *time"]


def infer_and_decide(
    logs: ExpectedLogs,
    previous_states: Float[Array, "2 states"],
    observation: Array,
    uniform: Float[Array, ""],
) -> InferenceRecord:
    """Return the beliefs after one observation, and the decision drawn from them.

    Example:
        >>> from hebbayes.environments.dog import dog_model, dog_world
        >>> logs = expected_logs(dog_model(dog_world()), log_ratio)
        >>> step = infer_and_decide(logs, undecided(1), jnp.array([1.0, 1.0]), jnp.array(0.7))
        >>> int(step.decision)
        1
    """
    log_states = infer_states(logs, observation.astype(previous_states.dtype), previous_states)
    log_decisions = infer_decisions(logs, previous_states)
    decision = draw_index(decision_weights(log_decisions), uniform)
    return InferenceRecord(Beliefs(log_states, log_decisions), previous_states, decision)


class ActiveInferenceAgent(AbstractAgent):
    """A generative model that acts.

    Attributes:
        model: The generative model, with a policy.
        action_of_decision: First action of each decision.
        ratio: `log_ratio` (neural network) or `digamma_ratio` (exact variational Bayes).
    """

    model: GenerativeModel
    action_of_decision: Int[Array, " decisions"]
    ratio: Ratio = eqx.field(static=True, default=log_ratio)

    def __check_init__(self) -> None:
        """There are decisions, and every one has an action."""
        if self.model.policy is None:
            raise ShapeError("this model has no policy; an agent needs policy and decision_prior.")
        check_shape("action_of_decision", self.action_of_decision, (self.model.n_decisions,))

    def __repr__(self) -> str:
        """Return the sizes of the model."""
        return f"ActiveInferenceAgent({self.model})"

    def init(self) -> Float[Array, "2 states"]:
        """Return undecided states: an agent carries nothing but state probabilities."""
        return undecided(self.model.n_states, self.model.state_prior.prior.dtype)

    def step(
        self, state: Float[Array, "2 states"], observation: Array, *, uniform: Float[Array, ""]
    ) -> tuple[Float[Array, "2 states"], Int[Array, ""], InferenceRecord]:
        """Return the inferred states, the action and the beliefs behind it."""
        logs = expected_logs(self.model, self.ratio)  # the compiler takes it out of the time loop
        record = infer_and_decide(logs, state, observation, uniform)
        return jnp.exp(record.beliefs.log_states), self.action_of_decision[record.decision], record

    def receive(
        self, state: Float[Array, "2 states"], reward: Float[Array, ""]
    ) -> Float[Array, "2 states"]:
        """Change nothing: this agent learns at the end of a trial."""
        return state


def experience_of(
    trajectory: "Trajectory", risk: Float[Array, " time"], n_decisions: int
) -> Experience:
    """Return the experience that a trial of an active inference agent leaves.

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
    check_shape("risk", risk, jnp.shape(trajectory.is_active))
    check_between("risk", risk, 0, 1)
    record: InferenceRecord = trajectory.record
    dtype = record.previous_states.dtype
    is_active = trajectory.is_active[:, None, None]
    return Experience(
        observations=trajectory.observation.astype(dtype),
        states=jnp.where(is_active, jnp.exp(record.beliefs.log_states), 0),
        previous_states=jnp.where(is_active, record.previous_states, 0),
        decisions=jax.nn.one_hot(record.decision, n_decisions, dtype=dtype),
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
    Raises `ShapeError` or `ValueRangeError` if trajectory and risk do not fit the agent.

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
