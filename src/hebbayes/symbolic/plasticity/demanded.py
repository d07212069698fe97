"""The plasticity that a shared cost demands: minus its derivative by one synapse.

Rules are written by entry: what belongs to the postsynaptic unit is marked `Post`, what belongs to
the presynaptic one `Pre`, matrices are entries (docs/theory.md eq. 6).
"""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import sympy as sp

from hebbayes.symbolic.algebra.calculus import Piece, Post, Pre, synapse_gradient
from hebbayes.symbolic.algebra.functions import (
    Average,
    Expr,
    MatVec,
    OverUnits,
    Scalar,
    SymmetricMatrix,
    outermost,
    symbols_outside,
)
from hebbayes.symbolic.language.faults import EquationError
from hebbayes.symbolic.language.kinds import RISKS

if TYPE_CHECKING:
    from hebbayes.symbolic.language.system import System

_ACTIVITY_NAMES = frozenset("xyzvouspr")  # a constant of a rule is called otherwise


def demanded(pieces: Iterable[Piece], system: "System") -> dict[sp.Symbol, Expr]:
    """Return synapse -> rule for every matrix that a cost depends on.

    A symmetric matrix has one synapse for both directions, which gets both gradients.

    Example:
        >>> from hebbayes.symbolic.forms import layers_of
        >>> from hebbayes.symbolic.gradient.potential import integrate_layers
        >>> from hebbayes.symbolic.language.network import read_system
        >>> system = read_system("dx/dt = -x + W*o")
        >>> x = system.symbols["x"]
        >>> demanded(integrate_layers(layers_of(system), {x: 1}), system)
        {W: Post(x)*Pre(o)}
    """
    pieces = tuple(pieces)
    rules: dict[sp.Symbol, Expr] = {}
    for matrix in sorted(system.matrices, key=lambda m: m.name):
        rule = -synapse_gradient(pieces, matrix)
        if isinstance(matrix, SymmetricMatrix):
            rule = rule + exchanged(rule)
        if rule != 0:
            rules[matrix] = sp.expand_mul(rule)
    return rules | _of_single_synapses(pieces, system)


def _of_single_synapses(pieces: tuple[Piece, ...], system: "System") -> dict[sp.Symbol, Expr]:
    """Return the rules of synapses that are one number, between populations or unit by unit."""
    activities = {e.activity or e.state for e in system.equations}
    read = set(system.inputs) | set(system.delayed)
    rules: dict[sp.Symbol, Expr] = {}
    result = {s for p in pieces for s in p.body.free_symbols} - system.matrices - system.modulators
    for symbol in sorted(result - activities - read, key=lambda s: s.name):
        flat = [p.body.diff(symbol) for p in pieces if _is_flat(p, symbol)]
        slope = sp.expand_mul(-sp.Add(*flat))
        moving = slope.free_symbols & (activities | read)
        if outermost(slope) or slope.has(sp.log, sp.Integral) or not _is_hebbian(slope, moving):
            continue
        marks = {s: Post(s) if s in activities else Pre(s) for s in moving}
        rules[symbol] = slope.xreplace(marks)
    return rules


def _is_hebbian(slope: Expr, moving: set[sp.Symbol]) -> bool:
    """Whether a slope multiplies two activities or inputs, or one with itself."""
    if len(moving) != 1:
        return len(moving) > 1
    only = next(iter(moving))
    return bool(slope.is_polynomial(only)) and sp.degree(slope, only) == 2


def _is_flat(piece: Piece, symbol: sp.Symbol) -> bool:
    """Whether a piece has a synapse outside every sum over units."""
    return not any(symbol in atom.free_symbols for atom in outermost(piece.body))


def exchanged(rule: Expr) -> Expr:
    """Return ``rule`` with post- and presynaptic unit exchanged.

    Example:
        >>> exchanged(Post(sp.Symbol("x")))
        Pre(x)
    """
    marks = {p: (Pre if isinstance(p, Post) else Post)(p.args[0]) for p in rule.atoms(Post, Pre)}
    return rule.xreplace(marks)


def unmarked(rule: Expr) -> Expr:
    """Return a rule as it is typed: marks are dropped, or become x_post and x_pre if needed.

    Example:
        >>> x, o = sp.symbols("x o", real=True)
        >>> unmarked(Post(x) * Pre(o)), unmarked(Post(x) * Pre(x))
        (o*x, x_post*x_pre)
    """
    post = {p.args[0] for p in rule.atoms(Post)}
    both = post & {p.args[0] for p in rule.atoms(Pre)}

    def typed(mark: Expr) -> Expr:
        inside = mark.args[0]
        if inside not in both:
            return inside
        side = "post" if isinstance(mark, Post) else "pre"
        if isinstance(inside, sp.Symbol):
            return sp.Symbol(f"{inside.name}_{side}", real=True)
        return sp.Function(f"at_{side}")(inside)

    return rule.replace(lambda part: isinstance(part, (Post, Pre)), typed)


