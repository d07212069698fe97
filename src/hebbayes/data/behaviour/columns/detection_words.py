"""Words of signal detection (hit, miss, false alarm, correct rejection) and of missed trials.

One such word says what was shown (a target or not), what was done (go or no-go), and whether it was
right, so that a single column can be stimulus, choice and outcome.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Iterable

NO_CHOICE = frozenset(
    (
        "miss",
        *("ignore", "ignored", "early", "early lick", "no response", "no_response", "noresponse"),
        *("missed", "timeout", "time out", "no choice", "no_choice", "abort", "aborted", "omitted"),
        *("invalid", "no lick", "no_lick", "nolick", "premature", "late", "too late", "omission"),
    )
)
"""Words, in small letters, for a trial without a choice."""

GO_LABELS = ("no-go", "go")
"""Names of choices 0 and 1."""

_MEANING = {  # (is a target, is go)
    **dict.fromkeys(("hit", "hits"), (True, True)),
    **dict.fromkeys(("miss", "misses"), (True, False)),
    **dict.fromkeys(("fa", "falsealarm", "falsealarms"), (False, True)),
    **dict.fromkeys(("cr", "correctrejection", "correctrejections"), (False, False)),
    **dict.fromkeys(("correctreject", "correctrejects"), (False, False)),
}


class Detection(NamedTuple):
    """What words of signal detection say, for each label of a column.

    Attributes:
        is_known: (labels,), whether the label is one of the words.
        is_target: (labels,), whether a target was shown.
        is_go: (labels,), whether the choice was to go.
    """

    is_known: NDArray[np.bool_]
    is_target: NDArray[np.bool_]
    is_go: NDArray[np.bool_]


def plain_word(word: str) -> str:
    """Return a word in small letters, without what separates its parts.

    Example:
        >>> plain_word("Correct_Rejection"), plain_word("false-alarm "), plain_word("FA")
        ('correctrejection', 'falsealarm', 'fa')
    """
    return re.sub(r"[\s_-]+", "", word.casefold())


def detection_of(labels: Iterable[Any], others: Iterable[str] = NO_CHOICE) -> Detection | None:
    """Return what the words of a column say; None unless they cover targets and non-targets.

    ``others`` are words for trials without a choice, which may stand beside them.

    Example:
        >>> detection_of(["CR", "FA", "HIT", "MISS"]).is_go.tolist()
        [False, True, True, False]
        >>> detection_of(["hit", "miss"]) is None, detection_of(["hit", "fa", "x"]) is None
        (True, True)
    """
    words = [plain_word(str(label)) for label in labels]
    known = [_MEANING[word] for word in words if word in _MEANING]
    beside = {plain_word(word) for word in others} - set(_MEANING)
    if len({is_target for is_target, _ in known}) < 2:
        return None
    if any(word not in _MEANING and word not in beside for word in words):
        return None
    pairs = np.array([_MEANING.get(word, (False, False)) for word in words], bool)
    return Detection(np.array([word in _MEANING for word in words]), pairs[:, 0], pairs[:, 1])
