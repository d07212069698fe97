"""A recording described causally: nothing that is fitted looks past the training sessions.

A population is described in two ways (docs/theory.md sections 8 and 9).  As ENSEMBLES, with or
without labels: their activity x, the synapses that its counts make, its free energy per session
beside nulls, and what such synapses predict for later sessions.  As a canonical NETWORK whose
posterior the ensembles' mean responses show on a scale of their own: threshold factors, prior
counts and weights with intervals, if they can be identified.  Forecasts of raw responses are in
``forecasting``.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hebbayes.core.arrays import OFF, ON
from hebbayes.core.errors import ValueRangeError
from hebbayes.core.firing_rate import firing_rate
from hebbayes.data.recording import Recording
from hebbayes.reverse_engineering.ensembles.population import Population, ensemble_means
from hebbayes.reverse_engineering.free_energy_trace import (
    FreeEnergyTrace,
    free_energy_terms,
    free_energy_trace,
)
from hebbayes.reverse_engineering.perception import Options, Perception, every_trial, fit_perception
from hebbayes.reverse_engineering.perception.calibration import range_calibration
from hebbayes.reverse_engineering.perception.fit import fit_ensembles
from hebbayes.reverse_engineering.statistics.estimate import Estimate
from hebbayes.reverse_engineering.surrogates import drifting_activity, null_band, replay
from hebbayes.reverse_engineering.synapses import (
    coincidence_counts,
    counts_before,
    session_counts,
)
from hebbayes.reverse_engineering.thresholds import published_threshold_factors

if TYPE_CHECKING:
    from hebbayes.reverse_engineering.perception.evidence import Schedule

Floats = NDArray[np.float64]

FindPopulation = Callable[[Recording], Population]

ASSUMED_PRIOR_COUNT = 3000.0
"""Total prior count of a synapse if the recording does not identify it; that of I23."""

REJECTED = 0.01
"""p-value of the lack of fit below which a canonical network does not describe an ensemble."""


@dataclass(frozen=True, eq=False)
class CausalDescription:
    """What the theory reads from one recording; NaN marks what cannot be identified.

    Attributes:
        population: The ensembles.
        perception: The network, fitted on training sessions; None if it cannot be fitted.
        refusal: Why it cannot be fitted.
        fits_gain: Whether every session has a gain of its own, because the fit without was
            rejected.
        log_odds: (ensembles,), phi1 - phi0 of the network, the consistent estimate.
        assumed_log_odds: The same by convention: rest and evoked response from the range of the
            responses, flat naive synapses, constant gains, and the prior count used for counts.
        activity: (trials, ensembles), x in [0, 1] of the ensembles.
        published_factors: (2, ensembles), ln <x> and ln <1 - x> in training, of the network's
            activity if its scale is known; that of the ensembles is near 1/2 by construction.
        prior_count: (ensembles,), prior count behind ``weights``: the network's, or assumed.
        weights: (sessions, channels, ensembles), W1 - W0.
        free_energy: Per session, under these weights and factors.
        replayed: (sessions,), total free energy of replayed training sessions.
        gain_only: (sessions,), the same if nothing but the gain of every unit drifts.
        predicted_activity: (trials, ensembles), open loop after training.
        predicted_weights: (sessions, channels, ensembles), likewise.
    """

    population: Population
    perception: Perception | None
    refusal: str
    fits_gain: bool
    log_odds: Estimate
    assumed_log_odds: Estimate
    activity: Floats
    published_factors: Floats
    prior_count: Floats
    weights: Floats
    free_energy: FreeEnergyTrace
    replayed: Estimate
    gain_only: Estimate
    predicted_activity: Floats
    predicted_weights: Floats


@dataclass(frozen=True, eq=False)
class _Counting:
    """Synapses by counting: learning rates 1 / lambda (ensembles,), factors (2, ensembles)."""

    rate: Floats
    factors: Floats


def describe_causally(
    recording: Recording,
    find_population: FindPopulation,
    *,
    train_sessions: int,
    schedule: "Schedule" = every_trial,
    n_surrogates: int = 20,
    seed: int = 0,
) -> CausalDescription:
    """Return what the theory reads, fitted on the first ``train_sessions`` sessions alone.

    ``schedule`` sets when synapses learn.  Raises `HebbayesError` if there are no ensembles; if
    only the network cannot be fitted, ``refusal`` states the reason.

    Example:
        >>> from functools import partial
        >>> from hebbayes.reverse_engineering.ensembles.population import population_by_labels
        >>> from hebbayes.simulators import CultureDesign, simulate_culture
        >>> culture = simulate_culture(CultureDesign(n_units=8, n_sessions=4), seed=1).recording
        >>> chosen = partial(population_by_labels, train_sessions=3)
        >>> description = describe_causally(culture, chosen, train_sessions=3, n_surrogates=2)
        >>> description.activity.shape, description.free_energy.total.value.shape
        ((1024, 2), (4,))
    """
    population = find_population(recording)
    o, session = recording.stimuli, recording.session_index
    sizes, train = (train_sessions, n_surrogates), session < train_sessions
    options = Options(train_sessions, schedule)
    network = _network(population, recording, options)
    perception = network.perception
    nan = np.full(len(population.units), np.nan)
    prior_count = nan if perception is None else perception.prior_count.value
    prior_count = np.where(np.isfinite(prior_count), prior_count, ASSUMED_PRIOR_COUNT)
    fallback = np.nanmean(population.activity[train], 0)
    x = np.where(np.isnan(population.activity), fallback, population.activity)
    published = published_threshold_factors(x[train]).value
    counting = _Counting(1 / prior_count, published)
    tables = _tables(counting, x, o, session)
    predicted, predicted_tables = _open_loop(counting, tables, o, session, train_sessions)
    return CausalDescription(
        population=population,
        perception=perception,
        refusal=network.refusal,
        fits_gain=network.fits_gain,
        log_odds=Estimate(nan, nan, nan) if perception is None else perception.log_odds,
        assumed_log_odds=_by_convention(population, recording, options, prior_count),
        activity=x,
        published_factors=published if perception is None else _known(perception, published),
        prior_count=prior_count,
        weights=_weights(tables),
        free_energy=free_energy_trace(x, o, session, tables, published, seed=seed),
        replayed=_replayed(counting, x, o, session, sizes),
        gain_only=_gain_only(counting, population, recording, sizes),
        predicted_activity=predicted,
        predicted_weights=_weights(predicted_tables),
    )


@dataclass(frozen=True, eq=False)
class _Network:
    """The network behind ensembles' mean responses.

    Attributes:
        perception: Its fit; None if it cannot be fitted.
        refusal: Why it cannot be fitted.
        fits_gain: Whether every session has a gain of its own.
    """

    perception: Perception | None
    refusal: str = ""
    fits_gain: bool = False


def _network(population: Population, recording: Recording, options: Options) -> _Network:
    responses = ensemble_means(population, recording)
    o, session = recording.stimuli, recording.session_index
    try:
        worst, fits_gain = _worst_fit(responses, recording, options), False
        if worst < REJECTED:
            with_gain = replace(options, has_gain_drift=True)
            fits_gain = _worst_fit(responses, recording, with_gain) > worst
        chosen = replace(options, has_gain_drift=fits_gain)
        return _Network(fit_perception(responses, o, session, chosen), "", fits_gain)
    except ValueRangeError as error:
        return _Network(None, str(error))


def _worst_fit(responses: Floats, recording: Recording, options: Options) -> float:
    """Return the smallest p-value of the lack of fit, with an affine read-out."""
    plain = replace(options, curvature=0.0, can_forget=False)
    fits = fit_ensembles(responses, recording.stimuli, recording.session_index, plain)
    return min(fit.lack_of_fit for fit in fits)


def _by_convention(
    population: Population, recording: Recording, options: Options, prior_count: Floats
) -> Estimate:
    """Return phi1 - phi0 on the scale of the responses' range, with flat naive synapses."""
    responses = ensemble_means(population, recording)
    o, session = recording.stimuli, recording.session_index
    try:
        rest, evoked = range_calibration(responses, session, options.train_sessions)
        naive = np.full((2, o.shape[1], responses.shape[1]), 0.5)
        given = replace(options, rest=rest, evoked=evoked, naive=naive, prior_count=prior_count)
        return fit_perception(responses, o, session, given).log_odds
    except ValueRangeError:  # no range, or counts below 0: the convention does not apply
        unknown = np.full(responses.shape[1], np.nan)
        return Estimate(unknown, unknown, unknown)


