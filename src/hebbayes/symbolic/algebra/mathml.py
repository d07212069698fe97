"""Formulas as MathML, which browsers draw without any script."""

import html
from typing import TYPE_CHECKING

import sympy as sp

from hebbayes.symbolic.algebra.delays import delayed_parts
from hebbayes.symbolic.algebra.formula_text import factor_rank, function_name, term_rank
from hebbayes.symbolic.algebra.functions import (
    Average,
    Expr,
    LogCosh,
    MatVec,
    OverUnits,
    Total,
    Trans,
)

if TYPE_CHECKING:
    from hebbayes.symbolic.algebra.calculus import Piece

_GREEK = {
    name: chr(code)
    for code, name in enumerate(
        [
            "alpha",
            "beta",
            "gamma",
            "delta",
            "epsilon",
            "zeta",
            "eta",
            "theta",
            "iota",
            "kappa",
            "lambda",
            "mu",
            "nu",
            "xi",
            "omicron",
            "pi",
            "rho",
            "final_sigma",
            "sigma",
            "tau",
            "upsilon",
            "phi",
            "chi",
            "psi",
            "omega",
        ],
        start=0x3B1,
    )
}
_GREEK |= {name.capitalize(): letter.upper() for name, letter in _GREEK.items()}
_SUM, _PRODUCT, _ATOM = 0, 1, 2


def mathml_of(expression: Expr) -> str:
    """Return an expression as presentation MathML, without the surrounding <math>.

    Example:
        >>> mathml_of(sp.Symbol("phi1"))
        '<msub><mi>φ</mi><mn>1</mn></msub>'
    """
    return _of(expression, _SUM)


def sum_mathml(pieces: "tuple[Piece, ...]") -> str:
    """Return a cost as MathML, one sum per layer.

    Example:
        >>> import sympy as sp
        >>> from hebbayes.symbolic.algebra.calculus import Piece
        >>> sum_mathml((Piece(sp.Symbol("x"), sp.Symbol("x")),))[:30]
        '<munder><mo>∑</mo><mi>x</mi></'
    """
    return "<mo>+</mo>".join(
        f"<munder><mo>∑</mo>{mathml_of(piece.space)}</munder>"
        f"<mrow><mo>{{</mo>{mathml_of(piece.body)}<mo>}}</mo></mrow>"
        for piece in pieces
    )


def _of(e: Expr, least: int) -> str:
    """Return MathML of ``e``, in brackets if it binds less than ``least``."""
    if e.is_Add:
        return _bracketed(_sum(e), least > _SUM)
    if e.is_Number or isinstance(e, sp.NumberSymbol):
        return _number(e, least)
    if e.is_Mul:
        return _bracketed(_product(e), least > _PRODUCT)
    if e.is_Pow:
        return _power(e)
    if e.is_Symbol:
        return _symbol(e.name)
    return _call(e, least)


def _bracketed(inside: str, is_needed: bool) -> str:
    return f"<mrow><mo>(</mo>{inside}<mo>)</mo></mrow>" if is_needed else inside


def _number(e: Expr, least: int) -> str:
    if e == sp.pi:
        return "<mi>π</mi>"
    if e.is_Rational and e.q != 1:
        sign = "<mo>-</mo>" if e.is_negative else ""
        return f"<mrow>{sign}<mfrac><mn>{abs(e.p)}</mn><mn>{e.q}</mn></mfrac></mrow>"
    text = f"<mn>{html.escape(str(abs(e)))}</mn>"
    return _bracketed(f"<mo>-</mo>{text}", least > _SUM) if e.is_negative else text


