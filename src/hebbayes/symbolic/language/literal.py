"""Numeric matrices: a layer that one acts on is written out unit by unit.

`J = [[0, 1], [2, 0]]` makes the layer x of `J*x` the populations x_1 and x_2, and everything of
that layer (thresholds, rows of other matrices) likewise.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import sympy as sp

from hebbayes.symbolic.algebra.functions import Expr, MatVec, Scalar, Trans, held, outermost
from hebbayes.symbolic.language.faults import EquationError

if TYPE_CHECKING:
    from hebbayes.symbolic.language.system import Equation, System


@dataclass
class _Expansion:
    """Sizes of layers and inputs, and the symbols made for their units.

    Attributes:
        system: The network as written.
        figures: Matrices given as numbers.
        sizes: Number of units by symbol.
        made: Symbol of one unit by name.
        matrices: Rows of matrices that are not written out.
    """

    system: "System"
    figures: Mapping[sp.Symbol, sp.Matrix]
    sizes: dict[sp.Symbol, int]
    made: dict[str, sp.Symbol]
    matrices: set[sp.Symbol]

    def unit(self, symbol: sp.Symbol, *numbers: int) -> sp.Symbol:
        name = "_".join([symbol.name, *(str(number + 1) for number in numbers)])
        if name not in self.made:
            self.made[name] = sp.Symbol(name, **symbol.assumptions0)
        return self.made[name]


def written_out(system: "System", figures: Mapping[sp.Symbol, sp.Matrix]) -> "System":
    """Return a network with every layer that a numeric matrix acts on written out.

    Raises `EquationError` if sizes do not fit.

    Example:
        >>> from hebbayes.symbolic.language.network import read_system
        >>> system = read_system("dx/dt = -x + J*x + h; J = [[0, 1], [2, 0]]")
        >>> [equation.field for equation in system.equations]
        [h_1 - x_1 + x_2, h_2 + 2*x_1 - x_2]
    """
    expansion = _Expansion(system, figures, {}, {}, set())
    while _measure(expansion):
        pass
    equations: list[Equation] = []
    for equation in system.equations:
        if equation.state in expansion.sizes:
            equations += [
                _unit_equation(equation, i, expansion)
                for i in range(expansion.sizes[equation.state])
            ]
        else:
            equations.append(equation)
    return replace(
        system,
        equations=tuple(equations),
        symbols={**system.symbols, **expansion.made},
        matrices=frozenset((system.matrices | expansion.matrices) - set(figures)),
        inputs=frozenset(_units(system.inputs, expansion)),
        delayed=_delayed_units(expansion),
    )


def _units(symbols: frozenset[sp.Symbol], expansion: _Expansion) -> set[sp.Symbol]:
    result: set[sp.Symbol] = set()
    for symbol in symbols:
        size = expansion.sizes.get(symbol)
        result |= {symbol} if size is None else {expansion.unit(symbol, i) for i in range(size)}
    return result


def _delayed_units(expansion: _Expansion) -> dict[sp.Symbol, tuple[sp.Symbol, str]]:
    result = {}
    for late, (base, lag) in expansion.system.delayed.items():
        size = expansion.sizes.get(late)
        if size is None:
            result[late] = (base, lag)
            continue
        for i in range(size):
            result[expansion.unit(late, i)] = (expansion.unit(base, i), lag)
    return result


def _measure(expansion: _Expansion) -> bool:
    """Set the sizes that numeric matrices fix; return whether one is new."""
    before = len(expansion.sizes)
    for equation in expansion.system.equations:
        for atom in equation.field.atoms(MatVec):
            matrix, is_turned = _bare(atom.args[0])
            if matrix not in expansion.figures:
                continue
            rows, columns = expansion.figures[matrix].shape
            rows, columns = (columns, rows) if is_turned else (rows, columns)
            if atom in outermost(equation.field, MatVec):
                _set(expansion, equation.state, rows)
            for symbol in atom.args[1].free_symbols:
                if not isinstance(symbol, Scalar) and not atom.args[1].has(MatVec):
                    _set(expansion, symbol, columns)
    for equation in expansion.system.equations:
        size = expansion.sizes.get(equation.activity) or expansion.sizes.get(equation.state)
        for symbol in (equation.activity, equation.state):
            if size is not None and symbol is not None:
                _set(expansion, symbol, size)
    for late, (base, _) in expansion.system.delayed.items():
        for one, other in ((late, base), (base, late)):
            if one in expansion.sizes:
                _set(expansion, other, expansion.sizes[one])
    return len(expansion.sizes) > before


def _bare(matrix: Expr) -> tuple[Expr, bool]:
    return (matrix.args[0], True) if isinstance(matrix, Trans) else (matrix, False)


def _set(expansion: _Expansion, symbol: sp.Symbol, size: int) -> None:
    known = expansion.sizes.setdefault(symbol, size)
    if known != size:
        raise EquationError(
            f"{symbol} has {known} units in one matrix and {size} in another; sizes must match."
        )


def _unit_equation(equation: "Equation", i: int, expansion: _Expansion) -> "Equation":
    activity, activation = equation.activity, equation.activation
    return replace(
        equation,
        state=expansion.unit(equation.state, i),
        field=sp.expand_mul(_at(equation.field, i, expansion)),
        factor=_at(equation.factor, i, expansion),
        activity=None if activity is None else expansion.unit(activity, i),
        activation=None if activation is None else _at(activation, i, expansion),
    )


def _at(body: Expr, i: int, expansion: _Expansion) -> Expr:
    """Return unit i of an expression of a layer that is written out."""
    plain, sums = held(body)
    units = {dummy: _summed(atom, i, expansion) for dummy, atom in sums.items()}
    symbols = [s for s in plain.free_symbols - set(sums) if not isinstance(s, Scalar)]
    return plain.xreplace(units | {s: expansion.unit(s, i) for s in symbols})


def _summed(atom: Expr, i: int, expansion: _Expansion) -> Expr:
    if not isinstance(atom, MatVec):
        sizes = {expansion.sizes[s] for s in atom.free_symbols if s in expansion.sizes}
        if len(sizes) != 1:
            raise EquationError(f"{atom} needs a size; write it with a numeric matrix.")
        return sp.Add(*(_at(atom.args[0], j, expansion) for j in range(sizes.pop())))
    matrix, is_turned = _bare(atom.args[0])
    vector = atom.args[1]
    known = [expansion.sizes[s] for s in vector.free_symbols if s in expansion.sizes]
    if matrix in expansion.figures:
        figures = expansion.figures[matrix].T if is_turned else expansion.figures[matrix]
        return sp.Add(*(figures[i, j] * _at(vector, j, expansion) for j in range(figures.shape[1])))
    if not isinstance(matrix, sp.Symbol) or is_turned:
        raise EquationError(
            f"next to a numeric matrix, {atom.args[0]} must be a plain or numeric matrix."
        )
    if known:
        return sp.Add(
            *(expansion.unit(matrix, i, j) * _at(vector, j, expansion) for j in range(known[0]))
        )
    row = expansion.unit(matrix, i)
    expansion.matrices.add(row)
    return MatVec(row, vector)
