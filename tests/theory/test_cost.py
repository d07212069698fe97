"""The network's cost: eq. 5 by loops in NumPy, apart from the code of free energy."""

import importlib
import pathlib

import jax
import numpy as np
import pytest

from hebbayes.core.counts import log_ratio
from hebbayes.core.errors import ShapeError
from hebbayes.theory.certificate.runs import neural_run
from hebbayes.theory.cost import Activity, cost, output_energy, output_layer_cost
from hebbayes.theory.network import output_thresholds, thresholds, wiring

from .networks import one_layer_model, random_events, two_layer_model


def test_cost_equals_eq_5_over_loops():
    model = two_layer_model()
    run = neural_run(model, random_events(model), log_ratio)
    wired, active = wiring(run.before, log_ratio), run.activity
    summands = cost(wired, active)
    h, m = np.asarray(thresholds(wired)), np.asarray(output_thresholds(wired))
    psi = np.asarray(wired.decision_threshold_factor)
    w, k, v = (np.asarray(s.weights) for s in (wired.sensory, wired.recurrent, wired.output))
    for t in range(5):
        o, past, x, y = (
            np.asarray(a[t])
            for a in (active.inputs, active.previous_rates, active.rates, active.output_rates)
        )
        trust, total = 1 - 2 * float(active.risk[t]), 0.0
        for u, on, decided in ((0, x, y), (1, 1 - x, 1 - y)):
            total += on @ (np.log(on) - w[u] @ o - k[u] @ past - h[u])
            drive = v[u] @ past + m[u] - psi[u]
            total += decided @ (np.log(decided) - trust * drive - psi[u])
        np.testing.assert_allclose(summands[t], total, rtol=1e-10)


def test_a_network_of_one_layer_has_no_output_cost():
    model = one_layer_model()
    run = neural_run(model, random_events(model), log_ratio)
    wired = wiring(run.before, log_ratio)
    with pytest.raises(ShapeError, match="give output_potentials"):
        output_layer_cost(wired, run.activity)
    with pytest.raises(ShapeError, match="this network has one layer"):
        output_energy(wired, run.activity, 0)


def test_saturated_activity_has_a_finite_cost_and_slope():
    model = one_layer_model()
    run = neural_run(model, random_events(model), log_ratio)
    wired, active = wiring(run.before, log_ratio), run.activity

    def energy(potentials):
        return cost(wired, Activity(potentials, active.inputs, active.previous_rates)).sum()

    value, slope = jax.value_and_grad(energy)(0 * active.potentials + 800)
    assert np.isfinite(value)
    assert np.isfinite(slope).all()


def test_cost_and_free_energy_share_no_code_above_core():
    def reached(name):
        source = pathlib.Path(importlib.import_module(name).__file__).read_text()
        direct = {
            word
            for line in source.splitlines()
            if line.startswith("from hebbayes.theory")
            for word in [line.split()[1]]
        }
        return direct.union(*(reached(module) for module in direct)) if direct else direct

    cost = reached("hebbayes.theory.cost") | {"hebbayes.theory.cost"}
    free_energy = reached("hebbayes.theory.free_energy") | {"hebbayes.theory.free_energy"}
    assert not cost & free_energy
