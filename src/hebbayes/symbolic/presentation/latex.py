"""A derivation as a LaTeX document, in vector notation."""

import re
from typing import TYPE_CHECKING

import sympy as sp
from sympy.printing.latex import LatexPrinter

from hebbayes.symbolic.algebra.delays import delayed_parts
from hebbayes.symbolic.algebra.formula_text import term_rank
from hebbayes.symbolic.algebra.functions import Expr, MatVec
from hebbayes.symbolic.presentation.steps import Formula, Step, steps_of

if TYPE_CHECKING:
    from hebbayes.symbolic.derivation import Derivation

_WORDS = {
    "Sigmoid": "sig",
    "Logit": "logit",
    "Softplus": "softplus",
    "Relu": "relu",
    "Softmax": "softmax",
    "PhiInverse": "inverse",
    "logsumexp": "logsumexp",
}
_BRACKETS = {
    "Total": (r"\left(\sum ", r"\right)"),
    "Average": (r"\left\langle ", r" \right\rangle"),
}
_START = r"""\documentclass{article}
\usepackage{amsmath,amssymb}
\usepackage[margin=2.5cm]{geometry}
\allowdisplaybreaks
\begin{document}
"""
_ESCAPES = {"\\": r"\textbackslash{}", "^": r"\textasciicircum{}", "~": r"\textasciitilde{}"}


class VectorPrinter(LatexPrinter):
    """Prints expressions of one unit as vectors: products with a matrix stay together."""

    def _print_Symbol(self, expr: Expr, style: str = "plain") -> str:
        late = delayed_parts(expr.name)
        if late is not None:
            base, lag = late
            lag = lag if lag.isdigit() else str(self._print(sp.Symbol(lag)))
            return f"{self._print(sp.Symbol(base))}_{{t-{lag}}}"
        return str(super()._print_Symbol(expr))

    def _print_Function(self, expr: Expr, exp: str | None = None) -> str:
        kind = type(expr).__name__
        if kind not in _WORDS and kind not in _BRACKETS:
            return str(super()._print_Function(expr, exp))
        inside = ", ".join(self._print(part) for part in expr.args)
        power = f"^{{{exp}}}" if exp else ""
        if kind in _BRACKETS:
            left, right = _BRACKETS[kind]
            return f"{left}{inside}{right}{power}"
        return rf"\operatorname{{{_WORDS[kind]}}}{power}\left({inside}\right)"

    def _print_MatVec(self, expr: Expr, exp: str | None = None) -> str:
        power = f"^{{{exp}}}" if exp else ""
        return rf"\left({self.product(expr)}\right){power}"

    def product(self, expr: Expr) -> str:
        """Return a product with a matrix without brackets around it."""
        matrix, vector = expr.args
        left = str(self._print(matrix))
        if matrix.is_Add or matrix.is_Mul:
            left = rf"\left({left}\right)"
        right = r"\mathbf{1}" if vector == 1 else str(self._print(vector))
        if vector.is_Add or vector.is_Mul:
            right = rf"\left({right}\right)"
        return rf"{left}\,{right}"

    def _print_Trans(self, expr: Expr, exp: str | None = None) -> str:
        return rf"{self._print(expr.args[0])}^{{\top}}"

    def _print_LogCosh(self, expr: Expr, exp: str | None = None) -> str:
        return rf"\log\cosh\left({self._print(expr.args[0])}\right)"

    def _print_Evaluation(self, expr: Expr, exp: str | None = None) -> str:
        power = f"^{{{exp}}}" if exp else ""
        return rf"{{{self._print(expr.args[0])}}}_{{{expr.args[1]}}}{power}"

    def _print_Entry(self, expr: Expr, exp: str | None = None) -> str:
        matrix = expr.args[0]
        parts = matrix if isinstance(matrix, sp.Tuple) else (matrix,)
        product = r"\,".join(self._print(part) for part in parts if part != 1)
        return rf"\left({product}\right)_{{{expr.args[1]}{expr.args[2]}}}"

    def _print_Add(self, expr: Expr, order: str | None = None) -> str:
        text = ""
        for term in sorted(expr.args, key=term_rank):
            sign = "-" if term.could_extract_minus_sign() else "+"
            bare = -term if sign == "-" else term
            printed = self.product(bare) if isinstance(bare, MatVec) else str(self._print(bare))
            if bare.is_Add:
                printed = rf"\left({printed}\right)"
            text += f" {sign} {printed}" if text else (f"- {printed}" if sign == "-" else printed)
        return text


