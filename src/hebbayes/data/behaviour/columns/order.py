"""Order of the rows of a table: subjects one after another, their sessions, trials in time.

A table may mix subjects or sessions; what is put in order is counted in a sentence.  Without a
column for the session, trial numbers that start again begin a new one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hebbayes.core.errors import FormatError
from hebbayes.data.behaviour.columns.cells import as_labels, as_numbers, label_text
from hebbayes.data.behaviour.proposing.names import plain_name

if TYPE_CHECKING:
    from pandas import Series

LENGTHS = ("daylength", "sessionlength", "daylengths", "sessionlengths")
"""Plain names of columns that hold the lengths of sessions."""


@dataclass(frozen=True, eq=False)
class Order:
    """Which row comes when.

    Attributes:
        rows: (trials,), row of the table of each trial.
        session: (rows,), label of the session of each row.
        trial: (rows,), number within the session; None without usable numbers.
        notes: What was put in order, in sentences.
    """

    rows: NDArray[np.int64]
    session: NDArray[np.int64]
    trial: NDArray[np.int64] | None
    notes: tuple[str, ...] = ()


def session_labels(
    name: str, values: Series
) -> tuple[NDArray[np.int64], NDArray[np.bool_], tuple[str, ...]]:
    """Return whole numbers of sessions, whether they are known, and the names of text sessions.

    psytrack's ``dayLength`` holds the lengths of sessions, repeated or followed by nothing.

    Example:
        >>> import pandas
        >>> session_labels("day", pandas.Series(["Mon", "Mon", "Tue"]))
        (array([0, 0, 1]), array([ True,  True,  True]), ('Mon', 'Tue'))
        >>> session_labels("dayLength", pandas.Series([2, 2, 1]))[0].tolist()
        [0, 0, 1]
    """
    if plain_name(name) in LENGTHS:
        return _sessions_of_lengths(name, as_numbers(values)), np.ones(len(values), bool), ()
    codes, labels = as_labels(values, is_sorted=False)
    if labels.dtype.kind == "i" and labels.size:
        return np.where(codes >= 0, labels[codes], 0), codes >= 0, ()
    return codes, codes >= 0, tuple(label_text(one) for one in labels.tolist())


def _sessions_of_lengths(name: str, numbers: NDArray[np.float64] | None) -> NDArray[np.int64]:
    if numbers is not None:
        n_rows, known = numbers.size, numbers[np.isfinite(numbers)]
        lengths: list[int] = []
        while sum(lengths) < n_rows and numbers[sum(lengths)] >= 1:  # repeated on each row
            lengths.append(int(numbers[sum(lengths)]))
        for stated in (lengths, known.tolist()):
            if sum(stated) == n_rows and all(n >= 1 and n % 1 == 0 for n in stated):
                return np.repeat(np.arange(len(stated)), np.array(stated, np.int64))
    raise FormatError(
        f"{name} does not hold the lengths of sessions, which would add up to the number of rows; "
        "pass --session COL, or --session none for one session."
    )


def trial_numbers(values: Series) -> NDArray[np.int64] | None:
    """Return whole trial numbers, or None if some are missing or none.

    Example:
        >>> import pandas
        >>> trial_numbers(pandas.Series(["1", "2"])), trial_numbers(pandas.Series(["1", ""]))
        (array([1, 2]), None)
    """
    numbers = as_numbers(values)
    if numbers is None or not np.isfinite(numbers).all():
        return None
    if (numbers % 1 != 0).any() or (np.abs(numbers) > 2**53).any():
        return None
    return numbers.astype(np.int64)


def order_of(
    subject: NDArray[np.int64],
    session: NDArray[np.int64] | None,
    trial: NDArray[np.int64] | None,
    session_names: tuple[str, ...] = (),
) -> Order:
    """Return the order of rows with these subjects (codes in order of appearance) and sessions.

    Sessions keep the order of the file, unless its rows return to an earlier one: then they come
    by number, and those with ``session_names`` by their first appearance.

    Example:
        >>> order = order_of(np.array([0, 1, 0]), None, np.array([2, 1, 1]))
        >>> order.rows.tolist(), order.session.tolist()
        ([2, 0, 1], [0, 0, 0])
    """
    notes: list[str] = []
    if session is None:
        session, more = _sessions_by_restart(subject, trial)
        notes += more
    n_returns = returns(subject, session)
    place = session if n_returns else _appearance(subject, session)
    rows = np.lexsort((np.arange(subject.size), place, subject))
    if n_moved := int((np.diff(subject) < 0).sum()) + n_returns:
        by = "first appearance" if session_names else "number"
        notes.append(
            f"rows return to an earlier subject or session {n_moved} times; the trials of each "
            "were put together" + (f", sessions by {by}." if n_returns else ".")
        )
    if not session_names and (n_falls := _falls(session[rows], subject[rows])):
        notes.append(
            f"session numbers fall {n_falls} times; sessions keep the order of the file (sort its "
            "rows if that is not the order in time)."
        )
    if trial is not None:
        rows, more = _by_trial(rows, (subject, place, trial))
        notes += more
    return Order(rows, session, trial, tuple(notes))


def _falls(numbers: NDArray[np.int64], subject: NDArray[np.int64]) -> int:
    return int(((np.diff(numbers) < 0) & (np.diff(subject) == 0)).sum())


def _appearance(subject: NDArray[np.int64], session: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the place of each row's session in order of appearance in the whole table."""
    pairs = np.stack([subject, session], axis=1)
    _, first, inverse = np.unique(pairs, axis=0, return_index=True, return_inverse=True)
    return np.argsort(np.argsort(first))[inverse.ravel()]


