"""Ensembles: which units prefer which source, and what each group does together.

Steps 1 and 2 of the published pipeline (I23; docs/theory.md section 8).  Preference is read from
LABELS: the known sources.  Normalised activity is the CHANGE since the first session, and it
looks at all sessions: it leaks.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from hebbayes.core.errors import ValueRangeError

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]


@dataclass(frozen=True)
class Criteria:
    """What makes a unit responsive, in spikes per trial.

    Attributes:
        rate: Its mean over all trials exceeds this.
        session_rate: Its mean of every session exceeds this.
        preference: Its mean response to one source alone exceeds that to the other by this.
    """

    rate: float = 1.0
    session_rate: float = 0.1
    preference: float = 0.5


def group_means(values: Floats, group: Indices, n_groups: int) -> Floats:
    """Return the mean of ``values`` (trials, n) over the trials of each group, NaN without one.

    Example:
        >>> group_means(np.array([[1.0], [3.0], [5.0]]), np.array([0, 0, 2]), 3).tolist()
        [[2.0], [nan], [5.0]]
    """
    n_trials = len(values)
    members = csr_array((np.ones(n_trials), (group, np.arange(n_trials))), (n_groups, n_trials))
    sizes = np.bincount(group, minlength=n_groups)[:, None]
    return np.where(sizes > 0, (members @ values) / np.maximum(sizes, 1), np.nan)


def stimulus_state(sources: NDArray[np.int64]) -> Indices:
    """Return the joint state of binary sources (trials, n) as one number, first source first.

    Example:
        >>> stimulus_state(np.array([[0, 0], [0, 1], [1, 0], [1, 1]])).tolist()
        [0, 1, 2, 3]
    """
    return sources @ (1 << np.arange(sources.shape[1])[::-1])


def conditional_means(
    responses: Floats, sources: NDArray[np.int64], session_index: Indices
) -> Floats:
    """Return mean responses (sessions, stimulus states, units), NaN if a state did not occur.

    Example:
        >>> means = conditional_means(
        ...     np.array([[1.0], [2.0], [4.0]]), np.array([[0], [1], [1]]), np.array([0, 0, 0]))
        >>> means[0, :, 0].tolist()
        [1.0, 3.0]
    """
    n_states, n_sessions = 2 ** sources.shape[1], int(session_index.max()) + 1
    group = session_index * n_states + stimulus_state(sources)
    return group_means(responses, group, n_sessions * n_states).reshape(n_sessions, n_states, -1)


def mean_by_own_source(
    values: Floats, sources: NDArray[np.int64], session_index: NDArray[np.int64]
) -> Floats:
    """Return means of ``values`` (sessions, 2, ensembles) while an ensemble's source is off, on.

    Ensemble k belongs to source k.  A session in which a source lacks a state has NaN.

    Example:
        >>> values, sources = np.array([[1.0], [5.0]]), np.array([[0], [1]])
        >>> mean_by_own_source(values, sources, np.array([0, 0])).ravel().tolist()
        [1.0, 5.0]
    """
    columns = [slice(k, k + 1) for k in range(values.shape[1])]
    return np.concatenate(
        [conditional_means(values[:, k], sources[:, k], session_index) for k in columns], axis=-1
    )


def select_ensembles(
    responses: Floats,
    sources: NDArray[np.int64],
    session_index: Indices,
    criteria: Criteria,
) -> tuple[Indices, Indices]:
    """Return the positions of the units that prefer source 1, and of those that prefer source 2.

    Preference is the mean over sessions of the conditional mean given (1, 0) less that given
    (0, 1).  Raises `ValueRangeError` if no unit prefers a source.

    Example:
        >>> sources = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
        >>> responses = 1.0 + 2.0 * sources @ np.array([[1, 0, 0], [0, 1, 0]])
        >>> select_ensembles(responses, sources, np.zeros(4, int), Criteria())
        (array([0]), array([1]))
    """
    session_means = group_means(responses, session_index, int(session_index.max()) + 1)
    means = conditional_means(responses, sources, session_index)
    difference = means[:, 0b10] - means[:, 0b01]
    occurs = np.isfinite(difference).all(1)
    if not occurs.any():
        raise ValueRangeError(
            "no session has trials of both (1, 0) and (0, 1), which separate the sources; "
            "record some."
        )
    preference = difference[occurs].mean(0)
    is_responsive = (responses.mean(0) > criteria.rate) & (
        session_means.min(0) > criteria.session_rate
    )
    members = tuple(
        np.flatnonzero(is_responsive & (sign * preference > criteria.preference))
        for sign in (1, -1)
    )
    for source, chosen in enumerate(members, start=1):
        if chosen.size == 0:
            raise ValueRangeError(
                f"no responsive unit prefers source {source}: wanted a mean rate above "
                f"{criteria.rate:g}, every session's above {criteria.session_rate:g} and a "
                f"preference above {criteria.preference:g} spikes per trial; "
                f"{int(is_responsive.sum())} of {responses.shape[1]} units respond; "
                "leave this culture out."
            )
    return members[0], members[1]


def ensemble_responses(responses: Floats, members: Sequence[Indices]) -> Floats:
    """Return the mean response of each group of units, (trials, groups).

    Example:
        >>> ensemble_responses(np.array([[1.0, 3.0, 8.0]]), [np.array([0, 1]), np.array([2])])
        array([[2., 8.]])
    """
    return np.stack([responses[:, units].mean(1) for units in members], axis=1)


def change_since_first_session(
    responses: Floats,
    sources: NDArray[np.int64],
    session_index: Indices,
    baseline: float,
) -> Floats:
    """Return the activity x in [0, 1] of ensembles (trials, ensembles), from raw responses.

    From the trials of each stimulus state its mean in the first session is taken, then the
    session's trend; z is the rest at zero mean and unit variance over all trials (n - 1), and

        x = 1/2 + z/2 + (mean response of the first session - baseline) / (4 baseline)

    clipped to [0, 1].  Raises `ValueRangeError` if the first session lacks a state that occurs
    later, or if an ensemble never changes.

    Example:
        >>> sources, session = np.array([[0], [1], [0], [1]]), np.array([0, 0, 1, 1])
        >>> x = change_since_first_session(
        ...     np.array([[1.0], [3.0], [1.0], [5.0]]), sources, session, baseline=2.0)
        >>> x.ravel().round(3).tolist()
        [0.5, 0.5, 0.0, 1.0]
    """
    state = stimulus_state(sources)
    first = conditional_means(responses, sources, session_index)[0]
    if (lacking := np.isnan(first[state]).any(1)).any():
        missing = tuple(int(s) for s in sources[np.argmax(lacking)])
        raise ValueRangeError(
            f"the first session has no trial of stimulus state {missing}, from which change is "
            "measured; leave out sessions before the first complete one."
        )
    session_means = group_means(responses, session_index, int(session_index.max()) + 1)
    trend = session_means - session_means[0]
    change = responses - first[state] - trend[session_index]
    spread = change.std(0, ddof=1)
    if (flat := ~(spread > 1e-12 * responses.max(0))).any():  # what is left of equal numbers
        raise ValueRangeError(
            f"ensemble {int(np.argmax(flat)) + 1} responds alike in every trial of a state; "
            "there is no change to analyse: leave this culture out."
        )
    z = (change - change.mean(0)) / spread
    level = (session_means[0] - baseline) / (4 * baseline)
    return np.clip(0.5 + z / 2 + level, 0, 1)
