"""The result of a benchmark, one row per measurement, and its presentation.

Every number of a row comes from rounds in which all candidates alternate, so that a busy machine
slows them alike: times are medians over rounds, ratios are medians of the ratios of one round.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from hebbayes.commands.running.outcome import Outcome, Table
from hebbayes.commands.running.result import CommandResult


@dataclass(frozen=True)
class Row:
    """One measurement.

    Attributes:
        what: The step, and the package that computes it.
        microseconds_per_step: Median over rounds.
        fastest: Fastest round, microseconds per step.
        slowest: Slowest round, microseconds per step.
        steps: Steps per round.
        bytes_per_step: Size of the parameters that a step must read.
        fraction_of_bandwidth: Time to read those bytes, over the time of a step.
        ratio_to_peer: Time of a step of ``peer``, over the time of a step.
        peer: The row that ``ratio_to_peer`` refers to.
        agreement: Largest differences between our numbers and the peer's, by quantity.
    """

    what: str
    microseconds_per_step: float
    fastest: float
    slowest: float
    steps: int
    bytes_per_step: int | None = None
    fraction_of_bandwidth: float | None = None
    ratio_to_peer: float | None = None
    peer: str | None = None
    agreement: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Measurement:
    """Measurements of one task.

    Attributes:
        rows: One per measurement.
        notes: Remarks.
        warm_up_seconds: Time before the timing started.
    """

    rows: tuple[Row, ...]
    notes: tuple[str, ...]
    warm_up_seconds: float


@dataclass(frozen=True)
class BenchResult(CommandResult):
    """All rows of a run.

    Attributes:
        rows: One per measurement.
        notes: What was not measured and why; what limits a step.
        seconds: Measuring time, all tasks.
        seconds_compile: Imports, compilation and warm-up, all tasks.
    """

    rows: tuple[Row, ...]
    notes: tuple[str, ...]
    seconds: float
    seconds_compile: float


def present(result: BenchResult) -> Outcome:
    """Return the rows as a table, and under the JSON keys of the command contract.

    Example:
        >>> row = Row("maze step", 3.0, 2.9, 3.4, 1000, bytes_per_step=182468)
        >>> present(BenchResult((row,), (), 1.0, 0.5)).summary["rows"][0]["bytes_per_step"]
        182468
    """
    rows = [asdict(row) for row in result.rows]
    return Outcome(
        summary={
            "rows": rows,
            "seconds": result.seconds,
            "seconds_compile": result.seconds_compile,
            "notes": list(result.notes),
        },
        arrays={
            "what": np.array([row.what for row in result.rows]),
            "microseconds_per_step": np.array([row.microseconds_per_step for row in result.rows]),
        },
        tables=[_table(result.rows)],
        notes=result.notes,
        next_command="hebbayes bench all --peers --json",
    )


def _table(rows: tuple[Row, ...]) -> Table:
    header = ("what", "us/step", "fastest", "slowest", "kB/step", "of bandwidth", "peer takes")
    return Table("One core, medians of rounds", header, [_cells(row) for row in rows])


def _cells(row: Row) -> list[Any]:
    size = "" if row.bytes_per_step is None else f"{row.bytes_per_step / 1e3:.1f}"
    share = "" if row.fraction_of_bandwidth is None else f"{row.fraction_of_bandwidth:.0%}"
    ratio = "" if row.ratio_to_peer is None else f"{row.ratio_to_peer:.1f} x ({row.peer})"
    if row.agreement:
        worst = ", ".join(f"{name} {value:.1e}" for name, value in row.agreement.items())
        ratio = f"{ratio}; differs by {worst}".removeprefix("; ")
    times = (row.microseconds_per_step, row.fastest, row.slowest)
    return [row.what, *(f"{time:.2f}" for time in times), size, share, ratio]
