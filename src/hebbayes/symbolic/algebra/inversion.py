"""Inverting activations: from x = phi(v) to v, from -x + phi(u) to the leak that it means.

An expression that holds its unknown once is peeled from the outside in; SymPy is asked only if
that fails.
"""

import sympy as sp

from hebbayes.symbolic.algebra.functions import INCREASING, INVERSES, Expr, elementary, is_zero


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
    try:
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


def is_increasing(expression: Expr, unknown: sp.Symbol) -> bool:
    """Return whether an activation grows with its argument, by structure or at sampled points.

    Example:
        >>> v = sp.Symbol("v", real=True)
        >>> is_increasing(sp.tanh(v), v), is_increasing(-sp.tanh(v), v)
        (True, False)
    """
    if type(expression) in INCREASING and expression.args[0] == unknown:
        return True
    parameters = expression.free_symbols - {unknown}
    chosen = {
        p: sp.Rational(7, 10) if not p.is_negative else sp.Rational(-7, 10) for p in parameters
    }
    slope = elementary(expression.diff(unknown)).xreplace(chosen)
    points = (sp.Rational(n, 8) for n in range(-23, 24, 2))
    values = [slope.xreplace({unknown: point}).evalf(15) for point in points]
    real = [value for value in values if value.is_real]
    return bool(real) and all(value >= 0 for value in real) and any(value > 0 for value in real)
