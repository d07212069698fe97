"""Recurrent synapses K from consecutive activity, in two readings.

Counts: what running counts of consecutive activity, b += x_previous (x) x, would hold; these ARE
the animal's synapses while it learns them so, with the same prior.  Regression:
x = sig(W o + K x_previous + h) (docs/theory.md eq. 4) solved for the K that the animal uses,
however it was learnt; it holds while W and K are constant, and with noise-free activity.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv, digamma, expit, polygamma

from hebbayes.core.arrays import OFF, ON
from hebbayes.core.errors import ValueRangeError
from hebbayes.reverse_engineering.behaviour.choices import previous_in_session
from hebbayes.reverse_engineering.behaviour.regression import (
    TOLERANCE,
    Regression,
    fit_choices,
    predicted_shares,
)
from hebbayes.reverse_engineering.statistics.blocks import blocks
from hebbayes.reverse_engineering.statistics.bootstrap import bootstrap_steps, resampled_estimate
from hebbayes.reverse_engineering.statistics.estimate import (
    LEVEL,
    Estimate,
    normal_estimate,
)
from hebbayes.reverse_engineering.synapses import coincidence_counts

if TYPE_CHECKING:
    from hebbayes.reverse_engineering.behaviour.recalibration import Recalibrated

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class EffectiveRecurrence:
    """Recurrent synapses that running counts hold, (states, states before).

    Attributes:
        weights: K = K1 - K0.
        probability: (2, states, states before), the probability that the state before was on if the
            state is on, off; closed-form Beta intervals.
    """

    weights: Estimate
    probability: Estimate


@dataclass(frozen=True, eq=False)
class MiddleLayer:
    """Weights and thresholds of the middle layer.

    Attributes:
        sensory: W, (states, channels).
        recurrent: K, (states, states before).
        threshold: h, (states,).
        prediction_error: Mean squared errors of the models ``constant``, ``stimuli`` (W, h) and
            ``recurrent`` (W, K, h), fitted on the first half of the trials and scored on the
            second.
    """

    sensory: Estimate
    recurrent: Estimate
    threshold: Estimate
    prediction_error: dict[str, float]


def effective_recurrence(
    activity: Floats, session_index: Integers, prior_count: float
) -> EffectiveRecurrence:
    """Return the recurrent synapses that counts of consecutive activity hold at the end.

    ``prior_count`` is the total prior count of a synapse, half for each value.  Trials whose
    activity or the one before is not known (NaN) are left out.  Activity with noise around it may
    leave [0, 1].  Raises `ValueRangeError` unless ``prior_count`` and all counts are above 0.

    Example:
        >>> x = np.tile([[1.0], [1.0], [0.0], [0.0]], (50, 1))
        >>> estimate = effective_recurrence(x, np.zeros(200, int), 2.0)
        >>> estimate.probability.value[0].round(2).tolist()
        [[0.5]]
    """
    if not prior_count > 0:
        raise ValueRangeError(f"prior_count must be above 0; got {prior_count}.")
    previous = previous_in_session(activity, session_index)
    is_known = np.isfinite(activity).all(1) & np.isfinite(previous).all(1)
    counts = prior_count / 2 + coincidence_counts(previous[is_known], activity[is_known])
    if not (counts > 0).all():
        raise ValueRangeError(
            "the noise of the activity is larger than the counts of consecutive activity; record "
            "more trials, or a unit that follows its state more closely."
        )
    on, off = (np.swapaxes(part, -1, -2) for part in (counts[ON], counts[OFF]))
    tail = (1 - LEVEL) / 2
    probability = Estimate(on / (on + off), *(betaincinv(on, off, q) for q in (tail, 1 - tail)))
    odds = np.log(on / off)
    # mean and variance of the log odds of a Beta; their difference is close to normal
    shift = digamma(on) - digamma(off) - odds
    error = np.sqrt((polygamma(1, on) + polygamma(1, off)).sum(0))
    around = normal_estimate(odds[ON] - odds[OFF] + shift[ON] - shift[OFF], error)
    return EffectiveRecurrence(Estimate(odds[ON] - odds[OFF], around.low, around.high), probability)


def fit_middle_layer(
    stimuli: Floats,
    activity: Floats,
    session_index: Integers,
    *,
    rng: np.random.Generator,
    target: Floats | None = None,
    block_length: int = 5,
    uncertainty: Iterable["Recalibrated"] = (),
) -> MiddleLayer:
    """Return W, K and h that solve <(x - sig(W o + K x_previous + h)) (o, x_previous, 1)> = 0.

    ``target`` replaces x on the left, if it is not ``activity``: noise there does no harm,
    shrinkage does.

    Intervals resample blocks of trials: they hold noise of the activity, not a change of the
    weights.  With ``uncertainty``, activities as they could have been too, they hold that of the
    calibration.  They are no narrower than the fit's own tolerance.  Raises `ValueRangeError` if
    inputs depend on each other.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> o, x = rng.integers(0, 2, (300, 1)).astype(float), [np.array([0.5])]
        >>> for seen in o:
        ...     x.append(1 / (1 + np.exp(-(2 * seen - x[-1]))))
        >>> x = np.concatenate([x[1:]])
        >>> fit = fit_middle_layer(o, x, np.zeros(300, int), rng=rng)
        >>> fit.sensory.value.round(4).tolist(), fit.recurrent.value.round(4).tolist()
        ([[2.0]], [[-1.0]])
    """
    design, is_known = _inputs(stimuli, activity, session_index)
    x = (activity if target is None else target)[is_known]
    fits = [fit_choices(design, _soft(values)) for values in x.T]
    value = np.stack([fit.coefficients[:, 0] for fit in fits])
    steps = [_redrawn_steps(fits, stimuli, session_index, one) for one in uncertainty]
    if len(steps) > 1:
        estimate = normal_estimate(value, np.std(steps, axis=0, ddof=1))
    else:
        block = blocks(session_index[is_known], block_length)
        moved = [bootstrap_steps(fit.scores, fit.information, block, rng=rng) for fit in fits]
        estimate = resampled_estimate(value, np.stack(moved, axis=1))
    estimate = _no_narrower(estimate, fits)
    n = stimuli.shape[1]
    return MiddleLayer(
        sensory=estimate[:, 1 : 1 + n],
        recurrent=estimate[:, 1 + n :],
        threshold=estimate[:, 0],
        prediction_error=_prediction_error(design, x, n),
    )


def _inputs(
    stimuli: Floats, activity: Floats, session_index: Integers
) -> tuple[Floats, NDArray[np.bool_]]:
    """Constant, o and x_previous of the trials in which all is known, and which these are."""
    previous = previous_in_session(activity, session_index)
    is_known = np.asarray((np.isfinite(activity) & np.isfinite(previous)).all(axis=1), bool)
    constant = np.ones(int(is_known.sum()))
    return np.column_stack([constant, stimuli[is_known], previous[is_known]]), is_known


def _soft(x: Floats) -> Floats:
    return np.column_stack([x, 1 - x])


def _redrawn_steps(
    fits: list[Regression], stimuli: Floats, session_index: Integers, redrawn: "Recalibrated"
) -> Floats:
    """How the coefficients move by one Newton step to a resampled activity, (states, inputs)."""
    design, is_known = _inputs(stimuli, redrawn.activity, session_index)
    weight, steps = redrawn.weight[is_known], []
    for fit, x in zip(fits, redrawn.unshrunk[is_known].T, strict=True):
        share = expit(design @ fit.coefficients[:, 0])
        information = (design.T * (weight * share * (1 - share))) @ design
        slope = design.T @ (weight * (x - share))
        steps.append(np.linalg.lstsq(information, slope, rcond=1e-12)[0])
    return np.stack(steps)


def _no_narrower(estimate: Estimate, fits: list[Regression]) -> Estimate:
    """Let intervals hold what the fit's tolerance leaves open: of exact activity, all there is."""
    least = np.stack(
        [np.sqrt(2 * TOLERANCE * np.diag(np.linalg.inv(fit.information))) for fit in fits]
    )
    return Estimate(
        estimate.value,
        np.minimum(estimate.low, estimate.value - least),
        np.maximum(estimate.high, estimate.value + least),
    )


def _prediction_error(design: Floats, x: Floats, n_channels: int) -> dict[str, float]:
    half = len(x) // 2
    columns = {"constant": 1, "stimuli": 1 + n_channels, "recurrent": design.shape[1]}
    errors = {}
    for model, n in columns.items():
        missed = []
        for target in x.T:
            # a weak prior, so that a short first half does not stop the comparison
            fit = fit_choices(design[:half, :n], _soft(target[:half]), ridge=1e-3)
            guess = predicted_shares(design[half:, :n], fit.coefficients)[:, 0]
            missed.append(float(((target[half:] - guess) ** 2).mean()))
        errors[model] = float(np.mean(missed))
    return errors
