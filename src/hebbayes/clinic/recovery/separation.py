"""How far a dose separates patients from healthy subjects: d' of the element's own estimate.

d' is the difference of mean estimates in units of their pooled standard deviation.  A test of a
single known element on one side finds at most Φ(d' - 1.645) of the patients at 5 % false alarms.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hebbayes.clinic.estimation.models import fit_model, widened
from hebbayes.clinic.recovery.cohort import Source, draw_member

if TYPE_CHECKING:
    from hebbayes.clinic.estimation.climbing import Prior
    from hebbayes.clinic.estimation.layout import Layout

Floats = NDArray[np.float64]

_N_STARTS = 30


@dataclass(frozen=True, eq=False)
class Separating:
    """What the estimates of one element are made from; picklable.

    Attributes:
        source: Draws tasks.
        layout: Parameters of fits.
        population: Of healthy subjects.
        element: The element.
    """

    source: Source
    layout: "Layout"
    population: "Prior"
    element: str


def estimates_of(one: Separating, dose: float, count: int, seed: Sequence[int]) -> Floats:
    """Return the element's estimates (subjects,) in simulated subjects with that dose.

    Example:
        >>> from hebbayes.clinic.designs import Design
        >>> from hebbayes.clinic.estimation.layout import Layout
        >>> from hebbayes.clinic.estimation.population import typical_population
        >>> from hebbayes.clinic.recovery.cohort import Designed
        >>> one = Separating(Designed(Design(trials=20)), Layout(2), typical_population(Layout(2)),
        ...                  "phi")
        >>> estimates_of(one, 0.0, 2, [0]).shape
        (2,)
    """
    prior = widened(one.population, one.layout, one.element)
    place = one.layout.places(one.element)[0]
    found = []
    for k in range(count):
        rng = np.random.default_rng([*seed, k])
        impairment = (one.element, dose) if dose else None
        member = draw_member(one.source, one.layout, rng, impairment)
        normal = rng.normal(size=(_N_STARTS, len(prior.mean)))
        normal[0] = 0.0
        fit = fit_model(member.observed, prior, one.element, (normal, []))
        found.append(fit.modes[0].theta[place])
    return np.array(found)


def separation(healthy: Floats, patients: Floats) -> float:
    """Return d' between estimates of healthy subjects and of patients, as a size.

    Example:
        >>> separation(np.array([0.0, 2.0]), np.array([4.0, 6.0])).__round__(3)
        2.828
    """
    pooled = np.sqrt((healthy.var(ddof=1) + patients.var(ddof=1)) / 2)
    return float(abs(patients.mean() - healthy.mean()) / max(pooled, 1e-12))


def doses_for(doses: Floats, separations: Floats, targets: Floats) -> Floats:
    """Return the doses at which d' reaches the targets, NaN if none of the doses does.

    Example:
        >>> doses_for(np.array([1.0, 2.0]), np.array([2.0, 4.0]), np.array([3.0, 9.0])).tolist()
        [1.5, nan]
    """
    rising = np.maximum.accumulate(np.r_[0.0, separations])
    found = np.interp(targets, rising, np.r_[0.0, doses])
    return np.where(targets > rising[-1], np.nan, found)
