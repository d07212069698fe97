"""Progress on standard error: a bar on a terminal, else a plain line about every half minute."""

import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Self

from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from hebbayes.cli.terminal import PlainConsole
from hebbayes.core.errors import printable

HEARTBEAT_S = 30.0


class _RateColumn(ProgressColumn):
    """Units a second over the last half minute."""

    def render(self, task: Task) -> Text:
        """Return the rate as text."""
        rate = task.finished_speed or task.speed
        return Text(f"{rate:,.3g}/s" if rate else "", style="dim")


class Bar:
    """Progress bar with total, rate, time left and status."""

    def __init__(self, log: Callable[[str], None]) -> None:
        """Prepare the bar; ``log`` receives one line per stage."""
        self._log = log
        self._progress = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            _RateColumn(),
            TimeRemainingColumn(),
            TextColumn("{task.fields[status]}", markup=False),
            console=PlainConsole(stderr=True),
        )
        self._task: int | None = None

    def start(self, description: str, total: int) -> None:
        """Begin a stage of ``total`` units; a stage in progress ends."""
        self._log(f"{description}: {total:,}")
        self._task = self._progress.add_task(printable(description), total=total, status="")

    def advance(self, units: int = 1, status: str = "") -> None:
        """Report ``units`` more done, and a status such as the current free energy."""
        if self._task is not None:
            self._progress.update(self._task, advance=units)  # type: ignore[arg-type]
            if status:
                self._progress.update(self._task, status=printable(status))  # type: ignore[arg-type]

    def __enter__(self) -> Self:
        """Start drawing."""
        self._progress.start()
        return self

    def __exit__(self, *exception: object) -> None:
        """Stop drawing."""
        self._progress.stop()


class Heartbeat:
    """Plain lines for logs and pipes, at regular intervals even within one unit of work."""

    def __init__(self, log: Callable[[str], None], period_s: float = HEARTBEAT_S) -> None:
        """Prepare the lines; ``log`` receives them too."""
        self._log = log
        self._period_s = period_s
        self._stage, self._done, self._total, self._status = "", 0, 0, ""
        self._began = time.monotonic()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._beat, daemon=True)

    def start(self, description: str, total: int) -> None:
        """Begin a stage of ``total`` units; a stage in progress ends."""
        self._log(f"{description}: {total:,}")
        self._stage, self._done, self._total, self._status = description, 0, total, ""
        self._began = time.monotonic()

    def advance(self, units: int = 1, status: str = "") -> None:
        """Report ``units`` more done, and a status such as the current free energy."""
        self._done += units
        self._status = status or self._status

    def __enter__(self) -> Self:
        """Start printing lines."""
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        """Stop printing lines."""
        self._stopped.set()
        self._thread.join()

    def _beat(self) -> None:
        while not self._stopped.wait(self._period_s):
            if self._stage:
                rate = self._done / (time.monotonic() - self._began)
                line = f"{self._stage}: {self._done:,} of {self._total:,}, {rate:,.3g}/s"
                line += f", {self._status}" if self._status else ""
                self._log(line)
                with suppress(OSError):  # a closed pipe
                    print(printable(line), file=sys.stderr, flush=True)


def watcher(log: Callable[[str], None]) -> Bar | Heartbeat:
    """Return a bar if standard error is a terminal, else plain lines.

    Example:
        >>> with watcher(print) as progress:
        ...     progress.start("trials", 2)
        trials: 2
    """
    return Bar(log) if sys.stderr.isatty() else Heartbeat(log)
