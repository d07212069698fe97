"""Activity x of the middle layer from recorded units, by labels: the known hidden states.

The read-out is least squares of the labels on all usable units.  Where the animal's beliefs are
right on average, E[label | x] = x, it is E[x | units]: the best guess of x, shrunk towards its mean
by the units' noise.  Undoing the shrinkage by the read-out's reliability gives values with noise
around x: right on average in sums of products (counts), where the best guess is not.  Before an
animal knows its stimuli, or with a wrong prior of states, beliefs are NOT right on average and the
scale of x is off; hand in an activity of your own then.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hebbayes.core.checks import check_binary
from hebbayes.core.errors import ValueRangeError
from hebbayes.data.recording import Recording

Floats = NDArray[np.float64]

_MIN_VARIANCE_EXPLAINED = 0.01


@dataclass(frozen=True, eq=False)
class Calibration:
    """Activity (trials, states), NaN where a used unit was not observed; and how good it is.

    activity: the best guess, cut to [0, 1] (``n_cut`` values).  unshrunk: with noise around x, may
    leave [0, 1]; the best guess where the reliability is not known.  explained (states,): share of
    the labels' variance.  reliability (states,): correlation of the read-outs of two halves of the
    units, stepped up to all of them; NaN with fewer than two units per state.  used_units: ids.
    """

    activity: Floats
    unshrunk: Floats
    explained: Floats
    reliability: Floats
    used_units: NDArray
    n_cut: int


def activity_of_units(recording: Recording) -> Calibration:
    """Return the activity of as many states as the recording has sources.

    Units that are silent, constant or never observed are left out.  Raises `ValueRangeError`
    without labels, without usable units, or where units cannot carry that many states.

    Example:
        >>> x = np.random.default_rng(0).integers(0, 2, (50, 1))
        >>> recording = Recording(np.ones((50, 1)), 2 + 3 * x, np.zeros(50, int), sources=x)
        >>> bool(np.allclose(activity_of_units(recording).activity, x))
        True
    """
    labels = _labels(recording)
    responses = np.where(recording.valid, recording.responses, np.nan)
    units = _usable(responses)
    is_known = np.isfinite(responses[:, units]).all(1)
    if is_known.sum() < 2 * (1 + units.size):
        raise ValueRangeError(
            f"only {int(is_known.sum())} trials have all {units.size} usable units valid; select "
            "units that were observed together."
        )
    r, s = responses[is_known][:, units], labels[is_known]
    found = _readout(r, s)
    explained = 1 - ((s - found) ** 2).mean(0) / np.maximum(s.var(0), 1e-300)
    _check_carried(found, explained, recording, units)
    reliability = _reliability(r, s)
    scale = np.where(reliability > 0, reliability, 1.0)
    activity, unshrunk = (np.full(labels.shape, np.nan) for _ in range(2))
    activity[is_known] = np.clip(found, 0, 1)
    unshrunk[is_known] = found.mean(0) + (found - found.mean(0)) / scale
    n_cut = int(((found < 0) | (found > 1)).sum())
    return Calibration(activity, unshrunk, explained, reliability, recording.unit_ids[units], n_cut)


def _labels(recording: Recording) -> Floats:
    if recording.sources is None:
        raise ValueRangeError(
            "calibrating activity from units needs the hidden states (sources) as labels; record "
            "them, or pass activity= (trials, states)."
        )
    check_binary("sources", recording.sources)
    labels = np.asarray(recording.sources, float)
    if (labels.std(0) == 0).any():
        raise ValueRangeError(f"source {int(np.argmax(labels.std(0) == 0))} never changes, so no "
                              "unit can be calibrated by it; leave it out.")  # fmt: skip
    return labels


def _usable(responses: Floats) -> NDArray[np.int64]:
    is_seen = np.isfinite(responses).mean(0) > 0.5
    units = np.flatnonzero(is_seen)
    units = units[np.nanstd(responses[:, units], axis=0) > 0]
    if units.size == 0:
        raise ValueRangeError("no unit responds: all are silent, constant or mostly not valid.")
    return units


def _check_carried(
    found: Floats, explained: Floats, recording: Recording, units: NDArray[np.int64]
) -> None:
    if (poor := explained < _MIN_VARIANCE_EXPLAINED).any():
        state = int(np.argmax(poor))
        raise ValueRangeError(
            f"the {units.size} usable units explain {explained[state]:.1%} of source {state}; an "
            "ensemble needs units that follow it: leave that source out, or pass activity=."
        )
    rank = np.linalg.matrix_rank(found - found.mean(0), tol=1e-6 * np.sqrt(len(found)))
    if rank < found.shape[1]:
        raise ValueRangeError(
            f"{units.size} usable units cannot carry {found.shape[1]} sources apart; record more "
            "units, or leave sources out."
        )


def _readout(responses: Floats, labels: Floats) -> Floats:
    design = np.column_stack([np.ones(len(responses)), responses])
    return design @ np.linalg.lstsq(design, labels, rcond=None)[0]


def _reliability(responses: Floats, labels: Floats) -> Floats:
    """Share of the read-outs' variance that is no noise of units: two halves, stepped up to all."""
    if responses.shape[1] < 2 * labels.shape[1]:
        return np.full(labels.shape[1], np.nan)
    # halves alike: units in order of what they prefer, dealt out in turn
    z, s = (values - values.mean(0) for values in (responses, labels))
    link = (z.T @ s) / np.outer(z.std(0), s.std(0))
    preferred = np.abs(link).argmax(1)
    order = np.lexsort([-np.abs(link).max(1), preferred])
    a, b = (_readout(responses[:, order[start::2]], labels) for start in (0, 1))
    a, b = a - a.mean(0), b - b.mean(0)
    scale = np.sqrt((a**2).sum(0) * (b**2).sum(0))
    r = np.divide((a * b).sum(0), scale, out=np.zeros(scale.size), where=scale > 0)
    return np.maximum(2 * r / (1 + r), 0)
