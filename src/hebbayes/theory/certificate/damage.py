"""Deliberate damage to one quantity of a network, to show that a certificate can fail.

Every row of a certificate has one damage, applied on the network's side after the run.  `BREAKS`
and `BREAKS_ONE_LAYER` say which rows it must break; all others must keep holding.
"""

from collections.abc import Callable, Mapping
from functools import partial

import equinox as eqx
from jax import Array

from hebbayes.core.arrays import ON
from hebbayes.core.counts import Counts
from hebbayes.core.errors import ValueRangeError
from hebbayes.theory.certificate.runs import SHARED_COUNTS, NeuralRun, SharedCounts

BREAKS: Mapping[str, tuple[str, ...]] = {
    "free_energy": ("free_energy", "output_plasticity"),
    "state_inference": (
        "free_energy",
        "state_inference",
        "sensory_plasticity",
        "recurrent_plasticity",
        "state_factor_plasticity",
    ),
    "decision_inference": ("free_energy", "decision_inference"),
    "sensory_plasticity": ("sensory_plasticity",),
    "recurrent_plasticity": ("recurrent_plasticity",),
    "output_plasticity": ("output_plasticity",),
    "state_factor_plasticity": ("state_factor_plasticity",),
    "decision_factor_plasticity": ("decision_factor_plasticity",),
    "thresholds": ("free_energy", "state_inference", "thresholds", "round_trip"),
    "round_trip": ("round_trip",),
}
"""Damaged row -> rows that break, for a network with recurrent and output synapses."""

BREAKS_ONE_LAYER: Mapping[str, tuple[str, ...]] = {
    "free_energy": ("free_energy", "state_inference", "sensory_plasticity"),
    "state_inference": (
        "free_energy",
        "state_inference",
        "sensory_plasticity",
        "state_factor_plasticity",
    ),
    "sensory_plasticity": ("sensory_plasticity",),
    "state_factor_plasticity": ("state_factor_plasticity",),
    "thresholds": ("free_energy", "state_inference", "thresholds", "round_trip"),
    "round_trip": ("round_trip",),
}
"""The same for a network of one layer without recurrence, which has no modulator to damage."""


def damage(neural: NeuralRun, row: str) -> NeuralRun:
    """Return the run with the quantity damaged that ``row`` watches.

    free_energy: the modulator that the cost reads, +0.3 (one layer: input 0, inverted).
    state_inference: the sign of unit 0's potential.  decision_inference: output potentials, +3.
    sensory_, recurrent_, output_plasticity: Hebb after plasticity, +10 %.
    state_, decision_factor_plasticity: firing counts after plasticity, +10 % and 1.
    thresholds: firing counts behind phi1, tripled.  round_trip: an eighth of W's prior counts is
    moved to the evidence, which no activity notices.

    Raises `ValueRangeError` for a row that this run does not have.

    Example:
        >>> from hebbayes.theory.certificate.runs import example_runs
        >>> bayesian, neural = example_runs()
        >>> float(damage(neural, 'free_energy').activity.risk[0])
        0.3...
    """
    damages: dict[str, Callable[[NeuralRun], NeuralRun]] = {
        "free_energy": _damage_inputs if neural.before.output is None else _damage_modulator,
        "state_inference": _damage_potential,
        "thresholds": _damage_threshold_factor,
        "round_trip": _damage_split,
    }
    if neural.before.output is not None:
        damages["decision_inference"] = _damage_output
    for name, shared in SHARED_COUNTS.items():
        if getattr(neural.before, shared.part) is not None:
            damages[name] = partial(_damage_gain, shared)
    if row not in damages:
        raise ValueRangeError(
            f"there is no row {row!r} to perturb in this run; choose from {', '.join(damages)}."
        )
    return damages[row](neural)


def _damage_modulator(neural: NeuralRun) -> NeuralRun:
    risk = neural.activity.risk
    assert risk is not None
    return eqx.tree_at(lambda run: run.activity.risk, neural, risk + 0.3)


def _damage_inputs(neural: NeuralRun) -> NeuralRun:
    flipped = neural.activity.inputs.at[:, 0].multiply(-1).at[:, 0].add(1)
    return eqx.tree_at(lambda run: run.activity.inputs, neural, flipped)


def _damage_potential(neural: NeuralRun) -> NeuralRun:
    potentials = neural.activity.potentials
    flipped = potentials.at[:, 0].multiply(-1)
    return eqx.tree_at(lambda run: run.activity.potentials, neural, flipped)


def _damage_output(neural: NeuralRun) -> NeuralRun:
    potentials = neural.activity.output_potentials
    assert potentials is not None
    return eqx.tree_at(lambda run: run.activity.output_potentials, neural, potentials + 3)


def _damage_gain(shared: SharedCounts, neural: NeuralRun) -> NeuralRun:
    extra = 1 if shared.is_factor else 0  # a factor that is not learnt has gained nothing

    def counts(run: NeuralRun) -> Array:
        part = getattr(run.after, shared.part)
        evidence: Array = (part if shared.is_factor else part.hebb).evidence
        return evidence

    return eqx.tree_at(counts, neural, 1.1 * counts(neural) + extra)


def _damage_threshold_factor(neural: NeuralRun) -> NeuralRun:
    prior = neural.before.state_firing.prior
    tripled = prior.at[ON].multiply(3)
    return eqx.tree_at(lambda run: run.before.state_firing.prior, neural, tripled)


def _damage_split(neural: NeuralRun) -> NeuralRun:
    def move(counts: Counts) -> Counts:
        moved = counts.prior / 8  # a power of two: the total stays the same to the last bit
        return Counts(counts.prior - moved, counts.evidence + moved)

    synapses = neural.before.sensory
    return eqx.tree_at(
        lambda run: (run.before.sensory.hebb, run.before.sensory.home),
        neural,
        (move(synapses.hebb), move(synapses.home)),
    )
