"""Config of the chip command.  Plain values only."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal


@dataclass(frozen=True)
class ChipConfig:
    """Turn a canonical network into a self-learning core: integers, C, Verilog, verified, priced.

    Attributes:
        what: design searches the cheapest core that reaches the target accuracy; build writes a
            core in C and Verilog and verifies it; verify repeats the verification, also of a
            folder whose sources were edited; explore scores many cores against their costs.
        file: Spec of the core, TOML or JSON, or for verify a folder that build wrote; by default
            32 inputs, 2 neurons, 10-bit counters.
        target_accuracy: Share of sources that design must name correctly.
        steps: Learning steps of a score and of a verification.
        runs: Seeds that a score averages over.
        rungs: What verifies, comma-separated: c, iverilog, verilator, netlist; a rung whose tool
            is not installed is skipped.
        seed: Seed of everything random.
    """

    what: Literal["design", "build", "verify", "explore"] = "design"
    file: Path | None = None
    target_accuracy: float = 0.95
    steps: int = 10_000
    runs: int = 4
    rungs: str = "c,iverilog,verilator"
    seed: int = 0
