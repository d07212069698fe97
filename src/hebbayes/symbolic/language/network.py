"""From the text of a network to `system.System`: the entry of the equation language."""

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

import sympy as sp

from hebbayes.symbolic.algebra.functions import Expr, MatVec, Scalar, outermost
from hebbayes.symbolic.language.assumptions import Assumptions, read_assumptions
from hebbayes.symbolic.language.elaborate import Value, elaborate, vector
from hebbayes.symbolic.language.faults import fault
from hebbayes.symbolic.language.kinds import MODULATORS, matrix_names
from hebbayes.symbolic.language.limits import check_fields
from hebbayes.symbolic.language.literal import written_out
from hebbayes.symbolic.language.names import Names
from hebbayes.symbolic.language.statements import statements_of
from hebbayes.symbolic.language.system import Equation, System
from hebbayes.symbolic.language.units import check_units

if TYPE_CHECKING:
    from hebbayes.symbolic.language.grammar import Statement

INPUT_NAMES = frozenset({"o", "u", "s", "I", "input", "stimulus"})


def read_system(source: str, assume: str = "") -> System:
    """Return the network that ``source`` writes down.

    Raises `EquationError`, with a caret in its notes, for text that defines no network.

    Example:
        >>> system = read_system("tau*dv/dt = -v + W*o + h; x = sig(v)")
        >>> system.equations[0].activation
        Sigmoid(v)
    """
    assumptions = read_assumptions(assume)
    text = "\n".join([source, *assumptions.definitions])
    statements = statements_of(text)
    check_units(text, statements)
    names = _names(text, statements, assumptions)
    equations = tuple(_equation(s, names) for s in statements if s.kind == "derivative")
    if not equations:
        raise fault(text, 0, 1, "no differential equation; one statement must be dx/dt = ... .")
    check_fields([equation.field for equation in equations])
    system = _system(text, equations, names)
    figures = _figures(names)
    return written_out(system, figures) if figures else system


def _figures(names: Names) -> dict[sp.Symbol, sp.Matrix]:
    """Return the matrices that are given as numbers."""
    result = {}
    for name, statement in names.definitions.items():
        if statement.body.kind != "rows":
            continue
        rows = [row.parts if row.kind == "rows" else (row,) for row in statement.body.parts]
        lengths = {len(row) for row in rows}
        if len(lengths) != 1 or {row.kind for row in statement.body.parts} != {"rows"}:
            raise fault(
                names.source,
                statement.body.start,
                statement.body.end,
                f"{name} must be rows of one length, as in [[0, 1], [1, 0]].",
            )
        entries = [[vector(entry, names) for entry in row] for row in rows]
        result[names.symbol(name)] = sp.Matrix(entries)
    return result


def _names(text: str, statements: list["Statement"], assumptions: Assumptions) -> Names:
    changing = _unique(text, statements, "derivative")
    definitions = _unique(text, statements, "definition")
    for name in definitions.keys() & changing.keys():
        raise fault(
            text,
            definitions[name].start,
            definitions[name].start + len(name),
            f"{name} has a differential equation and a definition; it can have one of them.",
        )
    names = Names(
        source=text,
        matrices=matrix_names(statements, assumptions),
        changing=frozenset(changing),
        definitions=definitions,
        functions=_unique(text, statements, "function"),
        assumptions=assumptions,
    )
    names.opaque = _activities(definitions, names)
    return names


def _unique(text: str, statements: Iterable["Statement"], kind: str) -> dict[str, "Statement"]:
    result: dict[str, Statement] = {}
    for statement in statements:
        if statement.kind == kind:
            if statement.name in result:
                raise fault(
                    text,
                    statement.start,
                    statement.start + len(statement.name),
                    f"{statement.name} is written twice; one {kind} is enough.",
                )
            result[statement.name] = statement
    return result


def _activities(definitions: dict[str, "Statement"], names: Names) -> frozenset[str]:
    """Return the definitions that are an activity as a function of one potential, x = sig(v)."""
    result: dict[str, str] = {}
    for name, statement in definitions.items():
        if name in names.matrices or statement.body.kind == "rows":
            continue
        expression = elaborate(statement.body, names).expr
        states = {s.name for s in expression.free_symbols} & names.changing
        if len(states) == 1 and not outermost(expression, MatVec):
            state = states.pop()
            depends = expression.diff(names.symbol(state)) if not expression.has(sp.Max) else 1
            if state not in result.values() and depends not in (0, 1):
                result[name] = state
    return frozenset(result)


def _equation(statement: "Statement", names: Names) -> Equation:
    state = names.symbol(statement.name)
    factor = sp.S.One if statement.factor is None else vector(statement.factor, names)
    field = vector(statement.body, names)
    for name in names.opaque:
        definition = names.definitions[name]
        activation = elaborate(definition.body, names).expr
        if state in activation.free_symbols:
            return Equation(state, field, factor, names.symbol(name), activation)
    return Equation(state, field, factor)


