"""What every part of the GPU benchmark shares: devices, compiled functions, medians, the report.

A function is compiled for the device that holds its arguments, run once to warm up, then timed
several times on changing inputs; every time ends with `block_until_ready`.  Matrix products of
float32 keep float32 (no tf32), by a context around the compilation.
"""

import json
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jax
import numpy as np

from hebbayes.data.files import write_text

PRECISION = "highest"
SHOWN = (str, int, tuple)
"""Types of arguments that the row of an error shows."""


def devices() -> tuple[Any, Any]:
    """Return the accelerator (the CPU if there is none) and the CPU."""
    return jax.devices()[0], jax.devices("cpu")[0]


class Report:
    """Rows by section, written to a file after every row."""

    def __init__(self, path: Path | None, minutes: float) -> None:
        self.path = path
        self.begin = time.monotonic()
        self.seconds = 60 * minutes
        self.rows: dict[str, Any] = {}

    def left(self) -> float:
        """Return the seconds that are left."""
        return self.seconds - (time.monotonic() - self.begin)

    def until(self, share: float) -> Callable[[], bool]:
        """Return a question: is less than ``share`` of the time used?"""
        return lambda: time.monotonic() - self.begin < share * self.seconds

    def add(self, section: str, row: dict[str, Any]) -> None:
        """Add a row, save everything, and print the row."""
        row = {"at_s": round(time.monotonic() - self.begin, 1), **row}
        self.rows.setdefault(section, []).append(row)
        if self.path:
            write_text(self.path, json.dumps(self.rows, indent=1, default=_plain) + "\n")
        shown = {k: v for k, v in row.items() if not isinstance(v, dict)}
        cells = (f"{k}={v:.4g}" if isinstance(v, float) else f"{k}={v}" for k, v in shown.items())
        print(f"{section}: {' '.join(cells)}", flush=True)


def _plain(value: Any) -> float | str:
    return float(value) if hasattr(value, "__float__") else str(value)


def attempt(report: Report, section: str, part: Callable[..., Any], *arguments: Any) -> Any:
    """Return what ``part`` returns; an error becomes a row, and the rest goes on."""
    try:
        return part(*arguments)
    except Exception as error:  # out of memory, or a compiler's refusal: the other rows still count
        what = {"part": part.__name__, "arguments": [a for a in arguments if type(a) in SHOWN]}
        report.add(
            section, {**what, "error": " ".join(f"{type(error).__name__}: {error}".split())[:300]}
        )
        return None


def put(tree: Any, device: Any) -> Any:
    """Return arrays on ``device``; what is computed from them stays there."""
    return jax.device_put(tree, device)


def on(
    device: Any, function: Callable[..., Any], *arguments: Any, precision: str = PRECISION
) -> Any:
    """Return ``function(*arguments)``, compiled for ``device`` and with full products."""
    placed = put(arguments, device)
    return compiled(device, function, *placed, precision=precision)(*placed)


def compiled(
    device: Any, function: Callable[..., Any], *arguments: Any, precision: str = PRECISION
) -> Callable[..., Any]:
    """Return ``function`` compiled for ``device`` and the shapes of ``arguments``."""
    with jax.default_device(device), jax.default_matmul_precision(precision):
        return jax.jit(function).lower(*arguments).compile()


def compile_all(
    device: Any, functions: dict[str, tuple[Callable[..., Any], tuple[Any, ...]]]
) -> dict[str, "Future[Callable[..., Any]]"]:
    """Return all functions, compiled side by side; ``result()`` of each, or what it raises."""
    with ThreadPoolExecutor(len(functions)) as pool:
        return {
            name: pool.submit(compiled, device, function, *arguments)
            for name, (function, arguments) in functions.items()
        }


@dataclass(frozen=True)
class Timing:
    """Seconds of repeated runs."""

    median: float
    fastest: float
    slowest: float
    runs: int

    def row(self) -> dict[str, Any]:
        """Return the fields of a report's row."""
        return {
            "seconds": self.median,
            "fastest_s": self.fastest,
            "slowest_s": self.slowest,
            "runs": self.runs,
        }


def timed(
    run: Callable[..., Any], inputs: Sequence[tuple[Any, ...]], *, seconds: float = 0.5
) -> Timing:
    """Return the time of ``run`` on ``inputs`` in turn: at least 3 runs, at most 30."""
    jax.block_until_ready(run(*inputs[0]))
    begin, durations = time.perf_counter(), []
    while len(durations) < 3 or (len(durations) < 30 and time.perf_counter() - begin < seconds):
        start = time.perf_counter()
        jax.block_until_ready(run(*inputs[len(durations) % len(inputs)]))
        durations.append(time.perf_counter() - start)
    return Timing(float(np.median(durations)), min(durations), max(durations), len(durations))


def bandwidth(device: Any, n_bytes: int) -> float:
    """Return bytes read plus written per second, negating ``n_bytes`` (a copy nothing elides)."""
    arrays = [
        on(
            device,
            lambda key: jax.random.uniform(key, (n_bytes // 4,), np.float32),
            jax.random.key(i),
        )
        for i in range(3)
    ]
    copy = compiled(device, lambda x: -x, arrays[0])
    return 2 * n_bytes / timed(copy, [(x,) for x in arrays]).median
