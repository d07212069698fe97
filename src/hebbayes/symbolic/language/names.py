"""What every name of a source stands for: its symbol, its kind, and what it delays."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import sympy as sp

from hebbayes.symbolic.algebra.delays import delayed_parts
from hebbayes.symbolic.algebra.functions import AntisymmetricMatrix, Scalar, SymmetricMatrix
from hebbayes.symbolic.language.kinds import MODULATORS

if TYPE_CHECKING:
    from hebbayes.symbolic.language.assumptions import Assumptions
    from hebbayes.symbolic.language.grammar import Statement


@dataclass
class Names:
    """What every name stands for while a source is read.

    Attributes:
        source: Text, for carets.
        matrices: Names that are matrices.
        changing: Names that have a differential equation.
        definitions: Name to its statement.
        functions: Name to the statement of a user's function.
        assumptions: What the user stated.
        symbols: Name to symbol, filled as names are met.
        delayed: Symbol to (name of what is delayed, lag).
        by_entry: Whether products are by entry, as in a plasticity rule.
        opaque: Definitions that keep their name, such as an activation x = sig(v).
        arguments: Argument of the function being read to its value.
        open_names: Definitions and functions being read, to refuse circles.
    """

    source: str
    matrices: frozenset[str]
    changing: frozenset[str]
    definitions: Mapping[str, "Statement"]
    functions: Mapping[str, "Statement"]
    assumptions: "Assumptions"
    symbols: dict[str, sp.Symbol] = field(default_factory=dict)
    delayed: dict[sp.Symbol, tuple[str, str]] = field(default_factory=dict)
    by_entry: bool = False
    opaque: frozenset[str] = frozenset()
    arguments: dict[str, sp.Expr] = field(default_factory=dict)
    open_names: tuple[str, ...] = ()

    def symbol(self, name: str) -> sp.Symbol:
        """Return the one symbol of a name."""
        if name not in self.symbols:
            kind = sp.Symbol
            shape = self.assumptions.shapes.get(name)
            if shape in ("symmetric", "scaled symmetric"):
                kind = SymmetricMatrix
            elif shape == "antisymmetric":
                kind = AntisymmetricMatrix
            elif self._is_scalar(name):
                kind = Scalar
            sign = self.assumptions.signs.get(name)
            if sign is None and name.startswith(("tau", "τ")):
                sign, kind = "positive", Scalar
            stated = {} if sign is None else {sign: True}
            self.symbols[name] = kind(name, real=True, **stated)
            parts = delayed_parts(name)
            if parts is not None:
                self.delayed[self.symbols[name]] = parts
        return self.symbols[name]

    def scale_of(self, name: str) -> sp.Symbol:
        """Return the positive diagonal d of a matrix S/d, named d_ and the matrix."""
        scale = f"d_{name}"
        return self.symbols.setdefault(scale, sp.Symbol(scale, positive=True))

    def _is_scalar(self, name: str) -> bool:
        stated = self.assumptions.kinds.get(name) in ("scalar", "modulator")
        return stated or name in MODULATORS or name in self.assumptions.modulated.values()
