"""Which values of a choice mean that none was made.

Words for no response do, if two other choices are left: in a go/no-go task, not to respond is a
choice.  -1 does beside codes from 0, and so does any value whose trials, and no others, lack an
outcome.  Whether 0 or -1 does among -1, 0 and 1 shows only if its trials have no outcome.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hebbayes.data.behaviour.columns.cells import as_labels, label_text, shown_label
from hebbayes.data.behaviour.columns.detection_words import NO_CHOICE, detection_of

if TYPE_CHECKING:
    from pandas import Series

CODES = frozenset(
    {-1, 77, 88, 97, 98}.union(*({sign * (10**n - 1)} for n in (1, 2, 3, 4) for sign in (1, -1)))
)
"""Numbers that labs write where a value is missing: -1, 9, 99, -999, 88 and the like."""


def missed_values(choice: Series, outcome: Series | None) -> tuple[str, ...] | None:
    """Return the values that mean no choice, perhaps none; None if it cannot be told.

    Example:
        >>> import pandas
        >>> missed_values(pandas.Series(["L", "R", "timeout"]), None)
        ('timeout',)
        >>> missed_values(pandas.Series(["lick", "no lick"]), None)
        ()
        >>> missed_values(pandas.Series([-1, 0, 1]), None) is None
        True
        >>> missed_values(pandas.Series([-1, 0, 1]), pandas.Series([1, None, 0]))
        ('0',)
        >>> missed_values(pandas.Series([1, 2, 99]), pandas.Series([1, 0, None]))
        ('99',)
    """
    codes, labels = as_labels(choice)
    silent = _without_outcome(codes, labels, outcome)
    if labels.dtype.kind == "U":
        if (detection := detection_of(labels.tolist())) is not None:
            return tuple(labels[~detection.is_known].tolist())
        words = [one for one in labels.tolist() if one.casefold() in NO_CHOICE]
        if labels.size - len(words) >= 2 and words:
            return tuple(words)
        return silent
    values = set(labels.tolist())
    if values == {-1, 0, 1}:
        return silent or None
    if min(values, default=0) == -1 and len(values) > 2:
        return ("-1",)
    return silent


def missed_doubts(choice: Series, outcome: Series | None, missed: tuple[str, ...]) -> list[str]:
    """Return sentences on values that are, or may be, codes for no choice, with the flag for them.

    ``missed`` are those that are taken for one without a flag.

    Example:
        >>> import pandas
        >>> pay = pandas.Series([1, 0, None])
        >>> missed_doubts(pandas.Series([1, 2, 99]), pay, ("99",))[0][:58]
        '99 is read as no choice, since its 1 trial has no outcome '
        >>> missed_doubts(pandas.Series([1, 2, 1, 99]), None, ())[0][:43]
        '99 is read as a choice (1 of 4 trials) and '
    """
    codes, labels = as_labels(choice)
    counts = np.bincount(codes[codes >= 0], minlength=labels.size)
    silent = _without_outcome(codes, labels, outcome)
    doubts = []
    for k, label in enumerate(labels.tolist()):
        text, n = shown_label(label), int(counts[k])
        if label_text(label) in silent and label_text(label) in missed:
            doubts.append(
                f"{text} is read as no choice, since its {_trials(n, 'has', 'have')} no outcome "
                "and all others do (--missed none makes it a choice)."
            )
        elif label_text(label) not in missed and _is_odd(k, labels, codes, outcome):
            doubts.append(
                f"{text} is read as a choice ({n} of {_trials(codes.size)}) and may stand for "
                f"none: if so, pass {_flag(label_text(label))}."
            )
    return doubts


def _trials(n: int, *verb: str) -> str:
    words = f"{n} trial{'s' if n != 1 else ''}"
    return f"{words} {verb[n != 1]}" if verb else words


def _flag(text: str) -> str:
    return f"--missed={text}" if text.startswith("-") else f"--missed {text}"


def _is_odd(k: int, labels: NDArray[Any], codes: NDArray[Any], outcome: Series | None) -> bool:
    """Whether a value looks like a code for none, or never has an outcome where most others do."""
    if labels.size < 3:
        return False
    if outcome is not None:
        is_known = as_labels(outcome)[0] >= 0
        others = is_known[(codes != k) & (codes >= 0)]
        if not is_known[codes == k].any() and others.mean() > 0.5:
            return True
    return _is_code(k, labels, codes)


def _is_code(k: int, labels: NDArray[Any], codes: NDArray[Any]) -> bool:
    """Whether a value is a rare number that labs write for none, apart from all other values."""
    if labels.dtype.kind != "i" or int(labels[k]) not in CODES:
        return False
    others = np.delete(labels, k)
    is_apart = labels[k] > others.max() + 1 or labels[k] < others.min() - 1
    return bool(is_apart and (codes == k).sum() < codes.size / labels.size)


def _without_outcome(
    codes: NDArray[Any], labels: NDArray[Any], outcome: Series | None
) -> tuple[str, ...]:
    """Return the values whose trials have no outcome, if two others are left that always have one.

    Of -1, 0 and 1, that is 0 or -1.  An outcome that is itself a code for none, which no other
    choice has, is none.
    """
    if outcome is None or labels.size < 3:
        return ()
    outcomes, values = as_labels(outcome)
    is_known, is_signs = outcomes >= 0, set(labels.tolist()) == {-1, 0, 1}
    codes_of_none = list(CODES) if values.dtype.kind == "i" else []
    is_code = np.append(np.isin(values, codes_of_none), False)[outcomes]
    silent = []
    for k in range(labels.size):
        here = codes == k
        lone = np.setdiff1d(outcomes[here & is_code], outcomes[~here])
        if not (is_signs or _is_code(k, labels, codes)):
            lone = lone[:0]
        if np.all(~is_known[here] | np.isin(outcomes[here], lone)):
            silent.append(k)
    names = tuple(label_text(labels[k]) for k in silent)
    if is_signs:
        return tuple(name for name in names if name in ("-1", "0"))[:1]
    rest = (codes >= 0) & ~np.isin(codes, silent)
    return names if labels.size - len(names) >= 2 and is_known[rest].all() else ()
