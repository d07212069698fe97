"""Choice among nulls and terms of theory, on some recordings, for use on others.

The null is the best forecast, or forecast + g x term of a null that learns (plain Hebb).  A term
with the theory enters on top as g x change with g >= 0, and only where leaving recordings out
shows that it earns more (docs/forecasting.md).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hebbayes.reverse_engineering.forecasting.scoring import combined_loss

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Roles:
    """Positions, among the forecasters scored, of those that play a part.

    nulls: forecasts without the theory.  null_terms: terms of change without the theory.
    theory_terms, theory_forecasts: terms of change, and forecasts in place of a null's.
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
    """Coefficients of the forecasters: of the null, and of what the theory would add at best.

    null, theory: (forecasters,), the forecast is their sum.  term: position of the term, -1 for
    none.  g: its size.  is_earned: whether left-out recordings say that it pays.
    """

    null: Floats
    theory: Floats
    term: int
    g: float
    is_earned: bool


def choose(grams: Sequence[Floats], roles: Roles, *, margin: float = 1.0) -> Choice:
    """Return the null, the term and its size that do best on these recordings.

    All count alike: losses are relative to that of the first null.  The term is earned where
    its mean gain on recordings left out in turn exceeds ``margin`` standard errors; of a single
    recording, where it gains at all.

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
    n = len(grams[0]) - 1
    units = np.eye(n)
    reference = [combined_loss(gram, units[roles.nulls[0]]) for gram in grams]
    candidates = [units[i] for i in roles.nulls]
    candidates += [
        units[i] + _size(grams, reference, units[i], units[j], np.inf) * units[j]
        for i in roles.nulls
        for j in roles.null_terms
    ]
    null = min(candidates, key=lambda c: _mean_loss(grams, reference, c))
    own = [combined_loss(gram, null) for gram in grams]
    best, nothing = (0.0, np.zeros(n), -1, 0.0), _mean_loss(grams, own, null)
    directions = [(j, units[j], np.inf) for j in roles.theory_terms]
    directions += [(j, units[j] - null, 1.0) for j in roles.theory_forecasts]
    for j, direction, largest in directions:
        g = _size(grams, own, null, direction, largest)
        earned = nothing - _mean_loss(grams, own, null + g * direction)
        if earned > best[0]:
            best = (earned, g * direction, j, g)
    return null, best[1], best[2], best[3]


def _size(
    grams: Sequence[Floats], scale: Sequence[float], base: Floats, term: Floats, largest: float
) -> float:
    """The g in [0, largest] of least mean loss of base + g x term, losses divided by ``scale``."""
    toward = sum(
        float(term @ (gram[0, 1:] - gram[1:, 1:] @ base)) / s for gram, s in zip(grams, scale)
    )
    square = sum(float(term @ gram[1:, 1:] @ term) / s for gram, s in zip(grams, scale))
    return float(np.clip(toward / square, 0.0, largest)) if square > 0 else 0.0


def _mean_loss(grams: Sequence[Floats], scale: Sequence[float], coefficients: Floats) -> float:
    return float(np.mean([combined_loss(g, coefficients) / s for g, s in zip(grams, scale)]))