def _known(perception: Perception, otherwise: Floats) -> Floats:
    factors = perception.published_factors.value
    return np.where(np.isfinite(factors).all(0), factors, otherwise)


def _tables(counting: _Counting, x: Floats, o: Floats, session: NDArray[np.int64]) -> Floats:
    """Return counts over lambda before each session, (2, 2, sessions, channels, ensembles)."""
    starts = np.flatnonzero(np.diff(session, prepend=-1))
    seen = counts_before(session_counts(o, x, starts), 0.0, 1.0)
    return 0.5 + counting.rate * np.moveaxis(seen, 0, 2)


def _weights(tables: Floats) -> Floats:
    odds = np.log(tables[ON] / tables[OFF])
    return np.asarray(odds[ON] - odds[OFF])


def _expected(counting: _Counting, table: Floats, o: Floats) -> Floats:
    """Return the posterior of eq. 2 under one session's counts (2, 2, channels, ensembles)."""
    logs = np.log(table / table.sum(0))
    odds = logs[:, ON] - logs[:, OFF]
    threshold = odds[OFF].sum(0) + counting.factors[ON] - counting.factors[OFF]
    return firing_rate(o, odds[ON] - odds[OFF], threshold)


def _open_loop(
    counting: _Counting, tables: Floats, o: Floats, session: NDArray[np.int64], train_sessions: int
) -> tuple[Floats, Floats]:
    """Return expected activity and tables; after training the network learns from itself."""
    predicted, table = np.empty((len(o), tables.shape[-1])), tables.copy()
    for k in range(tables.shape[2]):
        here = session == k
        predicted[here] = _expected(counting, table[:, :, k], o[here])
        if train_sessions <= k < tables.shape[2] - 1:
            seen = coincidence_counts(o[here], predicted[here])
            table[:, :, k + 1] = table[:, :, k] + counting.rate * seen
    return predicted, table


