"""Measure in a process of its own that owns one core: ``hebbayes bench``.

The process is this interpreter again, with one thread for XLA and for BLAS, pinned to one core
where the system allows it.  Other packages are imported there, where they can be imported; this
module installs nothing (``make bench`` makes an environment that holds them).
"""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, get_args, get_type_hints

from hebbayes.commands.bench.effort import FULL, Effort
from hebbayes.commands.bench.present import Result, Row
from hebbayes.commands.configs import BenchConfig
from hebbayes.commands.running.checkpoint import Checkpoint
from hebbayes.commands.running.progress import SILENT, Progress
from hebbayes.core.errors import HebbayesError, ValueRangeError

TASKS = ("maze", "sources", "analyze")

_ONE_THREAD = {
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "VECLIB_MAXIMUM_THREADS": "1",
    "JAX_PLATFORMS": "cpu",
}
_SINGLE_PRECISION = ("maze",)  # like the processes of a maze study; else as on the command line
_FORCED_KERNELS = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")  # would slow a peer's products


def run(
    config: BenchConfig,
    *,
    progress: Progress = SILENT,
    checkpoint: Checkpoint | None = None,
    effort: Effort = FULL,
) -> Result:
    """Return what ``config`` asks to be measured; nothing is kept in ``checkpoint``.

    Raises `ValueRangeError` for a task that does not exist.
    """
    del checkpoint
    known = get_args(get_type_hints(BenchConfig)["what"])
    if config.what not in known:
        raise ValueRangeError(f"bench measures {', '.join(known)}; got {config.what!r}.")
    tasks = TASKS if config.what == "all" else (config.what,)
    progress.start("Measuring", len(tasks))
    parts = []
    for task in tasks:
        request = {"task": task, "peers": config.peers, "seed": config.seed}
        parts.append(_measure(request | {"effort": asdict(effort)}))
        progress.advance(1, task)
    return _together(parts)


def one_core_environment(task: str) -> dict[str, str]:
    """Return this process's environment, changed so that ``task`` starts no second thread.

    Example:
        >>> one_core_environment("maze")["OMP_NUM_THREADS"]
        '1'
    """
    precision = {"JAX_ENABLE_X64": "0" if task in _SINGLE_PRECISION else "1"}
    kept = {name: value for name, value in os.environ.items() if name not in _FORCED_KERNELS}
    return kept | _ONE_THREAD | precision


def _measure(request: dict[str, Any]) -> dict[str, Any]:
    command = [sys.executable, "-m", "hebbayes.commands.bench.worker"]
    done = subprocess.run(
        command,
        input=json.dumps(request),
        capture_output=True,
        text=True,
        env=one_core_environment(request["task"]),
        check=False,
    )
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise HebbayesError(f"measuring {request['task']} stopped: {reason}") from RuntimeError(
            done.stderr
        )
    return json.loads(done.stdout.splitlines()[-1])


def _together(parts: Sequence[dict[str, Any]]) -> Result:
    return Result(
        rows=tuple(Row(**row) for part in parts for row in part["rows"]),
        notes=tuple(dict.fromkeys(note for part in parts for note in part["notes"])),
        seconds=sum(part["seconds"] for part in parts),
        seconds_compile=sum(part["seconds_compile"] for part in parts),
    )
