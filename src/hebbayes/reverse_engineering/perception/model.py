"""How an ensemble responds if it is a canonical unit, and how that changes with every parameter.

    response(t) = gain(session) (rest + evoked x(t)^p),    x(t) = sig(W(t).o + normaliser(t) + phi)

W and the normaliser are log ratios of counts, prior plus evidence of the trials learnt so far
(docs/theory.md sections 3 and 8; log expectations).  The evidence is that of the RECORDED activity,
so that x needs no recurrence; a curved read-out is straightened about a guess of x, as its inverse
is biased for noisy responses.  Counts enter divided by the prior count lambda: `rate` = 1 / lambda
may be 0 (no learning), and noise may push its estimate below.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from hebbayes.core.arrays import OFF, ON
from hebbayes.reverse_engineering.perception.evidence import (
    Indices,
    TrialHistory,
    sum_known,
    sum_known_adjoint,
    sum_same,
    sum_same_adjoint,
    sum_signed,
)

Floats = NDArray[np.float64]

FACTOR, RATE, REST, EVOKED, LEAN = range(5)
"""Places in a vector of parameters: phi = phi1 - phi0; 1 / lambda; response at x = 0 and how much
x = 1 adds; then one lean per channel; then the log gain of every session but the first."""


@dataclass(frozen=True, eq=False)
class Problem:
    """The recording of one ensemble.

    Attributes:
        trials: The stimuli, and what the synapses have learnt of them.
        responses: (trials,), arbitrary if not observed.
        is_observed: (trials,).
        session_index: (trials,), 0, 1, ...
        naive: (2, channels), P(stimulus on | unit on, off) before learning; None to fit a lean per
            channel.
        guess: (trials,), activity that replaces unobserved activity, and about which a curved
            read-out is straightened.
        log_power: ln p of the read-out x^p; 0 if it is affine.
    """

    trials: TrialHistory
    responses: Floats
    is_observed: NDArray[np.bool_]
    session_index: Indices
    naive: Floats | None
    guess: Floats
    log_power: float = 0.0

    @property
    def power(self) -> float:
        """p of the read-out x^p."""
        return float(np.exp(self.log_power))

    @property
    def n_channels(self) -> int:
        """Number of stimulus channels."""
        return int(self.trials.is_on.shape[1])

    @property
    def n_parameters(self) -> int:
        """Length of a vector of parameters."""
        return LEAN + self.n_channels + int(self.session_index[-1])


@dataclass(frozen=True, eq=False)
class Prediction:
    """The model's prediction for one parameter vector.

    Attributes:
        activity: (trials,), x.
        recorded: (trials,), activity read from the responses.
        linear: (trials,), the same by an affine read-out.
        shown: (trials,), x^p.
        residual: (trials,), response minus prediction; 0 if not observed.
        jacobian: (trials, parameters).
        slope: (trials,), derivative of the response by its drive.
        pull: (trials, channels), derivative of the drive by evidence for the present stimulus.
        drag: (trials,), minus the derivative of the drive by all evidence.
        scale: (trials,), response per unit of activity.
    """

    activity: Floats
    recorded: Floats
    linear: Floats
    shown: Floats
    residual: Floats
    jacobian: Floats
    slope: Floats
    pull: Floats
    drag: Floats
    scale: Floats


def gains(problem: Problem, parameters: Floats) -> Floats:
    """Return the gain of every session, (sessions,); that of the first is 1.

    Example:
        >>> from hebbayes.reverse_engineering.perception.evidence import every_trial, trial_history
        >>> trials = trial_history(np.ones((2, 1)), every_trial(np.arange(2)))
        >>> problem = Problem(trials, np.ones(2),
        ...                   np.ones(2, bool), np.arange(2), None, np.ones(2))
        >>> gains(problem, np.array([0, 0, 0, 1, 0, np.log(2)])).tolist()
        [1.0, 2.0]
    """
    return np.exp(np.concatenate([[0.0], parameters[LEAN + problem.n_channels :]]))


def naive_tables(problem: Problem, parameters: Floats) -> Floats:
    """Return P(stimulus on | unit on, off) before learning, (2, channels).

    If none is given the two add to 1, by convention: W alone does not determine them
    (docs/theory.md section 5).

    Example:
        >>> from hebbayes.reverse_engineering.perception.evidence import every_trial, trial_history
        >>> trials = trial_history(np.ones((2, 1)), every_trial(np.arange(2)))
        >>> problem = Problem(trials, np.ones(2),
        ...                   np.ones(2, bool), np.zeros(2, int), None, np.ones(2))
        >>> naive_tables(problem, np.array([0, 0, 0, 1, np.log(3)])).tolist()
        [[0.75], [0.25]]
    """
    if problem.naive is not None:
        return problem.naive
    lean = parameters[LEAN : LEAN + problem.n_channels]
    return expit(np.stack([lean, -lean]))


def recorded_activity(problem: Problem, parameters: Floats) -> Floats:
    """Return activity as read from responses, (response / gain - rest) / evoked; a guess elsewhere.

    A curved read-out is straightened: x^p - x at the guess is subtracted.

    Example:
        >>> from hebbayes.reverse_engineering.perception.evidence import every_trial, trial_history
        >>> trials = trial_history(np.ones((2, 1)), every_trial(np.arange(2)))
        >>> problem = Problem(trials, np.array([3.0, 1.0]),
        ...                   np.array([True, False]), np.zeros(2, int), None, np.full(2, 0.5))
        >>> recorded_activity(problem, np.array([0, 0, 1, 4, 0.0])).tolist()
        [0.5, 0.5]
    """
    return _straightened(problem, _linear_reading(problem, parameters))


def _linear_reading(problem: Problem, parameters: Floats) -> Floats:
    gain = gains(problem, parameters)[problem.session_index]
    return (problem.responses / gain - parameters[REST]) / parameters[EVOKED]


def _straightened(problem: Problem, linear: Floats) -> Floats:
    if problem.log_power:
        linear = linear - (problem.guess**problem.power - problem.guess)
    return np.where(problem.is_observed, linear, problem.guess)


def predict(
    problem: Problem,
    parameters: Floats,
    free: NDArray[np.bool_] | None = None,
    *,
    ceiling: float = np.inf,
) -> Prediction | None:
    """Return the model's prediction, or None if its counts would not be positive.

    The Jacobian is filled in the columns that are ``free``, all of them by default.  None also
    if the sum of squared residuals exceeds ``ceiling``.

    Example:
        >>> from hebbayes.reverse_engineering.perception.evidence import every_trial, trial_history
        >>> trials = trial_history(np.ones((2, 1)), every_trial(np.arange(2)))
        >>> problem = Problem(trials, np.array([3.0, 4.0]),
        ...                   np.ones(2, bool), np.zeros(2, int), None, np.full(2, 0.5))
        >>> predict(problem, np.array([0, 0, 1, 4, 0.0])).residual.tolist()
        [0.0, 1.0]
    """
    trials, rate = problem.trials, parameters[RATE]
    linear = _linear_reading(problem, parameters)
    recorded = _straightened(problem, linear)
    tables = naive_tables(problem, parameters)
    n_on, n_off = _evidence(trials, recorded)
    a_on = np.where(trials.is_on, tables[ON], 1 - tables[ON]) + rate * n_on.same
    a_off = np.where(trials.is_on, tables[OFF], 1 - tables[OFF]) + rate * n_off.same
    all_on, all_off = 1 + rate * n_on.all, 1 + rate * n_off.all
    if min(a_on.min(), a_off.min(), all_on.min(), all_off.min()) <= 0:
        return None
    C = problem.n_channels
    drive = np.log(a_on / a_off).sum(1) - C * np.log(all_on / all_off) + parameters[FACTOR]
    x = expit(drive)
    shown = x**problem.power
    scale = parameters[EVOKED] * gains(problem, parameters)[problem.session_index]
    level = parameters[REST] / parameters[EVOKED]
    residual = np.where(problem.is_observed, problem.responses - scale * (level + shown), 0.0)
    if residual @ residual > ceiling:
        return None
    weight_on, weight_off = 1 / a_on, 1 / a_off
    both = weight_on + weight_off
    prediction = Prediction(
        activity=x,
        recorded=recorded,
        linear=np.where(problem.is_observed, linear, problem.guess),
        shown=shown,
        residual=residual,
        jacobian=np.zeros((len(x), problem.n_parameters)),
        slope=np.where(problem.is_observed, scale * problem.power * shown * (1 - x), 0.0),
        pull=rate * both,
        drag=rate * C * (1 / all_on + 1 / all_off),
        scale=scale,
    )
    faster = (n_on.same * weight_on - n_off.same * weight_off).sum(1)
    faster -= C * (n_on.all / all_on - n_off.all / all_off)
    lean = tables[ON] * (1 - tables[ON])
    leaning = np.where(trials.is_on, lean, -lean) * both
    free = np.ones(problem.n_parameters, bool) if free is None else free
    return _with_jacobian(problem, parameters, prediction, (faster, leaning), free)


@dataclass(frozen=True, eq=False)
class _Evidence:
    same: Floats
    all: Floats


def _evidence(trials: TrialHistory, recorded: Floats) -> tuple[_Evidence, _Evidence]:
    on = _Evidence(sum_same(trials, recorded), sum_known(trials, recorded))
    return on, _Evidence(trials.n_same - on.same, trials.n_known - on.all)


def through_evidence(trials: TrialHistory, prediction: Prediction, changes: Floats) -> Floats:
    """Return what changes of recorded activity do to the drive, both (changes, trials).

    If a stimulus is off now, the sum is that over all known trials less that while it was on.

    Example:
        >>> from hebbayes.reverse_engineering.perception.evidence import every_trial, trial_history
        >>> trials = trial_history(np.ones((2, 1)), every_trial(np.arange(2)))
        >>> problem = Problem(trials, np.array([3.0, 4.0]),
        ...                   np.ones(2, bool), np.zeros(2, int), None, np.full(2, 0.5))
        >>> prediction = predict(problem, np.array([0, 0.1, 1, 4, 0.0]))
        >>> through_evidence(problem.trials, prediction, np.ones((1, 2))).round(3).tolist()
        [[0.0, 0.173]]
    """
    signed = np.where(trials.is_on, prediction.pull, -prediction.pull)
    of_all = np.where(trials.is_on, 0.0, prediction.pull).sum(1) - prediction.drag
    return sum_signed(trials, signed, of_all, changes)


def through_evidence_adjoint(
    trials: TrialHistory, prediction: Prediction, weights: Floats
) -> Floats:
    """Return the transpose of `through_evidence`: what one trial's activity does to later drives.

    Example:
        >>> from hebbayes.reverse_engineering.perception.evidence import every_trial, trial_history
        >>> trials = trial_history(np.ones((2, 1)), every_trial(np.arange(2)))
        >>> problem = Problem(trials, np.array([3.0, 4.0]),
        ...                   np.ones(2, bool), np.zeros(2, int), None, np.full(2, 0.5))
        >>> prediction = predict(problem, np.array([0, 0.1, 1, 4, 0.0]))
        >>> through_evidence_adjoint(problem.trials, prediction, np.ones(2)).round(3).tolist()
        [0.173, 0.0]
    """
    same = sum_same_adjoint(trials, weights[:, None] * prediction.pull)
    return same - sum_known_adjoint(trials, weights * prediction.drag)


def _with_jacobian(
    problem: Problem,
    parameters: Floats,
    prediction: Prediction,
    explicit: tuple[Floats, Floats],
    free: NDArray[np.bool_],
) -> Prediction:
    """Fill in what the parameters change at once, and through the evidence that synapses hold."""
    trials, J = problem.trials, prediction.jacobian
    evoked, level = parameters[EVOKED], parameters[REST] / parameters[EVOKED]
    faster, leaning = explicit
    shown, gain, first_gain = prediction.shown, prediction.scale / evoked, LEAN + problem.n_channels
    J[:, FACTOR] = prediction.slope
    J[:, RATE] = prediction.slope * faster
    if problem.naive is None:
        J[:, LEAN:first_gain] = prediction.slope[:, None] * leaning
    direct: dict[int, Floats] = {}
    read_otherwise: dict[int, Floats] = {}
    if free[REST]:
        direct[REST], read_otherwise[REST] = gain, np.full(len(shown), -1 / evoked)
    if free[EVOKED]:
        direct[EVOKED], read_otherwise[EVOKED] = gain * shown, -prediction.linear / evoked
    for column in (first_gain + np.flatnonzero(free[first_gain:])).tolist():
        here = problem.session_index == column - first_gain + 1
        direct[column] = np.where(here, prediction.scale * (level + shown), 0.0)
        read_otherwise[column] = np.where(here, -prediction.linear - level, 0.0)
    if direct:
        changes = np.where(problem.is_observed, np.stack(list(read_otherwise.values())), 0.0)
        through = prediction.slope * through_evidence(trials, prediction, changes)
        J[:, list(direct)] = (np.stack(list(direct.values())) + through).T
    J[~problem.is_observed] = 0.0
    return replace(prediction, jacobian=np.where(free, J, 0.0))