def returns(subject: NDArray[np.int64], session: NDArray[np.int64]) -> int:
    """Return how often a subject goes back to a session that it has left.

    Example:
        >>> returns(np.array([0, 0, 0, 1]), np.array([7, 8, 7, 7]))
        1
    """
    rows = np.argsort(subject, kind="stable")
    pairs = np.stack([subject, session], axis=1)[rows]
    starts = np.concatenate(([True], (np.diff(pairs, axis=0) != 0).any(axis=1)))
    visits = pairs[starts]
    return int(visits.shape[0] - np.unique(visits, axis=0).shape[0])


def _sessions_by_restart(
    subject: NDArray[np.int64], trial: NDArray[np.int64] | None
) -> tuple[NDArray[np.int64], list[str]]:
    session = np.zeros(subject.size, np.int64)
    if trial is None:
        return session, []
    rows = np.argsort(subject, kind="stable")
    falls = (np.diff(trial[rows]) <= 0) & (np.diff(subject[rows]) == 0)
    repeats = np.unique(np.stack([subject, trial], axis=1), axis=0).shape[0] < subject.size
    if not repeats or falls.sum() > subject.size / 4:
        return session, []
    starts = np.concatenate(([0], np.cumsum(falls)))
    first = np.searchsorted(subject[rows], np.arange(subject.max() + 1))
    session[rows] = starts - starts[first][subject[rows]]
    n = int(session.max()) + 1
    return session, [f"trial numbers start again, so subjects have up to {n} sessions."]


def _by_trial(
    rows: NDArray[np.int64], keys: tuple[Any, Any, Any]
) -> tuple[NDArray[np.int64], list[str]]:
    """Sort trials within sessions, unless their numbers repeat."""
    subject, place, trial = (key[rows] for key in keys)
    is_same = (np.diff(place) == 0) & (np.diff(subject) == 0)
    falls = int(((np.diff(trial) < 0) & is_same).sum())
    ordered = rows[np.lexsort((trial, place, subject))]
    again = np.logical_and.reduce([np.diff(key[ordered]) == 0 for key in keys])
    if n_again := int(again.sum()):
        return rows, [
            f"{n_again} rows repeat a trial number of their session; each is a trial of its own, "
            "in the order of the file (remove copies, or let --session name a column with the "
            "sessions)."
        ]
    if not falls:
        return rows, []
    return ordered, [f"trial numbers fall {falls} times within a session; trials were sorted."]
