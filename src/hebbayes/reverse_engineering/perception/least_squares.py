"""Least squares without a loop over trials: the parameters that explain one ensemble's responses.

Damped Gauss-Newton on the squared residuals.  If the response at rest is fitted, its equation
is <x - sig(W(t) o + normaliser(t) + phi)> = 0, the consistent estimate of docs/theory.md section 9.
Fixed and shared parameters are columns left out of, or joined in, a basis.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hebbayes.core.errors import ValueRangeError
from hebbayes.reverse_engineering.perception.model import (
    EVOKED,
    FACTOR,
    LEAN,
    RATE,
    REST,
    Prediction,
    Problem,
    predict,
)

if TYPE_CHECKING:
    from hebbayes.reverse_engineering.perception.evidence import TrialHistory

Floats = NDArray[np.float64]

_START_RATES = (1 / 1000, 1 / 100, 1 / 10_000)
_FINEST = 1e-8  # relative fall of the squared residuals that ends the search
_ROUNDS = 60
_STRETCHED = (
    3.0  # evoked response over that of a linear read-out, beyond which x is near linear ...
)
_STRAIGHTENINGS, _STRAIGHT = 8, 1e-3  # turns; change of x at which they end
_SLOW, _SLOW_ROUNDS = 1e-5, 3  # ... and a search that falls no faster, that often, is given up


@dataclass(frozen=True, eq=False)
class Solution:
    """The parameters at the minimum.

    Attributes:
        problem: The recording that was fitted.
        parameters: (parameters,), of the minimum.
        prediction: The model's prediction there.
        basis: (parameters, free), directions of the search; each column changes parameters jointly.
        has_ended: False if the search still moved along a valley without a minimum.
    """

    problem: Problem
    parameters: Floats
    prediction: Prediction
    basis: Floats
    has_ended: bool = True

    @property
    def jacobian(self) -> Floats:
        """Change of the prediction along every column of the basis, (trials, free)."""
        return self.prediction.jacobian @ self.basis


def free_basis(problem: Problem, free: NDArray[np.bool_]) -> Floats:
    """Return the basis of the ``free`` parameters; leans of channels given alike are joined.

    A channel that is on in all trials or in none carries no information: its lean is left out.

    Example:
        >>> from hebbayes.reverse_engineering.perception.evidence import every_trial, trial_history
        >>> o = np.array([[1.0, 1.0, 0.0], [0.0, 0.0, 0.0]])
        >>> trials = trial_history(o, every_trial(np.zeros(2, int)))
        >>> problem = Problem(trials, np.ones(2), np.ones(2, bool),
        ...                   np.zeros(2, int), None, np.ones(2))
        >>> free_basis(problem, np.arange(7) >= 4).T.tolist()
        [[0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 0.0]]
    """
    basis = np.eye(problem.n_parameters)
    is_on, C = problem.trials.is_on, problem.n_channels
    _, group = np.unique(is_on, axis=1, return_inverse=True)
    varies = np.ptp(is_on.astype(int), axis=0) > 0
    joined = (group.ravel()[:, None] == np.arange(C)) & varies[:, None]
    basis[LEAN : LEAN + C, LEAN : LEAN + C] = joined
    columns = list(free)
    columns[LEAN : LEAN + C] = joined.any(0) & free[LEAN : LEAN + C].any()
    return basis[:, np.array(columns)]


def start_parameters(problem: Problem, fixed: Floats) -> Floats:
    """Return the start of the search: ``fixed`` values, with NaN filled in.

    Rest and evoked response are read from the range of a linear read-out of the stimuli.

    Example:
        >>> from hebbayes.reverse_engineering.perception.evidence import every_trial, trial_history
        >>> trials = trial_history(np.array([[1.0], [0.0]]), every_trial(np.zeros(2, int)))
        >>> problem = Problem(trials,
        ...                   np.array([5.0, 1.0]), np.ones(2, bool), np.zeros(2, int), None,
        ...                   np.ones(2))
        >>> start_parameters(problem, np.full(5, np.nan)).round(2).tolist()
        [0.0, 0.0, 1.08, 3.84, 0.0]
    """
    use = problem.is_observed
    design = np.column_stack([np.ones(use.sum()), problem.trials.is_on[use]])
    # normal equations: thousands of trials shrink to a row per channel
    normal = design.T @ design, design.T @ problem.responses[use]
    explained = design @ np.linalg.lstsq(*normal, rcond=None)[0]
    low, high = np.quantile(explained, [0.02, 0.98])
    start = np.zeros(problem.n_parameters)
    start[[REST, EVOKED]] = low, max(high - low, 1e-3 * problem.responses[use].std())
    return np.where(np.isnan(fixed), start, fixed)


def fit_least_squares(problem: Problem, fixed: Floats, free: NDArray[np.bool_]) -> Solution:
    """Return the best solution; ``fixed`` holds the values that are not ``free``.

    The model's activity replaces unobserved activity, iterated until it converges.  If the first
    search does not converge, others start from other learning rates, until one converges, runs
    along a valley without a minimum, or reaches the same minimum as the one before.  Raises
    `ValueRangeError` if no start has positive counts.

    Example:
        >>> from hebbayes.reverse_engineering.perception.evidence import every_trial, trial_history
        >>> o = np.tile([[1.0], [0.0]], (8, 1))
        >>> trials = trial_history(o, every_trial(np.zeros(16, int)))
        >>> problem = Problem(trials, 1 + 4 * (0.25 + 0.5 * o[:, 0]),
        ...                   np.ones(16, bool), np.zeros(16, int), None, np.full(16, 0.5))
        >>> fixed = np.array([np.nan, 0.0, 1.0, 4.0, np.nan])
        >>> parameters = fit_least_squares(problem, fixed, np.isnan(fixed)).parameters
        >>> bool(np.allclose(parameters[[0, 4]], [0.0, np.log(3)]))
        True
    """
    basis, start = free_basis(problem, free), start_parameters(problem, fixed)
    solutions = []
    for rate in _START_RATES if free[RATE] else start[[RATE]]:
        first = start.copy()
        first[RATE] = rate
        if (solution := _fit_from(problem, first, basis)) is not None:
            solutions.append(solution)
            is_stretched = _is_stretched(solution.parameters, first)
            if solution.has_ended or is_stretched or reach_same_minimum(solutions):
                break
    if not solutions:
        raise ValueRangeError(
            "its recorded activity makes counts negative: rest, evoked or prior_count as given "
            "do not fit the responses; leave them to the fit."
        )
    return _upright(min(solutions, key=_cost))


def _cost(solution: Solution) -> float:
    return float(solution.prediction.residual @ solution.prediction.residual)


def reach_same_minimum(solutions: Sequence[Solution]) -> bool:
    """Return whether the last two searches, from different starts, end in the same minimum.

    Example:
        >>> reach_same_minimum([])
        False
    """
    if len(solutions) < 2:
        return False
    return bool(np.isclose(_cost(solutions[-1]), _cost(solutions[-2]), rtol=1e-3))


def _fit_from(problem: Problem, start: Floats, basis: Floats) -> Solution | None:
    parameters, is_complete = start, bool(problem.is_observed.all())
    solution: Solution | None = None
    for _ in range(1 if is_complete else 20):
        solution = _descend(problem, parameters, basis)
        if solution is None:
            return None
        change = np.abs(solution.prediction.activity - problem.guess)[~problem.is_observed]
        parameters = solution.parameters
        problem = replace(problem, guess=solution.prediction.activity)
        if is_complete or change.max() < 1e-4:
            break
    return solution


def log_likelihood(solution: Solution) -> float:
    """Return the log likelihood of normal noise of unknown variance, up to a constant, nats.

    Example:
        >>> from types import SimpleNamespace
        >>> problem = SimpleNamespace(is_observed=np.ones(2, bool))
        >>> prediction = SimpleNamespace(residual=np.array([0.0, 1.0]))
        >>> log_likelihood(SimpleNamespace(problem=problem, prediction=prediction))
        -0.0
    """
    return -float(solution.problem.is_observed.sum()) / 2 * float(np.log(_cost(solution)))


def refit(
    solution: Solution, log_power: float, trials: "TrialHistory | None" = None
) -> Solution | None:
    """Return the solution under a read-out x^p, searched for from ``solution``; None without one.

    ``trials`` replaces what the synapses have learnt.  Straightening and search take turns until
    expected activity stays within 0.001.

    Example:
        >>> from hebbayes.reverse_engineering.perception.evidence import every_trial, trial_history
        >>> o = np.tile([[1.0], [0.0]], (8, 1))
        >>> trials = trial_history(o, every_trial(np.zeros(16, int)))
        >>> problem = Problem(trials, 1 + 4 * (0.25 + 0.5 * o[:, 0]) ** 2,
        ...                   np.ones(16, bool), np.zeros(16, int), None, np.full(16, 0.5))
        >>> fixed = np.array([np.nan, 0.0, 1.0, 4.0, np.nan])
        >>> affine = fit_least_squares(problem, fixed, np.isnan(fixed))
        >>> refit(affine, np.log(2)).parameters[[0, 4]].round(2).tolist()
        [0.0, 1.1]
    """
    for _ in range(_STRAIGHTENINGS):
        guess = solution.prediction.activity
        problem = replace(
            solution.problem,
            guess=guess,
            log_power=log_power,
            trials=trials or solution.problem.trials,
        )
        there = _descend(problem, solution.parameters, solution.basis)
        if there is None:
            return None
        solution = there
        if np.abs(solution.prediction.activity - guess).max() < _STRAIGHT:
            break
    return solution


def _descend(problem: Problem, start: Floats, basis: Floats) -> Solution | None:
    parameters, free = start, _is_free(basis)
    here = predict(problem, parameters, free)
    if here is None:
        return None
    damping, cost, n_slow = 1e-3, float(here.residual @ here.residual), 0
    for _ in range(_ROUNDS):
        J = here.jacobian @ basis
        curvature, slope = J.T @ J, J.T @ here.residual
        ridge = np.diag(np.maximum(curvature.diagonal(), 1e-12 * curvature.max()))
        there, n_tries = None, 0
        while there is None and damping < 1e8:
            step = basis @ _solved(curvature + damping * ridge, slope)
            there = predict(problem, parameters + step, free, ceiling=cost)
            n_tries += 1
            damping *= 5 if there is None else 0.1 if n_tries == 1 else 0.5
        if there is None:  # no step leads down: this is the minimum to rounding
            return Solution(problem, parameters, here, basis)
        parameters, here = parameters + step, there
        before, cost = cost, float(here.residual @ here.residual)
        if before - cost <= _FINEST * cost:
            return Solution(problem, parameters, here, basis)
        n_slow += before - cost <= _SLOW * cost and _is_stretched(parameters, start)
        if n_slow == _SLOW_ROUNDS:
            break
    return Solution(problem, parameters, here, basis, has_ended=False)


def _is_stretched(parameters: Floats, start: Floats) -> bool:
    """Whether the search runs along a valley: ever larger responses, ever less of them observed."""
    return bool(np.abs(parameters[EVOKED]) > _STRETCHED * np.abs(start[EVOKED]))


def _solved(matrix: Floats, target: Floats) -> Floats:
    """Solve; a direction without slope is left unchanged."""
    try:
        return np.asarray(np.linalg.solve(matrix, target))
    except np.linalg.LinAlgError:
        return np.asarray(np.linalg.lstsq(matrix, target, rcond=None)[0])


def _is_free(basis: Floats) -> NDArray[np.bool_]:
    return np.asarray(basis.any(axis=1))


def _upright(solution: Solution) -> Solution:
    """Choose between a unit and its mirror image (x to 1 - x), which respond alike."""
    p, is_free = solution.parameters.copy(), _is_free(solution.basis)
    if p[EVOKED] > 0 or solution.problem.naive is not None or not is_free[[REST, EVOKED]].all():
        return solution
    C = solution.problem.n_channels
    p[REST] += p[EVOKED]
    p[EVOKED] *= -1
    p[FACTOR] *= -1
    p[LEAN : LEAN + C] *= -1
    problem = replace(solution.problem, guess=1 - solution.problem.guess)
    prediction = predict(problem, p, is_free)
    assert prediction is not None  # the same counts, on and off exchanged
    return replace(solution, problem=problem, parameters=p, prediction=prediction)
