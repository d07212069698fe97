"""Choices from labels, or from the instructed side and whether the choice was correct."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hebbayes.core.errors import FormatError
from hebbayes.data.columns.values import as_text, is_missed


def choices_from_instructed(
    instructed: NDArray, outcomes: NDArray, risk: NDArray[np.float64], place: str
) -> list[str]:
    """Return the side chosen in each trial; an empty text where none was.

    The choice is the instructed one if risk is 0, the other of the two sides if risk is 1, and
    missed if risk is unknown or the outcome says so (ignore, early).  Raises `FormatError` unless
    there are two sides, each risk 0, 1 or unknown.

    Example:
        >>> choices_from_instructed(np.array(["left", "right", "left"]),
        ...     np.array(["correct", "incorrect", "early"]), np.array([0, 1, np.nan]), "trials")
        ['left', 'left', '']
    """
    sides = [as_text(value) for value in instructed.tolist()]
    distinct = sorted({side for side in sides if side})
    if len(distinct) != 2:
        shown = ", ".join(distinct[:5]) or "none"
        raise FormatError(
            f"{place} has {len(distinct)} instructed sides ({shown}); wanted two, so that an "
            "incorrect choice is the other one; pass the column with the choice instead."
        )
    known = risk[np.isfinite(risk)]
    if (wrong := ~np.isin(known, (0, 1))).any():
        raise FormatError(
            f"{place} has risk {known[wrong][0]:g}, which does not say which side was chosen; "
            "wanted 0 (correct), 1 (incorrect) or none (missed)."
        )
    other = dict(zip(distinct, reversed(distinct)))
    results = [as_text(value) for value in outcomes.tolist()]
    return [
        "" if np.isnan(r) or not side or is_missed(result) else side if r == 0 else other[side]
        for side, result, r in zip(sides, results, risk.tolist(), strict=True)
    ]


def coded_choices(values: NDArray) -> tuple[NDArray[np.int64], list[str]]:
    """Return a code per trial, -1 where no choice was made, and the label of each code.

    Labels are in order: numbers by size, text by alphabet.  Empty cells, NaN, words such as ignore
    and, among numbers from 0 or from 1, the number -1 are missed; -1 beside +1 is a choice, and 0
    between them is missed, as in tables of the International Brain Laboratory.

    Example:
        >>> coded_choices(np.array(["right", "left", ""]))
        (array([ 1,  0, -1]), ['left', 'right'])
        >>> coded_choices(np.array([-1.0, 1.0, 0.0, np.nan]))
        (array([ 0,  1, -1, -1]), ['-1', '1'])
    """
    texts = [as_text(value) for value in np.asarray(values).tolist()]
    texts = ["" if is_missed(text) else text for text in texts]
    labels = sorted({text for text in texts if text}, key=_by_size)
    if labels == ["-1", "0", "1"]:
        missed = "0"
    else:
        is_numbered = all(label.lstrip("-").isdecimal() for label in labels)
        is_signed = labels in (["-1", "1"], ["-1"])
        missed = "-1" if is_numbered and not is_signed else ""
    labels = [label for label in labels if label != missed]
    code = {label: k for k, label in enumerate(labels)}
    return np.array([code.get(text, -1) for text in texts], np.int64), labels


def _by_size(label: str) -> tuple[int, float, str]:
    try:
        return 0, float(label), label
    except ValueError:
        return 1, 0.0, label
