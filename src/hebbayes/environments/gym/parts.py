"""What an observation consists of: parts with finitely many values each.

A Discrete space is one part, a MultiDiscrete or MultiBinary space one part per entry, a Tuple or
Dict the parts of its members; a number of a Box is cut into equal bins.  Pictures, text and graphs
have no parts.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from hebbayes.core.errors import FormatError

Read: TypeAlias = Callable[[Any], Any]

LARGEST_PICTURE = 1000
"""A Box of three axes with this many entries or more is a picture."""

_BINS = {1: 40, 2: 20, 3: 12, 4: 8, 5: 6}
_FEWEST_BINS = 4
_WHOLE_UP_TO = 64  # an integer entry with no more values needs no bins


@dataclass(frozen=True)
class Part:
    """One part of an observation.

    Attributes:
        name: Where it stands in the observation.
        n_values: Number of its values.
        read: Observation to the value, from 0.
    """

    name: str
    n_values: int
    read: Callable[[Any], int]


@dataclass(frozen=True)
class Bins:
    """Equal bins of a number; what lies outside falls into the first or the last.

    Attributes:
        low: Lower edge of the first bin.
        high: Upper edge of the last.
        count: Number of bins.
    """

    low: float
    high: float
    count: int

    def index(self, value: float) -> int:
        """Return the bin of ``value``; NaN falls into the first."""
        place = (value - self.low) / (self.high - self.low) * self.count
        return int(min(max(place, 0.0), self.count - 1)) if place == place else 0


def parts_of(
    space: Any,
    seen: Sequence[Any] = (),
    *,
    name: str = "observation",
    read: Read = lambda observation: observation,
    n_bins: int = 0,
) -> list[Part] | None:
    """Return the parts of observations in ``space``, or None if it has none.

    ``seen`` holds observations of the space: a number without bounds is binned between the least
    and the largest seen.  ``n_bins`` is the number of bins per number; 0 takes fewer, the more
    numbers there are.

    Example:
        >>> from gymnasium.spaces import Discrete, MultiBinary, Tuple
        >>> parts = parts_of(Tuple((Discrete(3, start=1), MultiBinary(2))))
        >>> [part.n_values for part in parts], [part.read((3, [0, 1])) for part in parts]
        ([3, 2, 2], [2, 0, 1])
    """
    kind = type(space).__name__
    if kind == "Discrete":
        start = int(space.start)
        return [Part(name, int(space.n), lambda observation: int(read(observation)) - start)]
    if kind in ("Tuple", "Dict"):
        members = space.spaces
        keys = list(members) if kind == "Dict" else range(len(members))
        parts: list[Part] = []
        for key in keys:
            below = [observation[key] for observation in seen]
            found = parts_of(
                members[key], below, name=f"{name}[{key!r}]", read=_member(read, key), n_bins=n_bins
            )
            if found is None:
                return None
            parts += found
        return parts
    if kind == "MultiDiscrete":
        first = np.asarray(space.start).ravel()
        return [
            Part(f"{name}[{i}]", int(n), _entry(read, i, int(first[i])))
            for i, n in enumerate(np.asarray(space.nvec).ravel())
        ]
    if kind == "MultiBinary":
        return [Part(f"{name}[{i}]", 2, _entry(read, i)) for i in range(int(np.prod(space.shape)))]
    if kind == "Box" and len(space.shape) < 3:
        return _numbers(space, seen, name, read, n_bins)
    return None


def is_picture(space: Any) -> bool:
    """Return whether a space is, or holds, a Box of three axes with many entries.

    Example:
        >>> from gymnasium.spaces import Box
        >>> is_picture(Box(0, 255, (96, 96, 3))), is_picture(Box(0, 255, (7, 7, 3)))
        (True, False)
    """
    members = getattr(space, "spaces", None)
    if members is not None:
        members = members.values() if hasattr(members, "values") else members
        return any(is_picture(member) for member in members)
    shape = space.shape or ()
    return type(space).__name__ == "Box" and (
        len(shape) >= 2 and int(np.prod(shape)) >= LARGEST_PICTURE
    )


def _member(read: Read, key: Any) -> Read:
    return lambda observation: read(observation)[key]


def _entry(read: Read, i: int, first: int = 0) -> Callable[[Any], int]:
    return lambda observation: int(np.asarray(read(observation)).ravel()[i]) - first


def _numbers(space: Any, seen: Sequence[Any], name: str, read: Read, n_bins: int) -> list[Part]:
    low, high = (np.asarray(edge, float).ravel() for edge in (space.low, space.high))
    is_whole = np.issubdtype(space.dtype, np.integer)
    values = np.array([np.asarray(one, float).ravel() for one in seen]).reshape(-1, low.size)
    count = n_bins or _BINS.get(low.size, _FEWEST_BINS)
    parts = []
    for i in range(low.size):
        label = f"{name}[{i}]" if low.size > 1 else name
        if is_whole and high[i] - low[i] < _WHOLE_UP_TO:
            parts.append(Part(label, int(high[i] - low[i]) + 1, _entry(read, i, int(low[i]))))
        else:
            bins = Bins(*_edges(label, (low[i], high[i]), values[:, i]), count)
            parts.append(Part(label, count, _binned(read, i, bins)))
    return parts


def _binned(read: Read, i: int, bins: Bins) -> Callable[[Any], int]:
    if i == 0:
        return lambda observation: bins.index(float(np.asarray(read(observation)).flat[0]))
    return lambda observation: bins.index(float(read(observation).flat[i]))


def _edges(
    name: str, bounds: tuple[float, float], seen: NDArray[np.float64]
) -> tuple[float, float]:
    """Return the bounds of the space, or, where it has none, of what was seen."""
    wide = 1e6  # spaces write "no bound" as infinity or as a very large number
    finite = seen[np.isfinite(seen)]
    low, high = bounds
    if not abs(low) < wide or not abs(high) < wide:
        if finite.size == 0:
            raise FormatError(
                f"{name} has no bounds and no observation of it was given; bins need either."
            )
        low = low if abs(low) < wide else float(finite.min())
        high = high if abs(high) < wide else float(finite.max())
    return (low, high) if high > low else (low - 0.5, low + 0.5)
