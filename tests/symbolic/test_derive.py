"""`derive` returns the cost and plasticity of I22, whatever names and order the text has."""

import re

import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from hebbayes.symbolic import derive, record_of
from hebbayes.symbolic.algebra.calculus import Post, Pre
from hebbayes.symbolic.algebra.functions import MatVec, Sigmoid

from .networks import descends, gradient_networks

EQUATION = "dx/dt = -logit(x) + W*o + K*x_delayed + h; dy/dt = -logit(y) + V*x_delayed + m"


@pytest.fixture(scope="module")
def derivation():
    return derive(EQUATION, assume="o binary; Gamma modulates V")


def test_the_cost_is_equation_5_symbol_by_symbol(derivation):
    s = derivation.system.symbols
    x, y, o, late, risk = (s[name] for name in ("x", "y", "o", "x_delayed", "Gamma"))

    def half(of, n, matrices, prior):
        total = s[f"{prior}{n}"]
        for name, read, factor in matrices:
            W = s[f"{name}{n}"]
            total += factor * (MatVec(W, read) + MatVec(sp.log(1 - Sigmoid(W)), 1))
        return of * (sp.log(of) - total)

    sensory = [("W", o, 1), ("K", late, 1)]
    output = [("V", late, 1 - 2 * risk)]
    expected = {
        x: half(x, 1, sensory, "phi") + half(1 - x, 0, sensory, "phi"),
        y: half(y, 1, output, "psi") + half(1 - y, 0, output, "psi"),
    }
    assert {p.space for p in derivation.full} == {x, y}
    for piece in derivation.full:
        assert sp.expand(piece.body - expected[piece.space]) == 0


def test_the_plasticity_is_equation_6_symbol_by_symbol(derivation):
    s = derivation.system.symbols
    x, y, o, late, risk = (s[name] for name in ("x", "y", "o", "x_delayed", "Gamma"))
    for name, post, pre, factor in (
        ("W", x, o, 1),
        ("K", x, late, 1),
        ("V", y, late, 1 - 2 * risk),
    ):
        for n, fires in ((1, Post(post)), (0, 1 - Post(post))):
            W = s[f"{name}{n}"]
            expected = factor * (fires * Pre(pre) - fires * Sigmoid(W))  # Hebb - Home * sig(W)
            assert sp.expand(derivation.rules[W] - expected) == 0


def test_the_prior_is_threshold_less_normaliser(derivation):
    x_layer, y_layer = derivation.interpretations
    s = derivation.system.symbols
    assert x_layer.prior == s["phi1"] - s["phi0"]
    assert y_layer.prior == s["psi1"] - s["psi0"]


RENAMED = {
    "x": "rate",
    "o": "stim",
    "W": "Wx",
    "K": "Q",
    "h": "theta",
    "y": "z",
    "C": "D",
    "m": "b",
}


def renamed(text: str) -> str:
    return re.sub(
        r"[^\W\d]\w*?(?=_delayed|\W|$)",
        lambda match: RENAMED.get(match[0], match[0]),
        text.replace("dx/dt", "drate/dt").replace("dy/dt", "dz/dt"),
    )


@settings(max_examples=6)
@given(gradient_networks(), st.randoms())
def test_names_and_order_change_nothing(equation, chance):
    before = record_of(derive(equation, assume="J symmetric"))
    statements = [s.strip() for s in renamed(equation).split(";")]
    chance.shuffle(statements)
    after = derive("; ".join(statements), assume="J symmetric; stim input")
    assert after.integrability.holds
    record = record_of(after)
    families = {layer["name"]: layer["family"] for layer in record["layers"]}
    assert families == {
        RENAMED.get(layer["name"], layer["name"]): layer["family"] for layer in before["layers"]
    }
    assert set(record["plasticity"]) == {RENAMED.get(name, name) for name in before["plasticity"]}
    assert descends(after)
