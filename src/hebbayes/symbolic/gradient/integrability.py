"""Does a cost exist?  The cycle condition with a positive diagonal metric.

A cost with d(L)/dx_i = -d_i f_i exists if d_i df_i/dx_j = d_j df_j/dx_i for all units i, j and some
positive d (docs/theory.md section 5).  Layers are written for a generic unit, so the condition is
tested for a generic pair of units i, j of every pair of layers, and around every cycle of layers.
Delayed activity is an input and needs nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import sympy as sp

from hebbayes.symbolic.algebra.calculus import no_derivative
from hebbayes.symbolic.algebra.functions import (
    AntisymmetricMatrix,
    Expr,
    MatVec,
    Opaque,
    Scalar,
    SymmetricMatrix,
    Total,
    Trans,
    held,
    outermost,
)
from hebbayes.symbolic.algebra.zero import is_zero

if TYPE_CHECKING:
    from hebbayes.symbolic.forms import Layer


class Evaluation(Opaque):
    """Quantity of the unit i or j of a generic pair; time constants are those of a layer."""

    @classmethod
    def eval(cls, quantity: Expr, unit: Expr) -> Expr | None:
        """Leave what is one number for a whole layer as it is."""
        return quantity if isinstance(quantity, Scalar) else None

    def _eval_is_positive(self) -> bool | None:
        return self.args[0].is_positive


class Entry(Opaque):
    """Entry of a matrix or of a product of matrices."""

    def _eval_is_positive(self) -> bool | None:
        return self.args[0].is_positive


UNIT_I, UNIT_J = sp.symbols("i j")


def at(expression: Expr, unit: sp.Symbol) -> Expr:
    """Return ``expression`` with every quantity marked as that of ``unit``.

    Example:
        >>> at(2 * sp.Symbol("x"), UNIT_I)
        2*Evaluation(x, i)
    """
    plain, sums = held(expression)
    marks = {s: Evaluation(sums.get(s, s), unit) for s in plain.free_symbols}
    return plain.xreplace(marks)


def entry(matrix: Expr, row: sp.Symbol, column: sp.Symbol) -> Expr:
    """Return the entry of a matrix expression; those of a transpose are swapped.

    Example:
        >>> entry(Trans(sp.Symbol("J")), UNIT_I, UNIT_J)
        Entry(J, j, i)
    """
    if isinstance(matrix, Trans):
        return Entry(matrix.args[0], column, row)
    if isinstance(matrix, SymmetricMatrix):
        return Entry(matrix, *sorted((row, column), key=str))
    if isinstance(matrix, AntisymmetricMatrix):
        sign = 1 if str(row) < str(column) else -1
        return sign * Entry(matrix, *sorted((row, column), key=str))
    if isinstance(matrix, sp.Symbol):
        return Entry(matrix, row, column)
    if not matrix.args:
        return matrix
    return matrix.func(*(entry(part, row, column) for part in matrix.args))


def local_slope(body: Expr, y: sp.Symbol) -> Expr:
    """Return the derivative of one unit's ``body`` by ``y`` of the same unit.

    Example:
        >>> from hebbayes.symbolic.algebra.functions import MatVec
        >>> x = sp.Symbol("x")
        >>> local_slope(x**2 + MatVec(sp.Symbol("J"), x), x)
        2*x
    """
    plain, back = held(body)
    return plain.diff(y).xreplace(back)


def cross_slope(body: Expr, y: sp.Symbol) -> Expr:
    """Return the derivative of unit i's ``body`` by ``y`` of another unit j, through sums.

    Example:
        >>> from hebbayes.symbolic.algebra.functions import MatVec
        >>> x = sp.Symbol("x")
        >>> cross_slope(MatVec(sp.Symbol("J"), x**2), x)
        2*Entry(J, i, j)*Evaluation(x, j)
    """
    total = sp.S.Zero
    for weight, chain, slope in _paths(body, y):
        total += at(weight, UNIT_I) * _chain_entry(chain) * at(slope, UNIT_J)
    return sp.expand_mul(total)


def _paths(body: Expr, y: sp.Symbol) -> list[tuple[Expr, tuple[Expr, ...], Expr]]:
    """Return (slope at i, matrices and slopes between, slope at j) of every way from y to body."""
    plain, back = held(body, [atom for atom in outermost(body) if y in atom.free_symbols])
    result: list[tuple[Expr, tuple[Expr, ...], Expr]] = []
    for dummy, atom in back.items():
        weight = plain.diff(dummy).xreplace(back)
        if not isinstance(atom, (MatVec, Total)):
            raise no_derivative(atom)
        matrix, vector = (sp.S.One, atom.args[0]) if isinstance(atom, Total) else atom.args[:2]
        direct = local_slope(vector, y)
        if direct != 0:
            result.append((weight, (matrix,), direct))
        for inner, chain, slope in _paths(vector, y):
            result.append((weight, (matrix, inner, *chain), slope))
    return result


def _chain_entry(chain: tuple[Expr, ...]) -> Expr:
    """Return entry i, j of A diag(b) C ..., the same symbol for a product and its transpose."""
    if len(chain) == 1:
        return entry(chain[0], UNIT_I, UNIT_J)
    back = tuple(Trans(m) if n % 2 == 0 else m for n, m in enumerate(reversed(chain)))
    forward_key, back_key = sp.srepr(sp.Tuple(*chain)), sp.srepr(sp.Tuple(*back))
    key = sp.Tuple(*(chain if forward_key <= back_key else back))
    if forward_key == back_key:
        return Entry(SymmetricMatrix(sp.sstr(key), real=True), *sorted((UNIT_I, UNIT_J), key=str))
    return Entry(key, UNIT_I, UNIT_J) if forward_key < back_key else Entry(key, UNIT_J, UNIT_I)


def swapped(expression: Expr) -> Expr:
    """Return ``expression`` with the units i and j exchanged.

    Example:
        >>> swapped(Entry(sp.Symbol("J"), UNIT_I, UNIT_J))
        Entry(J, j, i)
    """
    exchanged = expression.xreplace({UNIT_I: UNIT_J, UNIT_J: UNIT_I})
    kinds = (SymmetricMatrix, AntisymmetricMatrix)
    return exchanged.replace(
        lambda part: isinstance(part, Entry) and isinstance(part.args[0], kinds),
        lambda part: entry(*part.args),
    )


@dataclass(frozen=True)
class Condition:
    """One requirement: d_first * left = d_second * right.

    Attributes:
        first: Layer of unit i.
        second: Layer of unit j.
        left: How the field of i changes with the activity of j.
        right: How the field of j changes with the activity of i.
        is_local: Whether i and j are the same unit of two layers.
    """

    first: "Layer"
    second: "Layer"
    left: Expr
    right: Expr
    is_local: bool


def conditions(layers: Sequence["Layer"]) -> list[Condition]:
    """Return what the metric must satisfy, for every pair of layers that act on each other.

    Example:
        >>> from hebbayes.symbolic.forms import layers_of
        >>> from hebbayes.symbolic.language.network import read_system
        >>> (condition,) = conditions(layers_of(read_system("dx/dt = -x + J*x")))
        >>> condition.left, condition.right
        (Entry(J, i, j), Entry(J, j, i))
    """
    result = []
    for number, first in enumerate(layers):
        for second in layers[number:]:
            x, y = first.activity, second.activity
            if first is not second:
                left, right = local_slope(first.field, y), local_slope(second.field, x)
                if not (is_zero(left) and is_zero(right)):
                    result.append(Condition(first, second, left, right, True))
            left, right = cross_slope(first.field, y), swapped(cross_slope(second.field, x))
            if not (is_zero(left) and is_zero(right)):
                result.append(Condition(first, second, left, right, False))
    return result