def _system(text: str, equations: tuple[Equation, ...], names: Names) -> System:
    matrices = frozenset(names.symbol(name) for name in names.matrices if name in names.symbols)
    delayed = {s: (names.symbol(base), lag) for s, (base, lag) in list(names.delayed.items())}
    splits = _splits(names)
    activities = {e.activity for e in equations} | {e.state for e in equations}
    inputs = frozenset(_inputs(equations, names, activities | matrices | set(delayed)))
    modulators = {names.symbol(m) for m in names.assumptions.modulated.values()}
    modulators |= {
        symbol
        for name, symbol in names.symbols.items()
        if (name in MODULATORS or names.assumptions.kinds.get(name) == "modulator")
        and symbol not in activities
    }
    gains = _gains(equations, names, frozenset(s for s in activities if s) | inputs)
    equations = tuple(_with_gains(equation, gains) for equation in equations)
    splits = {name: body.xreplace(gains) for name, body in splits.items()}
    return System(
        source=text,
        equations=equations,
        symbols={name: gains.get(symbol, symbol) for name, symbol in names.symbols.items()},
        matrices=matrices,
        inputs=inputs,
        delayed=delayed,
        modulators=frozenset(modulators),
        assumptions=names.assumptions,
        splits=splits,
    )


def _gains(
    equations: tuple[Equation, ...], names: Names, varying: frozenset[sp.Symbol]
) -> dict[sp.Symbol, Scalar]:
    """Return the parameters that only ever multiply what varies: one number for a whole layer.

    A term that is added, such as a threshold, is a number per unit; so is a gain with `d vector`.
    """
    result: set[sp.Symbol] = set()
    alone: set[sp.Symbol] = set()
    moving = varying | set(names.delayed)
    for equation in equations:
        _sort_factors(sp.expand_mul(equation.field), moving, result, alone)
    stated = {n for n, kind in names.assumptions.kinds.items() if kind == "vector"}
    stated |= {f"d_{n}" for n in names.assumptions.shapes} | set(names.assumptions.shapes)
    gains = [s for s in result - alone if s.name not in stated]
    return {s: Scalar(s.name, **s.assumptions0) for s in gains}


def _sort_factors(
    expression: Expr, moving: frozenset[sp.Symbol], result: set[sp.Symbol], alone: set[sp.Symbol]
) -> None:
    """Add to ``result`` what multiplies something that varies, to ``alone`` what is just added."""
    for term in sp.Add.make_args(expression):
        factors = sp.Mul.make_args(term)
        is_moving = bool(outermost(term)) or bool(term.free_symbols & moving)
        for factor in factors:
            base = factor.base if factor.is_Pow and factor.exp.is_number else factor
            if base.is_Symbol:
                if base not in moving:
                    (result if is_moving else alone).add(base)
                continue
            inner = base.args[1:] if isinstance(base, MatVec) else base.args
            for part in inner:
                _sort_factors(part, moving, result, alone)


def _with_gains(equation: Equation, gains: dict[sp.Symbol, Scalar]) -> Equation:
    activation = equation.activation
    return replace(
        equation,
        field=equation.field.xreplace(gains),
        factor=equation.factor.xreplace(gains),
        activation=None if activation is None else activation.xreplace(gains),
    )


def _splits(names: Names) -> dict[sp.Symbol, sp.Expr]:
    result: dict[sp.Symbol, sp.Expr] = {}
    for name, statement in names.definitions.items():
        if name not in names.opaque and statement.body.kind != "rows":
            result[names.symbol(name)] = elaborate(statement.body, names).expr
    return result


def _inputs(
    equations: tuple[Equation, ...], names: Names, known: set[sp.Symbol | None]
) -> set[sp.Symbol]:
    """Return the symbols from outside: read through a matrix, delayed, or named like an input."""
    assumed = {n for n, kind in names.assumptions.kinds.items() if kind == "input"}
    assumed |= set(names.assumptions.inputs)
    denied = {n for n, kind in names.assumptions.kinds.items() if kind != "input"}
    used = set().union(*(equation.field.free_symbols for equation in equations))
    result = {names.symbols[n] for n in (INPUT_NAMES | assumed) if n in names.symbols} & used
    result |= {names.symbol(base) for base, _ in names.delayed.values()}
    for equation in equations:
        for atom in equation.field.atoms(MatVec):
            result |= atom.args[1].free_symbols
    return {s for s in result if s not in known and s.name not in denied}


def read_rules(source: str, system: System) -> dict[sp.Symbol, sp.Expr]:
    """Return synapse -> rule of a plasticity text such as ``dW/dt = x*o - x*W``, by entry.

    Raises `EquationError` if a rule is not about a synapse of the network.

    Example:
        >>> read_rules("dW/dt = x*o - x*W", read_system("dx/dt = -x + W*o"))
        {W: -W*x + o*x}
    """
    statements = statements_of(source)
    names = Names(
        source=source,
        matrices=frozenset(s.name for s in system.matrices),
        changing=frozenset(s.name for s in system.states),
        definitions={},
        functions=_unique(source, statements, "function"),
        assumptions=replace(system.assumptions, definitions=()),
        symbols=dict(system.symbols),
        by_entry=True,
    )
    rules: dict[sp.Symbol, sp.Expr] = {}
    for statement in statements:
        if statement.kind == "function":
            continue
        if statement.kind != "derivative":
            raise fault(
                source,
                statement.start,
                statement.start + len(statement.name),
                "a plasticity rule is written dW/dt = ... for a synapse W.",
            )
        value: Value = elaborate(statement.body, names)
        factor = sp.S.One if statement.factor is None else vector(statement.factor, names)
        rules[names.symbol(statement.name)] = value.expr / factor
    return rules
