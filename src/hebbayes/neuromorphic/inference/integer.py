"""The integer model of the inference layer: the contract that C and Verilog follow bit for bit.

For each neuron in turn, with L = `log2_fixed` and lines l_i = inputs o, then activity x(t-1):

    drive = sum_i [ L(n_on,i) - L(n_off,i) - (L(Home_on) - L(Home_off)) ] + offset
    n_b,i = Hebb_b,i if l_i else Home_b - Hebb_b,i                       (W o + K x' + h in log2)
    x     = draw < table(drive)    (spike)    or    drive >= 0    (hard)
    Home_x += 1,  Hebb_x,i += l_i       after both banks were halved where Home_x was full

The random register moves once per spike and once per halving.  Words, writes, draws and cycles are
counted exactly, as the Verilog spends them.
"""

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from hebbayes.core.checks import check_binary, check_shape
from hebbayes.neuromorphic.arithmetic import (
    advance,
    log2_table,
    sigmoid_index,
    sigmoid_table,
)
from hebbayes.neuromorphic.inference.counts import Counters, LayerCounts, layout_of

if TYPE_CHECKING:
    from hebbayes.neuromorphic.spec import DeviceSpec

EVENTS = (
    *("steps", "cycles", "word_reads", "word_writes", "home_reads", "home_writes"),
    *("logarithms", "additions", "draws", "halvings", "clamped", "refused"),
)
"""What a run counts: `clamped` drives lay beyond the sigmoid's table, `refused` are learning events
of a full bank that saturates."""

STEPS, CYCLES, WORD_READS, WORD_WRITES, HOME_READS, HOME_WRITES = range(6)
LOGARITHMS, ADDITIONS, DRAWS, HALVINGS, CLAMPED, REFUSED = range(6, 12)

_advance = njit(cache=True)(advance)
_sigmoid_index = njit(cache=True)(sigmoid_index)


class Constants(NamedTuple):
    """What a spec fixes, for the compiled kernel."""

    lanes: int
    words_of_inputs: int
    words_per_neuron: int
    lines: Counters
    inputs: int
    full_home: int
    saturates: bool
    is_spiking: bool
    log_bits: int
    sigmoid_bits: int
    learns: NDArray[np.bool_]
    logs: Counters
    sigmoid: Counters


class Memory(NamedTuple):
    """The counters of one core, changed in place by the kernel."""

    hebb: Counters
    home: Counters
    offset: Counters
    activity: Counters
    register: Counters
    events: Counters


@dataclass(frozen=True, eq=False)
class Run:
    """What a core did.

    Attributes:
        drive: (time, neurons), log2 odds in units of 2^-log_bits.
        activity: (time, neurons), x, 0 or 1.
        register: (time,), state of the shift register after each step.
        counts: What the core holds at the end.
        events: Name -> how often it happened (`EVENTS`).
    """

    drive: NDArray[np.int64]
    activity: NDArray[np.uint8]
    register: NDArray[np.int64]
    counts: LayerCounts
    events: dict[str, int]


@cache
def constants_of(spec: "DeviceSpec") -> Constants:
    """Return what the kernel needs of a spec.

    Example:
        >>> from hebbayes.neuromorphic.spec import DeviceSpec
        >>> constants_of(DeviceSpec(lanes=4)).words_per_neuron
        8
    """
    layout = layout_of(spec)
    return Constants(
        lanes=spec.lanes,
        words_of_inputs=layout.words[0],
        words_per_neuron=layout.words_per_neuron,
        lines=layout.lines,
        inputs=spec.inputs,
        full_home=spec.full_home,
        saturates=spec.forgetting == "saturate",
        is_spiking=spec.mode == "spike",
        log_bits=spec.log_bits,
        sigmoid_bits=spec.sigmoid_bits,
        learns=np.array([spec.learns_inputs, spec.learns_recurrent]),
        logs=log2_table(spec.counter_bits, spec.log_bits),
        sigmoid=sigmoid_table(spec.sigmoid_bits),
    )


def run_layer(spec: "DeviceSpec", counts: LayerCounts, observations: Any) -> Run:
    """Return what the core does with ``observations`` (time, inputs), 0 or 1; it learns at each.

    Example:
        >>> from hebbayes.neuromorphic.inference.counts import layer_counts
        >>> from hebbayes.neuromorphic.spec import DeviceSpec
        >>> spec = DeviceSpec(inputs=2, neurons=1)
        >>> start = layer_counts(spec, [[[9, 8]], [[7, 8]]], [[16], [16]])
        >>> ran = run_layer(spec, start, [[1, 0], [1, 1], [0, 0]])
        >>> ran.events["word_reads"], int(ran.counts.home.sum())
        (12, 35)
    """
    seen = np.ascontiguousarray(observations, np.uint8)
    check_shape("observations", seen, (None, spec.inputs))
    check_binary("observations", observations)
    memory = Memory(
        counts.hebb.copy(),
        counts.home.copy(),
        counts.offset.copy(),
        counts.activity.copy(),
        np.array([counts.register]),
        np.zeros(len(EVENTS), np.int64),
    )
    drive = np.zeros((len(seen), spec.neurons), np.int64)
    activity = np.zeros((len(seen), spec.neurons), np.uint8)
    register = np.zeros(len(seen), np.int64)
    _run(constants_of(spec), memory, seen, (drive, activity, register))
    held = LayerCounts(
        memory.hebb, memory.home, memory.offset, memory.activity, int(memory.register[0])
    )
    events = dict(zip(EVENTS, memory.events.tolist()))
    return Run(drive, activity, register, held, events)