_PRINTER = VectorPrinter({"mul_symbol": r"\,", "ln_notation": False})


def latex_of(expression: Expr) -> str:
    """Return an expression in LaTeX.

    Example:
        >>> W, o, x = sp.symbols("W o x", real=True)
        >>> print(latex_of(x**2 / 2 - x * MatVec(W, o)))
        \\frac{x^{2}}{2} - x\\,\\left(W\\,o\\right)
    """
    if isinstance(expression, MatVec):
        return _PRINTER.product(expression)
    return str(_PRINTER.doprint(expression))


def to_latex(derivation: "Derivation") -> str:
    """Return a derivation as a LaTeX document.

    Example:
        >>> from hebbayes.symbolic.derive import derive
        >>> to_latex(derive("dx/dt = -x + J*x")).splitlines()[-1]
        '\\\\end{document}'
    """
    parts = [_START, plain_text(derivation.headline), ""]
    if derivation.remedy:
        parts += [plain_text(derivation.remedy), ""]
    for step in steps_of(derivation):
        parts += _step(step)
    return "\n".join([*parts, r"\end{document}", ""])


def _step(step: Step) -> list[str]:
    lines = [rf"\section*{{{plain_text(step.title)}}}", *map(_formula, step.formulas)]
    if step.rows:
        items = (
            rf"\item[\normalfont\texttt{{{plain_text(row.neural)}}}] {plain_text(row.bayesian)}"
            for row in step.rows
        )
        lines += [r"\begin{description}", *items, r"\end{description}"]
    return [*lines, plain_text(step.reason), ""]


def _formula(formula: Formula) -> str:
    if formula.pieces:
        return _cost(formula)
    if isinstance(formula.right, str):
        words = f"{formula.left} = {formula.right}" if formula.left else formula.right
        return plain_text(words) + "\n"
    return rf"\[ {left_side(formula.left)} = {latex_of(formula.right)} \]"


def _cost(formula: Formula) -> str:
    """Return a cost, one line per term: a display does not break by itself."""
    lines: list[str] = []
    for piece in formula.pieces:
        terms = sorted(sp.Add.make_args(piece.body), key=term_rank)
        printed = [_signed(term, number == 0) for number, term in enumerate(terms)]
        sum_over = rf"\sum_{{{_PRINTER.doprint(piece.space)}}} \Bigl\{{ "
        plus = "+ " if lines else ""
        lines.append(plus + sum_over + r" \\ &\qquad ".join(printed) + r" \Bigr\}")
    joined = r" \\ &\quad ".join(lines)
    return f"\\begin{{align*}}\n{left_side(formula.left)} &= {joined}\n\\end{{align*}}"


def _signed(term: Expr, is_first: bool) -> str:
    is_negative = term.could_extract_minus_sign()
    printed = latex_of(-term if is_negative else term)
    return f"- {printed}" if is_negative else (printed if is_first else f"+ {printed}")


def left_side(left: str) -> str:
    """Return the left side of a formula: a derivative, a letter, or words.

    Example:
        >>> print(left_side("tau*dv/dt"), left_side("metric of x"))
        \\tau\\,\\frac{d v}{d t} \\text{metric of x}
    """
    match = re.fullmatch(r"(?:(\w+)\*)?d(\w+)/dt", left)
    if match:
        factor = "" if match[1] is None else f"{_PRINTER.doprint(sp.Symbol(match[1]))}\\,"
        return rf"{factor}\frac{{d {_PRINTER.doprint(sp.Symbol(match[2]))}}}{{d t}}"
    if re.fullmatch(r"[A-Za-z]\w*", left):
        return str(_PRINTER.doprint(sp.Symbol(left))) if len(left) < 4 else rf"\text{{{left}}}"
    return rf"\text{{{plain_text(left)}}}"


def plain_text(text: str) -> str:
    """Return text with everything that LaTeX reads as a command escaped.

    Example:
        >>> print(plain_text("x_i & 50%"))
        x\\_i \\& 50\\%
    """
    return "".join(_ESCAPES.get(c, f"\\{c}" if c in "&%$#_{}" else c) for c in text)
