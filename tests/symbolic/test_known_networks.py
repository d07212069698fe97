"""What is derived of networks outside the gallery is what was derived by hand.

Every answer is checked twice: as a formula, and by finite differences of the printed cost.
"""

import numpy as np
import pytest
import sympy as sp

from hebbayes.symbolic import derive, read_system
from hebbayes.symbolic.algebra.formula_text import text_of
from hebbayes.symbolic.algebra.zero import is_zero

from .arithmetic import slope_of, value_of
from .known_networks import CANONICAL


def plain(expression):
    """Return an expression whose symbols are what their names say, and nothing more."""
    marks = {s: sp.Symbol(s.name, real=True) for s in expression.free_symbols}
    return expression.xreplace(marks)


def typed(formula, derivation):
    """Return a formula of one unit as the language reads it."""
    names = {s.name for r in derivation.interpretations for s in (r.layer.activity, r.layer.state)}
    stated = "; ".join(["J symmetric", *(f"{name} vector" for name in sorted(names))])
    return plain(read_system(f"dunit/dt = {formula}", stated).equations[0].field)


@pytest.fixture(scope="module")
def derived():
    return {
        n: derive(known.equation, assume=known.assume, time_limit_s=60)
        for n, known in CANONICAL.items()
    }


@pytest.mark.parametrize("name", CANONICAL)
def test_the_formulas_are_those_derived_by_hand(name, derived):
    known, derivation = CANONICAL[name], derived[name]
    assert derivation.is_canonical, derivation.why_not
    assert derivation.family == known.family
    assert derivation.assumed == known.assumed
    for interpretation in derivation.interpretations:
        x, family = interpretation.layer.activity, interpretation.family
        prior = family.natural(interpretation.prior)
        assert is_zero(plain(prior) - typed(known.prior[x.name], derivation))
        assert text_of(derivation.integrability.metric[x]) == known.metric.get(x.name, "1")
    if known.ends is not None:
        domain = derivation.interpretations[0].family.domain
        assert [str(end) for end in (domain.low, domain.high)] == [str(end) for end in known.ends]
    assert known.rules.items() <= derivation.plasticity.items()


@pytest.mark.parametrize("name", [n for n, known in CANONICAL.items() if known.cost])
def test_the_cost_is_that_derived_by_hand(name, derived):
    known, derivation = CANONICAL[name], derived[name]
    first = derivation.interpretations[0].layer.activity.name
    costs = {piece.space.name: plain(piece.body) for piece in derivation.full}
    by_hand = {layer: typed(formula, derivation) for layer, formula in known.cost.items()}
    if set(costs) != set(by_hand):  # layers of pairs of units share one sum
        costs, by_hand = ({first: sp.Add(*c.values())} for c in (costs, by_hand))
    for layer, formula in by_hand.items():
        assert is_zero(costs[layer] - formula), layer


SIZES = {"o": 4, "y": 2, "m": 2}
SCALARS = ("beta", "g", "k", "w", "w_EI", "w_IE", "s")


def point_of(name, derived):
    """Return random values of every name, activities within their domain."""
    known, rng = CANONICAL[name], np.random.default_rng(4)
    values = {n: rng.uniform(0.2, 0.9) for n in SCALARS}
    values |= {n: rng.uniform(0.2, 0.9, SIZES.get(n, 3)) for n in ("o", "h", "b", "m", "P", "d")}
    values |= {f"{n}_delayed": rng.uniform(0.2, 0.9, 3) for n in ("x", "E", "I", "a")}
    J = rng.normal(size=(3, 3))
    values |= {"W": rng.normal(size=(3, 4)), "C": rng.normal(size=(3, 2)), "J": J + J.T}
    values |= known.values
    for interpretation in derived[name].interpretations:
        layer, domain = interpretation.layer, interpretation.family.domain
        share = rng.uniform(0.2, 0.8, SIZES.get(layer.activity.name, 3))
        if layer.form == "membrane":
            values[layer.state.name] = 2 * share - 1
            values[layer.activity.name] = value_of(statement(known, layer.activity.name), values)
            continue
        ends = [value_of(str(e), values) for e in (domain.low, domain.high) if not e.is_infinite]
        low, high = ends if len(ends) == 2 else (0.1, 0.8)
        values[layer.activity.name] = low + (high - low) * share
    return values


def statement(known, name):
    """Return the right side of a definition or a differential equation."""
    for part in known.equation.split(";"):
        left, _, right = part.partition("=")
        if left.strip() == name or left.strip().endswith(f"d{name}/dt"):
            return right.strip()
    raise KeyError(name)


@pytest.mark.parametrize("name", [n for n, known in CANONICAL.items() if known.cost])
def test_the_printed_cost_falls_along_the_equation(name, derived):
    known, derivation, values = CANONICAL[name], derived[name], point_of(name, derived)
    for interpretation in derivation.interpretations:
        layer = interpretation.layer
        x = layer.activity.name
        descent = -slope_of(derivation.cost, values, x)
        velocity = value_of(statement(known, layer.state.name), values)
        velocity = velocity * value_of(known.metric.get(x, "1"), values) * np.ones_like(descent)
        if layer.form == "rate":  # same zeros and same direction; the metric depends on activity
            np.testing.assert_array_equal(np.sign(descent), np.sign(velocity))
        elif interpretation.family.name == "categorical":  # up to what all units share
            np.testing.assert_allclose(np.diff(descent), np.diff(velocity), atol=1e-6)
        else:
            np.testing.assert_allclose(descent, velocity, atol=1e-6)


@pytest.mark.parametrize("name", [n for n, known in CANONICAL.items() if known.cost])
def test_the_printed_cost_falls_along_its_plasticity(name, derived):
    derivation, values = derived[name], point_of(name, derived)
    for matrix, rule in derivation.plasticity.items():
        if matrix != "W":
            continue
        post = {n: v[:, None] if np.shape(v) == (3,) else v for n, v in values.items()}
        claimed = value_of(rule.replace("o", "o[None, :]"), post)
        np.testing.assert_allclose(-slope_of(derivation.cost, values, matrix), claimed, atol=1e-6)


def test_the_activation_of_a_neuron_without_a_name_grows():
    known = CANONICAL["LIF rate"]
    assert np.all(np.diff(value_of(statement(known, "x"), known.values)) > 0)