def _session_totals(
    counting: _Counting, x: Floats, o: Floats, session: NDArray[np.int64]
) -> Floats:
    tables = _tables(counting, x, o, session)
    accuracy, complexity = free_energy_terms(x, o, session, tables, counting.factors)
    return np.asarray(np.bincount(session, (complexity - accuracy).sum(1)), float)


def _replayed(
    counting: _Counting, x: Floats, o: Floats, session: NDArray[np.int64], sizes: tuple[int, int]
) -> Estimate:
    train_sessions, n_surrogates = sizes

    def trace(seed: int) -> Floats:
        again = replay(session, train_sessions, seed=seed)
        return _session_totals(counting, x[again.trial], o[again.trial], again.session_index)

    return null_band(trace, n_surrogates)


def _gain_only(
    counting: _Counting, population: Population, recording: Recording, sizes: tuple[int, int]
) -> Estimate:
    """Total free energy if only the gain of every unit drifts."""
    train_sessions, n_surrogates = sizes
    session = recording.session_index
    read = drifting_activity(population.projection, recording)
    fallback = np.nanmean(population.activity[session < train_sessions], 0)

    def trace(seed: int) -> Floats:
        again = replay(session, train_sessions, seed=seed)
        x = read(again)
        x = np.where(np.isnan(x), fallback, x)
        return _session_totals(counting, x, recording.stimuli[again.trial], again.session_index)

    return null_band(trace, n_surrogates)
