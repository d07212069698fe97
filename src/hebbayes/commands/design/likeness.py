"""What an experiment like a given recording would be: sizes, rates, noise and gain drift.

All cultures of the file count alike.  Fano factor and drift are measured about every unit's own
gain in every session, so that one is not taken for the other.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hebbayes.commands.check import check_reading, read
from hebbayes.commands.configs import ReadingConfig
from hebbayes.core.errors import FormatError, ValueRangeError
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
    from hebbayes.commands.configs.design import DesignConfig
    from hebbayes.data.recording import Recording

Floats = NDArray[np.float64]

TAIL = 0.05
"""x = 0 and 1 are taken where evoked responses have this quantile and its complement."""


def likeness(config: "DesignConfig") -> dict[str, Any]:
    """Return what the file `config.like` says of a design, by the flag that it stands for.

    Raises `HebbayesError` for a file that cannot be read, or of which no culture has an active
    unit.

    Example:
        >>> from hebbayes.commands.configs.design import DesignConfig
        >>> from pathlib import Path
        >>> likeness(DesignConfig(like=Path("no-such-file")))
        Traceback (most recent call last):
            ...
        hebbayes.core.errors.FormatError: cannot read no-such-file: No such file or directory.
    """
    assert config.like is not None  # asked for by whoever calls
    reading = ReadingConfig(condition=config.condition, session_length=config.session_length)
    check_reading(reading)
    held = read(config.like, reading)
    if not held.recordings:
        first = min(held.failures)
        raise FormatError(f"no culture of {config.like} can be read; culture {first}: "
                          f"{held.failures[first]}")  # fmt: skip
    parts, why = [], ""
    for recording in held.recordings.values():
        try:
            parts.append(measured_of(recording))
        except ValueRangeError as error:
            why = str(error)
    if not parts:
        raise ValueRangeError(f"no culture of {config.like} can be measured: {why}")
    return {"cultures": len(held.recordings), **_pooled(parts)}


def measured_of(recording: "Recording") -> dict[str, Any]:
    """Return sizes, rates, noise and gain drift of one recording.

    Raises `ValueRangeError` where no unit is active.

    Example:
        >>> from hebbayes.simulators import AffineReadout, CultureDesign, simulate_culture
        >>> design = CultureDesign(n_units=20, n_sessions=12, n_trials=200, fano=0.5,
        ...                        readout=AffineReadout(), gain_drift=0.1)
        >>> found = measured_of(simulate_culture(design).recording)
        >>> found["units"], found["stimulation"], round(found["fano"], 1)
        (20, 'repeated', 0.5)
        >>> 0.07 < found["gain_drift"] < 0.13
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
        "fano": asked_fano(_fano(sessions, every.mean(0)), every),
        "gain_drift": gain_drift_of(_log_gains(sessions, forecasts)),
        "stimulation": _stimulation(sessions),
    }


def asked_fano(fano: float, rates: Floats) -> float:
    """Return the Fano factor to ask the simulator for, so that counts at these rates have ``fano``.

    Below 1 counts are binomial in whole chances, which makes them vary more than asked for.

    Example:
        >>> rates = np.full((1, 1), 1.0)  # asked for 0.4, two chances with 1 / 2 each
        >>> round(asked_fano(0.5, rates), 1) <= 0.5, asked_fano(1.3, rates)
        (True, 1.3)
    """
    if fano >= 1:
        return fano
    rate = np.maximum(rates, 0.0)

    def given(asked: float) -> float:
        chances = np.maximum(np.ceil(rate / (1 - asked)), 1.0)
        return float(
            np.mean((rate * (1 - rate / chances)).mean(0) / np.maximum(rate.mean(0), 1e-9))
        )

    low, high = 0.01, 0.99
    for _ in range(20):
        middle = (low + high) / 2
        low, high = (middle, high) if given(middle) < fano else (low, middle)
    return (low + high) / 2


def gain_drift_of(log_gains: Floats) -> float:
    """Return the step per session of random walks seen through noise, (sessions, units), NaN apart.

    A difference of neighbours has the variance of the step and twice the noise's; neighbouring
    differences have minus the noise's as their covariance.  Less than nothing is nothing.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> walk = np.cumsum(rng.normal(0, 0.1, (400, 50)), axis=0)
        >>> 0.09 < gain_drift_of(walk + rng.normal(0, 0.1, walk.shape)) < 0.11
        True
    """
    step = np.diff(log_gains, axis=0)
    if len(step) < 2:
        return 0.0
    variance = float(np.nanmean(step**2) + 2 * np.nanmean(step[1:] * step[:-1]))
    return float(np.sqrt(max(variance, 0.0))) if np.isfinite(variance) else 0.0


def _sessions(recording: "Recording") -> list[Session]:
    """All sessions, with the units that are active in them taken together."""
    n = recording.n_sessions
    if n == 1:
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
    """Variance about evoked responses at each session's own gain, over the mean, of all units.

    Where neighbouring sessions show the same stimuli, half the square of their difference: slow
    changes of what is evoked are no noise.
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
            "stimuli repeat too rarely to tell noise from responses; give --fano."
        )
    return float(np.mean(square / free / mean))


def _neighbours(sessions: list[Session], residuals: list[Floats]) -> tuple[Floats, Floats]:
    """Half the squared differences of trials alike in neighbouring sessions, and their number."""
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


def _pooled(parts: list[dict[str, Any]]) -> Mapping[str, Any]:
    """Means over cultures, whole where the flag is; the commonest word."""
    pooled: dict[str, Any] = {}
    for name, first in parts[0].items():
        values = [part[name] for part in parts]
        if isinstance(first, str):
            pooled[name] = max(sorted(set(values)), key=values.count)
        else:
            mean = float(np.mean(values))
            pooled[name] = max(int(np.rint(mean)), 1) if isinstance(first, int) else mean
    return pooled
