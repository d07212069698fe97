"""The uncertainty of a calibration: activity read from the same units with resampled trials.

Labels scatter around beliefs, and so do the read-out, its scale and its reliability.  Blocks of
trials count a Poisson number of times and everything is calibrated anew; a step that is fitted to
the same trials afterwards uses the same counts, so that both uncertainties combine.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hebbayes.reverse_engineering.behaviour.calibration import (
    Calibration,
    placed,
    read_out,
)
from hebbayes.reverse_engineering.statistics.blocks import blocks
from hebbayes.reverse_engineering.statistics.bootstrap import block_draws

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Recalibrated:
    """A resampled activity.

    Attributes:
        activity: The best estimate, (trials, states).
        unshrunk: With noise around the truth, (trials, states).
        weight: How often each trial was counted, (trials,).
    """

    activity: Floats
    unshrunk: Floats
    weight: Floats


def recalibrated(
    calibration: Calibration,
    session_index: NDArray[np.int64],
    *,
    rng: np.random.Generator,
    n_draws: int,
    block_length: int,
) -> Iterator[Recalibrated]:
    """Yield calibrations of resampled blocks of ``block_length`` trials, ``n_draws`` of them.

    Example:
        >>> from hebbayes.data.recording import Recording
        >>> from hebbayes.reverse_engineering.behaviour.calibration import activity_of_units
        >>> rng = np.random.default_rng(0)
        >>> s = rng.integers(0, 2, (400, 1))
        >>> r = rng.poisson(4 + 5 * s, (400, 3))
        >>> session = np.zeros(400, int)
        >>> known = activity_of_units(Recording(np.ones((400, 1)), r, session, sources=s))
        >>> drawn = recalibrated(known, session, rng=rng, n_draws=50, block_length=1)
        >>> spread = np.std([one.unshrunk[0] for one in drawn])
        >>> bool(0.001 < spread < 0.1)
        True
    """
    readings = calibration.readings
    block = blocks(session_index, block_length)
    for _ in range(n_draws):
        weight = block_draws(int(block[-1]) + 1, rng=rng)[0, block].astype(float)
        if np.count_nonzero(weight[readings.is_known]) < 2:
            continue  # nothing to calibrate by
        read = read_out(readings, weight[readings.is_known])
        yield Recalibrated(
            placed(np.clip(read.estimate, 0, 1), readings.is_known),
            placed(read.unshrunk, readings.is_known),
            weight,
        )


def unit_noise(calibration: Calibration) -> Floats:
    """Return the standard deviation of units' noise in unshrunk activity, (states,).

    0 where the reliability is not known: then it is NOT part of any interval.

    Example:
        >>> from hebbayes.data.recording import Recording
        >>> from hebbayes.reverse_engineering.behaviour.calibration import activity_of_units
        >>> s = np.arange(50)[:, None] % 2
        >>> unit_noise(activity_of_units(Recording(s, 2 + 3 * s, np.zeros(50, int), sources=s)))
        array([0.])
    """
    noise = np.sqrt(np.clip(1 - calibration.reliability, 0, 1))
    return np.nan_to_num(noise) * np.nanstd(calibration.unshrunk, axis=0)
