"""Averages over time in a stationary state: synapses are slow, everything else moves.

The average of a product does not change when all its factors are delayed alike.  An input that is
uncorrelated in time is independent of everything earlier.
"""

from typing import TYPE_CHECKING

import sympy as sp

from hebbayes.symbolic.algebra.calculus import Post, Pre
from hebbayes.symbolic.algebra.delays import delayed_parts
from hebbayes.symbolic.algebra.functions import Average, Expr

if TYPE_CHECKING:
    from hebbayes.symbolic.language.system import System


def averaged(rule: Expr, system: "System") -> Expr:
    """Return the average of a rule over time, in averages of products.

    Example:
        >>> from hebbayes.symbolic.language.network import read_system
        >>> x, late = sp.symbols("x x_delayed", real=True)
        >>> system = read_system("dx/dt = -x + W*o")
        >>> averaged(Post(x) - Post(late), system)
        0
    """
    total = sp.S.Zero
    for term in sp.Add.make_args(sp.expand(rule)):
        total += _of_term(term, system)
    return sp.expand(total)


def _of_term(term: Expr, system: "System") -> Expr:
    number, moving = sp.S.One, []
    for factor in sp.Mul.make_args(term):
        if isinstance(factor, Average):
            number *= averaged(factor.args[0], system)
        elif factor.has(Average):
            number *= factor.replace(
                lambda p: isinstance(p, Average), lambda p: averaged(p.args[0], system)
            )
        elif factor.has(Post, Pre) or factor.free_symbols & system.modulators:
            moving.append(factor)
        else:
            number *= factor
    return number * _of_product(moving, system)


def _of_product(factors: list[Expr], system: "System") -> Expr:
    if not factors:
        return sp.S.One
    white = system.assumptions.white
    for factor in factors:
        others = [other for other in factors if other is not factor]
        is_white = _base(factor) in white
        if others and is_white and all(_lag(o) > _lag(factor) for o in others):
            return _of_product([factor], system) * _of_product(others, system)
    first = max(0, min(_lag(factor) for factor in factors))  # -1 cannot be shifted
    return Average(sp.Mul(*(_shifted(factor, first, system) for factor in factors)))


def _marks(factor: Expr) -> list[Expr]:
    return sorted(factor.atoms(Post, Pre), key=sp.default_sort_key)


def _lag(factor: Expr) -> int:
    """Return by how many steps a factor is late; -1 if that is unknown."""
    lags = set()
    for mark in _marks(factor):
        if not isinstance(mark.args[0], sp.Symbol):
            return -1
        lag = (delayed_parts(mark.args[0].name) or ("", "0"))[1]
        lags.add(int(lag) if lag.isdigit() else -1)
    return lags.pop() if len(lags) == 1 else (-1 if lags else 0)


def _base(factor: Expr) -> str:
    marks = _marks(factor)
    if len(marks) != 1 or not isinstance(marks[0].args[0], sp.Symbol):
        return ""
    name = marks[0].args[0].name
    return (delayed_parts(name) or (name, ""))[0]


def _shifted(factor: Expr, steps: int, system: "System") -> Expr:
    if steps == 0:
        return factor

    def earlier(mark: Expr) -> Expr:
        name = mark.args[0].name
        base, lag = delayed_parts(name) or (name, "0")
        left = int(lag) - steps
        new = base if left == 0 else f"{base}_delayed{left if left > 1 else ''}"
        return mark.func(system.symbols.get(new, sp.Symbol(new, real=True)))

    return factor.replace(lambda part: isinstance(part, (Post, Pre)), earlier)
