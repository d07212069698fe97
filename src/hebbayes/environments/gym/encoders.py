"""From an observation of a world to the units that fire: one per group of softmax units.

``one-hot`` is one Discrete part; ``product`` one unit per combination of parts; ``grid`` the same
with numbers cut into bins; ``groups`` one group per part, where combinations are too many;
``thermometer`` groups of two, one per level of a number; ``patterns`` one unit per observation that
was ever seen; ``custom`` the user's own function.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hebbayes.core.errors import FormatError, ValueRangeError
from hebbayes.environments.gym.parts import Part, is_picture, parts_of

MOST_UNITS = 100_000
"""Largest number of combinations that get a unit each."""

N_PATTERNS = 8192
"""Units for observations without parts; the last stands for all that come later."""


@dataclass(frozen=True)
class Encoder:
    """Which units fire.

    Attributes:
        name: Kind of the encoder, see the module.
        group_sizes: Units of each group.
        units: Observation to the numbers of the units that fire, (groups,), groups side by side.
        parts: What was encoded: (where it stands, number of values).
    """

    name: str
    group_sizes: tuple[int, ...]
    units: Callable[[Any], NDArray[np.int64]]
    parts: tuple[tuple[str, int], ...] = ()

    def __str__(self) -> str:
        """Return one line: kind, parts, units."""
        listed = " x ".join(str(n) for _, n in self.parts[:8])
        rest = f" and {len(self.parts) - 8} more" if len(self.parts) > 8 else ""
        cells = f" of {listed}{rest}" if len(self.parts) > 1 else ""
        n, groups = sum(self.group_sizes), len(self.group_sizes)
        return f"{self.name}{cells}: {n} units in {groups} group{'s' * (groups > 1)}"


def encoder_for(space: Any, seen: Sequence[Any] = (), *, n_bins: int = 0) -> Encoder:
    """Return the encoder of a Gymnasium space that needs no choice.

    ``seen`` and ``n_bins``: see `parts_of`.  Raises `FormatError` for pictures.

    Example:
        >>> from gymnasium.spaces import Discrete, Tuple
        >>> encoder = encoder_for(Tuple((Discrete(3), Discrete(2))))
        >>> str(encoder), encoder.units((2, 1)).tolist()
        ('product of 3 x 2: 6 units in 1 group', [5])
    """
    if is_picture(space):
        raise FormatError(
            f"observations are pictures, {space}; wanted Discrete, MultiDiscrete, MultiBinary or "
            "Box with few numbers. Give a function of the picture as `custom_encoder`."
        )
    parts = parts_of(space, seen, n_bins=n_bins)
    if parts is None:
        return pattern_encoder()
    if np.prod([float(part.n_values) for part in parts]) > MOST_UNITS:
        return group_encoder(parts)
    return product_encoder(parts, _name(space, parts))


def product_encoder(parts: Sequence[Part], name: str = "product") -> Encoder:
    """Return one group with a unit for every combination of the parts' values.

    Example:
        >>> product_encoder([Part("a", 2, lambda o: o)], "one-hot").units(1).tolist()
        [1]
    """
    sizes = [part.n_values for part in parts]
    strides = np.append(np.cumprod(sizes[:0:-1])[::-1], 1).astype(int).tolist()
    reads = [(part.read, stride) for part, stride in zip(parts, strides, strict=True)]

    def units(observation: Any) -> NDArray[np.int64]:
        return np.array([sum(read(observation) * stride for read, stride in reads)])

    return Encoder(name, (int(np.prod(sizes)),), units, _listed(parts))


def group_encoder(parts: Sequence[Part]) -> Encoder:
    """Return one group per part.

    Example:
        >>> parts = [Part("a", 2, lambda o: o[0]), Part("b", 3, lambda o: o[1])]
        >>> group_encoder(parts).units((1, 2)).tolist()
        [1, 4]
    """
    sizes = [part.n_values for part in parts]
    first = np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(np.int64)

    def units(observation: Any) -> NDArray[np.int64]:
        return first + np.array([part.read(observation) for part in parts])

    return Encoder("groups", tuple(sizes), units, _listed(parts))


def thermometer_encoder(space: Any, seen: Sequence[Any] = (), *, n_levels: int = 8) -> Encoder:
    """Return groups of two, one per level and number: the first unit fires above the level.

    Example:
        >>> from gymnasium.spaces import Box
        >>> thermometer_encoder(Box(0, 1, (1,)), n_levels=3).units(np.array([0.6])).tolist()
        [0, 2, 5]
    """
    parts = parts_of(space, seen, n_bins=n_levels + 1)
    if parts is None:
        raise FormatError(f"a thermometer needs numbers; observations are {space}.")
    levels = [(part, level) for part in parts for level in range(1, part.n_values)]
    binary = [Part(f"{part.name} >= {level}", 2, _above(part, level)) for part, level in levels]
    made = group_encoder(binary)
    return Encoder("thermometer", made.group_sizes, made.units, made.parts)


def pattern_encoder(n_units: int = N_PATTERNS) -> Encoder:
    """Return an encoder that gives every new observation the next free unit of one group.

    Example:
        >>> encoder = pattern_encoder(3)
        >>> [int(encoder.units(word)[0]) for word in ("a", "b", "a", "c", "d")]
        [0, 1, 0, 2, 2]
    """
    known: dict[bytes, int] = {}

    def units(observation: Any) -> NDArray[np.int64]:
        code = _bytes_of(observation)
        unit = known.get(code)
        if unit is None:
            unit = min(len(known), n_units - 1)
            if unit < n_units - 1:
                known[code] = unit
        return np.array([unit])

    return Encoder("patterns", (n_units,), units)


def custom_encoder(
    function: Callable[[Any], Any], group_sizes: tuple[int, ...], name: str = "custom"
) -> Encoder:
    """Return an encoder of the user: ``function`` returns one value per group, from 0.

    Example:
        >>> parity = custom_encoder(lambda number: [number % 2], (2,))
        >>> parity.units(7).tolist()
        [1]
    """
    sizes = np.array(group_sizes)
    first = np.concatenate([[0], np.cumsum(group_sizes)[:-1]]).astype(np.int64)

    def units(observation: Any) -> NDArray[np.int64]:
        values = np.asarray(function(observation), np.int64).reshape(-1)
        if values.shape != sizes.shape or (values < 0).any() or (values >= sizes).any():
            raise ValueRangeError(
                f"the encoder returned {values.tolist()}; wanted one whole number per group of "
                f"sizes {group_sizes}, from 0."
            )
        return first + values

    return Encoder(name, tuple(group_sizes), units)


def _name(space: Any, parts: Sequence[Part]) -> str:
    if "Box" in str(space):
        return "grid"
    return "one-hot" if len(parts) == 1 else "product"


def _listed(parts: Sequence[Part]) -> tuple[tuple[str, int], ...]:
    return tuple((part.name, part.n_values) for part in parts)


def _above(part: Part, level: int) -> Callable[[Any], int]:
    return lambda observation: 0 if part.read(observation) >= level else 1


def _bytes_of(observation: Any) -> bytes:
    if isinstance(observation, dict):
        return b"|".join(_bytes_of(observation[key]) for key in sorted(observation))
    if isinstance(observation, tuple):
        return b"|".join(map(_bytes_of, observation))
    if isinstance(observation, np.ndarray):
        return observation.tobytes()
    return str(observation).encode()
