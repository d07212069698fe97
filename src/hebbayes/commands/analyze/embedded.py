"""The embedded culture: every estimate beside its truth, and whether the analysis misses it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hebbayes.commands.running.outcome import Table
from hebbayes.core.arrays import OFF, ON
from hebbayes.reverse_engineering.statistics.estimate import Estimate

if TYPE_CHECKING:
    from hebbayes.commands.analyze.published import PublishedAnalysis
    from hebbayes.commands.analyze.run import CausalAnalysis

STRETCH = 2.0
"""An estimate misses its truth beyond this many half-widths of its 95 % interval: by chance, fewer
than one run in ten thousand does."""

PRIOR_TOLERANCE = 0.05
"""Largest error of D1 by the published protocol, which has no intervals."""


@dataclass(frozen=True)
class EmbeddedEstimate:
    """One estimate of the embedded culture.

    Attributes:
        name: Quantity and source.
        estimate: The estimate; NaN ends if it is not identified.
        truth: The value that was simulated.
    """

    name: str
    estimate: Estimate[float]
    truth: float

    @property
    def is_inside(self) -> bool:
        """Whether the 95 % interval contains the truth."""
        return bool(self.estimate.low <= self.truth <= self.estimate.high)

    @property
    def is_missed(self) -> bool:
        """Whether the truth is far outside the interval, or the estimate is missing."""
        value, low, high = self.estimate.as_tuple()
        reach = STRETCH * (high - value if self.truth > value else value - low)
        return not (self.is_inside or abs(self.truth - value) <= reach)


def embedded_estimates(result: "CausalAnalysis") -> tuple[EmbeddedEstimate, ...]:
    """Return phi and lambda of every source of the embedded culture; nothing for a file.

    Example:
        >>> from types import SimpleNamespace
        >>> embedded_estimates(SimpleNamespace(truth=None))
        ()
    """
    if result.truth is None or not result.cultures:
        return ()
    (culture,) = result.cultures
    factors, perception = result.truth.threshold_factors, culture.description.perception
    assert culture.match is not None  # a simulated recording has its sources
    rows = []
    for source, k in enumerate(culture.match.ensemble):
        truths = {
            "phi": float(factors[ON, source] - factors[OFF, source]),
            "lambda": float(result.truth.prior_count[source]),
        }
        for name, truth in truths.items():
            estimate = Estimate(*[float("nan")] * 3)
            if k >= 0 and perception is not None:
                of = perception.log_odds if name == "phi" else perception.prior_count
                estimate = Estimate(*(float(end[k]) for end in of.as_tuple()))
            rows.append(EmbeddedEstimate(f"{name} of source {source}", estimate, truth))
    return tuple(rows)


def embedded_table(estimates: tuple[EmbeddedEstimate, ...], what: str = "culture") -> Table:
    """Return estimates beside the truth of the embedded culture, or whatever else it is.

    Example:
        >>> one = EmbeddedEstimate("phi of source 0", Estimate(0.1, -0.3, 0.5), 0.4)
        >>> embedded_table((one,)).rows
        [['phi of source 0', 0.1, -0.3, 0.5, 0.4, 'yes']]
    """
    header = ["quantity", "estimate", "low", "high", "truth", "inside"]
    rows = [
        [one.name, *one.estimate.as_tuple(), one.truth, "yes" if one.is_inside else "no"]
        for one in estimates
    ]
    return Table(f"Embedded {what}: estimates beside the truth", header, rows)


def embedded_answer(result: "CausalAnalysis") -> list[str]:
    """Return how many estimates of the embedded culture hold their truth; nothing for a file.

    Example:
        >>> from types import SimpleNamespace
        >>> embedded_answer(SimpleNamespace(truth=None))
        []
    """
    estimates = embedded_estimates(result)
    if not estimates:
        return []
    n_inside = sum(one.is_inside for one in estimates)
    return [
        f"In the embedded example, {n_inside} of {len(estimates)} intervals contain the true value "
        "that was simulated."
    ]


def miss_sentences(estimates: tuple[EmbeddedEstimate, ...]) -> list[str]:
    """Return a sentence for each estimate that misses its truth.

    Example:
        >>> miss_sentences((EmbeddedEstimate("phi of source 0", Estimate(0.1, 0.0, 0.2), 0.4),))
        ['MISSED: phi of source 0 is 0.1 [0, 0.2], truth 0.4; do not trust this analysis.']
    """
    sentences = []
    for one in estimates:
        value, low, high = one.estimate.as_tuple()
        what = f"is {value:.3g} [{low:.3g}, {high:.3g}]" if np.isfinite(value) else "has no value"
        if one.is_missed:
            sentences.append(
                f"MISSED: {one.name} {what}, truth {one.truth:.3g}; do not trust this analysis."
            )
    return sentences


def prior_table(result: "PublishedAnalysis") -> Table:
    """Return the priors D1 of the embedded culture beside the truth.

    Example:
        >>> from types import SimpleNamespace
        >>> factors = np.log([[0.4, 0.6], [0.6, 0.4]])
        >>> culture = SimpleNamespace(description=SimpleNamespace(threshold_factors=factors))
        >>> truth = SimpleNamespace(threshold_factors=factors)
        >>> table = prior_table(SimpleNamespace(cultures=[culture], truth=truth))
        >>> [round(value, 3) for value in table.rows[0][1:]]
        [0.4, 0.4, 0.0]
    """
    assert result.truth is not None
    (culture,) = result.cultures
    pairs = zip(culture.description.threshold_factors[ON], result.truth.threshold_factors[ON])
    rows = [
        [
            f"D1 of source {source}",
            float(np.exp(ours)),
            float(np.exp(true)),
            float(np.exp(ours) - np.exp(true)),
        ]
        for source, (ours, true) in enumerate(pairs)
    ]
    header = ["quantity", "estimate", "truth", "error"]
    return Table("Embedded culture: estimates beside the truth", header, rows)
