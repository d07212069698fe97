"""What followed a choice: the outcome as recorded, and the risk that learning uses.

The risk is 0 for the best and 1 for the worst: 1 - (outcome - low) / (high - low), where low and
high are the least and the largest outcome of trials with a choice, or those that the user states.
Text has the risk that is stated for it (``values``), and its outcome is 1 - risk.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hebbayes.core.errors import FormatError
from hebbayes.data.behaviour.columns.cells import as_labels, as_numbers, same_label, shown_label

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pandas import Series

    from hebbayes.data.behaviour.table import Table


@dataclass(frozen=True, eq=False)
class Outcomes:
    """Outcomes of all rows of a table.

    Attributes:
        outcome: (rows,), as recorded; NaN if unknown; None without a column.
        risk: (rows,), 0 to 1; NaN if unknown; None without a column.
        range: Outcomes with risk 1 and 0, if the risk was scaled.
        rule: How the risk follows, in a sentence.
        warnings: What else was done, in sentences.
    """

    outcome: NDArray[np.float64] | None
    risk: NDArray[np.float64] | None
    range: tuple[float, float] | None = None
    rule: str = ""
    warnings: tuple[str, ...] = ()


def recorded_outcome(table: Table, columns: Sequence[str], flag: str) -> NDArray[np.float64] | None:
    """Return the numbers of a column, or gain minus the size of the loss of two; None for text.

    Example:
        >>> import pandas
        >>> from hebbayes.data.behaviour.table import Table
        >>> table = Table(pandas.DataFrame({"gain": [100, 50], "loss": [0, -250]}))
        >>> recorded_outcome(table, ["gain", "loss"], "--outcome").tolist()
        [100.0, -200.0]
    """
    parts = [as_numbers(table.column(name, flag)) for name in columns]
    for name, part in zip(columns, parts):
        if part is not None and np.isinf(part).any():
            raise FormatError(f"the outcome {name} holds infinity; wanted finite numbers.")
    if len(parts) == 1:
        return parts[0]
    gain, loss = parts
    if gain is None or loss is None:
        raise FormatError(f"{flag} {','.join(columns)} names text; gain and loss are numbers.")
    return gain - np.abs(loss)


def scaled_risk(
    outcome: NDArray[np.float64],
    is_chosen: NDArray[np.bool_],
    stated: tuple[float, float] | None,
    name: str,
) -> Outcomes:
    """Return outcomes with risk 1 - (outcome - low) / (high - low).

    Outcomes of missed trials beyond the range are codes for none, and become unknown.  Raises
    `FormatError` if the range is not known or does not hold all outcomes.

    Example:
        >>> scaled_risk(np.array([-1.0, 0.0, 1.0]), np.ones(3, bool), None, "pay").risk.tolist()
        [1.0, 0.5, 0.0]
    """
    low, high = stated or default_range(outcome[is_chosen], name)
    if not math.isfinite(high - low):
        raise FormatError(
            f"{name} spans {low:g} to {high:g}, too wide to scale; pass --outcome-range LOW,HIGH, "
            "or correct the rows with such values."
        )
    with np.errstate(invalid="ignore"):
        is_outside = (outcome < low) | (outcome > high)
    if (wrong := is_outside & is_chosen).any():
        raise FormatError(
            f"{name} is {outcome[wrong][0]:g} in a trial with a choice; --outcome-range "
            f"{low:g},{high:g} must hold all outcomes."
        )
    warnings: tuple[str, ...] = ()
    if n_codes := int(is_outside.sum()):
        warnings = (f"{name} of {n_codes} missed trials lies outside its range: it is unknown.",)
    outcome = np.where(is_outside, np.nan, outcome)
    scaled = name if (low, high) == (0, 1) else f"({name} - {low:g}) / {high - low:g}"
    rule = f"risk = 1 - {scaled}: {high:g} is best, {low:g} worst.".replace("- -", "+ ")
    risk = np.clip(1 - (outcome - low) / (high - low), 0, 1)  # rounding alone is clipped
    return Outcomes(outcome, risk, (low, high), rule, warnings)


def default_range(outcome: NDArray[np.float64], name: str) -> tuple[float, float]:
    """Return the least and the largest outcome; 0 and 1 if all lie between them.

    Raises `FormatError` if all are equal to a number beyond -1 to 1, or none is known.

    Example:
        >>> default_range(np.array([1.0, np.nan]), "reward")
        (0.0, 1.0)
        >>> default_range(np.array([-5, 5]), "pay")
        (-5.0, 5.0)
    """
    known = outcome[np.isfinite(outcome)]
    if known.size and known.min() >= 0 and known.max() <= 1:
        return 0.0, 1.0
    if known.size and known.min() < known.max():
        return float(known.min()), float(known.max())
    if known.size and known[0] == -1:
        return -1.0, 1.0
    got = f"it is always {known[0]:g}" if known.size else "it is never known"
    raise FormatError(
        f"the range of {name} does not follow from its values ({got}); pass --outcome-range "
        "LOW,HIGH, such as --outcome-range 0,1, or --outcome none."
    )


def mapped_outcome(values: Series, risks: Mapping[str, float | None], name: str) -> Outcomes:
    """Return the outcomes of a column whose values have stated risks.

    Raises `FormatError` with the flag that states them all if one has none.

    Example:
        >>> import pandas
        >>> mapped_outcome(pandas.Series(["hit", "wrong"]), {"hit": 0.0}, "response")
        Traceback (most recent call last):
            ...
        hebbayes.core.errors.FormatError: the outcome response has values without a risk: wrong;
        pass --values "hit=0,wrong=RISK", each risk from 0 (best) to 1 (worst), or none.
    """
    codes, labels = as_labels(values)
    texts = [shown_label(one) for one in labels]
    stated = [
        next(((risk,) for text, risk in risks.items() if same_label(one, text)), None)
        for one in labels
    ]
    if unknown := [text for text, found in zip(texts, stated) if found is None]:
        pairs = [f"{text}={_risk_text(found)}" for text, found in zip(texts[:8], stated)]
        raise FormatError(
            f"the outcome {name} has values without a risk: {', '.join(unknown[:8])}; pass "
            f'--values "{",".join(pairs)}", each risk from 0 (best) to 1 (worst), or none.'
        )
    known = [np.nan if found is None or found[0] is None else found[0] for found in stated]
    risk = np.array([*known, np.nan])[codes]
    numbers = as_numbers(values)
    rule = ", ".join(f"{text} {_risk_text(found)}" for text, found in zip(texts, stated))
    return Outcomes(
        1 - risk if numbers is None else numbers, risk, None, f"risk of {name}: {rule}."
    )


def _risk_text(found: tuple[float | None] | None) -> str:
    if found is None:
        return "RISK"
    return "none" if found[0] is None else f"{found[0]:g}"