def _symbol(name: str) -> str:
    late = delayed_parts(name)
    if late is not None:
        lag = f"<mn>{late[1]}</mn>" if late[1].isdigit() else _symbol(late[1])
        return f"<msub>{_symbol(late[0])}<mrow><mi>t</mi><mo>-</mo>{lag}</mrow></msub>"
    stem, digits = name.rstrip("0123456789"), name[len(name.rstrip("0123456789")) :]
    head, _, below = stem.partition("_")
    below = (below + digits) if below else digits
    letter = f"<mi>{html.escape(_GREEK.get(head, head) or name)}</mi>"
    if not below:
        return letter
    tag = "mn" if below.isdigit() else "mi"
    return f"<msub>{letter}<{tag}>{html.escape(below)}</{tag}></msub>"


def _sum(e: Expr) -> str:
    parts = []
    for number, term in enumerate(sorted(e.args, key=term_rank)):
        is_negative = term.could_extract_minus_sign()
        bare = -term if is_negative else term
        sign = "<mo>-</mo>" if is_negative else "<mo>+</mo>" if number else ""
        parts.append(sign + _of(bare, _PRODUCT if is_negative else _SUM))
    return f"<mrow>{''.join(parts)}</mrow>"


def _product(e: Expr) -> str:
    number, rest = e.as_coeff_Mul()
    factors = sp.Mul.make_args(rest)
    below = [1 / f for f in factors if f.is_Pow and f.exp.could_extract_minus_sign()]
    above = [f for f in factors if not (f.is_Pow and f.exp.could_extract_minus_sign())]
    above.sort(key=factor_rank)
    top, bottom = abs(number).as_numer_denom()
    over = ([] if top == 1 and above else [_of(top, _ATOM)]) + [_of(f, _ATOM) for f in above]
    under = ([] if bottom == 1 else [_of(bottom, _ATOM)]) + [_of(f, _ATOM) for f in below]
    text = f"<mrow>{'<mo>⁢</mo>'.join(over)}</mrow>"
    if under:
        text = f"<mfrac>{text}<mrow>{''.join(under)}</mrow></mfrac>"
    return f"<mrow><mo>-</mo>{text}</mrow>" if number.is_negative else text


def _power(e: Expr) -> str:
    base, exponent = e.args
    if exponent == sp.Rational(1, 2):
        return f"<msqrt>{_of(base, _SUM)}</msqrt>"
    if exponent.could_extract_minus_sign():
        return f"<mfrac><mn>1</mn>{_of(1 / e, _SUM)}</mfrac>"
    return f"<msup>{_of(base, _ATOM)}{_of(exponent, _SUM)}</msup>"


def _call(e: Expr, least: int) -> str:
    if isinstance(e, MatVec):
        matrix, vector = e.args
        right = "<mn>1</mn>" if vector == 1 else _of(vector, _ATOM)
        inside = f"<mrow>{_of(matrix, _ATOM)}<mspace width='0.15em'/>{right}</mrow>"
        return _bracketed(inside, least >= _ATOM)
    if isinstance(e, Trans):
        return f"<msup>{_of(e.args[0], _ATOM)}<mo>⊤</mo></msup>"
    if isinstance(e, Total):
        return f"<mrow><mo>∑</mo>{_of(e.args[0], _ATOM)}</mrow>"
    if isinstance(e, Average):
        return f"<mrow><mo>⟨</mo>{_of(e.args[0], _SUM)}<mo>⟩</mo></mrow>"
    if isinstance(e, sp.exp):
        return f"<msup><mi>e</mi>{_of(e.args[0], _SUM)}</msup>"
    if isinstance(e, LogCosh):
        return f"<mrow><mi>log cosh</mi>{_bracketed(_of(e.args[0], _SUM), True)}</mrow>"
    if isinstance(e, OverUnits) or not isinstance(e, sp.Integral):
        inside = "<mo>,</mo>".join(_of(part, _SUM) for part in e.args)
        return f"<mrow><mi>{html.escape(function_name(e))}</mi>{_bracketed(inside, True)}</mrow>"
    variable = _symbol(e.args[1][0].name)
    return f"<mrow><mo>∫</mo>{_of(e.args[0], _PRODUCT)}<mi>d</mi>{variable}</mrow>"
