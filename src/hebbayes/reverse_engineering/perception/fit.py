"""Perception of one culture: every ensemble's threshold factor, prior count and synapses.

Fitted on training sessions alone; results for a later session use nothing that comes after it, and
no labels (docs/theory.md sections 8 and 9).
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from hebbayes.core.checks import check_at_least, check_binary, check_shape
from hebbayes.core.errors import ValueRangeError
from hebbayes.reverse_engineering.perception.curvature import curvature
from hebbayes.reverse_engineering.perception.ensemble_fit import EnsembleFit, perception_of
from hebbayes.reverse_engineering.perception.evidence import Indices, trial_history
from hebbayes.reverse_engineering.perception.forgetting import forgetting
from hebbayes.reverse_engineering.perception.influence import Influence, influence
from hebbayes.reverse_engineering.perception.lack_of_fit import lack_of_fit
from hebbayes.reverse_engineering.perception.later_sessions import read_later_sessions
from hebbayes.reverse_engineering.perception.least_squares import Solution, fit_least_squares
from hebbayes.reverse_engineering.perception.model import LEAN, RATE, Problem
from hebbayes.reverse_engineering.perception.options import Options, Perception
from hebbayes.reverse_engineering.statistics.estimate import Estimate, normal_estimate

Floats = NDArray[np.float64]


def fit_perception(
    responses: Floats, stimuli: Floats, session_index: Indices, options: Options | None = None
) -> Perception:
    """Return the perception of ensembles with these responses (trials, ensembles).

    NaN marks responses that were not observed.  ``stimuli`` are 0 or 1, (trials, channels);
    ``session_index`` counts sessions 0, 1, ... in order.  Raises `ShapeError` or
    `ValueRangeError` for arrays that do not fit, or if an ensemble responds alike in
    every trial.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> o = rng.integers(0, 2, (400, 2)).astype(float)
        >>> x = 1 / (1 + np.exp(-(2 * (o - 0.5) @ [[2.0], [1.0]] - 1)))
        >>> responses = 1 + 4 * x + 0.1 * rng.normal(size=x.shape)
        >>> given = Options(naive=np.array([[[0.88], [0.73]], [[0.12], [0.27]]]))
        >>> perception = fit_perception(responses, o, np.zeros(400, int), given)
        >>> perception.log_odds.value.round(1).tolist()
        [-1.0]
    """
    options = options or Options()
    return perception_of(fit_ensembles(responses, stimuli, session_index, options), options)


def fit_ensembles(
    responses: Floats, stimuli: Floats, session_index: Indices, options: Options
) -> list[EnsembleFit]:
    """Return the fit of every ensemble; arguments and errors as of `fit_perception`.

    Example:
        >>> from hebbayes.reverse_engineering.perception.evidence import no_learning
        >>> o = np.tile([[1.0], [0.0]], (50, 1))
        >>> r = 1 + 4 * (0.25 + 0.5 * o) + np.tile([[0.1], [0.1], [-0.1], [-0.1]], (25, 1))
        >>> options = Options(None, no_learning, 1.0, 4.0)
        >>> (fit,) = fit_ensembles(r, o, np.zeros(100, int), options)
        >>> fit.start_weights.round(2).tolist()
        [2.2]
    """
    responses, stimuli = np.asarray(responses, float), np.asarray(stimuli, float)
    session_index = np.asarray(session_index)
    _check(responses, stimuli, session_index, options)
    fits = []
    for k in range(responses.shape[1]):
        try:
            given = _given(options, k, responses.shape[1])
            fits.append(_fit_ensemble(responses[:, k], stimuli, session_index, given))
        except ValueRangeError as error:
            raise ValueRangeError(f"ensemble {k}: {error}") from None
    return fits


def _check(responses: Floats, stimuli: Floats, session_index: Indices, options: Options) -> None:
    check_shape("responses", responses, (None, None))
    n = len(responses)
    check_shape("stimuli", stimuli, (n, None))
    check_binary("stimuli", stimuli)
    check_shape("session_index", session_index, (n,))
    if n == 0 or session_index[0] != 0 or (~np.isin(np.diff(session_index), (0, 1))).any():
        raise ValueRangeError(
            "session_index must count the sessions 0, 1, ... in order of time; "
            "take it from `recording.session_index`."
        )
    if np.isinf(responses).any():
        raise ValueRangeError("responses must be finite, or NaN where not observed.")
    if options.train_sessions is not None:
        check_at_least("train_sessions", options.train_sessions, 1)
    check_at_least("block_length", options.block_length, 1)
    check_at_least("curvature", options.curvature, 0)
    if options.naive is not None:
        check_shape("naive", options.naive, (2, stimuli.shape[1], responses.shape[1]))
        if not ((options.naive > 0) & (options.naive < 1)).all():
            raise ValueRangeError("naive must hold probabilities above 0 and below 1.")


def _given(options: Options, k: int, n_ensembles: int) -> Options:
    """Return the options of ensemble ``k``, with its own number for each option."""

    def one(name: str) -> float | None:
        if (given := getattr(options, name)) is None:
            return None
        value = float(np.broadcast_to(np.asarray(given, float), (n_ensembles,))[k])
        if not np.isfinite(value) or (name != "rest" and value <= 0):
            wanted = "finite" if name == "rest" else "above 0"
            raise ValueRangeError(f"{name} must be {wanted}; got {value}.")
        return value

    naive = None if options.naive is None else np.asarray(options.naive, float)[:, :, k]
    rest, evoked, prior_count = (one(name) for name in ("rest", "evoked", "prior_count"))
    return replace(options, naive=naive, rest=rest, evoked=evoked, prior_count=prior_count)


def _fit_ensemble(
    responses: Floats, stimuli: Floats, session_index: Indices, given: Options
) -> EnsembleFit:
    train = session_index < (given.train_sessions or int(session_index[-1]) + 1)
    is_observed, known = np.isfinite(responses), given.schedule(session_index)
    _check_varies(responses[train & is_observed])
    problem = Problem(
        trials=trial_history(stimuli[train], known[train]),
        responses=np.where(is_observed, responses, 0.0)[train],
        is_observed=is_observed[train],
        session_index=session_index[train],
        naive=given.naive,
        guess=np.full(int(train.sum()), 0.5),
    )
    fit = _affine_fit(problem, _fixed(problem, given), given)
    is_final = given.rest is not None and given.evoked is not None
    if any("phi" in names for names in fit.undetermined):
        is_final = True  # phi is lost or a range: nothing to refine
    if given.curvature > 0 and not is_final:
        fit = replace(fit, curvature=curvature(fit.solution, given.curvature))
    if given.can_forget and not is_final and fit.rate.low > 0:
        fit = _with_forgetting(fit, given)
    sessions = read_later_sessions(
        fit.solution,
        responses,
        stimuli,
        session_index,
        learns=bool(known.any()),
        has_gain_drift=given.has_gain_drift,
        block_length=given.block_length,
    )
    return replace(fit, sessions=sessions)


def _affine_fit(problem: Problem, fixed: Floats, given: Options) -> EnsembleFit:
    fit = _fit_of(fit_least_squares(problem, fixed, np.isnan(fixed)), given)
    if fit.solution.parameters[RATE] < 0:  # unlearning is noise around no learning
        fixed[RATE] = 0.0
        at_zero = _fit_of(fit_least_squares(problem, fixed, np.isnan(fixed)), given)
        return replace(at_zero, rate=fit.rate)
    return fit


def _fit_of(solution: Solution, given: Options) -> EnsembleFit:
    moved = influence(solution, given.block_length)
    p = lack_of_fit(solution, given.block_length)
    return EnsembleFit(solution, moved, _rate(solution, moved, given), p)


def _with_forgetting(fit: EnsembleFit, given: Options) -> EnsembleFit:
    """Return the fit with the best memory, if synapses forget; else with the others beside it."""
    fits = forgetting(fit.solution if fit.curvature is None else fit.curvature.best)
    if fits.best is not None:
        fit = replace(_fit_of(fits.best, given), curvature=fit.curvature)
        if fit.curvature is not None:
            fit = replace(fit, curvature=curvature(fits.best, given.curvature))
    return replace(fit, forgetting=fits)


def _rate(solution: Solution, moved: Influence, given: Options) -> Estimate:
    """Return the learning rate, not below 0; NaN if no trial identifies it."""
    if given.prior_count is None and not solution.problem.trials.known.any():
        return normal_estimate(np.nan, np.nan)
    free = normal_estimate(solution.parameters[RATE], moved.errors[RATE], given.level)
    return Estimate(*(np.maximum(end, 0.0) for end in (free.value, free.low, free.high)))


def _fixed(problem: Problem, given: Options) -> Floats:
    """Return the parameters that are not fitted, NaN for those that are."""
    fixed = np.full(problem.n_parameters, 0.0 if not given.has_gain_drift else np.nan)
    fixed[LEAN : LEAN + problem.n_channels] = np.nan if given.naive is None else 0.0
    rate = np.nan if given.prior_count is None else 1 / float(np.asarray(given.prior_count))
    given_values = (None, rate, given.rest, given.evoked)
    fixed[:LEAN] = [np.nan if value is None else value for value in given_values]
    if np.isnan(rate) and not problem.trials.known.any():
        fixed[RATE] = 0.0
    return fixed


def _check_varies(observed: Floats) -> None:
    if observed.size == 0:
        raise ValueRangeError("it has no observed response in the training sessions; leave it out.")
    if observed.std() <= 1e-12 * np.abs(observed).max():
        raise ValueRangeError(
            "it responds alike in every training trial, and constant activity identifies neither "
            "threshold nor synapses; leave it out."
        )
