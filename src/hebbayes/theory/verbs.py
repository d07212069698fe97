"""Verbs for a model or its network and the observations of a run, time-first.

    believe, free_energy, learn      of a generative model (docs/theory.md eqs. 2, 1, 3)
    activity, cost, adapt            of a network (eqs. 4, 5, 6)

Every verb checks shapes and values at its entry, starts from undecided states (rates of 1/2), reads
the states of ``delay`` steps before and uses the network's own expectation of logarithms by
default.  The functions behind them take expected logarithms or wiring, and start anywhere.
"""

from typing import TYPE_CHECKING

import jax.numpy as jnp
from jax import Array
from jaxtyping import Float

from hebbayes.core.checks import check_between, check_shape
from hebbayes.core.counts import Ratio, log_ratio
from hebbayes.core.errors import ShapeError
from hebbayes.core.scan import delayed
from hebbayes.theory import cost as network_cost
from hebbayes.theory import free_energy as energy
from hebbayes.theory import learning, plasticity
from hebbayes.theory.generative_model import ExpectedLogs, GenerativeModel, expected_logs
from hebbayes.theory.inference import Beliefs, infer_trajectory
from hebbayes.theory.network import Network, firing_rate, run_network, wiring

if TYPE_CHECKING:
    from hebbayes.core.arrays import ArrayLike


def believe(
    model: GenerativeModel,
    observations: "ArrayLike",
    *,
    ratio: Ratio = log_ratio,
    delay: int = 1,
) -> Beliefs:
    """Return the posterior of states (and decisions) at every step, given the steps up to it.

    Raises `ShapeError` unless ``observations`` has shape (time, n_outcomes), `ValueRangeError`
    unless they lie in [0, 1]; so do the other verbs.

    Example:
        >>> from hebbayes.theory.generative_model import flat_model
        >>> believe(flat_model(3, 2, 4), jnp.ones((5, 3)))
        Beliefs(states (5, 2), decisions (5, 4))
    """
    logs = expected_logs(model, ratio)
    return infer_trajectory(logs, _observed(observations, logs), delay=delay)


def activity(
    network: Network,
    observations: "ArrayLike",
    *,
    risk: "ArrayLike | None" = None,
    ratio: Ratio = log_ratio,
    delay: int = 1,
) -> network_cost.Activity:
    """Return the activity of both layers at every step, settled to its fixed point.

    ``risk``, the neuromodulator, does not change activity; `cost` reads it.
    Raises `ShapeError` unless ``observations`` has shape (time, n_inputs).

    Example:
        >>> from hebbayes.theory.equivalence import network_of
        >>> from hebbayes.theory.generative_model import flat_model
        >>> activity(network_of(flat_model(3, 2, 4)), jnp.ones((5, 3)))
        Activity(rates (5, 2), output_rates (5, 4))
    """
    wired = wiring(network, ratio)
    wanted = ("time", network.n_inputs)
    inputs = _rows("observations", observations, wanted, wired.state_threshold_factor)
    potentials, outputs = run_network(wired, inputs, delay=delay)
    rates = firing_rate(potentials)
    previous = delayed(rates, jnp.asarray(0.5, rates.dtype), delay)
    return network_cost.Activity(potentials, inputs, previous, outputs, _risk(risk, inputs))


def free_energy(
    model: GenerativeModel,
    observations: "ArrayLike",
    *,
    risk: "ArrayLike | None" = None,
    ratio: Ratio = log_ratio,
    delay: int = 1,
) -> energy.FreeEnergy:
    """Return the variational free energy of every step in parts, nats; ``.total`` is their sum.

    ``risk``, 0 by default, is that of each step's decision.
    Raises `ShapeError` unless ``observations`` has shape (time, n_outcomes), ``risk`` (time,).

    Example:
        >>> from hebbayes.theory.generative_model import flat_model
        >>> parts = free_energy(flat_model(3, 2), jnp.ones((5, 3)))
        >>> (parts.total / jnp.log(2)).round(3).tolist()
        [6.0, 6.0, 6.0, 6.0, 6.0]
    """
    logs = expected_logs(model, ratio)
    outcomes = _observed(observations, logs)
    beliefs = infer_trajectory(logs, outcomes, delay=delay)
    gamma = _risk(risk, outcomes)
    previous = _states(beliefs, delay)[1]
    return energy.free_energy(logs, beliefs, outcomes, previous, 0.0 if gamma is None else gamma)


