"""The life of a simulated animal: one loop over trials of inferring, deciding and delayed learning.

Equations 2 and 3 of docs/theory.md by the theory's own functions.  What a decision was worth waits
in a queue until its reward is due; what is still waiting at the end of a session is learnt from in
the next.
"""

from typing import TYPE_CHECKING, Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from hebbayes.agents.active_inference import decision_weights
from hebbayes.core.arrays import OFF, ON
from hebbayes.core.sampling import draw_index
from hebbayes.core.scan import scan_time
from hebbayes.theory.generative_model import GenerativeModel, expected_logs
from hebbayes.theory.inference import infer_decisions, infer_states, undecided
from hebbayes.theory.learning import Experience, learn, learn_policy

if TYPE_CHECKING:
    from hebbayes.agents.modulators import AbstractOnlineModulator
    from hebbayes.core.counts import Ratio


class Trials(eqx.Module):
    """What the world holds, time-first.

    stimuli (trials, channels); reward (trials, decisions), what each decision would bring;
    uniform (trials,) in [0, 1), all chance of a decision; is_first (trials,) of a session.
    """

    stimuli: Any
    reward: Any
    uniform: Any
    is_first: Any


class Habits(eqx.Module):
    """How an animal learns; see `AnimalDesign`."""

    modulation_gain: Any
    risk_sensitivity: Any
    policy_floor: Any
    reward_delay: int = eqx.field(static=True)
    learns_sensory: bool = eqx.field(static=True, default=False)
    learns_recurrent: bool = eqx.field(static=True, default=False)


class Life(eqx.Module):
    """What happened and what the network was, time-first; weights (trials, post, pre)."""

    activity: Any
    output: Any
    decision: Any
    reward: Any
    risk: Any
    sensory_weights: Any
    recurrent_weights: Any
    output_weights: Any


class _Mind(eqx.Module):
    model: GenerativeModel
    states: Array
    mood: Any
    waiting: Experience


def live(
    model: GenerativeModel,
    trials: Trials,
    habits: Habits,
    ratio: "Ratio",
    modulator: "AbstractOnlineModulator",
) -> Life:
    """Return the life of an animal born with ``model`` through ``trials``.

    Example:
        >>> from hebbayes.agents.modulators import RewardRisk
        >>> from hebbayes.core.counts import log_ratio
        >>> from hebbayes.theory.generative_model import flat_model
        >>> trials = Trials(np.ones((4, 3)), np.ones((4, 2)), np.full(4, 0.2), np.arange(4) == 0)
        >>> life = live(flat_model(3, 1, 2), trials, Habits(1.0, 1.0, 1.0, 2), log_ratio,
        ...             RewardRisk())
        >>> life.decision.tolist(), life.output_weights.shape
        ([0, 0, 0, 0], (4, 2, 1))
    """
    # arrays, so that another number is no reason to compile again
    trials, habits = jax.tree.map(jnp.asarray, (trials, habits))
    lived = _live(model, trials, habits, ratio, modulator)
    return jax.tree.map(np.asarray, lived)


@eqx.filter_jit
def _live(
    model: GenerativeModel,
    trials: Trials,
    habits: Habits,
    ratio: "Ratio",
    modulator: "AbstractOnlineModulator",
) -> Life:
    nothing = undecided(model.n_states, trials.stimuli.dtype)

    def step(mind: _Mind, trial: Trials) -> tuple[_Mind, Life]:
        previous = jnp.where(trial.is_first, nothing, mind.states)
        logs = expected_logs(mind.model, ratio)
        states = jnp.exp(infer_states(logs, trial.stimuli, previous))
        log_decisions = infer_decisions(logs, previous)
        decision = draw_index(decision_weights(log_decisions), trial.uniform)
        reward = trial.reward[decision]
        mood, risk = modulator.step(mind.mood, reward)
        seen = (trial.stimuli, states, previous)
        made = _experience(model.n_decisions, seen, decision, risk)
        learnt, waiting = _learn(mind, made, habits)
        lived = Life(
            activity=states[ON],
            output=jnp.exp(log_decisions[ON]),
            decision=decision,
            reward=reward,
            risk=risk,
            sensory_weights=_weights(logs.likelihood),
            recurrent_weights=_weights(logs.transition),
            output_weights=_weights(logs.policy),
        )
        return _Mind(learnt, states, mood, waiting), lived

    blank = (trials.stimuli[0], nothing, nothing)
    empty = _experience(model.n_decisions, blank, jnp.array(0), jnp.array(0.5))
    waiting = jax.tree.map(
        lambda row: jnp.zeros((habits.reward_delay, *row.shape[1:]), row.dtype), empty
    )
    return scan_time(step, _Mind(model, nothing, modulator.init(), waiting), trials)[1]


def _experience(
    n_decisions: int,
    seen: tuple[Array, Array, Array],
    decision: Array,
    risk: Array,
) -> Experience:
    """One trial's experience; ``seen`` holds stimuli, states and the states before."""
    taken = jax.nn.one_hot(decision, n_decisions, dtype=seen[1].dtype)
    stimuli, states, previous = (values[None] for values in seen)
    return Experience(stimuli, states, previous, taken[None], risk[None].astype(states.dtype))


def _learn(mind: _Mind, made: Experience, habits: Habits) -> tuple[GenerativeModel, Experience]:
    """Learn W and K from this trial, V from the one whose reward is due; return who waits on."""
    queue = jax.tree.map(lambda old, new: jnp.concatenate([old, new]), mind.waiting, made)
    due = jax.tree.map(lambda row: row[:1], queue)
    waiting = jax.tree.map(lambda row: row[1:], queue)
    assert mind.model.policy is not None  # a newborn has all tables
    assert due.risk is not None
    worth = habits.modulation_gain * (1 - 2 * habits.risk_sensitivity * due.risk)
    weighed = eqx.tree_at(lambda e: e.risk, due, (1 - worth) / 2)
    policy = learn_policy(mind.model.policy, weighed, None, habits.policy_floor)
    seen = learn(mind.model, made)
    return GenerativeModel(
        likelihood=seen.likelihood if habits.learns_sensory else mind.model.likelihood,
        state_prior=mind.model.state_prior,
        transition=seen.transition if habits.learns_recurrent else mind.model.transition,
        policy=policy,
        decision_prior=mind.model.decision_prior,
    ), waiting


def _weights(logs: Array | None) -> Array:
    """Excitation less inhibition, (post, pre), of expected logs [value, condition, pre, post]."""
    assert logs is not None  # the newborn has all three tables
    odds = logs[ON] - logs[OFF]
    return (odds[ON] - odds[OFF]).T
