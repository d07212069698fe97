"""Codes of choices: from a column, or from the required choice and whether it was made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hebbayes.core.errors import FormatError
from hebbayes.data.behaviour.columns.cells import (
    as_labels,
    as_numbers,
    label_text,
    same_label,
    shown_label,
)
from hebbayes.data.behaviour.columns.detection_words import (
    GO_LABELS,
    NO_CHOICE,
    Detection,
    detection_of,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pandas import Series

RESPONDED = "responded"
"""Name of the choice that a response time stands for."""

MOST_CHOICES = 64
"""Distinct choices that a column may hold."""

Choices = tuple[NDArray[np.int64], NDArray[Any], list[str]]
"""Code of each row (-1: missed), names of the codes, and sentences on what was done."""


def recorded_choice(name: str, values: Series, missed: Sequence[str]) -> Choices:
    """Return the choices of a column; empty cells and the ``missed`` values are missed trials.

    Words of signal detection (hit, miss, ...) are choices to go or not.  Raises `FormatError` if
    there is no choice, or too many different ones.

    Example:
        >>> import pandas
        >>> recorded_choice("choice", pandas.Series([-1, 0, 1, 1]), ["0"])[:2]
        (array([ 0, -1,  1,  1]), array([-1,  1]))
    """
    codes, labels = as_labels(values)
    if labels.size > MOST_CHOICES:
        raise FormatError(
            f"the choice {name} has {labels.size} different values, {MOST_CHOICES} at most are "
            "read; pass --choice COL with a column of choices."
        )
    if (detection := detection_of(labels.tolist(), (*missed, *NO_CHOICE))) is not None:
        return _detected(name, codes, detection)
    is_missed = np.array([any(same_label(one, text) for text in missed) for one in labels], bool)
    if not labels.size or is_missed.all():
        raise FormatError(f"the choice {name} is missed in every row; pass another --choice COL.")
    renumbered = np.append(np.where(is_missed, -1, np.cumsum(~is_missed) - 1), -1)
    notes = [
        f"--missed {text} is no value of {name}."
        for text in missed
        if text != "none" and not any(same_label(one, text) for one in labels)
    ]
    return renumbered[codes], labels[~is_missed], notes


def _detected(name: str, codes: NDArray[np.int64], detection: Detection) -> Choices:
    """Return the choices that words of signal detection state."""
    of_label = np.append(np.where(detection.is_known, detection.is_go.astype(int), -1), -1)
    note = f"{name}: hit and false alarm are go, miss and correct rejection no-go."
    return of_label[codes], np.array(GO_LABELS), [note]


def choice_or_withheld(name: str, values: Series, missed: Sequence[str], withheld: str) -> Choices:
    """Return the choices of a column in which an empty cell is the choice not to respond.

    Numbers that are times, or too many to be choices, are all one choice, ``responded``.

    Example:
        >>> import pandas
        >>> choice_or_withheld("key", pandas.Series(["space", None]), [], "withheld")[:2]
        (array([0, 1]), array(['space', 'withheld'], dtype='<U8'))
        >>> choice_or_withheld("rt", pandas.Series([0.4, None, 0.3]), [], "no press")[0].tolist()
        [0, 1, 0]
    """
    codes, _ = as_labels(values)
    names: NDArray[Any] = np.array([RESPONDED])
    notes: list[str] = []
    if holds_times(values):
        codes = np.where(codes >= 0, 0, -2)
    else:
        empty = codes < 0
        codes, kept, notes = recorded_choice(name, values, missed)
        codes = np.where(empty, -2, codes)
        names = np.array([label_text(one) for one in kept])
    return np.where(codes == -2, names.size, codes), np.append(names, withheld), notes


def holds_times(values: Series) -> bool:
    """Whether a column holds times: decimals, or more whole numbers than there can be choices.

    Example:
        >>> import pandas
        >>> holds_times(pandas.Series([0.4, None])), holds_times(pandas.Series([1, 2]))
        (True, False)
    """
    numbers = as_numbers(values)
    if numbers is None:
        return False
    known = numbers[np.isfinite(numbers)]
    return bool((known % 1 != 0).any()) or np.unique(known).size > MOST_CHOICES


def derived_choice(name: str, values: Series, risk: NDArray[np.float64] | None) -> Choices:
    """Return the choices that follow from the required one: made at risk 0, the other at risk 1.

    A trial of unknown risk is missed.  Raises `FormatError` unless there are two choices and every
    known risk is 0 or 1.

    Example:
        >>> import pandas
        >>> derived_choice("type", pandas.Series(["L", "R", "R"]), np.array([0, 1, np.nan]))[:2]
        (array([ 0,  0, -1]), array(['L', 'R'], dtype='<U1'))
    """
    if risk is None:
        raise FormatError(
            f"the choice follows from --instructed {name} only with an outcome that says whether "
            "it was made; pass --outcome COL."
        )
    codes, labels = as_labels(values)
    if labels.size != 2:
        shown = ", ".join(shown_label(one) for one in labels[:8])
        raise FormatError(
            f"--instructed {name} has {labels.size} values ({shown}); the choice follows from two: "
            "pass --choice COL."
        )
    is_known = np.isfinite(risk) & (codes >= 0)
    if (between := is_known & (risk != 0) & (risk != 1)).any():
        raise FormatError(
            f"the choice does not follow from an outcome of risk {risk[between][0]:g}; it must be "
            "0 (the required choice was made) or 1 (the other): pass --values, or --choice COL."
        )
    chosen = np.where(risk == 1, 1 - codes, codes)
    return np.where(is_known, chosen, -1), labels, []
