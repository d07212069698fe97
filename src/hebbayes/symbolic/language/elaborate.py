"""From syntax trees to a network: what every name is, and each equation as a SymPy expression.

An expression stands for one generic unit of its layer; a matrix left of a vector sums over the
other layer's units (`functions.MatVec`).  In a plasticity rule an expression stands for one
synapse, and every product is by entry.
"""

import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import sympy as sp

from hebbayes.symbolic.algebra.functions import (
    ELEMENTWISE,
    OVER_UNITS,
    Expr,
    MatVec,
    Phi,
    Scalar,
    Trans,
)
from hebbayes.symbolic.algebra.zero import is_zero
from hebbayes.symbolic.language.faults import EquationError, fault
from hebbayes.symbolic.language.limits import is_undefined, is_within_powers
from hebbayes.symbolic.language.tokens import ARGUMENT

if TYPE_CHECKING:
    from hebbayes.symbolic.language.grammar import Node
    from hebbayes.symbolic.language.names import Names

_RESERVED = {"t", "dt"}
UNSPECIFIED = ("phi", "φ")


@dataclass(frozen=True)
class Value:
    """What a syntax tree stands for.

    Attributes:
        expr: Expression of one unit, or of one entry.
        is_matrix: Whether it is an entry of a matrix.
    """

    expr: sp.Expr
    is_matrix: bool = False


def elaborate(node: "Node", names: "Names") -> Value:
    """Return what a syntax tree stands for.

    Raises `EquationError` for an unknown function, a matrix where a number per unit is wanted, and
    the like.

    Example:
        >>> from hebbayes.symbolic.language.assumptions import Assumptions
        >>> from hebbayes.symbolic.language.statements import statements_of
        >>> from hebbayes.symbolic.language.names import Names
        >>> names = Names("dx/dt = W*o", frozenset("W"), frozenset("x"), {}, {}, Assumptions())
        >>> elaborate(statements_of(names.source)[0].body, names).expr
        MatVec(W, o)
    """
    value = _READERS.get(node.kind, _operator)(node, names)
    if is_undefined(value.expr):
        text = names.source[node.start : node.end]
        raise _fault(names, node, f"{text} is not a real number below 10^100.")
    return value


def vector(node: "Node", names: "Names") -> sp.Expr:
    """Return an expression of one generic unit.  Raises `EquationError` for a matrix.

    Example:
        >>> from hebbayes.symbolic.language.assumptions import Assumptions
        >>> from hebbayes.symbolic.language.statements import statements_of
        >>> from hebbayes.symbolic.language.names import Names
        >>> names = Names("dx/dt = -x", frozenset("W"), frozenset("x"), {}, {}, Assumptions())
        >>> vector(statements_of(names.source)[0].body, names)
        -x
    """
    value = elaborate(node, names)
    if value.is_matrix and not names.by_entry:
        text = names.source[node.start : node.end]
        raise _fault(
            names, node, f"{text} is a matrix; it needs a vector on its right, as in {text}*o."
        )
    return value.expr


def _fault(names: "Names", node: "Node", sentence: str) -> EquationError:
    return fault(names.source, node.start, node.end, sentence)


def _number(node: "Node", names: "Names") -> Value:
    if "." in node.text or "e" in node.text.lower():
        return Value(sp.Rational(node.text))
    return Value(sp.Integer(node.text))


def _group(node: "Node", names: "Names") -> Value:
    return elaborate(node.parts[0], names)


def _negative(node: "Node", names: "Names") -> Value:
    value = elaborate(node.parts[0], names)
    return Value(-value.expr, value.is_matrix)


def _name(node: "Node", names: "Names") -> Value:
    name = node.text
    if name in names.arguments:
        return Value(names.arguments[name])
    if name == ARGUMENT:
        raise _fault(names, node, "'·' stands for an argument, as in f(·) = tanh(·).")
    if name == "pi":
        return Value(sp.pi)
    if name in _RESERVED:
        raise _fault(names, node, f"{name!r} is time; an activity needs another name.")
    known = name in names.changing or name in names.matrices or name in names.definitions
    if (name in ELEMENTWISE or name in names.functions) and not known:
        raise _fault(names, node, f"{name} is a function; write {name}(...) with its argument.")
    is_defined = name in names.definitions and name not in names.opaque
    is_defined = is_defined and names.definitions[name].body.kind != "rows"
    if is_defined and not names.by_entry:
        return _defined(node, names)
    return Value(names.symbol(name), name in names.matrices)


