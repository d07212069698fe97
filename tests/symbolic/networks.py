"""Networks written out unit by unit with plain SymPy, a second route to what `symbolic` derives."""

import random

import sympy as sp
from hypothesis import strategies as st

from hebbayes.symbolic.algebra.functions import (
    AntisymmetricMatrix,
    MatVec,
    Scalar,
    SymmetricMatrix,
    Total,
    Trans,
    elementary,
)

SIZE = 2


def unit(symbol: sp.Symbol, *place: int) -> sp.Symbol:
    if isinstance(symbol, Scalar):
        return symbol
    if isinstance(symbol, SymmetricMatrix):
        place = tuple(sorted(place))
    return sp.Symbol("_".join([symbol.name, *map(str, place)]), positive=True)


def entry(matrix: sp.Expr, i: int, j: int) -> sp.Expr:
    if isinstance(matrix, Trans):
        return entry(matrix.args[0], j, i)
    if isinstance(matrix, AntisymmetricMatrix):
        return unit(matrix, i, j) if i < j else -unit(matrix, j, i) if i > j else sp.S.Zero
    if isinstance(matrix, sp.Symbol):
        return unit(matrix, i, j)
    return matrix.func(*(entry(part, i, j) for part in matrix.args)) if matrix.args else matrix


def written_out(body: sp.Expr, i: int) -> sp.Expr:
    """Return unit i of a layer's expression, all layers of SIZE units."""
    if isinstance(body, MatVec):
        matrix, vector = body.args
        return sp.Add(*(entry(matrix, i, j) * written_out(vector, j) for j in range(SIZE)))
    if isinstance(body, Total):
        return sp.Add(*(written_out(body.args[0], j) for j in range(SIZE)))
    if isinstance(body, sp.Symbol):
        return unit(body, i)
    return body.func(*(written_out(part, i) for part in body.args)) if body.args else body


def cost_of(derivation) -> sp.Expr:
    return sp.Add(*(written_out(p.body, i) for p in derivation.pieces for i in range(SIZE)))


def is_nothing(expression: sp.Expr, seed: int = 3) -> bool:
    """Whether an expression vanishes at two random points."""
    chance = random.Random(seed)
    body = elementary(expression)
    for _ in range(2):
        point = {s: chance.uniform(0.1, 0.8) for s in body.free_symbols}
        if abs(complex(body.evalf(20, subs=point))) > 1e-12:
            return False
    return True


def descends(derivation) -> bool:
    """Whether -dL/dx is the activity equation times the metric, unit by unit."""
    cost = cost_of(derivation)
    return all(
        is_nothing(
            cost.diff(unit(r.layer.activity, i))
            + written_out(derivation.integrability.metric[r.layer.activity] * r.layer.field, i)
        )
        for r in derivation.interpretations
        for i in range(SIZE)
    )


LEAKS = ("logit(x)", "atanh(x)", "log(x)", "x", "2*x", "logit(x)/beta", "x^3")
PLAIN = ("W*o", "h", "K*x_delayed", "a*(W*tanh(o))", "K*x_delayed2", "x*(W*o)", "(1 - 2*Gamma)*h")
SYMMETRIC = ("J*x", "-k*sum(x)", "w*x", "A'*(o - A*x)", "-A'*tanh(A*x)", "J*x/tau")
LAYERS = ("", "; dy/dt = -logit(y) + C'*x + m", "; dy/dt = -y + 3*(C'*x) + V*o")


@st.composite
def gradient_networks(draw):
    """Networks of the language that have a cost, by construction."""
    terms = [f"-{draw(st.sampled_from(LEAKS))}"]
    terms += draw(st.lists(st.sampled_from(PLAIN), max_size=2, unique=True))
    terms += draw(st.lists(st.sampled_from(SYMMETRIC), max_size=1))
    second = draw(st.sampled_from(LAYERS))
    if second:
        terms.append("C*y")
    return "dx/dt = " + " + ".join(draw(st.permutations(terms))) + second
