"""Groups side by side: what differs, by how much, and whether two models agree on it.

One number per subject and quantity: the estimate on the scale without bounds, on which subjects are
normal.  Estimates are drawn to the healthy population, so that a difference is rather too small.
Welch's t test; p-values are adjusted by Holm's method over all quantities, models and groups.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hebbayes.clinic.comparison.compare import CIRCUIT
from hebbayes.clinic.comparison.rivals import EVERYTHING
from hebbayes.clinic.elements import BY_NAME
from hebbayes.reverse_engineering.statistics.estimate import (
    Estimate,
    mean_estimate,
    normal_estimate,
)
from hebbayes.reverse_engineering.statistics.groups import Comparison, adjusted, compare

if TYPE_CHECKING:
    from hebbayes.clinic.comparison.compare import Standing
    from hebbayes.clinic.diagnosis.subjects import Diagnosis
    from hebbayes.clinic.estimation.likelihood import Observed

Floats = NDArray[np.float64]

CHOICES = "choices"
"""Where a quantity that needs no model comes from."""

BIAS = "bias of decision"
"""Start of the names of parameters of rivals that are not compared."""

LEAST_SUBJECTS = 2
"""Of a group that is compared."""

SIGNIFICANT = 0.05

COUNTERPARTS = (
    ("speed", "rate of wins", -1),
    ("modulator_bias", "rate of losses", -1),
    ("inverse_temperature", "inverse temperature", 1),
    ("lapse", "lapse", 1),
    ("leak", "forgetting", 1),
    ("stickiness", "stickiness", 1),
)
"""Element of the circuit, parameter of Rescorla-Wagner that does alike, and the sign between."""


@dataclass(frozen=True, eq=False)
class Difference:
    """One quantity in a group and in the group it is compared with.

    Attributes:
        model: `CIRCUIT`, a rival, or `CHOICES`.
        test: Groups, means, the difference with its interval, adjusted p.
        effect: Hedges' g: the difference in units of the spread between subjects.
    """

    model: str
    test: Comparison
    effect: Estimate[float]

    @property
    def is_found(self) -> bool:
        """Whether the adjusted p is below 0.05."""
        return bool(self.test.p < SIGNIFICANT)


@dataclass(frozen=True)
class Agreement:
    """What two models say of a group where they have a word for the same thing.

    Attributes:
        group: The group.
        element: Of the circuit.
        parameter: Of Rescorla-Wagner.
        verdict: "agree", "opposite", "circuit only", "rival only" or "no difference".
    """

    group: str
    element: str
    parameter: str
    verdict: str


@dataclass(frozen=True, eq=False)
class GroupStanding:
    """All models beside the members of one group.

    Attributes:
        group: Name.
        n_subjects: Members with choices.
        nats_per_choice: Mean over members of every model by name.
        lead: Nats per member by which each rival is ahead of the circuit, with a 95 % interval.
    """

    group: str
    n_subjects: int
    nats_per_choice: Mapping[str, float]
    lead: Mapping[str, Estimate[float]]


def hedges_g(first: Floats, second: Floats) -> Estimate[float]:
    """Return the mean of ``second`` less that of ``first`` in units of their pooled spread.

    Corrected for few subjects; the interval is that of Hedges & Olkin (1985).  NaN for fewer than
    two subjects or without spread.

    Example:
        >>> effect = hedges_g(np.array([0.0, 1.0, 2.0]), np.array([1.0, 2.0, 3.0]))
        >>> round(effect.value, 3)
        0.8
    """
    n, m = len(first), len(second)
    freedom = n + m - 2
    if min(n, m) < LEAST_SUBJECTS:
        return Estimate(float("nan"), float("nan"), float("nan"))
    pooled = np.sqrt(((n - 1) * first.var(ddof=1) + (m - 1) * second.var(ddof=1)) / freedom)
    if pooled == 0:
        return Estimate(float("nan"), float("nan"), float("nan"))
    g = (1 - 3 / (4 * freedom - 1)) * (second.mean() - first.mean()) / pooled
    error = np.sqrt((n + m) / (n * m) + g**2 / (2 * (n + m)))
    return Estimate(*(float(one) for one in normal_estimate(g, error).as_tuple()))


def quantities_of(
    observed: "Observed", found: "Diagnosis", standing: "Standing"
) -> dict[tuple[str, str], float]:
    """Return one subject's numbers by model and name.

    Example:
        >>> quantities_of.__name__
        'quantities_of'
    """
    numbers: dict[tuple[str, str], float] = {}
    for name, estimate in found.estimates.items():
        values = np.atleast_1d(BY_NAME[name].scale.unbounded(np.asarray(estimate.value, float)))
        numbers |= {(CIRCUIT, _numbered(name, k, len(values))): v for k, v in enumerate(values)}
    for name in observed.layout.extensions.names:
        (place,) = observed.layout.places(name)
        numbers[CIRCUIT, name] = float(found.draws.weight @ found.draws.theta[:, place])
    for name, value in standing.estimates.get(EVERYTHING, {}).items():
        if not name.startswith(BIAS):
            numbers[EVERYTHING, name] = value
    known = observed.choices.outcome[np.isfinite(observed.choices.outcome)]
    numbers[CHOICES, "mean outcome"] = float(known.mean()) if known.size else float("nan")
    numbers[CHOICES, "missed"] = 1 - observed.choices.n_made / max(1, observed.task.n_trials)
    return numbers


def _numbered(name: str, k: int, n: int) -> str:
    return name if n == 1 else f"{name} of choice {k + 1}"


def compare_groups(
    groups: Sequence[str], numbers: Sequence[Mapping[tuple[str, str], float]], controls: str = ""
) -> list[Difference]:
    """Return how each group differs from the controls, by default from the first group.

    ``groups`` and ``numbers`` are of every subject; groups of fewer than two are left out.

    Example:
        >>> groups = ["a"] * 3 + ["b"] * 3
        >>> numbers = [{("choices", "missed"): float(k)} for k in (0, 1, 2, 1, 2, 3)]
        >>> round(compare_groups(groups, numbers)[0].effect.value, 3)
        0.8
    """
    names = [name for name in dict.fromkeys(groups) if name]
    names = [name for name in names if groups.count(name) >= LEAST_SUBJECTS]
    if controls in names:
        names = [controls, *(name for name in names if name != controls)]
    found: list[Difference] = []
    for other in names[1:]:
        pair = (names[0], other)
        for key in dict.fromkeys(key for one in numbers for key in one):
            both = [
                np.array([n[key] for g, n in zip(groups, numbers) if g == name and key in n])
                for name in pair
            ]
            first, second = (one[np.isfinite(one)] for one in both)
            test = compare(
                key[1], pair, dict(enumerate(first)), dict(enumerate(second)), is_paired=False
            )
            found.append(Difference(key[0], test, hedges_g(first, second)))
    tests = adjusted([one.test for one in found])
    return [Difference(one.model, test, one.effect) for one, test in zip(found, tests)]


def agreements(differences: Sequence[Difference]) -> list[Agreement]:
    """Return where circuit and Rescorla-Wagner agree on what differs, group by group.

    Example:
        >>> groups = ["a"] * 3 + ["b"] * 3
        >>> numbers = [{("circuit", "lapse"): v, ("rescorla_wagner_sticky_lapsing_forgetting",
        ...            "lapse"): v} for v in (0.0, 0.1, 0.2, 5.0, 5.1, 5.2)]
        >>> [one.verdict for one in agreements(compare_groups(groups, numbers))]
        ['agree']
    """
    by_key = {(one.test.conditions[1], one.model, one.test.quantity): one for one in differences}
    found = []
    for group in dict.fromkeys(one.test.conditions[1] for one in differences):
        for element, parameter, sign in COUNTERPARTS:
            ours = by_key.get((group, CIRCUIT, element))
            theirs = by_key.get((group, EVERYTHING, parameter))
            if ours and theirs:
                found.append(Agreement(group, element, parameter, _verdict(ours, theirs, sign)))
    return found


def _verdict(ours: Difference, theirs: Difference, sign: int) -> str:
    if ours.is_found and theirs.is_found:
        same = ours.test.difference.value * theirs.test.difference.value * sign > 0
        return "agree" if same else "opposite"
    if ours.is_found:
        return "circuit only"
    return "rival only" if theirs.is_found else "no difference"


def group_standing(name: str, members: "Sequence[Standing]") -> GroupStanding:
    """Return all models beside the members of a group; a model must be known for all of them.

    Example:
        >>> group_standing("a", []).n_subjects
        0
    """
    usable = [one for one in members if one.scores[CIRCUIT].log_density.size]
    models = [
        model
        for model in (usable[0].scores if usable else ())
        if all(model in one.scores for one in usable)
    ]
    nats = {m: float(np.mean([one.nats_per_choice[m] for one in usable])) for m in models}
    lead = {
        m: mean_estimate(np.array([one.lead(m)[0] for one in usable]))
        for m in models
        if m != CIRCUIT
    }
    return GroupStanding(name, len(usable), nats, lead)
