"""An ideal observer as regressor: a canonical network learns from the stimuli alone.

Its beliefs x_k(o) about hidden sources sharpen from session to session at a speed that its prior
counts set (docs/theory.md section 6).  Every unit is loaded on them by what it did in training,
so static selectivity and later change are tied.  Responses never teach the network.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.vq import ClusterError, kmeans2
from scipy.special import logit

from hebbayes.core.arrays import OFF, ON
from hebbayes.core.checks import check_at_least, check_between, check_binary
from hebbayes.core.errors import ValueRangeError
from hebbayes.core.firing_rate import firing_rate
from hebbayes.reverse_engineering.forecasting.contract import ChangeForecaster
from hebbayes.reverse_engineering.forecasting.nulls.drift import session_residuals
from hebbayes.reverse_engineering.forecasting.nulls.ridge import fit_ridge
from hebbayes.reverse_engineering.forecasting.sessions import (
    Patterns,
    Session,
    find_patterns,
    pattern_index,
)
from hebbayes.reverse_engineering.synapses import coincidence_counts, effective_synapses

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class ObserverState:
    """State of the ideal observer.

    Attributes:
        counts: (2, 2, channels, sources).
        history: Counts before every training session.
        loadings: Spikes per unit of belief, (sources, units).
        patterns: Stimuli of training.
        before: Mean belief over training for each pattern, (patterns, sources).
    """

    counts: Floats
    history: tuple[Floats, ...]
    loadings: Floats
    patterns: Patterns
    before: Floats


@dataclass(frozen=True)
class IdealObserver(ChangeForecaster[ObserverState]):
    """Change = loadings . (x_k(o) - mean of x over the training sessions).

    If several prior counts or tilts are given, the recording takes those with which change
    within training is followed best, beside evoked responses at every session's own gain.

    Attributes:
        n_sources: Hidden sources; stimulus channels are grouped by their correlations.
        prior_counts: Candidates of lambda, total prior count of a synapse: large is slow to learn.
        tilts: Candidates of how much the naive network already leans to a source's own channels.
        state_prior: D1, prior probability that a source is on.
        forgetting: Share of the evidence lost per session.
    """

    n_sources: int = 2
    prior_counts: tuple[float, ...] = (3000.0,)
    tilts: tuple[float, ...] = (0.01,)
    state_prior: float = 0.5
    forgetting: float = 0.0

    def fit(self, training: Sequence[Session]) -> ObserverState:
        """Return the network and its loadings after training."""
        _check(self, training)
        groups = channel_groups(np.concatenate([s.stimuli for s in training]), self.n_sources)
        patterns = find_patterns(training)
        states = [
            self._fit(naive_counts(groups, self.n_sources, prior_count, tilt), training, patterns)
            for prior_count in self.prior_counts
            for tilt in self.tilts
        ]
        if len(states) == 1:
            return states[0]
        residuals = session_residuals(training)
        followed = [self._followed(state, training, residuals) for state in states]
        return states[int(np.argmax(followed))]

    def predict(self, state: ObserverState, stimuli: Floats) -> Floats:
        """Return the change since training."""
        return self._change(state, state.counts, stimuli)

    def advance(self, state: ObserverState, stimuli: Floats) -> ObserverState:
        """Return the network after it saw a session's stimuli."""
        return replace(state, counts=self._learn(state.counts, state.history[0], stimuli))

    def within(self, state: ObserverState, training: Sequence[Session]) -> list[Floats]:
        """Return the change in each of the training sessions that were fitted."""
        pairs = zip(state.history, training)
        return [self._change(state, counts, session.stimuli) for counts, session in pairs]

    def _fit(self, naive: Floats, training: Sequence[Session], patterns: Patterns) -> ObserverState:
        history, beliefs = [naive], []
        for session in training:
            beliefs.append(self._belief(history[-1], session.stimuli))
            history.append(self._learn(history[-1], naive, session.stimuli))
        loadings = fit_ridge(beliefs, training)[1:]
        past = tuple(history[:-1])
        before = self._mean_belief(past, patterns.stimuli)
        return ObserverState(history[-1], past, loadings, patterns, before)

    def _followed(
        self, state: ObserverState, training: Sequence[Session], residuals: Sequence[Floats]
    ) -> float:
        """How much of the residuals in training the change explains, at its best size above 0."""
        toward, square = 0.0, 1e-300
        for change, session, residual in zip(self.within(state, training), training, residuals):
            seen = np.where(session.valid, change, 0.0)
            toward += float((seen * residual).sum())
            square += float((seen**2).sum())
        return max(toward, 0.0) ** 2 / square

    def _change(self, state: ObserverState, counts: Floats, stimuli: Floats) -> Floats:
        index = pattern_index(state.patterns, stimuli)
        before = state.before[index]
        if (new := index < 0).any():
            before[new] = self._mean_belief(state.history, stimuli[new])
        return (self._belief(counts, stimuli) - before) @ state.loadings

    def _mean_belief(self, history: Sequence[Floats], stimuli: Floats) -> Floats:
        return np.asarray(np.mean([self._belief(then, stimuli) for then in history], axis=0))

    def _belief(self, counts: Floats, stimuli: Floats) -> Floats:
        return belief(counts, stimuli, float(logit(self.state_prior)))

    def _learn(self, counts: Floats, naive: Floats, stimuli: Floats) -> Floats:
        kept = naive + (1 - self.forgetting) * (counts - naive)
        return kept + coincidence_counts(stimuli, self._belief(counts, stimuli))


