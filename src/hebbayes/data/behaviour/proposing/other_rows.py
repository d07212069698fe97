"""Rows of a table that are no trials, such as fixations and instructions between them."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hebbayes.data.behaviour.columns.cells import as_labels, shown_label
from hebbayes.data.behaviour.proposing.no_go import is_no_go

if TYPE_CHECKING:
    from hebbayes.data.behaviour.mapping import Mapping
    from hebbayes.data.behaviour.table import Table

_FEWEST = 0.2  # share of missed trials below which nothing is said
_MOST_LABELS = 20
_TOLD = (
    "choice",
    "instructed",
    "outcome",
    "reward",
    "feedback",
    "risk",
    "response_time",
    "subject",
)


def where_doubts(table: Table, mapping: Mapping, is_missed: NDArray[np.bool_]) -> list[str]:
    """Return a sentence with the flag that leaves out rows in which no choice is ever made.

    A column says so if one of its values has choices and all others have none.

    Example:
        >>> import pandas
        >>> from hebbayes.data.behaviour.mapping import Mapping
        >>> from hebbayes.data.behaviour.table import Table
        >>> table = Table(pandas.DataFrame({"screen": ["cross", "task"] * 3}))
        >>> where_doubts(table, Mapping(), np.array([True, False] * 3))[0][:59]
        'no choice is made in 3 of 6 rows, where screen is cross: if'
    """
    if is_missed.mean() < _FEWEST:
        return []
    told = {name for name, role in mapping.columns().items() if role in _TOLD}
    for name in table.names:
        if name in told or name in mapping.where:
            continue
        codes, labels = as_labels(table.column(name, "--where"))
        if not 1 < labels.size <= _MOST_LABELS or any(map(is_no_go, labels.tolist())):
            continue
        shares = np.array([is_missed[codes == k].mean() for k in range(labels.size)])
        is_empty = shares == 1
        if is_empty.sum() != labels.size - 1 or shares.min() > 0.5:
            continue
        value = shown_label(labels[int(shares.argmin())])
        others = ", ".join(shown_label(one) for one in labels[is_empty][:4].tolist())
        n_rows = int(np.isin(codes, np.flatnonzero(is_empty)).sum())
        return [
            f"no choice is made in {n_rows} of {codes.size} rows, where {name} is {others}: if "
            f"they are no trials, pass --where {shlex.quote(f'{name}={value}')}."
        ]
    return []
