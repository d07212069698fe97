"""Words for success, failure and missed trials in columns of outcomes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from hebbayes.data.behaviour.columns.cells import as_labels, as_numbers, label_text
from hebbayes.data.behaviour.columns.detection_words import NO_CHOICE, detection_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pandas import Series

_GOOD = (
    *("correct", "hit", "cr", "correct reject", "correct rejection", "reward", "rewarded", "win"),
    *("won", "gain", "success", "positive", "yes", "true", "good", "pos", "correct_reject"),
    *("correct_rejection",),
)
_BAD = (
    *("incorrect", "wrong", "error", "err", "fa", "false alarm", "false_alarm", "punish"),
    *("punished", "punishment", "loss", "lose", "lost", "fail", "failure", "failed", "negative"),
    *("no", "false", "bad", "neg", "unrewarded", "no reward", "no_reward", "noreward"),
)
_MISS_IS_WRONG = {"hit", "fa", "false alarm", "false_alarm", "cr", "ignore", "ignored"}


def known_values(labels: Sequence[Any]) -> dict[str, float | None] | None:
    """Return the risk of each text of a column of outcomes, or None if a text is not known.

    A miss is wrong beside hits, false alarms or ignored trials, and a missed trial otherwise.

    Example:
        >>> known_values(["correct", "incorrect", "ignore"])
        {'correct': 0.0, 'incorrect': 1.0, 'ignore': None}
        >>> known_values(["hit", "miss"]), known_values(["blue"])
        ({'hit': 0.0, 'miss': 1.0}, None)
    """
    if (detection := detection_of(labels)) is not None:
        risk = np.where(detection.is_known, detection.is_go != detection.is_target, np.nan)
        texts = [label_text(label) for label in labels]
        return {text: None if np.isnan(one) else float(one) for text, one in zip(texts, risk)}
    small = {label_text(label): label_text(label).casefold().strip() for label in labels}
    miss = 1.0 if _MISS_IS_WRONG & set(small.values()) else None
    risks: dict[str, float | None] = {"miss": miss, **dict.fromkeys(NO_CHOICE - {"miss"})}
    risks |= {**dict.fromkeys(_GOOD, 0.0), **dict.fromkeys(_BAD, 1.0)}
    if not small or any(word not in risks for word in small.values()):
        return None
    return {text: risks[word] for text, word in small.items()}


def is_outcome_text(values: Series) -> bool:
    """Whether a column holds words for success and failure.

    Example:
        >>> import pandas
        >>> is_outcome_text(pandas.Series(["hit", "miss"])), is_outcome_text(pandas.Series([0, 1]))
        (True, False)
    """
    if as_numbers(values) is not None:
        return False
    known = known_values(as_labels(values)[1].tolist())
    return known is not None and {0.0, 1.0} & set(known.values()) != set()
