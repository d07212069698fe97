"""Ensembles by labels, causally: units that prefer each of any number of known sources.

Only training sessions are used, and unobserved responses are left out.  Sessions may be ragged,
shuffled, or lack a stimulus state: a unit's response to each source is its main effect in a
regression with one level per session (the published pipeline compares two conditional means).
The read-out is a `Readout`, as without labels.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from hebbayes.core.checks import check_binary
from hebbayes.core.errors import ShapeError, ValueRangeError
from hebbayes.reverse_engineering.ensembles.joint_free_energy import (
    Evidence,
    Penalty,
    objective,
)
from hebbayes.reverse_engineering.ensembles.readout import (
    Readout,
    training_trials,
)
from hebbayes.reverse_engineering.ensembles.without_labels import training_evidence
from hebbayes.reverse_engineering.isomura2023.preference import Criteria

if TYPE_CHECKING:
    from hebbayes.data.recording import Recording

Floats = NDArray[np.float64]

DEFAULT_CRITERIA = Criteria()
_LEAST_GAIN = 0.01


@dataclass(frozen=True, eq=False)
class LabelledEnsembles:
    """One group of units per source.

    Attributes:
        members: Positions of the units of each ensemble, in the order of the sources.
        effects: (units, sources), spikes per trial that a source adds; NaN if a unit was never
            observed.
        excluded_units: Id of each unit in no group, and the reason.
    """

    members: tuple[NDArray[np.int64], ...]
    effects: Floats
    excluded_units: Mapping[Any, str]


def find_ensembles_by_labels(
    recording: "Recording", *, train_sessions: int, criteria: Criteria = DEFAULT_CRITERIA
) -> LabelledEnsembles:
    """Return the units that prefer each source in the first ``train_sessions`` sessions.

    A unit prefers a source if that source adds more spikes than any other one does, by more than
    ``criteria.preference``, and the unit is responsive as in the published pipeline.  Raises
    `ShapeError` or `ValueRangeError` without labels, if sources cannot be separated in training,
    or if a source has no unit.

    Example:
        >>> from hebbayes.data.recording import Recording
        >>> s = np.array([[a, b, c] for a in (0, 1) for b in (0, 1) for c in (0, 1)])
        >>> culture = Recording(s, 1 + 2 * s, [0] * 8, sources=s)
        >>> ensembles = find_ensembles_by_labels(culture, train_sessions=1)
        >>> [units.tolist() for units in ensembles.members]
        [[0], [1], [2]]
    """
    sources = _checked_sources(recording)
    trials = training_trials(recording, train_sessions)
    effects = source_effects(recording, sources, trials)
    is_responsive, reasons = _responsive(recording, trials, criteria)
    preferred = _preferred(effects, criteria.preference)
    preferred[~is_responsive] = -1
    n_sources = sources.shape[1]
    members = tuple(np.flatnonzero(preferred == k) for k in range(n_sources))
    for k, units in enumerate(members, start=1):
        if units.size == 0:
            raise ValueRangeError(
                f"no responsive unit prefers source {k} of {n_sources}: wanted in the training "
                f"sessions a mean rate above {criteria.rate:g}, every session's above "
                f"{criteria.session_rate:g} and a preference above {criteria.preference:g} spikes "
                f"per trial; {int(is_responsive.sum())} of {recording.n_units} units respond; "
                "leave this culture out, or relax the criteria."
            )
    unit_ids = recording.unit_ids.tolist()
    excluded = {
        unit_ids[unit]: reasons.get(unit, "prefers no source")
        for unit in np.flatnonzero(preferred < 0).tolist()
    }
    return LabelledEnsembles(members, effects, excluded)


def labelled_projection(
    recording: "Recording", members: Sequence[NDArray[np.int64]], *, train_sessions: int
) -> Readout:
    """Return the read-out of given groups of units: x_k = sig(gain_k z_k + offset_k).

    z_k is the summed response of group k at mean 0 and variance 1 in training.  Gains and offsets
    minimise the joint free energy, as without labels.  Raises `ShapeError` or `ValueRangeError`
    if a group carries no information on the training stimuli; a source that a single channel shows
    saves exactly the ln 2 nats that believing in it costs, and cannot be read so.

    Example:
        >>> from hebbayes.data.recording import Recording
        >>> from hebbayes.reverse_engineering.ensembles.readout import project
        >>> s = np.array([[0, 0], [0, 1], [1, 0], [1, 1]] * 10)
        >>> culture = Recording(np.repeat(s, 3, axis=1), 1 + 2 * s, [0] * 40)
        >>> read_out = labelled_projection(
        ...     culture, [np.array([0]), np.array([1])], train_sessions=1)
        >>> project(read_out, culture)[:4].round(1).tolist()
        [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]
    """
    n_groups = len(members)
    part = recording.select(units=np.concatenate(members))
    kept, evidence = training_evidence(part, train_sessions)
    if kept.excluded:
        unit, reason = next(iter(kept.excluded.items()))
        raise ValueRangeError(f"unit {unit} of the groups {reason}; leave it out of its group.")
    group = np.repeat(np.arange(n_groups), [len(units) for units in members])
    pooling = (group[:, None] == np.arange(n_groups)) * kept.scale[:, None]  # sums of counts
    pooling = pooling / (evidence.readouts @ pooling).std(0)
    gain, offset = _gain_and_offset(Evidence(evidence.readouts @ pooling, evidence.stimuli))
    if (lost := gain < _LEAST_GAIN).any():
        raise ValueRangeError(
            f"ensemble {int(np.argmax(lost)) + 1} carries no information on the stimuli of "
            "training: no gain above 0 lowers the free energy; leave this culture out."
        )
    return Readout(kept, pooling * gain, offset)


def source_effects(
    recording: "Recording", sources: NDArray[np.int64], trials: NDArray[np.bool_]
) -> Floats:
    """Return what each source adds to the response of each unit, (units, sources).

    Least squares of observed responses on all sources, with a level of its own per session.
    NaN for a unit that was not observed often enough.  Raises `ValueRangeError` if sources
    never occur apart within a session.

    Example:
        >>> from hebbayes.data.recording import Recording
        >>> s = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
        >>> recording = Recording(s, s @ [[3, 0], [0, 2]], [0] * 4)
        >>> source_effects(recording, s, np.ones(4, bool)).round(6).tolist()
        [[3.0, 0.0], [0.0, 2.0]]
    """
    session = recording.session_index[trials]
    s = sources[trials].astype(float)
    everywhere = np.ones(len(s), bool)
    if not _is_separable(_within_session(s, session, everywhere)):
        raise ValueRangeError(
            "the sources cannot be separated in the training sessions: one is constant or a "
            "combination of others there; train on more sessions, or leave it out."
        )
    responses = recording.responses[trials].astype(float)
    effects = np.full((recording.n_units, s.shape[1]), np.nan)
    for unit, seen in enumerate(recording.valid[trials].T):
        known = _within_session(s, session, seen)
        if _is_separable(known):
            target = _within_session(responses[:, [unit]], session, seen)
            effects[unit] = np.linalg.solve(known.T @ known, known.T @ target)[:, 0]
    return effects


def _checked_sources(recording: "Recording") -> NDArray[np.int64]:
    if recording.sources is None:
        raise ShapeError(
            "the recording has no known sources, by which ensembles were to be chosen; find them "
            "without labels."
        )
    check_binary("sources", recording.sources)
    return recording.sources.astype(np.int64)


def _within_session(values: Floats, session: NDArray[np.int64], seen: NDArray[np.bool_]) -> Floats:
    """Observed rows, less the mean of their session."""
    rows, label = values[seen], session[seen]
    sums = np.stack([np.bincount(label, column) for column in rows.T], axis=1)
    return np.asarray(rows - (sums / np.maximum(np.bincount(label), 1)[:, None])[label])


def _is_separable(within: Floats) -> bool:
    return bool(len(within) and np.linalg.matrix_rank(within.T @ within) == within.shape[1])


def _responsive(
    recording: "Recording", trials: NDArray[np.bool_], criteria: Criteria
) -> tuple[NDArray[np.bool_], dict[int, str]]:
    """Which units fire enough, over all training trials and in every session observed.

    Signals have no rate: every unit that varies is responsive.
    """
    seen = recording.valid[trials]
    counts = np.where(seen, recording.responses[trials], 0).astype(float)
    session = recording.session_index[trials]
    mean = counts.sum(0) / np.maximum(seen.sum(0), 1)
    lowest = np.full(recording.n_units, np.inf)
    for label in np.unique(session):
        rows = session == label
        observed = seen[rows].sum(0)
        own = counts[rows].sum(0) / np.maximum(observed, 1)
        lowest = np.where(observed > 0, np.minimum(lowest, own), lowest)
    observed_share = seen.mean(0)
    reasons: dict[int, str] = {}
    for unit in range(recording.n_units):
        if observed_share[unit] < 0.5:
            reasons[unit] = "is observed in less than half of the training trials"
        elif recording.is_signed:
            if not np.ptp(counts[seen[:, unit], unit]) > 0:
                reasons[unit] = "never changes in the training trials"
        elif not (mean[unit] > criteria.rate and lowest[unit] > criteria.session_rate):
            reasons[unit] = f"responds too little, {mean[unit]:.3g} spikes per trial"
    is_responsive = np.array([unit not in reasons for unit in range(recording.n_units)])
    return is_responsive, reasons


def _preferred(effects: Floats, preference: float) -> NDArray[np.int64]:
    """Which source each unit prefers, -1 for none."""
    known = np.asarray(np.isfinite(effects).all(1))
    values = np.where(known[:, None], effects, 0)
    first = values.argmax(1)
    others = values.copy()
    others[np.arange(len(values)), first] = -np.inf
    runner_up = others.max(1) if values.shape[1] > 1 else np.zeros(len(values))
    lead = values.max(1) - runner_up
    return np.where(known & (lead > preference), first, -1)


def _gain_and_offset(pooled: Evidence) -> tuple[Floats, Floats]:
    n = pooled.readouts.shape[1]

    def restricted(parameters: Floats) -> tuple[float, Floats]:
        gain, offset = np.split(parameters, 2)
        mapping = np.column_stack([np.diag(gain), offset]).ravel()
        value, gradient = objective(mapping, pooled, n, Penalty())
        by_mapping = gradient.reshape(n, n + 1)
        return value, np.concatenate([np.diag(by_mapping), by_mapping[:, -1]])

    start = np.repeat([1.0, 0.0], n)
    result = minimize(restricted, start, jac=True, method="L-BFGS-B")
    gain, offset = np.split(result.x, 2)
    return gain, offset
