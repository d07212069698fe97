"""Inverting activations: from x = phi(v) to v, from -x + phi(u) to the leak that it means.

An expression that holds its unknown once is peeled from the outside in; SymPy is asked only if
that fails.
"""

import sympy as sp

from hebbayes.symbolic.algebra.functions import INVERSES, Expr, elementary
from hebbayes.symbolic.algebra.time_limit import SYMPY_S, time_limit
from hebbayes.symbolic.algebra.zero import is_zero


def invert(expression: Expr, unknown: sp.Symbol, value: Expr) -> Expr | None:
    """Return the unknown for which ``expression`` equals ``value``, or None.

    Example:
        >>> from hebbayes.symbolic.algebra.functions import Sigmoid
        >>> v, x = sp.symbols("v x", real=True)
        >>> invert(2 * Sigmoid(v / 3) - 1, v, x)
        3*Logit(x/2 + 1/2)
    """
    if expression == unknown:
        return value
    rest, core = expression.as_independent(unknown, as_Add=isinstance(expression, sp.Add))
    if isinstance(expression, sp.Add) and rest != 0:
        return invert(core, unknown, sp.expand(value - rest))
    if isinstance(expression, sp.Mul) and rest != 1:
        return invert(core, unknown, sp.expand(value / rest))
    if type(expression) in INVERSES and len(expression.args) == 1:
        return invert(expression.args[0], unknown, INVERSES[type(expression)](value))
    if isinstance(expression, sp.Pow) and unknown not in expression.exp.free_symbols:
        return invert(expression.base, unknown, value ** (1 / expression.exp))
    return _solved(expression, unknown, value)


def _solved(expression: Expr, unknown: sp.Symbol, value: Expr) -> Expr | None:
    stand_in = sp.Dummy(real=True)
    numerator = sp.fraction(sp.together(elementary(expression) - stand_in))[0]
    if numerator.is_polynomial(unknown) and sp.degree(numerator, unknown) == 1:
        constant, slope = (sp.expand(numerator).coeff(unknown, n) for n in (0, 1))
        return sp.cancel(-constant / slope).xreplace({stand_in: value})
    try:
        with time_limit(SYMPY_S, NotImplementedError()):
            result = sp.solve(elementary(expression) - stand_in, unknown)
    except (NotImplementedError, TypeError, ValueError):
        return None
    real = [f for f in result if _is_inverse(f, elementary(expression), unknown, stand_in)]
    return real[0].xreplace({stand_in: value}) if len(real) == 1 else None


def _is_inverse(result: Expr, expression: Expr, unknown: sp.Symbol, value: sp.Symbol) -> bool:
    """Whether a solution is real and gives the value back; solvers also return other branches."""
    points = (sp.Rational(n, 11) for n in (1, 3, 5))
    inverted = [result.xreplace({value: point}) for point in points]
    if not all(i.is_real for i in inverted if i.is_number):
        return False
    return is_zero(expression.xreplace({unknown: result}) - value)