def belief(counts: Floats, stimuli: Floats, factor: float | Floats) -> Floats:
    """Return x = sig(W o + h) (trials, sources) of counts (2, 2, channels, sources).

    ``factor`` is phi1 - phi0, one for all sources or one each.

    Example:
        >>> belief(np.ones((2, 2, 3, 1)), np.ones((1, 3)), 0.0).tolist()
        [[0.5]]
    """
    synapses = effective_synapses(counts)
    threshold = synapses.normalisers[ON] - synapses.normalisers[OFF] + factor
    return firing_rate(stimuli, synapses.difference, threshold)


def naive_counts(
    groups: NDArray[np.int64], n_sources: int, prior_count: float, tilt: float
) -> Floats:
    """Return prior counts (2, 2, channels, sources) that lean to each source's own channels.

    Example:
        >>> naive_counts(np.array([0, 1]), 2, 100.0, 0.01)[0, :, :, 0].round(6).tolist()
        [[52.0, 51.0], [48.0, 49.0]]
    """
    lean = tilt * (1 + (groups[:, None] == np.arange(n_sources)))
    given = np.stack([0.5 + lean, 0.5 - lean])  # P(channel on), source on and off
    return prior_count * np.stack([given, 1 - given])


def channel_groups(stimuli: Floats, n_sources: int) -> NDArray[np.int64]:
    """Return the group of each channel: channels that go together follow the same source.

    The leading directions of the correlations are clustered, from fixed starts.  Where channels
    show fewer sources than asked for, some groups stay empty.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> sources = rng.integers(0, 2, (200, 2))
        >>> groups = channel_groups(sources[:, [0, 0, 0, 1, 1, 1]].astype(float), 2)
        >>> len(set(groups[:3])), len(set(groups[3:])), int(groups[0] == groups[3])
        (1, 1, 0)
    """
    check_between("n_sources", n_sources, 1, stimuli.shape[1])
    centred = stimuli - stimuli.mean(0)
    scale = centred.std(0)
    together = (centred / np.where(scale > 0, scale, 1.0)).T
    correlation = together @ together.T / len(stimuli)
    values, directions = np.linalg.eigh(correlation)
    place = directions[:, -n_sources:] * np.sqrt(np.maximum(values[-n_sources:], 0.0))
    starts = [0]  # the farthest from all that were chosen, one after the other
    for _ in range(n_sources - 1):
        apart = ((place[:, None] - place[starts]) ** 2).sum(-1).min(1)
        starts.append(int(apart.argmax()))
    try:
        groups = kmeans2(place, place[starts], minit="matrix", missing="raise")[1]
    except ClusterError:  # fewer distinct places than groups
        groups = ((place[:, None] - place[starts]) ** 2).sum(-1).argmin(1)
    return groups.astype(np.int64)


def _check(model: IdealObserver, training: Sequence[Session]) -> None:
    check_at_least("n_sources", model.n_sources, 1)
    check_between("forgetting", model.forgetting, 0.0, 1.0)
    check_between("tilts", np.array(model.tilts), 0.0, 0.2)
    check_at_least(
        "number of prior_counts and tilts", len(model.prior_counts) * len(model.tilts), 1
    )
    if not all(0 < count < np.inf for count in model.prior_counts):
        raise ValueRangeError(f"prior_counts must be above 0; got {model.prior_counts}.")
    if not 0 < model.state_prior < 1:
        raise ValueRangeError(f"state_prior must lie inside (0, 1); got {model.state_prior}.")
    for session in training:
        check_binary("stimuli of a canonical network", session.stimuli)
