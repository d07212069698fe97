"""Assumptions that would make a refused network canonical.

The candidates are symmetries of coupling matrices, signs of couplings, and families of inputs.
Each is verified by deriving the network again with it.
"""

from collections.abc import Callable, Iterator
from itertools import product
from typing import TYPE_CHECKING

import sympy as sp

from hebbayes.core.errors import FormatError
from hebbayes.symbolic.algebra.functions import MatVec, Scalar
from hebbayes.symbolic.inputs import CHOICES

if TYPE_CHECKING:
    from hebbayes.symbolic.derivation import Derivation
    from hebbayes.symbolic.language.assumptions import Assumptions
    from hebbayes.symbolic.language.system import System

MOST_SIGNS = 3


def remedies_of(
    derivation: "Derivation", stated: "Assumptions", derive_with: Callable[[str], "Derivation"]
) -> tuple[str, ...]:
    """Return the assumptions, each of which makes a refused network canonical.

    ``stated`` holds the assumptions made so far; ``derive_with`` derives the network with more.

    Example:
        >>> from hebbayes.symbolic.derive import derive
        >>> derive("dx/dt = -logit(x) + J*x + h").would_be_canonical_if
        ('J symmetric',)
    """
    system = derivation.written
    for candidates in (_shapes(system), _signs(derivation), _inputs(derivation, stated)):
        verified = tuple(text for text in candidates if _is_remedy(text, derive_with))
        if verified:
            return verified
    return ()


def _is_remedy(text: str, derive_with: Callable[[str], "Derivation"]) -> bool:
    try:
        return derive_with(text).is_canonical
    except FormatError:
        return False


def _shapes(system: "System") -> Iterator[str]:
    """Yield `J symmetric` for couplings within a layer and `B = A'` between two layers."""
    stated = system.assumptions.shapes.keys() | system.splits.keys()
    within: set[str] = set()
    between: dict[tuple[str, str], str] = {}
    for equation in system.equations:
        own = {equation.state, equation.activity}
        for atom in equation.field.atoms(MatVec):
            matrix, vector = atom.args
            if not isinstance(matrix, sp.Symbol) or matrix.name in stated:
                continue
            if vector.free_symbols & own:
                within.add(matrix.name)
            for other in system.equations:
                if other is not equation and vector.free_symbols & {other.state, other.activity}:
                    between[equation.state.name, other.state.name] = matrix.name
    symmetric = [f"{name} symmetric" for name in sorted(within)]
    turned = [
        f"{between[second, first]} = {matrix}'"
        for (first, second), matrix in between.items()
        if first < second and (second, first) in between
    ]
    yield from symmetric
    yield from turned
    if len(symmetric + turned) > 1:
        yield "; ".join(symmetric + turned)


def _signs(derivation: "Derivation") -> Iterator[str]:
    """Yield signs: of couplings between two populations, or of a leak and its parameters."""
    part = derivation.integrability.antisymmetric
    if derivation.integrability.holds:
        yield from _signs_of_leaks(derivation)
    if part is None:
        return
    open_signs = sorted(
        symbol.name
        for symbol in part.free_symbols
        if isinstance(symbol, Scalar) and symbol.is_positive is None and symbol.is_negative is None
    )
    if 0 < len(open_signs) <= MOST_SIGNS:
        for signs in product("><", repeat=len(open_signs)):
            yield "; ".join(f"{name} {sign} 0" for name, sign in zip(open_signs, signs))


def _signs_of_leaks(derivation: "Derivation") -> Iterator[str]:
    for interpretation in derivation.interpretations:
        family = interpretation.family
        if not family.growth.holds:
            symbols = [s for s in family.leak.free_symbols if s.is_positive is None]
            for symbol in sorted(symbols, key=str)[:MOST_SIGNS]:
                yield from (f"{symbol} {sign} 0" for sign in "><")


def _inputs(derivation: "Derivation", stated: "Assumptions") -> Iterator[str]:
    """Yield what may be stated of inputs, if rules are refused: their family, their whiteness."""
    system = derivation.written
    if not derivation.verdicts or not derivation.integrability.holds:
        return
    matrices = {matrix.name for matrix in system.matrices}
    is_about_pairs = any(verdict.synapse not in matrices for verdict in derivation.verdicts)
    for symbol in sorted(system.inputs, key=str):
        if is_about_pairs and symbol.name not in stated.inputs:
            yield from (f"{symbol.name} {family}" for family in CHOICES)
        if system.delayed and symbol.name not in stated.white:
            yield f"{symbol.name} uncorrelated in time"
