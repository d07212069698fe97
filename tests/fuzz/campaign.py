"""Fuzz every reader: seeded mutants, read in forked workers with limits on time and memory.

    python -m tests.fuzz.campaign --mutants 10000 --seed 0 [--only npz] [--out report.json]

A mutant ends in one class: refused, identical, changed without checksum, changed silently (in a
format with a checksum), forged (a valid file of other content), exit 3 (any exception but ours),
crash, hang, memory.  Failing mutants are kept in ``--keep FOLDER``.
"""

import argparse
import contextlib
import json
import os
import resource
import shutil
import signal
import sys
import tempfile
import time
import traceback
import warnings
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from tests.fuzz.targets import TARGETS, Target

from hebbayes.core.errors import HebbayesError

SECONDS, WALL_FACTOR = 20, 6
EXPANSION, ALLOWANCE = 10, 300 * 2**20
ADDRESS_SPACE = 6 * 2**30
BATCH = 200
FAULTS = ("changed silently", "exit 3", "crash", "hang", "memory")


@dataclass
class Report:
    """Outcomes of a campaign.

    Attributes:
        outcomes: Target to class to number of mutants.
        faults: One line per failing mutant.
        slowest_s: Most processor time that reading a mutant took.
        most_memory_mb: Most memory that reading a mutant added.
    """

    outcomes: dict[str, Counter] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    slowest_s: float = 0.0
    most_memory_mb: float = 0.0


def mutate(target: Target, good: Path, folder: Path, rng: np.random.Generator) -> tuple[Path, bool]:
    """Copy a good file or folder and damage or forge the copy; return it, and whether forged."""
    path = folder / good.name
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(good.parent, folder)
    if target.forge is not None and rng.random() < 0.4:
        with contextlib.suppress(Exception):  # content that no writer of the format accepts
            target.forge(path, rng)
        return path, True
    files = sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]
    beside = path.with_name(f"{path.stem}-stimuli.csv")
    files += [beside] if beside.exists() else []
    sizes = np.array([file.stat().st_size + 64 for file in files], float)
    file = files[int(rng.choice(len(files), p=sizes / sizes.sum()))]
    content = file.read_bytes()
    file.write_bytes(target.damage(content, rng) if content else b"\x00")
    return path, False


def classify(target: Target, path: Path, wanted: str, is_forged: bool) -> tuple[str, str]:
    """Return the class of a mutant, and what went wrong."""
    try:
        result = target.read(path)
    except HebbayesError:
        return "refused", ""
    except Exception:
        return "exit 3", traceback.format_exc().strip()[-600:]
    if result == wanted:
        return "identical", ""
    if result.startswith("some: "):
        parts = result.removeprefix("some: ")
        if parts in wanted:
            return "refused", ""  # one culture is refused by name, the others are whole
    if is_forged:
        return "forged", ""
    return ("changed silently" if target.has_checksum else "changed without checksum"), ""


def memory_peak(is_reset: bool = False) -> int:
    """Return the peak of resident memory in bytes since the last reset."""
    if is_reset:
        Path("/proc/self/clear_refs").write_text("5")
    status = Path("/proc/self/status").read_text()
    return 1024 * int(status.split("VmHWM:")[1].split()[0])


def measure(target: Target, good: Path, wanted: str, seed: tuple[int, ...], folder: Path) -> dict:
    """Return the outcome of one mutant with its time and memory."""
    path, is_forged = mutate(target, good, folder, np.random.default_rng(seed))
    size = sum(p.stat().st_size for p in folder.rglob("*") if p.is_file())
    before, started = memory_peak(is_reset=True), time.process_time()
    signal.setitimer(signal.ITIMER_PROF, SECONDS)  # time of this process: others may be busy too
    signal.alarm(WALL_FACTOR * SECONDS)
    outcome, detail = classify(target, path, wanted, is_forged)
    signal.setitimer(signal.ITIMER_PROF, 0)
    signal.alarm(0)
    added = memory_peak() - before
    if added > EXPANSION * size + ALLOWANCE:
        outcome, detail = "memory", f"{added >> 20} MiB for a file of {size} bytes"
    return {
        "outcome": outcome,
        "detail": detail,
        "seconds": time.process_time() - started,
        "memory": added,
    }


