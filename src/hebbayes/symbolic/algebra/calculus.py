"""Calculus of expressions that sum over units: gradients by layer, by unit and by synapse.

A cost is a tuple of `Piece`s, each the sum over a layer's units of an expression of one unit.  Its
gradient is computed backwards through every `MatVec`: the derivative by x of sum_i e(m_i) with
m = A g(x) is g'(x) times A' e'(m).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import sympy as sp

from hebbayes.core.errors import FormatError
from hebbayes.symbolic.algebra.functions import (
    Expr,
    LogCosh,
    Logit,
    MatVec,
    Opaque,
    Scalar,
    Sigmoid,
    Softplus,
    Total,
    Trans,
    elementary,
    held,
    outermost,
    simplified,
    symbols_outside,
)
from hebbayes.symbolic.algebra.time_limit import SYMPY_S, time_limit

_MIDDLE = sp.Rational(1, 2)


@dataclass(frozen=True)
class Piece:
    """Sum over the units of one layer.

    Attributes:
        space: Activity whose layer is summed over; a name of its own for a hidden layer.
        body: Summand of one unit.
    """

    space: sp.Symbol
    body: Expr


def gradient(pieces: Iterable[Piece], x: sp.Symbol, spaces: Mapping[sp.Symbol, sp.Symbol]) -> Expr:
    """Return the derivative of the summed pieces by the activity ``x`` of one unit.

    ``spaces`` maps every activity to the layer it belongs to.

    Example:
        >>> W, x, o = sp.symbols("W x o", real=True)
        >>> gradient([Piece(x, x**2 / 2 - x * MatVec(W, o))], x, {x: x})
        x - MatVec(W, o)
    """
    total = sp.S.Zero
    for piece in pieces:
        total += _through(piece.body, x, sp.S.One, spaces.get(piece.space) == spaces[x])
    return sp.expand_mul(total)


def _through(body: Expr, x: sp.Symbol, weight: Expr, is_local: bool) -> Expr:
    """Return weight * d(body)/dx summed over units; ``weight`` is of body's own units."""
    plain, back = held(body)
    total = sp.S.Zero
    if is_local and x in plain.free_symbols:
        total += (weight * plain.diff(x)).xreplace(back)
    for dummy, atom in back.items():
        if x not in atom.free_symbols:
            continue
        slope = (weight * plain.diff(dummy)).xreplace(back)
        if isinstance(atom, MatVec):
            matrix, vector = atom.args
            total += _through(vector, x, MatVec(Trans(matrix), slope), True)
        elif isinstance(atom, Total):
            total += _through(atom.args[0], x, Total(slope), True)
        else:
            raise no_derivative(atom)
    return total


def synapse_gradient(pieces: Iterable[Piece], matrix: sp.Symbol) -> Expr:
    """Return the derivative of the summed pieces by one synapse, in `Post` and `Pre` symbols.

    Example:
        >>> W, x, o = sp.symbols("W x o", real=True)
        >>> synapse_gradient([Piece(x, x**2 / 2 - x * MatVec(W, o))], W)
        -Post(x)*Pre(o)
    """
    total = sp.S.Zero
    for piece in pieces:
        total += _synapse(piece.body, matrix, sp.S.One)
    return sp.expand_mul(total)


class Post(Opaque):
    """Value at the unit that a synapse acts on."""


class Pre(Opaque):
    """Value at the unit that a synapse reads."""


def no_derivative(atom: Expr) -> FormatError:
    """Return the error for a function over units that no rule differentiates, such as softmax.

    Example:
        >>> str(no_derivative(Total(sp.Symbol("x"))))
        'total of activity or synapses cannot be differentiated here; ...'
    """
    name = type(atom).__name__.lower()
    return FormatError(
        f"{name} of activity or synapses cannot be differentiated here; write it as an activation, "
        "as in x = softmax(v)."
    )


