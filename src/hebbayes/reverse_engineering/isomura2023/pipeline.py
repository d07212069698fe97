"""The published pipeline of I23, step by step as docs/theory.md section 8 states it.

Ensembles are chosen by LABELS and normalised over ALL sessions, so its predictions are no
forecast: the protocol is kept for reproduction.  It is defined for two sources; stimuli, units,
trials and sessions may be any number.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hebbayes.core.arrays import OFF, ON
from hebbayes.core.checks import check_binary
from hebbayes.core.errors import ShapeError, ValueRangeError
from hebbayes.core.firing_rate import firing_rate
from hebbayes.reverse_engineering.isomura2023.preference import (
    Criteria,
    change_since_first_session,
    ensemble_responses,
    select_ensembles,
)
from hebbayes.reverse_engineering.isomura2023.session_cost import session_cost
from hebbayes.reverse_engineering.synapses import (
    EffectiveSynapses,
    coincidence_counts,
    counts_before,
    effective_synapses,
    session_counts,
)
from hebbayes.reverse_engineering.thresholds import mean_activity_threshold_factors

if TYPE_CHECKING:
    from hebbayes.data.recording import Recording

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Protocol:
    """Constants of the published pipeline.

    Attributes:
        criteria: What makes a unit responsive.
        first_sessions: Sessions that fix baseline, thresholds and the start of the prediction.
        prior_count: Every entry of the count tables before the first session.
        gain: Weight of counts from data.
        prediction_gain: Weight of counts from predicted activity.
    """

    criteria: Criteria = field(default_factory=Criteria)
    first_sessions: int = 10
    prior_count: float = 3000.0
    gain: float = 2.0
    prediction_gain: float = 1.0


PUBLISHED = Protocol()


@dataclass(frozen=True, eq=False)
class Ensembles:
    """Two groups of units and their raw mean responses, (trials, 2)."""

    members: tuple[NDArray[np.int64], NDArray[np.int64]]
    responses: Floats


@dataclass(frozen=True, eq=False)
class Description:
    """A culture as the theory describes it.

    Attributes:
        activity: (trials, 2), x.
        threshold_factors: (2, 2), phi1 and phi0 of both ensembles.
        weights: (sessions, channels, 2), W1 - W0 before each session.
        cost: (sessions,), nats.
        predicted_activity: (trials, 2).
        predicted_weights: (sessions, channels, 2), likewise before each session.
    """

    activity: Floats
    threshold_factors: Floats
    weights: Floats
    cost: Floats
    predicted_activity: Floats
    predicted_weights: Floats


def find_ensembles(recording: "Recording", protocol: Protocol = PUBLISHED) -> Ensembles:
    """Return the two ensembles of a culture.

    Raises `ShapeError` or `ValueRangeError` for a recording that the protocol is not defined
    for, or in which no unit prefers a source.

    Example:
        >>> from hebbayes.data.recording import Recording
        >>> sources = np.tile([[0, 0], [0, 1], [1, 0], [1, 1]], (10, 1))
        >>> session = np.repeat(np.arange(10), 4)
        >>> culture = Recording(sources, 1.0 + (1 + session[:, None]) * sources, session,
        ...                     sources=sources)
        >>> find_ensembles(culture).members
        (array([0]), array([1]))
    """
    if recording.is_signed:
        raise ValueRangeError(
            "the published protocol is defined for spike counts, and responses are signals of any "
            "sign; pass --protocol causal."
        )
    sources = _checked_sources(recording, protocol)
    responses = recording.responses.astype(float)
    members = select_ensembles(responses, sources, recording.session_index, protocol.criteria)
    return Ensembles(members, ensemble_responses(responses, members))


def mean_baseline(
    cultures: Iterable[tuple["Recording", Ensembles]], protocol: Protocol = PUBLISHED
) -> float:
    """Return the baseline excitability of a condition, in spikes per trial and unit.

    The unweighted mean, over cultures and both ensembles, of the raw response in the first
    sessions.  Raises `ValueRangeError` without any culture.

    Example:
        >>> from hebbayes.data.recording import Recording
        >>> sources = np.tile([[0, 0], [0, 1], [1, 0], [1, 1]], (10, 1))
        >>> session = np.repeat(np.arange(10), 4)
        >>> culture = Recording(sources, 1.0 + (1 + session[:, None]) * sources, session,
        ...                     sources=sources)
        >>> mean_baseline([(culture, find_ensembles(culture))])
        3.75
    """
    means = [
        ensembles.responses[recording.session_index < protocol.first_sessions].mean(0)
        for recording, ensembles in cultures
    ]
    if not means:
        raise ValueRangeError("the mean baseline needs at least one culture; give a baseline.")
    return float(np.mean(means))


def describe(
    recording: "Recording", ensembles: Ensembles, baseline: float, protocol: Protocol = PUBLISHED
) -> Description:
    """Return thresholds, synapses, cost and predictions of a culture (steps 2 to 5).

    ``baseline`` is in spikes per trial and unit.  Raises `ValueRangeError` if it is not
    above 0, or if activity cannot be normalised.

    Example:
        >>> from hebbayes.data.recording import Recording
        >>> sources = np.tile([[0, 0], [0, 1], [1, 0], [1, 1]], (10, 1))
        >>> session = np.repeat(np.arange(10), 4)
        >>> culture = Recording(sources, 1.0 + (1 + session[:, None]) * sources, session,
        ...                     sources=sources)
        >>> description = describe(culture, find_ensembles(culture), baseline=1.5)
        >>> np.exp(description.threshold_factors[0]).round(3).tolist()
        [0.5, 0.5]
    """
    if not 0 < baseline < np.inf:
        raise ValueRangeError(f"baseline must be above 0 spikes per trial; got {baseline}.")
    sources = _checked_sources(recording, protocol)
    index = recording.session_index
    starts = np.flatnonzero(np.diff(index, prepend=-1))
    activity = change_since_first_session(ensembles.responses, sources, index, baseline)
    factors = mean_activity_threshold_factors(activity[index < protocol.first_sessions])
    counts = session_counts(recording.stimuli, activity, starts)
    synapses = effective_synapses(counts_before(counts, protocol.prior_count, protocol.gain))
    x, o = np.split(activity, starts[1:]), np.split(recording.stimuli, starts[1:])
    before = map(EffectiveSynapses, synapses.weights, synapses.normalisers)
    cost = [session_cost(*now, factors) for now in zip(x, o, before)]
    if (unlikely := ~np.isfinite(cost)).any():
        raise ValueRangeError(
            f"the cost of session {int(np.argmax(unlikely))} is not finite: an ensemble's activity "
            "leaves the bound, 0 or 1, at which it stayed in the first sessions; baseline "
            f"{baseline:g} does not fit these responses: give another."
        )
    predicted_activity, predicted_weights = _predict(o, counts, factors, protocol)
    return Description(
        activity,
        factors,
        synapses.difference,
        np.array(cost),
        predicted_activity,
        predicted_weights,
    )


def _predict(
    stimuli: list[Floats], counts: Floats, factors: Floats, protocol: Protocol
) -> tuple[Floats, Floats]:
    """Run the network by itself: after the first sessions it learns from its own predictions."""
    table = np.full(counts.shape[1:], protocol.prior_count)
    activity, weights = [], []
    for k, o in enumerate(stimuli):
        synapses = effective_synapses(table)
        h = synapses.normalisers + factors
        x = firing_rate(o, synapses.difference, h[ON] - h[OFF])
        activity.append(x)
        weights.append(synapses.difference)
        if k < protocol.first_sessions:
            table = table + protocol.gain * counts[k]
        else:
            table = table + protocol.prediction_gain * coincidence_counts(o, x)
    return np.concatenate(activity), np.stack(weights)


def _checked_sources(recording: "Recording", protocol: Protocol) -> NDArray[np.int64]:
    if recording.sources is None or recording.sources.shape[1] != 2:
        n_sources = 0 if recording.sources is None else recording.sources.shape[1]
        raise ShapeError(
            f"the recording has {n_sources} sources; protocol isomura2023 is defined for 2 known "
            "ones: keep two of them."
        )
    check_binary("sources", recording.sources)
    check_binary("stimuli", recording.stimuli)
    if not recording.valid.all():
        raise ValueRangeError(
            f"{int((~recording.valid).sum())} responses were not observed; protocol isomura2023 "
            "needs all of them: select units and sessions without gaps."
        )
    if recording.n_sessions < protocol.first_sessions:
        raise ShapeError(
            f"the recording has {recording.n_sessions} sessions; protocol isomura2023 fixes "
            f"thresholds in the first {protocol.first_sessions}: record at least as many."
        )
    return recording.sources.astype(np.int64)
