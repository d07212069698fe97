"""Units of measurement: names are dimensionless unless declared, `unit v = mV, tau = ms`.

If any unit is declared, sums must add like to like, functions take numbers, and both sides of an
equation must agree; time gets its unit from the first equation unless `unit t` declares it.
"""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import sympy as sp

from hebbayes.symbolic.algebra.delays import delayed_parts
from hebbayes.symbolic.algebra.functions import ELEMENTWISE, OVER_UNITS
from hebbayes.symbolic.language.faults import EquationError, fault

if TYPE_CHECKING:
    from hebbayes.symbolic.language.grammar import Node, Statement

Units = Mapping[str, sp.Expr]


def check_units(source: str, statements: Iterable["Statement"]) -> None:
    """Raise `EquationError` if units do not agree; nothing is checked if none is declared.

    Example:
        >>> from hebbayes.symbolic.language.statements import statements_of
        >>> text = "unit v = mV; dv/dt = -v + h"
        >>> check_units(text, statements_of(text))
        Traceback (most recent call last):
            ...
        hebbayes.symbolic.language.faults.EquationError: mV cannot be added to a number; ...
    """
    statements = list(statements)
    units = {s.name: _declared(s.body) for s in statements if s.kind == "unit"}
    if not units:
        return
    checker = _Checker(source, dict(units), {s.name: s for s in statements})
    for statement in statements:
        if statement.kind == "definition" and statement.body.kind != "rows":
            checker.of_name(statement.name)
    for statement in statements:
        if statement.kind == "derivative":
            checker.check_equation(statement)


def _declared(node: "Node") -> sp.Expr:
    """Return the unit that a declaration writes, e.g. mV or mV/ms."""
    if node.kind == "number":
        return sp.S.One
    if node.kind == "name":
        return sp.Symbol(node.text, positive=True)
    parts = [_declared(part) for part in node.parts]
    if node.kind == "*":
        return parts[0] * parts[1]
    if node.kind == "/":
        return parts[0] / parts[1]
    if node.kind == "^":
        return parts[0] ** sp.Rational(node.parts[1].text or "1")
    return parts[0] if parts else sp.S.One


class _Checker:
    """Follows units through the statements of one source."""

    def __init__(
        self, source: str, units: dict[str, sp.Expr], known: dict[str, "Statement"]
    ) -> None:
        self._source, self._units, self._known = source, units, known
        self._declared = set(units)

    def of_name(self, name: str) -> sp.Expr:
        """Return the unit of a name: declared, of its definition, of what it delays, or none."""
        if name in self._units:
            return self._units[name]
        late = delayed_parts(name)
        if late is not None:
            return self.of_name(late[0])
        statement = self._known.get(name)
        if statement is None or statement.kind != "definition" or statement.body.kind == "rows":
            return sp.S.One
        self._units[name] = sp.S.One  # a circle is refused elsewhere
        self._units[name] = self.of(statement.body)
        return self._units[name]

    def check_equation(self, statement: "Statement") -> None:
        """Raise `EquationError` if the sides of a differential equation differ."""
        body = self.of(statement.body)
        factor = sp.S.One if statement.factor is None else self.of(statement.factor)
        state = self.of_name(statement.name)
        time = sp.cancel(factor * state / body)
        if "t" not in self._units:
            self._units["t"] = time
        if sp.cancel(time / self._units["t"]) != 1:
            left = sp.cancel(factor * state / self._units["t"])
            raise self._fault(
                statement.body,
                f"the left side is in {_words(left)} and the right side in {_words(body)}; "
                "they must agree.",
            )

    def of(self, node: "Node") -> sp.Expr:
        """Return the unit of an expression."""
        if node.kind == "name":
            return self.of_name(node.text)
        if node.kind in ("number", "rows"):
            return sp.S.One
        if node.kind in ("call", "index"):
            return self._of_call(node)
        parts = [self.of(part) for part in node.parts]
        if node.kind in "+-":
            return self._of_sum(node, parts)
        if node.kind in ("*", "@"):
            return parts[0] * parts[1]
        if node.kind == "/":
            return sp.cancel(parts[0] / parts[1])
        if node.kind == "^":
            return self._of_power(node, parts)
        return parts[0]

    def _of_sum(self, node: "Node", parts: list[sp.Expr]) -> sp.Expr:
        if sp.cancel(parts[0] / parts[1]) == 1:
            return parts[0]
        if "0" in (part.text for part in node.parts):
            return parts[0]
        raise self._fault(
            node,
            f"{_words(parts[0])} cannot be added to {_words(parts[1])}; declare units, as in "
            "unit v = mV, for what has them.",
        )

    def _of_power(self, node: "Node", parts: list[sp.Expr]) -> sp.Expr:
        if parts[0] == 1:
            return sp.S.One
        if node.parts[1].kind != "number":
            raise self._fault(node, f"{_words(parts[0])} needs a number as its power.")
        return parts[0] ** sp.Rational(node.parts[1].text)

    def _of_call(self, node: "Node") -> sp.Expr:
        if node.text in ("sum", "avg", "identity", "abs", "relu"):
            return self.of(node.parts[0])
        if node.text in ELEMENTWISE or node.text in OVER_UNITS:
            inside = self.of(node.parts[0])
            if inside != 1:
                raise self._fault(
                    node,
                    f"{node.text} takes a number; its argument is in {_words(inside)}: divide by "
                    "a scale.",
                )
            return sp.S.One
        return self.of_name(node.text)

    def _fault(self, node: "Node", sentence: str) -> EquationError:
        return fault(self._source, node.start, node.end, sentence)


def _words(unit: sp.Expr) -> str:
    return "a number" if unit == 1 else sp.sstr(unit).replace("**", "^")
