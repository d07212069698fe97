"""The ladder of a decision core: the model's vectors through C and Verilog, every counter compared.

Rungs: C against the integer model, event-driven C too; the Verilog under Icarus and Verilator;
the synthesised netlist under Icarus.  A rung whose tool is absent is skipped and says so.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from hebbayes.neuromorphic.tools import complaint, has_tool, run_tool

_COUNTS = re.compile(r"(commands|compared|mismatches|steps|cycles_per_step) (\d+)")
_CELLS = "ice40/cells_sim.v"


@dataclass(frozen=True)
class Rung:
    """What one rung of the ladder found.

    Attributes:
        name: What was compared with the integer model.
        outcome: "passed", "failed" or "skipped".
        detail: Why, in one line: what differed, or which tool is absent.
        compared: Results compared, decisions and counters.
        mismatches: Of those, how many differed.
        steps: Steps made.
        cycles_per_step: Cycles of the longest step; 0 for C.
    """

    name: str
    outcome: str
    detail: str = ""
    compared: int = 0
    mismatches: int = 0
    steps: int = 0
    cycles_per_step: int = 0


def climb(
    folder: Path, prefix: str = "core", *, rungs: tuple[str, ...] = ("c", "icarus", "verilator")
) -> list[Rung]:
    """Return what each rung found about the core in ``folder``, which holds ``vectors.txt``.

    Known rungs: c, events (event-driven C), icarus, verilator, netlist.

    Example:
        >>> climb(Path("."), rungs=())
        []
    """
    return [_RUNGS[rung](folder, prefix) for rung in rungs]


def _c(folder: Path, prefix: str, *, words: tuple[str, ...] = (), name: str = "C") -> Rung:
    sources = [f"{prefix}_decision.c", f"{prefix}_decision_main.c"]
    flags = ["-std=c99", "-O2", "-Wall", "-Wextra", "-Werror", "-o", f"{prefix}_c"]
    return _play(folder, name, ["gcc", *flags, *sources], [f"./{prefix}_c", *words])


def _events(folder: Path, prefix: str) -> Rung:
    return _c(folder, prefix, words=("events",), name="event-driven C")


def _icarus(folder: Path, prefix: str) -> Rung:
    sources = [f"{prefix}_{part}.v" for part in ("lfsr", "decision", "decision_tb")]
    build = ["iverilog", "-g2005", "-o", f"{prefix}.vvp", *sources]
    return _play(folder, "Verilog, Icarus", build, ["vvp", f"{prefix}.vvp"])


def _verilator(folder: Path, prefix: str) -> Rung:
    sources = [f"{prefix}_{part}.v" for part in ("decision_tb", "decision", "lfsr")]
    flags = ["--binary", "-O3", "-Wno-fatal", "--top-module", f"{prefix}_decision_tb"]
    build = ["verilator", *flags, "-o", "test", *sources]
    return _play(folder, "Verilog, Verilator", build, ["obj_dir/test"])


def _netlist(folder: Path, prefix: str) -> Rung:
    if not has_tool("yosys"):
        return Rung("netlist, Icarus", "skipped", "yosys is absent")
    top = f"{prefix}_decision"
    script = (
        f"read_verilog {prefix}_lfsr.v {top}.v; synth_ice40 -top {top} -spram; "
        f"write_verilog -noattr {prefix}_netlist.v"
    )
    found = run_tool(["yosys", "-q", "-p", script], folder)
    if found.status:
        return Rung("netlist, Icarus", "failed", complaint(found))
    cells = Path(run_tool(["yosys-config", "--datdir"], folder).output.strip()) / _CELLS
    sources = [str(cells), f"{prefix}_netlist.v", f"{top}_tb.v"]
    build = ["iverilog", "-g2005-sv", "-o", f"{prefix}_netlist.vvp", *sources]
    return _play(folder, "netlist, Icarus", build, ["vvp", f"{prefix}_netlist.vvp"])


def _play(folder: Path, name: str, build: list[str], test: list[str]) -> Rung:
    """Return the rung of a test that is built, then run."""
    if not has_tool(build[0]):
        return Rung(name, "skipped", f"{build[0]} is absent")
    built = run_tool(build, folder)
    if built.status:
        return Rung(name, "failed", complaint(built))
    found = run_tool(test, folder)
    numbers = {key: int(value) for key, value in _COUNTS.findall(found.output)}
    numbers.pop("commands", None)
    has_passed = found.status == 0 and "PASS" in found.output.splitlines()
    detail = "" if has_passed else complaint(found)
    return Rung(name, "passed" if has_passed else "failed", detail, **numbers)


_RUNGS: dict[str, Callable[[Path, str], Rung]] = {
    "c": _c,
    "events": _events,
    "icarus": _icarus,
    "verilator": _verilator,
    "netlist": _netlist,
}
