"""Does an expression vanish identically?  Refuted at one point, or proven by algebra."""

import random

import sympy as sp

from hebbayes.symbolic.algebra.functions import Expr, Opaque, elementary, outermost, simplified

_BOUNDED = {sp.sin: 1, sp.cos: 1, sp.erf: 1, sp.sign: 1, sp.atan: sp.pi / 2}


def frozen(expression: Expr) -> Expr:
    """Return ``expression`` with everything opaque replaced by a symbol of its own.

    Example:
        >>> from hebbayes.symbolic.algebra.functions import MatVec
        >>> frozen(1 + MatVec(sp.Symbol("W"), sp.Symbol("o"))).has(MatVec)
        False
    """
    return expression.xreplace({part: _stand_in(part) for part in outermost(expression, Opaque)})


def _stand_in(part: Expr) -> sp.Symbol:
    return sp.Dummy(positive=True) if part.is_positive else sp.Dummy(real=True)


def is_zero(expression: Expr) -> bool:
    """Return whether ``expression`` provably vanishes identically.

    What expansion does not settle is evaluated to 30 digits at a few points, which refutes most
    expressions; what is left must vanish as a rational function of exponentials and logarithms, or
    by simplification.

    Example:
        >>> from hebbayes.symbolic.algebra.functions import Sigmoid
        >>> x = sp.Symbol("x")
        >>> is_zero(Sigmoid(x) + Sigmoid(-x) - 1), is_zero(sp.tanh(x) - x)
        (True, False)
    """
    if expression.is_zero:
        return True
    expanded = sp.expand(frozen(expression))
    if expanded == 0:
        return True
    symbols = sorted(expanded.free_symbols, key=sp.default_sort_key)
    if not symbols and expanded.is_number:
        size = abs(elementary(expanded).evalf(30))
        return bool(size.is_Number and size < 1e-20)
    body = elementary(expanded)
    return not _is_refuted(body, symbols) and _is_proven(body)


def _is_refuted(body: Expr, symbols: list[sp.Symbol]) -> bool:
    chance = random.Random(1)
    for _ in range(8):
        values = {s: sp.Rational(chance.randrange(100, 900), 1009) for s in symbols}
        value = body.evalf(30, subs=values)
        if value.has(sp.nan, sp.zoo, sp.oo):
            continue
        is_evaluated = value.is_number and not value.has(sp.Function)
        if not is_evaluated or not abs(value).evalf(30) < 1e-20:
            return True
    return False


def _is_proven(body: Expr) -> bool:
    real = body.xreplace({s: sp.Dummy(positive=True) for s in body.free_symbols})
    for known in (body, real):
        plain = algebraic(sp.expand_log(known))
        if sp.cancel(sp.together(plain)) == 0:
            return True
    return bool(simplified(body) == 0)


def algebraic(body: Expr) -> Expr:
    """Return exponentials as positive symbols, and bounded functions within their bounds.

    Exponentials of multiples of one exponent become powers of one symbol; treating what is left as
    independent only weakens what can be proven.

    Example:
        >>> x = sp.Symbol("x", real=True)
        >>> algebraic(sp.exp(2 * x) - sp.exp(x) ** 2)
        0
    """
    body = body.rewrite(sp.exp) if body.has(sp.tanh, sp.sinh, sp.cosh, sp.sech, sp.coth) else body
    body = sp.powsimp(sp.expand(body, power_exp=True, mul=False, multinomial=False))
    symbols: dict[Expr, sp.Symbol] = {}
    marks: dict[Expr, Expr] = {}
    for part in sorted(body.atoms(sp.exp), key=lambda e: (sp.count_ops(e), sp.default_sort_key(e))):
        number, exponent = sp.expand(part.args[0]).as_coeff_Mul()
        if not exponent.is_real or not number.is_Rational:
            continue
        unit = symbols.setdefault(exponent, sp.Dummy(positive=True))
        marks[part] = unit**number
    for part in body.atoms(*_BOUNDED):
        if part.args[0].is_real:
            share = sp.Dummy(positive=True)
            marks[part] = _BOUNDED[type(part)] * (share - 1) / (share + 1)
    for part in body.atoms(sp.Heaviside):
        share = sp.Dummy(positive=True)
        marks[part] = share / (share + 1)
    return body.xreplace(marks)
