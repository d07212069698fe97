"""Factors between a given rule and the demanded one: numbers, rates and modulators."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

import sympy as sp

from hebbayes.symbolic.algebra.calculus import Post, Pre
from hebbayes.symbolic.algebra.functions import Average, Expr, elementary, simplified
from hebbayes.symbolic.algebra.signs import Interval, Sign, sign_of
from hebbayes.symbolic.algebra.zero import is_zero
from hebbayes.symbolic.language.kinds import MODULATORS, RISKS

if TYPE_CHECKING:
    from hebbayes.symbolic.language.system import System


def factor_between(rule: Expr, wanted: Expr) -> Expr | None:
    """Return rule / wanted if it varies with no activity or input, else None.

    Example:
        >>> x, o, eta = sp.symbols("x o eta", real=True)
        >>> factor_between(eta * Post(x) * Pre(o), Post(x) * Pre(o))
        eta
    """
    if is_zero(wanted) or is_zero(rule):
        return None
    matching = _coefficient(sp.expand(rule), sp.Add.make_args(sp.expand(wanted))[0])
    if matching is not None and is_zero(rule - matching * wanted):
        return sp.factor(matching)
    ratio = simplified(elementary(rule) / elementary(wanted))
    return None if ratio.has(Post, Pre, Average) else ratio


def hebbian_factor(rule: Expr, wanted: Expr) -> Expr | None:
    """Return the factor of the term of ``wanted`` that reads an input, if it is constant.

    Example:
        >>> W, x, o = sp.symbols("W x o", real=True)
        >>> hebbian_factor(2 * Post(x) * Pre(o) - W, Post(x) * Pre(o))
        2
    """
    for term in sp.Add.make_args(sp.expand(wanted)):
        if _moving(term).has(Pre):
            factor = _coefficient(sp.expand(rule), term)
            if factor is not None and not factor.has(Post, Pre, Average):
                return factor
    return None


def _coefficient(rule: Expr, term: Expr) -> Expr | None:
    """Return the factor with which a term of activities appears in a rule, None if it does not.

    Terms are compared by their activities and inputs; what is left is the factor.
    """
    moving = _moving(term)
    number = term / moving
    result = sp.S.Zero
    for part in sp.Add.make_args(rule):
        if _moving(part) == moving:
            result += part / moving
    return None if result == 0 else simplified(result / number)


def _moving(term: Expr) -> Expr:
    return sp.Mul(*(f for f in sp.Mul.make_args(term) if f.has(Post, Pre, Average)))


def descent_of(factor: Expr, system: "System", carried: Iterable[sp.Symbol] = ()) -> Sign:
    """Return whether a factor of the gradient is positive, modulators at rest (risk 0, others 1).

    A risk that the cost carries already may be anything between 0 and 1.

    Example:
        >>> from hebbayes.symbolic.language.network import read_system
        >>> system, eta = read_system("dx/dt = -x + W*o"), sp.Symbol("eta")
        >>> descent_of(eta, system).assumed, descent_of(-eta, system).holds
        (('eta > 0',), False)
    """
    risks = [s for s in carried if s.name in RISKS and s in factor.free_symbols]
    if risks:
        return sign_of(factor, risks[0], Interval(sp.S.Zero, sp.S.One))
    at_rest = {
        s: sp.S.Zero if s.name in RISKS else sp.S.One
        for s in factor.free_symbols
        if is_modulator(s, system)
    }
    return sign_of(factor.xreplace(at_rest))


def is_modulator(symbol: sp.Symbol, system: "System") -> bool:
    """Return whether a symbol of a rule varies in time and is the same for all synapses.

    Example:
        >>> from hebbayes.symbolic.language.network import read_system
        >>> is_modulator(sp.Symbol("Gamma"), read_system("dx/dt = -x + W*o"))
        True
    """
    is_stated = system.assumptions.kinds.get(symbol.name) == "modulator"
    return symbol in system.modulators or symbol.name in MODULATORS or is_stated
