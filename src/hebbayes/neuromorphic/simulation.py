"""Compiles a folder's testbench and runs it: C, Verilog under two simulators, or a netlist.

A testbench prints ``RESULT steps=N mismatches=N cycles=N``.  No such line counts as a mismatch.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from hebbayes.neuromorphic.tools import ABSENT, Finished, complaint, run_tool, version_of

_RESULT = re.compile(r"^RESULT steps=(\d+) mismatches=(\d+) cycles=(\d+)\s*$", re.MULTILINE)

TOOL_OF = {"c": "gcc", "iverilog": "iverilog", "verilator": "verilator", "netlist": "yosys"}
"""Rung of the ladder -> the tool that it needs."""


@dataclass(frozen=True)
class Rung:
    """What one simulator found.

    Attributes:
        name: c, iverilog, verilator or netlist.
        version: Of its tool; "absent" if it was skipped.
        steps: Steps compared.
        mismatches: Numbers that differ from the integer model's; 1 at least if it did not finish.
        detail: First mismatches, or why it did not finish.
    """

    name: str
    version: str
    steps: int
    mismatches: int
    detail: str

    @property
    def holds(self) -> bool:
        """Whether every number agreed, or nothing was run."""
        return self.mismatches == 0


def simulate(name: str, folder: Path, stem: str, *, limit_s: float = 1200.0) -> Rung:
    """Return what a rung finds in a folder of sources, testbench and vectors.

    ``stem`` starts the files: ``stem.v``, ``stem.c``, ``stem_tb.v``, ``stem_main.c``.  A rung whose
    tool is absent is skipped.

    Example:
        >>> simulate("no such rung", Path("."), "core_inference")
        Traceback (most recent call last):
            ...
        KeyError: 'no such rung'
    """
    version = version_of(TOOL_OF[name])
    if version == ABSENT or (name == "netlist" and version_of("iverilog") == ABSENT):
        return Rung(name, ABSENT, 0, 0, f"skipped: {TOOL_OF[name]} is not installed")
    design = [f"{stem}.v", *sorted(path.name for path in folder.glob("*_lfsr.v"))]
    for words in _COMMANDS[name](stem, design):
        finished = run_tool(words, folder, limit_s=limit_s)
        if finished.status != 0 and not _RESULT.search(finished.output):
            return Rung(name, version, 0, 1, f"{words[0]}: {complaint(finished)}")
    return _read(name, version, finished)


def _c(stem: str, design: list[str]) -> list[list[str]]:
    strict = ["-std=c99", "-pedantic", "-Wall", "-Wextra", "-Werror", "-O1"]
    return [["gcc", *strict, "-o", f"{stem}_c", f"{stem}_main.c"], [f"./{stem}_c"]]


def _iverilog(stem: str, design: list[str]) -> list[list[str]]:
    compiled = ["iverilog", "-g2005", "-o", f"{stem}.vvp", "-s", f"{stem}_tb"]
    return [[*compiled, f"{stem}_tb.v", *design], ["vvp", "-n", f"{stem}.vvp"]]


def _verilator(stem: str, design: list[str]) -> list[list[str]]:
    build = ["verilator", "--binary", "-Wno-fatal", "--top-module", f"{stem}_tb"]
    build += ["-MAKEFLAGS", "OPT_FAST=-O1 OPT_SLOW=-O0 OPT_GLOBAL=-O0"]  # compiles faster
    built = ["--Mdir", "verilated", "-o", f"{stem}_verilated", f"{stem}_tb.v", *design]
    return [[*build, *built], [f"./verilated/{stem}_verilated"]]


def _netlist(stem: str, design: list[str]) -> list[list[str]]:
    reads = [f"read_verilog {source}" for source in design]
    script = "; ".join([*reads, f"synth_ice40 -top {stem}", "write_verilog -noattr netlist.v"])
    compiled = ["iverilog", "-g2005", "-o", "netlist.vvp", "-s", f"{stem}_tb"]
    cells = ["-DNETLIST", "-DNO_ICE40_DEFAULT_ASSIGNMENTS", "netlist.v", f"{stem}_tb.v", _CELLS]
    return [["yosys", "-q", "-p", script], [*compiled, *cells], ["vvp", "-n", "netlist.vvp"]]


_CELLS = "/usr/share/yosys/ice40/cells_sim.v"

_COMMANDS = {"c": _c, "iverilog": _iverilog, "verilator": _verilator, "netlist": _netlist}


def _read(name: str, version: str, finished: Finished) -> Rung:
    found = _RESULT.search(finished.output)
    if found is None:
        return Rung(name, version, 0, 1, f"no result: {complaint(finished)}")
    lines = [line for line in finished.output.splitlines() if not line.startswith("RESULT")]
    said = "; ".join(line for line in lines if line.startswith(("MISMATCH", "STALLED")))
    return Rung(name, version, int(found[1]), int(found[2]), said)
