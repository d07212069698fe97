"""The cost: the activity equation integrated over activity.

Terms of d f are integrated one by one.  A term that sums over other units, u(x) A g(y), comes from
-U(x)' A g(y) with U' = u, which also explains g'(y) A' U(x) in the other layer's equation; nothing
may be left at the end.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import sympy as sp

from hebbayes.symbolic.algebra.calculus import Piece, antiderivative, gradient
from hebbayes.symbolic.algebra.functions import (
    Expr,
    MatVec,
    Total,
    Trans,
    outermost,
    simplified,
)
from hebbayes.symbolic.algebra.zero import is_zero

if TYPE_CHECKING:
    from hebbayes.symbolic.forms import Layer

_MOST_TERMS = 60


def integrate_layers(
    layers: Sequence["Layer"],
    metric: Mapping[sp.Symbol, Expr],
    entropies: Mapping[sp.Symbol, tuple[Expr, Expr]] | None = None,
) -> tuple[Piece, ...] | None:
    """Return the cost of an integrable network, or None if it has no closed form.

    ``entropies`` maps activities to leak and negative entropy, if these are known.

    Example:
        >>> from hebbayes.symbolic.forms import layers_of
        >>> from hebbayes.symbolic.language.network import read_system
        >>> layers = layers_of(read_system("dx/dt = -x + W*o"))
        >>> integrate_layers(layers, {layers[0].activity: 1})[0].body
        x**2/2 - x*MatVec(W, o)
    """
    known = {layer.activity: (sp.S.Zero, sp.S.Zero) for layer in layers} | dict(entropies or {})
    left = {
        layer.activity: sp.expand_mul(
            metric[layer.activity] * sp.expand_mul(layer.field + known[layer.activity][0])
        )
        for layer in layers
    }
    spaces = {layer.activity: layer.activity for layer in layers} | shared_spaces(layers)
    pieces = [Piece(x, metric[x] * entropy) for x, (_, entropy) in known.items()]
    for _ in range(_MOST_TERMS):
        x = next((x for x in left if not is_zero(left[x])), None)
        if x is None:
            return _merged(pieces)
        piece = _next_piece(left[x], x, tuple(left))
        if piece is None:
            return None
        pieces.append(piece)
        for y in left:
            rest = sp.expand_mul(left[y] + gradient([piece], y, spaces))
            left[y] = _without_nothing(rest, tuple(left))
    return None


def _without_nothing(field: Expr, activities: tuple[sp.Symbol, ...]) -> Expr:
    """Return ``field`` without terms that cancel, such as logit x - ln x + ln(1 - x)."""
    terms = sp.Add.make_args(field)
    plain = sp.Add(*(t for t in terms if not _coupling(t, activities)))
    return field - plain if is_zero(plain) else field


def shared_spaces(layers: Sequence["Layer"]) -> dict[sp.Symbol, sp.Symbol]:
    """Return activity -> layer for layers that act on each other unit by unit.

    Example:
        >>> from hebbayes.symbolic.forms import layers_of
        >>> from hebbayes.symbolic.language.network import read_system
        >>> layers = layers_of(read_system("dE/dt = -E + w*I; dI/dt = -I + w*E"))
        >>> sorted(shared_spaces(layers).items(), key=str)
        [(E, E), (I, E)]
    """
    order = [layer.activity for layer in layers]
    spaces = {x: x for x in order}
    for layer in layers:
        plain = layer.field.xreplace(dict.fromkeys(outermost(layer.field), sp.S.Zero))
        for other in list(spaces):
            if other in plain.free_symbols and spaces[other] != spaces[layer.activity]:
                new, old = sorted((spaces[other], spaces[layer.activity]), key=order.index)
                spaces = {x: new if space == old else space for x, space in spaces.items()}
    return spaces


def _next_piece(field: Expr, x: sp.Symbol, activities: tuple[sp.Symbol, ...]) -> Piece | None:
    """Return a piece of cost that explains at least one term of what is left of ``field``."""
    terms = sp.Add.make_args(field)
    coupled = [t for t in terms if _coupling(t, activities)]
    plain = [t for t in terms if not _coupling(t, activities)]
    if plain:
        whole = sp.Add(*plain)
        return Piece(x, -antiderivative(whole, x))
    for term in coupled:
        piece = _coupled_piece(term, x, activities)
        if piece is not None:
            return piece
    return None


def _coupling(term: Expr, activities: tuple[sp.Symbol, ...]) -> list[Expr]:
    return [a for a in outermost(term) if a.free_symbols & set(activities)]


def _coupled_piece(term: Expr, x: sp.Symbol, activities: tuple[sp.Symbol, ...]) -> Piece | None:
    atoms = _coupling(term, activities)
    if len(atoms) != 1:
        return None
    atom, stand = atoms[0], sp.Dummy(real=True)
    plain = term.xreplace({atom: stand})
    weight = plain.diff(stand)
    if stand in weight.free_symbols:
        return None
    if isinstance(atom, Total):
        return _summed_piece(weight, atom, x)
    matrix, vector = atom.args
    hidden = _hidden_piece(weight, matrix, vector, x)
    if hidden is not None:
        return hidden
    inner = antiderivative(weight, x)
    ratio = simplified(vector / inner) if inner != 0 else x
    is_alike = not (ratio.free_symbols & set(activities)) and not ratio.has(MatVec)
    half = sp.Rational(1, 2) if _is_bilinear(matrix, vector, inner, x, is_alike) else sp.S.One
    return Piece(x, -half * inner * atom)


def _is_bilinear(matrix: Expr, vector: Expr, inner: Expr, x: sp.Symbol, is_alike: bool) -> bool:
    """Whether a term counts every pair of units twice: x' J x with J symmetric."""
    if is_alike:
        return bool(Trans(matrix) == matrix)
    nested = outermost(vector)
    if len(nested) != 1 or not isinstance(nested[0], MatVec):
        return False
    rest = simplified(vector / nested[0])
    within = simplified(nested[0].args[1] / inner)
    is_square = nested[0].args[0] == Trans(matrix) and x not in within.free_symbols
    return bool(is_square and not rest.free_symbols)


