"""Ridge regression of responses on features, its penalty chosen by leaving training sessions out.

Unobserved responses are left out unit by unit.  The constant is never penalised.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hebbayes.reverse_engineering.forecasting.sessions import Session

Floats = NDArray[np.float64]

PENALTIES = (1e-3, 1e-1, 1.0, 10.0, 100.0, 1000.0)


@dataclass(frozen=True, eq=False)
class NormalEquations:
    """Sums over trials, one set per group of units observed in the same trials.

    Attributes:
        units: Their positions, per group.
        products: (features, features) per group.
        targets: (features, units of the group) per group.
        square: Summed squares, (units,).
        trials: Number of observations, (units,).
    """

    units: tuple[NDArray[np.int64], ...]
    products: tuple[Floats, ...]
    targets: tuple[Floats, ...]
    square: Floats
    trials: Floats


def with_constant(features: Floats) -> Floats:
    """Return features with a first column of ones.

    Example:
        >>> with_constant(np.array([[5.0]])).tolist()
        [[1.0, 5.0]]
    """
    return np.column_stack([np.ones(len(features)), features])


def fit_ridge(
    features: Sequence[Floats],
    sessions: Sequence[Session],
    penalties: Sequence[float] = PENALTIES,
) -> Floats:
    """Return coefficients (1 + features, units), the constant first.

    ``features`` holds (trials, features) of every session.  Of the ``penalties`` (on squared
    coefficients, in squared responses) that one is taken, for all units, which forecasts left-out
    sessions best; a single session is cut into four parts in turn.

    Example:
        >>> x = np.linspace(0, 1, 8)[:, None]
        >>> session = Session(x, 1 + 2 * x, np.ones((8, 1), bool))
        >>> fit_ridge([x], [session], [1e-9]).round(3).ravel().tolist()
        [1.0, 2.0]
    """
    parts = list(zip(features, sessions))
    if len(parts) == 1:
        parts = [_every_fourth(*parts[0], start) for start in range(min(4, len(features[0])))]
    groups = _observed_alike(sessions)
    equations = [_equations(with_constant(x), session, groups) for x, session in parts]
    total = _add(equations)
    if len(penalties) == 1 or len(equations) == 1:
        return solve(total, penalties[0])
    errors = [
        sum(_error(solve(_subtract(total, left_out), penalty), left_out) for left_out in equations)
        for penalty in penalties
    ]
    return solve(total, penalties[int(np.argmin(errors))])


def solve(equations: NormalEquations, penalty: float) -> Floats:
    """Return the ridge coefficients (1 + features, units) of summed normal equations.

    Example:
        >>> one = np.ones((1, 1))
        >>> solve(NormalEquations((np.array([0]),), (one * 2,), (one * 6,), one[0], one[0]), 0.0)
        array([[3.]])
    """
    n_features = len(equations.products[0])
    coefficients = np.zeros((n_features, len(equations.square)))
    penal = np.full(n_features, max(penalty, 1e-9))
    penal[0] = 1e-9
    for units, products, targets in zip(equations.units, equations.products, equations.targets):
        coefficients[:, units] = np.linalg.solve(products + np.diag(penal), targets)
    return coefficients


def _error(coefficients: Floats, equations: NormalEquations) -> float:
    total = float(equations.square.sum())
    for units, products, targets in zip(equations.units, equations.products, equations.targets):
        b = coefficients[:, units]
        total += float((b * (products @ b - 2 * targets)).sum())
    return total


def _observed_alike(sessions: Sequence[Session]) -> tuple[NDArray[np.int64], ...]:
    valid = np.concatenate([session.valid for session in sessions])
    if valid.all():
        return (np.arange(valid.shape[1]),)
    group = np.unique(np.packbits(valid, axis=0), axis=1, return_inverse=True)[1].ravel()
    return tuple(np.flatnonzero(group == g) for g in range(group.max() + 1))


def _equations(
    design: Floats, session: Session, groups: tuple[NDArray[np.int64], ...]
) -> NormalEquations:
    products, targets = [], []
    for units in groups:
        seen = design[session.valid[:, units[0]]]
        products.append(seen.T @ seen)
        targets.append(design.T @ session.observed[:, units])
    square = (session.observed**2).sum(0)
    return NormalEquations(
        groups, tuple(products), tuple(targets), square, session.valid.sum(0).astype(float)
    )


def _combine(first: NormalEquations, second: NormalEquations, sign: float) -> NormalEquations:
    return NormalEquations(
        first.units,
        tuple(a + sign * b for a, b in zip(first.products, second.products)),
        tuple(a + sign * b for a, b in zip(first.targets, second.targets)),
        first.square + sign * second.square,
        first.trials + sign * second.trials,
    )


def _add(equations: Sequence[NormalEquations]) -> NormalEquations:
    total = equations[0]
    for more in equations[1:]:
        total = _combine(total, more, 1.0)
    return total


def _subtract(total: NormalEquations, part: NormalEquations) -> NormalEquations:
    return _combine(total, part, -1.0)


def _every_fourth(features: Floats, session: Session, start: int) -> tuple[Floats, Session]:
    return features[start::4], Session(
        session.stimuli[start::4], session.responses[start::4], session.valid[start::4]
    )
