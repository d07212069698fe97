"""What goes wrong with a user's input, as one family of exceptions, and text of files in messages.

A message is one sentence: what, wanted, got, remedy.  The command line prints it and exits 2.
Control characters, which text from a file may hold, are escaped in every message, and long text is
cut.
"""

import unicodedata
from collections.abc import Iterable

LONGEST_MESSAGE = 2000
"""Characters of a message; a longer one loses its middle."""

_LONGEST_TEXT, _LONGEST_NAME, _MOST_NAMES = 160, 60, 30

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


def shown_text(text: object, longest: int = _LONGEST_TEXT) -> str:
    """Return text of a file, or of another package's error, for a message: in one line, cut.

    Example:
        >>> shown_text("left\\n"), len(shown_text("9" * 5000))
        ('left', 163)
    """
    line = printable(" ".join(str(text).split()))
    return line if len(line) <= longest else f"{line[:longest]}..."


def shown_names(names: Iterable[object], most: int = _MOST_NAMES) -> str:
    """Return names from a file in one line, the first ``most`` of them.

    Example:
        >>> shown_names(["a", "b", "c"], most=2), shown_names([])
        ('a, b and 1 more', 'none')
    """
    listed = list(names)
    shown = ", ".join(
        shown_text(name, _LONGEST_NAME) or "one without a name" for name in listed[:most]
    )
    rest = len(listed) - most
    return f"{shown} and {rest} more" if rest > 0 else shown or "none"


class HebbayesError(Exception):
    """Base of every error that a user can mend."""

    def __str__(self) -> str:
        """Return the message, its control characters escaped, without its middle if it is long."""
        message = printable(super().__str__())
        if len(message) <= LONGEST_MESSAGE:
            return message
        return f"{message[: LONGEST_MESSAGE // 2]} ... {message[5 - LONGEST_MESSAGE // 2 :]}"


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


def interrupt_behind(error: BaseException) -> KeyboardInterrupt | None:
    """Return the interrupt that caused ``error``, which may be itself, or None.

    A signal that arrives inside compiled code surfaces as a `SystemError` whose cause it is.

    Example:
        >>> error = SystemError("a result with an exception set")
        >>> error.__cause__ = KeyboardInterrupt()
        >>> interrupt_behind(error), interrupt_behind(ValueError())
        (KeyboardInterrupt(), None)
    """
    waiting: list[BaseException | None] = [error]
    seen: set[int] = set()
    while waiting:
        one = waiting.pop()
        if isinstance(one, KeyboardInterrupt):
            return one
        if one is not None and id(one) not in seen:
            seen.add(id(one))
            waiting += [one.__context__, one.__cause__]
    return None
