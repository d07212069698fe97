"""Checks an HDF5 file in a process with limits before this one opens it.

One helper process, started on first use and ended with this one, runs `hdf5_walk`; a check takes
milliseconds.  Without POSIX processes, files are opened unchecked.
"""

from __future__ import annotations

import atexit
import json
import os
import select
import subprocess
import sys
import threading
from pathlib import Path

from hebbayes.core.errors import FormatError
from hebbayes.data.formats import hdf5_walk
from hebbayes.data.limits import ALLOWANCE, memory_budget

SECONDS = 4
"""CPU time for a check, besides one second per 256 MiB of the file."""

_BASE_MEMORY = 2**30
"""Address space of the helper itself."""


class _Helper:
    """The helper process of this process.

    Attributes:
        process: The running helper, if any.
        owner: Process that started it; a fork of this process starts its own.
        lock: Held during a check.
    """

    process: subprocess.Popen[str] | None = None
    owner = 0
    lock = threading.Lock()


def check_hdf5(path: Path, *, is_nwb: bool = False) -> None:
    """Raise `FormatError` for an HDF5 file that reads other files, hangs, or needs too much memory.

    A file that is missing or is no HDF5 file passes: opening it gives the better message.

    Example:
        >>> check_hdf5(Path("no-such.nwb"))
    """
    if not hasattr(os, "fork") or not path.is_file():
        return
    limit = memory_budget(path).left
    seconds = SECONDS + path.stat().st_size // (2 * ALLOWANCE)
    request = {
        "path": os.path.abspath(path),
        "is_nwb": is_nwb,
        "limit": limit,
        "seconds": seconds,
        "memory": _BASE_MEMORY + limit,
    }
    with _Helper.lock:
        answer = _asked(json.dumps(request), 2 * seconds + 2)
    if answer is not None:
        raise FormatError(
            f"{path} {answer}; it is damaged, incomplete or unsafe: copy the data it needs into "
            "one file, or export it again."
        )


def _asked(request: str, seconds: float) -> str | None:
    process = _running()
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        process.stdin.write(request + "\n")
        process.stdin.flush()
        is_ready = bool(select.select([process.stdout], [], [], seconds)[0])
        line = process.stdout.readline() if is_ready else ""
    except OSError:
        line = ""
    if not line:
        _stop()
        return "cannot be checked within its limits of time and memory"
    answer = json.loads(line)
    return None if answer is None else str(answer)


def _running() -> subprocess.Popen[str]:
    """Return the helper of this process, started if there is none."""
    process = _Helper.process
    if process is None or _Helper.owner != os.getpid() or process.poll() is not None:
        process = subprocess.Popen(
            [sys.executable, "-P", hdf5_walk.__file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            start_new_session=True,  # Ctrl-C ends this process, whose end then ends the helper
        )
        _Helper.process, _Helper.owner = process, os.getpid()
        atexit.register(_stop)
    return process


def _stop() -> None:
    process = _Helper.process
    if process is not None and _Helper.owner == os.getpid():
        process.kill()
        process.communicate()
    _Helper.process = None