def _defined(node: "Node", names: "Names") -> Value:
    if node.text in names.open_names:
        circle = " -> ".join([*names.open_names, node.text])
        raise _fault(names, node, f"{node.text} is defined by itself: {circle}.")
    before = names.open_names
    names.open_names = (*before, node.text)
    try:
        value = elaborate(names.definitions[node.text].body, names)
    finally:
        names.open_names = before
    return Value(value.expr, node.text in names.matrices)


def _transpose(node: "Node", names: "Names") -> Value:
    value = elaborate(node.parts[0], names)
    if not value.is_matrix:
        text = names.source[node.parts[0].start : node.parts[0].end]
        raise _fault(names, node, f"{text} is not a matrix; only a matrix has a transpose.")
    return Value(Trans(value.expr), True)


def _operator(node: "Node", names: "Names") -> Value:
    left, right = (elaborate(part, names) for part in node.parts)
    if node.kind in "+-":
        other = right if left.is_matrix else left
        is_mixed = left.is_matrix != right.is_matrix and not other.expr.is_number
        if is_mixed and not names.by_entry:
            odd = node.parts[0] if left.is_matrix else node.parts[1]
            text = names.source[odd.start : odd.end]
            raise _fault(
                names,
                odd,
                f"{text} is a matrix and cannot be added to a vector; multiply it, as in {text}*o.",
            )
        sign = 1 if node.kind == "+" else -1
        return Value(left.expr + sign * right.expr, left.is_matrix or right.is_matrix)
    if node.kind == "^":
        if not is_within_powers(left.expr, right.expr):
            text = names.source[node.parts[1].start : node.parts[1].end]
            raise _fault(names, node, f"the power {text} is too high to be multiplied out.")
        return Value(left.expr**right.expr, left.is_matrix)
    if node.kind == "/":
        if right.is_matrix and not names.by_entry:
            raise _fault(names, node.parts[1], "a matrix cannot divide; divide by a number.")
        if is_zero(right.expr):
            raise _fault(names, node.parts[1], "this divides by zero.")
        return Value(left.expr / right.expr, left.is_matrix)
    return _product(node, left, right, names)


def _product(node: "Node", left: Value, right: Value, names: "Names") -> Value:
    if names.by_entry and node.kind != "@":
        return Value(left.expr * right.expr, left.is_matrix or right.is_matrix)
    if node.kind == "@" and not left.is_matrix:
        text = names.source[node.parts[0].start : node.parts[0].end]
        raise _fault(names, node, f"{text} is not a matrix; @ needs one on its left.")
    if left.is_matrix and right.is_matrix:
        raise _fault(
            names, node, "a product of two matrices needs a vector: write A*(B*x) with brackets."
        )
    if left.is_matrix:
        if right.expr.is_number and right.expr != 1:
            return Value(left.expr * right.expr, True)
        return Value(_matrix_product(left.expr, right.expr, names))
    if right.is_matrix:
        if left.expr.is_number or not _varies(left.expr, names):
            return Value(left.expr * right.expr, True)
        first, second = (names.source[part.start : part.end] for part in node.parts)
        raise _fault(
            names, node, f"a matrix stands to the left of its vector; write {second}*{first}."
        )
    return Value(left.expr * right.expr)


def _matrix_product(matrix: Expr, read: Expr, names: "Names") -> Expr:
    """Return A g; a matrix that is symmetric up to a diagonal is written S/d with S symmetric."""
    product = MatVec(matrix, read)
    for symbol in matrix.free_symbols:
        if names.assumptions.shapes.get(symbol.name) == "scaled symmetric":
            product = product / names.scale_of(symbol.name)
    return product


