"""Cells of a table as numbers or labels, whatever software wrote them.

An empty cell, ``n/a``, ``NA``, ``NaN``, ``None`` or ``null`` is missing; TRUE and FALSE are 1 and
0; 1.0 is the whole number 1; a decimal comma is read, unless every one may separate thousands.
Every distinct text is looked at once, so that a million rows take a second.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hebbayes.core.errors import FormatError

if TYPE_CHECKING:
    from pandas import Series

MISSING_WORDS = frozenset({"", "n/a", "na", "nan", "none", "null", "nil", "<na>", "#n/a", "nat"})
"""Texts, in small letters, that stand for a missing value."""

_MOST_CHARACTERS = 10**7  # of all labels, each as long as the longest: NumPy stores them so

_TRUTH = {"true": 1.0, "false": 0.0}
_WHOLE = re.compile(r"-?(0|[1-9][0-9]{0,17})(\.0*)?")
_DECIMAL = re.compile(r"-?(0|[1-9][0-9]{0,14})(\.[0-9]{1,15})?")
_THOUSANDS = re.compile(r"[-+]?[1-9][0-9]{0,2},[0-9]{3}")
_DECIMAL_COMMA = re.compile(r"[-+]?[0-9]*,[0-9]+([eE][-+]?[0-9]+)?")


def as_numbers(values: Series) -> NDArray[np.float64] | None:
    """Return a column as float64, NaN where it is missing; None if it holds other text.

    Example:
        >>> import pandas
        >>> as_numbers(pandas.Series(["1", "n/a", "TRUE", "0,5"])).tolist()
        [1.0, nan, 1.0, 0.5]
        >>> as_numbers(pandas.Series(["left"])) is None
        True
    """
    import pandas

    if values.dtype.kind in "buif":
        return values.to_numpy(np.float64, na_value=np.nan)
    codes, distinct = _distinct(values)
    found = pandas.to_numeric(pandas.Series(distinct, dtype=object), errors="coerce")
    numbers = found.to_numpy(np.float64, na_value=np.nan).copy()
    commas: list[str] = []
    for k in np.flatnonzero(np.isnan(numbers)).tolist():
        text = distinct[k].casefold()
        if text in _TRUTH:
            numbers[k] = _TRUTH[text]
        elif _DECIMAL_COMMA.fullmatch(text):
            numbers[k] = float(text.replace(",", "."))
            commas.append(text)
        elif text not in MISSING_WORDS:
            return None
    if commas and all(_THOUSANDS.fullmatch(text) for text in commas):
        return None  # 1,000 may be a thousand
    return np.append(numbers, np.nan)[codes]


def as_labels(values: Series, *, is_sorted: bool = True) -> tuple[NDArray[np.int64], NDArray[Any]]:
    """Return codes, -1 where a value is missing, and the distinct labels: numbers or text.

    Labels are sorted, or in order of appearance.

    Example:
        >>> import pandas
        >>> as_labels(pandas.Series(["b", "a", "", "b"]))
        (array([ 1,  0, -1,  1]), array(['a', 'b'], dtype='<U1'))
        >>> as_labels(pandas.Series([2.0, np.nan, 1.0]), is_sorted=False)
        (array([ 0, -1,  1]), array([2, 1]))
    """
    codes, distinct = _distinct(values)
    is_known = np.array([text.casefold() not in MISSING_WORDS for text in distinct], bool)
    texts = [text for text, known in zip(distinct, is_known) if known]
    labels = _typed(texts)
    kept, place = np.unique(labels, return_inverse=True)  # 1 and 1.0 are one label
    if not is_sorted:
        first = np.full(kept.size, len(texts))
        np.minimum.at(first, place, np.arange(len(texts)))
        order = np.argsort(first)
        kept, place = kept[order], np.argsort(order)[place]
    renumbered = np.full(len(distinct) + 1, -1)
    renumbered[np.flatnonzero(is_known)] = place
    return renumbered[codes], kept


def label_text(label: Any) -> str:
    """Return a label as it stands in flags and tables.

    Example:
        >>> label_text(np.int64(-1)), label_text(np.float64(0.5)), label_text("left")
        ('-1', '0.5', 'left')
    """
    return str(label.item() if isinstance(label, np.generic) else label)


def shown_label(label: Any) -> str:
    """Return a label for a message, cut if it is long.

    Example:
        >>> shown_label("left"), len(shown_label("9" * 5000))
        ('left', 43)
    """
    text = label_text(label)
    return text if len(text) <= 40 else f"{text[:40]}..."


def same_label(label: Any, text: str) -> bool:
    """Whether ``text``, from a flag, names a label; numbers are compared as numbers.

    Example:
        >>> same_label(np.int64(1), "1.0"), same_label(np.str_("left"), "left")
        (True, True)
    """
    if label_text(label) == text.strip():
        return True
    try:
        return float(label) == float(text)
    except ValueError:
        return False


def _distinct(values: Series) -> tuple[NDArray[np.int64], list[str]]:
    """Return the number of each cell's text, -1 for none, and the distinct texts."""
    import pandas

    if values.dtype.kind not in "buif" and not isinstance(values.dtype, pandas.CategoricalDtype):
        values = values.astype(object)
    try:
        codes, distinct = pandas.factorize(values)
    except TypeError as error:
        raise FormatError(
            f"the column {values.name} holds lists where one value per row was wanted; flatten it."
        ) from error
    return np.asarray(codes, np.int64), [_text(one) for one in list(distinct)]


def _text(value: Any) -> str:
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return str(int(value))
    return str(value).strip()


def _typed(texts: list[str]) -> NDArray[Any]:
    """Return whole numbers as int64, decimals as float64, anything else as text."""
    if not texts:
        return np.zeros(0, np.str_)
    if all(_WHOLE.fullmatch(text) for text in texts):
        return np.array([int(text.partition(".")[0]) for text in texts], np.int64)
    if all(_DECIMAL.fullmatch(text) for text in texts):
        return np.array([float(text) for text in texts])
    longest = max(map(len, texts))
    if longest * len(texts) > _MOST_CHARACTERS + 4 * sum(map(len, texts)):
        raise FormatError(
            f"a label has {longest} characters ({shown_label(max(texts, key=len))}); wanted short "
            "names of subjects, groups or choices: shorten it, or name another column."
        )
    return np.array(texts, np.str_)
