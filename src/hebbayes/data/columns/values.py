"""Risk from outcomes, which may be text (correct, incorrect, ignore) or numbers in any range.

Text needs a stated risk for every value, ``correct=0,incorrect=1,ignore=none``, where none means
that the trial was missed; nothing is guessed, but `proposed_values` writes such a mapping for
words in common use.  Numbers are scaled: risk is 1 for the lowest outcome and 0 for the highest.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from hebbayes.core.errors import FormatError

Floats = NDArray[np.float64]

NONE = "none"
"""What stands for a missing risk in a mapping."""

MISSING = ("", "n/a", "na", "nan", "none", "null", "<na>")
"""Texts that stand for a missing entry, in small letters."""

_GOOD = ("correct", "hit", "reward", "success", "win", "gain", "true", "yes", "cr")
_BAD = (
    *("incorrect", "error", "wrong", "fail", "loss", "lose", "punish", "false", "fa", "no"),
    *("miss", "unrewarded", "nonreward", "noreward"),
)
_MISSED = (
    *("ignore", "missed", "noresponse", "nolick", "nochoice", "early", "abort", "omission"),
    *("omit", "timeout", "premature"),
)
_WHOLE_WORDS = ("cr", "fa", "no", "miss", "yes", "true")


def as_text(value: object) -> str:
    """Return a cell as text without blanks at its ends; a whole float without its decimals.

    Example:
        >>> as_text(2.0), as_text(b" hit "), as_text(float("nan"))
        ('2', 'hit', '')
    """
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    if isinstance(value, (float, np.floating)):
        if np.isnan(value):
            return ""
        return str(int(value)) if value == int(value) else str(float(value))
    text = str(value).strip()
    return "" if text.casefold() in MISSING else text


def mapped_risk(outcomes: NDArray, risks: Mapping[str, float], place: str) -> Floats:
    """Return the risk (trials,) of outcomes by a mapping of values in small letters.

    Empty outcomes are unknown.  Raises `FormatError` with the flag to pass if a value has no risk.

    Example:
        >>> mapped_risk(np.array(["hit", "error", ""]), {"hit": 0.0}, "column result")
        Traceback (most recent call last):
            ...
        hebbayes.core.errors.FormatError: column result holds the value error, whose risk is not
        stated; pass --values "hit=0,error=1", with a risk from 0 to 1, or none, for each.
    """
    texts = [as_text(value) for value in outcomes.tolist()]
    distinct = list(dict.fromkeys(text for text in texts if text))
    known = {"": np.nan, **risks}
    if unknown := [text for text in distinct if text.casefold() not in known]:
        raise FormatError(
            f"{place} holds the value {unknown[0][:40]}, whose risk is not stated; pass --values "
            f'"{proposed_values(distinct)}", with a risk from 0 to 1, or none, for each.'
        )
    return np.array([known[text.casefold()] for text in texts], float)


def scaled_risk(outcomes: NDArray, place: str) -> tuple[Floats, str]:
    """Return risk as 1 - outcome scaled to 0..1, and the sentence that says so.

    An outcome within 0..1 is not scaled.  NaN is unknown.  Raises `FormatError` for infinities.

    Example:
        >>> scaled_risk(np.array([-1.0, 1.0, np.nan]), "column feedback")
        (array([ 1.,  0., nan]), 'risk is 1 - (column feedback + 1) / 2.')
    """
    values = np.asarray(outcomes, float)
    if np.isinf(values).any():
        raise FormatError(f"{place} must be finite; got {values[np.isinf(values)][0]}.")
    known = values[np.isfinite(values)]
    low, high = (float(known.min()), float(known.max())) if known.size else (0.0, 1.0)
    if low >= 0 and high <= 1:
        return 1 - values, f"risk is 1 - {place}."
    span = high - low or 1.0
    shifted = f"({place} {'-' if low >= 0 else '+'} {abs(low):g})" if low else place
    return 1 - (values - low) / span, f"risk is 1 - {shifted} / {span:g}."


def proposed_values(outcomes: Iterable[str]) -> str:
    """Return a mapping of outcomes to risk, by words in common use; ``?`` where none is known.

    Example:
        >>> proposed_values(["correct", "incorrect", "early lick", "odd"])
        'correct=0,incorrect=1,early lick=none,odd=?'
    """
    return ",".join(f"{text}={_proposed(text)}" for text in outcomes)


def _proposed(text: str) -> str:
    if is_missed(text):
        return NONE
    if _begins(text, _BAD):
        return "1"
    return "0" if _begins(text, _GOOD) else "?"


def is_missed(text: str) -> bool:
    """Return whether an outcome says that no choice was made, such as ignore or early lick.

    A miss in a go/no-go task is a choice, and so is no missed trial.

    Example:
        >>> is_missed("early lick"), is_missed("Ignore"), is_missed("miss")
        (True, True, False)
    """
    return _begins(text, _MISSED)


def _begins(text: str, words: tuple[str, ...]) -> bool:
    plain = "".join(c for c in text.casefold() if c.isalnum())
    return any(plain == word if word in _WHOLE_WORDS else plain.startswith(word) for word in words)
