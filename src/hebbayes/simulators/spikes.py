"""Responses of units to what a network believes: read-out, drifting gain, and noise.

Counts have any Fano factor that whole numbers allow: binomial below 1, Poisson at 1, negative
binomial above.  Counts of real cultures vary less than Poisson (docs/theory.md section 8).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hebbayes.core.errors import ValueRangeError

Floats = NDArray[np.float64]
Numbers = NDArray[np.float64] | NDArray[np.int64]

HIGHEST_RATE, HIGHEST_FANO = 1e9, 1e6
"""Most spikes per trial, and largest variance / mean, that are drawn."""


@dataclass(frozen=True)
class AffineReadout:
    """A unit's rate is gain (rest + evoked x), in spikes per trial.

    Attributes:
        rest: Rate at x = 0.
        evoked: What x = 1 adds.
        spread: Standard deviation of the logarithms of both among units.
    """

    rest: float = 0.5
    evoked: float = 5.0
    spread: float = 0.0


def spike_counts(rate: Floats, fano: float, rng: np.random.Generator) -> NDArray[np.int64]:
    """Return counts with these means and, as far as whole numbers can, this variance / mean.

    A count of mean m takes n = m / (1 - fano) chances, rounded up: its Fano factor is 1 - m / n.
    Raises `ValueRangeError` for means above `HIGHEST_RATE`.

    Example:
        >>> counts = spike_counts(np.full(100_000, 4.0), 0.5, np.random.default_rng(0))
        >>> float(counts.mean().round(1)), float(counts.var().round(1))
        (4.0, 2.0)
    """
    _check_rate(rate)
    if not fano <= HIGHEST_FANO:
        raise ValueRangeError(f"fano must be at most {HIGHEST_FANO:g}; got {fano:g}.")
    if fano == 1:
        return rng.poisson(rate)
    if fano < 1:
        chances = np.ceil(rate / (1 - fano)).astype(int)
        return rng.binomial(
            chances, np.divide(rate, chances, out=np.zeros_like(rate), where=chances > 0)
        )
    shape = np.where(rate > 0, rate, 1) / (fano - 1)
    return np.where(rate > 0, rng.negative_binomial(shape, 1 / fano), 0)


def noisy_rates(rate: Floats, spread: float, rng: np.random.Generator) -> Floats:
    """Return rates with these means and this standard deviation, never negative.

    They are gamma distributed: near normal where the mean is well above ``spread``.

    Example:
        >>> rates = noisy_rates(np.full(100_000, 4.0), 0.5, np.random.default_rng(0))
        >>> float(rates.mean().round(2)), float(rates.std().round(2))
        (4.0, 0.5)
    """
    _check_rate(rate)
    if not spread <= HIGHEST_RATE:
        raise ValueRangeError(f"noise must be at most {HIGHEST_RATE:g}; got {spread:g}.")
    if spread == 0:
        return rate.copy()
    fires = rate > 0
    mean = np.where(fires, rate, 1.0)
    return np.where(fires, rng.gamma((mean / spread) ** 2, spread**2 / mean), 0.0)


def _check_rate(rate: Floats) -> None:
    if not (rate <= HIGHEST_RATE).all():
        raise ValueRangeError(
            f"rates must be at most {HIGHEST_RATE:g} spikes per trial; got {np.max(rate):g}; lower "
            "rest, evoked, spread or gain_drift."
        )


def drifting_gain(n_sessions: int, n_units: int, drift: float, rng: np.random.Generator) -> Floats:
    """Return gains (sessions, units): random walks of the logarithm that start at 1.

    Example:
        >>> drifting_gain(3, 2, 0.0, np.random.default_rng(0)).tolist()
        [[1.0, 1.0], [1.0, 1.0], [1.0, 1.0]]
    """
    steps = rng.normal(scale=drift, size=(n_sessions, n_units))
    return np.exp(np.cumsum(steps, axis=0) - steps[0])
