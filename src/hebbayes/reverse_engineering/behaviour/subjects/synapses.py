"""V: what the decision synapses of a subject hold about each state, at the start and at the end.

V is read by probes: after the last trial and its outcome, one trial per state with that state alone
on, which teaches nothing.  The log odds of the theory's model there, less the bias that psi gives,
are V x plus the normaliser (docs/theory.md section 2).  Before the first trial they are 0.
Intervals come from points that fill the normal posterior of the parameters evenly.
"""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri, softmax
from scipy.stats import qmc

from hebbayes.reverse_engineering.behaviour.rivals.comparison import unbounded_log_odds
from hebbayes.reverse_engineering.behaviour.subjects.fits import form_of
from hebbayes.reverse_engineering.behaviour.subjects.tasks import model_of
from hebbayes.reverse_engineering.statistics.estimate import LEVEL, Estimate

if TYPE_CHECKING:
    from hebbayes.reverse_engineering.behaviour.rivals.models import Trials
    from hebbayes.reverse_engineering.behaviour.subjects.population import Population

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

NO_STATE = -1
"""Stands for the pattern in which all states are off."""

_N_POINTS = 256  # of the posterior, a power of 2 for Sobol's sequence
_AT_ONCE = 2**22  # log odds in memory
_ON = 0.5  # activity above which a state counts as on


@dataclass(frozen=True, eq=False)
class DecisionSynapses:
    """What the decision synapses of one subject hold.

    Attributes:
        state: States that were on since learning last began; `NO_STATE` if there were trials
            without any, (patterns,).
        weights: V x plus the normaliser at the end, log odds, (patterns, choices).
        start: Probability of each choice before the first trial, (choices,).
        end: Probability of each choice at the end, whatever the last one was, (patterns, choices).
    """

    state: Integers
    weights: Estimate[Floats]
    start: Estimate[Floats]
    end: Estimate[Floats]


def read_synapses(population: "Population", trials: "Trials", k: int) -> DecisionSynapses:
    """Return what the decision synapses of subject ``k`` hold under the population's model.

    Example:
        >>> from hebbayes.data.behaviour import Behaviour
        >>> from hebbayes.reverse_engineering.behaviour.subjects.population import fit_population
        >>> from hebbayes.reverse_engineering.behaviour.subjects.trials import ReadAs, subjects_of
        >>> behaviour = Behaviour([0] * 30 + [1] * 10, np.ones((40, 1)), risk=[0.0] * 40)
        >>> trials = subjects_of(behaviour, behaviour.stimuli, ReadAs())[0]
        >>> model = model_of("canonical")
        >>> fitted = fit_population(model, "", [trials], np.array([[4.0, 0.0, 0.0]]))
        >>> held = read_synapses(fitted, trials.trials, 0)
        >>> held.state.tolist(), bool(held.weights.value[0, 0] > held.weights.value[0, 1])
        ([0], True)
    """
    state, n_choices = _patterns(trials), trials.n_decisions
    probed = with_probes(trials, _activity(state, trials.x.shape[1]))
    form = form_of(model_of(population.model), population.form, probed)
    points = _points(population.mean[k], population.covariance[k])
    size = max(1, _AT_ONCE // (len(probed.decision) * n_choices))
    odds = np.concatenate([
        unbounded_log_odds(form, population.parameters, points[at : at + size])[:, -len(state) :]
        for at in range(0, len(points), size)
    ])  # fmt: skip
    bias = _bias(points, n_choices)
    return DecisionSynapses(
        state=state,
        weights=_summary(odds - bias[:, None]),
        start=_summary(softmax(bias, axis=-1)),
        end=_summary(softmax(odds, axis=-1)),
    )


def start_probability(mean: Floats, covariance: Floats, n_choices: int) -> Estimate[Floats]:
    """Return the probability of each choice before learning, (choices,).

    The last of the normal parameters are the biases.

    Example:
        >>> start_probability(np.zeros(1), np.eye(1), 2).value.tolist()
        [0.5, 0.5]
    """
    return _summary(softmax(_bias(_points(mean, covariance), n_choices), axis=-1))


def with_probes(trials: "Trials", activity: Floats) -> "Trials":
    """Return the trials, outcomes still due, then one trial per row of ``activity``.

    The probes begin anew after their own time, so that kernels neither learn nor forget in them.

    Example:
        >>> from hebbayes.reverse_engineering.behaviour.rivals.models import Trials
        >>> x, none = np.ones((2, 1)), np.full(2, -1)
        >>> trials = Trials(x, x, none, none, np.ones(2), np.arange(2), 1, 1.0)
        >>> with_probes(trials, np.eye(1)).starts.tolist()
        [0, 0, 0, 4]
    """
    n, late, n_probes = len(trials.decision), trials.delay, len(activity)
    more = late + n_probes
    rest = np.zeros((late, trials.x.shape[1]))
    start = np.full(more, trials.starts[-1])
    start[late:] = n + more

    def longer(values: NDArray[Any], end: Any) -> NDArray[Any]:
        return np.concatenate([values, np.broadcast_to(end, (more, *values.shape[1:]))])

    return replace(
        trials,
        x=np.vstack([trials.x, rest, activity]),
        counted=np.vstack([trials.counted, rest, activity]),
        decision=longer(trials.decision, -1),
        previous=longer(trials.previous, -1),
        worth=longer(trials.worth, np.nan),
        start=np.concatenate([trials.starts, start]),
        scored=None,
    )


def _patterns(trials: "Trials") -> Integers:
    """States that were on since learning last began, and whether there were trials without any."""
    is_on = trials.x[trials.starts[-1] :] > _ON
    state = np.flatnonzero(is_on.any(0))
    return np.append(state, NO_STATE) if (~is_on).all(1).any() else state


def _activity(state: Integers, n_states: int) -> Floats:
    return np.asarray(state[:, None] == np.arange(n_states), float)


def _points(mean: Floats, covariance: Floats) -> Floats:
    """The mean, then points that fill the normal posterior evenly, (points, parameters)."""
    values, vectors = np.linalg.eigh(covariance)
    inside = qmc.Sobol(mean.size, scramble=False).random(_N_POINTS)[1:]  # the first is a corner
    scaled = ndtri(inside) * np.sqrt(np.maximum(values, 0.0))
    return np.vstack([mean, mean + scaled @ vectors.T])


def _bias(points: Floats, n_choices: int) -> Floats:
    """Log odds of each choice before learning, (points, choices); those of the last are 0."""
    last = points[:, points.shape[1] - n_choices + 1 :]
    return np.hstack([last, np.zeros((len(points), 1))])


def _summary(values: Floats) -> Estimate[Floats]:
    """Value at the first point, interval over the others, along the leading axis."""
    tail = (1 - LEVEL) / 2
    low, high = np.quantile(values[1:], [tail, 1 - tail], axis=0)
    return Estimate(values[0], low, high)
