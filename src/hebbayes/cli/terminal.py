"""The console, and the width of the terminal, even if it is unknown or implausible."""

import shutil

from rich.console import Console

NARROWEST = 20
"""A terminal of fewer columns is treated as this wide."""

WIDEST = 1000
"""A terminal of more columns is treated as this wide."""


class PlainConsole(Console):
    """Console as wide as the terminal; a closed pipe is left to the caller, who says so."""

    def __init__(self, *, stderr: bool = False) -> None:
        """Write to standard output, or to standard error."""
        super().__init__(highlight=False, width=terminal_width(), stderr=stderr)

    def on_broken_pipe(self) -> None:
        """Raise the `BrokenPipeError`; Rich would exit with status 1 and no word."""
        raise BrokenPipeError


def terminal_width() -> int:
    """Return the number of columns of the terminal; 80 in a pipe.

    Example:
        >>> terminal_width() >= NARROWEST
        True
    """
    return min(max(shutil.get_terminal_size((80, 24)).columns, NARROWEST), WIDEST)
