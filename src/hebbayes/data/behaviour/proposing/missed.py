"""Which values of a choice mean that none was made.

Words for no response do, if two other choices are left: in a go/no-go task, not to respond is a
choice.  -1 does beside codes from 0.  Whether 0 or -1 does among -1, 0 and 1 shows only if its
trials have no outcome.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hebbayes.data.behaviour.columns.cells import as_labels, label_text
from hebbayes.data.behaviour.columns.detection_words import NO_CHOICE, detection_of

if TYPE_CHECKING:
    from pandas import Series


def missed_values(choice: Series, outcome: Series | None) -> tuple[str, ...] | None:
    """Return the values that mean no choice, perhaps none; None if it cannot be told.

    Example:
        >>> import pandas
        >>> missed_values(pandas.Series(["L", "R", "timeout"]), None)
        ('timeout',)
        >>> missed_values(pandas.Series(["lick", "no lick"]), None)
        ()
        >>> missed_values(pandas.Series([-1, 0, 1]), None) is None
        True
        >>> missed_values(pandas.Series([-1, 0, 1]), pandas.Series([1, None, 0]))
        ('0',)
    """
    codes, labels = as_labels(choice)
    if labels.dtype.kind == "U":
        if (detection := detection_of(labels.tolist())) is not None:
            return tuple(labels[~detection.is_known].tolist())
        words = [one for one in labels.tolist() if one.casefold() in NO_CHOICE]
        return tuple(words) if labels.size - len(words) >= 2 else ()
    values = set(labels.tolist())
    if values == {-1, 0, 1}:
        return _without_outcome(codes, labels, outcome)
    return ("-1",) if min(values, default=0) == -1 and len(values) > 2 else ()


def _without_outcome(
    codes: NDArray[Any], labels: NDArray[Any], outcome: Series | None
) -> tuple[str, ...] | None:
    """Return 0 or -1 if its trials have no outcome, or one that no other trial has: -1."""
    if outcome is None:
        return None
    outcomes, values = as_labels(outcome)
    is_known = outcomes >= 0
    is_code = is_known & (values[outcomes] == -1 if values.dtype.kind == "i" else False)
    for k, label in enumerate(labels.tolist()):
        here = codes == k
        is_silent = ~is_known | (is_code if not is_code[~here].any() else False)
        if label in (-1, 0) and np.all(is_silent[here]):
            return (label_text(label),)
    return None
