"""Cores around a spec, scored and priced: the cheapest that is good enough, the Pareto front."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from hebbayes.neuromorphic.costs import Costs, step_costs
from hebbayes.neuromorphic.inference.counts import bits_of
from hebbayes.neuromorphic.inference.sources import SourcesScore, score_sources

if TYPE_CHECKING:
    from hebbayes.neuromorphic.spec import DeviceSpec

COUNTER_BITS = (12, 10, 9, 8, 7)
LOG_BITS = (6, 4, 2)
"""Widths that a search tries."""


@dataclass(frozen=True, eq=False)
class Candidate:
    """One core.

    Attributes:
        spec: The core.
        score: How well it separates sources, by stage.
        costs: Of one step.
    """

    spec: "DeviceSpec"
    score: SourcesScore
    costs: Costs

    @property
    def accuracy(self) -> float:
        """Mean accuracy of the integer core over seeds."""
        return float(self.score.accuracy["integer"].mean())


def assess(spec: "DeviceSpec", steps: int, seeds: Iterable[int]) -> Candidate:
    """Return a core with its score and costs.

    Example:
        >>> from hebbayes.neuromorphic.spec import DeviceSpec
        >>> assess(DeviceSpec(inputs=4), 50, [0]).costs.bits
        200
    """
    score = score_sources(spec, steps, seeds)
    word_bits = 2 * spec.counter_bits * spec.lanes
    return Candidate(
        spec, score, step_costs(spec, score.events, sum(bits_of(spec).values()), word_bits)
    )


def neighbours(spec: "DeviceSpec") -> "Iterator[DeviceSpec]":
    """Yield the spec with each width of counters and logarithms that a search tries.

    Example:
        >>> from hebbayes.neuromorphic.spec import DeviceSpec
        >>> len(list(neighbours(DeviceSpec())))
        15
    """
    for counter_bits in COUNTER_BITS:
        for log_bits in LOG_BITS:
            window = min(spec.window, (1 << counter_bits) - 1)
            yield replace(spec, counter_bits=counter_bits, log_bits=log_bits, window=window)


def pareto_front(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Return the cores that no other beats in both accuracy and energy, cheapest first.

    Example:
        >>> pareto_front([])
        []
    """
    front: list[Candidate] = []
    for one in sorted(candidates, key=lambda one: (one.costs.energy_pj[1], -one.accuracy)):
        if not front or one.accuracy > front[-1].accuracy:
            front.append(one)
    return front


def cheapest(candidates: Sequence[Candidate], target: float) -> Candidate | None:
    """Return the core of least energy whose accuracy reaches ``target``; None if there is none.

    Example:
        >>> cheapest([], 0.9) is None
        True
    """
    enough = [one for one in candidates if one.accuracy >= target]
    return min(enough, key=lambda one: one.costs.energy_pj[1], default=None)
