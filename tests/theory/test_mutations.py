"""One sign or one index wrong in any formula, and the certificate names a row."""

import importlib
import pathlib
import sys
import types

import pytest

from hebbayes.core.counts import log_ratio
from hebbayes.theory.certificate import certificate, runs
from hebbayes.theory.network import wiring

from .networks import random_events, two_layer_model

MUTATIONS = [
    ("cost", "ln_x - drive)", "ln_x + drive)", "free_energy"),
    ("cost", "W[u], o) + h[u]", "W[u], o) + h[1 - u]", "state_inference"),
    ("cost", "K[u], x_previous)", "K[1 - u], x_previous)", "recurrent_plasticity"),
    ("cost", "normaliser[u]", "normaliser[1 - u]", "decision_inference"),
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
    ("network", "K[ON] - K[OFF]", "K[OFF] - K[ON]", "state_inference"),
    ("network", "V[ON] - V[OFF]", "V[ON]", "decision_inference"),
    ("network", "ratio(silent, synapses.home)", "ratio(synapses.hebb, synapses.home)", None),
    ("learning", '"tvi,tuj->vuij"', '"tui,tvj->vuij"', "sensory_plasticity"),
    ("learning", "1 - 2 * experience.risk", "1 + 2 * experience.risk", "output_plasticity"),
    ("learning", "experience.previous_states, exp", "experience.states, exp", None),
    ("plasticity", "[post, 1 - post]", "[1 - post, post]", "sensory_plasticity"),
    ("plasticity", "1 - 2 * firing.risk", "1 - firing.risk", "output_plasticity"),
    ("plasticity", "home - hebb, floor", "home, floor", "sensory_plasticity"),
    ("equivalence", "combine(fired, silent)", "combine(fired, silent, -1)", "round_trip"),
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


def broken_rows():
    model = two_layer_model(sizes=(3, 2, 4))
    events = random_events(model, n_steps=7)
    bayesian = runs.bayesian_run.__wrapped__(model, events, log_ratio, chunk_length=4)
    neural = runs.neural_run.__wrapped__(model, events, log_ratio, chunk_length=4)
    gaps = certificate.discrepancies.__wrapped__(
        bayesian, neural, wiring(neural.before, log_ratio), log_ratio, (4, 1.0)
    )
    return {name for name, gap in gaps.items() if not float(gap) <= 1e-10}


def test_nothing_is_broken_before_any_mutation():
    assert broken_rows() == set()


@pytest.mark.parametrize(("module", "old", "new", "row"), MUTATIONS)
def test_a_wrong_sign_or_index_breaks_its_row(monkeypatch, module, old, new, row):
    path = pathlib.Path(importlib.import_module(f"hebbayes.theory.{module}").__file__)
    source = path.read_text()
    assert source.count(old) >= 1, f"{old!r} is no longer in {module}.py"
    install(monkeypatch, module, source.replace(old, new))
    broken = broken_rows()
    assert broken
    assert row is None or row in broken
