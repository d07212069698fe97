"""Bounds of the smallest possible loss: noise of single trials about the mean of their block.

``own_mean_loss`` (the floor) is fitted on what it scores, so it is too small; ``split_half_loss``
forecasts one half of a block's sessions from the other, so it is too large.  The loss of a
forecaster that knew every mean lies between.  Both need repeated patterns.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from hebbayes.core.checks import check_at_least
from hebbayes.reverse_engineering.forecasting.sessions import (
    Session,
    Split,
    find_patterns,
    pattern_index,
    pattern_sums,
)

Floats = NDArray[np.float64]


def own_mean_loss(split: Split, *, block: int = 10) -> float:
    """Return the squared error of every pattern's mean in its own block of later sessions.

    Blocks are ``block`` consecutive sessions, the last one shorter.  Only patterns with two
    observations in a block count; NaN if there are none.

    Example:
        >>> from hebbayes.data.recording import Recording
        >>> from hebbayes.reverse_engineering.forecasting.sessions import split_sessions
        >>> split = split_sessions(Recording(np.ones((3, 1)), [[1], [1], [3]], [0, 1, 2]), 1)
        >>> own_mean_loss(split)
        1.0
    """
    return _loss([(part, part, 2) for part in _blocks(split.later, block)])


def split_half_loss(split: Split, *, block: int = 10) -> float:
    """Return the squared error of forecasting half of a block's sessions from the other half.

    Every second session is in the same half.  NaN if no pattern is in both halves.

    Example:
        >>> from hebbayes.data.recording import Recording
        >>> from hebbayes.reverse_engineering.forecasting.sessions import split_sessions
        >>> split = split_sessions(Recording(np.ones((3, 1)), [[1], [1], [3]], [0, 1, 2]), 1)
        >>> split_half_loss(split)
        4.0
    """
    halves = [(part[::2], part[1::2], 1) for part in _blocks(split.later, block) if len(part) > 1]
    return _loss([*halves, *((late, early, n) for early, late, n in halves)])


def _blocks(sessions: Sequence[Session], block: int) -> list[Sequence[Session]]:
    check_at_least("block", block, 1)
    return [sessions[start : start + block] for start in range(0, len(sessions), block)]


def _loss(pairs: list[tuple[Sequence[Session], Sequence[Session], int]]) -> float:
    """Score the second of each pair by the means of the first, if these have n observations."""
    square, trials = 0.0, 0
    for known, scored, enough in pairs:
        patterns = find_patterns(known)
        sums, numbers = pattern_sums(known, patterns)
        means = np.where(numbers >= enough, sums / np.maximum(numbers, 1), np.nan)
        for session in scored:
            index = pattern_index(patterns, session.stimuli)
            wrong = session.responses - np.where(index[:, None] >= 0, means[index], np.nan)
            counted = np.isfinite(wrong)
            square += float((wrong[counted] ** 2).sum())
            trials += int(counted.sum())
    return square / trials if trials else float("nan")
