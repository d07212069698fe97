"""The output layer of an animal: V by counts, the ratio lambda / gain and psi, as the theory says.

Learning is modulated by risk; whether the theory explains the decisions is judged by `rivals`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hebbayes.reverse_engineering.behaviour.choices import checked_risk
from hebbayes.reverse_engineering.behaviour.modulation import (
    Modulation,
    change_correlation,
    signed_coincidences,
)
from hebbayes.reverse_engineering.behaviour.policy.fit import fit_policy, fit_static
from hebbayes.reverse_engineering.behaviour.policy.forward import (
    PolicyEvidence,
    modulation_weight,
    policy_counts,
    policy_evidence,
    policy_weights,
)
from hebbayes.reverse_engineering.behaviour.policy.uncertainty import (
    PolicyUncertainty,
    policy_uncertainty,
    widened_prior,
    widened_ratio,
)
from hebbayes.reverse_engineering.behaviour.rivals.models import AS_THEORY
from hebbayes.reverse_engineering.statistics.estimate import Estimate, widened

if TYPE_CHECKING:
    from hebbayes.reverse_engineering.behaviour.choices import Choices
    from hebbayes.reverse_engineering.behaviour.decision_prior import DecisionPrior

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class OutputLayer:
    """What decisions say about the output synapses and their learning.

    Attributes:
        ratio: lambda / gain of the modulator.
        weights: V at the end of every window, (windows, decisions, states); its interval holds the
            uncertainty of the ratio, and of the activity if it came from units.
        decision_prior: psi given V, the consistent estimate.
        modulation: Likelihoods with and without risk.
        is_floor_touched: Whether counts fell to the assumed floor.
    """

    ratio: Estimate
    weights: Estimate
    decision_prior: "DecisionPrior"
    modulation: Modulation
    is_floor_touched: bool


def describe_output_layer(
    choices: "Choices",
    windows: Sequence[NDArray[np.bool_]],
    readout: Estimate | None,
    reward_delay: int,
    floor: float,
    *,
    rng: np.random.Generator,
    redrawn: Iterable["Choices"] = (),
) -> OutputLayer:
    """Return the output layer of the theory that explains the decisions best.

    ``readout`` is V by regression in the same windows, for the correlation of its changes.
    ``redrawn`` holds the same decisions with resampled activity, whose spread widens the intervals.
    Raises `ValueRangeError` if no risk was recorded, or none that differs from 1/2.

    Example:
        >>> from hebbayes.reverse_engineering.behaviour.choices import Choices
        >>> rng = np.random.default_rng(0)
        >>> choices = Choices(rng.integers(0, 2, 200), rng.random((200, 1)), rng.random(200),
        ...                   np.zeros(200, int), 2)
        >>> layer = describe_output_layer(choices, [np.ones(200, bool)], None, 0, 1.0, rng=rng)
        >>> layer.weights.value.shape
        (1, 2, 1)
    """
    weight = modulation_weight(checked_risk(choices))
    rules = {
        "modulated": policy_evidence(choices, weight, reward_delay),
        "unmodulated": policy_evidence(choices, np.ones(weight.size), reward_delay),
    }
    fits = {rule: fit_policy(choices, evidence, floor) for rule, evidence in rules.items()}
    likelihoods = (
        fit_static(choices),
        fits["unmodulated"].log_likelihood,
        fits["modulated"].log_likelihood,
    )
    changes = (
        _correlation(choices, worth, windows, readout, rng)
        for worth in (weight, np.ones(weight.size))
    )
    fit = fits["modulated"]
    layer = OutputLayer(
        ratio=fit.ratio,
        weights=_weights(rules["modulated"], fit.ratio, floor, _ends(windows)),
        decision_prior=fit.decision_prior,
        modulation=Modulation(AS_THEORY, *likelihoods, *changes),
        is_floor_touched=fit.is_floor_touched,
    )
    uncertainty = policy_uncertainty(
        redrawn, weight, fit.ratio, _ends(windows), reward_delay=reward_delay, floor=floor
    )
    return layer if uncertainty is None else _with_uncertainty(layer, uncertainty)


def _with_uncertainty(layer: OutputLayer, uncertainty: PolicyUncertainty) -> OutputLayer:
    return replace(
        layer,
        ratio=widened_ratio(layer.ratio, uncertainty),
        weights=widened(layer.weights, uncertainty.weights),
        decision_prior=widened_prior(layer.decision_prior, uncertainty),
    )


def _ends(windows: Sequence[NDArray[np.bool_]]) -> list[int]:
    return [int(np.flatnonzero(window)[-1]) for window in windows]


def _weights(evidence: PolicyEvidence, ratio: Estimate, floor: float, ends: list[int]) -> Estimate:
    def at(value: float) -> Floats:
        if not np.isfinite(value):
            return np.zeros((len(ends), *np.swapaxes(evidence.before, 3, 4).shape[3:]))
        return policy_weights(policy_counts(evidence, value, floor)[ends])

    best = at(float(ratio.value))
    reached = np.stack([best, at(max(float(ratio.low), 2.001 * floor)), at(float(ratio.high))])
    return Estimate(best, reached.min(0), reached.max(0))


def _correlation(
    choices: "Choices",
    weight: Floats,
    windows: Sequence[NDArray[np.bool_]],
    readout: Estimate | None,
    rng: np.random.Generator,
) -> Estimate | None:
    if readout is None:
        return None
    predicted = np.stack([signed_coincidences(choices, weight, window) for window in windows])
    return change_correlation(readout.value, predicted, rng=rng)
