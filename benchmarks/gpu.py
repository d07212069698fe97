"""The theory, dense networks, mazes and sources on a GPU beside the CPU of the same machine.

    python benchmarks/gpu.py --out gpu.json --minutes 5
    python benchmarks/gpu.py --only large --out large.json --minutes 4
    python benchmarks/gpu.py --table gpu.json --into docs/performance.md

Without a GPU everything runs in a small size with the CPU on both sides, and the report says so.
Rows are saved as they come; parts that do not fit in the time are left out.
"""

import argparse
import json
import os
import platform
from pathlib import Path

os.environ.setdefault("JAX_ENABLE_X64", "1")
os.environ.setdefault("XLA_PYTHON_CLIENT_MEM_FRACTION", "0.92")


def main() -> None:
    """Measure and save, or write the table of a report, or serve as one core of the CPU side."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--out", type=Path, help="JSON file for the rows")
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--small", action="store_true", help="small sizes also on a GPU")
    parser.add_argument("--only", nargs="+", help="agreement, dense, maze ...")
    parser.add_argument("--table", type=Path, help="print the tables of this JSON file instead")
    parser.add_argument("--into", type=Path, help="put them between the marks of this page")
    parser.add_argument("--rate-of", choices=("maze", "sources"), help=argparse.SUPPRESS)
    parser.add_argument("--core", type=int, default=0, help=argparse.SUPPRESS)
    parser.add_argument("--seconds", type=float, default=4, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.table:
        from accelerator.tables import put_between_marks, tables

        text = tables(json.loads(options.table.read_text(encoding="utf-8")))
        if options.into:
            put_between_marks(options.into, text)
        else:
            print(text)
    elif options.rate_of:
        from accelerator.worlds import rate_on_core

        rate_on_core(options.rate_of, options.core, options.seconds)
    else:
        measure(options)


def measure(options: argparse.Namespace) -> None:
    """Run all parts in the order of their weight."""
    import jax
    from accelerator import agreement, dense, large, worlds
    from accelerator.measuring import PRECISION, Report, attempt, devices

    accelerator, _ = devices()
    has_gpu = accelerator.platform == "gpu"
    report = Report(options.out, options.minutes)
    machine = {
        "device": accelerator.device_kind,
        "has_gpu": has_gpu,
        "cores": len(os.sched_getaffinity(0)),
        "jax": jax.__version__,
        "python": platform.python_version(),
        "float32_products": PRECISION,
        "note": "" if has_gpu else "no GPU: small sizes, the CPU on both sides",
    }
    report.add("machine", machine)
    small = {"is_small": options.small or not has_gpu}
    parts = {
        "agreement": lambda: agreement.measure(report, **small),
        "dense": lambda: dense.measure(report, report.until(0.55), **small),
        "maze": lambda: worlds.measure_maze(report, report.until(0.75), **small),
        "sources": lambda: worlds.measure_sources(report, **small),
        "cores": lambda: worlds.measure_cores(report, **small),
        "certificates": lambda: agreement.measure_certificates(report, **small),
        "large": lambda: large.measure_large(report, report.until(0.8), **small),
        "batched": lambda: dense.measure_batches(report, report.until(0.97), **small),
    }
    for name, part in parts.items():
        if name in (options.only or parts):
            attempt(report, name, part)
    report.add("end", {"seconds": options.minutes * 60 - report.left()})


if __name__ == "__main__":
    main()
