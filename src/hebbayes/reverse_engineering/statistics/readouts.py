"""Simple read-outs of the stimuli: the baseline of any prediction of late responses.

Squared errors of single-trial activity in the last sessions (docs/theory.md section 8), with
intervals over the sessions scored.  The saturated and drifting nulls are left out here.
"""

import numpy as np
from numpy.typing import NDArray

from hebbayes.core.errors import ShapeError
from hebbayes.reverse_engineering.statistics.bootstrap import resampled_gains
from hebbayes.reverse_engineering.statistics.estimate import Estimate

Floats = NDArray[np.float64]


def linear_readout(stimuli: Floats, activity: Floats) -> Floats:
    """Return the least-squares coefficients (1 + channels, ensembles), the constant first.

    Example:
        >>> linear_readout(np.array([[0.0], [1.0]]), np.array([[1.0], [3.0]])).round(6).tolist()
        [[1.0], [2.0]]
    """
    design = _with_constant(stimuli)
    # normal equations: 2,560 trials shrink to 33 rows, and sums of 0 and 1 are exact
    return np.asarray(np.linalg.lstsq(design.T @ design, design.T @ activity, rcond=None)[0])


def squared_errors(
    activity: Floats,
    predicted: Floats,
    stimuli: Floats,
    session_index: NDArray[np.int64],
    n_sessions: int = 10,
) -> dict[str, Floats]:
    """Return the mean squared error of each model in each session scored.

    The last ``n_sessions`` are scored, fewer if they would reach into the first
    ``n_sessions``, in which the nulls are fitted.  Models: ``protocol`` (the given
    prediction), ``constant`` (mean of the first sessions), ``linear`` (static read-out fitted on
    the first sessions) and ``floor`` (linear read-out fitted on what is scored: not a forecast).
    Raises `ShapeError` if no session is left to score.

    Example:
        >>> o, x = np.array([[0.0], [1.0], [0.0], [1.0]]), np.array([[0.0], [1.0], [0.0], [1.0]])
        >>> errors = squared_errors(x, x, o, np.array([0, 0, 1, 1]), n_sessions=1)
        >>> {model: float(values[0].round(6)) for model, values in errors.items()}
        {'protocol': 0.0, 'constant': 0.25, 'linear': 0.0, 'floor': 0.0}
    """
    total = int(session_index.max()) + 1
    if total <= n_sessions:
        raise ShapeError(f"{total} sessions leave none to score after the first {n_sessions}.")
    first = session_index < n_sessions
    scored = session_index >= max(n_sessions, total - n_sessions)
    design = _with_constant(stimuli[scored])
    predictions = {
        "protocol": predicted[scored],
        "constant": np.broadcast_to(activity[first].mean(0), activity[scored].shape),
        "linear": design @ linear_readout(stimuli[first], activity[first]),
        "floor": design @ linear_readout(stimuli[scored], activity[scored]),
    }
    session = session_index[scored] - session_index[scored][0]
    trials = np.bincount(session)
    return {
        model: np.bincount(session, ((activity[scored] - guess) ** 2).mean(1)) / trials
        for model, guess in predictions.items()
    }


def skill(
    errors: Floats, reference: Floats, *, rng: np.random.Generator, n_resamples: int = 2000
) -> Estimate[float]:
    """Return 1 - error / reference error with its 95 % interval over the sessions scored.

    The interval resamples neighbouring pairs of sessions (circular block bootstrap): it
    holds for THIS recording, not for others.

    Example:
        >>> skill(np.full(10, 1.0), np.full(10, 4.0), rng=np.random.default_rng(0))
        Estimate(value=0.75, low=0.75, high=0.75)
    """
    resampled = resampled_gains(errors, reference, rng=rng, n_resamples=n_resamples)
    low, high = np.quantile(resampled, [0.025, 0.975])
    return Estimate(float(1 - errors.sum() / reference.sum()), float(low), float(high))


def _with_constant(stimuli: Floats) -> Floats:
    return np.column_stack([np.ones(len(stimuli)), stimuli])
