"""Recordings in which nothing was learnt, made from one in which something may have been.

Two nulls for a trace of free energy or synapses (docs/theory.md section 8): the training sessions
REPLAYED, and replayed with nothing but each unit's GAIN as it drifted.  A fall that they show too
is no evidence of stimulus-specific plasticity.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from hebbayes.core.checks import check_between
from hebbayes.core.errors import ValueRangeError
from hebbayes.reverse_engineering.ensembles.readout import Readout, unit_places
from hebbayes.reverse_engineering.statistics.estimate import LEVEL, Estimate

if TYPE_CHECKING:
    from hebbayes.data.recording import Recording
    from hebbayes.reverse_engineering.perception.evidence import Indices

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Replay:
    """The order of trials in a surrogate.

    Stimuli and activity go together, so sessions may differ in stimuli and in length.

    Attributes:
        trial: (trials,), place in the recording of every trial of the surrogate.
        session_index: (trials,), its session in the surrogate.
        origin: (sessions,), session of the recording that each session repeats.
    """

    trial: "Indices"
    session_index: "Indices"
    origin: "Indices"


def replay(session_index: "Indices", train_sessions: int, *, seed: int = 0) -> Replay:
    """Return the training sessions unchanged, then one of them drawn for each later session.

    Raises `ValueRangeError` if there are fewer sessions.

    Example:
        >>> replay(np.array([0, 0, 1, 1, 2]), 1).trial.tolist()
        [0, 1, 0, 1, 0, 1]
    """
    n_sessions = int(session_index[-1]) + 1
    check_between("train_sessions", train_sessions, 1, n_sessions)
    drawn = np.random.default_rng(seed).integers(train_sessions, size=n_sessions - train_sessions)
    origin = np.concatenate([np.arange(train_sessions), drawn])
    ends = np.searchsorted(session_index, np.arange(n_sessions + 1))
    trial = np.concatenate([np.arange(ends[s], ends[s + 1]) for s in origin])
    return Replay(trial, np.repeat(np.arange(n_sessions), np.diff(ends)[origin]), origin)


def with_drifting_gain(responses: Floats, session_index: "Indices", replayed: Replay) -> Floats:
    """Return responses (trials, units) of the replay, scaled as the recording's units drifted.

    A unit's gain is its mean response in a session over that in the session replayed; NaN marks
    what was not observed.  A unit that is silent in the replayed session stays silent.

    Example:
        >>> r, session = np.array([[1.0], [3.0], [4.0], [4.0]]), np.array([0, 0, 1, 1])
        >>> with_drifting_gain(r, session, replay(session, 1)).ravel().tolist()
        [1.0, 3.0, 2.0, 6.0]
    """
    gain = _gain_ratio(_session_means(responses, session_index), replayed)
    return responses[replayed.trial] * gain[replayed.session_index]


def _session_means(responses: Floats, session_index: "Indices") -> Floats:
    use = np.isfinite(responses)
    starts = np.flatnonzero(np.diff(session_index, prepend=-1))
    sums = np.add.reduceat(np.where(use, responses, 0.0), starts, axis=0)
    n = np.add.reduceat(use.astype(float), starts, axis=0)
    return np.divide(sums, n, out=np.full(sums.shape, np.nan), where=n > 0)


def _gain_ratio(mean: Floats, replayed: Replay) -> Floats:
    before = mean[replayed.origin]
    return np.divide(mean, before, out=np.zeros(mean.shape), where=before != 0)


def drifting_activity(projection: Readout, recording: "Recording") -> Callable[[Replay], Floats]:
    """Return the activity in each replay whose unit gains drift as those of the recording.

    The same as `project` of `with_drifting_gain`, (trials, ensembles), but gains are folded into
    the weights of each session, so that further surrogates cost little.

    Example:
        >>> from hebbayes.data.recording import Recording
        >>> import numpy as np
        >>> from hebbayes.reverse_engineering.ensembles.readout import standardisation_of
        >>> recording = Recording(np.ones((4, 1)), np.array([[1], [3], [4], [4]]), [0, 0, 1, 1])
        >>> kept = standardisation_of(recording, np.arange(4) < 2)
        >>> read = drifting_activity(Readout(kept, np.array([[2.0]]), np.zeros(1)), recording)
        >>> read(replay(recording.session_index, 1)).round(3).ravel().tolist()
        [0.119, 0.881, 0.5, 1.0]
    """
    unit = unit_places(projection.standardisation, recording)
    valid, session_index = recording.valid[:, unit], recording.session_index
    responses = np.where(valid, recording.responses[:, unit], np.nan).astype(float)
    mean = _session_means(responses, session_index)
    responses[~valid] = 0.0
    seen = valid.astype(float)
    M = projection.weights / projection.standardisation.scale[:, None]
    at_mean = projection.standardisation.mean[:, None] * M
    ends = np.searchsorted(session_index, np.arange(recording.n_sessions + 1))

    def read(replayed: Replay) -> Floats:
        gain, odds = _gain_ratio(mean, replayed)[:, :, None], []
        is_known = np.asarray(np.isfinite(gain))
        for s, origin in enumerate(replayed.origin):
            here = slice(ends[origin], ends[origin + 1])
            scaled = np.where(is_known[s], gain[s] * M, 0.0)
            odds.append(responses[here] @ scaled - seen[here] @ np.where(is_known[s], at_mean, 0))
        x = expit(np.concatenate(odds) + projection.offset)
        reads = is_known[replayed.session_index, :, 0] & valid[replayed.trial]
        return np.where(reads.any(axis=1, keepdims=True), x, np.nan)

    return read


def null_band(
    trace_of: Callable[[int], Floats], n_surrogates: int = 20, level: float = LEVEL
) -> Estimate:
    """Return mean and spread of surrogates, session by session.

    ``trace_of(seed)`` returns the trace (sessions,) of one surrogate.  Raises `ValueRangeError` for
    fewer than two.

    Example:
        >>> null_band(lambda seed: np.array([float(seed)]), 3).value.tolist()
        [1.0]
    """
    if n_surrogates < 2:
        raise ValueRangeError(f"n_surrogates must be at least 2; got {n_surrogates}.")
    traces = np.stack([trace_of(seed) for seed in range(n_surrogates)])
    low, high = np.quantile(traces, (0.5 - level / 2, 0.5 + level / 2), axis=0)
    return Estimate(traces.mean(0), low, high)
