"""Choice among nulls and terms of theory, on some recordings, for use on others.

The null is the best forecast, or forecast + g x term of a null that learns (plain Hebb).  A term
with the theory enters on top as g x change with g >= 0, and only if leaving recordings out
shows that it pays (docs/forecasting.md).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hebbayes.reverse_engineering.forecasting.scoring import combined_loss

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Roles:
    """Positions of forecasters in the scores, by role.

    Attributes:
        nulls: Forecasts without the theory.
        null_terms: Terms of change without the theory.
        theory_terms: Terms of change with the theory.
        theory_forecasts: Forecasts with the theory, in place of a null's.
    """

    nulls: tuple[int, ...]
    null_terms: tuple[int, ...] = ()
    theory_terms: tuple[int, ...] = ()
    theory_forecasts: tuple[int, ...] = ()

    @property
    def n_settings(self) -> int:
        """How many settings are compared: nulls with each term or none, and theory terms."""
        n_nulls = len(self.nulls) * (1 + len(self.null_terms))
        return n_nulls + len(self.theory_terms) + len(self.theory_forecasts)


@dataclass(frozen=True, eq=False)
class Choice:
    """Coefficients of the forecasters: the null, and what the theory adds at best.

    Attributes:
        null: (forecasters,), coefficients of the null.
        theory: (forecasters,), coefficients added by the theory.
        term: Position of the term, -1 for none.
        g: Size of the term.
        is_earned: Whether the term pays on left-out recordings.
    """

    null: Floats
    theory: Floats
    term: int
    g: float
    is_earned: bool


def choose(grams: Sequence[Floats], roles: Roles, *, margin: float = 1.0) -> Choice:
    """Return the null, the term and its size that do best on these recordings.

    Recordings have equal weight: losses are relative to that of the first null.  The term is
    earned if its mean gain on recordings left out in turn exceeds ``margin`` standard errors; with
    a single recording, if it gains at all.

    Example:
        >>> y, null, term = np.array([[1.0, 3.0], [1.0, 1.0], [0.0, 1.0]])
        >>> rows = np.stack([y, null, term])
        >>> choice = choose([rows @ rows.T / 2] * 3, Roles(nulls=(0,), theory_terms=(1,)))
        >>> choice.null.tolist(), choice.theory.tolist(), choice.is_earned
        ([1.0, 0.0], [0.0, 2.0], True)
    """
    null, theory, term, g = _best(grams, roles)
    if term < 0 or g == 0:
        return Choice(null, theory, term, g, False)
    if len(grams) == 1:
        return Choice(null, theory, term, g, gain(grams[0], null, theory) > 0)
    gains = []
    for k in range(len(grams)):
        left, added, _, _ = _best([*grams[:k], *grams[k + 1 :]], roles)
        gains.append(gain(grams[k], left, added))
    spread = float(np.std(gains, ddof=1)) / np.sqrt(len(gains))
    return Choice(null, theory, term, g, bool(np.mean(gains) > margin * spread))


def gain(gram: Floats, null: Floats, theory: Floats) -> float:
    """Return the share of the null's loss that the theory's addition takes away.

    Example:
        >>> gram = np.array([[4.0, 0.0, 2.0], [0.0, 0.0, 0.0], [2.0, 0.0, 1.0]])
        >>> gain(gram, np.array([1.0, 0.0]), np.array([0.0, 1.0]))
        0.75
    """
    return float(1.0 - combined_loss(gram, null + theory) / combined_loss(gram, null))


def _best(grams: Sequence[Floats], roles: Roles) -> tuple[Floats, Floats, int, float]:
    """Best null, what the best term changes about it, the term's position and size."""
    units = np.eye(len(grams[0]) - 1)
    shared = _relative(grams, units[roles.nulls[0]])
    nulls = [(units[i], None) for i in roles.nulls]
    pairs = [(units[i], units[j]) for i in roles.nulls for j in roles.null_terms]
    fitted = [(base, term, _add_terms(shared, base, [term])[0]) for base, term in pairs]
    base, learning, null = min(
        [*((base, term, base) for base, term in nulls), *fitted],
        key=lambda candidate: combined_loss(shared, candidate[2]),
    )
    own = _relative(grams, null)
    nothing = combined_loss(own, null)
    best = (0.0, np.zeros_like(null), -1, 0.0)
    for j, is_term in [
        *((j, True) for j in roles.theory_terms),
        *((j, False) for j in roles.theory_forecasts),
    ]:
        if is_term:  # the null's own learning may give way to the theory's
            terms = [units[j]] if learning is None else [units[j], learning]
            total, sizes = _add_terms(own, base, terms)
        else:
            total, sizes = _add_terms(own, null, [units[j] - null], largest=1.0)
        earned = nothing - combined_loss(own, total)
        if sizes[0] > 0 and earned > best[0]:
            best = (earned, total - null, j, sizes[0])
    return null, best[1], best[2], best[3]


def _relative(grams: Sequence[Floats], coefficients: Floats) -> Floats:
    """Mean Gram matrix, each divided by its own loss of one forecast: recordings weigh the same."""
    return np.mean([gram / combined_loss(gram, coefficients) for gram in grams], axis=0)


def _add_terms(
    gram: Floats, base: Floats, terms: Sequence[Floats], largest: float = np.inf
) -> tuple[Floats, list[float]]:
    """Add one or two terms at the sizes, at least 0, of least loss; return the sum and sizes."""
    toward = [float(term @ (gram[0, 1:] - gram[1:, 1:] @ base)) for term in terms]
    square = [[float(a @ gram[1:, 1:] @ b) for b in terms] for a in terms]
    candidates = [[0.0] * len(terms)]
    for k in range(len(terms)):
        if square[k][k] > 0:
            alone = min(max(toward[k] / square[k][k], 0.0), largest)
            candidates.append([alone if i == k else 0.0 for i in range(len(terms))])
    if len(terms) == 2:
        (a, b), (_, c) = square
        if (determinant := a * c - b * b) > 1e-9 * a * c:
            both = [
                (c * toward[0] - b * toward[1]) / determinant,
                (a * toward[1] - b * toward[0]) / determinant,
            ]
            candidates += [both] if min(both) > 0 else []
    totals = [base + sum(g * t for g, t in zip(sizes, terms)) for sizes in candidates]
    best = int(np.argmin([combined_loss(gram, total) for total in totals]))
    return totals[best], candidates[best]
