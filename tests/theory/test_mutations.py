"""One sign or one index wrong in any formula, and the certificate names a row."""

import importlib
import pathlib
import sys
import types

import pytest

from hebbayes.core.counts import log_ratio
from hebbayes.theory import network

from .networks import random_events, two_layer_model

pytestmark = pytest.mark.thorough

MUTATIONS = [
    ("cost", "ln_x - drive)", "ln_x + drive)", "free_energy"),
    ("cost", "threshold_factor[u]", "threshold_factor[1 - u]", "state_inference"),
    ("cost", "weights[u], rates)", "weights[1 - u], rates)", "recurrent_plasticity"),
    ("cost", "log_complement[u]", "log_complement[1 - u]", "decision_inference"),
    ("cost", "(1 - 2 * risk)", "(1 + 2 * risk)", "output_plasticity"),
    ("cost", "+ psi[u]", "- psi[u]", "decision_inference"),
    ("free_energy", "ln_s - prior)", "ln_s + prior)", "free_energy"),
    ("free_energy", '"vuij,...vi->...uj", logs.policy', '"uvij,...vi->...uj", logs.policy', None),
    ("free_energy", "1 - 2 * jnp", "1 + 2 * jnp", "free_energy"),
    ("free_energy", "- logs.decision_prior)", "+ logs.decision_prior)", "free_energy"),
    ("inference", "evidence + logs.state_prior", "evidence - logs.state_prior", "state_inference"),
    (
        "inference",
        '"vuij,...vi->...uj", logs.transition',
        '"vuji,...vi->...uj", logs.transition',
        "state_inference",
    ),
    ("inference", "joint + logs.decision_prior", "joint", "decision_inference"),
    ("network", "(h[ON] - h[OFF])", "(h[OFF] - h[ON])", "state_inference"),
    ("network", "weights[ON] - weights[OFF]", "weights[OFF] - weights[ON]", "state_inference"),
    ("network", "(m[ON] - m[OFF])", "m[ON]", "decision_inference"),
    ("synapses", "ratio(silent, synapses.home)", "ratio(synapses.hebb, synapses.home)", None),
    ("learning", '"tvi,tuj->vuij"', '"tui,tvj->vuij"', "sensory_plasticity"),
    ("learning", "1 - 2 * experience.risk", "1 + 2 * experience.risk", "output_plasticity"),
    ("learning", "experience.previous_states, exp", "experience.states, exp", None),
    ("plasticity", "[post, 1 - post]", "[1 - post, post]", "sensory_plasticity"),
    ("plasticity", "1 - 2 * firing.risk", "1 - firing.risk", "output_plasticity"),
    ("plasticity", "home - hebb, floor", "home, floor", "sensory_plasticity"),
    ("equivalence", "synapses.hebb, -1)", "synapses.hebb)", "round_trip"),
    ("equivalence", "table.prior[OFF]", "table.prior[ON]", "thresholds"),
]


def theory_modules():
    return [m for name, m in sys.modules.items() if name.startswith("hebbayes.theory.")]


def install(monkeypatch, name, source):
    """Rebind every function of a changed module wherever theory has imported it."""
    original = importlib.import_module(f"hebbayes.theory.{name}")
    changed = types.ModuleType(original.__name__)
    exec(compile(source, f"mutated {name}", "exec"), changed.__dict__)
    for attribute, old in vars(original).items():
        if isinstance(old, types.FunctionType) and old.__module__ == original.__name__:
            for module in theory_modules():
                if getattr(module, attribute, None) is old:
                    monkeypatch.setattr(module, attribute, getattr(changed, attribute))
    return changed


def source_of(name):
    return pathlib.Path(importlib.import_module(f"hebbayes.theory.{name}").__file__).read_text()


def broken_rows(monkeypatch):
    """Return the broken rows of a small run, by functions that are not compiled before."""
    fresh = {
        name: install(monkeypatch, name, source_of(name).replace("@eqx.filter_jit", ""))
        for name in ("certificate.runs", "certificate.certificate")
    }
    runs, certificate = fresh["certificate.runs"], fresh["certificate.certificate"]
    model = two_layer_model(sizes=(3, 2, 4))
    events = random_events(model, n_steps=7)
    bayesian = runs.bayesian_run(model, events, log_ratio, chunk_length=4)
    neural = runs.neural_run(model, events, log_ratio, chunk_length=4)
    wired = network.wiring(neural.before, log_ratio)
    gaps = certificate.discrepancies(bayesian, neural, wired, log_ratio, (4, 1.0))
    return {name for name, gap in gaps.items() if not float(gap) <= 1e-10}


def test_nothing_is_broken_before_any_mutation(monkeypatch):
    assert broken_rows(monkeypatch) == set()


@pytest.mark.parametrize(("module", "old", "new", "row"), MUTATIONS)
def test_a_wrong_sign_or_index_breaks_its_row(monkeypatch, module, old, new, row):
    source = source_of(module)
    assert source.count(old) >= 1, f"{old!r} is no longer in {module}.py"
    install(monkeypatch, module, source.replace(old, new))
    broken = broken_rows(monkeypatch)
    assert broken
    assert row is None or row in broken


def test_risk_on_the_prior_of_decisions_in_both_cost_and_free_energy_breaks_a_row(monkeypatch):
    edits = {
        "cost": ("drive) + psi[u]", "drive + psi[u])"),
        "free_energy": (
            "explained) - logs.decision_prior)",
            "explained + logs.decision_prior))",
        ),
    }
    for name, (old, new) in edits.items():
        assert source_of(name).count(old) == 1
        install(monkeypatch, name, source_of(name).replace(old, new))
    assert broken_rows(monkeypatch) == {"decision_factor_plasticity"}