def cost(
    network: Network,
    observations: "ArrayLike",
    *,
    risk: "ArrayLike | None" = None,
    ratio: Ratio = log_ratio,
    delay: int = 1,
) -> Float[Array, " time"]:
    """Return the network's own cost of every step, nats, from neural variables only.

    Raises `ShapeError` unless ``observations`` has shape (time, n_inputs), ``risk`` (time,).

    Example:
        >>> from hebbayes.theory.equivalence import network_of
        >>> from hebbayes.theory.generative_model import flat_model
        >>> (cost(network_of(flat_model(3, 2)), jnp.ones((5, 3))) / jnp.log(2)).round(3).tolist()
        [6.0, 6.0, 6.0, 6.0, 6.0]
    """
    active = activity(network, observations, risk=risk, ratio=ratio, delay=delay)
    return network_cost.cost(wiring(network, ratio), active)


def learn(
    model: GenerativeModel,
    observations: "ArrayLike",
    *,
    decisions: "ArrayLike | None" = None,
    risk: "ArrayLike | None" = None,
    ratio: Ratio = log_ratio,
    delay: int = 1,
    chunk_length: int | None = None,
) -> GenerativeModel:
    """Return ``model`` after learning from a run: its own beliefs, and the decisions taken.

    ``decisions`` (time, n_decisions) is one-hot or holds soft labels; ``risk`` (time,) is that of
    each decision.
    Raises `ShapeError` for anything of another shape.

    Example:
        >>> from hebbayes.theory.generative_model import flat_model
        >>> learnt = learn(flat_model(3, 2), jnp.ones((5, 3)))
        >>> learnt.likelihood.evidence[0, 0].tolist()
        [[2.5, 2.5], [2.5, 2.5], [2.5, 2.5]]
    """
    logs = expected_logs(model, ratio)
    outcomes = _observed(observations, logs)
    beliefs = infer_trajectory(logs, outcomes, delay=delay)
    taken, gamma = _taken(decisions, risk, outcomes, model.n_decisions)
    experience = learning.Experience(outcomes, *_states(beliefs, delay), taken, gamma)
    return learning.learn(model, experience, chunk_length=chunk_length)


def adapt(
    network: Network,
    observations: "ArrayLike",
    *,
    decisions: "ArrayLike | None" = None,
    risk: "ArrayLike | None" = None,
    ratio: Ratio = log_ratio,
    delay: int = 1,
    chunk_length: int | None = None,
) -> Network:
    """Return ``network`` after the plasticity of a run, driven by its own activity.

    ``decisions`` (time, n_outputs) is one-hot: the output units that fired; ``risk`` (time,) is the
    neuromodulator.  Raises `ShapeError` for anything of another shape.

    Example:
        >>> from hebbayes.theory.equivalence import network_of
        >>> from hebbayes.theory.generative_model import flat_model
        >>> adapt(network_of(flat_model(3, 2)), jnp.ones((5, 3))).sensory.hebb.evidence[0].tolist()
        [[2.5, 2.5, 2.5], [2.5, 2.5, 2.5]]
    """
    active = activity(network, observations, ratio=ratio, delay=delay)
    fired, gamma = _taken(decisions, risk, active.inputs, network.n_outputs)
    firing = plasticity.Firing(active.inputs, active.rates, active.previous_rates, fired, gamma)
    return plasticity.adapt(network, firing, chunk_length=chunk_length)


def _observed(observations: "ArrayLike", logs: ExpectedLogs) -> Array:
    wanted = ("time", logs.likelihood.shape[-2])
    return _rows("observations", observations, wanted, logs.state_prior)


def _rows(name: str, values: "ArrayLike", wanted: tuple[int | str, ...], like: Array) -> Array:
    check_shape(name, values, wanted)
    check_between(name, values, 0, 1)
    return jnp.asarray(values, like.dtype)


def _risk(values: "ArrayLike | None", beside: Array) -> Array | None:
    return None if values is None else _rows("risk", values, beside.shape[:1], beside)


def _taken(
    decisions: "ArrayLike | None", risk: "ArrayLike | None", beside: Array, n_decisions: int
) -> tuple[Array | None, Array | None]:
    if (decisions is None) != (risk is None):
        raise ShapeError("decisions and risk come together: give both or neither.")
    if decisions is None:
        return None, None
    wanted = (beside.shape[0], n_decisions)
    return _rows("decisions", decisions, wanted, beside), _risk(risk, beside)


def _states(beliefs: Beliefs, delay: int) -> tuple[Array, Array]:
    """Return state probabilities, and those of ``delay`` steps before."""
    states = jnp.exp(beliefs.log_states)
    return states, delayed(states, jnp.asarray(0.5, states.dtype), delay)
