"""A recording described causally: nothing that is fitted looks past the training sessions.

A population is read as activity x of ensembles (found without labels, or by them), x as the
posterior of a canonical network: threshold factors, prior counts, synapses, free energy per
session beside its nulls, and what the fitted network expects of the sessions after training
(docs/theory.md sections 8 and 9).  Forecasts of raw responses are in ``forecasting``.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from hebbayes.core.arrays import OFF, ON
from hebbayes.core.errors import ValueRangeError
from hebbayes.data.recording import Recording
from hebbayes.reverse_engineering.estimate import Estimate
from hebbayes.reverse_engineering.free_energy_parts import (
    FreeEnergyTrace,
    bounded,
    free_energy_terms,
    free_energy_trace,
)
from hebbayes.reverse_engineering.label_free.projection import project
from hebbayes.reverse_engineering.perception import Options, Perception, fit_perception, online
from hebbayes.reverse_engineering.perception.evidence import Schedule
from hebbayes.reverse_engineering.population import Population
from hebbayes.reverse_engineering.surrogates import null_band, replay, with_drifting_gain
from hebbayes.reverse_engineering.synapses import (
    coincidence_counts,
    counts_before,
    session_counts,
)
from hebbayes.reverse_engineering.thresholds import published_threshold_factors

Floats = NDArray[np.float64]

FindPopulation = Callable[[Recording], Population]

ASSUMED_PRIOR_COUNT = 3000.0
"""Total prior count of a synapse where the recording does not tell it; that of I23."""


@dataclass(frozen=True, eq=False)
class CausalDescription:
    """What the theory reads from one recording; NaN stands for what cannot be told.

    perception: estimates from the training sessions, None where ``refusal`` says why not.
    activity: (trials, ensembles), x in [0, 1].  log_odds: (ensembles,), phi1 - phi0 of the
    consistent estimator.  published_factors: (2, ensembles), ln <x>, ln <1 - x>.
    free_energy: per session, under ``factors`` (2, ensembles) and ``tables`` (2, 2, sessions,
    channels, ensembles).  replayed, gain_only: total free energy of surrogates, (sessions,).
    predicted_activity and predicted_weights: open loop after training, (trials, ensembles) and
    (sessions, channels, ensembles).  weights: (sessions, channels, ensembles), W1 - W0.
    """

    population: Population
    perception: Perception | None
    refusal: str
    activity: Floats
    log_odds: Estimate
    published_factors: Floats
    factors: Floats
    tables: Floats
    weights: Estimate
    free_energy: FreeEnergyTrace
    replayed: Estimate
    gain_only: Estimate
    predicted_activity: Floats
    predicted_weights: Floats


@dataclass(frozen=True, eq=False)
class _Network:
    """A fitted network: naive tables over lambda, (2, 2, channels, ensembles), learning rates
    1 / lambda (ensembles,), factors (2, ensembles)."""

    naive: Floats
    rate: Floats
    factors: Floats


def describe_causally(
    recording: Recording,
    find_population: FindPopulation,
    *,
    train_sessions: int,
    schedule: Schedule = online,
    n_surrogates: int = 20,
    seed: int = 0,
) -> CausalDescription:
    """Return what the theory reads, fitted on the first ``train_sessions`` sessions alone.

    ``schedule`` says when synapses learn.  Raises `HebbayesError` where no ensembles are found;
    where only the network cannot be fitted, ``refusal`` says why and synapses are the counts
    with `ASSUMED_PRIOR_COUNT`.

    Example:
        >>> from functools import partial
        >>> from hebbayes.reverse_engineering.population import population_by_labels
        >>> from hebbayes.simulators import CultureDesign, simulate_culture
        >>> culture = simulate_culture(CultureDesign(n_units=8, n_sessions=4), seed=1).recording
        >>> found = describe_causally(culture, partial(population_by_labels, train_sessions=3),
        ...                           train_sessions=3, n_surrogates=2)
        >>> found.activity.shape, found.free_energy.total.value.shape
        ((1024, 2), (4,))
    """
    population = find_population(recording)
    options = Options(train_sessions, schedule, rest=0.0, evoked=1.0)
    o, session = recording.stimuli, recording.session_index
    refusal, perception = "", None
    try:
        perception = fit_perception(population.activity, o, session, options)
    except ValueRangeError as error:
        refusal = str(error)
    train = session < train_sessions
    read = population.activity if perception is None else perception.activity
    x = bounded(np.where(np.isnan(read), np.nanmean(read[train], 0), read)).activity
    published = published_threshold_factors(x[train])
    network = _network(perception, o.shape[1], published.value)
    tables = _tables(network, x, o, session)
    predicted, predicted_tables = _open_loop(network, tables, o, session, train_sessions)
    nan = np.full(x.shape[1], np.nan)
    return CausalDescription(
        population=population,
        perception=perception,
        refusal=refusal,
        activity=x,
        log_odds=Estimate(nan, nan, nan) if perception is None else perception.log_odds,
        published_factors=published.value,
        factors=network.factors,
        tables=tables,
        weights=_weight_estimate(perception, tables),
        free_energy=free_energy_trace(x, o, session, tables, network.factors, seed=seed),
        replayed=_replayed(network, x, o, session, (train_sessions, n_surrogates)),
        gain_only=_gain_only(network, population, recording, (train_sessions, n_surrogates)),
        predicted_activity=predicted,
        predicted_weights=_weights(predicted_tables),
    )


def _network(perception: Perception | None, n_channels: int, published: Floats) -> _Network:
    """Return the fitted network; what could not be told is flat, assumed, or published."""
    n = published.shape[1]
    if perception is None:
        naive = np.full((2, 2, n_channels, n), 0.5)
        return _Network(naive, np.full(n, 1 / ASSUMED_PRIOR_COUNT), published)
    found = perception.threshold_factors.value
    rate = np.nan_to_num(perception.learning_rate.value)
    return _Network(
        perception.tables[:, :, 0], rate, np.where(np.isnan(found).any(0), published, found)
    )


def _tables(network: _Network, x: Floats, o: Floats, session: NDArray[np.int64]) -> Floats:
    """Return counts over lambda before each session, (2, 2, sessions, channels, ensembles)."""
    starts = np.flatnonzero(np.diff(session, prepend=-1))
    seen = counts_before(session_counts(o, x, starts), 0.0, 1.0)
    return network.naive[:, :, None] + network.rate * np.moveaxis(seen, 0, 2)


def _weights(tables: Floats) -> Floats:
    odds = np.log(tables[ON] / tables[OFF])
    return np.asarray(odds[ON] - odds[OFF])


def _weight_estimate(perception: Perception | None, tables: Floats) -> Estimate:
    """Return fitted weights with intervals; from the counts, without any, where there are none."""
    weights, unknown = _weights(tables), np.full(tables.shape[2:], np.nan)
    if perception is None:
        return Estimate(weights, unknown, unknown)
    found = perception.weights
    lost = np.isnan(found.value)
    return Estimate(np.where(lost, weights, found.value), found.low, found.high)


def _expected(network: _Network, table: Floats, o: Floats) -> Floats:
    """Return the posterior of eq. 2 under one session's counts (2, 2, channels, ensembles)."""
    logs = np.log(table / table.sum(0))
    odds = logs[:, ON] - logs[:, OFF]
    drive = o @ odds[ON] + (1 - o) @ odds[OFF]
    return np.asarray(expit(drive + network.factors[ON] - network.factors[OFF]))