@njit(cache=True)
def _run(constants, memory, seen, trace):  # type: ignore[no-untyped-def]
    drive, activity, register = trace
    slots = memory.hebb.shape[2]
    lines = np.zeros(slots, np.int64)
    for time in range(len(seen)):
        for line in range(len(constants.lines)):
            if line < constants.inputs:
                lines[constants.lines[line]] = seen[time, line]
            else:
                lines[constants.lines[line]] = memory.activity[line - constants.inputs]
        for neuron in range(memory.home.shape[1]):
            drive[time, neuron] = _drive(constants, memory, lines, neuron)
            activity[time, neuron] = _fires(constants, memory, drive[time, neuron])
            _learn(constants, memory, lines, (neuron, activity[time, neuron]))
        memory.activity[:] = activity[time]
        register[time] = memory.register[0]
        memory.events[STEPS] += 1
        memory.events[CYCLES] += 1


@njit(cache=True)
def _drive(constants, memory, lines, neuron):  # type: ignore[no-untyped-def]
    logs, events = constants.logs, memory.events
    drive = memory.offset[neuron]
    first_recurrent = constants.words_of_inputs * constants.lanes
    for slot in range(len(lines)):
        group = 1 if slot >= first_recurrent else 0
        home_on, home_off = memory.home[0, neuron, group], memory.home[1, neuron, group]
        on, off = memory.hebb[0, neuron, slot], memory.hebb[1, neuron, slot]
        if not lines[slot]:
            on, off = home_on - on, home_off - off
        drive += logs[on] - logs[off] - (logs[home_on] - logs[home_off])
    groups = memory.home.shape[2]
    events[WORD_READS] += constants.words_per_neuron
    events[HOME_READS] += groups
    events[LOGARITHMS] += 2 * len(lines) + 2 * groups
    events[ADDITIONS] += 3 * len(lines) + groups
    events[CYCLES] += constants.words_per_neuron + groups + 1
    return drive


@njit(cache=True)
def _fires(constants, memory, drive):  # type: ignore[no-untyped-def]
    if not constants.is_spiking:
        return drive >= 0
    memory.register[0] = _advance(memory.register[0])
    memory.events[DRAWS] += 1
    if abs(drive) >> (constants.log_bits + 3):
        memory.events[CLAMPED] += 1
    threshold = constants.sigmoid[_sigmoid_index(drive, constants.log_bits)]
    if drive < 0:
        threshold = (1 << constants.sigmoid_bits) - threshold
    return (memory.register[0] & ((1 << constants.sigmoid_bits) - 1)) < threshold


@njit(cache=True)
def _learn(constants, memory, lines, event):  # type: ignore[no-untyped-def]
    neuron, fires = event
    bank, events = 0 if fires else 1, memory.events
    groups = memory.home.shape[2]
    learns, halves = np.zeros(2, np.bool_), np.zeros(2, np.bool_)
    for group in range(groups):
        is_full = memory.home[bank, neuron, group] >= constants.full_home
        learns[group] = constants.learns[group] and not (constants.saturates and is_full)
        halves[group] = learns[group] and is_full
        events[REFUSED] += constants.learns[group] and not learns[group]
    if not (learns[0] or learns[1]):
        return
    if halves[0] or halves[1]:
        memory.register[0] = _advance(memory.register[0])
        events[DRAWS] += 1
    rounding = memory.register[0] & 1
    for word in range(constants.words_per_neuron):
        group = 1 if word >= constants.words_of_inputs else 0
        is_written = halves[group]
        for slot in range(word * constants.lanes, (word + 1) * constants.lanes):
            if halves[group]:
                for either in range(2):
                    memory.hebb[either, neuron, slot] += rounding
                    memory.hebb[either, neuron, slot] >>= 1
            if learns[group] and lines[slot]:
                memory.hebb[bank, neuron, slot] += 1
                is_written = True
        events[WORD_WRITES] += is_written
    for group in range(groups):
        if halves[group]:
            for either in range(2):
                memory.home[either, neuron, group] += rounding
                memory.home[either, neuron, group] >>= 1
            events[HALVINGS] += 1
        if learns[group]:
            memory.home[bank, neuron, group] += 1
            events[HOME_WRITES] += 1
    events[WORD_READS] += constants.words_per_neuron
    events[ADDITIONS] += len(lines) + groups
    events[CYCLES] += constants.words_per_neuron
