"""Effective synapses and free energy per session as targets: nulls, and the network run on.

Ensembles are those of the protocol without labels (`published_protocol`), read the same way in
every session.  From the training sessions and later stimuli alone, synapses W1 - W0 before each
later session and its free energy are forecast by a replay of training, by no change, by a trend,
and by the network that learns from its own expectation (docs/theory.md section 8, step 5).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from hebbayes.core.errors import ShapeError
from hebbayes.reverse_engineering.forecasting.scoring import Scores
from hebbayes.reverse_engineering.forecasting.sessions import Session, Split, without_sources
from hebbayes.reverse_engineering.forecasting.theory.published_protocol import (
    ProtocolState,
    PublishedProtocol,
    ensemble_activity,
    expected_activity,
)
from hebbayes.reverse_engineering.isomura2023.pipeline import PUBLISHED, Protocol
from hebbayes.reverse_engineering.isomura2023.session_cost import session_cost
from hebbayes.reverse_engineering.synapses import (
    EffectiveSynapses,
    coincidence_counts,
    effective_synapses,
)

Floats = NDArray[np.float64]

SYNAPSE_NULLS = ("replay", "unchanged", "trend")
SYNAPSE_THEORY = ("own_expectation", "own_expectation_full")
"""The network run on: with the published gain, with the gain of recorded activity."""

FREE_ENERGY_NULLS = ("replay", "unchanged", "training_mean", "trend", "change_fall")
"""The last is a fall of one size for all sessions, as large as in other recordings."""

FREE_ENERGY_THEORY = (*SYNAPSE_THEORY, "change_expected", "change_expected_full")
"""The same, and what they expect to CHANGE since training."""


@dataclass(frozen=True, eq=False)
class NetworkForecasts:
    """Forecasts by name.

    Attributes:
        synapses: (later sessions, channels, ensembles), W1 - W0 before each.
        free_energy: (later sessions,), nats per trial.
    """

    synapses: dict[str, Floats]
    free_energy: dict[str, Floats]


@dataclass(frozen=True, eq=False)
class _Course:
    """Sessions in order.

    Attributes:
        stimuli: o of each session.
        activity: x of each session.
        counts: Counts before each session.
    """

    stimuli: list[Floats]
    activity: list[Floats]
    counts: list[Floats]


def forecast_network(
    training: Sequence[Session], later_stimuli: Sequence[Floats], protocol: Protocol = PUBLISHED
) -> NetworkForecasts:
    """Return forecasts of synapses and free energy, from training sessions and later stimuli.

    Raises `ValueRangeError` for analog stimuli.

    Example:
        >>> s = np.tile([[0, 0], [0, 1], [1, 0], [1, 1]], (6, 1)).astype(float)
        >>> session = Session(np.repeat(s, 2, 1), 1 + 2 * s, np.ones(s.shape, bool))
        >>> recorded = forecast_network([session] * 2, [session.stimuli] * 3)
        >>> recorded.synapses["replay"].shape, recorded.free_energy["own_expectation"].shape
        ((3, 4, 2), (3,))
    """
    state = PublishedProtocol(protocol).fit([without_sources(session) for session in training])
    past = _recorded(state, training)
    again = [k % len(training) for k in range(len(later_stimuli))]
    replayed = _learn(
        state.counts,
        [past.stimuli[k] for k in again],
        [past.activity[k] for k in again],
        protocol.gain,
    )
    own = {
        name: _run_on(state, later_stimuli, gain)
        for name, gain in zip(SYNAPSE_THEORY, (protocol.prediction_gain, protocol.gain))
    }
    known = np.stack([_difference(c) for c in (*past.counts, state.counts)])
    steps = np.arange(len(later_stimuli))
    synapses = {
        "replay": _path(replayed),
        "unchanged": np.repeat(known[-1:], len(steps), axis=0),
        "trend": known[-1] + _slope(known) * steps[:, None, None],
        **{name: _path(course) for name, course in own.items()},
    }
    return NetworkForecasts(synapses, _free_energies(state, past, replayed, own))


def score_network(split: Split, protocol: Protocol = PUBLISHED) -> dict[str, Scores]:
    """Return the scores of all forecasts, of ``synapses`` and of ``free_energy``.

    Observed synapses hold the counts of recorded activity, observed free energy is that of
    recorded activity under them.  Raises `ShapeError` for fewer than two later sessions: synapses
    before the first are known after training.

    Example:
        >>> from hebbayes.reverse_engineering.forecasting.sessions import split_sessions
        >>> from hebbayes.simulators import CultureDesign, simulate_culture
        >>> design = CultureDesign(n_units=8, n_sessions=6, n_trials=64)
        >>> recorded = score_network(split_sessions(simulate_culture(design).recording, 3))
        >>> recorded["synapses"].names
        ('replay', 'unchanged', 'trend', 'own_expectation', 'own_expectation_full')
    """
    if len(split.later) < 2:
        raise ShapeError(
            f"{len(split.later)} session follows training; forecasts of synapses need at least 2, "
            "as those before the first are known: train on fewer."
        )
    later = [without_sources(session) for session in split.later]
    forecasts = forecast_network(split.training, [session.stimuli for session in later], protocol)
    state = PublishedProtocol(protocol).fit(
        [without_sources(session) for session in split.training]
    )
    x = [ensemble_activity(state.reading, session) for session in later]
    recorded = _learn(state.counts, [session.stimuli for session in later], x, protocol.gain)
    return {
        "synapses": _score(_path(recorded), forecasts.synapses),
        "free_energy": _score(_costs(recorded, state.factors), forecasts.free_energy),
    }


def _free_energies(
    state: ProtocolState, past: _Course, replayed: _Course, own: dict[str, _Course]
) -> dict[str, Floats]:
    recorded, n = _costs(past, state.factors), len(replayed.stimuli)
    expected = [
        expected_activity(effective_synapses(counts), state.factors, o)
        for counts, o in zip(past.counts, past.stimuli)
    ]
    before = _costs(replace(past, activity=expected), state.factors).mean()
    costs = {name: _costs(course, state.factors) for name, course in own.items()}
    return {
        "replay": _costs(replayed, state.factors),
        "unchanged": np.full(n, recorded[-1]),
        "training_mean": np.full(n, recorded.mean()),
        "trend": recorded[-1] + _slope(recorded) * (1 + np.arange(n)),
        "change_fall": -np.ones(n),
        **costs,
        **{
            name: cost - before
            for name, cost in zip(FREE_ENERGY_THEORY[len(own) :], costs.values())
        },
    }


def _recorded(state: ProtocolState, training: Sequence[Session]) -> _Course:
    x = [ensemble_activity(state.reading, session) for session in training]
    return _Course([session.stimuli for session in training], x, list(state.history))


def _learn(
    counts: Floats, stimuli: Sequence[Floats], activity: Sequence[Floats], gain: float
) -> _Course:
    before = []
    for o, x in zip(stimuli, activity):
        before.append(counts)
        counts = counts + gain * coincidence_counts(o, x)
    return _Course(list(stimuli), list(activity), before)


def _run_on(state: ProtocolState, stimuli: Sequence[Floats], gain: float) -> _Course:
    counts, before, activity = state.counts, [], []
    for o in stimuli:
        before.append(counts)
        activity.append(expected_activity(effective_synapses(counts), state.factors, o))
        counts = counts + gain * coincidence_counts(o, activity[-1])
    return _Course(list(stimuli), activity, before)


def _difference(counts: Floats) -> Floats:
    return effective_synapses(counts).difference


def _path(course: _Course) -> Floats:
    return np.stack([_difference(counts) for counts in course.counts])


def _costs(course: _Course, factors: Floats) -> Floats:
    """Free energy of every session, nats per trial."""
    held: list[EffectiveSynapses] = [effective_synapses(counts) for counts in course.counts]
    return np.array(
        [
            session_cost(x, o, synapses, factors) / len(x)
            for x, o, synapses in zip(course.activity, course.stimuli, held)
        ]
    )


def _slope(values: Floats) -> Floats:
    """Least-squares slope per session of (sessions, ...); 0 for a single session."""
    time = np.arange(len(values)) - (len(values) - 1) / 2
    if len(values) < 2:
        return np.zeros(values.shape[1:])
    return np.asarray(np.tensordot(time, values, 1) / (time @ time))


def _score(observed: Floats, forecasts: dict[str, Floats]) -> Scores:
    n = len(observed)
    rows = np.stack([observed.reshape(n, -1), *(f.reshape(n, -1) for f in forecasts.values())], 1)
    size = rows.shape[-1]
    return Scores(
        tuple(forecasts),
        tuple(name.startswith("change_") for name in forecasts),
        rows @ np.swapaxes(rows, 1, 2) / size,
        np.full(n, float(size)),
    )
