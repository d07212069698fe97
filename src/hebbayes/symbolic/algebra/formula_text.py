"""Formulas as text, in the language that equations are typed in."""

from typing import TYPE_CHECKING

import sympy as sp
from sympy.printing.precedence import PRECEDENCE, precedence
from sympy.printing.str import StrPrinter

from hebbayes.symbolic.algebra.functions import Expr, MatVec, held, outermost

if TYPE_CHECKING:
    from hebbayes.symbolic.algebra.calculus import Piece

_NAMES = {
    "Sigmoid": "sig",
    "Logit": "logit",
    "Softplus": "softplus",
    "Relu": "relu",
    "Softmax": "softmax",
    "Phi": "phi",
    "PhiInverse": "inverse_phi",
    "Total": "sum",
    "Average": "avg",
}


class TextPrinter(StrPrinter):
    """Prints expressions as they are typed: `x*log(x) - x*(W*o + h)`."""

    _times = "*"

    def _print_Function(self, expr: Expr) -> str:
        return f"{function_name(expr)}({', '.join(self._print(part) for part in expr.args)})"

    def _print_LogCosh(self, expr: Expr) -> str:
        return f"log(cosh({self._print(expr.args[0])}))"

    def _print_MatVec(self, expr: Expr) -> str:
        matrix, vector = expr.args
        right = self.parenthesize(vector, PRECEDENCE["Mul"])
        if isinstance(vector, sp.Mul):
            right = f"({self._print(vector)})"
        return f"{self.parenthesize(matrix, PRECEDENCE['Mul'])}{self._times}{right}"

    def _print_Trans(self, expr: Expr) -> str:
        return f"{self._print(expr.args[0])}'"

    def _print_Evaluation(self, expr: Expr) -> str:
        return f"{self.parenthesize(expr.args[0], PRECEDENCE['Atom'])}_{expr.args[1]}"

    def _print_Entry(self, expr: Expr) -> str:
        matrix = expr.args[0]
        if isinstance(matrix, sp.Tuple):
            product = " ".join(self._print(m) for m in matrix if m != 1)
            return f"({product})_{expr.args[1]}{expr.args[2]}"
        return f"{self._print(matrix)}_{expr.args[1]}{expr.args[2]}"

    def _print_Post(self, expr: Expr) -> str:
        return self._print(expr.args[0])

    def _print_Pre(self, expr: Expr) -> str:
        return self._print(expr.args[0])

    def _print_Pow(self, expr: Expr, rational: bool = False) -> str:
        text: str = super()._print_Pow(expr, rational)
        return text.replace("**", "^")

    def _print_Integral(self, expr: Expr) -> str:
        return f"integral of {self._print(expr.args[0])} over {expr.args[1][0]}"

    def _print_Mul(self, expr: Expr) -> str:
        """Numbers and symbols first, products with a matrix last: x*(W*o)/2."""
        number, rest = expr.as_coeff_Mul()
        factors = sp.Mul.make_args(rest)
        below = [1 / f for f in factors if f.is_Pow and f.exp.could_extract_minus_sign()]
        above = [f for f in factors if not (f.is_Pow and f.exp.could_extract_minus_sign())]
        above.sort(key=factor_rank)
        sign = "-" if number.is_negative else ""
        top, bottom = abs(number).as_numer_denom()
        parts = ([] if top == 1 and above else [self._print(top)]) + [
            self._factor(f, len(above) + len(below) > 1 or abs(number) != 1) for f in above
        ]
        under = ([] if bottom == 1 else [self._print(bottom)]) + [
            self._factor(f, True) for f in below
        ]
        text = sign + "*".join(parts)
        if not under:
            return text
        return f"{text}/{under[0]}" if len(under) == 1 else f"{text}/({'*'.join(under)})"

    def _factor(self, factor: Expr, is_beside_others: bool) -> str:
        if isinstance(factor, MatVec):
            return f"({self._print(factor)})" if is_beside_others else str(self._print(factor))
        return str(self.parenthesize(factor, PRECEDENCE["Mul"]))

    def _print_Add(self, expr: Expr, order: str | None = None) -> str:
        terms = sorted(expr.args, key=term_rank)
        text = ""
        for number, term in enumerate(terms):
            printed = self._print(term)
            if precedence(term) < PRECEDENCE["Add"] and not printed.startswith("-"):
                printed = f"({printed})"
            if number == 0:
                text = printed
            elif printed.startswith("-"):
                text += f" - {printed[1:]}"
            else:
                text += f" + {printed}"
        return text


