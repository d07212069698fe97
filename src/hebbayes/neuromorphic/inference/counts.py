"""Counters of the inference layer and where they lie: banks, neurons, slots, groups, words.

A neuron has two banks, for x = 1 and x = 0 (`ON`, `OFF`).  Each bank counts for every line how
often it was on (Hebb) and, for each group of lines, how often the neuron was in that state (Home).
The group of inputs (W) and the group of neurons (K) start at a new word each; slots that fill up
the last word stay 0 and add exactly nothing to a drive.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hebbayes.core.checks import check_between, check_shape
from hebbayes.core.errors import ValueRangeError

if TYPE_CHECKING:
    from hebbayes.neuromorphic.spec import DeviceSpec

Counters = NDArray[np.int64]


@dataclass(frozen=True)
class Layout:
    """Where the lines of a neuron lie in memory.

    Attributes:
        groups: Groups of lines: inputs, and neurons where they are recurrent.
        words: Words of each group.
        lanes: Slots of a word.
        lines: (lines,), slot of each line.
    """

    groups: int
    words: tuple[int, ...]
    lanes: int
    lines: NDArray[np.int64]

    @property
    def words_per_neuron(self) -> int:
        """Words that each pass over a neuron reads."""
        return sum(self.words)

    @property
    def slots(self) -> int:
        """Slots of a neuron, with those that stay empty."""
        return self.words_per_neuron * self.lanes


def layout_of(spec: "DeviceSpec") -> Layout:
    """Return where the lines of each neuron lie.

    Example:
        >>> from hebbayes.neuromorphic.spec import DeviceSpec
        >>> layout_of(DeviceSpec(inputs=3, neurons=2, is_recurrent=True, lanes=2)).lines.tolist()
        [0, 1, 2, 4, 5]
    """
    sizes = (spec.inputs, spec.neurons)[: 1 + spec.is_recurrent]
    words = tuple(-(-size // spec.lanes) for size in sizes)
    starts = (0, words[0] * spec.lanes)
    slots = [start + np.arange(size) for start, size in zip(starts, sizes)]
    return Layout(len(sizes), words, spec.lanes, np.concatenate(slots))


@dataclass(frozen=True, eq=False)
class LayerCounts:
    """What the inference layer holds: counters, thresholds, last activity, random bits.

    Attributes:
        hebb: (2, neurons, slots), counts of line and neuron; the neuron's state first (ON, OFF).
        home: (2, neurons, groups), counts of the neuron's state.
        offset: (neurons,), log2 D1/D0 in units of 2^-log_bits.
        activity: (neurons,), x of the last step, 0 or 1.
        register: State of the shift register, not 0.
    """

    hebb: Counters
    home: Counters
    offset: Counters
    activity: Counters
    register: int = 1


def layer_counts(
    spec: "DeviceSpec",
    hebb: Any,
    home: Any,
    *,
    odds: Any = 0.0,
    seed: int = 1,
) -> LayerCounts:
    """Return counters with Hebb (2, neurons, lines) and Home (2, neurons), or (2, neurons, groups).

    ``odds`` holds log2 D1/D0 of every neuron, in bits.  Raises `HebbayesError` if counts are no
    whole numbers, do not fit the counters, or break 0 <= Hebb <= Home.

    Example:
        >>> from hebbayes.neuromorphic.spec import DeviceSpec
        >>> spec = DeviceSpec(inputs=3, neurons=1)
        >>> layer_counts(spec, np.full((2, 1, 3), 8), np.full((2, 1), 16)).home.shape
        (2, 1, 1)
    """
    layout = layout_of(spec)
    hebb, home = np.asarray(hebb), np.asarray(home)
    check_shape("hebb", hebb, (2, spec.neurons, spec.lines))
    if home.ndim == 2:
        home = np.repeat(home[..., None], layout.groups, axis=2)
    check_shape("home", home, (2, spec.neurons, layout.groups))
    check_between("home", home, 1, spec.full_home)
    if (hebb != np.rint(hebb)).any() or (home != np.rint(home)).any():
        raise ValueRangeError("counts must be whole numbers; round them with `np.rint`.")
    group = (np.arange(spec.lines) >= spec.inputs).astype(int)
    if (hebb < 0).any() or (hebb > home[..., group]).any():
        raise ValueRangeError("hebb must lie between 0 and the home count of its neuron.")
    if not 0 < seed < 1 << 32:
        raise ValueRangeError(f"seed must be from 1 to 4294967295; got {seed}.")
    slots = np.zeros((2, spec.neurons, layout.slots), np.int64)
    slots[..., layout.lines] = hebb
    offset = np.rint(np.broadcast_to(odds, spec.neurons) * 2.0**spec.log_bits).astype(np.int64)
    check_between("odds", offset, -largest_offset(spec), largest_offset(spec))
    silent = np.zeros(spec.neurons, np.int64)
    return LayerCounts(slots, home.astype(np.int64), offset, silent, int(seed))


def largest_offset(spec: "DeviceSpec") -> int:
    """Return the largest size of a threshold offset: odds of 2^16, in units of 2^-log_bits.

    Example:
        >>> from hebbayes.neuromorphic.spec import DeviceSpec
        >>> largest_offset(DeviceSpec(log_bits=6))
        1024
    """
    return 16 << spec.log_bits


def lines_in_slots(layout: Layout, observation: Any, activity: Any) -> Counters:
    """Return the lines of a neuron, 0 or 1, in its slots.

    Example:
        >>> from hebbayes.neuromorphic.spec import DeviceSpec
        >>> layout = layout_of(DeviceSpec(inputs=3, neurons=2, is_recurrent=True, lanes=2))
        >>> lines_in_slots(layout, [1, 1, 1], [0, 1]).tolist()
        [1, 1, 1, 0, 0, 1]
    """
    slots = np.zeros(layout.slots, np.int64)
    slots[layout.lines] = np.concatenate([observation, activity])[: len(layout.lines)]
    return slots


def expected_weights(spec: "DeviceSpec", counts: LayerCounts) -> NDArray[np.float64]:
    """Return Hebb / Home of every line, P(line on | state): (2, neurons, lines).

    Example:
        >>> from hebbayes.neuromorphic.spec import DeviceSpec
        >>> spec = DeviceSpec(inputs=3, neurons=1)
        >>> held = layer_counts(spec, np.full((2, 1, 3), 4), np.full((2, 1), 16))
        >>> expected_weights(spec, held)[:, 0].tolist()
        [[0.25, 0.25, 0.25], [0.25, 0.25, 0.25]]
    """
    group = (np.arange(spec.lines) >= spec.inputs).astype(int)
    hebb = counts.hebb[..., layout_of(spec).lines]
    return np.asarray(hebb / counts.home[..., group])


def bits_of(spec: "DeviceSpec") -> dict[str, int]:
    """Return the bits of memory by what they hold, empty slots left out.

    Example:
        >>> from hebbayes.neuromorphic.spec import DeviceSpec
        >>> bits_of(DeviceSpec())["hebb"]
        1280
    """
    groups = 1 + spec.is_recurrent
    return {
        "hebb": 2 * spec.neurons * spec.lines * spec.counter_bits,
        "home": 2 * spec.neurons * groups * spec.counter_bits,
    }
