"""Sizes, rates, noise and gain drift of a recording, for the simulation of one like it.

Fano factor and drift are measured relative to every unit's gain in every session, so that neither
is mistaken for the other.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hebbayes.core.errors import ValueRangeError
from hebbayes.reverse_engineering.forecasting.nulls.drift import session_gain, session_residuals
from hebbayes.reverse_engineering.forecasting.nulls.static import Evoked
from hebbayes.reverse_engineering.forecasting.sessions import (
    Session,
    find_patterns,
    is_repeated,
    pattern_index,
    split_sessions,
)

if TYPE_CHECKING:
    from hebbayes.data.recording import Recording

Floats = NDArray[np.float64]

TAIL = 0.05
"""Evoked responses at this quantile and its complement stand for x = 0 and x = 1."""


def recording_statistics(recording: "Recording") -> dict[str, Any]:
    """Return sizes, rates, noise and gain drift of one recording, by flag of `design`.

    Raises `ValueRangeError` if no unit is active.

    Example:
        >>> from hebbayes.simulators import AffineReadout, CultureDesign, simulate_culture
        >>> design = CultureDesign(n_units=20, n_sessions=12, n_trials=200, fano=0.5,
        ...                        readout=AffineReadout(), gain_drift=0.1)
        >>> statistics = recording_statistics(simulate_culture(design).recording)
        >>> statistics["units"], statistics["stimulation"], round(statistics["fano"], 1)
        (20, 'repeated', 0.5)
        >>> 0.07 < statistics["gain_drift"] < 0.13
        True
    """
    n_sessions = recording.n_sessions
    sessions = _sessions(recording)
    lengths = [len(s.stimuli) for s in sessions]
    evoked = Evoked().fit(sessions)
    forecasts = [Evoked().predict(evoked, s.stimuli) for s in sessions]
    every = np.concatenate(forecasts)
    low, high = np.maximum(np.quantile(every, [TAIL, 1 - TAIL], axis=0), 1e-3)
    span = np.maximum(high - low, 1e-3)
    return {
        "sources": 2 if recording.sources is None else int(recording.sources.shape[1]),
        "stimuli": recording.n_channels,
        "units": every.shape[1],
        "sessions": n_sessions,
        "trials": int(np.rint(np.mean(lengths))),
        "rest": float(low.mean()),
        "evoked": float(span.mean()),
        "spread": float(np.log(span).std()),
        "fano": simulator_fano(_fano(sessions, every.mean(0)), every),
        "gain_drift": estimate_gain_drift(_log_gains(sessions, forecasts)),
        "stimulation": _stimulation(sessions),
    }


def simulator_fano(fano: float, rates: Floats) -> float:
    """Return the simulator's Fano factor with which counts at these rates have ``fano``.

    Below 1, the simulator draws binomial counts; rounding their number of chances up makes them
    more variable than its argument says.

    Example:
        >>> rates = np.full((1, 1), 1.0)  # with 0.4: two chances of 1 / 2 each
        >>> round(simulator_fano(0.5, rates), 1) <= 0.5, simulator_fano(1.3, rates)
        (True, 1.3)
    """
    if fano >= 1:
        return fano
    rate = np.maximum(rates, 0.0)

    def count_fano(parameter: float) -> float:
        chances = np.maximum(np.ceil(rate / (1 - parameter)), 1.0)
        return float(
            np.mean((rate * (1 - rate / chances)).mean(0) / np.maximum(rate.mean(0), 1e-9))
        )

    low, high = 0.01, 0.99
    for _ in range(20):
        middle = (low + high) / 2
        low, high = (middle, high) if count_fano(middle) < fano else (low, middle)
    return (low + high) / 2


def estimate_gain_drift(log_gains: Floats) -> float:
    """Return the step per session of noisy random walks, (sessions, units), ignoring NaN.

    The difference between neighbouring sessions has the variance of the step plus twice that of
    the noise; successive differences have minus the noise variance as their covariance.  A
    negative estimate of the step variance counts as 0.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> walk = np.cumsum(rng.normal(0, 0.1, (400, 50)), axis=0)
        >>> 0.09 < estimate_gain_drift(walk + rng.normal(0, 0.1, walk.shape)) < 0.11
        True
    """
    step = np.diff(log_gains, axis=0)
    if len(step) < 2:
        return 0.0
    variance = float(np.nanmean(step**2) + 2 * np.nanmean(step[1:] * step[:-1]))
    return float(np.sqrt(max(variance, 0.0))) if np.isfinite(variance) else 0.0


def _sessions(recording: "Recording") -> list[Session]:
    """All sessions, restricted to units that are active over the whole recording."""
    if recording.is_signed:
        raise ValueRangeError(
            "responses are signals of any sign and the simulator draws counts; give --rest, "
            "--evoked and the other flags for a design with counts."
        )
    if recording.n_sessions == 1:
        raise ValueRangeError(
            "a recording of one session shows no drift; give --gain-drift and the other flags."
        )
    labels = np.unique(recording.session)
    rate = np.where(recording.valid, recording.responses, 0).sum(0) / np.maximum(
        recording.valid.sum(0), 1
    )
    active = np.flatnonzero(rate > 0.3)
    if active.size == 0:
        raise ValueRangeError("no unit has a mean above 0.3 spikes per trial.")
    split = split_sessions(recording.select(units=active), len(labels) - 1, min_rate=-1.0)
    return [*split.training, *split.later]


def _fano(sessions: list[Session], mean: Floats) -> float:
    """Variance around evoked responses at each session's gain over the mean, averaged over units.

    If neighbouring sessions show the same stimuli, the variance is half the squared difference, so
    that slow changes of evoked responses do not count as noise.
    """
    residuals = session_residuals(sessions)
    square, free = _neighbours(sessions, residuals)
    if not (free > 0).all():
        square = np.sum([(r**2).sum(0) for r in residuals], axis=0)
        n = np.sum([s.valid.sum(0) for s in sessions], axis=0)
        stimuli = np.concatenate([s.stimuli for s in sessions])
        means = len(np.unique(stimuli, axis=0)) if is_repeated(sessions) else 0
        free = n - len(sessions) - means
    if not (free > 0).all():
        raise ValueRangeError(
            "stimuli repeat too rarely to separate noise from responses; give --fano."
        )
    return float(np.mean(square / free / mean))


def _neighbours(sessions: list[Session], residuals: list[Floats]) -> tuple[Floats, Floats]:
    """Sum of half the squared differences between trials of neighbouring sessions; their number."""
    patterns = find_patterns(sessions)
    index = [pattern_index(patterns, s.stimuli) for s in sessions]
    order = [np.argsort(i, kind="stable") for i in index]
    square, n = np.zeros(residuals[0].shape[1]), np.zeros(residuals[0].shape[1])
    for k in range(len(sessions) - 1):
        one, two = (index[j][order[j]] for j in (k, k + 1))
        if len(one) != len(two) or (one != two).any():
            continue
        change = residuals[k + 1][order[k + 1]] - residuals[k][order[k]]
        valid = sessions[k + 1].valid[order[k + 1]] & sessions[k].valid[order[k]]
        square += np.where(valid, change**2 / 2, 0.0).sum(0)
        n += valid.sum(0)
    return square, n


def _log_gains(sessions: list[Session], forecasts: list[Floats]) -> Floats:
    ones = np.ones(forecasts[0].shape[1])
    gains = np.stack([session_gain(s, f, ones)[0] for s, f in zip(sessions, forecasts)])
    return np.log(np.where(gains > 0.05, gains, np.nan))


def _stimulation(sessions: list[Session]) -> str:
    if not is_repeated(sessions):
        return "fresh"
    first = sessions[0].stimuli
    same = [len(s.stimuli) == len(first) and (s.stimuli == first).all() for s in sessions]
    return "repeated" if all(same) else "shuffled"


def mean_statistics(parts: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    """Return means over recordings, rounded for integers; the most frequent value for words.

    Example:
        >>> mean_statistics([{"units": 3, "fano": 0.4}, {"units": 6, "fano": 0.6}])
        {'units': 4, 'fano': 0.5}
    """
    pooled: dict[str, Any] = {}
    for name, first in parts[0].items():
        values = [part[name] for part in parts]
        if isinstance(first, str):
            pooled[name] = max(sorted(set(values)), key=values.count)
        else:
            mean = float(np.mean(values))
            pooled[name] = max(int(np.rint(mean)), 1) if isinstance(first, int) else mean
    return pooled
