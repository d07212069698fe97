"""The interval on which a function of one activity is real and finite."""

from itertools import pairwise

import sympy as sp

from hebbayes.symbolic.algebra.functions import Expr, elementary, simplified
from hebbayes.symbolic.algebra.signs import REAL_LINE, Interval


def domain_of(expression: Expr, x: sp.Symbol, *, is_drive: bool = False) -> Interval:
    """Return the interval of x between the poles and zeros of what must be finite and positive.

    Of several intervals, an activity has the one that starts at 0 or contains it, a drive the one
    that goes furthest up.  Parameters are taken as positive.

    Example:
        >>> x = sp.Symbol("x", real=True)
        >>> domain_of(sp.log(x / (1 - 2 * x)), x)
        Interval(low=0, high=1/2)
    """
    body = elementary(expression).replace(sp.atanh, lambda u: (sp.log(1 + u) - sp.log(1 - u)) / 2)
    positive = {
        s: sp.Dummy(s.name, positive=True) for s in body.free_symbols - {x} if not s.is_positive
    }
    names = {dummy: symbol for symbol, dummy in positive.items()}
    body = body.xreplace(positive)
    least = sp.S.Zero if x.is_positive else -sp.oo
    logs = [part.args[0] for part in body.atoms(sp.log) if x in part.free_symbols]
    roots = [p for p in body.atoms(sp.Pow) if p.exp.is_Rational and not p.exp.is_Integer]
    needed = [*logs, *(p.base for p in roots if x in p.base.free_symbols)]
    poles = [sp.fraction(sp.together(part))[1] for part in (body, *needed)]
    zeros = [sp.fraction(sp.together(part))[0] for part in needed]
    places = {simplified(r) for part in (*poles, *zeros) for r in _real_roots(part, x)}
    ordered = _sorted([p for p in places if least == -sp.oo or (p - least).is_positive])
    if ordered is None:
        return REAL_LINE
    ends = [least, *ordered, sp.oo]
    intervals = [Interval(low, high) for low, high in pairwise(ends)]
    allowed = [i for i in intervals if _is_allowed(needed, x, i)] or [REAL_LINE]
    if is_drive:
        chosen = allowed[-1]
    else:
        above = [i for i in allowed if i.high == sp.oo or i.high.is_positive]
        chosen = (above or allowed)[0]
    return Interval(chosen.low.xreplace(names), chosen.high.xreplace(names))


def _real_roots(part: Expr, x: sp.Symbol) -> list[Expr]:
    """Return the real roots of a polynomial in x; none for another function."""
    if x not in part.free_symbols or not part.is_polynomial(x):
        return []
    return [root for root in sp.roots(sp.Poly(part, x)) if root.is_real]


def _sorted(places: list[Expr]) -> list[Expr] | None:
    """Return places in order, or None if that depends on parameters."""
    ordered: list[Expr] = []
    for place in places:
        signs = [simplified(place - other).is_positive for other in ordered]
        if None in signs:
            return None
        ordered.insert(sum(signs), place)
    return ordered


def _is_allowed(needed: list[Expr], x: sp.Symbol, interval: Interval) -> bool:
    """Whether logarithms and roots are real at a point inside; no sign changes within."""
    point = interval.point(sp.Rational(1, 2))
    values = [simplified(part.xreplace({x: point})) for part in needed]
    return all(value.is_positive is not False for value in values)
