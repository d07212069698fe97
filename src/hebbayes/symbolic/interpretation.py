"""A layer interpreted: its leak, projections and normalisers, and the threshold that remains."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sympy as sp

from hebbayes.symbolic.algebra.functions import Expr, MatVec, Trans, outermost
from hebbayes.symbolic.families import Family, family_of
from hebbayes.symbolic.inputs import InputFamily, family_of_normaliser

if TYPE_CHECKING:
    from hebbayes.symbolic.forms import Layer
    from hebbayes.symbolic.language.system import System


@dataclass(frozen=True)
class Projection:
    """One term A g of a drive.

    Attributes:
        matrix: Entries, an expression of matrices.
        source: The vector that it multiplies, g.
        factor: Number or modulator before it.
        kind: input, delayed, layer (another layer, instantaneous) or recurrent (its own layer).
    """

    matrix: Expr
    source: Expr
    factor: Expr
    kind: str


@dataclass(frozen=True)
class Normaliser:
    """The part of a threshold that one matrix implies: factor * (-a(W)) 1.

    Attributes:
        matrix: The matrix W.
        factor: Number or modulator before it.
        family: Family of inputs with log-partition a, if it has a name.
        term: The whole term.
    """

    matrix: sp.Symbol
    factor: Expr
    family: InputFamily | None
    term: Expr


@dataclass(frozen=True)
class Interpretation:
    """One layer of the network, interpreted.

    Attributes:
        layer: The layer.
        family: Posterior family of its activity.
        projections: Terms that read inputs, the past or other layers.
        normalisers: Terms of the threshold that synapses explain.
        threshold: The constant part of the drive.
        prior: Threshold minus its normalisers.
        rest: Other terms of the drive.
    """

    layer: "Layer"
    family: Family
    projections: tuple[Projection, ...]
    normalisers: tuple[Normaliser, ...]
    threshold: Expr
    prior: Expr
    rest: Expr

    @property
    def drive(self) -> Expr:
        """The input to a unit, which its leak balances."""
        return sp.expand_mul(self.layer.field + self.family.leak)


def interpret_layer(layer: "Layer", system: "System") -> Interpretation:
    """Return the family, projections, normalisers and threshold of a layer.

    Example:
        >>> from hebbayes.symbolic.forms import layers_of
        >>> from hebbayes.symbolic.language.network import read_system
        >>> system = read_system("dx/dt = -logit(x) + W*o + K*x_delayed + h")
        >>> interpretation = interpret_layer(layers_of(system)[0], system)
        >>> interpretation.threshold, [p.kind for p in interpretation.projections]
        (h, ['delayed', 'input'])
    """
    family = family_of(layer, system)
    drive = sp.expand_mul(layer.field + family.leak)
    projections: list[Projection] = []
    normalisers: list[Normaliser] = []
    threshold, rest = sp.S.Zero, sp.S.Zero
    for term in sorted(sp.Add.make_args(drive), key=sp.default_sort_key):
        projection, normaliser = _projection(term, layer, system), _normaliser(term, system)
        if projection is not None:
            projections.append(projection)
        elif normaliser is not None:
            normalisers.append(normaliser)
            threshold += term
        elif _varies(term, layer, system):
            rest += term
        else:
            threshold += term
    known = sp.Add(*(n.term for n in normalisers))
    return Interpretation(
        layer=layer,
        family=family,
        projections=tuple(projections),
        normalisers=tuple(normalisers),
        threshold=threshold,
        prior=sp.expand_mul(threshold - known),
        rest=rest,
    )


def activities_of(system: "System") -> set[sp.Symbol]:
    """Return every symbol that stands for something a network does now.

    Example:
        >>> from hebbayes.symbolic.language.network import read_system
        >>> sorted(s.name for s in activities_of(read_system("dv/dt = -v; x = sig(v)")))
        ['v', 'x']
    """
    return {e.activity for e in system.equations if e.activity is not None} | set(system.states)


def _varies(term: Expr, layer: "Layer", system: "System") -> bool:
    varying = activities_of(system) | {layer.activity} | set(system.inputs) | set(system.delayed)
    return bool(term.free_symbols & varying)


def _projection(term: Expr, layer: "Layer", system: "System") -> Projection | None:
    """Return the projection that a term is, e.g. W o, 2 K x_delayed or J x."""
    atoms = outermost(term)
    if len(atoms) != 1 or not isinstance(atoms[0], MatVec):
        return None
    factor, core = term.as_independent(atoms[0], as_Add=False)
    if core != atoms[0] or atoms[0].args[1].has(MatVec):
        return None
    matrix, source = atoms[0].args
    if factor.free_symbols & activities_of(system):
        return None
    symbols = source.free_symbols
    if layer.activity in symbols:
        kind = "recurrent"
    elif symbols & activities_of(system) or symbols & _other_activities(term, system):
        kind = "layer"
    elif symbols & set(system.delayed):
        kind = "delayed"
    elif symbols & set(system.inputs):
        kind = "input"
    else:
        return None
    return Projection(matrix, source, factor, kind)


def _other_activities(term: Expr, system: "System") -> set[sp.Symbol]:
    known = set(system.symbols.values()) | set(system.delayed)
    strange = {s for s in term.free_symbols if s not in known}
    return {s for s in strange if s.name.startswith("rate_") or s.name == "x"}


def _normaliser(term: Expr, system: "System") -> Normaliser | None:
    atoms = outermost(term)
    if len(atoms) != 1 or not isinstance(atoms[0], MatVec) or atoms[0].args[1] != 1:
        return None
    factor, core = term.as_independent(atoms[0], as_Add=False)
    matrices = atoms[0].args[0].free_symbols & system.matrices
    if core != atoms[0] or len(matrices) != 1 or atoms[0].args[0].has(Trans):
        return None
    matrix, scale = matrices.pop(), sp.S.One
    entries = atoms[0].args[0]
    number, _ = factor.as_coeff_Mul()
    for scale in (sp.S.One, abs(number)):
        family = family_of_normaliser(scale * entries, matrix)
        if family is None and scale != 1:
            family = family_of_normaliser(-scale * entries, matrix)
            scale = -scale
        if family is not None:
            return Normaliser(matrix, factor / scale, family, term)
    family = family_of_normaliser(-entries, matrix)
    if family is not None:
        return Normaliser(matrix, -factor, family, term)
    return Normaliser(matrix, factor, None, term)