def _varies(expression: sp.Expr, names: "Names") -> bool:
    """Whether a factor can only be a vector: it holds an activity, an input or a product."""
    inputs = {"o", "u", "s"} | set(names.assumptions.inputs)
    varying = names.changing | inputs | set(names.opaque)
    symbols = {symbol.name for symbol in expression.free_symbols}
    is_delayed = any(symbol in names.delayed for symbol in expression.free_symbols)
    return bool(symbols & varying) or is_delayed or expression.has(MatVec)


def _call(node: "Node", names: "Names") -> Value:
    if node.text in names.functions:
        return _user_function(node, names)
    if node.text in ELEMENTWISE or node.text in OVER_UNITS:
        if len(node.parts) != 1:
            raise _fault(names, node, f"{node.text} takes one argument; got {len(node.parts)}.")
        value = elaborate(node.parts[0], names)
        if node.text in OVER_UNITS and all(isinstance(s, Scalar) for s in value.expr.free_symbols):
            what = "a number" if value.expr.is_number else f"{value.expr}, one for all units"
            raise _fault(names, node, f"{node.text} runs over units; got {what}.")
        make: Callable[..., sp.Expr] = {**ELEMENTWISE, **OVER_UNITS}[node.text]
        return Value(make(value.expr), value.is_matrix)
    argument = node.parts[0]
    is_time = "t" in (argument.text, *(part.text for part in argument.parts))
    if node.text in UNSPECIFIED and len(node.parts) == 1 and not is_time:
        value = elaborate(argument, names)
        return Value(Phi(value.expr), value.is_matrix)
    return _delayed(node, names)


def _user_function(node: "Node", names: "Names") -> Value:
    statement = names.functions[node.text]
    if len(statement.arguments) != len(node.parts):
        wanted = ", ".join(statement.arguments)
        raise _fault(names, node, f"{node.text} takes ({wanted}); got {len(node.parts)} arguments.")
    if node.text in names.open_names:
        raise _fault(
            names, node, f"{node.text} calls itself; recursive functions are not supported."
        )
    given = [elaborate(part, names) for part in node.parts]
    before = names.arguments, names.open_names
    names.arguments = dict(zip(statement.arguments, (value.expr for value in given)))
    names.open_names = (*before[1], node.text)
    try:
        body = elaborate(statement.body, names)
    finally:
        names.arguments, names.open_names = before
    return Value(body.expr, any(value.is_matrix for value in given))


def _delayed(node: "Node", names: "Names") -> Value:
    """Return x(t - lag), written as a name of its own."""
    argument = node.parts[0]
    is_time = argument.kind in "+-" and argument.parts and argument.parts[0].text == "t"
    if len(node.parts) == 1 and is_time:
        lag = _lag(argument.parts[1], names)
        if argument.kind == "+":
            raise _fault(
                names, node, f"{node.text} at t+{lag} lies in the future; a delay is t-{lag}."
            )
        if not lag.replace("_", "").isalnum():
            raise _fault(names, argument.parts[1], "a lag is a number or a name.")
        suffix = "" if lag == "1" else (lag if lag.isdigit() else f"_{lag}")
        return Value(names.symbol(f"{node.text}_delayed{suffix}"))
    if node.kind == "call" and len(node.parts) == 1 and argument.text == "t":
        return Value(names.symbol(node.text), node.text in names.matrices)
    known = [*ELEMENTWISE, *OVER_UNITS, *names.functions]
    close = difflib.get_close_matches(node.text, known, n=1)
    remedy = (
        f"did you mean {close[0]}?"
        if close
        else (f"define it, as in {node.text}(u) = ..., or put * before the bracket for a product.")
    )
    raise _fault(names, node, f"{node.text} is not a known function; {remedy}")


def _lag(node: "Node", names: "Names") -> str:
    return names.source[node.start : node.end] if node.parts else node.text


def _rows(node: "Node", names: "Names") -> Value:
    raise _fault(names, node, "a numeric matrix needs a name: J = [[0, 1], [1, 0]].")


_READERS: Mapping[str, Callable[["Node", "Names"], Value]] = {
    "number": _number,
    "name": _name,
    "group": _group,
    "negative": _negative,
    "transpose": _transpose,
    "call": _call,
    "index": _delayed,
    "rows": _rows,
}
