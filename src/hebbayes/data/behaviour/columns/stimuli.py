"""Codings that turn a column into stimulus channels.

``binary`` is one channel for two values, or for whether a target was shown in words of signal
detection (hit, miss, ...); ``onehot`` one channel per value; ``graded`` one channel
for numbers from 0 to 1, or divided by the largest; ``signed`` one channel for what is below zero
and one for what is above, such as contrast on the left and on the right.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hebbayes.core.errors import FormatError
from hebbayes.data.behaviour.columns.cells import as_labels, as_numbers, label_text
from hebbayes.data.behaviour.columns.detection_words import detection_of

if TYPE_CHECKING:
    from pandas import Series

MOST_CATEGORIES = 256
"""Channels that one column may become."""

_MANY = 32  # whole numbers with more values may be grades rather than categories
_GRADES = ("contrast", "coherence", "intensity", "evidence", "strength", "amplitude", "loudness")

Channels = tuple[list[str], NDArray[np.float64], list[str]]
"""Names of channels, (trials, channels), and sentences on what was done."""


def default_coding(name: str, values: Series) -> str | None:
    """Return the coding of a column, or None if its values do not decide.

    Example:
        >>> import pandas
        >>> [default_coding("cue", pandas.Series(v)) for v in (["a", "b"], [0, 1], [1, 2, 3])]
        ['onehot', 'binary', 'onehot']
        >>> [default_coding("x", pandas.Series(v)) for v in ([-0.5, 0, 1], [0.25, 1])]
        ['signed', 'graded']
    """
    numbers = as_numbers(values)
    if numbers is None:
        return "onehot" if detection_of(as_labels(values)[1].tolist()) is None else "binary"
    distinct = np.unique(numbers[np.isfinite(numbers)])
    if set(distinct) <= {0.0, 1.0} or set(distinct) <= {-1.0, 1.0}:
        return "binary"
    if (distinct < 0).any():
        return "signed"
    if (distinct % 1 != 0).any() or any(word in name.casefold() for word in _GRADES):
        return "graded"
    return "onehot" if distinct.size <= _MANY else None


def channels_of(name: str, values: Series, coding: str) -> Channels:
    """Return the channels of a column in a coding.  Raises `FormatError` if it does not fit.

    Example:
        >>> import pandas
        >>> names, channels, notes = channels_of("cue", pandas.Series(["b", "a"]), "onehot")
        >>> names, channels.tolist()
        (['cue=a', 'cue=b'], [[0.0, 1.0], [1.0, 0.0]])
        >>> channels_of("contrast", pandas.Series([-50, 100]), "signed")[1].tolist()
        [[0.5, 0.0], [0.0, 1.0]]
    """
    return {"binary": _binary, "onehot": _one_hot, "graded": _graded, "signed": _signed}[coding](
        name, values
    )


def _binary(name: str, values: Series) -> Channels:
    codes, labels = as_labels(values)
    if (detection := detection_of(labels.tolist())) is not None:
        is_known = np.append(detection.is_known, False)[codes]
        is_target = np.append(detection.is_target, False)[codes]
        return [f"{name}=target"], is_target[:, None].astype(float), _empty(name, ~is_known)
    if labels.size > 2:
        raise FormatError(
            f"the stimulus {name} has {labels.size} values; binary takes two: pass --coding "
            f"{name}=onehot, graded or signed."
        )
    is_flag = set(labels.tolist()) <= {0, 1} or set(labels.tolist()) <= {-1, 1}
    is_on = labels[codes] == labels[-1] if labels.size else np.zeros(len(codes), bool)
    if labels.size == 1 and is_flag:
        is_on = np.full(len(codes), labels[0] == 1)
    channel = np.where(is_on & (codes >= 0), 1.0, 0.0)[:, None]
    shown = name if is_flag or not labels.size else f"{name}={label_text(labels[-1])}"
    return [shown], channel, _empty(name, codes < 0)


def _one_hot(name: str, values: Series) -> Channels:
    codes, labels = as_labels(values)
    if labels.size > MOST_CATEGORIES:
        raise FormatError(
            f"the stimulus {name} has {labels.size} values; onehot takes {MOST_CATEGORIES} at "
            f"most: pass --coding {name}=graded or signed, or another --stimulus."
        )
    channels = (codes[:, None] == np.arange(labels.size)).astype(np.float64)
    return [f"{name}={label_text(one)}" for one in labels], channels, _empty(name, codes < 0)


def _graded(name: str, values: Series) -> Channels:
    numbers, notes = _finite(name, values)
    if (numbers < 0).any():
        raise FormatError(
            f"the stimulus {name} has values below 0; graded takes none: pass --coding "
            f"{name}=signed, or onehot."
        )
    scaled, scale = _scaled(name, numbers)
    return [name], scaled[:, None], notes + scale


def _signed(name: str, values: Series) -> Channels:
    numbers, notes = _finite(name, values)
    scaled, scale = _scaled(name, numbers)
    channels = np.stack([np.maximum(-scaled, 0.0), np.maximum(scaled, 0.0)], axis=1)
    return [f"{name}-", f"{name}+"], channels, notes + scale


def _finite(name: str, values: Series) -> tuple[NDArray[np.float64], list[str]]:
    numbers = as_numbers(values)
    if numbers is None or np.isinf(numbers).any():
        raise FormatError(
            f"the stimulus {name} holds text or infinity; graded and signed take numbers: pass "
            f"--coding {name}=onehot."
        )
    return np.nan_to_num(numbers, nan=0.0), _empty(name, np.isnan(numbers))


def _scaled(name: str, numbers: NDArray[np.float64]) -> tuple[NDArray[np.float64], list[str]]:
    largest = float(np.abs(numbers).max(initial=0.0))
    if largest <= 1:
        return numbers, []
    return numbers / largest, [f"the stimulus {name} was divided by its largest, {largest:g}."]


def _empty(name: str, is_empty: NDArray[np.bool_]) -> list[str]:
    n = int(is_empty.sum())
    return [f"the stimulus {name} is empty in {n} trials, where its channels are 0."] if n else []
