"""Width of the terminal, even if it is unknown or implausible."""

import shutil

NARROWEST = 20
"""A terminal of fewer columns is treated as this wide."""

WIDEST = 1000
"""A terminal of more columns is treated as this wide."""


def terminal_width() -> int:
    """Return the number of columns of the terminal; 80 in a pipe.

    Example:
        >>> terminal_width() >= NARROWEST
        True
    """
    return min(max(shutil.get_terminal_size((80, 24)).columns, NARROWEST), WIDEST)
