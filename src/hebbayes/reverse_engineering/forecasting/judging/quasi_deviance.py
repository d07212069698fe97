"""Quasi-deviance of raw counts: a check of squared errors, as variances grow with means."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hebbayes.reverse_engineering.forecasting.nulls.static import Saturated, training_mean

if TYPE_CHECKING:
    from hebbayes.reverse_engineering.forecasting.sessions import Split

Floats = NDArray[np.float64]


def dispersion(split: "Split") -> Floats:
    """Return every unit's dispersion: variance over mean of its counts in training, (units,).

    Pearson's estimate about the mean of each pattern.  1 for Poisson counts, less for regular
    ones.

    Example:
        >>> from hebbayes.data.recording import Recording
        >>> from hebbayes.reverse_engineering.forecasting.sessions import split_sessions
        >>> split = split_sessions(Recording(np.ones((3, 1)), [[1], [3], [1]], [0, 0, 1]), 1)
        >>> dispersion(split).tolist()
        [1.0]
    """
    state = Saturated().fit(split.training)
    square, observed = np.zeros(len(split.unit_ids)), np.zeros(len(split.unit_ids))
    for session in split.training:
        mean = Saturated().predict(state, session.stimuli)
        error = np.where(session.valid, session.observed - mean, 0.0)
        square += np.where(mean > 0, error**2 / np.where(mean > 0, mean, 1.0), 0.0).sum(0)
        observed += session.valid.sum(0)
    free = np.maximum(observed - len(state.means), 1.0)
    return np.maximum(square / free, 1e-6)


def quasi_deviance(split: "Split", forecasts: list[Floats], floor: float = 0.02) -> float:
    """Return the mean quasi-deviance 2 (y ln(y/mu) - y + mu) / dispersion of raw counts.

    A check of squared errors: variances grow with means.  Forecasts below ``floor`` times the
    unit's training mean are raised to it, since the deviance of a count at mean 0 is infinite.

    Example:
        >>> from hebbayes.data.recording import Recording
        >>> from hebbayes.reverse_engineering.forecasting.sessions import split_sessions
        >>> split = split_sessions(Recording(np.ones((3, 1)), [[1], [3], [2]], [0, 0, 1]), 1)
        >>> quasi_deviance(split, [np.array([[2.0]])])
        0.0
    """
    scale, least = dispersion(split), floor * training_mean(split.training)
    total, number = 0.0, 0
    for session, forecast in zip(split.later, forecasts):
        mean, seen = np.maximum(forecast, least), session.observed
        logs = np.where(seen > 0, seen * np.log(np.where(seen > 0, seen, 1.0) / mean), 0.0)
        deviance = 2 * (logs - seen + mean) / scale
        total += float(deviance[session.valid].sum())
        number += int(session.valid.sum())
    return total / number
