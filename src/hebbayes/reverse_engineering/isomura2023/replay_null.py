"""Replay: the null for forecasts of effective synapses and of free energy.

Synapses are running sums, so any forecast whose sessions look like the first ones does well.
Here the training sessions are played again, unchanged and in order, and what they add to the
counts is compared with what the published prediction (`isomura2023`) adds.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hebbayes.core.errors import ShapeError
from hebbayes.reverse_engineering.isomura2023.pipeline import PUBLISHED, Description, Protocol
from hebbayes.reverse_engineering.isomura2023.session_cost import session_cost
from hebbayes.reverse_engineering.synapses import (
    EffectiveSynapses,
    counts_before,
    effective_synapses,
    session_counts,
)

if TYPE_CHECKING:
    from hebbayes.data.recording import Recording

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class ReplayNull:
    """Forecasts after the first sessions, one entry per later session.

    Attributes:
        weight_error: Mean |W forecast - W estimated| of the replay over channels and ensembles.
        protocol_weight_error: The same of the published prediction.
        cost: Cost of recorded activity, nats.
        replayed_cost: Cost of the replay, nats.
        protocol_cost: Cost of the published prediction, nats.
    """

    weight_error: Floats
    protocol_weight_error: Floats
    cost: Floats
    replayed_cost: Floats
    protocol_cost: Floats


def replay_null(
    recording: "Recording", description: Description, protocol: Protocol = PUBLISHED
) -> ReplayNull:
    """Return how a replay of the first sessions forecasts synapses and cost, beside the protocol.

    Costs are those of forecast activity under forecast synapses.  A session is replayed with its
    own stimuli and activity.  Raises `ShapeError` if no session follows the first ones.

    Example:
        >>> from hebbayes.data.recording import Recording
        >>> from hebbayes.reverse_engineering.isomura2023.pipeline import describe, find_ensembles
        >>> sources = np.tile([[0, 0], [0, 1], [1, 0], [1, 1]], (12, 1))
        >>> session = np.repeat(np.arange(12), 4)
        >>> culture = Recording(sources, 1.0 + (1 + session[:, None] % 2) * sources, session,
        ...                     sources=sources)
        >>> null = replay_null(culture, describe(culture, find_ensembles(culture), baseline=1.5))
        >>> bool((null.weight_error < 1e-3).all())
        True
    """
    n = protocol.first_sessions
    if recording.n_sessions <= n:
        raise ShapeError(
            f"the recording has {recording.n_sessions} sessions and the protocol fixes thresholds "
            f"in {n}; record more to forecast any."
        )
    starts = np.flatnonzero(np.diff(recording.session_index, prepend=-1))
    stimuli = np.split(recording.stimuli, starts[1:])
    activity = np.split(description.activity, starts[1:])
    predicted = np.split(description.predicted_activity, starts[1:])
    again = [k if k < n else k % n for k in range(len(stimuli))]
    counts = session_counts(recording.stimuli, description.activity, starts)[again]
    replayed = effective_synapses(counts_before(counts, protocol.prior_count, protocol.gain))
    run = _protocol_synapses(recording, description, starts, protocol)
    factors = description.threshold_factors

    def costs(o: list[Floats], x: list[Floats], synapses: EffectiveSynapses) -> Floats:
        before = map(EffectiveSynapses, synapses.weights, synapses.normalisers)
        return np.array([session_cost(*now, factors) for now in zip(x, o, before)])[n:]

    order = [stimuli[k] for k in again], [activity[k] for k in again]
    return ReplayNull(
        weight_error=_distance(replayed.difference, description.weights)[n:],
        protocol_weight_error=_distance(description.predicted_weights, description.weights)[n:],
        cost=description.cost[n:],
        replayed_cost=costs(*order, replayed),
        protocol_cost=costs(stimuli, predicted, run),
    )


def _protocol_synapses(
    recording: "Recording",
    description: Description,
    starts: NDArray[np.int64],
    protocol: Protocol,
) -> EffectiveSynapses:
    """Synapses of the published prediction: recorded counts first, then those it predicts."""
    n = protocol.first_sessions
    recorded = session_counts(recording.stimuli, description.activity, starts)[:n]
    own = session_counts(recording.stimuli, description.predicted_activity, starts)[n:]
    counts = np.concatenate([protocol.gain * recorded, protocol.prediction_gain * own])
    return effective_synapses(counts_before(counts, protocol.prior_count, 1.0))


def _distance(first: Floats, second: Floats) -> Floats:
    return np.asarray(np.abs(first - second).mean((1, 2)))
