"""A prior count (lambda) for every unit, drawn towards a population whose mean is learnt.

ln lambda of a unit is normal about that of the population (empirical Bayes), whose mean and spread
have the highest marginal likelihood over units, in the training sessions or in those of other
recordings (`learn_population`); nothing that is scored has a say.  Every candidate of lambda is a
network of its own that runs on by itself, and a unit follows their posterior mean.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_softmax, softmax

from hebbayes.core.checks import check_at_least
from hebbayes.core.errors import ValueRangeError
from hebbayes.reverse_engineering.forecasting.contract import ChangeForecaster, Forecaster
from hebbayes.reverse_engineering.forecasting.nulls.static import Evoked
from hebbayes.reverse_engineering.forecasting.theory.canonical import CanonicalChange
from hebbayes.reverse_engineering.forecasting.theory.ideal_observer import IdealObserver

if TYPE_CHECKING:
    from hebbayes.reverse_engineering.forecasting.sessions import Session

Floats = NDArray[np.float64]
Network = CanonicalChange | IdealObserver

PRIOR_COUNTS = tuple(float(count) for count in np.geomspace(100.0, 100_000.0, 7))
"""Candidates of lambda; with the largest next to nothing is learnt in a recording."""

SPREADS = tuple(float(spread) for spread in np.geomspace(0.5, 4.0, 10))
"""Candidates of the standard deviation of ln lambda among units: no finer than the grid."""


@dataclass(frozen=True)
class CountPopulation:
    """ln lambda of a unit is normal with this mean and standard deviation."""

    mean: float
    spread: float


@dataclass(frozen=True, eq=False)
class HierarchicalState:
    """One network per candidate of lambda, weighted for each unit.

    Attributes:
        states: Of the networks.
        log_likelihood: (candidates, units).
        weights: (candidates, units), sum to 1 over candidates.
        population: Prior of ln lambda over units.
        prior_count: exp E[ln lambda], (units,).
    """

    states: tuple[Any, ...]
    log_likelihood: Floats
    weights: Floats
    population: CountPopulation
    prior_count: Floats


@dataclass(frozen=True)
class HierarchicalCount(ChangeForecaster[HierarchicalState]):
    """Change = posterior mean over lambda of each unit, of what the network at lambda shows.

    Attributes:
        network: What learns; its own prior count gives way to the candidates.
        prior_counts: Candidates of lambda.
        population: Of ln lambda; None learns it from the units of the recording itself.
        evoked: Responses whose gain is left free in every session, beside change.
    """

    network: Network = field(default_factory=IdealObserver)
    prior_counts: tuple[float, ...] = PRIOR_COUNTS
    population: CountPopulation | None = None
    evoked: Forecaster[Any] = field(default_factory=Evoked)

    def fit(self, training: Sequence["Session"]) -> HierarchicalState:
        """Return the networks and every unit's posterior of lambda.

        Raises `ValueRangeError` for analog stimuli, or candidates that are not above 0.
        """
        states, log_likelihood = _likelihoods(self, training)
        log_counts = np.log(self.prior_counts)
        population = self.population or fit_population(log_likelihood, log_counts)
        weights = posterior(log_likelihood, log_counts, population)
        return HierarchicalState(
            states, log_likelihood, weights, population, np.exp(log_counts @ weights)
        )

    def predict(self, state: HierarchicalState, stimuli: Floats) -> Floats:
        """Return the change since training."""
        changes = [n.predict(s, stimuli) for n, s in zip(_networks(self), state.states)]
        return np.einsum("ctu,cu->tu", np.stack(changes), state.weights)

    def advance(self, state: HierarchicalState, stimuli: Floats) -> HierarchicalState:
        """Return the state after every network ran on by itself."""
        pairs = zip(_networks(self), state.states)
        return replace(state, states=tuple(n.advance(s, stimuli) for n, s in pairs))

    def update(self, state: HierarchicalState, session: "Session") -> HierarchicalState:
        """Return the state after a session that was observed; lambda stays as fitted."""
        pairs = zip(_networks(self), state.states)
        return replace(state, states=tuple(n.update(s, session) for n, s in pairs))


def learn_population(
    recordings: Sequence[Sequence["Session"]], model: HierarchicalCount | None = None
) -> CountPopulation:
    """Return the population of ln lambda over the units of several recordings.

    ``recordings`` holds the training sessions of each.  Give the result to the model that
    forecasts ANOTHER recording.  Raises `ValueRangeError` without any recording.

    Example:
        >>> from hebbayes.reverse_engineering.forecasting.sessions import split_sessions
        >>> from hebbayes.simulators import CultureDesign, simulate_culture
        >>> design = CultureDesign(n_units=4, n_sessions=4, n_trials=48)
        >>> culture = simulate_culture(design).recording
        >>> population = learn_population([split_sessions(culture, 3).training])
        >>> 4 < population.mean < 12
        True
    """
    if not recordings:
        raise ValueRangeError("a population of prior counts needs at least one recording.")
    model = model or HierarchicalCount()
    tables = [_likelihoods(model, training)[1] for training in recordings]
    return fit_population(np.concatenate(tables, axis=1), np.log(model.prior_counts))


def fit_population(log_likelihood: Floats, log_counts: Floats) -> CountPopulation:
    """Return the population of highest marginal likelihood, from (candidates, units).

    Means between the least and the largest candidate and `SPREADS` are tried.

    Example:
        >>> log_counts = np.log([100.0, 1000.0, 10000.0])
        >>> sure = np.array([[0.0], [50.0], [0.0]])
        >>> population = fit_population(np.tile(sure, 5), log_counts)
        >>> bool(abs(population.mean - log_counts[1]) < 0.4), population.spread < 1
        (True, True)
    """
    means = np.linspace(log_counts.min(), log_counts.max(), 4 * len(log_counts) - 3)
    tried = [CountPopulation(float(mean), spread) for mean in means for spread in SPREADS]
    prior = np.exp([_log_prior(log_counts, one) for one in tried])
    likelihood = np.exp(log_likelihood - log_likelihood.max(0))  # (candidates, units)
    with np.errstate(divide="ignore"):
        marginal = np.log(prior @ likelihood).sum(1)
    return tried[int(np.argmax(marginal))]


def posterior(log_likelihood: Floats, log_counts: Floats, population: CountPopulation) -> Floats:
    """Return every unit's probabilities of the candidates, (candidates, units).

    Example:
        >>> flat = np.zeros((3, 1))
        >>> posterior(flat, np.array([4.0, 6.0, 8.0]), CountPopulation(6.0, 0.1)).ravel().round(6)
        array([0., 1., 0.])
    """
    return np.asarray(softmax(log_likelihood + _log_prior(log_counts, population)[:, None], axis=0))


def _log_prior(log_counts: Floats, population: CountPopulation) -> Floats:
    height = -0.5 * ((log_counts - population.mean) / population.spread) ** 2
    return np.asarray(log_softmax(height))


def _networks(model: HierarchicalCount) -> list[Network]:
    if isinstance(model.network, CanonicalChange):
        return [replace(model.network, prior_count=count) for count in model.prior_counts]
    return [replace(model.network, prior_counts=(count,)) for count in model.prior_counts]


def _likelihoods(
    model: HierarchicalCount, training: Sequence["Session"]
) -> tuple[tuple[Any, ...], Floats]:
    """Fitted networks, and ln p(training | lambda) of units up to a constant (candidates, units).

    Gaussian noise about evoked responses at a gain that is free in every session, plus change.
    """
    check_at_least("number of prior_counts", len(model.prior_counts), 1)
    networks: list[Any] = list(_networks(model))
    states = tuple(network.fit(training) for network in networks)
    evoked, fitted = [], model.evoked.fit(training)
    for session in training:
        forecast = model.evoked.predict(fitted, session.stimuli)
        evoked.append(np.where(session.valid, forecast, 0.0))
    residuals = [_residual(s, s.observed, f) for s, f in zip(training, evoked)]
    trials = np.sum([session.valid.sum(0) for session in training], axis=0)
    square = np.sum([(r**2).sum(0) for r in residuals], axis=0)
    noise = np.maximum(square / trials, 1e-9)
    rows = []
    for network, state in zip(networks, states):
        toward = np.zeros(len(noise))
        for session, f, r, change in zip(
            training, evoked, residuals, network.within(state, training)
        ):
            beside = _residual(session, np.where(session.valid, change, 0.0), f)
            toward += (r * beside - beside**2 / 2).sum(0)
        rows.append(toward / noise)
    return states, np.stack(rows)


def _residual(session: "Session", values: Floats, evoked: Floats) -> Floats:
    """What evoked responses at the gain that fits best leave, 0 if not observed."""
    square = (evoked**2).sum(0)
    gain = (values * evoked).sum(0) / np.where(square > 0, square, 1.0)
    return np.where(session.valid, values - gain * evoked, 0.0)
