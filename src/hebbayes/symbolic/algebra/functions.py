"""Functions and products that a network's equation is written in, as SymPy sees them.

An expression stands for one generic unit of a layer: elementwise operations are ordinary SymPy,
and what sums over other units is an atom.  `MatVec(A, g)` is sum_j A_ij g_j with A a function of
the entries of matrices; `Total(e)` is the sum over a layer's units; `Average(e)` is over time.
Activations know their inverse and the antiderivative of it (docs/theory.md section 5).
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeAlias

import sympy as sp
from sympy.printing.precedence import PRECEDENCE

Expr: TypeAlias = Any
"""A SymPy expression: what SymPy's own annotations say of it is partial."""

LONGEST_EXPONENT = 10**6
"""Largest number that SymPy may raise another to: longer powers take minutes and gigabytes."""


class Sigmoid(sp.Function):
    """sig(u) = 1/(1 + exp(-u))."""

    def fdiff(self, argindex: int = 1) -> Expr:
        """Return sig(u) (1 - sig(u))."""
        return self * (1 - self)

    def _eval_is_real(self) -> bool | None:
        return self.args[0].is_real


class Logit(sp.Function):
    """logit(x) = ln x - ln(1 - x)."""

    def fdiff(self, argindex: int = 1) -> Expr:
        """Return 1/(x (1 - x))."""
        x = self.args[0]
        return 1 / (x * (1 - x))


class Softplus(sp.Function):
    """softplus(u) = ln(1 + exp(u))."""

    def fdiff(self, argindex: int = 1) -> Expr:
        """Return sig(u)."""
        return Sigmoid(self.args[0])


class LogCosh(sp.Function):
    """ln cosh u, the antiderivative of tanh."""

    def fdiff(self, argindex: int = 1) -> Expr:
        """Return tanh(u)."""
        return sp.tanh(self.args[0])


class Relu(sp.Function):
    """relu(u) = max(u, 0)."""

    def fdiff(self, argindex: int = 1) -> Expr:
        """Return 1 if u > 0, else 0."""
        return sp.Heaviside(self.args[0])


class Phi(sp.Function):
    """phi(u), an activation of which only its increase is known."""


class PhiInverse(sp.Function):
    """The inverse of phi."""


class Opaque(sp.Function):
    """A term that algebra treats as one symbol."""

    def _eval_is_real(self) -> bool:
        return True


class OverUnits(Opaque):
    """A term that depends on other units or other times."""


class Softmax(OverUnits):
    """softmax(u) = exp(u) / sum exp(u), over the units of a layer."""


class SymmetricMatrix(sp.Symbol):
    """Entry of a matrix that is its own transpose."""


class AntisymmetricMatrix(sp.Symbol):
    """Entry of a matrix whose transpose is its negative."""


class Scalar(sp.Symbol):
    """One number for a whole layer, such as a time constant or a modulator."""


class Trans(Opaque):
    """Transpose of a matrix, by entry."""

    @classmethod
    def eval(cls, matrix: Expr) -> Expr | None:
        """Push the transpose down to the symbols: entrywise functions commute with it."""
        if isinstance(matrix, Trans):
            return matrix.args[0]
        if matrix.is_number:
            return matrix
        if isinstance(matrix, AntisymmetricMatrix):
            return -matrix
        if isinstance(matrix, sp.Symbol):
            return matrix if isinstance(matrix, SymmetricMatrix) else None
        return matrix.func(*(cls(part) for part in matrix.args))


def _scaled(expression: Expr) -> tuple[Expr, Expr]:
    """Return (what is one number for a whole layer, the rest) of a product."""
    factors = sp.Mul.make_args(expression)
    numbers = [f for f in factors if _is_one_number(f)]
    return sp.Mul(*numbers), sp.Mul(*(f for f in factors if f not in numbers))


def _is_one_number(factor: Expr) -> bool:
    is_scalar = all(isinstance(symbol, Scalar) for symbol in factor.free_symbols)
    return is_scalar and not factor.has(Opaque)


class MatVec(OverUnits):
    """sum_j A_ij g_j: linear in both arguments, kept in expanded form."""

    precedence = PRECEDENCE["Mul"]

    @classmethod
    def eval(cls, matrix: Expr, vector: Expr) -> Expr | None:
        """Expand sums and take numbers out, so that equal products look equal."""
        matrix, vector = sp.expand_mul(matrix), sp.expand_mul(vector)
        if matrix == 0 or vector == 0:
            return sp.S.Zero
        if isinstance(matrix, sp.Add):
            return sp.Add(*(cls(part, vector) for part in matrix.args))
        if isinstance(vector, sp.Add):
            return sp.Add(*(cls(matrix, part) for part in vector.args))
        (first, matrix_rest), (second, vector_rest) = _scaled(matrix), _scaled(vector)
        number = first * second
        return None if number == 1 else number * cls(matrix_rest, vector_rest)


class Total(OverUnits):
    """Sum over the units of a layer: linear, in expanded form."""

    @classmethod
    def eval(cls, summand: Expr) -> Expr | None:
        """Expand sums and take numbers out."""
        summand = sp.expand_mul(summand)
        if isinstance(summand, sp.Add):
            return sp.Add(*(cls(part) for part in summand.args))
        number, rest = _scaled(summand)
        return None if number == 1 else number * cls(rest)


