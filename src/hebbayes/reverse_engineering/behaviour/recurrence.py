"""Recurrent synapses K from consecutive activity, in two readings.

Counts: what running counts of consecutive activity, b += x_previous (x) x, would hold; these ARE
the animal's synapses while it learns them so, with the same prior.  Regression:
x = sig(W o + K x_previous + h) (docs/theory.md eq. 4) solved for the K that the animal uses,
whatever taught it; it holds while W and K stand still, and with activity free of noise.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv, digamma, polygamma

from hebbayes.core.arrays import OFF, ON
from hebbayes.core.errors import ValueRangeError
from hebbayes.reverse_engineering.behaviour.bootstrap import bootstrap_steps, resampled_estimate
from hebbayes.reverse_engineering.behaviour.choices import previous_in_session
from hebbayes.reverse_engineering.behaviour.regression import fit_choices, predicted_shares
from hebbayes.reverse_engineering.blocks import blocks
from hebbayes.reverse_engineering.estimate import (
    LEVEL,
    Estimate,
    normal_estimate,
)
from hebbayes.reverse_engineering.synapses import coincidence_counts

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class EffectiveRecurrence:
    """What running counts hold, (states, states before).

    weights K = K1 - K0.  probability (2, states, states before): K1^, K0^, the probability that
    the state before was on given that the state is on, off; closed-form Beta intervals.
    """

    weights: Estimate
    probability: Estimate


@dataclass(frozen=True, eq=False)
class MiddleLayer:
    """The middle layer's wiring: sensory W (states, channels), recurrent K (states, states
    before), threshold h (states,); and mean squared errors of predicted activity.

    ``prediction_error`` names models: ``constant``, ``stimuli`` (W, h) and ``recurrent`` (W, K, h),
    fitted on the first half of the trials and scored on the second.
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
        >>> found = effective_recurrence(x, np.zeros(200, int), 2.0)
        >>> found.probability.value[0].round(2).tolist()
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
) -> MiddleLayer:
    """Return W, K and h that solve <(x - sig(W o + K x_previous + h)) (o, x_previous, 1)> = 0.

    ``target`` stands for x at the left, where it is not ``activity``: noise there does no harm,
    shrinkage does.

    Intervals resample blocks of trials: they hold noise of the activity, not a change of the
    weights.  Raises `ValueRangeError` where inputs depend on each other.

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
    previous = previous_in_session(activity, session_index)
    is_known = np.isfinite(activity).all(1) & np.isfinite(previous).all(1)
    x, o = (activity if target is None else target)[is_known], stimuli[is_known]
    design = np.column_stack([np.ones(len(x)), o, previous[is_known]])
    block = blocks(session_index[is_known], block_length)
    fits = [_fit_state(design, x[:, k], block, rng) for k in range(x.shape[1])]

    def part(start: int, stop: int | None) -> Estimate:
        return Estimate(*(np.stack([getattr(fit, end)[start:stop] for fit in fits])
                          for end in ("value", "low", "high")))  # fmt: skip

    n = o.shape[1]
    threshold = part(0, 1)
    return MiddleLayer(
        sensory=part(1, 1 + n),
        recurrent=part(1 + n, None),
        threshold=Estimate(threshold.value[:, 0], threshold.low[:, 0], threshold.high[:, 0]),
        prediction_error=_prediction_error(design, x, n),
    )


def _soft(x: Floats) -> Floats:
    return np.column_stack([x, 1 - x])


def _fit_state(design: Floats, x: Floats, block: Integers, rng: np.random.Generator) -> Estimate:
    fit = fit_choices(design, _soft(x))
    steps = bootstrap_steps(fit.scores, fit.information, block, rng=rng)
    return resampled_estimate(fit.coefficients[:, 0], steps)


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
