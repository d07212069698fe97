"""The risk of a table scaled anew, by the outcomes of some of its trials."""

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hebbayes.data.behaviour.columns.outcomes import default_range

if TYPE_CHECKING:
    from hebbayes.data.behaviour import Behaviour

DEFAULT_RANGE = "default_outcome_range"
"""Key of the provenance: the outcomes with risk 1 and 0, if they follow from all outcomes."""


def risk_by_outcomes_of(
    behaviour: "Behaviour", is_known: NDArray[np.bool_]
) -> "tuple[Behaviour, tuple[str, ...]]":
    """Return the table with its risk scaled by outcomes of known trials (trials,), and warnings.

    A stated range stays, and so does a recorded risk.  Outcomes of other trials beyond the range
    count as its ends.  Raises `FormatError` if the range does not follow from the known trials.

    Example:
        >>> from hebbayes.data.behaviour import Behaviour
        >>> table = Behaviour([0, 0, 0], np.ones((3, 1)), outcome=[0, 4, 8], risk=[1, 0.5, 0],
        ...                   provenance={"default_outcome_range": [0, 8]})
        >>> again, warnings = risk_by_outcomes_of(table, np.array([True, True, False]))
        >>> again.risk.tolist(), len(warnings)
        ([1.0, 0.0, 0.0], 1)
    """
    whole, outcome = behaviour.provenance.get(DEFAULT_RANGE), behaviour.outcome
    if whole is None or outcome is None or is_known.all():
        return behaviour, ()
    low, high = default_range(outcome[is_known & ~behaviour.is_missed], "the outcome")
    if (low, high) == tuple(whole):
        return behaviour, ()
    with np.errstate(invalid="ignore"):
        n_beyond = int(((outcome < low) | (outcome > high)).sum())
    risk = np.clip(1 - (outcome - low) / (high - low), 0, 1)
    warning = (
        f"Risk is scaled by the outcomes before the held-out sessions, {low:g} to {high:g}; "
        f"{n_beyond} outcomes of held-out sessions lie beyond and count as its ends: pass "
        f"--outcome-range {whole[0]:g},{whole[1]:g} if that range was known beforehand."
    )
    return replace(behaviour, risk=risk), (warning,)
