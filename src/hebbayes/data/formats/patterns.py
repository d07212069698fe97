"""Stimuli from lists of channels: 1 if a trial has a channel, numbered or named."""

import re
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from hebbayes.core.errors import FormatError
from hebbayes.data.casting import whole_numbers

NUMBERED = re.compile(r"(.*?)_?(\d+)")
PREFIXES = ("stimulus", "stim", "channel")
"""Prefixes of numbered columns, such as stimulus_0, that are taken for channels by default."""

CHANNEL = ("channel", "stimulus_channel", "stimulus_channels", "channels", "electrode")
"""Names of the column that holds the channel of an event."""

SAME_S = 1e-6
"""Events closer than this, in seconds, are simultaneous."""


def numbered_columns(names: Iterable[str]) -> dict[str, list[str]]:
    """Return names that end in a number by their prefix, in order of the number.

    Example:
        >>> numbered_columns(["stimulus_10", "stimulus_2", "session"])
        {'stimulus': ['stimulus_2', 'stimulus_10']}
    """
    groups: dict[str, list[tuple[int, str]]] = {}
    for name in names:
        if match := NUMBERED.fullmatch(name):
            groups.setdefault(match[1], []).append((int(match[2]), name))
    return {prefix: [name for _, name in sorted(group)] for prefix, group in groups.items()}


def number_of(name: str) -> int:
    """Return the number at the end of a name.

    Example:
        >>> number_of("stimulus_10")
        10
    """
    match = NUMBERED.fullmatch(name)
    assert match is not None  # only numbered names are passed
    return int(match[2])


def pattern_matrix(
    trial: NDArray[np.int64],
    channel: NDArray,
    n_trials: int,
    place: str,
    n_channels: int | None = None,
) -> tuple[NDArray[np.float64], NDArray]:
    """Return stimuli (trials, channels) and the channels' ids, from pairs of trial and channel.

    Channel numbers start at 0 and end at the largest if ``n_channels`` is unknown; names are
    sorted.  Raises `FormatError` for other channels, naming the ``place``.

    Example:
        >>> pattern_matrix(np.array([0, 0]), np.array([0, 2]), 2, "events")[0].tolist()
        [[1.0, 0.0, 1.0], [0.0, 0.0, 0.0]]
    """
    if channel.dtype.kind == "U":
        ids, index = np.unique(channel, return_inverse=True)
    elif channel.dtype.kind in "uif":
        index = whole_numbers(f"channels of {place}", channel)
        ids = np.arange(_number_of_channels(index, place, n_channels))
    else:
        raise FormatError(f"{place} must hold channel numbers or names; got type {channel.dtype}.")
    stimuli = np.zeros((n_trials, len(ids)))
    stimuli[trial, index] = 1
    return stimuli, ids


def _number_of_channels(index: NDArray[np.int64], place: str, known: int | None) -> int:
    largest, n_different = int(index.max(initial=-1)), len(np.unique(index))
    if index.size and int(index.min()) < 0:
        raise FormatError(f"{place} has channel {index.min()}; wanted numbers from 0.")
    if known is not None:
        if largest >= known:
            raise FormatError(f"{place} has channel {largest} of {known}; the file is damaged.")
        return known
    if largest + 1 > 100 * max(n_different, 1):
        raise FormatError(
            f"{place} has channels up to {largest} and only {n_different} different "
            "ones; wanted numbers from 0, or names as text."
        )
    return largest + 1
