"""What goes wrong with a user's input, as one family of exceptions.

A message is one sentence: what, wanted, got, remedy.  The command line prints it and exits 2.
Control characters, which text from a file may hold, are escaped in every message.
"""

import unicodedata

_UNSAFE = ("Cc", "Cf", "Cs", "Zl", "Zp")  # control, format, surrogate, separators of lines


def printable(text: str) -> str:
    r"""Return text with control characters escaped, except line breaks and tabs.

    A terminal obeys control characters, and formatting ones reorder text.

    Example:
        >>> print(printable("\x1b[2Jday 1"))
        \x1b[2Jday 1
    """
    if text.isprintable():
        return text
    return "".join(
        c.encode("unicode_escape", "surrogatepass").decode("ascii")
        if c not in "\n\t" and unicodedata.category(c) in _UNSAFE
        else c
        for c in text
    )


class HebbayesError(Exception):
    """Base of every error that a user can mend."""

    def __str__(self) -> str:
        """Return the message, its control characters escaped."""
        return printable(super().__str__())


class ShapeError(HebbayesError, ValueError):
    """An array has the wrong shape."""


class ValueRangeError(HebbayesError, ValueError):
    """A value lies outside what is allowed, or a result is not finite."""


class FormatError(HebbayesError, ValueError):
    """A file is not what it should be: empty, truncated, wrong keys, or unreadable."""


class MissingDependencyError(HebbayesError, ImportError):
    """An optional package is needed; the message names the extra that brings it."""


class OutputError(HebbayesError, OSError):
    """A result could not be written; nothing half-written is left behind."""
