"""Which columns say who and when: subject, group, session, response time.

A name alone does not decide.  A subject has several rows; a group does not change within a
subject; a session, once left, does not come back (the blocks of a reversal task do); a response
time is no clock that runs on through the session.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hebbayes.data.behaviour.columns.cells import as_labels, as_numbers
from hebbayes.data.behaviour.columns.order import LENGTHS, returns
from hebbayes.data.behaviour.proposing.names import named, plain_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hebbayes.data.behaviour.table import Table

_FEWEST = 6  # rows below which a clock cannot be told from response times


def subject_column(table: Table, free: Sequence[str]) -> str | None:
    """Return the column with the name of the subject, among those without a role.

    Example:
        >>> import pandas
        >>> from hebbayes.data.behaviour.table import Table
        >>> table = Table(pandas.DataFrame({"id": [1, 2, 3], "rat": ["a", "a", "b"]}))
        >>> subject_column(table, table.names)
        'rat'
    """
    for name in named("subject", free):
        codes, labels = as_labels(table.column(name, "--subject"))
        if labels.size > 0 and (labels.size < codes.size or codes.size == 1):
            return name
    return None


def group_column(table: Table, free: Sequence[str], subject: str | None) -> str | None:
    """Return the column with the group, the same in all trials of a subject.

    Example:
        >>> import pandas
        >>> from hebbayes.data.behaviour.table import Table
        >>> table = Table(pandas.DataFrame({"rat": [1, 1, 2], "group": ["old", "old", "young"]}))
        >>> group_column(table, ["group"], "rat")
        'group'
    """
    if subject is None:
        return None
    codes = as_labels(table.column(subject, "--subject"))[0]
    for name in named("group", free):
        labels = as_labels(table.column(name, "--group"))[0]
        pairs = np.unique(np.stack([codes, labels], axis=1)[codes >= 0], axis=0)
        if pairs.shape[0] == np.unique(pairs[:, 0]).size and (pairs >= 0).all():
            return name
    return None


def session_column(
    table: Table, free: Sequence[str], subject: str | None
) -> tuple[str | None, list[str]]:
    """Return the column with the session, and sentences on those that look like one and are none.

    Example:
        >>> import pandas
        >>> from hebbayes.data.behaviour.table import Table
        >>> table = Table(pandas.DataFrame({"block": [1, 1, 2, 2, 1, 1]}))
        >>> session_column(table, ["block"], None)
        (None, ['block returns to earlier values, so it is no session (--session block makes it
        one).'])
    """
    codes = _subject_codes(table, subject)
    notes: list[str] = []
    for name in named("session", free):
        if plain_name(name) in LENGTHS:
            return name, []
        session, labels = as_labels(table.column(name, "--session"))
        if labels.size == session.size > 1 or not labels.size:
            continue
        if not returns(codes, session) or plain_name(name).startswith("sess"):
            return name, notes
        notes.append(
            f"{name} returns to earlier values, so it is no session (--session {name} makes it "
            "one)."
        )
    return None, notes


def response_time_column(table: Table, free: Sequence[str]) -> str | None:
    """Return the column with the response time; times that only grow are those of a clock.

    Example:
        >>> import pandas
        >>> from hebbayes.data.behaviour.table import Table
        >>> table = Table(pandas.DataFrame({"rt": [1.0, 2, 3, 4, 5, 6], "latency": [0.3] * 6}))
        >>> response_time_column(table, table.names)
        'latency'
    """
    for name in named("response_time", free):
        numbers = as_numbers(table.column(name, "--response-time"))
        if numbers is None or np.isinf(numbers).any():
            continue
        known = numbers[np.isfinite(numbers)]
        if known.size < _FEWEST or np.ptp(known) == 0 or (np.diff(known) < 0).any():
            return name
    return None


def _subject_codes(table: Table, subject: str | None) -> NDArray[Any]:
    if subject is None:
        return np.zeros(table.n_rows, np.int64)
    return as_labels(table.column(subject, "--subject"))[0]