def term_rank(term: Expr) -> tuple[int, int, int, str]:
    """Return the place of a term in a sum: entropies, activity, then products with matrices.

    Example:
        >>> x = sp.Symbol("x")
        >>> sorted([-x, x * sp.log(x)], key=term_rank)
        [x*log(x), -x]
    """
    has_sum = bool(outermost(term))
    is_entropy = term.has(sp.log) and not has_sum
    is_negative = term.could_extract_minus_sign()
    kind = 0 if is_entropy else 2 if has_sum else 1
    if term.is_number:
        kind = -1 if not is_negative else 3
    return (kind, int(is_negative), len(sp.sstr(term)), sp.sstr(term))


def factor_rank(factor: Expr) -> tuple[int, str]:
    """Return the place of a factor in a product: symbols, sums, functions, matrix products.

    Example:
        >>> x = sp.Symbol("x")
        >>> sorted([sp.log(x), x], key=factor_rank)
        [x, log(x)]
    """
    kind = 3 if outermost(factor) else 2 if factor.is_Function else 1 if factor.is_Add else 0
    return (4 if isinstance(factor, MatVec) else kind, sp.sstr(factor))


class _RulePrinter(TextPrinter):
    """Prints plasticity rules, in which `*` is by entry and `@` a matrix product."""

    _times = "@"


def function_name(expression: Expr) -> str:
    """Return what a function is called in the language.

    Example:
        >>> from hebbayes.symbolic.algebra.functions import Sigmoid
        >>> function_name(Sigmoid(sp.Symbol("u")))
        'sig'
    """
    return _NAMES.get(type(expression).__name__, str(expression.func.__name__))


_PRINTER, _RULE_PRINTER = TextPrinter(), _RulePrinter()


def rule_text(rule: Expr) -> str:
    """Return a plasticity rule as it is typed.

    Example:
        >>> W, o, x = sp.symbols("W o x", real=True)
        >>> rule_text(x * (o - MatVec(W, x)))
        'x*(o - W@x)'
    """
    return str(_RULE_PRINTER.doprint(simplified_rule(rule)))


def text_of(expression: Expr) -> str:
    """Return an expression as it is typed.

    Example:
        >>> W, o, x = sp.symbols("W o x", real=True)
        >>> text_of(x**2 / 2 - x * MatVec(W, o))
        'x^2/2 - x*(W*o)'
    """
    return str(_PRINTER.doprint(expression))


def simplified_rule(rule: Expr) -> Expr:
    """Return a rule in factors, with differences the way round that products have no sign.

    Example:
        >>> x, o, W = sp.symbols("x o W", real=True)
        >>> text_of(simplified_rule(sp.expand((1 - x) * (o - W))))
        '(o - W)*(1 - x)'
    """
    plain, back = held(rule)
    factored = sp.factor(plain)
    if not isinstance(factored, sp.Mul):
        return rule if isinstance(factored, sp.Add) else factored.xreplace(back)
    sign, factors = sp.S.One, []
    for factor in factored.args:
        is_turned = isinstance(factor, sp.Add) and _is_turned(factor)
        sign *= -1 if is_turned else 1
        factors.append(-factor if is_turned else factor)
    number = sp.Mul(*(f for f in factors if f.is_number)) * sign
    rest = [f for f in factors if not f.is_number]
    if number.is_negative:
        for place, factor in enumerate(rest):
            if isinstance(factor, sp.Add) and not any(t.is_number for t in factor.args):
                rest[place], number = -factor, -number
                break
    result: Expr = sp.Mul(number, *rest)
    return result.xreplace(back)


def _is_turned(factor: Expr) -> bool:
    """Whether a difference holds a negative number, as in x - 1."""
    return any(term.is_number and term.is_negative for term in factor.args)


def cost_text(pieces: "tuple[Piece, ...]") -> str:
    """Return a cost as text, one sum per layer.

    Example:
        >>> from hebbayes.symbolic.algebra.calculus import Piece
        >>> cost_text((Piece(sp.Symbol("x"), sp.Symbol("x") ** 2),))
        'sum(x^2)'
    """
    return " + ".join(f"sum({text_of(piece.body)})" for piece in pieces)
