"""The inference layer in floating point, into which the core's approximations go one at a time.

Without any of them it is the canonical network in "log" mode, x = sig(W o + K x' + h), which learns
from its rates and forgets nothing (docs/theory.md sections 2-4).  What the core approximates:
a window (counts are halved at a full Home, or learning stops), spikes for rates, the logarithm of
the leading one, the sigmoid of 16 entries.  What remains is the rounding of halved counts.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from hebbayes.neuromorphic.arithmetic import sigmoid_table
from hebbayes.neuromorphic.inference.counts import LayerCounts, layout_of

if TYPE_CHECKING:
    from hebbayes.neuromorphic.spec import DeviceSpec


@dataclass(frozen=True, kw_only=True)
class Approximations:
    """What the floating-point layer takes over from the core.

    Attributes:
        window: Forgetting of the spec.
        spikes: Bernoulli spikes in place of rates, or hard values.
        logarithm: `log2_fixed`.
        sigmoid: The table of 16 entries.
    """

    window: bool = False
    spikes: bool = False
    logarithm: bool = False
    sigmoid: bool = False


BUDGET = (
    ("float", Approximations()),
    ("window", Approximations(window=True)),
    ("spike", Approximations(window=True, spikes=True)),
    ("log", Approximations(window=True, spikes=True, logarithm=True)),
    ("sigmoid", Approximations(window=True, spikes=True, logarithm=True, sigmoid=True)),
)
"""The order in which approximations are added; the integer model then adds rounding."""


@dataclass(frozen=True, eq=False)
class FloatRun:
    """What the layer did in floating point.

    Attributes:
        drive: (time, neurons), log2 odds.
        hebb: (2, neurons, lines), counts at the end.
        home: (2, neurons, groups), counts at the end.
    """

    drive: NDArray[np.float64]
    hebb: NDArray[np.float64]
    home: NDArray[np.float64]


def run_floating(
    spec: "DeviceSpec",
    counts: LayerCounts,
    observations: Any,
    approximations: Approximations | None = None,
) -> FloatRun:
    """Return what the layer does with ``observations`` (time, inputs), with the core's start.

    Spikes come from NumPy's generator, seeded by the register.

    Example:
        >>> from hebbayes.neuromorphic.inference.counts import layer_counts
        >>> from hebbayes.neuromorphic.spec import DeviceSpec
        >>> spec = DeviceSpec(inputs=1, neurons=1)
        >>> start = layer_counts(spec, [[[9]], [[3]]], [[12], [12]])
        >>> bool(run_floating(spec, start, [[1]]).drive[0, 0] == np.log2(9 / 3))
        True
    """
    chosen = approximations or Approximations()
    seen = np.ascontiguousarray(observations, np.float64)
    shape = (len(seen), spec.neurons)
    rng = np.random.default_rng(counts.register)
    uniform = rng.random(shape) if chosen.spikes else np.zeros(shape)
    hebb = counts.hebb[..., layout_of(spec).lines].astype(float)
    home = counts.home.astype(float)
    full = float(spec.full_home) if chosen.window else np.inf
    flags = (
        np.array([spec.learns_inputs, spec.learns_recurrent]),
        spec.forgetting == "saturate",
        chosen.spikes and spec.mode == "spike",
        spec.mode == "hard",
        spec.log_bits if chosen.logarithm else 0,
    )
    table = sigmoid_table(spec.sigmoid_bits) / 2.0**spec.sigmoid_bits
    offset = counts.offset / 2.0**spec.log_bits
    drive = np.zeros(shape)
    constants = (table if chosen.sigmoid else table[:0], full, flags)
    _run(constants, (seen, uniform), (hebb, home, offset), drive)
    return FloatRun(drive, hebb, home)


@njit(cache=True)
def _log2(count, log_bits):  # type: ignore[no-untyped-def]
    if log_bits == 0:
        return np.log2(max(count, 1e-9))
    if count < 1:
        return 0.0
    place = np.floor(np.log2(count))
    fraction = count / 2.0**place - 1
    return place + np.floor(fraction * 2.0**log_bits) / 2.0**log_bits


@njit(cache=True)
def _sigmoid(drive, table):  # type: ignore[no-untyped-def]
    if len(table) == 0:
        return 1 / (1 + np.exp2(-drive))
    value = table[min(int(abs(drive) * 2), len(table) - 1)]
    return value if drive >= 0 else 1 - value


@njit(cache=True)
def _run(constants, given, counts, drive):  # type: ignore[no-untyped-def]
    table, _, flags = constants
    seen, uniform = given
    hebb, _, _ = counts
    neurons, inputs, lines = hebb.shape[1], seen.shape[1], np.zeros(hebb.shape[2])
    before, activity = np.zeros(neurons), np.zeros(neurons)
    for time in range(len(seen)):
        lines[:inputs] = seen[time]
        lines[inputs:] = before[: len(lines) - inputs]
        for neuron in range(neurons):
            drive[time, neuron] = _drive(counts, lines, neuron, (inputs, flags[4]))
            rate = _sigmoid(drive[time, neuron], table)
            if flags[2]:
                rate = 1.0 if uniform[time, neuron] < rate else 0.0
            elif flags[3]:
                rate = 1.0 if drive[time, neuron] >= 0 else 0.0
            activity[neuron] = rate
            for bank in range(2):
                _learn(constants, counts, lines, (bank, neuron, inputs, abs(bank - rate)))
        before[:] = activity


@njit(cache=True)
def _drive(counts, lines, neuron, sizes):  # type: ignore[no-untyped-def]
    hebb, home, offset = counts
    inputs, log_bits = sizes
    drive = offset[neuron]
    for line in range(len(lines)):
        group = 1 if line >= inputs else 0
        for bank in range(2):
            on, total = hebb[bank, neuron, line], home[bank, neuron, group]
            sign = 1 - 2 * bank
            level = lines[line]  # between 0 and 1 only for recurrent rates
            drive -= sign * _log2(total, log_bits)
            if level > 0:
                drive += sign * level * _log2(on, log_bits)
            if level < 1:
                drive += sign * (1 - level) * _log2(total - on, log_bits)
    return drive


@njit(cache=True)
def _learn(constants, counts, lines, event):  # type: ignore[no-untyped-def]
    _, full, flags = constants
    hebb, home, _ = counts
    bank, neuron, inputs, amount = event
    if amount == 0:
        return
    for group in range(home.shape[2]):
        first, last = (0, inputs) if group == 0 else (inputs, len(lines))
        if not flags[0][group] or (flags[1] and home[bank, neuron, group] + amount > full + 1e-9):
            continue
        if home[bank, neuron, group] + amount > full + 1e-9:
            hebb[:, neuron, first:last] /= 2
            home[:, neuron, group] /= 2
        hebb[bank, neuron, first:last] += amount * lines[first:last]
        home[bank, neuron, group] += amount
