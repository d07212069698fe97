"""The embedded animal: what is estimated and foretold of it, beside what is true of it."""

from typing import TYPE_CHECKING

import numpy as np

from hebbayes.commands.analyze.embedded import EmbeddedEstimate
from hebbayes.reverse_engineering.statistics.estimate import Estimate
from hebbayes.simulators import EXAMPLE_ANIMAL

if TYPE_CHECKING:
    from hebbayes.commands.predict_behaviour.run import AnimalPrediction


def embedded_estimates(result: "AnimalPrediction") -> tuple[EmbeddedEstimate, ...]:
    """Return psi, lambda / gain and success by session of the embedded animal; none for a file.

    The truth of success is the mean over simulated lives of the animal itself.

    Example:
        >>> from types import SimpleNamespace
        >>> embedded_estimates(SimpleNamespace(true_success=None))
        ()
    """
    if result.true_success is None:
        return ()
    prior = np.asarray(EXAMPLE_ANIMAL.decision_prior)
    psi = np.log(prior / (1 - prior))
    ratio = EXAMPLE_ANIMAL.policy_prior_count / EXAMPLE_ANIMAL.modulation_gain
    nothing, layer = Estimate(*[float("nan")] * 3), result.behaviour.output_layer
    rows = []
    for k, truth in enumerate(psi):
        found = nothing if layer is None else layer.decision_prior.threshold_factor[k]
        rows.append(_row(f"psi of decision {k}", found, truth))
    rows.append(_row("lambda / gain", nothing if layer is None else layer.ratio, ratio))
    foretold = list(result.predictions.values())[-1].success
    rows += [
        _row(f"success in session {k}", foretold[k], truth)
        for k, truth in enumerate(result.true_success.mean(0))
    ]
    return tuple(rows)


def _row(name: str, estimate: Estimate, truth: float) -> EmbeddedEstimate:
    ends = Estimate(*(float(end) for end in estimate.as_tuple()))
    return EmbeddedEstimate(name, ends, float(truth))
