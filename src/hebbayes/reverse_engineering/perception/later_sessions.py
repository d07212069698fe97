"""Activity of all sessions on the scale of the training sessions, one session after the other.

After training only a session's gain is fitted, on request: the scale of its responses relative to
the prediction of its synapses.  A session uses itself and earlier ones.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from hebbayes.core.arrays import OFF, ON
from hebbayes.reverse_engineering.perception.model import (
    EVOKED,
    FACTOR,
    RATE,
    REST,
    gains,
    naive_tables,
)
from hebbayes.reverse_engineering.perception.synapses import Recorded
from hebbayes.reverse_engineering.statistics.blocks import blocks

if TYPE_CHECKING:
    from hebbayes.reverse_engineering.perception.evidence import Indices
    from hebbayes.reverse_engineering.perception.least_squares import Solution

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class SessionActivity:
    """Activity of one ensemble in all sessions, recorded and expected.

    Attributes:
        recorded: Recorded activity and what it says about synapses.
        expected: (trials,), activity that the model predicts.
        gain: (sessions,), gain of every session relative to training.
    """

    recorded: Recorded
    expected: Floats
    gain: Floats


def read_later_sessions(
    solution: "Solution",
    responses: Floats,
    stimuli: Floats,
    session_index: "Indices",
    learns: bool,
    *,
    has_gain_drift: bool = False,
    block_length: int = 1,
) -> SessionActivity:
    """Return the recorded and expected activity of an ensemble, and the gain of every session.

    Expectations for a later session use the synapses at its start.  They are NaN once recorded
    activity far outside [0, 1] makes counts negative.

    Example:
        >>> from hebbayes.reverse_engineering.perception.evidence import no_learning, trial_history
        >>> from hebbayes.reverse_engineering.perception.model import Problem
        >>> from hebbayes.reverse_engineering.perception.least_squares import fit_least_squares
        >>> o, session = np.tile([[1.0], [0.0]], (8, 1)), np.repeat([0, 1], 8)
        >>> r = 1 + 2 * (0.25 + 0.5 * o[:, 0])
        >>> trials = trial_history(o[:8], no_learning(session[:8]))
        >>> problem = Problem(trials, r[:8], np.ones(8, bool),
        ...                   session[:8], None, np.ones(8))
        >>> fixed = np.array([np.nan, 0.0, 1.0, 2.0, np.nan])
        >>> solution = fit_least_squares(problem, fixed, np.isnan(fixed))
        >>> sessions = read_later_sessions(
        ...     solution, r * (1 + session), o, session, False, has_gain_drift=True)
        >>> sessions.gain.round(3).tolist(), sessions.recorded.activity[-2:].round(3).tolist()
        ([1.0, 2.0], [0.75, 0.25])
    """
    problem, p = solution.problem, solution.parameters
    n_train, is_observed = len(problem.responses), np.isfinite(responses)
    starts = np.flatnonzero(np.diff(session_index, prepend=-1))
    ends = np.append(starts[1:], len(responses))
    gain = np.ones(len(starts))
    fitted = gains(problem, p)
    gain[: len(fitted)] = fitted
    activity, expected = np.empty(len(responses)), np.empty(len(responses))
    activity[:n_train] = solution.prediction.recorded
    expected[:n_train] = solution.prediction.activity
    retention = problem.trials.retention
    evidence = _coincidences(stimuli[:n_train], activity[:n_train], retention)
    for session in range(len(fitted), len(starts)):
        here = slice(starts[session], ends[session])
        x = _expected_activity(solution, evidence if learns else 0.0 * evidence, stimuli[here])
        seen_here = is_observed[here]
        if has_gain_drift and seen_here.any():
            level = (p[REST] + p[EVOKED] * x)[seen_here]
            gain[session] = responses[here][seen_here] @ level / (level @ level)
        read = (responses[here] / gain[session] - p[REST]) / p[EVOKED]
        activity[here], expected[here] = np.where(seen_here, read, x), x
        kept = retention ** (ends[session] - starts[session])
        evidence = kept * evidence + _coincidences(stimuli[here], activity[here], retention)
    recorded = Recorded(
        is_on=stimuli > 0,
        activity=activity,
        residual=np.where(is_observed, activity - expected, 0.0),
        is_observed=is_observed,
        starts=starts,
        block=blocks(session_index, block_length),
        learns=learns,
        retention=retention,
    )
    return SessionActivity(recorded, expected, gain)


def _coincidences(stimuli: Floats, activity: Floats, retention: float) -> Floats:
    """Return (2, 2, channels) by stimulus value and unit value, earlier trials faded."""
    on_and_off = np.stack([stimuli.T, 1 - stimuli.T])
    if retention < 1:
        on_and_off = on_and_off * retention ** np.arange(len(activity))[::-1]
    return np.swapaxes(on_and_off @ np.stack([activity, 1 - activity], axis=1), 1, 2)


def _expected_activity(solution: "Solution", evidence: Floats, stimuli: Floats) -> Floats:
    naive = naive_tables(solution.problem, solution.parameters)
    tables = np.stack([naive, 1 - naive]) + solution.parameters[RATE] * evidence
    tables = np.where(tables > 0, tables, np.nan)
    weight = np.log(tables[:, ON] / tables[:, OFF])
    totals = np.log(tables[:, ON].sum(0) / tables[:, OFF].sum(0)).sum()
    drive = stimuli @ weight[ON] + (1 - stimuli) @ weight[OFF] - totals
    return expit(drive + solution.parameters[FACTOR])