class Average(OverUnits):
    """Average over time of what varies in time."""


ELEMENTWISE: Mapping[str, Callable[..., Expr]] = {
    "sig": Sigmoid,
    "sigmoid": Sigmoid,
    "logit": Logit,
    "tanh": sp.tanh,
    "atanh": sp.atanh,
    "artanh": sp.atanh,
    "exp": sp.exp,
    "log": sp.log,
    "ln": sp.log,
    "relu": Relu,
    "softplus": Softplus,
    "identity": lambda u: u,
    "sqrt": sp.sqrt,
    "abs": sp.Abs,
    "sin": sp.sin,
    "cos": sp.cos,
    "tan": sp.tan,
    "atan": sp.atan,
    "sinh": sp.sinh,
    "cosh": sp.cosh,
    "asinh": sp.asinh,
    "erf": sp.erf,
}
OVER_UNITS: Mapping[str, Callable[..., Expr]] = {"softmax": Softmax, "sum": Total, "avg": Average}

INVERSES: Mapping[Any, Callable[[Expr], Expr]] = {
    Sigmoid: Logit,
    sp.tanh: sp.atanh,
    sp.exp: sp.log,
    Softmax: sp.log,
    Relu: lambda x: x,
    Softplus: lambda x: sp.log(sp.exp(x) - 1),
    Logit: Sigmoid,
    sp.atanh: sp.tanh,
    sp.log: sp.exp,
    sp.sinh: sp.asinh,
    sp.asinh: sp.sinh,
    sp.atan: sp.tan,
    sp.erf: sp.erfinv,
    Phi: PhiInverse,
    PhiInverse: Phi,
}
INCREASING = frozenset(INVERSES)

_ELEMENTARY: Mapping[Any, Callable[[Expr], Expr]] = {
    Sigmoid: lambda u: 1 / (1 + sp.exp(-u)),
    Logit: lambda x: sp.log(x) - sp.log(1 - x),
    Softplus: lambda u: sp.log(1 + sp.exp(u)),
    LogCosh: lambda u: sp.log(sp.cosh(u)),
    Relu: lambda u: sp.Max(u, 0),
}


def elementary(expression: Expr) -> Expr:
    """Return ``expression`` with sig, logit and the like written in exp and log.

    Example:
        >>> elementary(Logit(sp.Symbol("x")))
        log(x) - log(1 - x)
    """
    return expression.replace(
        lambda part: type(part) in _ELEMENTARY, lambda part: _ELEMENTARY[type(part)](part.args[0])
    )


def outermost(expression: Expr, kind: type = OverUnits) -> list[Expr]:
    """Return the sums over other units in ``expression`` that stand in no other, in order.

    Example:
        >>> outermost(2 * MatVec(sp.Symbol("W"), sp.Symbol("o")))
        [MatVec(W, o)]
    """
    if isinstance(expression, kind):
        return [expression]
    result: list[Expr] = []
    for part in expression.args:
        result += [atom for atom in outermost(part, kind) if atom not in result]
    return sorted(result, key=sp.default_sort_key)


def held(
    expression: Expr, atoms: Iterable[Expr] | None = None
) -> tuple[Expr, dict[sp.Symbol, Expr]]:
    """Return ``expression`` with sums over units as symbols, and the sum behind each symbol.

    ``atoms`` limits what is replaced.

    Example:
        >>> plain, sums = held(MatVec(sp.Symbol("W"), sp.Symbol("o")))
        >>> plain.xreplace(sums)
        MatVec(W, o)
    """
    sums = {
        sp.Dummy(real=True): atom for atom in (outermost(expression) if atoms is None else atoms)
    }
    return expression.xreplace({atom: dummy for dummy, atom in sums.items()}), sums


def expanded(field: Expr) -> Expr:
    """Return sums multiplied out, even if a substitution has changed what a product reads.

    Example:
        >>> W, o, u = sp.symbols("W o u")
        >>> expanded(MatVec(W, o).xreplace({o: o + u}))
        MatVec(W, o) + MatVec(W, u)
    """
    rebuilt = field.replace(lambda part: isinstance(part, MatVec), lambda m: MatVec(*m.args))
    return sp.expand_mul(rebuilt)


def symbols_outside(expression: Expr) -> set[sp.Symbol]:
    """Return the symbols of ``expression`` that stand outside sums over units.

    Example:
        >>> x, W, o = sp.symbols("x W o")
        >>> symbols_outside(x * MatVec(W, o))
        {x}
    """
    plain, back = held(expression)
    return set(plain.free_symbols) - set(back)


def simplified(expression: Expr) -> Expr:
    """Return the simplest form; ``expression`` itself where SymPy would not come to an end.

    SymPy moves the factor of a logarithm into its exponent: neither an infinite logarithm nor
    powers of long numbers survive that.

    Example:
        >>> x = sp.Symbol("x")
        >>> simplified(x * (x + 1) - x)
        x**2
        >>> simplified(10**30 * sp.log(10**30 + 1))
        1000000000000000000000000000000*log(1000000000000000000000000000001)
    """
    if expression.has(sp.log) and any(
        max(abs(number.p), number.q) > LONGEST_EXPONENT for number in expression.atoms(sp.Rational)
    ):
        return expression
    try:
        return sp.simplify(expression)
    except KeyError:  # of sp.logcombine
        return expression
