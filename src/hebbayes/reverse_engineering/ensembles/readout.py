"""A frozen read-out of a population: x = sig(M z + m) of standardised responses z.

It is fitted on training sessions and applied to any session of the same units.  An unobserved
response counts as the unit's training mean; a trial without observed units has no activity (NaN).
Units that cannot be standardised are excluded, each with its reason.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hebbayes.core.errors import ShapeError, ValueRangeError
from hebbayes.core.firing_rate import firing_rate

if TYPE_CHECKING:
    from hebbayes.data.recording import Recording

Floats = NDArray[np.float64]
_LEAST_OBSERVED = 0.5


@dataclass(frozen=True, eq=False)
class Standardisation:
    """Mean and standard deviation of the units kept, in training trials.

    Attributes:
        unit_ids: (units kept,), ids.
        mean: (units kept,), mean response.
        scale: (units kept,), standard deviation.
        excluded: Id of each unit left out, and the reason.
    """

    unit_ids: NDArray[Any]
    mean: Floats
    scale: Floats
    excluded: Mapping[Any, str]


@dataclass(frozen=True, eq=False)
class Readout:
    """A linear read-out of standardised responses, passed through the logistic function.

    Attributes:
        standardisation: How responses are standardised.
        weights: M, (units kept, ensembles).
        offset: m, (ensembles,).
    """

    standardisation: Standardisation
    weights: Floats
    offset: Floats


def training_trials(recording: "Recording", train_sessions: int) -> NDArray[np.bool_]:
    """Return which trials are in the first sessions AND have an observed response, (trials,).

    Raises `ShapeError` unless the recording has that many sessions, at least one.

    Example:
        >>> from hebbayes.data.recording import Recording
        >>> recording = Recording(np.ones((3, 1)), np.ones((3, 1)), [4, 4, 9])
        >>> training_trials(recording, 1).tolist()
        [True, True, False]
    """
    check_training(recording, train_sessions)
    return np.asarray((recording.session_index < train_sessions) & recording.valid.any(1))


def check_training(recording: "Recording", train_sessions: int) -> None:
    """Raise `ShapeError` unless the recording has that many sessions, at least one.

    Example:
        >>> from hebbayes.data.recording import Recording
        >>> check_training(Recording(np.ones((1, 1)), np.ones((1, 1)), [0]), 1)
    """
    if not 1 <= train_sessions <= recording.n_sessions:
        raise ShapeError(
            f"train_sessions must lie between 1 and the recording's {recording.n_sessions} "
            f"sessions; got {train_sessions}."
        )


def standardisation_of(recording: "Recording", trials: NDArray[np.bool_]) -> Standardisation:
    """Return how to standardise the units that vary in ``trials``.

    Raises `ValueRangeError` if no unit is left.

    Example:
        >>> from hebbayes.data.recording import Recording
        >>> recording = Recording(np.ones((2, 1)), np.array([[1, 5], [3, 5]]), [0, 0])
        >>> kept = standardisation_of(recording, np.array([True, True]))
        >>> kept.unit_ids.tolist(), kept.mean.tolist(), kept.excluded
        ([0], [2.0], {1: 'responds alike in every training trial'})
    """
    seen = recording.valid[trials]
    responses = np.where(seen, recording.responses[trials], 0).astype(float)
    counts = seen.sum(0)
    mean = responses.sum(0) / np.maximum(counts, 1)
    deviation = np.where(seen, responses - mean, 0)
    scale = np.sqrt((deviation**2).sum(0) / np.maximum(counts, 1))
    unseen = counts < _LEAST_OBSERVED * len(seen)
    silent = ~responses.any(0)
    flat = scale <= 1e-9 * np.abs(mean)  # what is left of equal numbers
    reasons = [
        (unseen, "is observed in less than half of the training trials"),
        (silent & ~unseen, "is silent in every training trial"),
        (flat & ~silent & ~unseen, "responds alike in every training trial"),
    ]
    unit_ids = recording.unit_ids.tolist()
    excluded = {
        unit_ids[unit]: reason for marked, reason in reasons for unit in np.flatnonzero(marked)
    }
    kept = np.flatnonzero(~(unseen | silent | flat))
    if kept.size == 0:
        raise ValueRangeError(
            f"no unit carries a signal in the training sessions: {int(silent.sum())} are silent, "
            f"{int((flat & ~silent).sum())} respond alike in every trial, {int(unseen.sum())} are "
            f"mostly unobserved, of {recording.n_units}; leave this culture out."
        )
    return Standardisation(recording.unit_ids[kept], mean[kept], scale[kept], excluded)


def standardised_responses(standardisation: Standardisation, recording: "Recording") -> Floats:
    """Return responses of the units kept at training mean 0 and variance 1, (trials, units kept).

    A response that was not observed is 0.  Raises `ValueRangeError` if the recording lacks a
    unit.

    Example:
        >>> from hebbayes.data.recording import Recording
        >>> recording = Recording(np.ones((2, 1)), np.array([[1], [3]]), [0, 0])
        >>> kept = standardisation_of(recording, np.array([True, True]))
        >>> standardised_responses(kept, recording).ravel().tolist()
        [-1.0, 1.0]
    """
    columns = unit_places(standardisation, recording)
    seen = recording.valid[:, columns]
    responses = np.where(seen, recording.responses[:, columns], standardisation.mean)
    return np.asarray((responses - standardisation.mean) / standardisation.scale)


def unit_places(standardisation: Standardisation, recording: "Recording") -> list[int]:
    """Return the place in the recording of every unit kept.

    Raises `ValueRangeError` if the recording lacks one.

    Example:
        >>> from hebbayes.data.recording import Recording
        >>> recording = Recording(np.ones((2, 1)), np.array([[7, 1], [7, 3]]), [0, 0])
        >>> unit_places(standardisation_of(recording, np.array([True, True])), recording)
        [1]
    """
    place = {unit: position for position, unit in enumerate(recording.unit_ids.tolist())}
    lacking = [unit for unit in standardisation.unit_ids.tolist() if unit not in place]
    if lacking:
        raise ValueRangeError(
            f"the recording lacks unit {lacking[0]!r}, which the projection reads; apply it to "
            "recordings of the units that it was fitted on, or fit anew without this one."
        )
    return [place[unit] for unit in standardisation.unit_ids.tolist()]


def project(projection: Readout, recording: "Recording") -> Floats:
    """Return the activity x in (0, 1) of every ensemble, (trials, ensembles).

    NaN in trials in which none of the projection's units was observed.  Raises `ValueRangeError`
    if the recording lacks a unit.

    Example:
        >>> from hebbayes.data.recording import Recording
        >>> recording = Recording(np.ones((2, 1)), np.array([[1], [3]]), [0, 0])
        >>> kept = standardisation_of(recording, np.array([True, True]))
        >>> project(Readout(kept, np.array([[2.0]]), np.zeros(1)), recording).round(3).tolist()
        [[0.119], [0.881]]
    """
    z = standardised_responses(projection.standardisation, recording)
    activity = firing_rate(z, projection.weights, projection.offset)
    reads = np.isin(recording.unit_ids, projection.standardisation.unit_ids)
    observed = np.asarray(recording.valid[:, reads].any(1))
    return np.where(observed[:, None], activity, np.nan)