def _sided(expression: Expr, side: type) -> Expr:
    """Return ``expression`` with every quantity of a unit marked as post- or presynaptic."""
    if expression.has(sp.Integral):
        raise FormatError(
            "the cost is an integral without closed form in the synapses, so the plasticity it "
            "demands cannot be written; simplify the terms that hold both synapses and activity."
        )
    symbols = [s for s in symbols_outside(expression) if not isinstance(s, Scalar)]
    return expression.xreplace({s: side(s) for s in [*outermost(expression), *symbols]})


def _synapse(body: Expr, matrix: sp.Symbol, weight: Expr) -> Expr:
    plain, back = held(body, [a for a in outermost(body) if matrix in a.free_symbols])
    total = sp.S.Zero
    for dummy, atom in back.items():
        slope = (weight * plain.diff(dummy)).xreplace(back)
        if not isinstance(atom, MatVec):
            raise no_derivative(atom)
        entries, vector = atom.args
        flipped = sp.Dummy(real=True)
        straight = entries.xreplace({Trans(matrix): flipped})
        if matrix in straight.free_symbols:
            change = straight.diff(matrix).xreplace({flipped: Trans(matrix)})
            total += _sided(slope, Post) * change * _sided(vector, Pre)
        if flipped in straight.free_symbols:
            change = straight.diff(flipped).xreplace({flipped: matrix})
            total += _sided(slope, Pre) * change * _sided(vector, Post)
        total += _synapse(vector, matrix, MatVec(Trans(entries), slope))
    return total


def antiderivative(expression: Expr, x: sp.Symbol, at: Expr = _MIDDLE) -> Expr:
    """Return the integral of ``expression`` over ``x``, sums over other units held fixed.

    Logarithms of rates integrate to entropies in their usual form; logarithms are real at ``at``.

    Example:
        >>> from hebbayes.symbolic.algebra.functions import Logit
        >>> x = sp.Symbol("x", real=True)
        >>> antiderivative(Logit(x) + 2 * x, x)
        x**2 + x*log(x) + (1 - x)*log(1 - x)
    """
    plain, back = held(expression)
    total = sp.S.Zero
    for term in sp.Add.make_args(sp.expand_mul(plain)):
        factor, core = term.as_independent(x, as_Add=False)
        total += factor * _of_core(core, x, at)
    return total.xreplace(back)


def _of_core(core: Expr, x: sp.Symbol, at: Expr) -> Expr:
    if x not in core.free_symbols:
        return core * x
    inside = core.args[0] if len(core.args) == 1 else None
    slope = None if inside is None else simplified(inside.diff(x))
    if inside is not None and slope is not None and x not in slope.free_symbols and slope != 0:
        u = inside
        known = {
            Logit: lambda: u * sp.log(u) + (1 - u) * sp.log(1 - u),
            sp.atanh: lambda: ((1 + u) * sp.log(1 + u) + (1 - u) * sp.log(1 - u)) / 2,
            sp.log: lambda: u * sp.log(u) - u,
            Sigmoid: lambda: Softplus(u),
            sp.tanh: lambda: LogCosh(u),
            sp.exp: lambda: sp.exp(u),
        }.get(type(core))
        if known is not None:
            return known() / slope
    return _by_sympy(core, x, at)


def _by_sympy(core: Expr, x: sp.Symbol, at: Expr) -> Expr:
    positive = sp.Dummy(positive=True)
    try:
        with time_limit(SYMPY_S, NotImplementedError()):
            result = sp.integrate(elementary(core).xreplace({x: positive}), positive)
    except (TypeError, ValueError, NotImplementedError):  # SymPy's way to say that it cannot
        return sp.Integral(core, x)
    if result.has(sp.Integral, sp.Piecewise):
        return sp.Integral(core, x)
    return _within(result.xreplace({positive: x}), x, at)


def _within(result: Expr, x: sp.Symbol, at: Expr) -> Expr:
    """Return logarithms of what is positive at a point: ln(1 - x), not ln(x - 1)."""

    def turned(log: Expr) -> Expr:
        value = log.args[0].xreplace({x: at})
        value = value.xreplace({s: sp.Rational(1, 2) for s in value.free_symbols})
        return sp.log(-log.args[0]) if value.is_negative else log

    return result.replace(lambda part: isinstance(part, sp.log), turned)
