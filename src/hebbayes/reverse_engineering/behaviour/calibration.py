"""Activity x of the middle layer from recorded units, by labels: the known hidden states.

The read-out is least squares of the labels on all usable units.  Where the animal's beliefs are
right on average, E[label | x] = x, it is E[x | units]: the best guess of x, shrunk towards its mean
by the units' noise.  Undoing the shrinkage by the read-out's reliability gives values with noise
around x: right on average in sums of products (counts), unlike the best guess.  Before an
animal knows its stimuli, or with a wrong prior of states, beliefs are NOT right on average and the
scale of x is off; pass your own activity then.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hebbayes.core.checks import check_binary
from hebbayes.core.errors import ValueRangeError

if TYPE_CHECKING:
    from hebbayes.data.recording import Recording

Floats = NDArray[np.float64]

_MIN_VARIANCE_EXPLAINED = 0.01
_LEAST_SPREAD = 1e-10  # variance of units together, relative to the largest, that is none


@dataclass(frozen=True, eq=False)
class Readings:
    """Usable units beside the labels of the same trials.

    Attributes:
        responses: (known trials, units).
        labels: (known trials, states).
        is_known: Trials in which all these units are valid, (trials,).
        unit_ids: (units,).
        halves: Units of each half, matched; empty with fewer than two units per state.
    """

    responses: Floats
    labels: Floats
    is_known: NDArray[np.bool_]
    unit_ids: NDArray
    halves: tuple[NDArray[np.int64], ...]


@dataclass(frozen=True, eq=False)
class ReadOut:
    """Labels read out from the units in known trials.

    Attributes:
        estimate: The best guess, shrunk by noise, (known trials, states).
        unshrunk: With noise around the label, (known trials, states).
        reliability: Reliability of each read-out, (states,).
    """

    estimate: Floats
    unshrunk: Floats
    reliability: Floats


@dataclass(frozen=True, eq=False)
class Calibration:
    """Activity (trials, states), NaN if a used unit was not observed, and its quality.

    Attributes:
        activity: The best guess, clipped to [0, 1].
        unshrunk: With noise around x, may leave [0, 1]; the best guess if the reliability is
            unknown.
        explained: Share of the labels' variance, (states,).
        reliability: Correlation of the read-outs of two halves of the units, stepped up to all of
            them, (states,); NaN with fewer than two units per state.
        used_units: Their ids.
        n_cut: Number of clipped values.
        readings: Units and labels that it rests on.
    """

    activity: Floats
    unshrunk: Floats
    explained: Floats
    reliability: Floats
    used_units: NDArray
    n_cut: int
    readings: Readings


def activity_of_units(recording: "Recording") -> Calibration:
    """Return the activity of as many states as the recording has sources.

    Silent, constant and unobserved units are left out.  Raises `ValueRangeError` without labels,
    without usable units, or if the units cannot carry that many states.

    Example:
        >>> from hebbayes.data.recording import Recording
        >>> x = np.random.default_rng(0).integers(0, 2, (50, 1))
        >>> recording = Recording(np.ones((50, 1)), 2 + 3 * x, np.zeros(50, int), sources=x)
        >>> bool(np.allclose(activity_of_units(recording).activity, x))
        True
    """
    readings = _readings(recording)
    read = read_out(readings)
    estimate, s = read.estimate, readings.labels
    explained = 1 - ((s - estimate) ** 2).mean(0) / np.maximum(s.var(0), 1e-300)
    _check_carried(estimate, explained, readings.unit_ids.size)
    return Calibration(
        activity=placed(np.clip(estimate, 0, 1), readings.is_known),
        unshrunk=placed(read.unshrunk, readings.is_known),
        explained=explained,
        reliability=read.reliability,
        used_units=readings.unit_ids,
        n_cut=int(((estimate < 0) | (estimate > 1)).sum()),
        readings=readings,
    )


def read_out(readings: Readings, weight: Floats | None = None) -> ReadOut:
    """Return the labels read out from the units, with trials weighted by ``weight``.

    Example:
        >>> r = np.array([[0.0], [2.0], [0.0], [4.0]])
        >>> readings = Readings(r, r / 2, np.ones(4, bool), np.zeros(1), ())
        >>> read_out(readings, np.array([1.0, 1.0, 1.0, 0.0])).estimate.ravel().round(6).tolist()
        [0.0, 1.0, 0.0, 2.0]
    """
    r, s = readings.responses, readings.labels
    share = np.full(len(r), 1 / len(r)) if weight is None else weight / weight.sum()
    estimate = _regressed(r, s, share)
    reliability = np.full(s.shape[1], np.nan)
    if readings.halves:
        a, b = (_regressed(r[:, half], s, share) for half in readings.halves)
        reliability = _stepped_up(a - share @ a, b - share @ b, share)
    mean, scale = share @ estimate, np.where(reliability > 0, reliability, 1.0)
    return ReadOut(estimate, mean + (estimate - mean) / scale, reliability)


def placed(values: Floats, is_known: NDArray[np.bool_]) -> Floats:
    """Return values of known trials among all, NaN elsewhere.

    Example:
        >>> placed(np.ones((1, 1)), np.array([True, False])).ravel()
        array([ 1., nan])
    """
    everywhere = np.full((is_known.size, *values.shape[1:]), np.nan)
    everywhere[is_known] = values
    return everywhere


def _readings(recording: "Recording") -> Readings:
    labels = _labels(recording)
    responses = np.where(recording.valid, recording.responses, np.nan)
    units = _usable(responses)
    is_known = np.asarray(np.isfinite(responses[:, units]).all(axis=1), bool)
    if is_known.sum() < 2 * (1 + units.size):
        raise ValueRangeError(
            f"only {int(is_known.sum())} trials have all {units.size} usable units valid; select "
            "units that were observed together."
        )
    r, s = responses[is_known][:, units], labels[is_known]
    return Readings(r, s, is_known, recording.unit_ids[units], _halves(r, s))


def _labels(recording: "Recording") -> Floats:
    if recording.sources is None:
        raise ValueRangeError(
            "calibrating activity from units needs the hidden states (sources) as labels; record "
            "them, or pass activity= (trials, states)."
        )
    check_binary("sources", recording.sources)
    labels = np.asarray(recording.sources, float)
    if (labels.std(0) == 0).any():
        raise ValueRangeError(
            f"source {int(np.argmax(labels.std(0) == 0))} never changes, so no "
            "unit can be calibrated by it; leave it out."
        )
    return labels


def _usable(responses: Floats) -> NDArray[np.int64]:
    is_seen = np.isfinite(responses).mean(0) > 0.5
    units = np.flatnonzero(is_seen)
    units = units[np.nanstd(responses[:, units], axis=0) > 0]
    if units.size == 0:
        raise ValueRangeError("no unit responds: all are silent, constant or mostly not valid.")
    return units


def _check_carried(estimate: Floats, explained: Floats, n_units: int) -> None:
    if (poor := explained < _MIN_VARIANCE_EXPLAINED).any():
        state = int(np.argmax(poor))
        raise ValueRangeError(
            f"the {n_units} usable units explain {explained[state]:.1%} of source {state}; an "
            "ensemble needs units that follow it: leave that source out, or pass activity=."
        )
    rank = np.linalg.matrix_rank(estimate - estimate.mean(0), tol=1e-6 * np.sqrt(len(estimate)))
    if rank < estimate.shape[1]:
        raise ValueRangeError(
            f"{n_units} usable units cannot carry {estimate.shape[1]} sources apart; record more "
            "units, or leave sources out."
        )


def _halves(responses: Floats, labels: Floats) -> tuple[NDArray[np.int64], ...]:
    """Two similar halves of the units: alternate units, in order of what they prefer."""
    if responses.shape[1] < 2 * labels.shape[1]:
        return ()
    z, s = (values - values.mean(0) for values in (responses, labels))
    scale = np.outer(z.std(0), s.std(0))
    link = np.divide(z.T @ s, scale, out=np.zeros(scale.shape), where=scale > 0)
    order = np.lexsort([-np.abs(link).max(1), np.abs(link).argmax(1)])
    return order[0::2], order[1::2]


def _regressed(responses: Floats, labels: Floats, share: Floats) -> Floats:
    """Least squares of labels on units, by normal equations of standardised units."""
    z, s = responses - share @ responses, labels - share @ labels
    spread = np.sqrt(share @ z**2)
    z = np.divide(z, spread, out=np.zeros(z.shape), where=spread > 0)
    weighed = (share[:, None] * z).T
    slopes = np.linalg.lstsq(weighed @ z, weighed @ s, rcond=_LEAST_SPREAD)[0]
    return np.asarray(share @ labels + z @ slopes)


def _stepped_up(a: Floats, b: Floats, share: Floats) -> Floats:
    """Share of the read-outs' variance that is no noise of units: two halves, stepped up to all."""
    scale = np.sqrt((share @ a**2) * (share @ b**2))
    r = np.divide(share @ (a * b), scale, out=np.zeros(scale.size), where=scale > 0)
    return np.maximum(2 * r / np.maximum(1 + r, 1e-12), 0)
