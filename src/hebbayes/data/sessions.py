"""A recording cut into sessions of one length, padded and masked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hebbayes.core.errors import ShapeError

Numbers = NDArray[np.float64] | NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Sessions:
    """A recording cut into sessions; shorter sessions are padded with zeros.

    Attributes:
        labels: (sessions,), number of each session.
        mask: (sessions, trials), False for padding.
        stimuli: (sessions, trials, channels).
        responses: (sessions, trials, units).
        valid: (sessions, trials, units).
        sources: (sessions, trials, sources), if known.
    """

    labels: NDArray[np.int64]
    mask: NDArray[np.bool_]
    stimuli: NDArray[np.float64]
    responses: Numbers
    valid: NDArray[np.bool_]
    sources: Numbers | None = None


def cut_sessions(recording: Any, exact: bool = False) -> Sessions:
    """Return the arrays of a recording by session, shorter sessions padded.

    Raises `ShapeError` if ``exact`` is true and sessions differ in length.

    Example:
        >>> from hebbayes.data.recording import Recording
        >>> cut_sessions(Recording(np.eye(3), np.ones((3, 1)), [7, 7, 8])).mask.tolist()
        [[True, True], [True, False]]
    """
    labels, starts, lengths = np.unique(recording.session, return_index=True, return_counts=True)
    longest = lengths.max()
    if exact and (other := lengths != longest).any():
        odd = int(np.argmax(other))
        raise ShapeError(
            f"session {labels[odd]} has {lengths[odd]} trials and others {longest}; leave out "
            "exact=True for a padded array with a mask, or select sessions of one length."
        )
    mask = np.arange(longest) < lengths[:, None]
    position = np.where(mask, starts[:, None] + np.arange(longest), 0)

    def cut(values: NDArray[Any]) -> NDArray[Any]:
        return np.where(mask[..., None], values[position], 0).astype(values.dtype)

    sources = None if recording.sources is None else cut(recording.sources)
    return Sessions(
        labels,
        mask,
        cut(recording.stimuli),
        cut(recording.responses),
        cut(recording.valid),
        sources,
    )
