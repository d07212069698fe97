"""The account of a network with binary states: synapses come in pairs, on and off.

W = W1 - W0, and a threshold is normaliser plus prior, h = ln(1 - W1^) 1 - ln(1 - W0^) 1 + phi1 -
phi0 (docs/theory.md eq. 4).  This module does two things: a network whose inputs are stated to be
binary (or Gaussian, or Poisson) is rewritten with such pairs, and the cost of a network written
with pairs gets the terms of the off state, which activity does not show (eq. 5).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import sympy as sp

from hebbayes.symbolic.algebra.functions import Expr, expanded
from hebbayes.symbolic.inputs import FAMILIES, InputFamily, threshold_of

if TYPE_CHECKING:
    from hebbayes.symbolic.interpretation import Interpretation, Projection
    from hebbayes.symbolic.language.system import System

PRIOR_NAMES = {"x": "phi", "y": "psi"}
_PAIRED = re.compile(r"(?P<stem>.*?)(?P<value>[01])")


@dataclass(frozen=True)
class Split:
    """How one layer's symbols are split into on and off.

    Attributes:
        matrices: Matrix to (on, off, family of what it reads).
        threshold: Threshold as written.
        normaliser: What the synapses add to it.
        prior: phi1 - phi0.
        gain: Log odds per unit of drive.
        offset: Constant of the leak, which the threshold balances.
    """

    matrices: Mapping[sp.Symbol, tuple[sp.Symbol, sp.Symbol, InputFamily]]
    threshold: Expr
    normaliser: Expr
    prior: Expr
    gain: Expr = sp.S.One
    offset: Expr = sp.S.Zero

    @property
    def pairs(self) -> dict[sp.Symbol, Expr]:
        """What stands for each single matrix and for the threshold, in units of the drive."""
        pairs = {m: (on - off) / self.gain for m, (on, off, _) in self.matrices.items()}
        pairs[self.threshold] = (
            sp.expand_mul((self.normaliser + self.prior) / self.gain) + self.offset
        )
        return pairs


def prior_name(activity: sp.Symbol) -> str:
    """Return the name of a layer's threshold factor: phi, psi, or phi_ and the layer's name.

    Example:
        >>> prior_name(sp.Symbol("y"))
        'psi'
    """
    return PRIOR_NAMES.get(activity.name, f"phi_{activity.name}")


def source_family(
    projection: "Projection", system: "System", known: Mapping[sp.Symbol, str]
) -> str | None:
    """Return the family of what a projection reads, if it is stated or follows.

    A delayed activity of a two-valued layer is the belief in a state; ``known`` maps it to its
    family.

    Example:
        >>> from hebbayes.symbolic.interpretation import Projection
        >>> from hebbayes.symbolic.language.network import read_system
        >>> system = read_system("dx/dt = -x + W*o", "o binary")
        >>> W, o = (system.symbols[n] for n in "Wo")
        >>> source_family(Projection(W, o, sp.S.One, "input"), system, {})
        'binary'
    """
    source = projection.source
    if not isinstance(source, sp.Symbol):
        return None
    base = system.delayed.get(source, (source, ""))[0]
    if base in known:
        return known[base]
    return system.assumptions.inputs.get(base.name)


def split_of(
    interpretation: "Interpretation", system: "System", known: Mapping[sp.Symbol, str]
) -> Split | None:
    """Return the on-off pairs of a layer whose inputs are all of stated families, else None.

    Example:
        >>> from hebbayes.symbolic.forms import layers_of
        >>> from hebbayes.symbolic.language.network import read_system
        >>> from hebbayes.symbolic.interpretation import interpret_layer
        >>> system = read_system("dx/dt = -logit(x) + W*o + h", "o binary")
        >>> interpretation = interpret_layer(layers_of(system)[0], system)
        >>> split_of(interpretation, system, {}).prior
        -phi0 + phi1
    """
    is_plain = interpretation.threshold.is_Symbol
    belief = interpretation.family
    if not belief.is_two_valued or interpretation.rest != 0 or not is_plain:
        return None
    families = [source_family(p, system, known) for p in interpretation.projections]
    simple = all(
        isinstance(p.matrix, sp.Symbol) and p.kind in ("input", "delayed")
        for p in interpretation.projections
    )
    if not families or not simple or any(family is None for family in families):
        return None
    matrices = {}
    for projection, family in zip(interpretation.projections, families):
        on, off = (sp.Symbol(f"{projection.matrix}{n}", real=True) for n in (1, 0))
        matrices[projection.matrix] = (on, off, FAMILIES[str(family)])
    normaliser = sp.Add(
        *(
            p.factor * (threshold_of(on, family) - threshold_of(off, family))
            for p in interpretation.projections
            for on, off, family in (matrices[p.matrix],)
        )
    )
    name = prior_name(interpretation.layer.activity)
    on, off = (sp.Symbol(f"{name}{n}", real=True) for n in (1, 0))
    return Split(
        matrices, interpretation.threshold, normaliser, on - off, belief.gain, belief.offset
    )


def with_pairs(system: "System", splits: Mapping[sp.Symbol, Split]) -> "System":
    """Return a network whose single matrices and thresholds are written as on-off pairs.

    ``splits`` maps the state of an equation to how it is split.

    Example:
        >>> from hebbayes.symbolic.language.network import read_system
        >>> system = read_system("dx/dt = -x + W*o")
        >>> with_pairs(system, {}) == system
        True
    """
    equations, names, defined = [], dict(system.symbols), dict(system.splits)
    for equation in system.equations:
        split = splits.get(equation.state)
        if split is None:
            equations.append(equation)
            continue
        pairs = split.pairs
        equations.append(replace(equation, field=expanded(equation.field.xreplace(pairs))))
        defined |= pairs
        new = [s for e in pairs.values() for s in e.free_symbols]
        names |= {s.name: s for s in new}
    matrices = system.matrices | {
        s for split in splits.values() for on, off, _ in split.matrices.values() for s in (on, off)
    }
    gone = {m for split in splits.values() for m in split.matrices}
    return replace(
        system,
        equations=tuple(equations),
        symbols=names,
        matrices=frozenset(matrices - gone),
        splits=defined,
    )


def partner(symbol: sp.Symbol, known: Mapping[str, sp.Symbol]) -> sp.Symbol | None:
    """Return W0 for W1 and the other way round, if both are in the network.

    Example:
        >>> W0, W1 = sp.symbols("W0 W1")
        >>> partner(W1, {"W0": W0, "W1": W1})
        W0
    """
    match = _PAIRED.fullmatch(symbol.name)
    if match is None or not match["stem"]:
        return None
    return known.get(f"{match['stem']}{1 - int(match['value'])}")


def on_and_off(drive: Expr, system: "System") -> tuple[Expr, Expr] | None:
    """Return (u1, u0) with drive = u1 - u0, if it is written in pairs throughout, else None.

    u0 is u1 with every 1 exchanged for 0.

    Example:
        >>> from hebbayes.symbolic.algebra.functions import Logit
        >>> from hebbayes.symbolic.language.network import read_system
        >>> system = read_system("dx/dt = -logit(x) + W1*o - W0*o + h1 - h0")
        >>> x = system.symbols["x"]
        >>> on_and_off(sp.expand_mul(system.equations[0].field + Logit(x)), system)[0]
        h1 + MatVec(W1, o)
    """
    exchange, on_symbols = {}, set()
    for symbol in drive.free_symbols:
        other = partner(symbol, system.symbols)
        if other is not None:
            exchange[symbol] = other
            on_symbols |= {s for s in (symbol, other) if s.name.endswith("1")}
    on = [t for t in sp.Add.make_args(drive) if t.free_symbols & on_symbols]
    off = [t for t in sp.Add.make_args(drive) if not t.free_symbols & on_symbols]
    if not on or any(not t.free_symbols & set(exchange) for t in (*on, *off)):
        return None
    swapped = [expanded(t.xreplace(exchange)) for t in on]
    if sp.expand_mul(sp.Add(*off) + sp.Add(*swapped)) != 0:
        return None
    return sp.Add(*on), -sp.Add(*off)
