"""A network as written: layers, inputs, matrices, delays; nothing is derived yet."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import sympy as sp

from hebbayes.symbolic.language.assumptions import Assumptions


@dataclass(frozen=True)
class Equation:
    """One differential equation, factor * d(state)/dt = field, of one generic unit.

    Attributes:
        state: What changes: an activity x or a potential v.
        field: Right-hand side.
        factor: Time constant, or another factor before the derivative.
        activity: Firing rate, if it is defined as a function of the state.
        activation: That function of the state.
    """

    state: sp.Symbol
    field: sp.Expr
    factor: sp.Expr = sp.S.One
    activity: sp.Symbol | None = None
    activation: sp.Expr | None = None


@dataclass(frozen=True)
class System:
    """A network.

    Attributes:
        source: Its text.
        equations: One per layer or population.
        symbols: Every name and its symbol.
        matrices: Symbols that are matrices.
        inputs: Symbols that come from outside and vary in time.
        delayed: Symbol of a delayed activity or input to (what is delayed, lag).
        modulators: Scalars that vary in time and scale plasticity.
        assumptions: What the user stated.
        splits: Matrix or vector to what it was defined as, e.g. W to W1 - W0.
    """

    source: str
    equations: tuple[Equation, ...]
    symbols: Mapping[str, sp.Symbol]
    matrices: frozenset[sp.Symbol]
    inputs: frozenset[sp.Symbol]
    delayed: Mapping[sp.Symbol, tuple[sp.Symbol, str]]
    modulators: frozenset[sp.Symbol] = frozenset()
    assumptions: Assumptions = field(default_factory=Assumptions)
    splits: Mapping[sp.Symbol, sp.Expr] = field(default_factory=dict)

    @property
    def states(self) -> tuple[sp.Symbol, ...]:
        """What the differential equations change."""
        return tuple(equation.state for equation in self.equations)
