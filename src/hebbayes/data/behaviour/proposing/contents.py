"""What the values of columns say where their names do not decide."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hebbayes.data.behaviour.columns.cells import as_labels, as_numbers
from hebbayes.data.behaviour.columns.stimuli import default_coding
from hebbayes.data.behaviour.proposing.names import numbered_alike, places

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pandas import Series

    from hebbayes.data.behaviour.table import Table

_MOST_PLACES = 16


def may_name_subjects(values: Series) -> bool:
    """Whether a column holds text or whole numbers, some of them in several rows.

    Example:
        >>> import pandas
        >>> [may_name_subjects(pandas.Series(values)) for values in (["a", "a"], [0.5, 0.5])]
        [True, False]
    """
    codes, labels = as_labels(values)
    return labels.dtype.kind != "f" and 0 < labels.size < max(codes.size, 2)


def says_right(values: Series) -> bool:
    """Whether a column says of every trial, by 0 or 1, whether its choice was right.

    Example:
        >>> import pandas
        >>> says_right(pandas.Series([0, 1])), says_right(pandas.Series([0, None]))
        (True, False)
    """
    numbers = as_numbers(values)
    return numbers is not None and set(numbers.tolist()) <= {0.0, 1.0}


def strength_and_place(table: Table, found: Sequence[str], free: Iterable[str]) -> list[str]:
    """Return a strength without a sign, such as a contrast, and the column with its side.

    Empty if there are not just these two among the stimuli that were found by name.

    Example:
        >>> import pandas
        >>> from hebbayes.data.behaviour.table import Table
        >>> table = Table(pandas.DataFrame({"contrast": [0.5, 1], "side": ["L", "R"]}))
        >>> strength_and_place(table, ["contrast"], table.names)
        ['contrast', 'side']
    """
    strengths = [n for n in found if default_coding(n, table.column(n, "--stimulus")) == "graded"]
    where = [
        name
        for name in places(free)
        if 2 <= as_labels(table.column(name, "--stimulus"))[1].size <= _MOST_PLACES
    ]
    is_pair = len(strengths) == len(where) == 1 and set(found) <= {*strengths, *where}
    return [*strengths, *where] if is_pair else []


def layout_of(free: Iterable[str]) -> str:
    """Return a sentence on columns that may be one subject each; empty if there are none.

    Example:
        >>> layout_of(["S1", "S2", "S3"])[:51], layout_of(["a", "b"])
        (' Columns such as S1, S2 may be one subject each; wa', '')
    """
    alike = numbered_alike(free)
    if not alike:
        return ""
    return (
        f" Columns such as {alike[0]}, {alike[1]} may be one subject each; wanted one row per "
        "trial and subject: put them below one another, beside a column subject "
        "(pandas.wide_to_long does)."
    )
