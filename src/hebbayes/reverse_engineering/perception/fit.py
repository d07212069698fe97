"""Perception of one culture: every ensemble's threshold factor, prior count and synapses.

Fitted on training sessions alone; what is reported of later sessions uses nothing that comes after
them, and labels are not asked for (docs/theory.md sections 8 and 9).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hebbayes.core.checks import check_at_least, check_binary, check_shape
from hebbayes.core.errors import ValueRangeError
from hebbayes.reverse_engineering.estimate import LEVEL, Estimate, normal_estimate, stack
from hebbayes.reverse_engineering.perception.evidence import Indices, Schedule, online, seen
from hebbayes.reverse_engineering.perception.influence import (
    Influence,
    influence,
    parameter_names,
)
from hebbayes.reverse_engineering.perception.later import read_later_sessions
from hebbayes.reverse_engineering.perception.model import (
    EVOKED,
    FACTOR,
    LEAN,
    RATE,
    REST,
    Problem,
)
from hebbayes.reverse_engineering.perception.settle import Solution, settle
from hebbayes.reverse_engineering.perception.synapses import (
    Recorded,
    tables_before,
    weights_before,
)
from hebbayes.reverse_engineering.thresholds import (
    published_threshold_factors,
    threshold_factors,
)

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Options:
    """How perception is fitted.

    Attributes:
        train_sessions: Fit on this many first sessions; on all where None.
        schedule: When synapses learn: `online`, `between_sessions` or `never`.
        rest: Response at x = 0, one or one per ensemble; fitted where None.
        evoked: What x = 1 adds to it, likewise.
        prior_count: Total prior count lambda of a synapse, likewise.
        naive: P(stimulus on | unit on, off) before learning, (2, channels, ensembles); fitted where
            None, as adding to 1.
        has_gain_drift: Fit a gain for every session.
        block_length: Neighbouring trials whose noise may be related.
        level: How often intervals are to cover.
    """

    train_sessions: int | None = None
    schedule: Schedule = online
    rest: ArrayLike | None = None
    evoked: ArrayLike | None = None
    prior_count: ArrayLike | None = None
    naive: Floats | None = None
    has_gain_drift: bool = False
    block_length: int = 4
    level: float = LEVEL


@dataclass(frozen=True, eq=False)
class Perception:
    """A culture's perception; NaN stands for what cannot be told.

    activity: (trials, ensembles), calibrated, in no way bounded.  expected: the same by the model.
    log_odds: (ensembles,), phi = phi1 - phi0.  threshold_factors: (2, ensembles), phi1 and phi0,
    consistent.  published_factors: ln <x>, ln <1 - x> over the training sessions.
    learning_rate, prior_count: (ensembles,), 1 / lambda and lambda.  rest, evoked: (ensembles,).
    gain: (sessions, ensembles).  weights: (sessions, channels, ensembles), W1 - W0 before each.
    tables: (2, 2, sessions, channels, ensembles), counts over lambda by stimulus and unit value.
    undetermined: per ensemble, classes of parameters that the recording cannot tell apart.
    """

    activity: Floats
    expected: Floats
    log_odds: Estimate
    threshold_factors: Estimate
    published_factors: Estimate
    learning_rate: Estimate
    prior_count: Estimate
    rest: Estimate
    evoked: Estimate
    gain: Floats
    weights: Estimate
    tables: Floats
    undetermined: tuple[tuple[tuple[str, ...], ...], ...] = field(default=())


def fit_perception(
    responses: Floats, stimuli: Floats, session_index: Indices, options: Options | None = None
) -> Perception:
    """Return the perception of ensembles with these responses (trials, ensembles).

    NaN marks responses that were not observed.  ``stimuli`` are 0 or 1, (trials, channels);
    ``session_index`` counts sessions 0, 1, ... in order.  Raises `ShapeError` or `ValueRangeError`
    for arrays that do not fit, and for an ensemble that responds alike in every trial.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> o = rng.integers(0, 2, (400, 2)).astype(float)
        >>> x = 1 / (1 + np.exp(-(2 * (o - 0.5) @ [[2.0], [1.0]] - 1)))
        >>> responses = 1 + 4 * x + 0.1 * rng.normal(size=x.shape)
        >>> from hebbayes.reverse_engineering.perception.evidence import never
        >>> found = fit_perception(responses, o, np.zeros(400, int), Options(schedule=never))
        >>> bool(found.log_odds.low[0] < -1 < found.log_odds.high[0])
        True
    """
    options = options or Options()
    responses, stimuli = np.asarray(responses, float), np.asarray(stimuli, float)
    session_index = np.asarray(session_index)
    _check(responses, stimuli, session_index, options)
    fits = [
        _fit_ensemble(responses[:, k], stimuli, session_index, _options_of(options, k, responses))
        for k in range(responses.shape[1])
    ]
    return _together(fits, options)


@dataclass(frozen=True, eq=False)
class _Ensemble:
    """What `_options_of` found asked for one ensemble."""

    name: int
    fixed: Floats
    free: NDArray[np.bool_]
    naive: Floats | None
    options: Options


@dataclass(frozen=True, eq=False)
class _Fit:
    solution: Solution
    moved: Influence
    recorded: Recorded
    expected: Floats
    gain: Floats


def _check(
    responses: Floats, stimuli: Floats, session_index: Indices, options: Options
) -> None:
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


def _options_of(options: Options, k: int, responses: Floats) -> _Ensemble:
    """Return which parameters of ensemble ``k`` are given; lengths depend on its recording."""

    def one(name: str) -> float:
        given = getattr(options, name)
        if given is None:
            return np.nan
        value = float(np.broadcast_to(np.asarray(given, float), responses.shape[1:])[k])
        if not np.isfinite(value) or (name != "rest" and value <= 0):
            wanted = "finite" if name == "rest" else "above 0"
            raise ValueRangeError(f"{name} must be {wanted}; got {value} for ensemble {k}.")
        return value

    fixed = np.array([np.nan, 1 / one("prior_count"), one("rest"), one("evoked")])
    naive = None if options.naive is None else np.asarray(options.naive, float)[:, :, k]
    return _Ensemble(k, fixed, np.isnan(fixed), naive, options)


def _fit_ensemble(
    responses: Floats, stimuli: Floats, session_index: Indices, asked: _Ensemble
) -> _Fit:
    options = asked.options
    last = options.train_sessions or int(session_index[-1]) + 1
    train = session_index < last
    is_observed = np.isfinite(responses)
    _check_varies(responses[train & is_observed], asked)
    known = options.schedule(session_index)
    problem = Problem(
        trials=seen(stimuli[train], known[train]),
        responses=np.where(is_observed, responses, 0.0)[train],
        is_observed=is_observed[train],
        session_index=session_index[train],
        naive=asked.naive,
        guess=np.full(int(train.sum()), 0.5),
    )
    fixed = np.zeros(problem.n_parameters)
    free = np.zeros(problem.n_parameters, bool)
    fixed[:LEAN], free[:LEAN] = asked.fixed, asked.free
    C = problem.n_channels
    free[LEAN : LEAN + C] = asked.naive is None
    free[LEAN + C :] = options.has_gain_drift
    learns = bool(known[train][-1] > 0)
    if not learns:
        fixed[RATE], free[RATE] = 0.0, False
    try:
        solution = settle(problem, np.where(free, np.nan, fixed), free)
    except ValueRangeError as error:
        raise ValueRangeError(f"ensemble {asked.name}: {error}") from None
    moved = influence(solution, options.block_length)
    rows = read_later_sessions(solution, responses, stimuli, session_index, bool(known.any()),
                               options.has_gain_drift)  # fmt: skip
    return _Fit(solution, moved, *rows)


def _check_varies(observed: Floats, asked: _Ensemble) -> None:
    if observed.size == 0:
        raise ValueRangeError(
            f"ensemble {asked.name} has no observed response in the training sessions; "
            "leave it out."
        )
    if observed.std() <= 1e-12 * np.abs(observed).max():
        raise ValueRangeError(
            f"ensemble {asked.name} responds alike in every training trial: activity that stays "
            "where it is shows neither threshold nor synapses; leave it out."
        )


def _together(fits: Sequence[_Fit], options: Options) -> Perception:
    """Return the ensembles of a culture side by side."""
    is_lost = [_lost(fit) for fit in fits]

    def estimate(place: int) -> Estimate:
        values = [fit.solution.parameters[place] for fit in fits]
        errors = [fit.moved.errors[place] for fit in fits]
        lost = np.array([place in names for names in is_lost])
        found = normal_estimate(values, errors, options.level)
        return Estimate(*(np.where(lost, np.nan, e) for e in (found.value, found.low, found.high)))

    odds, rate = estimate(FACTOR), estimate(RATE)
    unknown = np.array([EVOKED in names or REST in names for names in is_lost])
    activity = np.stack([fit.recorded.activity for fit in fits], axis=1)
    activity = np.where(unknown, np.nan, activity)
    weights = stack([
        weights_before(fit.solution, fit.recorded, fit.moved, options.level) for fit in fits
    ], axis=-1)  # fmt: skip
    lost = np.stack([_lost_weights(fit, names) for fit, names in zip(fits, is_lost)], axis=-1)
    n_train = len(fits[0].solution.prediction.activity)
    return Perception(
        activity=activity,
        expected=np.where(unknown, np.nan, np.stack([fit.expected for fit in fits], axis=1)),
        log_odds=odds,
        threshold_factors=threshold_factors(odds),
        published_factors=published_threshold_factors(
            activity[:n_train], options.block_length, options.level
        ),
        learning_rate=rate,
        prior_count=prior_count_of(rate),
        rest=estimate(REST),
        evoked=estimate(EVOKED),
        gain=np.stack([fit.gain for fit in fits], axis=1),
        weights=Estimate(*(np.where(lost, np.nan, getattr(weights, part))
                           for part in ("value", "low", "high"))),  # fmt: skip
        tables=np.stack([tables_before(fit.solution, fit.recorded) for fit in fits], axis=-1),
        undetermined=tuple(fit.moved.undetermined for fit in fits),
    )


def _lost(fit: _Fit) -> set[int]:
    """Return the places of parameters that no number can be given for."""
    names = parameter_names(fit.solution)
    return {names.index(name) for group in fit.moved.undetermined for name in group}


def _lost_weights(fit: _Fit, lost: set[int]) -> NDArray[np.bool_]:
    C = fit.solution.problem.n_channels
    of_channel = np.array([LEAN + channel in lost for channel in range(C)])
    return of_channel | ({RATE, REST, EVOKED} & lost != set())


def prior_count_of(rate: Estimate) -> Estimate:
    """Return lambda of a learning rate 1 / lambda; infinite where no learning was seen.

    Example:
        >>> found = prior_count_of(normal_estimate([0.01, 0.001], [0.001, 0.001]))
        >>> found.value.round().tolist(), found.low.round().tolist(), found.high.round().tolist()
        ([100.0, 1000.0], [84.0, 338.0], [124.0, inf])
    """

    def inverse(values: Floats) -> Floats:
        positive = np.where(values > 0, values, np.where(np.isnan(values), np.nan, 0.0))
        with np.errstate(divide="ignore"):
            return np.asarray(1 / positive)

    return Estimate(inverse(rate.value), inverse(rate.high), inverse(rate.low))


def pooled_prior_count(rates: Estimate, level: float = LEVEL) -> Estimate:
    """Return one lambda for ensembles or cultures that share it, from their learning rates.

    Rates are averaged by their precision; what cannot be told (NaN) has no say.  Raises
    `ValueRangeError` where nothing can be told.

    Example:
        >>> rates = normal_estimate([0.011, 0.009, np.nan], [0.001, 0.001, np.nan])
        >>> pooled_prior_count(rates).value.round(6).tolist()
        100.0
    """
    told = np.isfinite(rates.value) & (rates.high > rates.low)
    if not told.any():
        raise ValueRangeError("no ensemble tells how fast it learns; give prior_count.")
    precision = 1 / (rates.high - rates.low)[told] ** 2
    mean = np.sum(precision * rates.value[told]) / precision.sum()
    reach = 0.5 / np.sqrt(precision.sum())
    # intervals of one level pool to one of the same level
    del level
    return prior_count_of(Estimate(np.asarray(mean), np.asarray(mean - reach), np.asarray(mean + reach)))
