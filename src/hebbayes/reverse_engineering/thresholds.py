"""Threshold factors from activity: the prior beliefs about sources that a network acts on.

The published estimate and the consistent one of docs/theory.md section 9, for activity on its own
scale.  `perception.fit_perception` estimates scale, synapses and threshold factor together.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, log_expit
from scipy.stats import norm

from hebbayes.core.checks import check_shape
from hebbayes.core.errors import ValueRangeError
from hebbayes.reverse_engineering.statistics.estimate import LEVEL, Estimate

Floats = NDArray[np.float64]

_FEW = 3.0  # events that go unseen once in twenty times: the rule of three


def mean_activity_threshold_factors(activity: Floats) -> Floats:
    """Return phi1, phi0 = ln <x>, ln <1 - x> of every ensemble, (2, ensembles).

    The published estimate (I23): it equals ln D1, ln D0 only while stimuli carry no information,
    before synapses have learnt.  An ensemble that never (always) fires has a factor of minus
    infinity, a prior of exactly 0 (1).

    Example:
        >>> mean_activity_threshold_factors(np.array([[0.2], [0.3]])).round(3).tolist()
        [[-1.386], [-0.288]]
    """
    mean = activity.mean(0)
    with np.errstate(divide="ignore"):
        return np.log(np.stack([mean, (1 - activity).mean(0)]))


def published_threshold_factors(
    activity: Floats, block_length: int = 4, level: float = LEVEL
) -> Estimate:
    """Return the published phi1, phi0 with intervals, (2, ensembles); NaN activity is left out.

    Intervals say how well <x> is known, not how far ln <x> is from ln D.  Activity on another
    scale leaves [0, 1]; if its mean does, the factor is NaN.

    Example:
        >>> factors = published_threshold_factors(np.full((100, 1), 0.2))
        >>> np.exp(factors.value).round(3).tolist()
        [[0.2], [0.8]]
    """
    mean, error = _mean(activity, block_length)
    reach = norm.ppf(0.5 + level / 2) * error
    on = [mean, mean - reach, mean + reach]
    off = [1 - mean, 1 - mean - reach, 1 - mean + reach]
    with np.errstate(divide="ignore", invalid="ignore"):
        value, low, high = (np.log(np.clip(np.stack(pair), 0, None)) for pair in zip(on, off))
    outside = (mean < 0) | (mean > 1) | np.isnan(mean)
    return Estimate(*(np.where(outside, np.nan, end) for end in (value, low, np.minimum(high, 0))))


def consistent_log_odds(
    activity: Floats, drive: Floats, block_length: int = 4, level: float = LEVEL
) -> Estimate:
    """Return phi = phi1 - phi0 of every ensemble, (ensembles,), which solves

        < x - sig(drive + phi) > = 0,    drive = W(t) o + normaliser(t)

    (docs/theory.md section 9) for activity and drive (trials, ensembles).  NaN activity is left
    out.  The interval holds the mean activities that noise, in blocks of neighbouring trials, makes
    likely; if activity is 0 (1) throughout, phi is minus (plus) infinity and the interval ends
    where three spikes would be expected.  Raises `ShapeError`, and `ValueRangeError` for
    a mean activity outside [0, 1] beyond its noise.

    Example:
        >>> drive = np.array([[2.0], [-2.0]])
        >>> x = 1 / (1 + np.exp(-(drive - 1)))
        >>> consistent_log_odds(x, drive).value.round(6).tolist()
        [-1.0]
    """
    check_shape("drive", drive, activity.shape)
    use = np.isfinite(activity)
    mean, error = _mean(np.where(use, activity - expit(drive), np.nan), block_length)
    expected = np.nanmean(np.where(use, expit(drive), np.nan), axis=0)
    reach = norm.ppf(0.5 + level / 2) * error
    target = expected + mean
    few = np.where((target <= 0) | (target >= 1), _FEW / use.sum(0), 0.0)
    low, high = target - np.maximum(reach, few), target + np.maximum(reach, few)
    if (wrong := (high < 0) | (low > 1) | ~np.isfinite(target)).any():
        k = int(np.argmax(wrong))
        raise ValueRangeError(
            f"ensemble {k} has a mean activity of {target[k]:.3g}, wanted 0 to 1: its rest or "
            "evoked response is wrong; fit them with fit_perception."
        )
    return Estimate(*(_solve(end, drive, use) for end in (target, low, high)))


def threshold_factors(log_odds: Estimate) -> Estimate:
    """Return phi1 = ln sig(phi) and phi0 = ln sig(-phi) with their intervals, (2, ...).

    Example:
        >>> factors = threshold_factors(Estimate(*np.array([[0.0], [-0.1], [0.1]])))
        >>> np.exp(factors.value).ravel().tolist(), bool((factors.low < factors.high).all())
        ([0.5, 0.5], True)
    """
    value, low, high = log_odds.value, log_odds.low, log_odds.high
    ends = ((value, -value), (low, -high), (high, -low))
    return Estimate(*(np.stack([log_expit(on), log_expit(off)]) for on, off in ends))


def _mean(values: Floats, block_length: int) -> tuple[Floats, Floats]:
    """Return the mean over trials that are not NaN, and its standard error from block sums."""
    use = np.isfinite(values)
    n = use.sum(0)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(use, values, 0.0).sum(0) / n
        rest = np.where(use, values - mean, 0.0)
        sums = np.add.reduceat(rest, np.arange(0, len(values), block_length), axis=0)
        few = len(sums) / max(len(sums) - 1, 1)
        return mean, np.sqrt(few * (sums**2).sum(0)) / n


def _solve(target: Floats, drive: Floats, use: NDArray[np.bool_]) -> Floats:
    """Return the phi at which mean sig(drive + phi) is ``target``: bisection on log odds."""
    reach = np.abs(np.where(use, drive, 0.0)).max(0) + 50.0
    low, high = -reach, reach
    n = use.sum(0)
    for _ in range(60):
        middle = (low + high) / 2
        is_low = np.where(use, expit(drive + middle), 0.0).sum(0) / n < target
        low, high = np.where(is_low, middle, low), np.where(is_low, high, middle)
    inside = np.where(target <= 0, -np.inf, np.inf)
    return np.where((target > 0) & (target < 1), (low + high) / 2, inside)
