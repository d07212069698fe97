"""Certificate of an agent in a world: it acts and learns, and is compared with its network.

The agent acts in two trials; the second, after learning from the first, is certified.  The work is
done by `theory.certificate`.  A model without a policy only observes.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp

from hebbayes.agents.active_inference import ActiveInferenceAgent, experience_of, learn_from
from hebbayes.agents.baselines import RandomAgent
from hebbayes.agents.modulators import ChunkedRisk
from hebbayes.agents.rollout import rollout
from hebbayes.core.checks import check_at_least
from hebbayes.core.counts import Ratio, log_ratio
from hebbayes.core.errors import ShapeError
from hebbayes.theory.certificate.certificate import certify_run, default_tolerance
from hebbayes.theory.certificate.damage import damage
from hebbayes.theory.certificate.runs import Events, bayesian_run, neural_run

if TYPE_CHECKING:
    from jax import Array

    from hebbayes.environments.base import AbstractEnvironment
    from hebbayes.environments.registry import RiskRule
    from hebbayes.theory.certificate.certificate import Certificate
    from hebbayes.theory.generative_model import GenerativeModel


@dataclasses.dataclass(frozen=True)
class LearnedRun:
    """A model after its first trial, and the events of its second.

    Attributes:
        model: The model with which the second trial starts.
        events: What happened in the second trial.
        chunk_length: Steps after which the policy's counts are floored; None for once.
    """

    model: GenerativeModel
    events: Events
    chunk_length: int | None = None


def certify_agent(
    model: GenerativeModel,
    world: AbstractEnvironment,
    *,
    n_steps: int = 100,
    key: Array | None = None,
    action_of_decision: Array | None = None,
    modulator: RiskRule | None = None,
    ratio: Ratio = log_ratio,
    tolerance: float | None = None,
) -> Certificate:
    """Return the certificate of an agent that acts by ``model`` in ``world``.

    ``key`` seeds two trials of at most ``n_steps`` (default: key 0).  ``action_of_decision`` is the
    action of each decision (default: decision i is action i), ``modulator`` turns rewards into risk
    (default: `ChunkedRisk`), ``tolerance`` is by default 1e-10 for float64 and 1e-4 for float32.
    Raises `ShapeError` if model and world do not fit, `ValueRangeError` for fewer than one step.

    Example:
        >>> from hebbayes.environments.dog import dog_model, dog_world
        >>> world = dog_world()
        >>> certify_agent(dog_model(world), world, n_steps=30).holds
        True
    """
    check_at_least("n_steps", n_steps, 1)
    if model.n_outcomes != world.n_outcomes:
        raise ShapeError(
            f"the world shows {world.n_outcomes} outcomes; this model expects {model.n_outcomes}."
        )
    keys = jax.random.key(0) if key is None else key
    if model.policy is None:
        run = observe_twice(
            model, partial(observe_random_walk, world), n_steps, key=keys, ratio=ratio
        )
    else:
        if action_of_decision is None:
            action_of_decision = actions_of_decisions(model, world)
        agent = ActiveInferenceAgent(model, action_of_decision, ratio)
        run = act_twice(agent, world, n_steps, key=keys, modulator=modulator)
    return certify_learned_run(run, ratio, tolerance=tolerance)


def actions_of_decisions(model: GenerativeModel, world: AbstractEnvironment) -> Array:
    """Return action i for decision i; raise `ShapeError` if their numbers differ.

    Example:
        >>> from hebbayes.environments.dog import dog_model, dog_world
        >>> actions_of_decisions(dog_model(dog_world()), dog_world()).tolist()
        [0, 1]
    """
    if model.n_decisions != world.n_actions:
        raise ShapeError(
            f"the model has {model.n_decisions} decisions and the world {world.n_actions} actions; "
            "give action_of_decision, the action of each decision."
        )
    return jnp.arange(world.n_actions)


def act_twice(
    agent: ActiveInferenceAgent,
    world: AbstractEnvironment,
    n_steps: int,
    *,
    key: Array,
    modulator: RiskRule | None = None,
) -> LearnedRun:
    """Return the second of two trials of ``agent``, with the model learned from the first.

    Of the three keys that ``key`` splits into, the first is left for building the world.

    Example:
        >>> from hebbayes.environments.dog import dog_model, dog_world
        >>> agent = ActiveInferenceAgent(dog_model(dog_world()), jnp.arange(2))
        >>> run = act_twice(agent, dog_world(), 20, key=jax.random.key(0))
        >>> run.events.observations.shape, run.events.decisions.shape
        ((20, 2), (20, 2))
    """
    rule = ChunkedRisk() if modulator is None else modulator
    chunk_length = getattr(rule, "chunk_length", None)
    _, *trial_keys = jax.random.split(key, 3)
    for trial_key in trial_keys:
        before = agent
        trajectory = rollout(agent, world, n_steps, key=trial_key)
        risk = rule.risk(trajectory.reward, trajectory.is_active)
        agent = learn_from(agent, trajectory, risk, chunk_length=chunk_length)
    n_made = int(trajectory.n_actions_made)
    experience = experience_of(trajectory, risk, agent.model.n_decisions)
    assert experience.decisions is not None
    assert experience.risk is not None
    events = Events(
        experience.observations[:n_made], experience.decisions[:n_made], experience.risk[:n_made]
    )
    return LearnedRun(before.model, events, chunk_length)


def observe_twice(
    model: GenerativeModel,
    observe: Callable[[int, Array], Array],
    n_steps: int,
    *,
    key: Array,
    ratio: Ratio = log_ratio,
) -> LearnedRun:
    """Return the second of two sessions that ``model`` observes, after learning from the first.

    ``observe`` takes the number of steps and a key and returns the observations of a session.

    Example:
        >>> from hebbayes.theory.generative_model import flat_model
        >>> def observe(n_steps, key):
        ...     return jax.random.bernoulli(key, 0.5, (n_steps, 3))
        >>> run = observe_twice(flat_model(3, 2), observe, 5, key=jax.random.key(0))
        >>> run.events.observations.shape
        (5, 3)
    """
    dtype = model.state_prior.prior.dtype
    _, *session_keys = jax.random.split(key, 3)
    first, second = (Events(observe(n_steps, k).astype(dtype)) for k in session_keys)
    return LearnedRun(bayesian_run(model, first, ratio).after, second)


def certify_learned_run(
    run: LearnedRun,
    ratio: Ratio = log_ratio,
    *,
    tolerance: float | None = None,
    perturb: str | None = None,
    delay: int = 1,
    learns_priors: bool = False,
) -> Certificate:
    """Return the certificate of ``run``; ``perturb`` damages that row's network quantity first.

    Recurrent and output synapses read the activity of ``delay`` steps before; with
    ``learns_priors`` the priors of states and decisions learn, and threshold factors with them.

    Raises `ValueRangeError` if the run has no such row.

    Example:
        >>> from hebbayes.theory.generative_model import flat_model
        >>> run = LearnedRun(flat_model(3, 2), Events(jnp.eye(3)))
        >>> certify_learned_run(run, perturb="thresholds").broken
        ('free_energy', 'state_inference', 'thresholds', 'round_trip')
    """
    n = run.chunk_length
    options: dict[str, Any] = {
        "chunk_length": n,
        "delay": delay,
        "is_state_prior_learnt": learns_priors,
        "is_decision_prior_learnt": learns_priors,
    }
    bayesian = bayesian_run(run.model, run.events, ratio, **options)
    neural = neural_run(run.model, run.events, ratio, **options)
    if perturb is not None:
        neural = damage(neural, perturb)
    if tolerance is None:
        tolerance = default_tolerance(run.model.state_prior.prior.dtype)
    return certify_run(bayesian, neural, ratio, tolerance=tolerance, chunk_length=n)


def observe_random_walk(world: AbstractEnvironment, n_steps: int, key: Array) -> Array:
    """Return the observations (time, outcomes) of an agent that acts at random in ``world``.

    Example:
        >>> from hebbayes.environments.dog import dog_world
        >>> observe_random_walk(dog_world(), 5, jax.random.key(0)).shape
        (5, 2)
    """
    return rollout(RandomAgent(world.n_actions), world, n_steps, key=key).observation
