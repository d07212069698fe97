"""A convention for rest and evoked response, if the recording does not identify them.

Activity that never saturates is linear in the drive, and then phi, rest and evoked act alike.
`fit_perception` reports this; these two numbers can be passed to it.
"""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hebbayes.core.checks import check_between
from hebbayes.core.errors import ValueRangeError

if TYPE_CHECKING:
    from hebbayes.reverse_engineering.perception.evidence import Indices

Floats = NDArray[np.float64]


def range_calibration(
    responses: Floats,
    session_index: "Indices",
    train_sessions: int | None = None,
    tail: float = 0.05,
) -> tuple[Floats, Floats]:
    """Return rest and evoked, (ensembles,): the ``tail`` quantile of responses, and the range.

    The range runs to the 1 - ``tail`` quantile, over the training sessions alone.  NaN responses
    are left out.  Raises `ValueRangeError` for an ensemble without a range.

    Example:
        >>> rest, evoked = range_calibration(np.linspace(1, 5, 101)[:, None], np.zeros(101, int))
        >>> rest.round(1).tolist(), evoked.round(1).tolist()
        ([1.2], [3.6])
    """
    check_between("tail", tail, 0.0, 0.49)
    train = session_index < (train_sessions or int(session_index[-1]) + 1)
    low, high = np.nanquantile(responses[train], (tail, 1 - tail), axis=0)
    if not (high > low).all():
        k = int(np.argmax(~(high > low)))
        raise ValueRangeError(
            f"ensemble {k} responds alike in most training trials, which gives activity no scale; "
            "leave it out."
        )
    return low, high - low
