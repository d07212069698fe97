"""One run seen twice: as inference and learning of a model, and as activity of its network.

Both runs start from the same counts and see the same events; they share no other code.
`certificate` compares them; `damage` changes the second.
"""

from typing import Any, NamedTuple

import equinox as eqx
import jax.numpy as jnp
from jax import Array

from hebbayes.core.checks import check_between, check_shape
from hebbayes.core.counts import Ratio, log_ratio
from hebbayes.core.errors import ShapeError
from hebbayes.core.scan import delayed
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
        decisions: (time, n_decisions), the decisions taken: one-hot, or soft labels in [0, 1].
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
        is_state_prior_learnt: Whether D learns.
        is_decision_prior_learnt: Whether E learns.
    """

    logs: ExpectedLogs
    before: GenerativeModel
    after: GenerativeModel
    beliefs: Beliefs
    experience: Experience
    is_state_prior_learnt: bool = eqx.field(static=True, default=False)
    is_decision_prior_learnt: bool = eqx.field(static=True, default=False)

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
    """The same counts under two names: a part of the network, a table of the model.

    Attributes:
        part: Field of `Network`.
        table: Field of `GenerativeModel`.
        wire: Field of `Wiring`.
        is_output: Whether the part belongs to the output layer.
        switch: Field of `BayesianRun` that says whether a prior is learnt; None for synapses.
    """

    part: str
    table: str
    wire: str
    is_output: bool = False
    switch: str | None = None

    @property
    def is_factor(self) -> bool:
        """Whether the counts are those of a threshold factor, a prior."""
        return self.switch is not None

    def is_learnt(self, run: BayesianRun) -> bool:
        """Return whether the counts change in ``run``."""
        return self.switch is None or bool(getattr(run, self.switch))


SHARED_COUNTS = {
    "sensory_plasticity": SharedCounts("sensory", "likelihood", "sensory"),
    "recurrent_plasticity": SharedCounts("recurrent", "transition", "recurrent"),
    "output_plasticity": SharedCounts("output", "policy", "output", is_output=True),
    "state_factor_plasticity": SharedCounts(
        "state_firing", "state_prior", "state_threshold_factor", switch="is_state_prior_learnt"
    ),
    "decision_factor_plasticity": SharedCounts(
        "decision_firing",
        "decision_prior",
        "decision_threshold_factor",
        is_output=True,
        switch="is_decision_prior_learnt",
    ),
}
"""Claim about plasticity -> the counts that it compares."""


def check_events(model: GenerativeModel, events: Events) -> None:
    """Raise `ShapeError` or `ValueRangeError` unless ``events`` fit ``model``.

    Example:
        >>> check_events(flat_model(3, 2), Events(jnp.ones((5, 4))))
        Traceback (most recent call last):
            ...
        hebbayes.core.errors.ShapeError: observations has shape (5, 4); wanted (time, 3).
    """
    check_shape("observations", events.observations, ("time", model.n_outcomes))
    n_steps = jnp.shape(events.observations)[0]
    wanted = {"decisions": (n_steps, model.n_decisions), "risk": (n_steps,)}
    check_between("observations", events.observations, 0, 1)
    for name, shape in wanted.items():
        values = getattr(events, name)
        if values is not None:
            check_shape(name, values, shape)
            check_between(name, values, 0, 1)
    if model.policy is not None and (events.decisions is None) != (events.risk is None):
        raise ShapeError("decisions and risk come together: give both or neither.")


def bayesian_run(
    model: GenerativeModel,
    events: Events,
    ratio: Ratio = log_ratio,
    *,
    chunk_length: int | None = None,
    policy_floor: float = 1.0,
    delay: int = 1,
    is_state_prior_learnt: bool = False,
    is_decision_prior_learnt: bool = False,
) -> BayesianRun:
    """Return the beliefs of ``model`` during ``events`` and the model after learning.

    Transition and policy read the states of ``delay`` steps before.
    Raises `ShapeError` or `ValueRangeError` if the events do not fit the model.

    Example:
        >>> run = bayesian_run(flat_model(3, 2), Events(jnp.ones((5, 3))))
        >>> run.beliefs.log_states.shape
        (5, 2, 2)
    """
    check_events(model, events)
    learnt = {
        "is_state_prior_learnt": is_state_prior_learnt,
        "is_decision_prior_learnt": is_decision_prior_learnt,
    }
    chunks = {"chunk_length": chunk_length, "policy_floor": policy_floor}
    return _bayesian_run(model, events, ratio, delay, chunks=chunks, learnt=learnt)


@eqx.filter_jit
def _bayesian_run(
    model: GenerativeModel,
    events: Events,
    ratio: Ratio,
    delay: int,
    *,
    chunks: dict[str, Any],
    learnt: dict[str, bool],
) -> BayesianRun:
    logs = expected_logs(model, ratio, **learnt)
    start = undecided(model.n_states, logs.state_prior.dtype)
    beliefs = infer_trajectory(logs, events.observations, start, delay=delay)
    states = jnp.exp(beliefs.log_states)
    previous = delayed(states, start, delay)
    experience = Experience(events.observations, states, previous, events.decisions, events.risk)
    after = learn(model, experience, **chunks, **learnt)
    return BayesianRun(logs, model, after, beliefs, experience, **learnt)


def neural_run(
    model: GenerativeModel,
    events: Events,
    ratio: Ratio = log_ratio,
    *,
    chunk_length: int | None = None,
    policy_floor: float = 1.0,
    delay: int = 1,
    is_state_prior_learnt: bool = False,
    is_decision_prior_learnt: bool = False,
) -> NeuralRun:
    """Return the activity of the network of ``model`` and the network after plasticity.

    Recurrent and output synapses read the rates of ``delay`` steps before; a learnt prior is a
    learnt threshold factor.
    Raises `ShapeError` or `ValueRangeError` if the events do not fit the model.

    Example:
        >>> run = neural_run(flat_model(3, 2), Events(jnp.ones((5, 3))))
        >>> run.activity.potentials.shape
        (5, 2)
    """
    check_events(model, events)
    learnt = {
        "is_state_factor_learnt": is_state_prior_learnt,
        "is_decision_factor_learnt": is_decision_prior_learnt,
    }
    chunks = {"chunk_length": chunk_length, "output_floor": policy_floor}
    return _neural_run(model, events, ratio, delay, chunks=chunks, learnt=learnt)


@eqx.filter_jit
def _neural_run(
    model: GenerativeModel,
    events: Events,
    ratio: Ratio,
    delay: int,
    *,
    chunks: dict[str, Any],
    learnt: dict[str, bool],
) -> NeuralRun:
    network = network_of(model)
    wired = wiring(network, ratio, **learnt)
    potentials, outputs = run_network(wired, events.observations, delay=delay)
    rates = firing_rate(potentials)
    previous = delayed(rates, jnp.asarray(0.5, rates.dtype), delay)
    firing = Firing(events.observations, rates, previous, events.decisions, events.risk)
    after = adapt(network, firing, **chunks, **learnt)
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
