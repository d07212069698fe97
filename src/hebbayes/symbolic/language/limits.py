"""Limits on the size of an equation, so that every derivation ends within seconds.

They bound the length of the text, the nesting of brackets, LaTeX commands and functions, the size
of numbers and powers, and the number of equations and terms.
"""

import re
from collections.abc import Sequence

import sympy as sp

from hebbayes.symbolic.algebra.functions import Expr, Logit, MatVec, elementary
from hebbayes.symbolic.language.faults import EquationError, fault

MOST_CHARACTERS = 20_000
DEEPEST = 40
MOST_DIGITS = 30
MOST_CALLS = 8
MOST_EQUATIONS = 40
MOST_TERMS = 100
HIGHEST_POWER = 100
HIGHEST_POWER_OF_SUM = 6
MOST_BITS = 2_000
LARGEST = 10**100
_NESTING = re.compile(r"[(\[{]|[)\]}]")
_RUNS = re.compile(rf"(?:[-+]\s*){{{DEEPEST},}}|(?:['′]\s*){{{DEEPEST},}}")
_NUMBERS = re.compile(rf"[\d.]{{{MOST_DIGITS + 1},}}|\d[eE][-+]?\d{{4,}}")


def check_text(source: str) -> None:
    """Check the length of a text, its nesting and its numbers, before it is read.

    Raises `EquationError` for a text beyond the limits.

    Example:
        >>> check_text("dx/dt = -x + W*o")
    """
    if len(source) > MOST_CHARACTERS:
        sentence = f"the equation has {len(source)} characters; the limit is {MOST_CHARACTERS}."
        raise fault(source[:80], 0, 1, sentence)
    depth = 0
    for match in _NESTING.finditer(source):
        depth += 1 if match.group() in "([{" else -1
        if depth > DEEPEST:
            sentence = f"brackets nest more than {DEEPEST} deep; define parts by name."
            raise fault(source, match.start(), match.end(), sentence)
    if run := _RUNS.search(source):
        raise fault(source, run.start(), run.start() + 1, "too many signs in a row; remove them.")
    if number := _NUMBERS.search(source):
        sentence = f"a number has at most {MOST_DIGITS} digits and an exponent of at most 999."
        raise fault(source, number.start(), number.start() + 1, sentence)


def check_fields(fields: Sequence[Expr]) -> None:
    """Check the number of equations and how deep functions stand in functions.

    Raises `EquationError` for more than can be derived.

    Example:
        >>> check_fields([sp.tanh(sp.Symbol("x"))])
    """
    if len(fields) > MOST_EQUATIONS:
        raise EquationError(
            f"the network has {len(fields)} equations; at most {MOST_EQUATIONS} can be derived. "
            "Write layers as vectors."
        )
    if any(len(sp.Add.make_args(field)) > MOST_TERMS for field in fields):
        raise EquationError(
            f"an equation has more than {MOST_TERMS} terms; write sums over inputs as W*o."
        )
    if any(_calls(field) > MOST_CALLS for field in fields):
        raise EquationError(f"functions nest more than {MOST_CALLS} deep; simplify the equation.")


def _calls(expression: Expr) -> int:
    is_call = isinstance(expression, sp.Function) and not isinstance(expression, MatVec)
    return is_call + max((_calls(part) for part in expression.args), default=0)


def is_within_powers(base: Expr, exponent: Expr) -> bool:
    """Return whether a power is small enough to be multiplied out.

    Example:
        >>> x = sp.Symbol("x")
        >>> is_within_powers(x, sp.Integer(20)), is_within_powers(x + 1, sp.Integer(20))
        (True, False)
    """
    if not exponent.is_number:
        return True
    inner = [abs(part.exp) for part in base.atoms(sp.Pow) if part.exp.is_Rational]
    numbers = [max(abs(n.p), n.q).bit_length() for n in base.atoms(sp.Rational)]
    highest = HIGHEST_POWER_OF_SUM if base.has(sp.Add) else HIGHEST_POWER
    is_low = abs(exponent) * max([1, *inner]) <= highest
    return bool(is_low and abs(exponent) * max([1, *numbers]) <= MOST_BITS)


def is_undefined(expression: Expr) -> bool:
    """Return whether an expression is not real, or beyond 10^100, whatever its symbols are.

    Only the outermost function is examined; its arguments have been before.

    Example:
        >>> x = sp.Symbol("x", real=True)
        >>> [is_undefined(e) for e in (sp.log(0), Logit(sp.S.One), sp.sqrt(-1 - x**2), sp.log(x))]
        [True, True, True, False]
    """
    if expression.has(sp.zoo, sp.nan, sp.oo, -sp.oo):
        return True
    number, _ = expression.as_coeff_Mul()
    if expression.is_number:
        plain = elementary(expression)
        is_infinite = plain.has(sp.zoo, sp.nan, sp.oo, -sp.oo) or plain.is_real is False
        size = abs(plain.evalf(15))
        return bool(is_infinite or (size.is_Number and size > LARGEST))
    if abs(number.evalf(15)) > LARGEST:
        return True
    if isinstance(expression, sp.log):
        return bool(expression.args[0].is_nonpositive)
    if isinstance(expression, (Logit, sp.atanh)):
        inside = expression.args[0]
        low = inside if isinstance(expression, Logit) else 1 + inside
        return bool(low.is_nonpositive or (1 - inside).is_nonpositive)
    if expression.is_Pow and expression.exp.is_Rational:
        return bool(expression.exp.q % 2 == 0 and expression.base.is_negative)
    return False
