"""Progress of a running command: a bar on a terminal, a line in a notebook, silence elsewhere."""

import sys
import time
from typing import Any, Protocol

_REFRESH_S = 0.2


class Progress(Protocol):
    """Receives the progress of a command: stages, units done, status."""

    def start(self, description: str, total: int) -> None:
        """Begin a stage of ``total`` units; a stage in progress ends."""

    def advance(self, units: int = 1, status: str = "") -> None:
        """Report ``units`` more done, and for example the current free energy."""


class Silent:
    """Progress that shows nothing."""

    def start(self, description: str, total: int) -> None:
        """Show nothing."""

    def advance(self, units: int = 1, status: str = "") -> None:
        """Show nothing."""


class NotebookProgress:
    """One line of text below the cell that runs, updated in place."""

    def __init__(self) -> None:
        """Prepare; nothing is shown yet."""
        self._line: Any = None
        self._description, self._done, self._total = "", 0, 0
        self._shown_at = 0.0

    def start(self, description: str, total: int) -> None:
        """Begin a stage of ``total`` units; a stage in progress ends."""
        from IPython.display import display

        self._description, self._done, self._total = description, 0, total
        self._line = display(self._text(""), raw=True, display_id=True)

    def advance(self, units: int = 1, status: str = "") -> None:
        """Report ``units`` more done, and for example the current free energy."""
        self._done += units
        is_due = time.monotonic() - self._shown_at >= _REFRESH_S or self._done >= self._total
        if self._line is not None and is_due:
            self._shown_at = time.monotonic()
            self._line.update(self._text(status), raw=True)

    def _text(self, status: str) -> dict[str, str]:
        line = f"{self._description}: {self._done:,} of {self._total:,}"
        return {"text/plain": f"{line}, {status}" if status else line}


class NotebookOrSilent:
    """The default of every command: a line in a notebook, silence in scripts."""

    def __init__(self) -> None:
        """Prepare; nothing is shown yet."""
        self._stage: Progress = Silent()

    def start(self, description: str, total: int) -> None:
        """Begin a stage of ``total`` units; a stage in progress ends."""
        self._stage = NotebookProgress() if is_notebook() else Silent()
        self._stage.start(description, total)

    def advance(self, units: int = 1, status: str = "") -> None:
        """Report ``units`` more done, and for example the current free energy."""
        self._stage.advance(units, status)


def is_notebook() -> bool:
    """Return whether an IPython kernel runs this process.

    Example:
        >>> is_notebook()
        False
    """
    ipython = sys.modules.get("IPython")
    return getattr(ipython and ipython.get_ipython(), "kernel", None) is not None


DEFAULT_PROGRESS: Progress = NotebookOrSilent()
"""Shows a line in a notebook and is silent elsewhere."""
