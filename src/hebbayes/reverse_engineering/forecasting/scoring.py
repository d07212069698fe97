"""Scores of many forecasters on one recording, kept so that later choices need no new fit.

For every session scored, a Gram matrix holds the mean products of what was observed, of all
forecasts and of all terms of change.  The squared error of any weighted sum of them follows from
it, so nested cross-validation (`verdict`) never fits a model twice.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hebbayes.core.errors import ValueRangeError
from hebbayes.reverse_engineering.forecasting.contract import (
    ChangeForecaster,
    Forecaster,
    forecast_closed_loop,
    forecast_open_loop,
)
from hebbayes.reverse_engineering.forecasting.targets import Target, unit_counts

if TYPE_CHECKING:
    from hebbayes.reverse_engineering.forecasting.sessions import Session, Split

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Scores:
    """Scores of one recording.

    Attributes:
        names: Forecasters in order.
        is_change: Which of them are terms of change.
        products: (sessions, 1 + forecasters, 1 + forecasters), mean products over observed
            values, the observation first.
        weights: (sessions,), number of observed values.
    """

    names: tuple[str, ...]
    is_change: tuple[bool, ...]
    products: Floats
    weights: Floats

    @property
    def gram(self) -> Floats:
        """Mean products over all sessions, (1 + forecasters, 1 + forecasters)."""
        return np.asarray(np.average(self.products, axis=0, weights=self.weights))


def score(
    split: "Split",
    models: Mapping[str, Forecaster[Any]],
    *,
    target: Target = unit_counts,
    is_closed_loop: bool = False,
) -> Scores:
    """Return the scores of forecasters on the later sessions of one recording.

    ``target`` maps responses to what is scored.  In open loop forecasts use training responses
    only; in closed loop those of session k use sessions before k.  Raises `ValueRangeError`
    if no scored value was observed.

    Example:
        >>> from hebbayes.data.recording import Recording
        >>> from hebbayes.reverse_engineering.forecasting.sessions import split_sessions
        >>> from hebbayes.reverse_engineering.forecasting.nulls.static import Constant
        >>> split = split_sessions(Recording(np.ones((3, 1)), [[1], [1], [3]], [0, 1, 2]), 1)
        >>> losses(score(split, {"constant": Constant()}))
        {'constant': 2.0}
    """
    forecast = forecast_closed_loop if is_closed_loop else forecast_open_loop
    forecasts = [forecast(model, split) for model in models.values()]
    products, weights = [], []
    for k, session in enumerate(split.later):
        product, weight = _products(session, [values[k] for values in forecasts], target)
        products.append(product)
        weights.append(weight)
    if not sum(weights):
        raise ValueRangeError(
            "no response to score was observed in the later sessions; score another target or "
            "other sessions."
        )
    return Scores(
        tuple(models),
        tuple(isinstance(model, ChangeForecaster) for model in models.values()),
        np.stack(products),
        np.array(weights),
    )


def losses(scores: Scores) -> dict[str, float]:
    """Return the mean squared error of every forecaster that forecasts responses.

    Example:
        >>> scores = Scores(("a",), (False,), np.array([[[2.0, 1.0], [1.0, 1.0]]]), np.ones(1))
        >>> losses(scores)
        {'a': 1.0}
    """
    gram = scores.gram
    return {
        name: float(gram[0, 0] - 2 * gram[0, i] + gram[i, i])
        for i, (name, change) in enumerate(zip(scores.names, scores.is_change), start=1)
        if not change
    }


def combined_loss(gram: Floats, coefficients: Floats) -> float:
    """Return the squared error of a weighted sum of forecasts and terms, from a Gram matrix.

    Example:
        >>> combined_loss(np.array([[2.0, 1.0], [1.0, 1.0]]), np.array([0.0]))
        2.0
    """
    signed = np.concatenate([[1.0], -coefficients])
    return float(signed @ gram @ signed)


def _products(session: "Session", forecasts: list[Floats], target: Target) -> tuple[Floats, float]:
    observed = target(session.observed, session)
    counted = np.isfinite(observed)
    rows = np.stack([observed[counted], *(target(f, session)[counted] for f in forecasts)])
    number = rows.shape[1]
    return rows @ rows.T / max(number, 1), float(number)
