"""One run seen twice: as inference and learning of a model, and as activity of its network.

Both runs start from the same counts and see the same events; they share no other code.
`certificate` compares them; `damage` changes the second.
"""

from typing import NamedTuple

import equinox as eqx
import jax.numpy as jnp
from jax import Array

from hebbayes.core.counts import Ratio, log_ratio
from hebbayes.core.errors import ShapeError
from hebbayes.theory.cost import Activity
from hebbayes.theory.equivalence import network_of
from hebbayes.theory.generative_model import (
    ExpectedLogs,
    GenerativeModel,
    expected_logs,
    flat_model,
)
from hebbayes.theory.inference import Beliefs, infer_trajectory, undecided
from hebbayes.theory.learning import Experience, learn
from hebbayes.theory.network import Network, firing_rate, run_network, wiring
from hebbayes.theory.plasticity import Firing, adapt


class Events(eqx.Module):
    """What happens to the agent and what it does, time-first; the same for both runs.

    Attributes:
        observations: (time, n_outcomes), 0 or 1.
        decisions: (time, n_decisions), one-hot: the decisions taken.
        risk: (time,), the risk of each decision.
    """

    observations: Array
    decisions: Array | None = None
    risk: Array | None = None


class BayesianRun(eqx.Module):
    """A run of the generative model.

    Attributes:
        logs: Expected logarithms of the tables during the run.
        before: The model before learning.
        after: The model after learning.
        beliefs: Posteriors of every step.
        experience: What the model learns from.
    """

    logs: ExpectedLogs
    before: GenerativeModel
    after: GenerativeModel
    beliefs: Beliefs
    experience: Experience

    def __repr__(self) -> str:
        """Return the sizes."""
        return f"BayesianRun({self.before}, {self.beliefs})"


class NeuralRun(eqx.Module):
    """A run of the network.

    Attributes:
        before: The network before plasticity.
        after: The network after plasticity.
        activity: Activity of every step.
        firing: What drives plasticity.
    """

    before: Network
    after: Network
    activity: Activity
    firing: Firing

    def __repr__(self) -> str:
        """Return the sizes."""
        return f"NeuralRun({self.before}, {self.activity})"


class SharedCounts(NamedTuple):
    """The same counts under two names: a projection of the network, a table of the model."""

    synapses: str
    table: str


SHARED_COUNTS = {
    "sensory_plasticity": SharedCounts("sensory", "likelihood"),
    "recurrent_plasticity": SharedCounts("recurrent", "transition"),
    "output_plasticity": SharedCounts("output", "policy"),
}
"""Claim about plasticity -> the counts that it compares."""


def check_events(model: GenerativeModel, events: Events) -> None:
    """Raise `ShapeError` unless ``events`` fit ``model``.

    Example:
        >>> check_events(flat_model(3, 2), Events(jnp.ones((5, 4))))
        Traceback (most recent call last):
            ...
        hebbayes.core.errors.ShapeError: observations have shape (5, 4); this model expects
        (time, 3).
    """
    shape = jnp.shape(events.observations)
    if len(shape) != 2 or shape[1] != model.n_outcomes:
        raise ShapeError(
            f"observations have shape {shape}; this model expects (time, {model.n_outcomes})."
        )
    wanted = {"decisions": (shape[0], model.n_decisions), "risk": (shape[0],)}
    for name, want in wanted.items():
        values = getattr(events, name)
        if values is not None and jnp.shape(values) != want:
            raise ShapeError(f"{name} has shape {jnp.shape(values)}; this run expects {want}.")
    if model.policy is not None and (events.decisions is None) != (events.risk is None):
        raise ShapeError("decisions and risk come together: give both or neither.")


@eqx.filter_jit
def bayesian_run(
    model: GenerativeModel,
    events: Events,
    ratio: Ratio = log_ratio,
    *,
    chunk_length: int | None = None,
    policy_floor: float = 1.0,
) -> BayesianRun:
    """Return the beliefs of ``model`` during ``events`` and the model after learning.

    Raises `ShapeError` if the events do not fit the model.

    Example:
        >>> run = bayesian_run(flat_model(3, 2), Events(jnp.ones((5, 3))))
        >>> run.beliefs.log_states.shape
        (5, 2, 2)
    """
    check_events(model, events)
    logs = expected_logs(model, ratio)
    start = undecided(model.n_states, logs.state_prior.dtype)
    beliefs = infer_trajectory(logs, events.observations, start)
    states = jnp.exp(beliefs.log_states)
    previous = jnp.concatenate([start[None], states[:-1]])
    experience = Experience(events.observations, states, previous, events.decisions, events.risk)
    after = learn(model, experience, chunk_length=chunk_length, policy_floor=policy_floor)
    return BayesianRun(logs, model, after, beliefs, experience)


@eqx.filter_jit
def neural_run(
    model: GenerativeModel,
    events: Events,
    ratio: Ratio = log_ratio,
    *,
    chunk_length: int | None = None,
    policy_floor: float = 1.0,
) -> NeuralRun:
    """Return the activity of the network of ``model`` and the network after plasticity.

    Raises `ShapeError` if the events do not fit the model.

    Example:
        >>> run = neural_run(flat_model(3, 2), Events(jnp.ones((5, 3))))
        >>> run.activity.potentials.shape
        (5, 2)
    """
    check_events(model, events)
    network = network_of(model)
    potentials, outputs = run_network(wiring(network, ratio), events.observations)
    rates = firing_rate(potentials)
    previous = jnp.concatenate([jnp.full_like(rates[:1], 0.5), rates[:-1]])
    firing = Firing(events.observations, rates, previous, events.decisions, events.risk)
    after = adapt(network, firing, chunk_length=chunk_length, output_floor=policy_floor)
    activity = Activity(potentials, events.observations, previous, outputs, events.risk)
    return NeuralRun(network, after, activity, firing)


def example_runs() -> tuple[BayesianRun, NeuralRun]:
    """Return both runs of a small flat model, for examples.

    Example:
        >>> bayesian, neural = example_runs()
        >>> bool(jnp.allclose(bayesian.beliefs.states, neural.firing.rates))
        True
    """
    events = Events(jnp.eye(3), decisions=jnp.eye(3), risk=jnp.array([0.0, 0.45, 0.55]))
    model = flat_model(3, 2, 3)
    return bayesian_run(model, events), neural_run(model, events)
