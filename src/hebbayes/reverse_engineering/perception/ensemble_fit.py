"""Fits of the ensembles of a culture; what cannot be identified becomes NaN and a named class."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from hebbayes.reverse_engineering.perception.curvature import Curvature, mixture
from hebbayes.reverse_engineering.perception.forgetting import Forgetting, memory_of
from hebbayes.reverse_engineering.perception.influence import Influence, parameter_names
from hebbayes.reverse_engineering.perception.learning_rates import prior_count_of
from hebbayes.reverse_engineering.perception.model import EVOKED, FACTOR, LEAN, RATE, REST
from hebbayes.reverse_engineering.perception.normaliser import normaliser_range, shift_if_learnt
from hebbayes.reverse_engineering.perception.options import Options, Perception
from hebbayes.reverse_engineering.perception.synapses import tables_before, weights_before
from hebbayes.reverse_engineering.statistics.estimate import Estimate, normal_estimate, stack
from hebbayes.reverse_engineering.thresholds import (
    published_threshold_factors,
    threshold_factors,
)

if TYPE_CHECKING:
    from hebbayes.reverse_engineering.perception.later_sessions import SessionActivity
    from hebbayes.reverse_engineering.perception.least_squares import Solution

Floats = NDArray[np.float64]

SLOPE = 1.4
"""Derivative of phi by ln p, nearly the same in all recordings (docs/recordings.md)."""

_LARGEST_SHIFT = 0.25  # nats by which phi depends on the history of its tables; beyond, NaN


@dataclass(frozen=True, eq=False)
class EnsembleFit:
    """The fit of one ensemble.

    Attributes:
        solution: Parameters at the minimum.
        moved: Influence of blocks of trials on them.
        rate: 1 / lambda.
        lack_of_fit: p-value of `lack_of_fit`.
        curvature: Fits under curved read-outs; None if the read-out is known to be affine.
        forgetting: Fits with shorter memory; None if synapses are known not to forget.
        sessions: Recorded and expected activity in all sessions.
    """

    solution: "Solution"
    moved: Influence
    rate: Estimate
    lack_of_fit: float
    curvature: Curvature | None = None
    forgetting: Forgetting | None = None
    sessions: "SessionActivity" = field(kw_only=True, default=None)  # type: ignore[assignment]

    @property
    def slope(self) -> float:
        """Derivative of phi by ln p; NaN for a read-out known to be affine."""
        return float("nan") if self.curvature is None else self.curvature.slope

    def mixed(self, place: int, level: float) -> Estimate:
        """Return phi or the learning rate over read-outs x^p; its interval covers all memories."""
        assert self.curvature is not None
        weight, error = self.curvature.weight, float(self.moved.errors[place])
        values = self.curvature.factor if place == FACTOR else self.curvature.rate
        estimate = mixture(values, weight, error, level)
        if place == FACTOR or self.forgetting is None:
            return estimate
        values = np.outer(values, self.forgetting.ratio).ravel()
        over_memory = mixture(
            values, np.outer(weight, self.forgetting.weight).ravel(), error, level
        )
        return replace(over_memory, value=estimate.value)

    @property
    def start_weights(self) -> Floats:
        """W1 - W0 before learning, as fitted with tables that add to 1, (channels,)."""
        return 2 * self.solution.parameters[LEAN : LEAN + self.solution.problem.n_channels]

    @property
    def shift(self) -> float:
        """Difference of phi, in nats, if its first synapses are learnt ones."""
        if self.solution.problem.naive is not None:
            return 0.0
        return shift_if_learnt(self.start_weights, float(self.solution.prediction.recorded.mean()))

    @property
    def has_free_normaliser(self) -> bool:
        """Whether phi can be exchanged for the normaliser.

        If no learning is observed, or synapses are strong from the start, they may have been
        learnt before; then tables need not add to 1, and phi depends on which ones are assumed.
        """
        if self.solution.problem.naive is not None:
            return False
        return not (self.rate.low > 0 and abs(self.shift) < _LARGEST_SHIFT)

    @property
    def undetermined(self) -> tuple[tuple[str, ...], ...]:
        """Classes of parameters that the recording cannot separate."""
        groups = [*self.moved.undetermined]
        if self.has_free_normaliser:
            groups.append(("phi", "normaliser"))
        if np.isnan(self.rate.value):
            groups.append(("prior_count",))
        distinct = dict.fromkeys(groups)
        return tuple(group for group in distinct if not any(set(group) < set(g) for g in distinct))


def perception_of(fits: Sequence[EnsembleFit], options: Options) -> Perception:
    """Return the perception of a culture from the fits of its ensembles.

    Example:
        >>> from hebbayes.reverse_engineering.perception.evidence import no_learning
        >>> from hebbayes.reverse_engineering.perception.fit import fit_perception
        >>> o = np.tile([[1.0], [0.0]], (50, 1))
        >>> r = 1 + 4 * (0.25 + 0.5 * o) + np.tile([[0.1], [0.1], [-0.1], [-0.1]], (25, 1))
        >>> options = Options(None, no_learning, 1.0, 4.0)
        >>> perception = fit_perception(r, o, np.zeros(100, int), options)
        >>> perception.undetermined, perception.log_odds.value.tolist()
        (((('phi', 'normaliser'), ('prior_count',)),), [nan])
        >>> perception.weights.value.round(2).tolist()
        [[[2.2]]]
    """
    lost = [_lost(fit) for fit in fits]
    weights = [
        weights_before(f.solution, f.sessions.recorded, f.moved, options.level) for f in fits
    ]
    weights = [_without(w, _lost_weights(f, p)) for w, f, p in zip(weights, fits, lost)]
    is_lost = np.array([EVOKED in places or REST in places for places in lost])
    activity = np.where(
        is_lost, np.nan, np.stack([f.sessions.recorded.activity for f in fits], axis=1)
    )
    n_train = len(fits[0].solution.prediction.activity)
    rate = over_readouts(fits, stack([f.rate for f in fits]), RATE, options)
    rate = _without(rate, np.array([RATE in places for places in lost]))
    affine = _parameter(fits, lost, FACTOR, options)
    odds = over_readouts(fits, affine, FACTOR, options)
    odds = widen_by_normaliser(fits, odds, is_lost, options)
    return Perception(
        activity=activity,
        expected=np.where(is_lost, np.nan, np.stack([f.sessions.expected for f in fits], axis=1)),
        log_odds=odds,
        affine_log_odds=affine,
        log_odds_slope=np.where(np.isnan(affine.value), np.nan, [f.slope for f in fits]),
        threshold_factors=threshold_factors(odds),
        published_factors=published_threshold_factors(
            activity[:n_train], options.block_length, options.level
        ),
        learning_rate=rate,
        prior_count=prior_count_of(rate),
        memory=np.array([memory_of(f.solution) for f in fits]),
        rest=_parameter(fits, lost, REST, options),
        evoked=_parameter(fits, lost, EVOKED, options),
        gain=np.stack([f.sessions.gain for f in fits], axis=1),
        weights=stack(weights, axis=-1),
        tables=np.stack([tables_before(f.solution, f.sessions.recorded) for f in fits], axis=-1),
        undetermined=tuple(f.undetermined for f in fits),
        lack_of_fit=np.array([f.lack_of_fit for f in fits]),
    )


def _parameter(
    fits: Sequence[EnsembleFit], lost: Sequence[set[int]], place: int, options: Options
) -> Estimate:
    estimate = normal_estimate(
        [f.solution.parameters[place] for f in fits],
        [f.moved.errors[place] for f in fits],
        options.level,
    )
    return _without(estimate, np.array([place in places for places in lost]))


def _without(estimate: Estimate, lost: NDArray[np.bool_]) -> Estimate:
    parts = (estimate.value, estimate.low, estimate.high)
    return Estimate(*(np.where(lost, np.nan, part) for part in parts))


def over_readouts(
    fits: Sequence[EnsembleFit], affine: Estimate, place: int, options: Options
) -> Estimate:
    """Return a parameter over read-outs x^p; unchanged if it is given, or not identified.

    Example:
        >>> none = Estimate(*np.zeros((3, 0)))
        >>> over_readouts([], none, FACTOR, Options()).low.tolist()
        []
    """
    ends = np.stack(affine.as_tuple())
    for k, fit in enumerate(fits):
        if (
            fit.curvature is not None
            and np.isfinite(affine.value[k])
            and affine.high[k] > affine.low[k]
        ):
            ends[:, k] = fit.mixed(place, options.level).as_tuple()
    if place == RATE:
        ends = np.maximum(ends, 0.0)
    return Estimate(*ends)


def widen_by_normaliser(
    fits: Sequence[EnsembleFit], odds: Estimate, is_lost: NDArray[np.bool_], options: Options
) -> Estimate:
    """Return phi with intervals that cover naive and learnt tables, or any if these differ much.

    Example:
        >>> none = Estimate(*np.zeros((3, 0)))
        >>> widen_by_normaliser([], none, np.zeros(0, bool), Options()).low.tolist()
        []
    """
    low, high = odds.low.copy(), odds.high.copy()
    for k, fit in enumerate(fits):
        if is_lost[k]:
            continue
        if not fit.has_free_normaliser:
            low[k] += min(fit.shift, 0.0)
            high[k] += max(fit.shift, 0.0)
            continue
        W = fit.start_weights  # identified by the scale
        threshold = fit.solution.parameters[FACTOR] - W.sum() / 2
        reach = norm.ppf(0.5 + options.level / 2) * fit.moved.errors[FACTOR]
        if options.rest is None or options.evoked is None:
            reach = np.hypot(reach, norm.ppf(0.5 + options.level / 2) * options.curvature * SLOPE)
        lowest, highest = normaliser_range(W)
        low[k], high[k] = threshold - highest - reach, threshold - lowest + reach
    return Estimate(odds.value, low, high)


def _lost(fit: EnsembleFit) -> set[int]:
    """Return the places of parameters that cannot be identified."""
    names = {name: place for place, name in enumerate(parameter_names(fit.solution))}
    return {names[name] for group in fit.undetermined for name in group if name in names}


def _lost_weights(fit: EnsembleFit, lost: set[int]) -> NDArray[np.bool_]:
    """Return which weights cannot be identified, (channels,)."""
    C = fit.solution.problem.n_channels
    of_channel = np.array([LEAN + channel in lost for channel in range(C)])
    needed = {REST, EVOKED, RATE} if fit.sessions.recorded.learns else {EVOKED}
    return np.asarray(of_channel | bool(needed & lost))