def run_batch(
    name: str, good: Path, wanted: str, seeds: list[tuple[int, ...]], pipe: int, work: Path
) -> None:
    """Measure mutants in a worker, one line of JSON each."""
    warnings.simplefilter("ignore")
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    for seed in seeds:
        line = json.dumps(measure(TARGETS[name], good, wanted, seed, work)) + "\n"
        os.write(pipe, line.encode())


def fork_batch(
    name: str, good: Path, wanted: str, seeds: list[tuple[int, ...]], work: Path
) -> list[dict]:
    """Return outcomes of a batch; a worker that dies ends with the outcome of its last mutant."""
    ours, theirs = os.pipe()
    child = os.fork()
    if not child:
        os.close(ours)
        status = 1
        try:
            run_batch(name, good, wanted, seeds, theirs, work)
            status = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(status)
    os.close(theirs)
    with os.fdopen(ours, "rb") as stream:
        rows = [json.loads(line) for line in stream if line.endswith(b"\n")]
    _, status = os.waitpid(child, 0)
    if len(rows) < len(seeds):
        if not os.WIFSIGNALED(status):
            raise RuntimeError(f"the harness failed on {name}, seed {seeds[len(rows)]}")
        killer = signal.Signals(os.WTERMSIG(status))
        late = (signal.SIGALRM, signal.SIGPROF)
        outcome = "hang" if killer in late else "memory" if killer == signal.SIGKILL else "crash"
        rows.append({"outcome": outcome, "detail": killer.name, "seconds": SECONDS, "memory": 0})
    return rows


def fuzz(
    name: str, n_mutants: int, seed: int, folder: Path, report: Report, keep: Path | None
) -> None:
    """Fuzz one target."""
    target, work = TARGETS[name], folder / "mutant"
    origin = folder / "good"
    work.mkdir()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made = target.make(work)  # where mutants are read: paths are part of results
        shutil.copytree(work, origin)
        good, wanted = origin / made.name, target.read(made)
    number = sorted(TARGETS).index(name)
    seeds = [(seed, number, k) for k in range(n_mutants)]
    outcomes = report.outcomes.setdefault(name, Counter())
    while seeds:
        rows = fork_batch(name, good, wanted, seeds[:BATCH], work)
        for mutant, row in zip(seeds, rows):
            outcomes[row["outcome"]] += 1
            report.slowest_s = max(report.slowest_s, row["seconds"])
            report.most_memory_mb = max(report.most_memory_mb, row["memory"] / 2**20)
            if row["outcome"] in FAULTS:
                report.faults.append(f"{name}, seed {mutant}: {row['outcome']} {row['detail']}")
                if keep is not None:
                    mutate(
                        target,
                        good,
                        keep / "-".join(map(str, mutant)),
                        np.random.default_rng(mutant),
                    )
        seeds = seeds[len(rows) :]


def campaign(n_mutants: int, seed: int, only: list[str], keep: Path | None) -> Report:
    """Return the outcomes of ``n_mutants`` in all, shared among the targets."""
    names = only or list(TARGETS)
    shares = np.array([TARGETS[name].share for name in names], float)
    numbers = np.ceil(n_mutants * shares / shares.sum()).astype(int)
    report = Report()
    for name, number in zip(names, numbers):
        with tempfile.TemporaryDirectory() as folder:
            started = time.monotonic()
            fuzz(name, int(number), seed, Path(folder), report, keep)
            print(
                name,
                dict(report.outcomes[name]),
                f"{time.monotonic() - started:.0f} s",
                file=sys.stderr,
                flush=True,
            )
    return report


def main() -> int:
    """Run a campaign, print its report, and return 1 if a mutant shows a fault."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mutants", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", nargs="+", default=[], choices=list(TARGETS))
    parser.add_argument("--keep", type=Path, help="folder for mutants that show a fault")
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    report = campaign(options.mutants, options.seed, options.only, options.keep)
    total = sum(report.outcomes.values(), Counter())
    text = json.dumps(
        {
            "mutants": total.total(),
            "seed": options.seed,
            "total": dict(total),
            "slowest_s": round(report.slowest_s, 1),
            "most_memory_mb": round(report.most_memory_mb),
            "targets": {name: dict(counts) for name, counts in report.outcomes.items()},
            "faults": report.faults,
        },
        indent=1,
    )
    print(text)
    if options.out:
        options.out.write_text(text + "\n", encoding="utf-8")
    return int(any(total[fault] for fault in FAULTS))


if __name__ == "__main__":
    sys.exit(main())
