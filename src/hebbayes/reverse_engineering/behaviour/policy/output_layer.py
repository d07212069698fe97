"""The output layer of an animal: V by counts, the ratio lambda / gain, psi, and modulation.

Compares three learning rules (`modulation`) and reports the best one, or the theory's own
(modulated by risk) if they cannot be distinguished.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hebbayes.core.errors import ValueRangeError
from hebbayes.reverse_engineering.behaviour.modulation import (
    Modulation,
    change_correlation,
    judge,
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
from hebbayes.reverse_engineering.statistics.estimate import Estimate, widened

if TYPE_CHECKING:
    from hebbayes.reverse_engineering.behaviour.choices import Choices
    from hebbayes.reverse_engineering.behaviour.decision_prior import DecisionPrior

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class OutputLayer:
    """What decisions say about the output synapses and their learning.

    Attributes:
        ratio: lambda / gain of the modulator; of the plain gain if the verdict is ``unmodulated``.
        weights: V at the end of every window, (windows, decisions, states); its interval holds the
            uncertainty of the ratio, and of the activity if it came from units.
        decision_prior: psi given V, the consistent estimate.
        modulation: Whether risk modulates learning.
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
    """Return the output layer that explains the decisions best.

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
    weight = modulation_weight(_checked_risk(choices))
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
    verdict = judge(*likelihoods)
    changes = (
        _correlation(choices, worth, windows, readout, rng)
        for worth in (weight, np.ones(weight.size))
    )
    rule = "unmodulated" if verdict == "unmodulated" else "modulated"
    fit = fits[rule]
    layer = OutputLayer(
        ratio=fit.ratio,
        weights=_weights(rules[rule], fit.ratio, floor, _ends(windows)),
        decision_prior=fit.decision_prior,
        modulation=Modulation(verdict, *likelihoods, *changes),
        is_floor_touched=fit.is_floor_touched,
    )
    worth = weight if rule == "modulated" else np.ones(weight.size)
    uncertainty = policy_uncertainty(
        redrawn, worth, fit.ratio, _ends(windows), reward_delay=reward_delay, floor=floor
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


def _checked_risk(choices: "Choices") -> Floats:
    if choices.risk is None:
        raise ValueRangeError(
            "no risk was recorded, so learning cannot be replayed: V by counts, the ratio lambda / "
            "gain, psi given V and modulation need one risk per decision; V by regression does not."
        )
    known = choices.risk[choices.is_used & ~np.isnan(choices.risk)]
    if known.size == 0 or (known == 0.5).all():
        raise ValueRangeError(
            "risk is 1/2 or unknown in every used trial, so nothing is learnt; record the "
            "risk that followed the decisions."
        )
    return choices.risk


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
