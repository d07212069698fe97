"""The certificate that a network of softmax units and a categorical POMDP are one system.

Both sides start from the same counts and see the same events.  The rows compare the cost L with
the free energy F, firing with posteriors, gradients of L with counts learnt, thresholds with the
log posteriors of a silent world, and the network with itself by way of the model.
"""

from collections.abc import Callable
from typing import TypeAlias

import equinox as eqx
import jax
import jax.numpy as jnp
from jax import Array

from hebbayes.core.counts import Counts, Ratio, log_ratio, total
from hebbayes.core.scan import delayed, scan_time
from hebbayes.theory.categorical import model as bayes
from hebbayes.theory.categorical import network as neural
from hebbayes.theory.categorical.groups import copy_to_groups, log_softmax_groups, sum_groups
from hebbayes.theory.certificate.certificate import Certificate, Claim, default_tolerance
from hebbayes.theory.certificate.measure import discrepancy, worst

_Sizes: TypeAlias = tuple[int, ...]


class _Sides(eqx.Module):
    """A run seen from both sides.

    Attributes:
        model: The model before the run.
        network: The network before the run.
        learnt: The model after it.
        adapted: The network after it.
        events: What happened.
        rates: (time, units), firing of the middle layer.
        previous_rates: (time, units), the same, one step earlier.
        potentials: Potentials of both layers.
        log_posteriors: Log posteriors of states and of decisions.
    """

    model: bayes.CategoricalModel
    network: neural.GroupNetwork
    learnt: bayes.CategoricalModel
    adapted: neural.GroupNetwork
    events: bayes.CategoricalEvents
    rates: Array
    previous_rates: Array
    potentials: tuple[Array, Array]
    log_posteriors: tuple[Array, Array]


def network_of_categories(model: bayes.CategoricalModel) -> neural.GroupNetwork:
    """Return the network whose Hebb and Home are the model's counts.

    Example:
        >>> from hebbayes.theory.categorical.model import Factors, flat_categorical_model
        >>> network = network_of_categories(flat_categorical_model(Factors((3,), (2,), (4,))))
        >>> network.sensory.home.prior.tolist()
        [[3.0], [3.0]]
    """
    factors = model.factors

    def synapses(table: Counts, sizes: _Sizes) -> neural.GroupSynapses:
        hebb = Counts(table.prior.T, table.evidence.T)
        home = Counts(sum_groups(hebb.prior, sizes), sum_groups(hebb.evidence, sizes))
        return neural.GroupSynapses(hebb, home)

    return neural.GroupNetwork(
        factors,
        synapses(model.likelihood, factors.outcomes),
        synapses(model.transition, factors.states),
        synapses(model.policy, factors.states),
        model.state_prior,
        model.decision_prior,
    )


def model_of_groups(network: neural.GroupNetwork) -> bayes.CategoricalModel:
    """Return the model whose counts are the network's; the reference's count is what Home leaves.

    Example:
        >>> from hebbayes.theory.categorical.model import Factors, flat_categorical_model
        >>> model = flat_categorical_model(Factors((3,), (2,), (4,)))
        >>> again = model_of_groups(network_of_categories(model))
        >>> bool((again.policy.prior == model.policy.prior).all())
        True
    """
    factors = network.factors

    def table(synapses: neural.GroupSynapses, sizes: _Sizes) -> Counts:
        last = jnp.array([sum(sizes[: g + 1]) - 1 for g in range(len(sizes))])

        def whole(hebb: Array, home: Array) -> Array:
            others = sum_groups(hebb.at[:, last].set(0), sizes)
            return hebb.at[:, last].set(home - others).T

        hebb, home = synapses.hebb, synapses.home
        return Counts(whole(hebb.prior, home.prior), whole(hebb.evidence, home.evidence))

    return bayes.CategoricalModel(
        factors,
        table(network.sensory, factors.outcomes),
        table(network.recurrent, factors.states),
        table(network.output, factors.states),
        network.state_firing,
        network.decision_firing,
    )


