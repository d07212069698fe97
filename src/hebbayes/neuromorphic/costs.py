"""What a step costs: exact counts of operations and accesses x a sourced table of energies.

Energies hold at 45 nm and 0.9 V (Horowitz, ISSCC 2014, doi 10.1109/ISSCC.2014.6757323) and are
given low, typical, high.  Another node scales them by an assumption that is printed with them.
Every number is an estimate before layout: it supports "same order as", never "better than" silicon.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hebbayes.neuromorphic.spec import DeviceSpec

REFERENCE_NODE_NM = 45


@dataclass(frozen=True)
class Energy:
    """Energy of one event at 45 nm.

    Attributes:
        low: pJ.
        typical: pJ.
        high: pJ.
        status: published, or estimated and from what.
    """

    low: float
    typical: float
    high: float
    status: str


MEMORY_BIT = {
    "sram": Energy(0.08, 0.156, 0.31, "published: 10 pJ per 64 bits of 8 kB; 20 of 32 kB"),
    "bram": Energy(0.10, 0.2, 0.4, "estimated: block RAM as SRAM with routing"),
    "spram": Energy(0.16, 0.31, 0.62, "estimated: 32 kB, 20 pJ per 64 bits"),
    "registers": Energy(0.005, 0.01, 0.02, "estimated: a flip-flop and its multiplexer"),
}
"""Energy of one bit read or written, by kind of memory."""

ADD_BIT = Energy(0.0028, 0.0034, 0.0050, "published: 0.03 pJ for 8 bits, 0.1 for 32")
"""Energy of one bit of an addition."""

LOG_BIT = Energy(0.003, 0.006, 0.012, "estimated: leading one and shifter as two additions")
"""Energy of one bit of a logarithm."""

DRAW = Energy(0.1, 0.2, 0.4, "estimated: 32 flip-flops that move")
"""Energy of one draw."""

CYCLE = Energy(0.1, 0.3, 1.0, "estimated: control and clock of some 150 flip-flops")
"""Energy of one clock cycle, beside what it does."""

PEERS = (
    ("ODIN", "28 nm", 12.7, 0.086, "published, measured on silicon (primary)"),
    ("ReckOn", "28 nm", 5.3, 0.45, "published, measured on silicon (primary)"),
    ("Loihi", "14 nm", 23.6, None, "quoted by others, disputed (secondary)"),
)
"""Chip, node, pJ per synaptic operation, mm2, status of the figures."""


@dataclass(frozen=True)
class Costs:
    """Costs of one step, mean over a run.

    Attributes:
        energy_pj: low, typical, high.
        memory_share: Share of the typical energy that is memory.
        cycles: Clock cycles.
        steps_per_second: At the clock of the spec.
        bits: Bits of memory.
        counts: Event -> how often per step.
        scale: Factor from 45 nm to the node of the spec: low, typical, high.
    """

    energy_pj: tuple[float, float, float]
    memory_share: float
    cycles: float
    steps_per_second: float
    bits: int
    counts: dict[str, float]
    scale: tuple[float, float, float]


def node_scale(node_nm: int) -> tuple[float, float, float]:
    """Return factors on energies at 45 nm: with the node to the power 1, 1.5 or 2, sorted.

    Example:
        >>> node_scale(45), [round(factor, 2) for factor in node_scale(28)]
        ((1.0, 1.0, 1.0), [0.39, 0.49, 0.62])
    """
    ratio = node_nm / REFERENCE_NODE_NM
    low, typical, high = sorted((ratio, ratio**1.5, ratio**2))
    return low, typical, high


def step_costs(spec: "DeviceSpec", events: Mapping[str, int], bits: int, word_bits: int) -> Costs:
    """Return costs of a step from the events of a run, whose words have ``word_bits`` bits.

    Example:
        >>> from hebbayes.neuromorphic.inference.integer import run_layer
        >>> from hebbayes.neuromorphic.inference.sources import draw_sources, sources_start
        >>> from hebbayes.neuromorphic.spec import DeviceSpec
        >>> spec = DeviceSpec()
        >>> ran = run_layer(spec, sources_start(spec), draw_sources(100, 32, 2, 0)[1])
        >>> costs = step_costs(spec, ran.events, 1320, 20)
        >>> costs.cycles, costs.energy_pj[0] < costs.energy_pj[1] < costs.energy_pj[2]
        (133.0, True)
    """
    steps = max(1, events["steps"])
    counts = {name: count / steps for name, count in events.items() if name != "steps"}
    words = counts["word_reads"] + counts["word_writes"]
    homes = counts["home_reads"] + counts["home_writes"]
    memory_bits = words * word_bits + homes * 2 * spec.counter_bits
    log_bits = spec.log_bits + spec.counter_bits.bit_length()
    scale, energy, share = node_scale(spec.node_nm), [], 0.0
    for factor, level in zip(scale, ("low", "typical", "high")):
        memory = memory_bits * getattr(MEMORY_BIT[spec.memory], level)
        rest = (
            counts["additions"] * log_bits * getattr(ADD_BIT, level)
            + counts["logarithms"] * log_bits * getattr(LOG_BIT, level)
            + counts["draws"] * getattr(DRAW, level)
            + counts["cycles"] * getattr(CYCLE, level)
        )
        energy.append(factor * (memory + rest))
        share = memory / (memory + rest) if level == "typical" else share
    return Costs(
        (energy[0], energy[1], energy[2]),
        share,
        counts["cycles"],
        spec.clock_mhz * 1e6 / counts["cycles"],
        bits,
        counts,
        scale,
    )


def costs_csv(costs: Costs) -> str:
    """Return the costs as CSV: quantity, value, unit; with NeuroBench's names where it has them.

    Example:
        >>> costs = Costs((1.0, 2.0, 3.0), 0.9, 10.0, 1e6, 100, {"additions": 5.0}, (1.0, 1.0, 1.0))
        >>> costs_csv(costs).splitlines()[1:3]
        ['footprint,100,bits', 'synaptic_operations,5,per step']
    """
    low, typical, high = costs.energy_pj
    rows = [
        ("footprint", f"{costs.bits}", "bits"),
        ("synaptic_operations", f"{costs.counts.get('additions', 0):g}", "per step"),
        ("energy_low", f"{low:.4g}", "pJ per step"),
        ("energy_typical", f"{typical:.4g}", "pJ per step"),
        ("energy_high", f"{high:.4g}", "pJ per step"),
        ("cycles", f"{costs.cycles:g}", "per step"),
        ("step_rate", f"{costs.steps_per_second:.4g}", "per second"),
        *((name, f"{count:g}", "per step") for name, count in costs.counts.items()),
    ]
    return "quantity,value,unit\n" + "".join(f"{','.join(row)}\n" for row in rows)
