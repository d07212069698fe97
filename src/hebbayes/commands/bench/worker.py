"""The measuring process: one request on stdin, one line of JSON on stdout.

Started by `launch`, which sets the environment; run by hand as
``taskset -c 0 python -m hebbayes.commands.bench.worker``.
"""

import importlib
import json
import os
import sys
import time
from dataclasses import asdict
from typing import Any

from hebbayes.commands.bench.effort import Effort
from hebbayes.commands.bench.present import Measured


def measure(request: dict[str, Any]) -> dict[str, Any]:
    """Return rows, notes and seconds of the task that ``request`` names.

    Example:
        >>> measure({"task": "nothing", "effort": {}, "peers": False, "seed": 0})
        Traceback (most recent call last):
            ...
        ModuleNotFoundError: No module named 'hebbayes.commands.bench.nothing'
    """
    begin = time.perf_counter()
    task = importlib.import_module(f"hebbayes.commands.bench.{request['task']}")
    effort = Effort(**request["effort"])
    imported = time.perf_counter() - begin
    measured: Measured = task.measure(effort, has_peers=request["peers"], seed=request["seed"])
    before_the_clock = imported + measured.warm_up_seconds
    return {
        "rows": [asdict(row) for row in measured.rows],
        "notes": list(measured.notes),
        "seconds": time.perf_counter() - begin - before_the_clock,
        "seconds_compile": before_the_clock,
    }


def main() -> None:
    """Answer the request on stdin."""
    if hasattr(os, "sched_setaffinity"):  # where the system can do that: Linux
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    print(json.dumps(measure(json.load(sys.stdin))))


if __name__ == "__main__":
    main()
