"""One culture through the published protocol of I23, beside the nulls that its claims must beat.

Everything that figures and claims need of a culture, as plain arrays, so that it can be saved
(docs/theory.md section 8).  The protocol leaks: what is here describes and does not forecast.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hebbayes.core.errors import HebbayesError
from hebbayes.reverse_engineering.forecasting.nulls.gain_surrogate import gain_only_surrogate
from hebbayes.reverse_engineering.isomura2023.pipeline import (
    PUBLISHED,
    Ensembles,
    describe,
    find_ensembles,
    mean_baseline,
)
from hebbayes.reverse_engineering.isomura2023.preference import (
    ensemble_responses,
    mean_by_own_source,
)
from hebbayes.reverse_engineering.isomura2023.replay_null import replay_null
from hebbayes.reverse_engineering.statistics.readouts import squared_errors

if TYPE_CHECKING:
    from hebbayes.commands.published.culture_reference import Group
    from hebbayes.data.recording import Recording

Floats = NDArray[np.float64]

N_LAST = 10  # sessions that count as late
MODELS = ("protocol", "constant", "linear", "floor")
"""Columns of squared errors of normalised activity in the last ten sessions."""


@dataclass(frozen=True, eq=False)
class ProtocolMeasures:
    """Measures of one culture.

    Attributes:
        prior: (ensembles,), exp(phi1).
        activity: (sessions, 2, ensembles), mean x while the ensemble's source is off, on.
        weights: (sessions, 2, ensembles), mean W1 - W0 of its own source's stimuli, of the others.
        cost: (sessions,), L per trial, nats.
        surrogate_cost: (surrogates, sessions), the same if only gains drift.
        errors: (4,), squared errors by `MODELS`.
        weight_errors: (2,), mean |W forecast - W estimated| after the first ten sessions, of the
            replay and of the protocol.
    """

    prior: Floats
    activity: Floats
    weights: Floats
    cost: Floats
    surrogate_cost: Floats
    errors: Floats
    weight_errors: Floats


@dataclass(frozen=True, eq=False)
class PreparedGroup:
    """A group with its ensembles and baseline.

    Attributes:
        group: The recordings.
        ensembles: Culture to its ensembles.
        baseline: Spikes per trial and unit.
        failures: Culture to the reason why the protocol refuses it.
    """

    group: "Group"
    ensembles: Mapping[int, Ensembles]
    baseline: float
    failures: Mapping[int, str]


def growth(measures: ProtocolMeasures) -> float:
    """Return how much x, source on less off, gained from session 1 to the last ten.

    Example:
        >>> from types import SimpleNamespace
        >>> x = np.array([[[0.5], [0.5]], [[0.25], [0.75]]])
        >>> growth(SimpleNamespace(activity=x))
        0.25
    """
    selectivity = (measures.activity[:, 1] - measures.activity[:, 0]).mean(-1)
    return float(np.nanmean(selectivity[-N_LAST:]) - selectivity[0])


def fall(measures: ProtocolMeasures) -> float:
    """Return how far L fell from session 1 to the last ten, in nats per trial.

    Example:
        >>> from types import SimpleNamespace
        >>> fall(SimpleNamespace(cost=np.array([5.0] + 10 * [4.0])))
        1.0
    """
    return float(measures.cost[0] - measures.cost[-N_LAST:].mean())


def surrogate_fall(measures: ProtocolMeasures) -> float:
    """Return how far L falls where only gains drift, mean over surrogates.

    Example:
        >>> from types import SimpleNamespace
        >>> surrogate_fall(SimpleNamespace(surrogate_cost=np.array([[5.0] + 10 * [4.5]])))
        0.5
    """
    traces = measures.surrogate_cost
    return float((traces[:, 0] - traces[:, -N_LAST:].mean(1)).mean())


def prepare(group: "Group") -> PreparedGroup:
    """Return a group's ensembles and its baseline, in spikes per trial and unit.

    Example:
        >>> from hebbayes.commands.published.culture_reference import Group
        >>> prepare(Group("empty", {}, {})).ensembles
        {}
    """
    of_culture, failures = {}, {}
    for k, recording in group.recordings.items():
        try:
            of_culture[k] = find_ensembles(recording)
        except HebbayesError as error:
            failures[k] = str(error)
    baseline = group.baseline
    if baseline is None:
        pairs = [(group.recordings[k], ensembles) for k, ensembles in of_culture.items()]
        baseline = mean_baseline(pairs) if pairs else float("nan")
    return PreparedGroup(group, of_culture, baseline, failures)


def measure(
    prepared: PreparedGroup, number: int, *, seed: int, n_surrogates: int = 5
) -> ProtocolMeasures:
    """Return the measures of one culture.

    Raises `HebbayesError` if the protocol refuses it, or no session follows the first ten.

    Example:
        >>> from hebbayes.commands.published.culture_reference import Group
        >>> from hebbayes.simulators import CultureDesign, simulate_culture
        >>> design = CultureDesign(n_units=8, n_sessions=12, n_trials=32, mixed=0.1)
        >>> prepared = prepare(Group("one", {0: simulate_culture(design).recording}, {}))
        >>> measure(prepared, 0, seed=0, n_surrogates=2).surrogate_cost.shape
        (2, 12)
    """
    recording, ensembles = prepared.group.recordings[number], prepared.ensembles[number]
    description = describe(recording, ensembles, prepared.baseline)
    index, n = recording.session_index, PUBLISHED.first_sessions
    errors = squared_errors(
        description.activity, description.predicted_activity, recording.stimuli, index, n_sessions=n
    )
    forecast = replay_null(recording, description)
    surrogates = [
        _surrogate_cost(prepared, number, np.random.default_rng((seed, number, k)))
        for k in range(n_surrogates)
    ]
    trials = np.bincount(index)
    assert recording.sources is not None  # find_ensembles has refused a recording without
    sources = recording.sources.astype(int)
    return ProtocolMeasures(
        prior=np.exp(description.threshold_factors[0]),
        activity=mean_by_own_source(description.activity, sources, index),
        weights=_own_and_other(description.weights, _own_stimuli(recording)),
        cost=description.cost / trials,
        surrogate_cost=np.array(surrogates) / trials,
        errors=np.array([errors[model].mean() for model in MODELS]),
        weight_errors=np.array(
            [forecast.weight_error.mean(), forecast.protocol_weight_error.mean()]
        ),
    )


def _surrogate_cost(prepared: PreparedGroup, number: int, rng: np.random.Generator) -> Floats:
    recording, ensembles = prepared.group.recordings[number], prepared.ensembles[number]
    surrogate = gain_only_surrogate(recording, PUBLISHED.first_sessions, rng=rng)
    responses = ensemble_responses(surrogate.responses.astype(float), ensembles.members)
    return describe(surrogate, Ensembles(ensembles.members, responses), prepared.baseline).cost


def _own_stimuli(recording: "Recording") -> NDArray[np.bool_]:
    """Whether a channel agrees more often with each source than with the other, (channels, 2)."""
    assert recording.sources is not None
    o, s = recording.stimuli, recording.sources.astype(float)
    agreement = (o.T @ s + (1 - o).T @ (1 - s)) / len(o)
    return np.asarray(agreement > agreement[:, ::-1])


def _own_and_other(weights: Floats, own: NDArray[np.bool_]) -> Floats:
    """Mean weights (sessions, 2, 2) over own and other stimuli; NaN without any."""
    masks = np.stack([own, ~own])  # (2, channels, ensembles)
    sums = np.einsum("sce,mce->sme", weights, masks.astype(float))
    n = masks.sum(1).astype(float)
    return np.asarray(sums / np.where(n > 0, n, np.nan))