def certify_categories(
    model: bayes.CategoricalModel,
    events: bayes.CategoricalEvents,
    ratio: Ratio = log_ratio,
    *,
    damage: str | None = None,
    tolerance: float | None = None,
) -> Certificate:
    """Return the certificate of a run of ``model`` through ``events``; it learns at the end.

    ``damage`` names a row; what the row watches on the network's side is then off by a tenth.

    Example:
        >>> from hebbayes.theory.categorical.certificate import example_events
        >>> from hebbayes.theory.categorical.model import Factors, flat_categorical_model
        >>> model = flat_categorical_model(Factors((2,), (3, 2), (4,)), count=20.0)
        >>> rows = certify_categories(model, example_events(model.factors), tolerance=1e-4).claims
        >>> [row.holds for row in rows if row.name in ("free_energy", "state_inference")]
        [True, True]
    """
    if tolerance is None:
        tolerance = default_tolerance(model.likelihood.prior.dtype)
    gaps = _discrepancies(model, events, ratio, damage)
    return Certificate(tuple(Claim(name, float(gap), tolerance) for name, gap in gaps.items()))


def example_events(
    factors: bayes.Factors, n_steps: int = 12, *, seed: int = 0
) -> bayes.CategoricalEvents:
    """Return random events with a random risk at every step, to certify a model with.

    Example:
        >>> example_events(bayes.Factors((2,), (3,), (2,)), 4).observations.shape
        (4, 2)
    """
    keys = jax.random.split(jax.random.key(seed), 3)
    observations, decisions = (
        jnp.concatenate(
            [
                jax.nn.one_hot(jax.random.randint(jax.random.fold_in(key, g), (n_steps,), 0, m), m)
                for g, m in enumerate(sizes)
            ],
            -1,
        )
        for key, sizes in ((keys[0], factors.outcomes), (keys[1], factors.decisions))
    )
    return bayes.CategoricalEvents(observations, decisions, jax.random.uniform(keys[2], (n_steps,)))


@eqx.filter_jit
def _discrepancies(
    model: bayes.CategoricalModel,
    events: bayes.CategoricalEvents,
    ratio: Ratio,
    damage: str | None,
) -> dict[str, Array]:
    logs = bayes.categorical_logs(model, ratio)
    wired = neural.group_wiring(network_of_categories(model), ratio)
    run = _run(model, events, logs, wired)
    if damage is not None:
        run, wired = _damaged(run, wired, damage)
    return {
        "free_energy": _free_energy_gap(run, logs, wired),
        "state_inference": _state_gap(run, wired),
        "decision_inference": _decision_gap(run, wired),
        **{name: _plasticity_gap(name, run, wired, ratio) for name in _PLASTIC},
        "thresholds": _threshold_gap(run, logs, wired),
        "round_trip": _same(run.model, model_of_groups(run.network)),
    }


def _run(
    model: bayes.CategoricalModel,
    events: bayes.CategoricalEvents,
    logs: bayes.CategoricalLogs,
    wired: neural.GroupWiring,
) -> _Sides:
    """Both sides, each with its own recursion from undecided states."""
    factors, network = model.factors, network_of_categories(model)
    sizes = factors.states
    undecided = log_softmax_groups(jnp.zeros_like(model.state_prior.prior), sizes)

    def infer(log_states: Array, observation: Array) -> tuple[Array, tuple[Array, ...]]:
        states, decisions = bayes.infer_categories(logs, factors, observation, jnp.exp(log_states))
        return states, (states, decisions)

    def spike(potentials: Array, inputs: Array) -> tuple[Array, tuple[Array, ...]]:
        rates = jnp.exp(log_softmax_groups(potentials, sizes))
        middle, output = neural.fire(wired, factors, inputs, rates)
        return middle, (middle, output)

    log_posteriors = scan_time(infer, undecided, events.observations)[1]
    potentials = scan_time(spike, undecided, events.observations)[1]
    states, rates = jnp.exp(log_posteriors[0]), jnp.exp(log_softmax_groups(potentials[0], sizes))
    before = jnp.exp(undecided)
    learnt = bayes.learn_categories(model, events, states, delayed(states, before))
    previous = delayed(rates, before)
    adapted = neural.adapt_groups(network, events, rates, previous)
    return _Sides(
        model, network, learnt, adapted, events, rates, previous, potentials, log_posteriors
    )


