"""The embedded group: what the population's estimates should be."""

from typing import TYPE_CHECKING

from hebbayes.commands.analyze.embedded import EmbeddedEstimate
from hebbayes.reverse_engineering.statistics.estimate import Estimate
from hebbayes.simulators.group import CHOICES

if TYPE_CHECKING:
    from hebbayes.commands.behaviour.run import BehaviourResult


def embedded_estimates(result: "BehaviourResult") -> tuple[EmbeddedEstimate, ...]:
    """Return estimates of the embedded group beside the truth; nothing for a file.

    Example:
        >>> from types import SimpleNamespace
        >>> embedded_estimates(SimpleNamespace(truth=None))
        ()
    """
    if result.truth is None or result.population.psi is None:
        return ()
    design, found = result.truth.design, result.population
    assert found.psi is not None
    between = (design.bias[1] - design.bias[0]) / 2  # psi of two choices is half their log odds
    typical = Estimate(*(float(end[0]) for end in found.psi.as_tuple()))
    first = f"psi: {CHOICES[0]}"
    return (
        EmbeddedEstimate("lambda / gain", found.elements["learning"], design.ratio),
        EmbeddedEstimate("leak per trial", found.elements["leak"], design.leak),
        EmbeddedEstimate("stickiness", found.elements["stickiness"], design.stickiness),
        EmbeddedEstimate(f"psi of {CHOICES[0]}, typical", typical, sum(design.bias) / 4),
        EmbeddedEstimate(f"{first}, between groups", result.groups[first].difference, between),
    )
