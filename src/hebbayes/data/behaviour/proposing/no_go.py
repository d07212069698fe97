"""Go/no-go tasks, where a response that was withheld is a choice and no missed trial."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hebbayes.data.behaviour.columns.cells import as_labels, label_text
from hebbayes.data.behaviour.columns.choices import holds_times
from hebbayes.data.behaviour.columns.detection_words import NO_CHOICE
from hebbayes.data.behaviour.proposing.names import named, plain_name

if TYPE_CHECKING:
    from pandas import Series

    from hebbayes.data.behaviour.table import Table

WITHHELD = "withheld"
"""Name that is proposed for the choice not to respond."""

_MOST_TYPES = 16
_STOPS = ("stop", "stopsignal", "withhold", "inhibit")
_NO_RESPONSE = {*map(plain_name, NO_CHOICE), *_STOPS, "nogo", "0", "no", "false", "none"}


def is_no_go(label: object) -> bool:
    """Whether the name of a kind of trial asks for no response.

    Example:
        >>> is_no_go("No-Go"), is_no_go("stop"), is_no_go("go")
        (True, True, False)
    """
    plain = plain_name(label_text(label))
    return plain.startswith("nogo") or plain.endswith("nogo") or plain in _STOPS


def no_go_column(table: Table) -> str | None:
    """Return the column whose kinds of trials include some that ask for no response.

    Example:
        >>> import pandas
        >>> from hebbayes.data.behaviour.table import Table
        >>> no_go_column(Table(pandas.DataFrame({"key": [1, 1], "type": ["go", "nogo"]})))
        'type'
    """
    for name in table.names:
        if named("choice", [name]):
            continue
        _, labels = as_labels(table.column(name, "a flag"))
        if labels.dtype.kind == "U" and 1 < labels.size <= _MOST_TYPES:
            asked = [is_no_go(label) for label in labels.tolist()]
            if any(asked) and not all(asked):
                return name
    return None


def is_withheld_where_empty(choice: Series, kinds: Series) -> bool:
    """Whether an empty choice is one not to respond, given the kinds of trials.

    With one response, or its time, it is; with several, if more than half of the empty ones are in
    no-go trials.

    Example:
        >>> import pandas
        >>> kinds = pandas.Series(["go", "nogo", "go", "nogo"])
        >>> is_withheld_where_empty(pandas.Series([1, None, None, 1]), kinds)
        True
        >>> is_withheld_where_empty(pandas.Series(["lick", "no lick", None, "lick"]), kinds)
        False
    """
    codes, labels = as_labels(choice)
    is_empty = codes < 0
    if not is_empty.any() or not labels.size:
        return False
    if any(plain_name(label_text(label)) in _NO_RESPONSE for label in labels.tolist()):
        return False
    kind, names = as_labels(kinds)
    asked = np.array([*map(is_no_go, names.tolist()), False])[kind]
    return labels.size == 1 or holds_times(choice) or bool(asked[is_empty].mean() > 0.5)