def _damaged(run: _Sides, wired: neural.GroupWiring, row: str) -> tuple[_Sides, neural.GroupWiring]:
    """Return the run with what ``row`` watches, on the network's side, off by a tenth."""
    places = {
        "state_inference": lambda r: r.potentials[0],
        "decision_inference": lambda r: r.potentials[1],
        "sensory_plasticity": lambda r: r.adapted.sensory.hebb.evidence,
        "recurrent_plasticity": lambda r: r.adapted.recurrent.hebb.evidence,
        "output_plasticity": lambda r: r.adapted.output.hebb.evidence,
        "state_factor_plasticity": lambda r: r.adapted.state_firing.evidence,
        "decision_factor_plasticity": lambda r: r.adapted.decision_firing.evidence,
        "round_trip": lambda r: r.network.sensory.home.prior,
    }
    if row == "thresholds":
        return run, eqx.tree_at(lambda w: w.sensory[1], wired, replace_fn=lambda n: n * 1.1)
    if row == "free_energy":
        return run, eqx.tree_at(lambda w: w.decision_factor, wired, replace_fn=lambda n: n * 1.1)
    return eqx.tree_at(places[row], run, replace_fn=lambda values: values * 1.1), wired


def _free_energy_gap(run: _Sides, logs: bayes.CategoricalLogs, wired: neural.GroupWiring) -> Array:
    """L and F at the expectation of decisions, and at the (soft) labels that were recorded."""
    factors, events = run.model.factors, run.events
    states, decisions = run.log_posteriors
    remembered = jnp.asarray(events.kept) * run.previous_rates
    of_middle = neural.middle_group_cost(
        wired, factors, run.potentials[0], events.observations, run.previous_rates
    )
    before = delayed(jnp.exp(states), run.previous_rates[0])
    gaps = []
    for expectation, potentials in (
        (decisions, run.potentials[1]),
        (jnp.log(events.decisions), jnp.log(events.decisions)),
    ):
        of_output = neural.output_group_cost(wired, factors, potentials, remembered, events.risk)
        free = bayes.categorical_free_energy(logs, events, states, expectation, before)
        gaps.append(discrepancy(of_middle + of_output, free))
    return worst(*gaps)


def _stationary(slope: Array, potentials: Array, sizes: _Sizes) -> tuple[Array, Array]:
    """Return ln x, and ln x where the cost is stationary: v - (dL/dv) / x, one group at a time."""
    ln_x = log_softmax_groups(potentials, sizes)
    return ln_x, log_softmax_groups(potentials - slope / jnp.exp(ln_x), sizes)


def _state_gap(run: _Sides, wired: neural.GroupWiring) -> Array:
    factors, inputs = run.model.factors, run.events.observations

    def energy(potentials: Array) -> Array:
        return neural.middle_group_cost(
            wired, factors, potentials, inputs, run.previous_rates
        ).sum()

    slope = jax.grad(energy)(run.potentials[0])
    fired, stationary = _stationary(slope, run.potentials[0], factors.states)
    return worst(discrepancy(fired, run.log_posteriors[0]), discrepancy(fired, stationary))


def _decision_gap(run: _Sides, wired: neural.GroupWiring) -> Array:
    factors, unknown = run.model.factors, jnp.zeros_like(run.events.risk)

    def energy(potentials: Array) -> Array:
        return neural.output_group_cost(
            wired, factors, potentials, run.previous_rates, unknown
        ).sum()

    slope = jax.grad(energy)(run.potentials[1])
    fired, stationary = _stationary(slope, run.potentials[1], factors.decisions)
    return worst(discrepancy(fired, run.log_posteriors[1]), discrepancy(fired, stationary))


_PLASTIC = {
    "sensory_plasticity": ("sensory", "likelihood"),
    "recurrent_plasticity": ("recurrent", "transition"),
    "output_plasticity": ("output", "policy"),
    "state_factor_plasticity": ("state_firing", "state_prior"),
    "decision_factor_plasticity": ("decision_firing", "decision_prior"),
}


