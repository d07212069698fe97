"""How far a dose separates patients from healthy subjects: d' of the element's own estimate.

d' is the difference of mean estimates in units of their pooled standard deviation.  A test of a
single known element on one side finds at most Φ(d' - 1.645) of the patients at 5 % false alarms,
and a diagnosis that must choose among many elements and sides finds fewer.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from hebbayes.clinic.recovery.study import Record

Cell = tuple[str, float]
"""An element and its dose."""


def separations(records: "Sequence[Record]") -> dict[Cell, float]:
    """Return d' of every dose of every element.

    The variance of patients' estimates is that within the doses of one side, taken together: a
    single dose has few patients.  NaN if no dose of that side has two patients.

    Example:
        >>> rows = [{"element": "", "dose": 0.0, "estimates": {"phi": v}} for v in (-1.0, 1.0)]
        >>> rows += [{"element": "phi", "dose": 5.0, "estimates": {"phi": v}} for v in (4.0, 6.0)]
        >>> round(separations(rows)["phi", 5.0], 3)
        3.536
    """
    cells: dict[Cell, list[float]] = {}
    for one in records:
        if one["element"]:
            own = one["estimates"][one["element"]]
            cells.setdefault((one["element"], one["dose"]), []).append(own)
    found = {}
    for (element, dose), own in cells.items():
        healthy = [one["estimates"][element] for one in records if not one["element"]]
        side = [np.array(v) for (e, d), v in cells.items() if e == element and d * dose > 0]
        freedom = sum(values.size - 1 for values in side)
        within = sum(float(((values - values.mean()) ** 2).sum()) for values in side)
        variance = (np.var(healthy, ddof=1) + (within / freedom if freedom else np.nan)) / 2
        found[element, dose] = float(abs(np.mean(own) - np.mean(healthy)) / np.sqrt(variance))
    return found
