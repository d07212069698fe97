"""A latent canonical network fitted to training responses by gradient through its own learning.

Naive synapses, prior counts and thresholds are free; the network infers and learns session by
session, and units read its beliefs linearly (solved in closed form inside the loss).  Several
starts, L-BFGS, JAX for the gradient, imported only here; convergence is reported.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit

from hebbayes.core.checks import check_at_least, check_binary
from hebbayes.reverse_engineering.forecasting.contract import ChangeForecaster, Forecaster
from hebbayes.reverse_engineering.forecasting.nulls.ridge import fit_ridge
from hebbayes.reverse_engineering.forecasting.nulls.static import Evoked
from hebbayes.reverse_engineering.forecasting.theory.ideal_observer import belief, channel_groups
from hebbayes.reverse_engineering.synapses import coincidence_counts

if TYPE_CHECKING:
    from hebbayes.reverse_engineering.forecasting.sessions import Session

Floats = NDArray[np.float64]

USUAL_COUNT = 3000.0
"""Prior count whose parameter is 0."""


@dataclass(frozen=True)
class Convergence:
    """The end of one start of the optimiser.

    Attributes:
        loss: Share of variance left.
        gradient: Largest entry.
        n_steps: Steps taken.
        is_converged: Whether it converged.
    """

    loss: float
    gradient: float
    n_steps: int
    is_converged: bool


@dataclass(frozen=True, eq=False)
class LatentState:
    """The fitted network after training.

    Attributes:
        counts: (2, 2, channels, sources).
        history: Counts before every training session.
        factor: phi1 - phi0, (sources,).
        loadings: (sources, units).
        prior_count: lambda.
        starts: The end of every start, the best first.
    """

    counts: Floats
    history: tuple[Floats, ...]
    factor: Floats
    loadings: Floats
    prior_count: float
    starts: tuple[Convergence, ...]


@dataclass(frozen=True)
class LatentNetwork(ChangeForecaster[LatentState]):
    """Change = loadings . (x_k(o) - mean of x over the training sessions), everything fitted.

    Attributes:
        n_sources: Latent units of the network.
        n_starts: Starts; the first leans to groups of correlated channels, others are random.
        n_steps: Most steps of L-BFGS per start.
        seed: Of the random starts.
        evoked: Replaces responses that were not observed.
    """

    n_sources: int = 2
    n_starts: int = 4
    n_steps: int = 200
    seed: int = 0
    evoked: Forecaster[Any] = field(default_factory=Evoked)

    def fit(self, training: Sequence["Session"]) -> LatentState:
        """Return the best of all starts."""
        for name in ("n_sources", "n_starts", "n_steps"):
            check_at_least(name, getattr(self, name), 1)
        for session in training:
            check_binary("stimuli of a canonical network", session.stimuli)
        from hebbayes.reverse_engineering.forecasting.theory.latent_loss import loss_and_gradient

        slope = loss_and_gradient(
            *_padded(training, self.evoked), self.n_sources, usual_count=USUAL_COUNT
        )
        ends = [
            minimize(slope, start, jac=True, method="L-BFGS-B", options={"maxiter": self.n_steps})
            for start in self._starts(training)
        ]
        ends.sort(key=lambda end: float(end.fun))
        return _state(ends[0].x, training, self.n_sources, tuple(map(_convergence, ends)))

    def predict(self, state: LatentState, stimuli: Floats) -> Floats:
        """Return the change since training."""
        before = np.mean([belief(c, stimuli, state.factor) for c in state.history], axis=0)
        return (belief(state.counts, stimuli, state.factor) - before) @ state.loadings

    def advance(self, state: LatentState, stimuli: Floats) -> LatentState:
        """Return the network after it saw a session's stimuli."""
        return replace(state, counts=_learn(state.counts, stimuli, state.factor))

    def _starts(self, training: Sequence["Session"]) -> list[Floats]:
        rng = np.random.default_rng(self.seed)
        stimuli = np.concatenate([session.stimuli for session in training])
        groups = channel_groups(stimuli, self.n_sources)
        own = np.where(groups[:, None] == np.arange(self.n_sources), 0.08, 0.04)
        leans = [own, *rng.normal(0, 0.1, (self.n_starts - 1, *own.shape))]
        rest = np.concatenate([[0.0], np.zeros(self.n_sources)])
        return [np.concatenate([rest, lean.ravel()]) for lean in leans]


def _unpack(parameters: Floats, n_sources: int) -> tuple[Floats, float, Floats]:
    """Naive counts, prior count and factor of a parameter vector."""
    prior_count = USUAL_COUNT * float(np.exp(parameters[0]))
    lean = parameters[1 + n_sources :].reshape(-1, n_sources)
    given = expit(np.stack([lean, -lean]))  # P(channel on), source on and off
    counts = prior_count * np.stack([given, 1 - given])
    return counts, prior_count, parameters[1 : 1 + n_sources]


def _learn(counts: Floats, stimuli: Floats, factor: Floats) -> Floats:
    return counts + coincidence_counts(stimuli, belief(counts, stimuli, factor))


def _state(
    parameters: Floats,
    training: Sequence["Session"],
    n_sources: int,
    starts: tuple[Convergence, ...],
) -> LatentState:
    naive, prior_count, factor = _unpack(np.asarray(parameters, np.float64), n_sources)
    history = [naive]
    for session in training:
        history.append(_learn(history[-1], session.stimuli, factor))
    beliefs = [belief(c, s.stimuli, factor) for c, s in zip(history, training)]
    loadings = fit_ridge(beliefs, training)[1:]
    return LatentState(history[-1], tuple(history[:-1]), factor, loadings, prior_count, starts)


def _convergence(end: Any) -> Convergence:
    largest = float(np.abs(end.jac).max())
    return Convergence(float(end.fun), largest, int(end.nit), bool(end.success))


def _padded(
    training: Sequence["Session"], evoked: Forecaster[Any]
) -> tuple[Floats, Floats, Floats]:
    """Stimuli, centred responses (sessions, trials, .) and which trials are there."""
    state = evoked.fit(training)
    longest = max(len(session.stimuli) for session in training)
    filled = [np.where(s.valid, s.observed, evoked.predict(state, s.stimuli)) for s in training]
    mean = np.concatenate(filled).mean(0)

    def pad(values: Floats) -> Floats:
        return np.pad(values, [(0, longest - len(values)), *[(0, 0)] * (values.ndim - 1)])

    return (
        np.stack([pad(s.stimuli) for s in training]),
        np.stack([pad(r - mean) for r in filled]),
        np.stack([pad(np.ones(len(r))) for r in filled]),
    )