def _plasticity_gap(name: str, run: _Sides, wired: neural.GroupWiring, ratio: Ratio) -> Array:
    """The gradient of L beside the counts learnt, and both sides' counts after learning."""
    part, table = _PLASTIC[name]
    before, after = getattr(run.model, table), getattr(run.learnt, table)
    reached = getattr(run.adapted, part)
    faded = before
    if table == "policy":
        share = jnp.broadcast_to(jnp.asarray(run.events.prior_kept), before.prior.shape[:1])
        faded = Counts(share[:, None] * before.prior, share[:, None] * before.evidence)
    if isinstance(reached, Counts):
        gained = after.evidence - before.evidence
        slope = jax.grad(lambda phi: _factor_cost(part, phi, run, wired))(jnp.zeros_like(gained))
        return worst(discrepancy(-slope, gained), discrepancy(reached.evidence, after.evidence))
    gained = (total(after) - total(faded)).T
    sizes = run.model.factors.outcomes if part == "sensory" else run.model.factors.states
    hebb = total(reached.hebb)
    gaps = [discrepancy(hebb, total(after).T)]
    gaps.append(discrepancy(total(reached.home), sum_groups(total(after).T, sizes)))
    energy = _synapse_cost(part, run, wired)
    if ratio is not log_ratio:  # thresholds are no functions of the weights: use the logarithms
        logs = bayes.expected_categorical_log(before, sizes, ratio).T
        none = jnp.zeros_like(getattr(wired, part)[1])
        return worst(*gaps, discrepancy(-jax.grad(energy)(logs, none), gained))

    def of_weights(weights: Array) -> Array:
        return energy(weights, neural.log_partition(weights, sizes))

    weights = getattr(wired, part)[0]
    velocity = neural.group_velocity(weights, gained, sum_groups(gained, sizes), sizes)
    gaps.append(discrepancy(-jax.grad(of_weights)(weights), velocity))
    return worst(*gaps, _rest_gap(of_weights, hebb, total(faded).T, sizes))


def _rest_gap(
    of_weights: Callable[[Array], Array], hebb: Array, prior: Array, sizes: _Sizes
) -> Array:
    """How far the counts reached are from where L - prior.lnA is stationary, as shares of Home."""
    reached = jnp.log(hebb)

    def regularised(weights: Array) -> Array:
        return of_weights(weights) - (prior * log_softmax_groups(weights, sizes)).sum()

    mean = jnp.exp(log_softmax_groups(reached, sizes))
    home = copy_to_groups(sum_groups(hebb, sizes), sizes)
    return discrepancy(mean - jax.grad(regularised)(reached) / home, mean)


def _synapse_cost(
    part: str, run: _Sides, wired: neural.GroupWiring
) -> Callable[[Array, Array], Array]:
    """The summed cost as a function of one projection; the output layer fires as it was taken."""
    factors, events = run.model.factors, run.events

    def energy(weights: Array, normaliser: Array) -> Array:
        moved = eqx.tree_at(lambda w: getattr(w, part), wired, (weights, normaliser))
        if part != "output":
            return neural.middle_group_cost(
                moved, factors, run.potentials[0], events.observations, run.previous_rates
            ).sum()
        remembered = jnp.asarray(events.kept) * run.previous_rates
        taken = jnp.log(events.decisions)
        return neural.output_group_cost(moved, factors, taken, remembered, events.risk).sum()

    return energy


def _factor_cost(part: str, shift: Array, run: _Sides, wired: neural.GroupWiring) -> Array:
    """The summed cost with one layer's threshold factors shifted."""
    factors, events = run.model.factors, run.events
    if part == "state_firing":
        moved = eqx.tree_at(lambda w: w.state_factor, wired, replace_fn=lambda phi: phi + shift)
        return neural.middle_group_cost(
            moved, factors, run.potentials[0], events.observations, run.previous_rates
        ).sum()
    moved = eqx.tree_at(lambda w: w.decision_factor, wired, replace_fn=lambda psi: psi + shift)
    return neural.output_group_cost(
        moved, factors, jnp.log(events.decisions), run.previous_rates, events.risk
    ).sum()


def _threshold_gap(run: _Sides, logs: bayes.CategoricalLogs, wired: neural.GroupWiring) -> Array:
    """Threshold plus the reference's silent wires, beside the log posterior of a silent world.

    The reference of every input group is on; its weight is zero, so thresholds alone are left.
    """
    factors = run.model.factors
    last = {
        name: jnp.array([sum(sizes[: g + 1]) - 1 for g in range(len(sizes))])
        for name, sizes in (("outcomes", factors.outcomes), ("states", factors.states))
    }
    middle = wired.sensory[1].sum(1) + wired.recurrent[1].sum(1) + wired.state_factor
    silent = logs.likelihood[last["outcomes"]].sum(0) + logs.transition[last["states"]].sum(0)
    output = wired.output[1].sum(1) + wired.decision_factor
    undecided = logs.policy[last["states"]].sum(0) + logs.decision_prior
    return worst(discrepancy(middle, silent + logs.state_prior), discrepancy(output, undecided))


def _same(first: bayes.CategoricalModel, second: bayes.CategoricalModel) -> Array:
    pairs = zip(jax.tree.leaves(first), jax.tree.leaves(second), strict=True)
    return worst(*(discrepancy(a, b) for a, b in pairs))
