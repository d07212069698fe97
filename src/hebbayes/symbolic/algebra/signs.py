"""Is an expression positive?  Proven, refuted, or true under a condition that is stated.

Parameters of unknown sign are taken as positive, and the conditions that a proof uses are listed.
What can be neither proven nor refuted stays undecided: nothing is inferred from sampled values,
except a refutation, for which one exact counterexample is enough.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import sympy as sp

from hebbayes.symbolic.algebra.formula_text import text_of
from hebbayes.symbolic.algebra.functions import Expr, elementary, simplified
from hebbayes.symbolic.algebra.zero import algebraic, frozen

MOST_PARAMETERS = 4


@dataclass(frozen=True)
class Interval:
    """An open interval of the real line.

    Attributes:
        low: Lower end, -oo or an expression of parameters.
        high: Upper end.
    """

    low: Expr = -sp.oo
    high: Expr = sp.oo

    def points(self) -> Iterator[Expr]:
        """Yield points inside, for counterexamples."""
        if self.low == -sp.oo and self.high == sp.oo:
            yield from map(sp.Rational, ("0", "1", "-1", "1/2", "-1/2", "2", "-2", "5", "-5"))
            return
        for share in ("1/2", "2/3", "1/3", "1/5", "4/5", "10/11", "1/11"):
            yield self.point(sp.Rational(share))

    def point(self, share: Expr) -> Expr:
        """Return the point at a share of the way, between 0 and 1, from the lower end."""
        return self.at(share / (1 - share))

    def at(self, odds: Expr) -> Expr:
        """Return the point at positive odds: all points, as the odds go from 0 to oo."""
        is_low, is_high = self.low != -sp.oo, self.high != sp.oo
        if is_low and is_high:
            return self.low + (self.high - self.low) * odds / (1 + odds)
        if is_low or is_high:
            return self.low + odds if is_low else self.high - odds
        return odds - 1 / odds


REAL_LINE = Interval()


@dataclass(frozen=True)
class Sign:
    """Whether an expression is positive, up to isolated zeros.

    Attributes:
        holds: True if proven, False if refuted, None if undecided.
        assumed: Conditions on parameters that the proof uses.
        counterexample: Where it is negative, if refuted at a point.
    """

    holds: bool | None
    assumed: tuple[str, ...] = ()
    counterexample: str = ""


PROVEN = Sign(True)


def both(first: Sign, second: Sign) -> Sign:
    """Return whether two expressions are positive.

    Example:
        >>> both(Sign(True, ("k > 0",)), Sign(None)).holds is None
        True
    """
    if first.holds is False or second.holds is False:
        return first if first.holds is False else second
    if first.holds is None or second.holds is None:
        return Sign(None)
    return Sign(True, tuple(dict.fromkeys(first.assumed + second.assumed)))


def sign_of(expression: Expr, x: sp.Symbol | None = None, domain: Interval = REAL_LINE) -> Sign:
    """Return whether an expression is positive for every x of a domain.

    Example:
        >>> x, k = sp.symbols("x k", real=True)
        >>> sign_of(3 * x**2 + k, x).assumed, sign_of(2 * sp.cos(2 * x), x).holds
        (('k > 0',), False)
        >>> sign_of(1 + sp.tanh(x), x).holds
        True
    """
    body = frozen(elementary(expression))
    if body.is_positive:
        return Sign(True)
    open_signs = sorted(
        (s for s in body.free_symbols - {x} if s.is_positive is None and s.is_negative is None),
        key=sp.default_sort_key,
    )
    if x is None or x not in body.free_symbols:
        return _sign_of_constant(body, open_signs)
    if len(open_signs) > MOST_PARAMETERS:
        return Sign(None)
    for n in range(len(open_signs) + 1):
        for chosen in combinations(open_signs, n):
            positive: dict[sp.Symbol, Expr] = {s: sp.Dummy(positive=True) for s in chosen}
            ends = Interval(domain.low.xreplace(positive), domain.high.xreplace(positive))
            if _is_never_negative(body.xreplace(positive), x, ends):
                return Sign(True, tuple(f"{s} > 0" for s in chosen))
    if body.has(sp.Derivative):  # of an unspecified function: it has no value anywhere
        return Sign(None)
    positive = {s: sp.Dummy(s.name, positive=True) for s in open_signs}
    for point in domain.points():
        value = simplified(body.xreplace({x: point}).xreplace(positive))
        if _is_negative(value):
            return Sign(False, (), f"{x} = {text_of(point)}")
    return Sign(None)


def _is_negative(value: Expr) -> bool:
    """Whether a value is negative for certain: by structure, or in 30 digits."""
    if value.is_number:
        digits = value.evalf(30)
        return bool(digits.is_Number and digits.is_real and digits < -1e-15)
    return bool(value.is_negative)


def _sign_of_constant(body: Expr, open_signs: list[sp.Symbol]) -> Sign:
    if body.is_number:
        digits = body.evalf(30)
        if not digits.is_Number:
            return Sign(None)
        return Sign(bool(digits.is_real and digits > 1e-25))
    plain = sp.factor(sp.together(simplified(body)))
    positive = {s: sp.Dummy(positive=True) for s in open_signs}
    trial = sp.factor(plain.xreplace(positive))
    if plain.is_negative or trial.is_negative:
        return Sign(False)
    if plain.is_positive:
        return Sign(True)
    if trial.is_positive:
        needed = [s for s in open_signs if not plain.xreplace({**positive, s: s}).is_positive]
        return Sign(True, tuple(f"{s} > 0" for s in needed))
    return Sign(True, (condition_text(plain),))


def condition_text(expression: Expr) -> str:
    """Return that an expression is positive, as an inequality.

    Example:
        >>> w, a, b = sp.symbols("w a b", real=True)
        >>> condition_text(1 - w), condition_text(b - a), condition_text(a * b)
        ('w < 1', 'a < b', 'a*b > 0')
    """
    numerator, denominator = sp.fraction(sp.together(expression))
    product = sp.expand(numerator * denominator)
    terms = sp.Add.make_args(product)
    above = [t for t in terms if not t.could_extract_minus_sign()]
    below = [-t for t in terms if t.could_extract_minus_sign()]
    if len(above) == len(below) == 1 and all(t.is_Atom for t in (*above, *below)):
        return f"{below[0]} < {above[0]}"
    return f"{text_of(sp.factor(product))} > 0"


def _is_never_negative(body: Expr, x: sp.Symbol, domain: Interval) -> bool:
    """Whether SymPy, or Sturm's theorem, proves that a function of x is not negative."""
    odds = sp.Dummy(positive=True)
    at = {x: sp.Dummy(real=True) if domain == REAL_LINE else domain.at(odds)}
    plain = algebraic(body.xreplace(at))
    factored = sp.factor(sp.together(plain))
    parts = [_is_part_never_negative(part) for part in sp.Mul.make_args(factored)]
    return factored.is_nonnegative is True or all(parts)


def _is_part_never_negative(part: Expr) -> bool:
    if part.is_nonnegative:
        return True
    if part.is_Pow and part.exp.is_even and part.base.is_real:
        return True
    base = part.base if part.is_Pow and part.exp.is_integer else part
    symbols = base.free_symbols
    if len(symbols) != 1 or not base.is_polynomial(*symbols):
        return False
    (symbol,) = symbols
    polynomial = sp.Poly(base, symbol)
    if not all(c.is_Rational for c in polynomial.all_coeffs()):
        return False
    is_half = symbol.is_positive
    inside = [root for root in _odd_real_roots(polynomial) if not is_half or root > 0]
    return not inside and bool(polynomial.eval(1) >= 0)


def _odd_real_roots(polynomial: sp.Poly) -> list[Expr]:
    """Return the real roots at which a polynomial changes its sign."""
    roots = []
    for factor, times in polynomial.factor_list()[1]:
        if times % 2:
            roots += factor.real_roots()
    return roots
