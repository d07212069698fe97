"""Sizes and values for the symbols of a derivation, so that its formulas can be evaluated.

Which symbols are vectors over one layer, and which layers a matrix joins, follows from where they
appear in the equations.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import sympy as sp
from numpy.typing import NDArray

from hebbayes.symbolic.algebra.functions import (
    Average,
    Expr,
    MatVec,
    Scalar,
    Softmax,
    SymmetricMatrix,
    Total,
    Trans,
    outermost,
    symbols_outside,
)

if TYPE_CHECKING:
    from hebbayes.symbolic.derivation import Derivation
    from hebbayes.symbolic.interpretation import Interpretation

ENDS = {"Poisson": (0.2, 3.0), "Gaussian": (-2.0, 2.0), "rectified Gaussian": (0.1, 2.0)}
"""Range of activities of families whose domain has no end on one side or both."""


@dataclass
class _Spaces:
    """Which axes have one size: a forest of names, each with its parent."""

    parent: dict[str, str] = field(default_factory=dict)

    def root(self, name: str) -> str:
        self.parent.setdefault(name, name)
        while self.parent[name] != name:
            name = self.parent[name]
        return name

    def join(self, first: str, second: str) -> None:
        self.parent[self.root(first)] = self.root(second)


@dataclass(frozen=True)
class Shapes:
    """The axes of every symbol.

    Attributes:
        axes: Names of the axes of each symbol; none for a scalar.
        spaces: All axes.
    """

    axes: Mapping[sp.Symbol, tuple[str, ...]]
    spaces: tuple[str, ...]


def shapes_of(derivation: "Derivation") -> Shapes:
    """Return the axes of every symbol of a derivation.

    Example:
        >>> from hebbayes.symbolic import derive
        >>> shapes = shapes_of(derive("dx/dt = -x + W*o + h"))
        >>> {str(s): len(axes) for s, axes in sorted(shapes.axes.items(), key=str)}
        {'W': 2, 'h': 1, 'o': 1, 'x': 1}
    """
    system, joined = derivation.system, _Spaces()
    varying = {r.layer.activity for r in derivation.interpretations} | set(system.inputs)
    parameters: dict[sp.Symbol, set[str]] = {}
    bodies = [(r.layer.activity.name, r.layer.field) for r in derivation.interpretations]
    bodies += [(p.space.name, p.body) for p in (*derivation.pieces, *derivation.full)]
    for space, body in bodies:
        _walk(body, space, joined, parameters, varying | set(system.delayed))
    for late, (base, _) in system.delayed.items():
        joined.join(late.name, _activity_name(base, derivation))
    result: dict[sp.Symbol, tuple[str, ...]] = {}
    matrices = {m for _, body in bodies for m in body.free_symbols if m in system.matrices}
    for matrix in matrices:
        if isinstance(matrix, SymmetricMatrix):
            joined.join(f"{matrix}.row", f"{matrix}.column")
    for matrix in matrices:
        result[matrix] = (joined.root(f"{matrix}.row"), joined.root(f"{matrix}.column"))
    for symbol in varying | set(system.delayed):
        result[symbol] = (joined.root(symbol.name),)
    for symbol, used_in in parameters.items():
        roots = {joined.root(space) for space in used_in}
        result[symbol] = tuple(roots) if len(roots) == 1 else ()
    return Shapes(result, tuple(sorted({axis for axes in result.values() for axis in axes})))


def _activity_name(base: sp.Symbol, derivation: "Derivation") -> str:
    """Return the activity that a delayed potential belongs to, or the name itself."""
    for interpretation in derivation.interpretations:
        if base == interpretation.layer.state:
            return str(interpretation.layer.activity.name)
    return str(base.name)


def _walk(
    body: Expr,
    space: str,
    joined: _Spaces,
    parameters: dict[sp.Symbol, set[str]],
    varying: Iterable[sp.Symbol],
) -> None:
    atoms = outermost(body)
    for symbol in symbols_outside(body):
        if symbol in varying:
            joined.join(symbol.name, space)
        elif isinstance(symbol, Scalar):
            parameters.setdefault(symbol, set()).update(("one", "number"))
        else:
            parameters.setdefault(symbol, set()).add(space)
    for atom in atoms:
        if isinstance(atom, MatVec):
            inner = f"[{sp.srepr(atom)}]"
            _join_matrix(atom.args[0], space, inner, joined)
            _walk(atom.args[1], inner, joined, parameters, varying)
        elif isinstance(atom, (Total, Average, Softmax)):
            _walk(atom.args[0], space, joined, parameters, varying)


def _join_matrix(matrix: Expr, row: str, column: str, joined: _Spaces) -> None:
    if isinstance(matrix, Trans):
        _join_matrix(matrix.args[0], column, row, joined)
    elif isinstance(matrix, sp.Symbol):
        if not isinstance(matrix, Scalar):
            joined.join(f"{matrix}.row", row)
            joined.join(f"{matrix}.column", column)
    else:
        for part in matrix.args:
            _join_matrix(part, row, column, joined)


def random_values(
    derivation: "Derivation",
    shapes: Shapes,
    *,
    rng: np.random.Generator,
    sizes: Mapping[str, int] | None = None,
    n_times: int | None = None,
) -> dict[sp.Symbol, NDArray[np.float64]]:
    """Return random values within each family's range, signs and symmetries as stated.

    With ``n_times``, activities and inputs get a leading axis of time that closes on itself, so
    that delays are exact shifts and averages exactly stationary.

    Example:
        >>> from hebbayes.symbolic import derive
        >>> derivation = derive("dx/dt = -x + W*o")
        >>> values = random_values(derivation, shapes_of(derivation), rng=np.random.default_rng(0))
        >>> sorted(v.ndim for v in values.values())
        [1, 1, 2]
    """
    system = derivation.system
    length = {space: (sizes or {}).get(space, 3 + n) for n, space in enumerate(shapes.spaces)}
    layers = {r.layer.activity: r for r in derivation.interpretations}
    moving = set(layers) | set(system.inputs) | set(system.delayed)
    values: dict[sp.Symbol, NDArray[np.float64]] = {}
    for symbol in sorted(shapes.axes, key=str):
        shape = tuple(length[axis] for axis in shapes.axes[symbol])
        if n_times is not None and symbol in moving:
            shape = (n_times, *shape)
        low, high = (0.05, 0.95) if symbol in moving else (-1.0, 1.0)
        drawn = rng.uniform(low, high, shape)
        values[symbol] = drawn if symbol in layers else _as_stated(drawn, symbol)
    _satisfy(derivation.assumed, values)
    for activity, interpretation in layers.items():
        if activity in values:
            values[activity] = _within(interpretation, values[activity], values)
    if n_times is not None:
        _shift_delayed(values, derivation)
    return values


def _satisfy(conditions: Iterable[str], values: dict[sp.Symbol, NDArray[np.float64]]) -> None:
    """Change parameters so that conditions such as `k > 0` and `a < b` hold."""
    by_name = {symbol.name: symbol for symbol in values}
    for condition in conditions:
        left, sign, right = condition.partition(" < ")
        if sign and right in by_name:
            base = values[by_name[left]] if left in by_name else float(left)
            values[by_name[right]] = base + np.abs(values[by_name[right]]) + 0.1
        elif sign and left in by_name:
            values[by_name[left]] = float(right) - np.abs(values[by_name[left]]) - 0.1
        name = condition.removesuffix(" > 0")
        if not sign and name in by_name:
            values[by_name[name]] = np.abs(values[by_name[name]]) + 0.1


def _within(
    interpretation: "Interpretation",
    shares: NDArray[np.float64],
    values: Mapping[sp.Symbol, NDArray[np.float64]],
) -> NDArray[np.float64]:
    """Return activities at shares, between 0 and 1, of the way through the family's domain."""
    domain = interpretation.family.domain
    low, high = (_number(end, values) for end in (domain.low, domain.high))
    if np.all(np.isfinite(low)) and np.all(np.isfinite(high)):
        return np.asarray(low + (high - low) * shares)
    start, stop = ENDS.get(interpretation.family.name, (0.1, 0.9))
    spread = start + (stop - start) * shares
    if np.all(np.isfinite(low)) and interpretation.family.name not in ENDS:
        return np.asarray(low + spread)
    return np.asarray(high - spread if np.all(np.isfinite(high)) else spread)


def _number(end: Expr, values: Mapping[sp.Symbol, NDArray[np.float64]]) -> Any:
    """Return an end of a domain, which may depend on parameters."""
    symbols = sorted(end.free_symbols, key=str)
    return sp.lambdify(symbols, end)(*(values[symbol] for symbol in symbols))


def _as_stated(drawn: NDArray[np.float64], symbol: sp.Symbol) -> NDArray[np.float64]:
    if isinstance(symbol, SymmetricMatrix):
        drawn = (drawn + drawn.T) / 2
    if symbol.is_positive:
        return np.abs(drawn) + 0.1
    return -np.abs(drawn) - 0.1 if symbol.is_negative else drawn


def _shift_delayed(values: dict[sp.Symbol, NDArray[np.float64]], derivation: "Derivation") -> None:
    for late, (base, lag) in derivation.system.delayed.items():
        name = _activity_name(base, derivation)
        source = next((s for s in values if s.name == name), None)
        if source is not None and late in values and lag.isdigit():
            values[late] = np.roll(values[source], int(lag), axis=0)
