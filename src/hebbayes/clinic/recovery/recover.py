"""Recovery on a design or on a user's own table: is diagnosis right where the truth is known?

Half of the simulated subjects are healthy; in the others one element is moved by 1, 1.5 or 2 of its
wide spreads.
Odds are recalibrated by the other half of the subjects before they are judged.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from hebbayes.clinic.diagnosis.odds import Recalibration, recalibrated
from hebbayes.clinic.recovery import study
from hebbayes.clinic.recovery.cohort import DOSES, dosed_cells

if TYPE_CHECKING:
    from hebbayes.clinic.estimation.climbing import Prior
    from hebbayes.clinic.estimation.layout import Layout
    from hebbayes.clinic.recovery.cohort import Source

LEAST_SUBJECTS = 8


@dataclass(frozen=True, eq=False)
class Recovery:
    """How often diagnosis is right on simulated subjects.

    Attributes:
        n_subjects: Simulated subjects, half of them healthy.
        accuracy: Shares of right classes among patients, of flags, and the calibration error.
        confusion: Share of each verdict by truth.
        coverage: Share of 95 % intervals that hold the truth in patients, by element.
        own_coverage: The same for the impaired element.
        correlation: Of true and estimated values over all subjects, by element.
        recalibration: That all subjects give, for odds of real subjects.
    """

    n_subjects: int
    accuracy: Mapping[str, float]
    confusion: Mapping[str, Mapping[str, float]]
    coverage: Mapping[str, float]
    own_coverage: Mapping[str, float]
    correlation: Mapping[str, float]
    recalibration: Recalibration


def cases_for(
    source: "Source", layout: "Layout", population: "Prior", count: int, seed: int = 0
) -> list[study.Case]:
    """Return simulated subjects, healthy and impaired in turn, the doses after all elements.

    Example:
        >>> from hebbayes.clinic.designs import Design
        >>> from hebbayes.clinic.estimation.layout import Layout
        >>> from hebbayes.clinic.estimation.population import typical_population
        >>> from hebbayes.clinic.recovery.cohort import Designed
        >>> layout = Layout(2)
        >>> source = Designed(Design(trials=20))
        >>> [one.element for one in cases_for(source, layout, typical_population(layout), 3)]
        ['', 'phi', '']
    """
    cells = [cell for k in range(len(DOSES)) for cell in dosed_cells()[k :: len(DOSES)]]
    cases = []
    typical = (population.mean, population.spread)
    for k in range(count):
        element, dose = cells[(k // 2) % len(cells)] if k % 2 else ("", 0.0)
        cases.append(study.Case(source, layout, population, element, dose, (seed, k), typical))
    return cases


def recover(
    cases: Sequence[study.Case],
    share: Callable[[Callable[[Any], Any], Sequence[Any]], Iterable[Any]] = map,
) -> Recovery:
    """Return how often diagnosis is right on the cases.

    Example:
        >>> from hebbayes.clinic.designs import Design
        >>> from hebbayes.clinic.estimation.layout import Layout
        >>> from hebbayes.clinic.estimation.population import typical_population
        >>> from hebbayes.clinic.recovery.cohort import Designed
        >>> layout = Layout(2)
        >>> source = Designed(Design(trials=20))
        >>> recover(cases_for(source, layout, typical_population(layout), 8)).n_subjects
        8
    """
    return judged(list(share(study.run_case, cases)))


def judged(records: Sequence[study.Record]) -> Recovery:
    """Return how often diagnosis was right in finished cases.

    Example:
        >>> row = {"evidence": [0.0] * 11, "element": "", "truth": "healthy", "intervals": {}}
        >>> judged([row] * 8).accuracy["n_healthy"]
        8
    """
    odds, flagged = study.cross_fitted(records)
    truth = study.truths(records)
    return Recovery(
        n_subjects=len(records),
        accuracy=study.accuracy(odds, flagged, truth),
        confusion=study.confusion(odds, flagged, truth),
        coverage=study.coverage(records),
        own_coverage=study.own_coverage(records),
        correlation=_correlation(records),
        recalibration=recalibrated(np.array([one["evidence"] for one in records]), truth),
    )


def _correlation(records: Sequence[study.Record]) -> dict[str, float]:
    found = {}
    for name in records[0]["intervals"]:
        values = np.array([one["intervals"][name] for one in records])
        estimate, truth = values[:, 1], values[:, 3]
        varies = np.ptp(estimate) > 0 and np.ptp(truth) > 0
        found[name] = float(np.corrcoef(estimate, truth)[0, 1]) if varies else float("nan")
    return found
