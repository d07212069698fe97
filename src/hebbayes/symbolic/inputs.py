"""Families of inputs: what a synapse adds to the log likelihood, and to a unit's threshold.

An input o of an exponential family has ln p(o | s) = o w_s - a(w_s) + ln base(o), where w_s is its
natural parameter given the state s = 1 or 0.  A state's log odds then are (w_1 - w_0) o less the
normaliser a(w_1) - a(w_0), summed over inputs: a threshold must hold it (docs/theory.md eq. 4).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import sympy as sp

from hebbayes.symbolic.algebra.functions import Expr, LogCosh, MatVec, Sigmoid
from hebbayes.symbolic.algebra.zero import is_zero


@dataclass(frozen=True)
class InputFamily:
    """One family of inputs.

    Attributes:
        name: binary, Gaussian, Poisson or spin.
        normaliser: -a(w), what one synapse adds to its unit's threshold.
        mean: a'(w), the input that the synapse predicts.
        words: Description of a likelihood of this family.
    """

    name: str
    normaliser: Callable[[Expr], Expr]
    mean: Callable[[Expr], Expr]
    words: str


FAMILIES: Mapping[str, InputFamily] = {
    "binary": InputFamily(
        "binary", lambda w: sp.log(1 - Sigmoid(w)), Sigmoid, "on with probability sig(w)"
    ),
    "Gaussian": InputFamily(
        "Gaussian", lambda w: -(w**2) / 2, lambda w: w, "normal with mean w and unit variance"
    ),
    "Poisson": InputFamily("Poisson", lambda w: -sp.exp(w), sp.exp, "Poisson with mean exp(w)"),
    "spin": InputFamily(
        "spin", lambda w: -LogCosh(w) - sp.log(2), sp.tanh, "+1 or -1, of log odds 2*w"
    ),
}
CHOICES = ("binary", "Gaussian", "Poisson")
"""Families that are listed if the likelihood is open."""


def threshold_of(matrix: Expr, family: InputFamily) -> Expr:
    """Return what the synapses of a matrix add to the threshold of their unit.

    Example:
        >>> threshold_of(sp.Symbol("W1"), FAMILIES["binary"])
        MatVec(log(1 - Sigmoid(W1)), 1)
    """
    return MatVec(family.normaliser(matrix), sp.S.One)


def family_of_normaliser(entries: Expr, matrix: sp.Symbol) -> InputFamily | None:
    """Return the family whose normaliser -a(w) an entrywise function of a matrix is.

    Example:
        >>> W = sp.Symbol("W", real=True)
        >>> family_of_normaliser(sp.log(Sigmoid(-W)), W).name
        'binary'
    """
    for family in FAMILIES.values():
        if is_zero(entries - family.normaliser(matrix)):
            return family
    return None