def _open_loop(
    network: _Network, tables: Floats, o: Floats, session: NDArray[np.int64], train_sessions: int
) -> tuple[Floats, Floats]:
    """Return expected activity and tables; after training the network learns from itself."""
    predicted, table = np.empty((len(o), tables.shape[-1])), tables.copy()
    for k in range(tables.shape[2]):
        here = session == k
        predicted[here] = _expected(network, table[:, :, k], o[here])
        if train_sessions <= k < tables.shape[2] - 1:
            seen = coincidence_counts(o[here], predicted[here])
            table[:, :, k + 1] = table[:, :, k] + network.rate * seen
    return predicted, table


def _session_totals(network: _Network, x: Floats, o: Floats, session: NDArray[np.int64]) -> Floats:
    tables = _tables(network, x, o, session)
    accuracy, complexity = free_energy_terms(x, o, session, tables, network.factors)
    return np.asarray(np.bincount(session, (complexity - accuracy).sum(1)), float)


def _replayed(
    network: _Network, x: Floats, o: Floats, session: NDArray[np.int64], sizes: tuple[int, int]
) -> Estimate:
    train_sessions, n_surrogates = sizes

    def trace(seed: int) -> Floats:
        again = replay(session, train_sessions, seed=seed)
        return _session_totals(network, x[again.trial], o[again.trial], again.session_index)

    return null_band(trace, n_surrogates)


def _gain_only(
    network: _Network, population: Population, recording: Recording, sizes: tuple[int, int]
) -> Estimate:
    """Total free energy where nothing but the gain of every unit drifts."""
    train_sessions, n_surrogates = sizes
    session = recording.session_index
    observed = np.where(recording.valid, recording.responses, np.nan)
    fallback = np.nanmean(population.activity[session < train_sessions], 0)

    def trace(seed: int) -> Floats:
        again = replay(session, train_sessions, seed=seed)
        responses = with_drifting_gain(observed, session, again)
        valid = np.isfinite(responses)
        made = replace(
            recording,
            stimuli=recording.stimuli[again.trial],
            responses=np.where(valid, responses, 0.0),
            valid=valid,
            session=again.session_index,
            sources=None, decisions=None, risk=None, onset_s=None,
        )  # fmt: skip
        x = project(population.projection, made)
        x = np.where(np.isnan(x), fallback, x)
        return _session_totals(network, x, made.stimuli, again.session_index)

    return null_band(trace, n_surrogates)