def _summed_piece(weight: Expr, atom: Expr, x: sp.Symbol) -> Piece:
    """Return -k/2 (sum g)^2 per unit for a term k g'(x) sum(g), e.g. lateral inhibition."""
    inner = antiderivative(weight, x)
    ratio = simplified(atom.args[0] / inner)
    half = sp.Rational(1, 2) if x not in ratio.free_symbols else sp.S.One
    return Piece(x, -half * inner * atom)


def _hidden_piece(weight: Expr, matrix: Expr, vector: Expr, x: sp.Symbol) -> Piece | None:
    """Return -sum Psi(A x + b) over a hidden layer for a term A' psi(A x + b)."""
    nested = [a for a in outermost(vector) if isinstance(a, MatVec) and x in a.free_symbols]
    if len(nested) != 1 or nested[0].args[0] != Trans(matrix):
        return None
    inside, stand = nested[0], sp.Dummy(real=True)
    psi = vector.xreplace({inside: stand})
    is_linear = stand not in simplified(psi.diff(stand)).free_symbols
    reads = inside.args[1]
    scale = simplified(weight / reads.diff(x)) if reads.diff(x) != 0 else x
    if is_linear or scale.free_symbols or psi.has(x):
        return None
    body = -scale * antiderivative(psi, stand).xreplace({stand: inside})
    return Piece(sp.Symbol(f"hidden_{x}"), body)


def _merged(pieces: Sequence[Piece]) -> tuple[Piece, ...]:
    """Return one piece per layer."""
    spaces: dict[sp.Symbol, Expr] = {}
    for piece in pieces:
        spaces[piece.space] = spaces.get(piece.space, sp.S.Zero) + piece.body
    return tuple(Piece(space, body) for space, body in spaces.items() if body != 0)