def marked(rule: Expr, matrix: sp.Symbol, wanted: Expr, system: "System") -> Expr:
    """Return a typed rule with every quantity on its side of the synapse.

    ``wanted`` is the demanded rule, which shows what is post- and presynaptic.  Raises
    `EquationError` for a name that may be on both.

    Example:
        >>> from hebbayes.symbolic.language.network import read_system
        >>> system = read_system("dx/dt = -x + W*o")
        >>> W, x, o = (system.symbols[name] for name in "Wxo")
        >>> marked(x * o - x * W, W, Post(x) * Pre(o), system)
        -W*Post(x) + Post(x)*Pre(o)
    """
    sides = _sides(wanted, system)
    marks: dict[Expr, Expr] = {}
    for part in _varying_parts(rule):
        if isinstance(part, sp.Symbol):
            if part in system.matrices or isinstance(part, Scalar):
                continue
            mark = _mark(part, matrix, sides, system)
        else:
            mark = Pre(part) if Pre(part) in wanted.atoms(Pre) else Post(part)
        if mark is not None:
            marks[part] = mark
    return _within_averages(rule, marks)


def _varying_parts(rule: Expr) -> list[Expr]:
    """Return symbols and sums over units of a rule, also those within averages."""
    result: list[Expr] = []
    for atom in outermost(rule):
        result += _varying_parts(atom.args[0]) if isinstance(atom, Average) else [atom]
    return [*result, *sorted(symbols_outside(rule), key=sp.default_sort_key)]


def _within_averages(rule: Expr, marks: Mapping[Expr, Expr]) -> Expr:
    if rule in marks:
        return marks[rule]
    if isinstance(rule, OverUnits) and not isinstance(rule, Average):
        return rule
    if not rule.args:
        return rule
    return rule.func(*(_within_averages(part, marks) for part in rule.args))


def _sides(wanted: Expr, system: "System") -> dict[sp.Symbol, set[type]]:
    """Return symbol -> sides on which the demanded rule has it or what it is a delay of."""
    sides: dict[sp.Symbol, set[type]] = {}
    for side in (Post, Pre):
        for mark in wanted.atoms(side):
            if not mark.args[0].has(MatVec):
                for symbol in mark.args[0].free_symbols:
                    sides.setdefault(symbol, set()).add(side)
    return sides


def _mark(
    symbol: sp.Symbol, matrix: sp.Symbol, sides: Mapping[sp.Symbol, set[type]], system: "System"
) -> Expr | None:
    known = {s.name: s for s in (*system.symbols.values(), *sides)}
    for suffix, side in (("_post", Post), ("_pre", Pre)):
        stem = symbol.name.removesuffix(suffix)
        if stem != symbol.name and stem in known:
            return side(known[stem])
    result = sides.get(symbol, set())
    if not result:
        result = _side_of_relative(symbol, sides, system)
    if len(result) == 2:
        raise EquationError(
            f"{symbol} is on both sides of the synapse {matrix}; write {symbol}_post or "
            f"{symbol}_pre."
        )
    if not result and symbol.name in _ACTIVITY_NAMES and symbol.name not in system.symbols:
        raise EquationError(
            f"the rule of {matrix} names {symbol}, which is no activity or input of this network; "
            f"it has {', '.join(sorted(s.name for s in sides))}."
        )
    return next(iter(result))(symbol) if result else None


def _side_of_relative(
    symbol: sp.Symbol, sides: Mapping[sp.Symbol, set[type]], system: "System"
) -> set[type]:
    """Return the side of what a symbol is a delay of, or of a delay of it."""
    names = {s.name for s in system.delayed}
    stem = symbol.name.partition("_delay")[0].partition("_previous")[0]
    for other, result in sides.items():
        base = other.name.partition("_delay")[0] if other.name in names else other.name
        if stem == base:
            return result
    states = {e.activity or e.state for e in system.equations} | set(system.states)
    return {Post} if symbol in states else set()


def modulator_factors(system: "System") -> dict[sp.Symbol, Expr]:
    """Return matrix -> factor of its terms: 1 - 2 Gamma for a risk, else the modulator itself.

    Example:
        >>> from hebbayes.symbolic.language.network import read_system
        >>> system = read_system("dy/dt = -logit(y) + V*x_delayed", "Gamma modulates V")
        >>> modulator_factors(system)
        {V: 1 - 2*Gamma}
    """
    factors = {}
    for name, by in system.assumptions.modulated.items():
        modulator = system.symbols.get(by, sp.Symbol(by, real=True))
        factor = 1 - 2 * modulator if by in RISKS else modulator
        for matrix in system.matrices:
            if matrix.name in (name, f"{name}1", f"{name}0"):
                factors[matrix] = factor
    return factors
