"""External tools that check and build a core: a compiler, simulators, synthesis.  All optional.

Tools run in a folder of their own, without a shell, with a time limit after which they and what
they started are stopped.
"""

import os
import re
import shutil
import signal
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from hebbayes.core.errors import MissingDependencyError, shown_text

ABSENT = "absent"
"""Stands for the version of a tool that is not installed."""

TOOLS = {
    "gcc": ("--version", "gcc"),
    "iverilog": ("-V", "iverilog"),
    "verilator": ("--version", "verilator"),
    "yosys": ("-V", "yosys"),
    "nextpnr-ice40": ("--version", "nextpnr-ice40"),
    "icepack": ("", "fpga-icestorm"),
}
"""Tool -> the flag that prints its version ("" if it has none), and its Debian package."""

_VERSION = re.compile(r"\d+(?:\.\d+)+(?:-\d+)?")


@dataclass(frozen=True)
class Finished:
    """What a tool did.

    Attributes:
        status: Its exit status; 124 if it ran past its limit.
        output: What it printed, standard output and error together.
    """

    status: int
    output: str


@cache
def version_of(name: str) -> str:
    """Return the version of a tool, "present" if it does not tell, or "absent".

    Example:
        >>> version_of("icepack") in ("present", "absent")
        True
    """
    if shutil.which(name) is None:
        return ABSENT
    flag = TOOLS[name][0]
    if not flag:
        return "present"
    found = _VERSION.search(run_tool([name, flag], Path.cwd(), limit_s=20).output)
    return found.group() if found else "present"


def find_tools() -> dict[str, str]:
    """Return every tool with its version, "present" or "absent".

    Example:
        >>> list(find_tools())[:3]
        ['gcc', 'iverilog', 'verilator']
    """
    return {name: version_of(name) for name in TOOLS}


def has_tool(name: str) -> bool:
    """Return whether a tool is installed.

    Example:
        >>> has_tool("gcc") == (version_of("gcc") != "absent")
        True
    """
    return version_of(name) != ABSENT


def need_tool(name: str, purpose: str) -> None:
    """Raise `MissingDependencyError` with the command that installs a tool unless it is there.

    Example:
        >>> need_tool("gcc", "compile the core") if has_tool("gcc") else None
    """
    if not has_tool(name):
        raise MissingDependencyError(
            f"{name} is not installed, and only it can {purpose}; on Debian install it with: "
            f"apt-get install {TOOLS[name][1]}."
        )


def run_tool(words: Sequence[str], folder: Path, *, limit_s: float = 600.0) -> Finished:
    """Return what a tool printed and its status; it is stopped after ``limit_s`` seconds.

    Example:
        >>> run_tool(["echo", "hello"], Path(".")).output
        'hello\\n'
    """
    process = subprocess.Popen(
        [str(word) for word in words],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        text=True,
        errors="replace",
    )
    try:
        output, _ = process.communicate(timeout=limit_s)
        return Finished(process.returncode, output)
    except subprocess.TimeoutExpired:
        _stop(process)
        output, _ = process.communicate()
        return Finished(124, f"{output}\nstopped after {limit_s:g} s\n")
    except BaseException:
        _stop(process)
        raise


def _stop(process: "subprocess.Popen[str]") -> None:
    """Stop a process and all that it started."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        process.kill()


def complaint(finished: Finished) -> str:
    """Return the last lines of what a failed tool printed, for a message.

    Example:
        >>> complaint(Finished(1, "a.v:3: syntax error\\n"))
        'a.v:3: syntax error'
    """
    return shown_text(" ".join(finished.output.splitlines()[-3:]), 400) or f"exit {finished.status}"
