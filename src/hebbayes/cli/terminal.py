"""How wide the terminal is, also where it does not say or says nonsense."""

import shutil

NARROWEST = 20
"""A terminal of fewer columns is treated as this wide."""


def terminal_width() -> int:
    """Return the columns of the terminal; 80 in a pipe.

    Example:
        >>> terminal_width() >= NARROWEST
        True
    """
    return max(shutil.get_terminal_size((80, 24)).columns, NARROWEST)
