"""Certificate of equivalence of one run, seen as a network and as a Bayesian agent.

Each row evaluates one claim of the dictionary (docs/theory.md section 4) by two separate routes:
the network's cost L, differentiated automatically, against the Bayesian update; values against
values.  A discrepancy is max|a - b| / max(|a|, |b|).  `damage` perturbs one quantity of the network
to show that the right rows, and only those, break.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import equinox as eqx
import jax.numpy as jnp
from jax import Array

from hebbayes.core.counts import Ratio, log_ratio
from hebbayes.theory.certificate import rows
from hebbayes.theory.certificate.runs import PROJECTIONS, BayesianRun, NeuralRun
from hebbayes.theory.cost import Activity
from hebbayes.theory.equivalence import network_of
from hebbayes.theory.generative_model import GenerativeModel, expected_logs, flat_model
from hebbayes.theory.inference import infer_trajectory, undecided
from hebbayes.theory.learning import Experience, learn
from hebbayes.theory.network import Wiring, firing_rate, run_network, wiring
from hebbayes.theory.plasticity import Firing, adapt


@dataclass(frozen=True)
class Row:
    """One claim: its largest discrepancy between both routes, and whether that is tolerable."""

    name: str
    discrepancy: float
    tolerance: float

    @property
    def holds(self) -> bool:
        """True where the discrepancy is a number within the tolerance."""
        return self.discrepancy <= self.tolerance


@dataclass(frozen=True)
class Certificate:
    """All rows of one run."""

    rows: tuple[Row, ...]

    @property
    def holds(self) -> bool:
        """True where every row holds."""
        return all(row.holds for row in self.rows)

    @property
    def broken(self) -> tuple[str, ...]:
        """Names of the rows that do not hold."""
        return tuple(row.name for row in self.rows if not row.holds)

    @property
    def worst(self) -> float:
        """The largest discrepancy of all rows."""
        return max(row.discrepancy for row in self.rows)


class Events(eqx.Module):
    """What happened to the agent, the same for both readings, time-first.

    ``decisions`` are one-hot, the decisions taken; ``risk`` is that of each of them.
    """

    observations: Array
    decisions: Array | None = None
    risk: Array | None = None


@eqx.filter_jit
def bayesian_run(
    model: GenerativeModel,
    events: Events,
    ratio: Ratio,
    *,
    chunk_length: int | None = None,
    policy_floor: float = 1.0,
) -> BayesianRun:
    """Return the run as the generative model has it: beliefs and the model after learning.

    Example:
        >>> from hebbayes.core.counts import log_ratio
        >>> from hebbayes.theory.generative_model import flat_model
        >>> run = bayesian_run(flat_model(3, 2), Events(jnp.ones((5, 3))), log_ratio)
        >>> run.beliefs.state.shape
        (5, 2, 2)
    """
    logs = expected_logs(model, ratio)
    start = undecided(model.n_states, logs.state_prior.dtype)
    beliefs = infer_trajectory(logs, events.observations, start)
    states = jnp.exp(beliefs.state)
    previous = jnp.concatenate([start[None], states[:-1]])
    experience = Experience(events.observations, states, previous, events.decisions, events.risk)
    after = learn(model, experience, chunk_length=chunk_length, policy_floor=policy_floor)
    return BayesianRun(logs, model, after, beliefs, experience)


@eqx.filter_jit
def neural_run(
    model: GenerativeModel,
    events: Events,
    ratio: Ratio,
    *,
    chunk_length: int | None = None,
    policy_floor: float = 1.0,
) -> NeuralRun:
    """Return the run as the network has it: activity and the network after plasticity.

    Example:
        >>> from hebbayes.core.counts import log_ratio
        >>> from hebbayes.theory.generative_model import flat_model
        >>> run = neural_run(flat_model(3, 2), Events(jnp.ones((5, 3))), log_ratio)
        >>> run.activity.potentials.shape
        (5, 2)
    """
    network = network_of(model)
    potentials, outputs = run_network(wiring(network, ratio), events.observations)
    rates = firing_rate(potentials)
    previous = jnp.concatenate([jnp.full_like(rates[:1], 0.5), rates[:-1]])
    firing = Firing(events.observations, rates, previous, events.decisions, events.risk)
    after = adapt(network, firing, chunk_length=chunk_length, output_floor=policy_floor)
    activity = Activity(potentials, events.observations, previous, outputs, events.risk)
    return NeuralRun(network, after, activity, firing)


def certify_run(
    bayesian: BayesianRun,
    neural: NeuralRun,
    ratio: Ratio,
    *,
    tolerance: float,
    chunk_length: int | None = None,
    policy_floor: float = 1.0,
) -> Certificate:
    """Return the certificate of a run; rows that the run's model lacks are left out.

    ``ratio`` is the expectation that both runs used; ``tolerance`` is 1e-10 for float64, 1e-4 for
    float32.

    Example:
        >>> from hebbayes.core.counts import log_ratio, without_evidence
        >>> from hebbayes.theory.generative_model import prior_counts
        >>> counts = without_evidence(jnp.array([3.0, 2.0, 1.0, 5.0]).reshape(2, 2, 1, 1))
        >>> model = GenerativeModel(counts, prior_counts(jnp.array([0.3])))
        >>> events = Events(jnp.array([[1.0], [0.0], [1.0]]))
        >>> runs = (build(model, events, log_ratio) for build in (bayesian_run, neural_run))
        >>> certify_run(*runs, log_ratio, tolerance=1e-4).holds
        True
    """
    wired = eqx.filter_jit(wiring)(neural.before, ratio)
    found = discrepancies(bayesian, neural, wired, ratio, (chunk_length, policy_floor))
    names = (name for name in ROW_NAMES if name in found)
    return Certificate(tuple(Row(name, float(found[name]), tolerance) for name in names))


@eqx.filter_jit
def discrepancies(
    bayesian: BayesianRun,
    neural: NeuralRun,
    wired: Wiring,
    ratio: Ratio,
    chunks: tuple[int | None, float],
) -> dict[str, Array]:
    """Return row -> discrepancy, compiled once per shape; ``chunks`` is (length, policy floor).

    Example:
        >>> bayesian, neural = example_runs()
        >>> wired = wiring(neural.before, log_ratio)
        >>> sorted(discrepancies(bayesian, neural, wired, log_ratio, (None, 1.0)))[:2]
        ['decision_inference', 'free_energy']
    """
    is_log = rows.is_weight_ratio(ratio)
    found: dict[str, Array] = {
        "free_energy": rows.free_energy_row(bayesian, neural, wired),
        "state_inference": rows.state_row(bayesian, neural, wired),
    }
    if neural.before.output is not None:
        found["decision_inference"] = rows.decision_row(bayesian, neural, wired)
    floored = rows.floored_entries(bayesian, *chunks)
    for name, projection in PROJECTIONS.items():
        if getattr(neural.before, projection.synapses) is not None:
            row = rows.weight_row if is_log else rows.count_row
            excluded = floored if projection.synapses == "output" else None
            found[name] = row(projection, bayesian, neural, wired, ratio=ratio, excluded=excluded)
    found["thresholds"] = rows.threshold_row(bayesian, wired)
    found["round_trip"] = rows.round_trip_row(bayesian, neural)
    return found


def example_runs() -> tuple[BayesianRun, NeuralRun]:
    """Return both readings of a short run of a small flat model, for examples.

    Example:
        >>> bayesian, neural = example_runs()
        >>> bool(jnp.allclose(jnp.exp(bayesian.beliefs.state[:, 0]), neural.firing.rates))
        True
    """
    events = Events(jnp.eye(3), decisions=jnp.eye(3), risk=jnp.array([0.0, 0.45, 0.55]))
    model = flat_model(3, 2, 3)
    return bayesian_run(model, events, log_ratio), neural_run(model, events, log_ratio)


def row_names(model: GenerativeModel) -> tuple[str, ...]:
    """Return the names of the rows that a model has, in order.

    Example:
        >>> from hebbayes.core.counts import without_evidence
        >>> from hebbayes.theory.generative_model import prior_counts
        >>> model = GenerativeModel(without_evidence(jnp.ones((2, 2, 1, 1))),
        ...                         prior_counts(jnp.array([0.3])))
        >>> row_names(model)
        ('free_energy', 'state_inference', 'sensory_plasticity', 'thresholds', 'round_trip')
    """
    has = {
        "decision_inference": model.policy is not None,
        "recurrent_plasticity": model.transition is not None,
        "output_plasticity": model.policy is not None,
    }
    return tuple(name for name in ROW_NAMES if has.get(name, True))


ROW_NAMES: Sequence[str] = (
    "free_energy",
    "state_inference",
    "decision_inference",
    "sensory_plasticity",
    "recurrent_plasticity",
    "output_plasticity",
    "thresholds",
    "round_trip",
)
